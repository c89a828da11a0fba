"""The tasks of a cluster that train runs, as an engine hands them over and listens to their ends."""

import contextlib
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from core.runs import worker
from core.runs.cleaning import discarded, remove
from core.runs.disk_full import unwritten
from core.runs.journal import MOST_ATTEMPTS, Journal
from core.runs.run_state import LiveRun
from core.runs.training_workers import all_alike, resources_of_training
from core.runs.unshared_runs import UnsharedRuns
from core.runs.unshared_training import UNSEEN, Parcel, ReturnedRun

if TYPE_CHECKING:
    from distributed import Client, Future

log = logging.getLogger(__name__)
_MOST_SENDINGS = 5  # Of a table, which a worker that has just come to the cluster does not have.
_NO_TABLE = "A worker of the cluster could not store the table of this run: check the free space of its workspace."


class TrainingTasks:
    """Trainings that were handed over and whose ends were not heard of yet.

    Args:
        workspace: Where runs are kept.
        end: Called with a run and its last event where its journal does not have it.
        runs: Sends runs to workers that do not see the workspace, and keeps their outcomes.
    """

    def __init__(self, workspace: Path, end: Callable[[LiveRun, dict[str, Any]], None], runs: UnsharedRuns) -> None:
        self._workspace, self._end, self._runs = workspace, end, runs
        self._futures: dict[str, Future] = {}
        self._parcels: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._sender: threading.Thread | None = None

    def hand_over(self, client: "Client", run: LiveRun, attempt: int = 1) -> None:
        """Gives a run to the scheduler; one that it has already is only listened to. A run with a parcel is given by a
        thread, one after another: a large table takes its time, and no one waits for it.
        """
        if not self._runs.needed:
            self._submit(client, run, attempt, None)
            return
        self._parcels.put(lambda: self._send(client, run, attempt))
        if self._sender is None:
            self._sender = threading.Thread(target=self._send_all, daemon=True, name="parcels")
            self._sender.start()

    def _send_all(self) -> None:
        while True:
            try:
                self._parcels.get()()
            except Exception:  # The cluster is gone: whoever attaches to another one hands the run over again.
                log.exception("a run could not be handed over")

    def _send(self, client: "Client", run: LiveRun, attempt: int) -> None:
        if client.status != "running" or run.over:  # It was taken out of the queue meanwhile.
            return
        try:
            parcel = self._runs.parcel(client, run)
        except OSError as error:
            self._end(run, {"state": "failed", "says": f"The run could not be sent to a worker. {unwritten(error)}"})
            return
        run.refresh()
        if not run.over:
            self._submit(client, run, attempt, parcel)

    def _submit(self, client: "Client", run: LiveRun, attempt: int, parcel: Parcel | None) -> None:
        from distributed import fire_and_forget

        future = client.submit(
            worker.train,
            run.id,
            str(self._workspace),
            parcel,
            key=f"train-{run.id}-{run.turns}-{attempt}",
            resources=resources_of_training(run.large, all_alike(client)),
            priority=run.priority,
        )
        # It goes on when this process ends; its outcome, where that is not in the workspace, waits for the next one.
        if parcel is None:
            fire_and_forget(future)
        else:
            client.publish_dataset(future, name=future.key, override=True)
        self._futures[run.id] = future
        future.add_done_callback(lambda done: self._over(client, run, done, attempt))

    def cancel(self, client: "Client | None", run: str) -> None:
        """Takes a run out of the scheduler's queue."""
        future = self._futures.pop(run, None)
        if future is not None and client is not None:
            client.cancel([future], force=True)
            self._unpublish(client, future)

    def _unpublish(self, client: "Client", future: "Future") -> None:
        """Has the scheduler forget an outcome."""
        if self._runs.needed:
            with contextlib.suppress(Exception):  # It was not published, or the scheduler is gone.
                client.unpublish_dataset(future.key)

    def forget(self) -> None:
        """Listens to none of them any more."""
        self._futures.clear()

    def _over(self, client: "Client", run: LiveRun, future: "Future", attempt: int) -> None:
        """The journal tells the end; this is for a worker whose words did not get there."""
        if future.status not in ("finished", "error"):
            return  # Taken out of the queue, or the cluster is gone: then another one takes it over.
        self._futures.pop(run.id, None)
        run.refresh()
        if run.over:
            # Its epochs stay in memory for a while: they may be drawn behind others.
            if discarded(journal := Journal(self._workspace, run.id)):
                remove(journal)
        elif end := self._rest(client, run, future, attempt):
            self._end(run, end)
        self._unpublish(client, future)

    def _rest(self, client: "Client", run: LiveRun, future: "Future", attempt: int) -> dict[str, Any] | None:
        """What is left to be said of a run whose task has ended: its last event; None where it is kept, or handed over
        once more.
        """
        from distributed import KilledWorker

        if future.status == "error":
            error = future.exception()
            # A cluster of other people's has less patience than ours.
            if isinstance(error, KilledWorker) and attempt < MOST_ATTEMPTS:
                with contextlib.suppress(Exception):  # Without its client whoever attaches next takes it over.
                    self.hand_over(client, run, attempt + 1)
                return None
            log.error("run %s: %r", run.id, error)
            return {"state": "failed", "says": f"The training failed: {error}"}
        result = future.result()
        if isinstance(result, ReturnedRun):
            try:
                self._runs.keep(client, run, result)
            except Exception as error:  # The record of runs or the disk.
                log.exception("run %s could not be kept", run.id)
                return {"state": "failed", "says": f"Could not save the result: {error}"}
            return None
        if result["state"] != UNSEEN:
            return dict(result)
        if attempt >= _MOST_SENDINGS:
            return {"state": "failed", "says": _NO_TABLE}
        self._runs.needed = True
        self.hand_over(client, run, attempt + 1)
        return None
