"""What travels of runs on workers with workspaces of their own, without a cluster: checkpoints and outcomes."""

import errno
import json
from types import SimpleNamespace

import pytest

from core.inspect.decision_surface import Looks
from core.runs import scheduler_files, sent_scenes
from core.runs.journal import Journal, Progress
from core.runs.live_view_files import Stage, Viewer
from core.runs.run_state import LiveRun
from core.runs.scheduler_files import SentFiles, fetch, forget, kept_at
from core.runs.sent_checkpoints import SentCheckpoints, take_sent
from core.runs.sent_scenes import HeardScenes, SentScenes, forget_scenes
from core.runs.unshared_runs import UnsharedRuns
from core.runs.unshared_training import CollectedFiles, Parcel, ReturnedRun, _unpack
from core.tables.errors import TableError
from core.tables.sources import TableStore
from core.workspace import write_whole
from tests.waiting import until

pytestmark = pytest.mark.slow


@pytest.fixture
def scheduler(tmp_path, monkeypatch):
    """A scheduler as a client of it sees it, whose files lie in a folder of the test."""
    monkeypatch.setattr(scheduler_files, "_root", lambda: SimpleNamespace(name=str(tmp_path / "scheduler")))
    monkeypatch.setattr(scheduler_files, "_MANIFESTS", {})
    monkeypatch.setattr(scheduler_files, "_PIECE", 10)
    monkeypatch.setattr(sent_scenes, "_SHOWN", {})
    (tmp_path / "scheduler").mkdir()
    return Scheduler()


class Scheduler:
    """Its functions run in this process; it counts the bytes that went there, and the most at once. After so many of
    them its disk is full.
    """

    status = "running"

    def __init__(self) -> None:
        self.bytes, self.most, self.room = 0, 0, -1

    def run_on_scheduler(self, function, *arguments):
        self.room -= 1
        if self.room == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        pieces = [len(one) for one in arguments if isinstance(one, bytes)]
        self.bytes, self.most = self.bytes + sum(pieces), max([self.most, *pieces])
        return function(*arguments)

    def set_metadata(self, keys, value):
        """Not asked for here."""


def contents(folder) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_copy_begins_with_the_checkpoint_of_the_worker_before_it(tmp_path):
    journal = Journal(tmp_path, "0123456789ab")
    known = {"orders": [{"do": "rate", "value": 0.1, "epoch": 9}], "changes": [{"epoch": 4, "learning_rate": 0.1}]}
    before = [{"begins": True}, {"epochs": [[4, {"loss": 1.0}]]}]

    def take(folder):
        write_whole(folder / "checkpoint.npz", b"epoch 4")
        write_whole(folder / "events.jsonl", "".join(f"{json.dumps(one)}\n" for one in before))

    parcel = Parcel(
        1, {"submitted.json": b'{"experiment": "{}"}', "checkpoint.npz": b"epoch 2", "events.jsonl": b""}, [], ()
    )
    _unpack(journal, parcel, known, take)
    assert journal.checkpoint.read_bytes() == b"epoch 4"
    assert (Progress(journal).epoch, journal.submitted()["experiment"]) == (4, "{}")
    assert journal.orders().fresh() == [{"do": "rate", "value": 0.1, "epoch": 4}]


def test_a_scheduler_is_sent_what_a_training_needs_to_go_on_and_not_too_often(tmp_path, scheduler):
    journal = Journal(tmp_path, "0123456789ab")
    checkpoints = SentCheckpoints(scheduler, journal)
    checkpoints.send(at_once=True)
    assert kept_at(scheduler, journal.run) == 0.0, "there is no checkpoint yet"
    assert not take_sent(scheduler, journal.run, tmp_path)
    write_whole(journal.checkpoint, b"epoch 1")
    write_whole(journal.weights, b"weights")
    checkpoints.send()
    assert kept_at(scheduler, journal.run) == 0.0, "it is too soon"
    checkpoints.send(at_once=True)
    (tmp_path / "other").mkdir()
    assert take_sent(scheduler, journal.run, tmp_path / "other")
    assert contents(tmp_path / "other") == {"checkpoint.npz": b"epoch 1", "weights/epochs.bin": b"weights"}
    sent = kept_at(scheduler, journal.run)
    checkpoints.send(at_once=True)
    assert kept_at(scheduler, journal.run) == sent, "there is no newer one"
    until(lambda: written_anew(journal), what="a newer checkpoint")
    checkpoints.send(at_once=True)
    assert kept_at(scheduler, journal.run) > sent
    forget(scheduler, journal.run)
    assert not take_sent(scheduler, journal.run, tmp_path / "other")
    assert contents(tmp_path / "scheduler") == {}


def test_large_files_travel_in_pieces_and_of_one_that_grew_only_what_is_new(tmp_path, scheduler):
    run, ours, theirs = "0123456789ab", tmp_path / "ours", tmp_path / "theirs"
    ours.mkdir()
    theirs.mkdir()
    files = SentFiles(scheduler, run)
    (ours / "grows").write_bytes(b"a" * 95)
    (ours / "changes").write_bytes(b"b" * 35)
    (ours / "empty").write_bytes(b"")
    files.send(ours, ("grows", "changes", "empty", "missing"))
    assert (scheduler.most, scheduler.bytes) == (10, 130)
    assert fetch(scheduler, run, theirs, ("grows", "changes", "empty"))
    assert contents(theirs) == contents(ours)
    (ours / "grows").write_bytes(b"a" * 95 + b"c" * 7)
    (ours / "changes").write_bytes(b"d" * 35)
    files.send(ours, ("grows", "changes"))
    assert scheduler.bytes == 130 + 7 + 35
    # Another worker knows nothing of what was sent; what it cut short is not read.
    (ours / "grows").write_bytes(b"a" * 50)
    SentFiles(scheduler, run).send(ours, ("grows", "changes"))
    (theirs / "empty").unlink()
    assert fetch(scheduler, run, theirs, ("grows", "changes", "empty"))
    assert contents(theirs) == {"grows": b"a" * 50, "changes": b"d" * 35}
    # Those of the last two times are kept, and no others.
    assert len(contents(tmp_path / "scheduler")) <= 4


@pytest.mark.parametrize("full", [1, 3, 6, 7])
def test_what_was_sent_before_counts_until_all_of_the_next_is_there(tmp_path, scheduler, full):
    journal = Journal(tmp_path, "0123456789ab")
    write_whole(journal.checkpoint, b"epoch 1")
    write_whole(journal.weights, b"weights of epoch 1, ")
    checkpoints = SentCheckpoints(scheduler, journal)
    checkpoints.send(at_once=True)
    until(lambda: written_anew(journal), what="a newer checkpoint")
    with journal.weights.open("ab") as file:
        file.write(b"and of another epoch that is a little longer")
    scheduler.room = full  # 5 pieces of weights, 1 of the checkpoint, and the word that they count.
    checkpoints.send(at_once=True)
    scheduler.room = -1
    (tmp_path / "other").mkdir()
    assert take_sent(scheduler, journal.run, tmp_path / "other")
    assert contents(tmp_path / "other") == {"checkpoint.npz": b"epoch 1", "weights/epochs.bin": b"weights of epoch 1, "}
    checkpoints.send(at_once=True)
    assert take_sent(scheduler, journal.run, tmp_path / "other")
    assert contents(tmp_path / "other") == {
        "checkpoint.npz": b"epoch 2",
        "weights/epochs.bin": b"weights of epoch 1, and of another epoch that is a little longer",
    }


def test_names_of_runs_and_files_are_no_paths():
    for run, key in (("../../0123456789", "0" * 16), ("0123456789ab", "../" + "0" * 13)):
        with pytest.raises(LookupError, match="This is not the name of"):
            scheduler_files._write(run, key, 0, b"hostile")


def test_what_is_drawn_of_a_training_comes_here_while_someone_looks(tmp_path, scheduler, monkeypatch):
    for name in ("_IDLE", "_PAUSE"):
        monkeypatch.setattr(sent_scenes, name, 0.01)
    theirs, ours = Journal(tmp_path / "worker", "0123456789ab"), Journal(tmp_path / "home", "0123456789ab")
    for journal in (theirs, ours):
        journal.begin("{}")
    stage, viewer, heard = Stage(theirs), Viewer(ours), HeardScenes(tmp_path / "home")
    viewer.want([{"x": 1.0}], ["x", "y"])
    with SentScenes(scheduler, theirs):
        until(lambda: sent_scenes._SHOWN, what="a question of the worker")
        assert not stage.watched()
        heard.watch(scheduler, ours.run)
        until(stage.watched, what="a training that knows that someone looks")
        assert stage.looks() == Looks([{"x": 1.0}], ["x", "y"])
        stage.still({"units": 3})
        stage.scene({"epoch": 1})
        until(lambda: viewer.shown, what="a scene")
        first = json.loads(viewer.scene(0, 0))
        assert (first["scene"], first["still"]) == ({"epoch": 1}, {"units": 3})
        stage.scene({"epoch": 2})
        second = until(lambda: viewer.scene(first["number"], first["of"]), what="another scene")
        assert (json.loads(second)["scene"], "still" in json.loads(second)) == ({"epoch": 2}, False)
        viewer.want([], None)
        assert until(stage.looks, what="another wish") == Looks([], None)
    heard._watched[ours.run] = 0.0  # No one has looked for long.
    until(lambda: not heard._watched, what="the end of asking")
    forget_scenes(scheduler, ours.run)
    assert sent_scenes._SHOWN == {}


def written_anew(journal: Journal) -> bool:
    """Whether the checkpoint, written once more, has another time."""
    before = journal.checkpoint.stat().st_mtime_ns
    write_whole(journal.checkpoint, b"epoch 2")
    return journal.checkpoint.stat().st_mtime_ns != before


@pytest.mark.parametrize("moment", ["log_epochs", "finish"])
def test_an_older_state_that_arrives_with_the_outcome_does_not_take_its_place(
    tmp_path, experiment_of, monkeypatch, scheduler, moment
):
    journal = Journal(tmp_path, "0123456789ab")
    journal.begin(experiment_of(epochs=2).text())
    run = LiveRun.of(journal)
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
    write_whole(tmp_path / "worker" / "checkpoint.npz", b"after epoch 1")
    write_whole(tmp_path / "worker" / "weights" / "epochs.bin", b"of epoch 1")
    SentFiles(scheduler, run.id).send(tmp_path / "worker", ("checkpoint.npz", "weights/epochs.bin"))
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
