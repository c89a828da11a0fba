"""A kept run at any of its epochs: what is seen there, the model put back to it, and a run that goes on from it."""

import numpy as np
import pandas as pd
import pytest

from core.experiment.fork import INITIAL, fork, from_scratch, initial_name
from core.experiment.spec import read
from core.model.weight_history import epoch_weights
from core.runs.at_epoch import look, restore
from core.runs.journal import Journal, new_run_id
from core.runs.predictors import predictor
from core.runs.run_state import LiveRun
from core.runs.run_training import run
from core.tables.errors import TableError
from core.tables.situation import Tables
from core.tables.sources import TableStore
from core.training.worker_pools import Warm
from tests.parity.clean import printed

pytestmark = pytest.mark.slow
STOPPING = {"class": "EarlyStopping", "patience": 2, "restore_best_weights": True}


@pytest.fixture(scope="module")
def tables(workspace):
    """The workspace's tables."""
    return Tables(TableStore(workspace))


@pytest.fixture(scope="module")
def train(workspace, store, tables, programs):
    """A function that trains and keeps an experiment, as a worker that has trained others; its journal and result."""
    warm = Warm(programs=programs)

    def trained(experiment):
        journal = Journal(workspace, new_run_id())
        journal.begin(experiment.text())
        result = run(journal, tables, store, warm=warm)
        assert result["state"] == "finished", result["says"]
        return journal, result

    return trained


@pytest.fixture(scope="module")
def experiment(experiment_of, points_table):
    """A small network that is stopped early, in its ninth epoch or so."""
    features = {"x0": "number", "x1": "number", "w": "category"}
    return experiment_of(table=points_table, features=features, epochs=12, callbacks=[STOPPING], name="Travelled")


@pytest.fixture(scope="module")
def travelled(train, experiment):
    """That network, trained."""
    return train(experiment)


def printed_scores(store, journal, folder, points, name="program.py") -> dict:
    """What the run's program says of itself, run in a clean process beside the table."""
    (folder / "program.py").write_text(store.text(journal.run, name))
    points.to_csv(folder / "points.csv", index=False)
    return printed(folder, "program.py", "points.csv")


def test_every_epoch_is_kept_and_seen_with_the_scores_of_the_history(travelled, store, tables, points):
    journal, result = travelled
    assert journal.kept_epochs() == list(range(1, result["epochs"] + 1))
    for epoch in (1, result["best_epoch"], result["epochs"]):
        found = look(store, tables, journal, epoch)
        assert (found["epoch"], found["predictions"]) == (epoch, None)
        for name, value in found["scores"]["validation"].items():
            assert value == pytest.approx(result["history"][f"val_{name}"][epoch - 1], rel=1e-6)
    assert look(store, tables, journal, 10_000)["epoch"] == result["epochs"]
    best = look(store, tables, journal, result["best_epoch"], points.head(3))
    assert best["figures"] == result["figures"]
    expected = predictor(store, journal.run).predict(points.head(3))
    pd.testing.assert_frame_equal(best["predictions"], expected, rtol=1e-6)


def test_the_predictors_model_is_not_disturbed(travelled, store, tables, points):
    journal, _ = travelled
    before = predictor(store, journal.run).predict(points)
    first = look(store, tables, journal, 1, points)["predictions"]
    pd.testing.assert_frame_equal(predictor(store, journal.run).predict(points), before)
    assert not np.allclose(first["predicted y"], before["predicted y"])


def test_an_epoch_is_put_in_the_place_of_the_model_and_taken_back(train, experiment, store, tables, points, tmp_path):
    journal, result = train(experiment)
    trained = {
        name: store.path(journal.run, name).read_bytes()
        for name in ("model.keras", "result.json", "as_run.json", "program.py")
    }
    for epoch in (3, 2):
        restore(store, tables, journal, epoch)
        seen = look(store, tables, journal, epoch, points)
        now = store.value(journal.run, "result.json")
        assert (now["epoch"], now["scores"], now["figures"]) == (epoch, seen["scores"], seen["figures"])
        assert (now["epochs"], now["best_epoch"], now["test"]) == (
            result["epochs"],
            result["best_epoch"],
            seen["scores"]["test"],
        )
        assert store.record(journal.run).test == now["test"]
        answers = predictor(store, journal.run, journal.version()).predict(points)
        pd.testing.assert_frame_equal(answers, seen["predictions"], rtol=1e-6)
    fit = read(store.text(journal.run, "as_run.json")).fit
    assert (fit.epochs, fit.callbacks) == (2, ())
    scores = printed_scores(store, journal, tmp_path, points)
    assert scores == {
        "epochs": 2,
        "test": {name: pytest.approx(value, rel=1e-4) for name, value in now["test"].items()},
    }

    restore(store, tables, journal, None)
    assert {name: store.path(journal.run, name).read_bytes() for name in trained} == trained
    assert store.record(journal.run).test == result["test"]
    expected = predictor(store, journal.run, 1).predict(points)
    pd.testing.assert_frame_equal(predictor(store, journal.run, journal.version()).predict(points), expected)


def test_a_run_goes_on_from_an_epoch_of_another(train, travelled, experiment, store, tables, points, tmp_path):
    origin, result = travelled
    with_another_rate = experiment.model_copy(
        update={"fit": experiment.fit.model_copy(update={"epochs": 5, "callbacks": ()})}
    )
    start = fork(with_another_rate, origin.run, 4)
    journal, forked = train(start)
    assert from_scratch(start) == with_another_rate
    assert [row[0] for row in LiveRun.of(journal).rows] == [5, 6, 7, 8, 9]
    assert (forked["epochs"], journal.kept_epochs()) == (9, [5, 6, 7, 8, 9])
    assert store.record(journal.run).epochs == store.last_epoch(journal.run) == 9
    assert LiveRun.of(journal).snapshot(since=7)["rows"] == LiveRun.of(journal).rows[3:]
    with np.load(journal.initial) as initial:
        for name, expected in zip(initial.files, epoch_weights(origin.weights, 4), strict=True):
            np.testing.assert_array_equal(initial[name], expected)
    # It begins where the other one was: its first epoch is better than that one's.
    assert forked["history"]["loss"][0] < result["history"]["loss"][0]
    assert read(store.text(journal.run, "experiment.json")).start == start.start

    program = store.text(journal.run, "program.py")
    assert (
        f"It starts from the weights of epoch 4 of the run {origin.run}, in the file {initial_name(start)} beside it"
        in program
    )
    (tmp_path / initial_name(start)).write_bytes(store.path(journal.run, INITIAL).read_bytes())
    scores = printed_scores(store, journal, tmp_path, points)
    assert scores == {
        "epochs": 5,
        "test": {name: pytest.approx(value, rel=1e-4) for name, value in forked["test"].items()},
    }

    restore(store, tables, journal, 6)
    scores = printed_scores(store, journal, tmp_path, points)
    now = store.value(journal.run, "result.json")["test"]
    assert scores == {"epochs": 2, "test": {name: pytest.approx(value, rel=1e-4) for name, value in now.items()}}


def test_a_run_whose_weights_are_gone_says_so(train, experiment_of, points_table, workspace, store, tables):
    journal, _ = train(experiment_of(table=points_table, epochs=2))
    journal.weights.unlink()
    for ask in (look, restore):
        with pytest.raises(LookupError, match="This run saved no weights of its epochs"):
            ask(store, tables, journal, 1)
    later = Journal(workspace, new_run_id())
    later.begin(fork(experiment_of(table=points_table), journal.run, 1).text())
    said = run(later, tables, store)
    assert (said["state"], said["says"]) == (
        "failed",
        f"This training starts from the weights of epoch 1 of the run {journal.run}, which are missing.",
    )


def test_a_run_whose_table_is_gone_says_so(train, experiment_of, workspace, store, points):
    own = TableStore(workspace).keep("own.csv", points.head(90).to_csv(index=False).encode())
    journal, _ = train(experiment_of(table=own.ref, epochs=2))
    for path in (workspace / "tables").rglob(f"*{own.ref.removeprefix('file:')}*"):
        path.unlink() if path.is_file() else None
    with pytest.raises(TableError, match="upload its file again"):
        look(store, Tables(TableStore(workspace)), journal, 1)


def test_a_training_that_is_discarded_keeps_no_weights(experiment_of, points_table, workspace, store, tables):
    journal = Journal(workspace, new_run_id())
    journal.begin(experiment_of(table=points_table, epochs=50).text())

    def discard(event):
        if event.get("epochs"):
            journal.order({"do": "discard"})

    assert run(journal, tables, store, discard)["says"] == "Discarded: nothing was saved."
    assert not journal.weights.exists()
