"""What can go wrong around a training ends with a sentence, and nothing that was trained is lost."""

import errno
import json

import pytest

from core.runs.engine import Engine
from core.runs.journal import Journal
from core.runs.mlflow_store import Store
from core.runs.run_state import LiveRun
from core.runs.run_training import patiently, run
from core.runs.sqlite_guard import StoreBroken
from core.runs.worker_client import NotReady
from core.tables.situation import Tables
from core.tables.sources import TableStore
from tests.records import with_record

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("programs")]


@pytest.fixture
def home(tmp_path, points):
    """A workspace with a table of points."""
    with_record(tmp_path)
    TableStore(tmp_path).keep("points.csv", points.to_csv(index=False).encode())
    return tmp_path


def submitted(home, name: str, experiment) -> Journal:
    journal = Journal(home, name)
    journal.begin(experiment.text())
    return journal


def test_a_record_that_cannot_be_written_at_the_end_loses_nothing(home, points_table, experiment_of, monkeypatch):
    monkeypatch.setattr("core.runs.run_training._PAUSES", (0.01,))
    store, tables, experiment = Store(home), Tables(TableStore(home)), experiment_of(table=points_table, epochs=60)
    undisturbed = run(submitted(home, "00000000000a", experiment), tables, store)
    journal, files = submitted(home, "00000000000b", experiment), home / "artifacts"

    def take_away(event: dict) -> None:
        if event.get("stage") == "scoring":
            files.rename(home / "away")
            files.symlink_to("/dev/full")

    failed = run(journal, tables, store, take_away)
    assert failed["state"] == "failed"
    assert failed["says"].startswith("Could not write the run database: ")
    assert str(home) not in failed["says"]
    assert failed["says"].endswith("and press Resume.")
    assert LiveRun.of(journal).resumable
    files.unlink()
    (home / "away").rename(files)
    journal.say({"state": "queued"})
    again = run(journal, tables, store)
    assert (again["state"], again["scores"], again["history"]) == (
        "finished",
        undisturbed["scores"],
        undisturbed["history"],
    )
    assert [row[0] for row in LiveRun.of(journal).rows] == list(range(1, 61))
    assert store.record("00000000000b").state == "finished"


def test_a_workspace_without_room_is_said_when_train_is_pressed(home, points_table, experiment_of):
    (home / "runs").symlink_to("/dev/full")
    engine = Engine(home)
    with pytest.raises(
        NotReady,
        match=r"Could not write the run to the workspace: .*Free some space, or check the folder's permissions",
    ):
        engine.submit(experiment_of(table=points_table))
    assert engine.active() == []


def test_epochs_that_were_kept_but_not_told_are_told_by_who_goes_on(home, points_table, experiment_of, monkeypatch):
    monkeypatch.setattr("core.training.checkpoint._PAUSE", 0.0)
    monkeypatch.setattr("core.training.checkpoint._SHARE", 0.0)
    store, tables = Store(home), Tables(TableStore(home))
    journal = submitted(home, "00000000000c", experiment_of(table=points_table, epochs=60))

    def break_down(event: dict) -> None:
        if event.get("stage") == "scoring":
            raise RuntimeError

    assert run(journal, tables, store, break_down)["state"] == "failed"
    events = journal.events()
    told = [json.loads(line) for line in events.path.read_text().splitlines()]
    events.path.unlink()
    for event in told:  # As if it had died a moment before it told of its last epochs, which the checkpoint holds.
        if "epochs" in event:
            event["epochs"] = [one for one in event["epochs"] if one[0] <= 40]
        if event.get("epochs", True):
            journal.say(event)
    before = LiveRun.of(journal)
    assert len(before.rows) == 40
    journal.say({"state": "queued"})
    again = run(journal, tables, store)
    live = LiveRun.of(journal)
    assert [row[0] for row in live.rows] == list(range(1, 61))
    assert [row[1] for row in live.rows] == again["history"]["loss"]
    assert live.best == again["best_epoch"]


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device", "secret/card.json", None, "secret/artifacts/card.json"),
        RuntimeError("(sqlite3.OperationalError) database or disk is full\n[SQL: INSERT INTO runs]"),
    ],
)
def test_a_full_disk_at_the_end_is_said_without_the_servers_folders(error, monkeypatch):
    monkeypatch.setattr("core.runs.run_training._PAUSES", ())

    def write() -> None:
        raise error

    with pytest.raises(StoreBroken) as broken:
        patiently(write)
    assert str(broken.value) == (
        "The disk is full, so the result could not be written. The epochs are saved: free some space on the disk and "
        "press Resume."
    )
