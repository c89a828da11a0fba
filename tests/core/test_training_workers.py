"""Several trainings at a time: two workers with one thread for small networks beside the first one, which trains large
ones; all real processes.
"""

import os
import random
import signal
import threading
from concurrent.futures import ThreadPoolExecutor, wait

import psutil
import pytest

from core import __version__
from core.runs.cluster import attach
from core.runs.engine import Engine
from core.runs.journal import Journal
from core.runs.run_state import LiveRun
from core.tables.sources import TableStore
from core.workspace import write_whole
from tests.waiting import holder, until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def engine(attached):
    """A warm engine whose cluster may train two small networks and a large one at a time."""
    with attached(workers=2) as engine:
        yield engine


@pytest.fixture
def submit(engine, experiment_of, points):
    """A function that submits an experiment; what is left of the test's runs is stopped after it. Without epochs given
    they would train for hours.
    """
    table = TableStore(engine.workspace).keep("points.csv", points.to_csv(index=False).encode()).ref
    runs = []

    def hand_over(**changes) -> str:
        runs.append(engine.submit(experiment_of(**{"table": table, "epochs": 100_000, **changes})))
        return runs[-1]

    yield hand_over
    for run in reversed(runs):
        engine.stop(run)
    until(lambda: all(engine.run(run).over for run in runs))


LARGE = {"batch_size": 512, "layers": [{"layer": "Dense", "units": 2000}, {"layer": "Dense", "units": 1}]}


def workers(engine: Engine) -> list[psutil.Process]:
    """The worker processes of the engine's cluster: forked from the one that has imported what they need. None while
    the cluster starts.
    """
    try:
        nanny = psutil.Process(holder(engine.workspace / "cluster.lock"))
        servers = [one for one in nanny.children() if "forkserver" in " ".join(one.cmdline())]
        return [worker for server in servers for worker in server.children()]
    except psutil.NoSuchProcess:
        return []


def trainer(engine: Engine, run: str) -> psutil.Process:
    """The process that trains a run."""
    return psutil.Process(until(lambda: holder(engine.workspace / "runs" / run / "lock")))


def trains(engine: Engine, run: str) -> LiveRun:
    """A run, when it goes on."""
    until(lambda: engine.snapshot(run)["epoch"] > 2)
    return engine.run(run)


def ahead(engine: Engine, run: str) -> int:
    """How many trainings end before a run begins."""
    return engine.snapshot(run)["ahead"]


def test_two_small_networks_and_a_large_one_train_at_a_time_and_the_others_wait_for_a_free_worker(engine, submit):
    assert engine.workers() == 2
    first, second = submit(seed=1), submit(seed=2)
    third, fourth = submit(seed=3, epochs=3), submit(seed=4, epochs=3)
    large, larger = submit(**LARGE), submit(**LARGE, seed=2)
    for run in (first, second, large):
        assert trains(engine, run).state == "training"
    assert [ahead(engine, run) for run in (third, fourth, larger)] == [1, 2, 1]
    assert [engine.snapshot(run)["state"] for run in (third, fourth, larger)] == ["queued"] * 3
    processes = [trainer(engine, run) for run in (first, second, large)]
    assert sorted(one.pid for one in processes) == sorted(one.pid for one in workers(engine))
    assert len({one.pid for one in processes}) == 3
    engine.steer(first, {"do": "pause"})  # It keeps its worker.
    until(lambda: engine.snapshot(first)["state"] == "paused")
    engine.stop(second)
    until(lambda: engine.run(fourth).over)  # Both wherever there is room, in the order of their coming.
    began = [Journal(engine.workspace, run).events().fresh()[0]["at"] for run in (third, fourth)]
    assert began == sorted(began)
    assert engine.run(first).state == "paused"
    engine.stop(larger)
    assert engine.run(larger).says == "Removed from the queue before it started."


def test_trainings_one_after_another_go_to_the_same_worker(engine, submit):
    pids = set()
    with attach(engine.workspace) as client:
        for seed in range(3):
            until(lambda: not any(client.processing().values()))  # A run is over a moment before its task.
            run = submit(seed=seed)
            trains(engine, run)
            pids.add(trainer(engine, run).pid)
            engine.stop(run)
    assert len(pids) == 1


def test_a_cluster_of_another_version_is_left_to_end_its_work(engine):
    """What this version asks for, it may not know."""
    home = engine.workspace
    write_whole(home / "cluster.version", "0.1.0")
    with ThreadPoolExecutor(1) as thread:
        attached = thread.submit(attach, home)
        assert not wait([attached], timeout=1).done  # To its own version's one attaches within 0.1 s.
        write_whole(home / "cluster.version", __version__)
        attached.result().close()


@pytest.fixture
def memory_limit(engine):
    """A function that sets how many megabytes a worker of the running cluster may hold."""

    def set_limit(megabytes: str) -> None:
        def in_scheduler() -> None:
            os.environ["LAYERDECK_WORKER_MEMORY"] = megabytes

        with attach(engine.workspace) as client:
            client.run_on_scheduler(in_scheduler)

    yield set_limit
    set_limit("")


def test_workers_that_hold_too_much_memory_are_replaced_between_trainings(engine, submit, memory_limit):
    """Their memory grows with every different network: XLA keeps what it compiled."""
    kept = submit(epochs=2)
    until(lambda: engine.run(kept).over)
    before = {one.pid for one in workers(engine)}
    memory_limit("1")
    runs = [submit(seed=seed, epochs=2) for seed in range(24)]
    held = submit()  # A training that goes on keeps its worker.
    until(lambda: all(engine.run(run).over for run in runs))
    assert [engine.run(run).state for run in runs] == ["finished"] * 24
    assert all([row[0] for row in engine.run(run).rows] == [1, 2] for run in runs)
    assert engine.run(runs[0]).rows == engine.run(kept).rows  # A new worker's numbers are the old one's.
    assert trains(engine, held).state == "training"
    row = {"x0": [1.0], "x1": [0.5]}
    answers = {str(engine.predict(kept, row).to_dict()) for _ in range(12)}
    until(lambda: not {one.pid for one in workers(engine)} & before)
    answers |= {str(engine.predict(kept, row).to_dict())}  # By the new one.
    assert len(answers) == 1
    assert engine.run(held).state == "training"


@pytest.mark.parametrize(
    "kills",
    [(2,), pytest.param((1, 3, "scheduler"), marks=pytest.mark.soak)],
    ids=["two workers", "one, all, and the scheduler"],
)
def test_runs_beside_each_other_end_as_those_alone_whatever_is_killed(engine, submit, monkeypatch, kills):
    """The scheduler is killed beside two small networks in `test_search_kills`, too."""
    draw, pause = random.Random(0), threading.Event()
    layers = [{"layer": "Dense", "units": 8}, {"layer": "Dropout", "rate": 0.1}, {"layer": "Dense", "units": 1}]
    long = {"layers": layers, "epochs": 150, "batch_size": 2}
    undisturbed = [submit(**long, seed=seed) for seed in (1, 2)]
    until(lambda: all(engine.run(run).over for run in undisturbed))
    disturbed = [submit(**long, seed=seed) for seed in (1, 2)]
    waiting = submit(epochs=3)
    monkeypatch.setenv("LAYERDECK_WORKERS", "1")  # What comes after the scheduler has one worker for all of them.
    for killed in kills:
        told = [engine.snapshot(run)["epoch"] for run in disturbed]
        until(
            lambda told=told: any(engine.snapshot(run)["epoch"] > at for run, at in zip(disturbed, told, strict=True))
        )
        pause.wait(draw.uniform(0, 0.3))
        if killed == "scheduler":
            os.kill(until(lambda: holder(engine.workspace / "cluster.lock")), signal.SIGKILL)
        else:
            for worker in draw.sample(found := until(lambda: workers(engine)), min(len(found), killed)):
                worker.kill()
    until(lambda: all(engine.run(run).over for run in (*disturbed, waiting)))
    assert engine.workers() == (1 if "scheduler" in kills else 2)
    assert (engine.run(waiting).state, [row[0] for row in engine.run(waiting).rows]) == ("finished", [1, 2, 3])
    for mine, theirs in zip(disturbed, undisturbed, strict=True):
        assert engine.run(mine).state == "finished"
        assert engine.run(mine).rows == engine.run(theirs).rows
        assert [int(row[0]) for row in engine.run(mine).rows] == list(range(1, 151))
        results = [engine.store().value(run, "result.json")["scores"] for run in (mine, theirs)]
        assert results[0] == results[1]
        assert engine.store().value(mine, "history.json") == engine.store().value(theirs, "history.json")
        assert engine.store().last_epoch(mine) == 150  # In the record of runs, too.
