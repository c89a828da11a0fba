"""The worker processes of a cluster: the first one from the beginning, further ones while trainings wait for them."""

import asyncio
import logging
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from distributed import Nanny

from core.runs.training_workers import first_worker, further_worker, small
from core.runs.worker_memory import WorkerMemory

if TYPE_CHECKING:
    from distributed import Scheduler

    from core.runs.training_queue import TrainingQueue

log = logging.getLogger(__name__)
_PATIENCE = 60.0  # Seconds for a worker to be replaced.
_IDLE = 300.0  # Seconds without a training after which a further worker ends, all but one of them.
_WAITING = {"no-worker", "queued", "processing"}


class WorkerPool:
    """Starts workers and ends them; one that dies is replaced by its nanny, and so is one that holds too much memory.

    Args:
        scheduler: Whose workers they are.
        queue: Which hands trainings to them.
        workers: How many may train at a time; above 1 there is one more, which answers questions and trains large
            networks.
        options: Of every worker, as Nanny takes them.
    """

    def __init__(self, scheduler: "Scheduler", queue: "TrainingQueue", workers: int, options: dict[str, Any]) -> None:
        self._scheduler, self._queue, self._options = scheduler, queue, options
        self._most = workers if workers > 1 else 0
        self._memory = WorkerMemory(1 + self._most)
        self._first: Nanny | None = None
        self._further: dict[int, Nanny] = {}
        self._used: dict[int, float] = {}  # Number of a further worker -> when it was last seen with a task.
        self._change: asyncio.Task[None] | None = None  # The one that starts, or that ends.
        self._life = AsyncExitStack()

    async def __aenter__(self) -> "WorkerPool":
        """Starts the first worker, and beside it the first of those for small networks, where there may be any."""
        self._scheduler.add_plugin(self._memory)
        if self._most:
            self._change = asyncio.create_task(self._start(1))
        self._first = await self._life.enter_async_context(self._nanny(first_worker(self._most or 1)))
        return self

    async def __aexit__(self, *error: Any) -> None:
        """Ends all of them."""
        if self._change is not None:
            await asyncio.wait([self._change])
        for nanny in self._further.values():
            self._life.push_async_exit(nanny)
        await self._life.aclose()

    def look(self) -> None:
        """Starts another worker where a training waits for one, ends one that had none for a while, replaces one that
        holds too much memory; called often.
        """
        now = time.monotonic()
        for number, nanny in self._further.items():
            worker = self._scheduler.workers.get(nanny.worker_address or "")
            if worker is None or worker.processing:
                self._used[number] = now
        if self._change is not None and not self._change.done():
            return
        waiting = sum(
            task.state in _WAITING and small(task.resource_restrictions) for task in self._scheduler.tasks.values()
        )
        if waiting > len(self._further) < self._most:
            self._change = asyncio.create_task(self._start(min(set(range(1, self._most + 1)) - set(self._further))))
        elif len(self._further) > 1 and now - self._used[last := max(self._further)] >= _IDLE:
            self._change = asyncio.create_task(self._end(last))
        elif nanny := self._full():
            self._change = asyncio.create_task(self._replace(nanny))

    def _full(self) -> Nanny | None:
        """The nanny of a worker that is to be replaced and has nothing to do; those that have something get no further
        training.
        """
        for nanny in filter(None, (self._first, *self._further.values())):
            worker = self._scheduler.workers.get(nanny.worker_address or "")
            if worker is not None and self._memory.full(worker):
                self._queue.hold(worker.address)
                if not worker.processing and not worker.has_what:
                    return nanny
        return None

    def _nanny(self, more: dict[str, Any]) -> Nanny:
        return Nanny(self._scheduler.address, **{**self._options, **more})

    async def _start(self, number: int) -> None:
        try:
            self._further[number] = await self._nanny(further_worker(number))
            self._used[number] = time.monotonic()
        except Exception:  # For lack of memory or processes: those that are there go on.
            log.exception("a further worker could not be started")
            self._most = max(len(self._further), 1)

    async def _end(self, number: int) -> None:
        nanny = self._further.pop(number)
        del self._used[number]
        try:
            if nanny.worker_address:
                await self._scheduler.retire_workers(workers=[nanny.worker_address], close_workers=True)
        finally:
            await nanny.close()

    async def _replace(self, nanny: Nanny) -> None:
        # Taken off the scheduler's list before anything else happens: a task that comes now waits for the new one.
        address = nanny.worker_address or ""
        await self._scheduler.remove_worker(address, stimulus_id=f"memory-{time.time()}", expected=True, close=False)
        if await nanny.restart(timeout=_PATIENCE) != "OK":
            log.error("a worker that held too much memory could not be replaced")
