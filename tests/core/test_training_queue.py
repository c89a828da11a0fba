"""The order of trainings among the workers of a scheduler: a real one with real workers, in this process."""

import asyncio
import threading
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from dask.system import CPU_COUNT
from distributed import Client, Scheduler, Worker, get_worker

from core.experiment.shapes import step_work
from core.runs.training_queue import TrainingQueue
from core.runs.training_workers import (
    LARGE_STEP,
    MOST_WORKERS,
    announced,
    has_large_steps,
    resources_of_training,
    training_workers,
    workers_of,
)
from core.tables.situation import Tables
from core.tables.sources import TableStore

BEGUN: list[tuple[str, str]] = []
GATES: defaultdict[str, threading.Event] = defaultdict(threading.Event)


def work(name: str) -> None:
    """In place of a training: it ends when its gate is opened."""
    BEGUN.append((name, str(get_worker().name)))
    assert GATES[name].wait(60)


async def until(seen: Callable[[], bool]) -> None:
    """Waits until something is so, at most for ten seconds."""
    for _ in range(1000):
        if seen():
            break
        await asyncio.sleep(0.01)


async def begun(*wanted: tuple[str, str]) -> None:
    """Waits until these have begun, each on its worker, and no others."""
    await until(lambda: len(BEGUN) >= len(wanted))
    assert sorted(BEGUN) == sorted(wanted)


async def waiting(scheduler: Scheduler, *names: str) -> None:
    """Waits until the scheduler has these, and has handed them to nobody: a client's tasks arrive when it has sent
    them.
    """
    await until(lambda: _unassigned(scheduler) >= set(names))
    assert _unassigned(scheduler) == set(names)


def _unassigned(scheduler: Scheduler) -> set[str]:
    waits = [key for key, task in scheduler.tasks.items() if task.state in ("no-worker", "queued")]
    return {str(key).split("-")[1] for key in waits}


async def scenario(address: str, scheduler: Scheduler) -> None:
    small, large = resources_of_training(large=False, alike=False), resources_of_training(large=True, alike=False)
    options = {"nthreads": 4, "heartbeat_interval": "200ms"}
    async with Client(address, asynchronous=True) as client, Worker(address, name="b", resources=small, **options):

        def submit(name: str, resources: dict[str, float], priority: int):
            return client.submit(work, name, key=f"train-{name}-1-1", resources=resources, priority=priority)

        futures = [submit(name, small, -at) for at, name in enumerate(["p", "q", "r", "s"])]
        await begun(("p", "b"))  # Although it has threads for all of them.
        await waiting(scheduler, "q", "r", "s")
        async with Worker(address, name="c", resources=small, **options):
            await begun(("p", "b"), ("q", "c"))  # One that waits is not bound to the worker that was there.
            futures.append(submit("urgent", small, 5))
            await waiting(scheduler, "r", "s", "urgent")
            GATES["p"].set()
            await begun(("p", "b"), ("q", "c"), ("urgent", "b"))
            futures.append(submit("big", large, 0))
            await waiting(scheduler, "r", "s", "big")  # No worker takes it.
            await begun(("p", "b"), ("q", "c"), ("urgent", "b"))
            async with Worker(address, name="a", resources=large, **options):
                await begun(("p", "b"), ("q", "c"), ("urgent", "b"), ("big", "a"))
                for gate in ("q", "r", "s", "urgent", "big"):
                    GATES[gate].set()
                await client.gather(futures)
                assert sorted(name for name, _ in BEGUN) == ["big", "p", "q", "r", "s", "urgent"]
                # One after another go to the same.
                for name in ("t", "u", "v"):
                    GATES[name].set()
                    await submit(name, small, 0)
                assert [worker for name, worker in BEGUN if name in "tuv"] == ["b"] * 3
    assert not scheduler.workers


async def whole() -> None:
    async with Scheduler(host="127.0.0.1", port=0, dashboard_address="127.0.0.1:0") as scheduler:
        queue = TrainingQueue()
        queue.attach(scheduler)
        scheduler.add_plugin(queue)
        announced(scheduler, 3)
        await scenario(scheduler.address, scheduler)
        told = await asyncio.to_thread(counted, scheduler.address)
        assert told == 3


def counted(address: str) -> int:
    """How many training workers a client is told of."""
    with Client(address, set_as_default=False) as client:
        return workers_of(client)


def test_trainings_wait_in_the_scheduler_and_go_to_the_first_free_worker_by_their_priority():
    # In a thread of its own: where browser tests ran before, this one has Playwright's event loop.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, whole()).result()


def test_the_number_of_workers_is_that_of_the_cores_or_the_one_named(monkeypatch):
    for named, workers in (("1", 1), ("3", 3), ("1000", MOST_WORKERS), ("0", CPU_COUNT), ("many", CPU_COUNT)):
        monkeypatch.setenv("LAYERDECK_WORKERS", named)
        assert training_workers() == workers
    monkeypatch.delenv("LAYERDECK_WORKERS")
    assert training_workers() == CPU_COUNT


def test_large_steps_are_told_by_weights_and_batch_with_the_columns_that_words_become(tmp_path, points, experiment_of):
    tables = Tables(TableStore(tmp_path))
    table = tables.store.keep("points.csv", points.to_csv(index=False).encode()).ref
    # Two numbers and three words with one column each; 5 x 100 + 100 and 100 + 1 weights.
    features, layers = {"x0": "number", "x1": "number", "w": "category"}, [{"layer": "Dense", "units": 100}]
    layers.append({"layer": "Dense", "units": 1})
    experiment = experiment_of(table=table, features=features, layers=layers, batch_size=16)
    assert step_work(experiment, 5) == 6 * 701 * 16
    largest = int(LARGE_STEP / (6 * 701))
    for batch, large in ((largest, False), (largest + 1, True)):
        beside = experiment_of(table=table, features=features, layers=layers, batch_size=batch)
        assert has_large_steps(beside, tables) is large
        fold = beside.data.split.model_copy(update={"folds": 4, "fold": 2})
        folded = beside.model_copy(update={"data": beside.data.model_copy(update={"split": fold})})
        assert has_large_steps(folded, tables) is large
        assert has_large_steps(beside, None) is False  # Three features count as three columns: 501 weights.
