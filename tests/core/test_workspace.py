"""The workspace's folder is its user's alone."""

import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core.workspace import held, keep_private, locked
from tests.waiting import until

ROOT = Path(__file__).parents[2]
HOLDS = """
import sys
from pathlib import Path
from core.workspace import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    input()
"""


# locket, which Dask locks folders by, has msvcrt where there is no fcntl; all else is imported without it.
def test_a_workspace_is_made_for_its_user_alone_and_an_open_one_is_closed(tmp_path):
    keep_private(tmp_path / "new" / "deep")
    assert stat.S_IMODE((tmp_path / "new" / "deep").stat().st_mode) == 0o700
    old = tmp_path / "old"
    old.mkdir()
    old.chmod(0o755)
    keep_private(old)
    assert stat.S_IMODE(old.stat().st_mode) == 0o700


def test_a_folder_that_is_everyones_on_purpose_stays_so(tmp_path):
    tmp_path.chmod(0o1777)
    keep_private(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o1777


@pytest.fixture
def other(tmp_path):
    """Another process that holds `lock` until it is told a line, or killed."""
    command = [sys.executable, "-c", HOLDS, str(tmp_path / "lock")]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_a_lock_is_held_until_its_process_is_killed(tmp_path, other):
    assert held(tmp_path / "lock")
    with pytest.raises(BlockingIOError), locked(tmp_path / "lock", wait=False):
        pass
    other.kill()
    other.wait()
    assert not held(tmp_path / "lock")
    with locked(tmp_path / "lock", wait=False):
        assert held(tmp_path / "lock")
    assert not held(tmp_path / "lock")
    assert not held(tmp_path / "none")


def test_who_waits_for_a_lock_has_it_once_it_is_free(tmp_path, other):
    entered = threading.Event()

    def wait() -> None:
        with locked(tmp_path / "lock"):
            entered.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert not entered.wait(0.2)
    other.communicate(b"\n")
    until(entered.is_set)
    waiting.join()


def test_many_who_ask_do_not_take_each_other_for_a_holder(tmp_path):
    (tmp_path / "lock").touch()
    answers: list[bool] = []
    asking = [
        threading.Thread(target=lambda: answers.extend(held(tmp_path / "lock") for _ in range(200))) for _ in range(4)
    ]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert answers == [False] * 800
