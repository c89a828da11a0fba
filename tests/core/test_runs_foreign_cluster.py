"""Clusters that someone else runs, which DASK_SCHEDULER_ADDRESS names: of workers that see the workspace, whatever that
is, and of workers that have workspaces of their own, to which runs and tables travel through Dask.
"""

import json
import os
import signal
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

import pandas as pd
import pytest

from core import __version__
from core.experiment.fork import fork
from core.runs import cluster
from core.runs.engine import Engine
from core.runs.journal import Journal, new_run_id
from core.runs.repeated_runs import RepeatedRuns
from core.runs.search_files import Budget
from core.runs.searches import Searches
from core.runs.training_workers import NO_WORKERS
from core.runs.unshared_training import Parcel, train_unshared, versions
from core.runs.worker_client import NotReady
from core.search.space import Space
from core.tables.sources import TableStore
from tests.records import with_record
from tests.waiting import until

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
# Starts the commands of `dask` that it reads, each in a folder and with a LAYERDECK_HOME, if any. They are forked from
# one process, which has imported what the workers need before the first one of them starts.
THEIRS = """
import json, os, sys
from dask.cli import run_cli
sys.path.insert(0, sys.argv[1])
for line in sys.stdin:
    folder, home, arguments = json.loads(line)
    if arguments[0] == "worker":
        import core.runs.run_training, core.training.train
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        os.dup2(2, 1)
        os.chdir(folder)
        os.environ |= {"LAYERDECK_HOME": home} if home else {}
        sys.argv = ["dask", *arguments, "--no-dashboard"]
        run_cli()
        os._exit(0)
    print(child, flush=True)
"""


@pytest.fixture(scope="module")
def start():
    """A function that starts a command of `dask` in a folder; its process."""
    quiet = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    command = [sys.executable, "-c", THEIRS, str(ROOT)]
    with subprocess.Popen(command, start_new_session=True, text=True, **quiet) as process:

        def run(folder: Path, *arguments: str, home: str = "") -> int:
            process.stdin.write(json.dumps([str(folder), home, arguments]) + "\n")
            process.stdin.flush()
            return int(process.stdout.readline())

        yield run
        os.killpg(process.pid, signal.SIGKILL)


WORKER = ("worker", "--nthreads", "4", "--resources", "train=1", "--no-nanny", "--scheduler-file")


def scheduler_in(folder: Path, start) -> tuple[str, str]:
    """Starts a scheduler: its file and its address."""
    file = folder / "scheduler.json"
    start(folder, "scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file))
    return str(file), until(lambda: address_in(file), what="a scheduler")


@pytest.fixture(scope="module")
def theirs(tmp_path_factory, start):
    """The address of a Dask cluster with two workers, in a folder of its own."""
    folder = tmp_path_factory.mktemp("theirs")
    file, address = scheduler_in(folder, start)
    for _ in range(2):
        start(folder, *WORKER, file)
    return address


@pytest.fixture(scope="module")
def apart(tmp_path_factory, start):
    """The address of a Dask cluster with four workers in folders and with workspaces of their own; these with their
    processes.
    """
    folder = tmp_path_factory.mktemp("apart")
    file, address = scheduler_in(folder, start)
    homes = [folder / f"worker-{number}" / "workspace" for number in range(4)]
    for home in homes:
        home.parent.mkdir()
    return address, {home: start(home.parent, *WORKER, file, home=str(home)) for home in homes}


def address_in(file: Path) -> str:
    """The address in a scheduler file, once it is written."""
    try:
        return json.loads(file.read_text())["address"]
    except (FileNotFoundError, ValueError):
        return ""


@pytest.fixture
def engine(tmp_path, points, theirs, monkeypatch):
    """An engine on a workspace of its own with a table of points; the test starts it."""
    TableStore(with_record(tmp_path)).keep("points.csv", points.to_csv(index=False).encode())
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", theirs)
    engine = Engine(tmp_path)
    yield engine
    for run in engine.active():
        engine.stop(run.id)
    until(lambda: not engine.active())
    engine.close()


def test_a_cluster_of_other_peoples_is_used_where_it_is_named(engine, points_table, experiment_of):
    engine.start()
    # Dask gives a run to one of the workers that are there when it is submitted.
    until(lambda: engine.warm.is_set() and engine.workers() == 2, what="two workers")
    runs = [engine.submit(experiment_of(table=points_table, epochs=100_000, seed=seed)) for seed in (1, 2)]
    until(lambda: all(engine.snapshot(run)["epoch"] > 5 for run in runs))  # Side by side: one on each worker.
    assert not cluster.alive(engine.workspace)
    for run in runs:
        engine.stop(run)
    until(lambda: [engine.run(run).state for run in runs] == ["stopped", "stopped"])
    assert len(engine.predict(runs[0], pd.DataFrame({"x0": [0.5], "x1": [0.5]}))) == 1


def test_the_app_starts_with_a_damaged_record_says_so_and_goes_on_when_it_is_mended(
    engine, points_table, experiment_of, monkeypatch
):
    monkeypatch.setattr("core.runs.opened_store._REOPEN", 0.2)
    home = engine.workspace
    (home / "mlflow.db").write_bytes(b"these are no runs " * 1000)
    engine.start()
    until(lambda: engine.warm.is_set() or engine.trouble)
    assert engine.trouble == ""
    with pytest.raises(NotReady, match=r"is damaged \(file is not a database\)"):
        engine.store()
    with pytest.raises(NotReady, match="or move it away: then a new one is created"):
        engine.submit(experiment_of(table=points_table, epochs=3))
    assert engine.active() == []
    (home / "mlflow.db").rename(home / "damaged.db")

    def submitted() -> str:
        try:
            return engine.submit(experiment_of(table=points_table, epochs=3))
        except NotReady:
            return ""

    run_id = until(submitted)
    assert until(lambda: found if (found := engine.run(run_id)).over else None).state == "finished"
    assert [record.id for record in engine.store().records()] == [run_id]


def test_runs_on_workers_with_other_workspaces_go_on_without_a_server_and_stop(
    apart, points, points_table, experiment_of, tmp_path, monkeypatch
):
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", apart[0])
    TableStore(with_record(tmp_path)).keep("points.csv", points.to_csv(index=False).encode())
    first = Engine(tmp_path)
    first.start()
    until(first.warm.is_set)
    long = submitted(first, experiment_of(table=points_table, epochs=100_000), {"do": "speed", "value": 20})
    until(lambda: first.snapshot(long)["epoch"] > 5, what="a training that is under way")
    scene = json.loads(until(lambda: first.scene(long, 0, 0), what="a network that is drawn"))
    assert {"still", "scene"} < scene.keys()
    assert until(lambda: first.scene(long, scene["number"], scene["of"]), what="another scene")
    # Of the short one nobody must hear the end: it begins last, and has five seconds left after its first epoch.
    short = submitted(first, experiment_of(table=points_table, epochs=3), {"do": "speed", "value": 0.4})
    until(lambda: first.snapshot(short)["epoch"], what="a first epoch")
    first.close()
    assert not Journal(tmp_path, short).over()
    copies = [worker / "runs" / short for worker in apart[1]]
    until(lambda: any(finished_in(copy) for copy in copies), what="the end of a training that nobody hears of")
    finished = time.time()
    second = Engine(tmp_path)
    second.start()
    try:
        until(second.warm.is_set)
        until(lambda: second.find(short).over)
        assert second.find(short).state == second.store().record(short).state == "finished"
        epochs = [event for event in Journal(tmp_path, short).events().fresh() if "epochs" in event]
        assert epochs[-1]["epochs"][-1][0] == 3
        assert max(event["at"] for event in epochs) < finished  # It was not trained again.
        reached = second.snapshot(long)["epoch"]
        until(lambda: second.snapshot(long)["epoch"] > reached + 5)
        # One that does not answer holds up no one.
        homes = [(home / "runs" / long, process) for home, process in apart[1].items()]
        idle = next(process for run, process in homes if not run.exists())
        os.kill(idle, signal.SIGSTOP)
        try:
            asked = time.monotonic()
            second.stop(long)
            assert time.monotonic() - asked < 5
            until(lambda: second.find(long).over)
        finally:
            os.kill(idle, signal.SIGCONT)
        run = second.find(long)
        assert (run.state, second.store().record(long).state) == ("stopped", "stopped")
        assert [row[0] for row in run.rows] == list(range(1, run.epoch + 1))
        # What needs the workspace's files is answered by a worker of the workspace's own.
        assert until(lambda: predicted(second, long)) == [True]
        assert cluster.alive(tmp_path)
    finally:
        second.close()


def test_workers_with_other_workspaces_train_to_the_same_numbers_though_half_of_them_die(
    engine, apart, points, points_table, experiment_of, tmp_path_factory, monkeypatch
):
    engine.start()
    until(lambda: engine.warm.is_set() and engine.workers() == 2, what="two workers")
    table = TableStore(home := with_record(tmp_path_factory.mktemp("home"))).keep(
        "points.csv", points.to_csv(index=False).encode()
    )
    assert table.ref == points_table
    address, workers = apart
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", address)
    away = Engine(home)
    away.start()
    searches = Searches(away)
    base = experiment_of(table=points_table, epochs=3, optimizer={"class": "Adam", "learning_rate": 0.01})
    try:
        until(lambda: away.warm.is_set() and away.workers() == 4, what="four workers")
        # Two runs are held after their second epoch; the learning rate of both was changed after the first.
        steered = [experiment_of(table=points_table, epochs=4, seed=seed) for seed in (1, 2)]
        held = [held_after_two_epochs(away, experiment) for experiment in steered]
        folds = RepeatedRuns(away)
        group = folds.find(folds.start(base, folds=2))
        space = Space.read({"compile.optimizer.learning_rate": {"low": 0.001, "high": 0.1, "log": True}})
        search = searches.start(base, space, Budget(trials=3), sampler="random", pruner="none", seeds=0)
        busy = [worker for worker in workers if any((worker / "runs" / run).exists() for run in held)]
        assert len(busy) == 2
        # Whoever begins them again, also in another cluster, goes on from there.
        checkpoints = [Journal(home, run).checkpoint for run in held]
        until(lambda: all(checkpoint.exists() for checkpoint in checkpoints), what="checkpoints in the workspace")
        for worker in busy:
            os.kill(workers[worker], signal.SIGKILL)
        for run in held:
            away.steer(run, {"do": "continue"})
        until(lambda: searches.standing(search).over, what="the end of a search")
        runs = [*held, *(one.run for one in group.runs), *(one.run for one in searches.standing(search).trials)]
        until(lambda: all(away.run(run).over for run in runs), what="the ends of all runs")
        # The same experiments in a workspace that the workers share.
        same = [held_after_two_epochs(engine, experiment) for experiment in steered[:1]]
        engine.steer(same[0], {"do": "continue"})
        same.append(held_after_two_epochs(engine, steered[1]))
        engine.steer(same[1], {"do": "continue"})
        same += [engine.submit(away.store().experiment(run)) for run in runs[2:]]
        until(lambda: all(engine.run(run).over for run in same), what="the ends of the same runs")
        # A run that starts from another one's weights brings them along.
        runs.append(away.submit(fork(steered[0], runs[0], 2)))
        same.append(engine.submit(fork(steered[0], same[0], 2)))
        until(lambda: away.run(runs[-1]).over and engine.run(same[-1]).over, what="the ends of the last runs")
        for run, other in zip(runs, same, strict=True):
            assert (away.run(run).state, away.run(run).rows) == ("finished", engine.run(other).rows)
            assert away.run(run).marks == engine.run(other).marks
            results = [it.store().result(one) for it, one in ((away, run), (engine, other))]
            assert results[0]["scores"] == results[1]["scores"]
            assert away.store().last_epoch(run) == away.run(run).epoch
            journals = Journal(home, run), Journal(engine.workspace, other)
            assert journals[0].kept_epochs() == journals[1].kept_epochs()
            assert journals[0].weights.read_bytes() == journals[1].weights.read_bytes()
            assert not journals[0].checkpoint.exists()
        assert [mark["epoch"] for run in held for mark in away.run(run).marks] == [1, 1]
        assert not any((worker / "mlflow.db").exists() for worker in workers)
        living = [worker for worker in workers if worker not in busy]
        until(lambda: not any(list((worker / "runs").iterdir()) for worker in living), what="no copy left behind")
    finally:
        searches.close()
        away.close()


def test_a_run_that_no_worker_takes_says_so_until_one_comes(
    start, points, points_table, experiment_of, tmp_path, monkeypatch
):
    file, address = scheduler_in(tmp_path, start)
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", address)
    (tmp_path / "home").mkdir()
    TableStore(home := with_record(tmp_path / "home")).keep("points.csv", points.to_csv(index=False).encode())
    engine = Engine(home)
    run = engine.submit(experiment_of(table=points_table, epochs=3))
    engine.start()
    try:
        until(lambda: engine.snapshot(run)["says"].endswith(NO_WORKERS), what="a sentence without a worker")
        start(tmp_path, *WORKER, file)
        until(lambda: engine.find(run).over)
        assert (engine.find(run).state, NO_WORKERS in engine.snapshot(run)["says"]) == ("finished", False)
    finally:
        engine.close()


def test_a_worker_with_other_packages_refuses_a_run():
    parcel = Parcel(1, {}, [], (), {**versions(), "keras": "2.0", "Layerdeck": "0.0"})
    refused = train_unshared("0123456789ab", parcel, None, None)
    assert refused.end["state"] == "failed"
    assert (
        f"Layerdeck {__version__} instead of 0.0, keras {metadata.version('keras')} instead of 2.0"
        in (refused.end["says"])
    )


def submitted(engine, experiment, *orders) -> str:
    """A run that is given orders before it begins."""
    run = new_run_id()
    for order in orders:
        Journal(engine.workspace, run).order(order)
    return engine.submit(experiment, run_id=run)


def held_after_two_epochs(engine, experiment) -> str:
    """A run that is paused after its second epoch, and whose learning rate was changed after the first."""
    run = submitted(engine, experiment, {"do": "pause"}, {"do": "epoch"})
    until(lambda: paused_after(engine, run, 1), what="a pause")
    engine.steer(run, {"do": "rate", "value": 0.02})
    engine.steer(run, {"do": "epoch"})
    until(lambda: paused_after(engine, run, 2), what="a second pause")
    return run


def paused_after(engine, run: str, epoch: int) -> bool:
    """Whether a run is paused after an epoch."""
    seen = engine.snapshot(run)
    return (seen["state"], seen["epoch"]) == ("paused", epoch)


def finished_in(copy: Path) -> bool:
    """Whether the journal of a folder has an end."""
    return copy.exists() and Journal(copy.parents[1], copy.name).over()


def predicted(engine, run: str) -> list[bool]:
    """Whether the prediction for each of some rows is a number; none while the worker starts."""
    try:
        return engine.predict(run, pd.DataFrame({"x0": [0.5], "x1": [0.5]}))["predicted y"].notna().tolist()
    except NotReady:
        return []
