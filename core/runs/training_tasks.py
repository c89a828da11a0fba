"""The tasks of a cluster that train runs, as an engine hands them over and listens to their ends."""

import contextlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.runs import worker
from core.runs.cleaning import discarded, remove
from core.runs.journal import MOST_ATTEMPTS, Journal
from core.runs.run_state import LiveRun
from core.runs.training_workers import all_alike, resources_of_training

if TYPE_CHECKING:
    from distributed import Client, Future

log = logging.getLogger(__name__)


class TrainingTasks:
    """Trainings that were handed over and whose ends were not heard of yet.

    Args:
        workspace: Where runs are kept.
        end: Called with a run and its last event where its journal does not have it.
    """

    def __init__(self, workspace: Path, end: Callable[[LiveRun, dict[str, Any]], None]) -> None:
        self._workspace, self._end = workspace, end
        self._futures: dict[str, Future] = {}

    def hand_over(self, client: "Client", run: LiveRun, attempt: int = 1) -> None:
        """Gives a run to the scheduler; one that it has already is only listened to."""
        from distributed import fire_and_forget

        future = client.submit(
            worker.train,
            run.id,
            str(self._workspace),
            key=f"train-{run.id}-{run.turns}-{attempt}",
            resources=resources_of_training(run.large, all_alike(client)),
            priority=run.priority,
        )
        fire_and_forget(future)  # It goes on when this process ends.
        self._futures[run.id] = future
        future.add_done_callback(lambda done: self._over(client, run, done, attempt))

    def cancel(self, client: "Client | None", run: str) -> None:
        """Takes a run out of the scheduler's queue."""
        future = self._futures.pop(run, None)
        if future is not None and client is not None:
            client.cancel([future], force=True)

    def forget(self) -> None:
        """Listens to none of them any more."""
        self._futures.clear()

    def _over(self, client: "Client", run: LiveRun, future: "Future", attempt: int) -> None:
        """The journal tells the end; this is for a worker whose words did not get there."""
        from distributed import KilledWorker

        if future.status not in ("finished", "error"):
            return  # Taken out of the queue, or the cluster is gone: then another one takes it over.
        self._futures.pop(run.id, None)
        run.refresh()
        if run.over:
            # Its epochs stay in memory for a while: they may be drawn behind others.
            if discarded(journal := Journal(self._workspace, run.id)):
                remove(journal)
            return
        if future.status == "finished":
            end = future.result()
        else:
            error = future.exception()
            # A cluster of other people's has less patience than ours.
            if isinstance(error, KilledWorker) and attempt < MOST_ATTEMPTS:
                with contextlib.suppress(Exception):  # Without its client whoever attaches next takes it over.
                    self.hand_over(client, run, attempt + 1)
                return
            log.error("run %s: %r", run.id, error)
            end = {"state": "failed", "says": f"The training failed: {error}"}
        self._end(run, end)
