"""The worker processes of a cluster: the first one from the beginning, further ones while trainings wait for them."""

import asyncio
import logging
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from distributed import Nanny

from core.runs.training_workers import first_worker, further_worker, small

if TYPE_CHECKING:
    from distributed import Scheduler

log = logging.getLogger(__name__)
_IDLE = 300.0  # Seconds without a training after which a further worker ends, all but one of them.
_WAITING = {"no-worker", "queued", "processing"}


class WorkerPool:
    """Starts workers and ends them; one that dies is replaced by its nanny.

    Args:
        scheduler: Whose workers they are.
        workers: How many may train at a time; above 1 there is one more, which answers questions and trains large
            networks.
        options: Of every worker, as Nanny takes them.
    """

    def __init__(self, scheduler: "Scheduler", workers: int, options: dict[str, Any]) -> None:
        self._scheduler, self._most, self._options = scheduler, workers if workers > 1 else 0, options
        self._further: dict[int, Nanny] = {}
        self._used: dict[int, float] = {}  # Number of a further worker -> when it was last seen with a task.
        self._change: asyncio.Task[None] | None = None  # The one that starts, or that ends.
        self._life = AsyncExitStack()

    async def __aenter__(self) -> "WorkerPool":
        """Starts the first worker, and beside it the first of those for small networks, where there may be any."""
        if self._most:
            self._change = asyncio.create_task(self._start(1))
        await self._life.enter_async_context(self._nanny(first_worker(self._most or 1)))
        return self

    async def __aexit__(self, *error: Any) -> None:
        """Ends all of them."""
        if self._change is not None:
            await asyncio.wait([self._change])
        for nanny in self._further.values():
            self._life.push_async_exit(nanny)
        await self._life.aclose()

    def look(self) -> None:
        """Starts another worker where a training waits for one, or ends one that had none for a while; called often."""
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
