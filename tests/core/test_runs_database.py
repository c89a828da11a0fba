"""A record of runs that is damaged, held by another program or read-only: a sentence in a few seconds, and no run is
lost.
"""

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager

import pytest

from core.runs import sqlite_guard
from core.runs.journal import Journal
from core.runs.mlflow_store import Store
from core.runs.run_state import LiveRun
from core.runs.run_training import run
from core.runs.sqlite_guard import StoreBroken, ready
from core.tables.situation import Tables
from core.tables.sources import TableStore
from tests.records import with_record

HOLD = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held(file):
    """Another process holds the file until this is over."""
    command = [sys.executable, "-c", HOLD, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.stdin.close()


@contextmanager
def no_rights():
    """Without the rights of the superuser, where the tests run as that."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def made(file):
    """A SQLite file of many pages."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE runs (name TEXT)")
        connection.executemany("INSERT INTO runs VALUES (?)", [("x" * 1000,)] * 100)
        connection.execute("CREATE INDEX names ON runs (name)")
        connection.commit()
    return file


def damage(file) -> None:
    """Overwrites pages in the middle."""
    with file.open("r+b") as open_file:
        open_file.seek(file.stat().st_size // 2)
        open_file.write(b"\xff" * 8192)


@pytest.fixture
def hasty(monkeypatch):
    """Less patience, so that tests are quick."""
    monkeypatch.setattr(sqlite_guard, "_PATIENCE", 0.3)
    monkeypatch.setattr("core.runs.run_training._PAUSES", (0.01, 0.01))


def test_a_file_that_is_sound_or_not_there_yet_is_ready(tmp_path):
    ready(tmp_path / "mlflow.db", write=True, thorough=True)
    ready(made(tmp_path / "our runs?#%.db"), write=True, thorough=True)


@pytest.mark.parametrize(
    "spoil", [lambda file: file.write_bytes(b"these are no runs " * 1000), damage], ids=["another file", "pages"]
)
def test_a_damaged_file_is_said_with_what_to_do(tmp_path, spoil):
    spoil(made(tmp_path / "mlflow.db"))
    with pytest.raises(
        StoreBroken,
        match=r"is damaged \(.*\)\. Restore a backup, or move it away: then a new one is created",
    ):
        ready(tmp_path / "mlflow.db", write=False, thorough=True)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("write", [False, True])
def test_a_file_that_another_process_holds_is_said_after_a_while(tmp_path, write):
    with held(made(tmp_path / "mlflow.db")):
        start = time.monotonic()
        with pytest.raises(StoreBroken, match=r"is locked by another program\. Close that program"):
            ready(tmp_path / "mlflow.db", write)
        assert 0.2 < time.monotonic() - start < 5
    ready(tmp_path / "mlflow.db", write)


def test_a_file_that_is_held_for_a_moment_is_waited_for(tmp_path):
    with held(made(tmp_path / "mlflow.db")) as process:
        process.stdin.close()  # It ends in a moment, and lets go.
        ready(tmp_path / "mlflow.db", write=True)


def test_a_file_without_the_right_to_write_can_be_read(tmp_path):
    folder = tmp_path / "workspace"
    folder.mkdir()
    file = made(folder / "mlflow.db")
    file.chmod(0o444)
    folder.chmod(0o555)
    for parent in (
        tmp_path,
        *(
            one
            for one in tmp_path.parents
            if one.owner() == tmp_path.owner() and one.name.startswith(("pytest-", "popen-"))
        ),
    ):
        parent.chmod(parent.stat().st_mode | 0o055)
    with no_rights():
        ready(file, write=False, thorough=True)
        with pytest.raises(StoreBroken, match=r"cannot be opened for writing; check the permissions"):
            ready(file, write=True)
        with pytest.raises(StoreBroken, match="cannot be opened for writing"):
            ready(folder / "none.db", write=True)
    folder.chmod(0o755)


@pytest.fixture
def home(tmp_path, points):
    """A workspace with a table of points."""
    with_record(tmp_path)
    TableStore(tmp_path).keep("points.csv", points.to_csv(index=False).encode())
    return tmp_path


@pytest.mark.slow
@pytest.mark.usefixtures("hasty")
def test_a_record_that_is_held_keeps_no_one_waiting_and_is_itself_again_afterwards(home, experiment_of):
    store = Store(home)
    store.begin("00000000000a", experiment_of())
    with held(home / "mlflow.db"):
        start = time.monotonic()
        asked = (
            store.records,
            lambda: store.record("00000000000a"),
            lambda: store.finish("00000000000a", "failed", ""),
        )
        for ask in (*asked, lambda: store.text("00000000000a", "experiment.json"), lambda: Store(home)):
            with pytest.raises(StoreBroken, match="is locked by another program"):
                ask()
        assert time.monotonic() - start < 10
    assert [record.state for record in store.records()] == ["running"]


@pytest.mark.slow
def test_a_record_that_was_moved_away_is_begun_anew_and_one_that_is_put_back_is_read(home, experiment_of):
    store = Store(home)
    store.begin("00000000000a", experiment_of())
    (home / "mlflow.db").rename(home / "old.db")
    assert store.records() == []
    store.begin("00000000000b", experiment_of())
    assert [record.id for record in Store(home).records()] == ["00000000000b"]
    (home / "old.db").replace(home / "mlflow.db")
    assert [record.id for record in store.records()] == ["00000000000a"]


@pytest.mark.slow
@pytest.mark.usefixtures("hasty", "programs")
def test_a_training_whose_record_is_held_is_continued_when_it_is_free(home, points_table, experiment_of):
    store, tables, experiment = Store(home), Tables(TableStore(home)), experiment_of(table=points_table, epochs=5)
    journal = Journal(home, "00000000000a")
    journal.begin(experiment.text())
    with held(home / "mlflow.db"):
        refused = run(journal, tables, store)
    assert refused["state"] == "interrupted"
    assert "is locked by another program" in refused["says"]
    assert refused["says"].endswith("The training is not lost: press Resume afterwards.")
    assert LiveRun.of(journal).resumable
    journal.say({"state": "queued"})
    assert run(journal, tables, store)["state"] == "finished"
    assert store.record("00000000000a").state == "finished"


@pytest.mark.slow
@pytest.mark.usefixtures("hasty", "programs")
def test_a_record_that_is_held_while_a_training_goes_on_loses_no_epoch(home, points_table, experiment_of):
    store, tables, experiment = Store(home), Tables(TableStore(home)), experiment_of(table=points_table, epochs=60)
    journal, holding = Journal(home, "00000000000a"), []
    journal.begin(experiment.text())

    def take(event: dict) -> None:
        if event.get("stage") == "compiling the network":
            holding.append(held(home / "mlflow.db"))
            holding[0].__enter__()

    failed = run(journal, tables, store, take)
    holding[0].__exit__(None, None, None)
    assert (failed["state"], LiveRun.of(journal).resumable) == ("failed", True)
    assert "is locked by another program" in failed["says"]
    assert len(LiveRun.of(journal).rows) == 60
    journal.say({"state": "queued"})
    assert run(journal, tables, store)["state"] == "finished"
    assert store.record("00000000000a").epochs == 60
