"""What travels of runs on workers with workspaces of their own, without a cluster: checkpoints and outcomes."""

import json

import pytest

from core.runs.journal import Journal, Progress
from core.runs.run_state import LiveRun
from core.runs.sent_checkpoints import STATES, SentCheckpoints, sent_at, sent_files
from core.runs.unshared_runs import UnsharedRuns
from core.runs.unshared_training import CollectedFiles, Parcel, ReturnedRun, _unpack
from core.tables.errors import TableError
from core.tables.sources import TableStore
from core.workspace import write_whole
from tests.waiting import until

pytestmark = pytest.mark.slow


def test_a_copy_begins_with_the_checkpoint_of_the_worker_before_it(tmp_path):
    journal = Journal(tmp_path, "0123456789ab")
    known = {"orders": [{"do": "rate", "value": 0.1, "epoch": 9}], "changes": [{"epoch": 4, "learning_rate": 0.1}]}
    before = [{"begins": True}, {"epochs": [[4, {"loss": 1.0}]]}]
    sent = {"checkpoint.npz": b"epoch 4", "events.jsonl": "".join(f"{json.dumps(one)}\n" for one in before).encode()}
    parcel = Parcel(1, {"submitted.json": b"{}", "checkpoint.npz": b"epoch 2", "events.jsonl": b""}, [], ())
    _unpack(journal, parcel, known, sent)
    assert journal.checkpoint.read_bytes() == b"epoch 4"
    assert (Progress(journal).epoch, journal.submitted()) == (4, {})
    assert journal.orders().fresh() == [{"do": "rate", "value": 0.1, "epoch": 4}]


def test_a_scheduler_is_sent_what_a_training_needs_to_go_on_and_not_too_often(tmp_path, monkeypatch):
    kept: dict = {}

    class Client:
        def set_metadata(self, keys, value):
            kept[tuple(keys)] = value

        def get_metadata(self, keys, default):
            found = kept.get(tuple(keys[:2]), {})
            return found.get(keys[2], default)

    client, journal = Client(), Journal(tmp_path, "0123456789ab")
    checkpoints = SentCheckpoints(client, journal)
    checkpoints.send(at_once=True)
    assert not kept, "there is no checkpoint yet"
    write_whole(journal.checkpoint, b"epoch 1")
    write_whole(journal.weights, b"weights")
    checkpoints.send()
    assert not kept, "it is too soon"
    checkpoints.send(at_once=True)
    assert sent_files(client, journal.run) == {"checkpoint.npz": b"epoch 1", "weights/epochs.bin": b"weights"}
    sent = sent_at(client, journal.run)
    checkpoints.send(at_once=True)
    assert sent_at(client, journal.run) == sent, "there is no newer one"
    kept[next(iter(kept))]["files"]["../../bashrc"] = b"hostile"
    assert set(sent_files(client, journal.run)) == {"checkpoint.npz", "weights/epochs.bin"}
    monkeypatch.setattr("core.runs.sent_checkpoints._LARGEST", 10)
    until(lambda: written_anew(journal), what="a newer checkpoint")
    checkpoints.send(at_once=True)
    assert sent_at(client, journal.run) == sent, "it is too large"


def written_anew(journal: Journal) -> bool:
    """Whether the checkpoint, written once more, has another time."""
    before = journal.checkpoint.stat().st_mtime_ns
    write_whole(journal.checkpoint, b"epoch 2")
    return journal.checkpoint.stat().st_mtime_ns != before


class Scheduler:
    """The metadata of a scheduler, as a client of it sees them."""

    def __init__(self) -> None:
        self.known: dict = {}

    def set_metadata(self, keys, value):
        here = self.known
        for key in keys[:-1]:
            here = here.setdefault(key, {})
        here[keys[-1]] = value

    def get_metadata(self, keys, default):
        here = self.known
        for key in keys:
            if key not in here:
                return default
            here = here[key]
        return here


@pytest.mark.parametrize("moment", ["log_epochs", "finish"])
def test_an_older_state_that_arrives_with_the_outcome_does_not_take_its_place(
    tmp_path, experiment_of, monkeypatch, moment
):
    journal = Journal(tmp_path, "0123456789ab")
    journal.begin(experiment_of(epochs=2).text())
    run, scheduler = LiveRun.of(journal), Scheduler()
    epochs = {"epochs": [[1, {"loss": 2.0}], [2, {"loss": 1.0}]], "at": 0.0}

    class Record(CollectedFiles):
        """Where another thread keeps a checkpoint at the worst moment."""

    def meanwhile(*_arguments):
        runs._kept[run.id] = 1.0
        runs._keep_checkpoint(scheduler, run)
        came.append(journal.weights.read_bytes())

    came: list = []
    monkeypatch.setattr(Record, moment, meanwhile)
    runs = UnsharedRuns(tmp_path, lambda _run: run, Record)
    states = {"checkpoint.npz": b"after epoch 1", "weights/epochs.bin": b"of epoch 1"}
    scheduler.set_metadata([STATES, run.id], {"at": 2.0, "files": states})
    journal.say(epochs)
    runs.keep(scheduler, run, ReturnedRun({"state": "finished", "says": ""}, [epochs], weights=b"of both epochs"))
    assert came == [b"of epoch 1"]
    assert (journal.weights.read_bytes(), journal.checkpoint.exists()) == (b"of both epochs", False)
    meanwhile()
    assert came[1] == b"of both epochs", "the run is over"


def test_what_a_worker_returns_is_no_path_and_what_an_experiment_names_is_no_file(tmp_path):
    runs = UnsharedRuns(tmp_path / "home", lambda _run: None, lambda: None)
    for name in ("../model.keras", str(tmp_path / "model.keras"), "plugins/../../model.keras", "plugins/.py"):
        returned = ReturnedRun({"state": "finished", "says": ""}, [], {name: b"no model"})
        with pytest.raises(ValueError, match="something else than a run"):
            runs.keep(None, None, returned)
    with pytest.raises(ValueError, match="something else than a run"):
        runs.keep(None, None, ReturnedRun({"state": "queued", "says": ""}, []))
    (tmp_path / "secret.json").write_text("{}")
    store = TableStore(tmp_path / "home")
    store.folder.mkdir(parents=True)
    for ref in ("file:../../secret", "file:*", str(tmp_path / "secret.json")):
        with pytest.raises(TableError, match="names no table"):
            store.files(ref)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["secret.json"]
