"""What deleted runs leave is removed, and nothing else."""

import pytest

from core.experiment.fork import fork
from core.runs.cleaning import clean, discarded, remove
from core.runs.journal import Journal
from core.runs.run_state import LiveRun

RUN = "0123456789ab"


@pytest.fixture
def journal_of(tmp_path, experiment_of):
    """Makes a run as its journal tells: what became of it, and what was asked of it."""

    def make(run, *told, orders=(), experiment=None):
        journal = Journal(tmp_path, run)
        journal.begin((experiment or experiment_of()).text())
        for event in told:
            journal.say(event)
        for order in orders:
            journal.order({"do": order})
        journal.weights.parent.mkdir()
        journal.weights.write_bytes(b"weights")
        return journal

    return make


BEGUN, STOPPED, FINISHED = {"begins": True}, {"state": "stopped"}, {"state": "finished"}


@pytest.mark.parametrize(
    ("told", "orders", "deleted", "gone"),
    [
        ((BEGUN, STOPPED), ("discard",), (), True),
        ((BEGUN, FINISHED), (), (RUN,), True),  # Its record was deleted.
        ((STOPPED,), (), (), True),  # Taken out of the queue.
        ((BEGUN, STOPPED), ("stop",), (), False),
        ((BEGUN, STOPPED), ("discard", "continue", "stop"), (), False),  # The discard was taken back.
        ((BEGUN, FINISHED), ("discard",), (), False),  # It came too late.
        ((BEGUN, FINISHED), (), (), False),
        ((BEGUN, {"state": "failed"}), (), (), False),
        ((BEGUN, {"state": "interrupted"}), (), (), False),
        ((BEGUN,), ("discard",), (RUN,), False),  # It is alive, perhaps on another server.
        ((), ("discard",), (RUN,), False),
        ((BEGUN, STOPPED, {"state": "queued"}), ("discard",), (), False),
    ],
)
def test_of_what_is_deleted_nothing_stays_and_of_the_rest_all(tmp_path, journal_of, told, orders, deleted, gone):
    journal = journal_of(RUN, *told, orders=orders)
    assert clean(tmp_path, deleted) == ([RUN] if gone else [])
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ([] if gone else [RUN])
    assert gone or journal.weights.exists()


def test_a_run_that_a_process_works_on_stays(tmp_path, journal_of):
    journal = journal_of(RUN, BEGUN, STOPPED, orders=("discard",))
    with journal.held():
        assert clean(tmp_path, ()) == []
    assert clean(tmp_path, ()) == [RUN]


@pytest.mark.parametrize(
    ("told", "initial", "gone"),
    [
        ((), False, False),  # It waits, and takes the weights when it begins.
        ((BEGUN,), False, False),
        ((BEGUN, {"state": "interrupted"}), False, False),  # It may be continued.
        ((), True, True),  # It has taken them.
        ((BEGUN, FINISHED), False, True),
    ],
)
def test_weights_that_another_run_starts_from_stay(tmp_path, journal_of, experiment_of, told, initial, gone):
    journal_of(RUN, BEGUN, FINISHED)
    other = journal_of("ffffffffffff", *told, experiment=fork(experiment_of(), RUN, 3))
    if initial:
        other.initial.write_bytes(b"weights")
    assert clean(tmp_path, {RUN}) == ([RUN] if gone else [])
    assert other.folder.exists()


def test_what_a_removal_left_half_is_removed_and_what_is_no_run_is_not_touched(tmp_path):
    for name in (f"{RUN}.deleted", "notes", "0123456789AB"):
        (tmp_path / "runs" / name / "weights").mkdir(parents=True)
    assert clean(tmp_path, {"0123456789AB", "notes"}) == []
    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == ["0123456789AB", "notes"]
    assert clean(tmp_path / "elsewhere", ()) == []


def test_who_watches_hears_that_a_run_is_gone(journal_of):
    journal = journal_of(RUN, BEGUN, {"epochs": [[1, {"loss": 2.0}]]}, orders=("discard",))
    watching = LiveRun.of(journal)
    journal.say(STOPPED)
    assert discarded(journal)
    assert remove(journal)
    watching.refresh()
    assert (watching.state, watching.says, watching.epoch) == ("stopped", "This run was deleted.", 1)
    assert journal.over()
    assert not remove(journal)


@pytest.mark.slow
def test_a_record_that_is_deleted_loses_its_files(workspace, store, experiment_of, tmp_path):
    before = store.deleted()  # The workspace is shared.
    (tmp_path / "of deleted runs").write_bytes(b"model")
    for run in ("00000000de1e", "0000000000ed"):
        store.begin(run, experiment_of())
        store.finish(run, "finished", "", tmp_path)
    assert len(list((workspace / "artifacts").rglob("of deleted runs"))) == 2
    store.discard("00000000de1e")
    assert len(list((workspace / "artifacts").rglob("of deleted runs"))) == 1
    assert store.path("0000000000ed", "of deleted runs").read_bytes() == b"model"
    assert store.deleted() - before == {"00000000de1e"}
    store.begin("00000000de1e", experiment_of())  # Once more: it is there.
    assert store.deleted() == before
    for run in ("00000000de1e", "0000000000ed"):
        store.discard(run)
    assert {"00000000de1e", "0000000000ed"} <= store.deleted()
