"""How much memory a worker may hold before it is replaced by a new one, forked from the same process.

XLA keeps every program that it compiled for as long as its process lives, about 20 to 30 MB for each different network,
and nothing that TensorFlow offers gives it back: a search of a thousand networks would take the whole machine. So a
worker that has grown above a limit gets no further training, and ends when it has nothing to do. What is lost are its
compiled programs and the tables that it had prepared, a second or two of the next training.
"""

import os
from collections import Counter
from typing import Any

from distributed.diagnostics.plugin import SchedulerPlugin
from distributed.scheduler import WorkerState
from distributed.system import MEMORY_LIMIT

_USUAL = 1500.0  # Megabytes, of which about 500 are shared with the process that it was forked from.
_LEAST = 900.0
_SHARE = 0.6  # Of the machine's memory, for all workers together.
_TASKS = 10  # A worker does at least so many before it is replaced.
_GROWTH = 1.5  # Of its memory after those: a large table fills a new worker as it did the old one.


def named_limit() -> float:
    """Bytes by `LAYERDECK_WORKER_MEMORY`, in megabytes; 0 where it names none."""
    try:
        return 1e6 * max(0.0, float(os.environ.get("LAYERDECK_WORKER_MEMORY", "0")))
    except ValueError:
        return 0.0


def usual_limit(workers: int, machine: float) -> float:
    """Bytes that each of so many workers may hold, shared pages included, of a machine's bytes."""
    return max(_LEAST * 1e6, min(_USUAL * 1e6, _SHARE * machine / workers))


class WorkerMemory(SchedulerPlugin):
    """Counts the tasks of each worker, and compares its memory, as its last heartbeat said, with the limit.

    Args:
        workers: How many there may be.
    """

    name = "layerdeck-worker-memory"

    def __init__(self, workers: int) -> None:
        self._usual = usual_limit(workers, MEMORY_LIMIT)
        self._tasks: Counter[str] = Counter()
        self._begun_with: dict[str, int] = {}  # Worker -> its bytes after its first tasks.

    def transition(self, key: Any, start: str, finish: str, *_more: Any, worker: str = "", **_others: Any) -> None:  # noqa: ARG002
        """Called by Dask after a task's every step."""
        if start == "processing" and finish in ("memory", "erred") and worker:
            self._tasks[worker] += 1

    def remove_worker(self, scheduler: Any, worker: str, **_more: Any) -> None:  # noqa: ARG002
        """Called by Dask when a worker is gone."""
        self._tasks.pop(worker, None)
        self._begun_with.pop(worker, None)

    def full(self, worker: WorkerState) -> bool:
        """Whether a worker is to be replaced as soon as it has nothing to do."""
        if self._tasks[worker.address] < _TASKS:
            return False
        held = worker.memory.process
        usual = max(self._usual, _GROWTH * self._begun_with.setdefault(worker.address, held))
        return held > (named_limit() or usual)
