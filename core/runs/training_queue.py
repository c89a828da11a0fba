"""The order of trainings, in Dask's scheduler: a worker has one at a time, and those that wait stay with the scheduler.

By itself Dask hands a task over to a worker as soon as there is one that could do it, and there it waits, although
another worker is free meanwhile, or starts a moment later.
"""

import asyncio
import time
from typing import TYPE_CHECKING, Any

from distributed.diagnostics.plugin import SchedulerPlugin

from core.runs.dask_internals import assign_waiting, forgive, offer, waits_in_scheduler
from core.runs.training_workers import trains

if TYPE_CHECKING:
    from distributed import Scheduler
    from distributed.scheduler import WorkerState

_FORGIVEN = ("train", "warm_up")  # What else there is are questions and drawings.


class TrainingQueue(SchedulerPlugin):
    """Of the workers that could take a training, only the first free one by its name offers to: trainings one after
    another go to the same worker, which has their programs compiled.

    Forgets, whenever a training begins, how many workers died under it: one that breaks its worker again and again is
    given up by its journal, which sees whether it gets anywhere. A question or a drawing is given up soon.
    """

    name = "layerdeck-training-queue"
    idempotent = True  # Who attaches later finds it there.

    def __init__(self) -> None:
        self._scheduler: Scheduler | None = None
        self._planned = False
        self._held: set[str] = set()

    async def start(self, scheduler: "Scheduler") -> None:
        """Called by Dask when the plugin is added to a scheduler that runs."""
        self.attach(scheduler)

    def attach(self, scheduler: "Scheduler") -> None:
        """Begins with the workers that are there."""
        self._scheduler = scheduler
        self._offer()

    def hold(self, worker: str) -> None:
        """Hands a worker, by its address, no further training."""
        if worker not in self._held:
            self._held.add(worker)
            self._offer()

    def transition(self, key: Any, start: str, finish: str, *_more: Any, **_others: Any) -> None:
        """Called by Dask after a task's every step."""
        assert self._scheduler is not None
        task = self._scheduler.tasks.get(key)
        if task is None:
            return
        if finish == "processing" and task.prefix is not None and task.prefix.name in _FORGIVEN:
            forgive(task)
        if "processing" in (start, finish) and trains(task.resource_restrictions):
            self._offer()

    def add_worker(self, scheduler: "Scheduler", worker: str) -> None:  # noqa: ARG002
        """Called by Dask before a new worker gets tasks."""
        self._offer()

    def remove_worker(self, scheduler: "Scheduler", worker: str, **_more: Any) -> None:  # noqa: ARG002
        """Called by Dask when a worker is gone, and its tasks have been given up."""
        self._held.discard(worker)
        self._offer()

    def _offer(self) -> None:
        """Has the first free worker of each kind offer to train, and no other; what waits is handed to it when the
        step that is being made is over.
        """
        assert self._scheduler is not None
        if not waits_in_scheduler():
            return
        offered: set[str] = set()
        for worker in sorted(self._scheduler.workers.values(), key=lambda one: (str(one.name), one.address)):
            for resource in trains(worker.resources):
                free = resource not in offered and self._takes(worker)
                offer(self._scheduler, worker, resource, free)
                # One that is paused for its memory may go on unheard, so that it stands in no other's way.
                offered |= {resource} if free and worker.status.name in ("init", "running") else set()
        if not self._planned:
            self._planned = True
            asyncio.get_running_loop().call_soon(self._assign)

    def _assign(self) -> None:
        assert self._scheduler is not None
        self._planned = False
        for worker in list(self._scheduler.workers.values()):
            if trains(worker.resources) and self._takes(worker):
                assign_waiting(self._scheduler, worker, f"{self.name}-{time.time()}")

    def _takes(self, worker: "WorkerState") -> bool:
        """Whether a worker may get a training: it has none, and is not about to leave."""
        leaves = worker.address in self._held or worker.status.name.startswith("clos")
        return not leaves and not any(trains(task.resource_restrictions) for task in worker.processing)
