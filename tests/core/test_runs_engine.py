"""The engine with a real scheduler and a real worker: queue, live epochs, Stop, predictions, and a worker that dies."""

import os
import signal
import threading

import numpy as np
import pandas as pd
import psutil
import pytest

from core.experiment.fork import fork
from core.experiment.spec import Experiment
from core.runs.engine import Engine
from core.runs.journal import ENDED, Journal
from core.runs.ownership import EngineLock
from core.runs.run_state import LiveRun
from tests.conftest import LEFT
from tests.waiting import holder, until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def _short_lived():
    """Clusters that end soon after their engine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAYERDECK_LINGER", "0.5")
        yield


@pytest.fixture(scope="module")
def trainable(points_table, experiment_of):
    """A function that makes experiments on the workspace's table; without epochs given they would train for hours."""
    return lambda **changes: experiment_of(**{"table": points_table, "epochs": 100_000, **changes})


@pytest.fixture
def submit(engine, trainable):
    """A function that submits an experiment; what is left of the test's runs is stopped after it."""
    runs = []

    def hand_over(**changes) -> str:
        runs.append(engine.submit(trainable(**changes)))
        return runs[-1]

    yield hand_over
    for run in runs:
        engine.stop(run)
    until(lambda: all(engine.run(run).over for run in runs))


@pytest.fixture(scope="module")
def long(engine, trainable):
    """A run that trains on and on; the test of Stop ends it, which comes after the tests that watch it."""
    run = engine.submit(trainable())
    until(lambda: engine.snapshot(run)["epoch"] > 20)
    yield run
    engine.stop(run)


def ended(engine: Engine, run: str) -> LiveRun:
    """The run, when it is over."""
    return until(lambda: found if (found := engine.run(run)).over else None)


def row(engine: Engine, run: str) -> dict:
    """The state of a run without its epochs."""
    return {name: value for name, value in engine.snapshot(run).items() if name != "rows"}


def test_epochs_arrive_while_it_trains(engine, long):
    seen = engine.snapshot(long, since=10)
    assert seen["state"] == "training"
    assert [one[0] for one in seen["rows"]] == list(range(11, seen["epoch"] + 1))
    assert set(seen["names"]) == {"loss", "mae", "rmse", "val_loss", "val_mae", "val_rmse"}
    assert list(seen["baselines"])[:2] == ["mean", "linear model"]
    assert until(lambda: engine.snapshot(long)["seconds_left"]) > 0
    until(lambda: engine.snapshot(long)["epoch"] > seen["epoch"])


def test_predictions_are_answered_while_something_trains(engine, long, kept, points):
    before = engine.snapshot(long)["epoch"]
    answers = engine.predict("0123456789ab", points.head(3).assign(w=["low", "new", None]))
    assert list(answers.columns) == ["predicted y", "note"]
    assert np.isfinite(answers["predicted y"]).all()
    assert answers["note"].tolist()[1:] == [
        "w 'new' was not seen in training",
        "w is missing: treated as an unknown category",
    ]
    until(lambda: engine.snapshot(long)["epoch"] > before)
    assert not engine.run(long).over

    test = kept[0]["figures"]["y"]
    whole = engine.predict("0123456789ab", points)["predicted y"].to_numpy()
    for actual, predicted in zip(test["actual"], test["predicted"], strict=True):
        assert whole[points["y"] == actual] == pytest.approx(predicted, rel=1e-5)


def test_a_report_is_made_while_something_trains(engine, long, kept):
    assert not engine.run(long).over
    text = engine.report(kept[0]["run"])
    assert text.startswith("<!doctype html>")
    assert "<title>Kept</title>" in text


def test_a_run_is_seen_at_its_epochs_and_put_back_to_one_while_something_trains(engine, long, kept, points):
    run, history = "0123456789ab", kept[0]["history"]
    trained = engine.predict(run, points.head(3))
    for epoch in (1, 8):
        found = engine.look(run, epoch, points.head(3))
        assert (found["epoch"], len(found["predictions"])) == (epoch, 3)
        assert found["scores"]["validation"]["mae"] == pytest.approx(history["val_mae"][epoch - 1], rel=1e-6)
    pd.testing.assert_frame_equal(engine.predict(run, points.head(3)), trained)

    engine.restore(run, 3)
    third = engine.look(run, 3, points.head(3))
    pd.testing.assert_frame_equal(engine.predict(run, points.head(3)), third["predictions"], rtol=1e-6)
    assert (
        engine.store().record(run).test == engine.store().value(run, "result.json")["test"] == third["scores"]["test"]
    )
    engine.restore(run, None)
    pd.testing.assert_frame_equal(engine.predict(run, points.head(3)), trained)
    assert engine.store().record(run).test == kept[0]["test"]
    assert not engine.run(long).over


def test_who_waits_knows_how_many_are_ahead_and_can_be_taken_out(engine, long, submit):
    second, third = submit(epochs=2, seed=1), submit(epochs=2)
    assert [row(engine, run)["ahead"] for run in (long, second, third)] == [0, 1, 2]
    assert row(engine, second)["state"] == "queued"
    assert [run.id for run in engine.active()] == [long, second, third]
    engine.stop(second)
    assert (engine.run(second).state, engine.run(second).says) == (
        "stopped",
        "Removed from the queue before it started.",
    )
    assert row(engine, third)["ahead"] == 1
    with pytest.raises(LookupError):
        engine.store().record(second)  # It never began.


def test_stop_keeps_the_best_epoch_and_the_next_in_the_queue_begins(engine, long, submit):
    waiting = submit(epochs=2, seed=1)
    engine.stop(long)
    assert engine.run(long).state in ("stopping", "stopped")
    stopped = ended(engine, long)
    assert stopped.state == "stopped"
    history = engine.store().value(long, "history.json")
    assert [one[0] for one in stopped.rows] == list(range(1, len(history["loss"]) + 1))
    assert stopped.best == 1 + int(np.argmin(history["val_loss"]))
    assert f"the best epoch, {stopped.best}, were kept" in stopped.says
    assert engine.store().record(long).state == "stopped"
    assert engine.store().experiment(long).fit.epochs == 100_000

    assert ended(engine, waiting).state == "finished"
    assert [one[0] for one in engine.run(waiting).rows] == [1, 2]
    engine.stop(long)  # Too late: nothing happens.
    assert engine.run(long).state == "stopped"


def test_a_run_is_steered_while_it_trains(engine, submit, workspace):
    run = submit(epochs=3000)
    until(lambda: engine.snapshot(run)["epoch"] > 5)
    engine.steer(run, {"do": "pause"})
    until(lambda: engine.snapshot(run)["state"] == "paused")
    held = engine.snapshot(run)["epoch"]
    engine.steer(run, {"do": "rate", "value": 0.001})
    engine.steer(run, {"do": "epochs", "more": 7})
    assert (engine.snapshot(run)["epoch"], engine.snapshot(run)["state"]) == (held, "paused")
    os.kill(holder(workspace / "runs" / run / "lock"), signal.SIGKILL)  # The worker that takes its place waits, too.
    until(lambda: sum("begins" in event for event in Journal(workspace, run).events().fresh()) == 2)
    until(lambda: engine.snapshot(run)["state"] == "paused")
    engine.steer(run, {"do": "continue"})
    until(lambda: len(engine.snapshot(run)["marks"]) == 2)
    rate, more = engine.snapshot(run)["marks"]
    assert rate == {"epoch": more["epoch"], "learning_rate": 0.001}
    assert (more["epochs"], engine.snapshot(run)["epochs"]) == (7, 3007)
    with pytest.raises(ValueError, match="expected a number above 0"):
        engine.steer(run, {"do": "rate", "value": 0})
    engine.stop(run, keep="last")
    last = ended(engine, run)
    assert (last.state, last.says.endswith("its weights were kept. The best epoch was 1.")) == (
        "stopped",
        last.best == 1,
    )
    as_run = engine.store().value(run, "as_run.json")["fit"]
    assert as_run["epochs"] == len(last.rows)
    assert as_run["callbacks"][0]["schedule"]["values"] == [0.02, 0.001]
    with pytest.raises(ValueError, match="has ended"):
        engine.steer(run, {"do": "pause"})


def test_a_run_that_is_discarded_is_not_kept(engine, submit):
    run = submit()
    until(lambda: engine.snapshot(run)["epoch"] > 2)
    engine.stop(run, keep="nothing")
    assert ended(engine, run).says == "Discarded: nothing was saved."
    until(lambda: run not in [record.id for record in engine.store().records()])
    until(lambda: not (engine.workspace / "runs" / run).exists(), what="its folder being removed")
    assert engine.snapshot(run)["epoch"] > 2  # For those who still look at its curve.


def test_stop_just_as_a_run_begins_ends_it(engine, submit):
    run = submit()

    def begun() -> bool:
        try:
            return bool(engine.store().record(run))
        except LookupError:
            return False

    until(begun)
    engine.stop(run)
    assert ended(engine, run).state == "stopped"
    # Not only on the page: the worker is free.
    assert until(lambda: engine.store().record(run).state in ("stopped", "finished"), 30)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"features": {"gone": "number"}}, "The table has no column 'gone'."),
        ({"table": "file:" + "0" * 64}, "isn't in this workspace, or is damaged: upload its file again."),
        ({"table": "/etc/passwd"}, "'/etc/passwd' names no table"),
        ({"target": "w"}, "MeanSquaredError is not a loss for several classes"),
        (
            {
                "layers": [{"layer": "Dense", "units": 1}],
                "optimizer": {"class": "SGD", "learning_rate": 1000.0},
                "batch_size": 2,
            },
            "The loss was NaN from the first epoch on",
        ),
        (
            {"layers": [{"layer": "Dense", "units": 1, "bias_initializer": {"class": "Orthogonal"}}]},
            "The training ended with ValueError: ",  # Keras's words: a bias has one dimension.
        ),
    ],
)
def test_a_training_that_fails_says_why(engine, submit, changes, says):
    run = submit(**changes)
    failed = ended(engine, run)
    assert failed.state == "failed"
    assert says in failed.says
    assert "Traceback" not in failed.says
    record = engine.store().record(run)
    assert (record.state, record.says) == ("failed", failed.says)
    with pytest.raises(LookupError, match="it ended before that"):
        engine.predict(run, pd.DataFrame({"x0": [1.0]}))


def test_a_run_of_an_earlier_process_is_found_again(engine, kept):
    result, said, experiment = kept
    assert engine.run("0123456789ab") is None
    found = engine.snapshot("0123456789ab")
    assert (found["state"], found["epoch"], found["best"]) == ("finished", 8, result["best_epoch"])
    assert [one[0] for one in found["rows"]] == list(range(1, 9))
    for at, name in enumerate(found["names"], 1):
        assert [one[at] for one in found["rows"]] == result["history"][name]
    assert found["baselines"] == [event["baselines"] for event in said if "baselines" in event][-1]
    assert Experiment.model_validate_json(engine.run("0123456789ab").experiment) == experiment
    assert engine.snapshot("0123456789ab", since=6)["rows"] == found["rows"][6:]


def test_a_run_that_an_earlier_worker_left_is_interrupted(engine):
    found = engine.snapshot(LEFT)
    assert (found["state"], found["rows"]) == ("interrupted", [])
    assert found["says"].startswith("The worker ended before the training did.")
    until(lambda: engine.store().record(LEFT).state == "interrupted")


@pytest.mark.parametrize("again", [False, True], ids=["and there is room again", "and Stop is pressed"])
def test_a_full_disk_is_said_while_a_run_trains_and_stop_needs_no_room(engine, submit, workspace, again):
    run = submit()
    until(lambda: engine.snapshot(run)["epoch"] > 20)
    folder = workspace / "runs" / run
    worker = psutil.Process(holder(folder / "lock"))
    limits = worker.rlimit(psutil.RLIMIT_FSIZE)
    # No file of the worker's may grow: each write fails, as on a full disk.
    worker.rlimit(psutil.RLIMIT_FSIZE, (0, limits[1]))
    try:
        full = until(lambda: seen if (seen := engine.snapshot(run))["says"] else None, what="a word of the full disk")
        assert full["says"].startswith("The disk is full. Free some space on it. The training continues")
        assert (full["state"], full["seconds_left"]) == ("training", None)
        if again:
            (folder / "orders.jsonl").symlink_to("/dev/full")  # The engine's own writes fail, too.
            engine.steer(run, {"do": "speed", "value": 5})
            engine.stop(run)
            stopped = ended(engine, run)
            assert (stopped.state, stopped.resumable) == ("failed", True)
            assert "run database" in stopped.says or "The disk is full" in stopped.says
            (folder / "orders.jsonl").unlink()
    finally:
        worker.rlimit(psutil.RLIMIT_FSIZE, limits)
    if again:
        engine.resume(run)
    told = full["epoch"]
    until(lambda: engine.snapshot(run)["epoch"] > told + 20)
    caught_up = engine.snapshot(run)
    assert [row[0] for row in caught_up["rows"]] == list(range(1, len(caught_up["rows"]) + 1))
    assert caught_up["says"] == ""


def test_a_run_that_waits_for_another_server_is_left_in_its_queue_by_whoever_looks(
    engine, submit, workspace, trainable
):
    long, waiting = submit(), submit(epochs=2)
    cold = Engine(workspace)  # A server that has just been started, whose run has no scheduler yet.
    early = cold.submit(trainable(epochs=2))
    headless = EngineLock(workspace)
    Journal(workspace, "00000000beef").begin(trainable().text(), engine=headless.hold())
    looking = Engine(workspace)
    looking.start()
    until(looking.warm.is_set)
    later = submit(epochs=2)
    shown = (long, waiting, later, early, "00000000beef")
    for turn in range(2):  # A run that is really left shows that the other engine has looked at all of them.
        Journal(workspace, gone := f"00000000dea{turn}").begin(trainable().text())
        assert [looking.snapshot(run)["state"] in ENDED for run in shown] == [False] * 5
        until(lambda gone=gone: looking.snapshot(gone)["state"] == "interrupted")
    assert [looking.snapshot(run)["state"] for run in shown[1:]] == ["queued"] * 4

    headless.release()
    cold.close()
    until(lambda: [engine.find(run).state for run in (early, "00000000beef")] == ["interrupted"] * 2)
    looking.close()
    engine.stop(long)
    assert [ended(engine, run).state for run in (waiting, later)] == ["finished"] * 2


def test_a_queued_run_whose_server_has_ended_is_seen_to_by_another_one_on_its_scheduler(
    engine, submit, workspace, trainable
):
    long = submit()
    gone = Engine(workspace)
    gone.start()
    until(gone.warm.is_set)
    waiting = gone.submit(trainable(epochs=2))
    assert engine.snapshot(waiting)["state"] == "queued"
    submitter = Journal(workspace, waiting).submitted()["engine"]
    gone.close()
    # Adopted: its end will be seen to.
    until(lambda: Journal(workspace, waiting).submitted()["engine"] not in ("", submitter))
    engine.stop(long)
    assert ended(engine, waiting).state == "finished"


def test_a_run_goes_on_from_an_epoch_of_another_and_counts_on(engine, submit, trainable, workspace):
    origin = submit(epochs=6)
    assert ended(engine, origin).state == "finished"
    run = engine.submit(fork(trainable(epochs=4, optimizer={"class": "Adam", "learning_rate": 0.001}), origin, 5))
    assert engine.snapshot(run)["epochs"] == 9
    assert ended(engine, run).state == "finished"
    assert [row[0] for row in engine.snapshot(run, since=7)["rows"]] == [8, 9]
    assert engine.snapshot(run)["epoch"] == engine.store().record(run).epochs == 9
    assert Journal(workspace, run).kept_epochs() == [6, 7, 8, 9]
    assert engine.look(run, 1)["epoch"] == 6
    stray = engine.submit(fork(trainable(), "ffffffffffff", 5))
    assert ended(engine, stray).says.endswith("of the run ffffffffffff, which are missing.")


@pytest.mark.parametrize("run", ["ffffffffffff", "../../etc/passwd", "", "' OR 1=1"])
def test_an_unknown_run_is_a_lookup_error(engine, run):
    asks = (
        lambda one: engine.predict(one, pd.DataFrame({"x0": [1.0]})),
        lambda one: engine.look(one, 1),
        lambda one: engine.restore(one, 1),
        engine.report,
    )
    for ask in (engine.snapshot, *asks):
        with pytest.raises(LookupError) as error:
            ask(run)
        assert str(error.value).endswith(".")
    engine.stop(run)  # Nothing to stop, and nothing said.


def test_a_cluster_at_rest_takes_next_to_nothing(engine, workspace):
    """Dask alone would take 5 % of a core, for what its own pages would show."""
    until(lambda: not engine.active())
    scheduler, pause = psutil.Process(holder(workspace / "cluster.lock")), threading.Event()

    def spent() -> float:
        times = [process.cpu_times() for process in (scheduler, *scheduler.children(recursive=True))]
        return sum(time.user + time.system for time in times)

    def share() -> float:
        before = spent()
        pause.wait(2)
        return (spent() - before) / 2

    until(lambda: share() < 0.025, 60, "less than 2.5 % of a core")
