"""TensorBoard opens on a run's folder and ends with the process that opened it."""

import subprocess
import sys
import urllib.request
from pathlib import Path

import psutil
import pytest

from core.runs.tensorboard import Boards
from tests.waiting import until

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
RUN = "0123456789ab"
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def test_a_run_without_a_board_says_so(tmp_path):
    for run in (RUN, "../../etc"):
        with pytest.raises(LookupError):
            Boards(tmp_path).open(run)


def test_it_answers_and_ends_with_who_opened_it(tmp_path):
    (tmp_path / "runs" / RUN / "tensorboard").mkdir(parents=True)
    code = (
        "import sys; from pathlib import Path; from core.runs.tensorboard import Boards\n"
        f"boards = Boards(Path({str(tmp_path)!r}))\n"
        f"print(boards.open({RUN!r}) if boards.open({RUN!r}) == boards.open({RUN!r}) else '', flush=True); "
        "sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        address = server.stdout.readline().strip()
        with DIRECT.open(address, timeout=10) as page:
            assert b"TensorBoard" in page.read()
        (board,) = psutil.Process(server.pid).children()
        server.kill()
        until(lambda: not board.is_running() or board.status() == psutil.STATUS_ZOMBIE)
