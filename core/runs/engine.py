"""The server's side of training: hand over, watch, stop, ask. One engine serves all visitors of a process.

engine = Engine(workspace()); engine.start()
run = engine.submit(experiment)
engine.snapshot(run, since=0)     what the page draws
engine.stop(run)                  ends it with the best epoch
engine.predict(run, frame)        predictions, also while something trains; `Questions` has what else is answered
"""

import contextlib
import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.experiment.spec import Experiment, read
from core.runs import cluster, worker
from core.runs.commands import check_order
from core.runs.disk_full import TROUBLE, hand_over, unwritten
from core.runs.journal import Journal, new_run_id, unfinished
from core.runs.opened_store import OpenedStore
from core.runs.ownership import EngineLock, Owners
from core.runs.requests import Questions
from core.runs.run_state import LiveRun
from core.runs.training_tasks import TrainingTasks
from core.runs.training_workers import NO_WORKERS, all_alike, has_large_steps, queue_trainings, workers_of
from core.runs.worker_client import NotReady, arrived, submit_question
from core.tables.situation import Tables

if TYPE_CHECKING:
    from distributed import Client

    from core.runs.mlflow_store import Store

log = logging.getLogger(__name__)
_LOOK = 0.5  # Seconds between two looks at whether the cluster is alive.
_TRIES = 3  # To start a cluster: a machine may be busy.
_KEPT = 50  # Ended runs that stay in memory; older ones are read again.
_LEFT = "The worker ended before the training did. Resume continues from the last saved epoch."


class Engine(Questions):
    """Attaches to a scheduler and its workers, hands trainings over, and reads what becomes of them.

    Args:
        workspace: Where runs are kept.
        tables: Tell how many input columns a network has, and so how large its steps are; without them each feature
            counts as one.
    """

    def __init__(self, workspace: Path, tables: Tables | None = None) -> None:
        super().__init__(workspace)
        self._tables, self._workers, self._alike = tables, 1, True
        self._runs: dict[str, LiveRun] = {}
        self._tasks = TrainingTasks(workspace, self._end, self._unshared)
        self._unrecorded: list[LiveRun] = []
        self._ours: set[str] = set()  # Runs that this engine hands over; others of the workspace are only watched.
        self._owners, self._life = Owners(workspace), EngineLock(workspace)
        self._lock = threading.RLock()
        self._record = OpenedStore(workspace)
        self._owner, self._address = "", ""  # Id and address of the scheduler.
        self._started, self._closing, self._asked = False, threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._serve, name="engine", daemon=True)

    def start(self) -> None:
        """Begins in the background, the first time it is called: the page does not wait for the worker."""
        with self._lock:
            if self._started or self._closing.is_set():
                return
            self._started = True
        self._thread.start()

    def _serve(self) -> None:
        """Attaches to the cluster, and to another one whenever it is gone."""
        failures = 0
        while not self._closing.is_set():
            try:
                self._attach(cluster.attach(self.workspace))
                failures = 0
            except Exception as error:
                lost = self._client is not None and not self._reachable()
                self._detach()
                failures += not lost  # One that was lost while it was attached to is replaced by another one.
                if failures == _TRIES and not self._closing.is_set():
                    log.exception("the worker could not be started")
                    self._give_up(f"The worker could not be started: {error}")
                    failures = 0
                self._closing.wait(_LOOK)
                continue
            self._open_store()
            self._record_ends()
            while not self._closing.wait(_LOOK) and self._reachable():
                if self._alike and self._client is not None:
                    with contextlib.suppress(OSError):
                        self._see_to_workers(self._client)
                        self._unshared.catch_up(self._client)
                self._open_store()
                self._see_to_others()
                self._record_ends()
            self._detach()

    def _reachable(self) -> bool:
        there = self._client is not None and self._client.status == "running"
        return there and (bool(cluster.external_address()) or cluster.alive(self.workspace))

    def _attach(self, client: "Client") -> None:
        with self._lock:
            self._client = client
            scheduler = client.scheduler_info()
            self._owner, self._address = scheduler["id"], scheduler["address"]
        client.subscribe_topic(TROUBLE, self._hear_of_trouble)
        self._alike = all_alike(client)
        warmed = submit_question(client, worker.warm_up, str(self.workspace), retries=3)
        while not warmed.done() and client.status == "running" and not self._closing.wait(_LOOK / 10):
            self._see_to_workers(client)
        arrived(warmed, lambda: client.status == "running" and not self._closing.is_set())
        self._see_to_workers(client)
        if self._alike:
            queue_trainings(client)
            self._unshared.attach(client, self._life)
        self._take_over()
        with self._lock:
            self.warm.set()
            for run in self.active():
                if run.id in self._ours:
                    self._hand_over(run)

    def _see_to_workers(self, client: "Client") -> None:
        """Counts the workers, which come and go where they are other people's. Runs that wait for none say so."""
        self._workers = max(1, count := workers_of(client))
        for run in self.active():
            if run.id in self._ours and run.state == "queued":
                run.trouble = "" if count else NO_WORKERS

    def _detach(self) -> None:
        """Leaves the cluster: its trainings go on, if it is alive."""
        with self._lock:
            client, self._client = self._client, None
            self._tasks.forget()
            self.warm.clear()
        if client is not None:
            with contextlib.suppress(Exception):  # It may be gone already.
                client.close(timeout=2)

    def _give_up(self, trouble: str) -> None:
        """Fails what waits, and waits until somebody trains: then the worker is started again."""
        with self._lock:
            self.trouble = trouble
            for run in self.active():
                run.take({"state": "failed", "says": trouble})
        self._record.refuse(trouble)
        self._asked.wait()
        self._asked.clear()

    def _open_store(self) -> None:
        """Opens the record of runs, or tries again: a person may have mended its file meanwhile."""
        self._record.open(self._end_of)

    def _end_of(self, run: str) -> dict[str, Any] | None:
        """The end of a run whose process ended before the record heard of it; None while it goes on."""
        journal = self._journal(run)
        if not journal.over() and self._owners.live(journal, self._owner):
            return None
        return {"state": "interrupted", "says": _LEFT, **journal.end()}

    def _unrecorded_why(self) -> str:
        """Why the record of runs is not open; "" when it is, or when it is being opened for the first time."""
        return "" if self.trouble else self._record.trouble

    def _take_over(self) -> None:
        """Finds the runs that are not over; those of this scheduler go on."""
        for journal in unfinished(self.workspace):
            with contextlib.suppress(LookupError):  # Its files are damaged.
                self.find(journal.run)
        self._see_to_others()

    def _see_to_others(self) -> None:
        """Runs of others go on as long as an owner of theirs lives; then they are interrupted, or ours if our scheduler
        has them.
        """
        others = [run for run in self.active() if run.id not in self._ours]
        for run in others:
            journal = self._journal(run.id)
            try:
                noted = journal.submitted()
            except LookupError:  # Its folder has just been deleted.
                continue
            if noted["owner"] == self._owner and not self._owners.engine_lives(noted):
                with self._lock:
                    self._begin(run)
            elif self._record.tried and not self._owners.live(journal, self._owner):
                # May ask another scheduler; asked again below, that answer still holds.
                self._interrupt(run, journal)

    def _interrupt(self, run: LiveRun, journal: Journal) -> None:
        end = self._record.end_of(run.id)  # The journal was damaged, or all was killed before its last line.
        with self._lock:  # A run that a person goes on with at this moment is ours in the next.
            if run.id in self._ours or journal.over() or self._owners.live(journal, self._owner):
                return
            with contextlib.suppress(OSError):
                journal.say(end or {"state": "interrupted", "says": _LEFT})
                self._unrecorded += [] if end else [run]

    def _record_ends(self) -> None:
        """Enters the runs that were interrupted into the record of runs, also those that had not begun."""
        while self._unrecorded and not self._unrecorded_why():
            run = self._unrecorded.pop()
            try:
                (store := self.store()).begin(run.id, read(run.experiment))
                store.finish(run.id, "interrupted", _LEFT, epochs=run.epoch)
            except Exception:  # It stays interrupted in its journal; the next start tries again.
                log.exception("run %s could not be entered into the record of runs", run.id)

    def close(self) -> None:
        """Leaves scheduler and worker, which end by themselves when no training is left."""
        self._closing.set()
        self._asked.set()
        if self._started:
            self._thread.join(10)
        self._detach()
        self._own.close()
        self._life.release()

    def submit(self, experiment: Experiment, visitor: str = "", run_id: str = "", **noted: str) -> str:
        """Queues a training; its id, a new one unless one is given. It starts when the worker is warm and the runs
        before it are over; of several visitors' queues each is served in turn. What else is to be known of it is
        `noted` in its journal. Raises NotReady when the workspace or the record of runs cannot be written.
        """
        if why := self._unrecorded_why():
            raise NotReady(why)
        journal, large = self._journal(run_id or new_run_id()), int(has_large_steps(experiment, self._tables))
        with self._lock:
            self._forget_old()
            priority = -sum(run.visitor == visitor for run in self.active())
            try:
                owner = self._ownership() if self.warm.is_set() else {"engine": self._life.hold()}
                known: dict[str, Any] = {"visitor": visitor, "priority": priority, "large": large, **noted}
                journal.begin(experiment.text(), **known, **owner)
            except OSError as error:
                raise NotReady(
                    f"Could not write the run to the workspace: {error.strerror}. Free some space, or check "
                    "the folder's permissions."
                ) from error
            run = self._runs[journal.run] = LiveRun.of(journal)
            self._begin(run)
        return run.id

    def resume(self, run_id: str) -> None:
        """Goes on with a run that was interrupted or failed, from the last epoch that was kept. Raises LookupError,
        NotReady.
        """
        if why := self._unrecorded_why():
            raise NotReady(why)
        journal = self._journal(run_id)
        run = self._runs.get(run_id) or LiveRun.of(journal)
        with self._lock:
            run.refresh()
            if not run.resumable or journal.worked_on():
                return
            try:
                # Of an earlier version's run it is not noted.
                run.large = bool(journal.submitted().get("large", has_large_steps(read(run.experiment), self._tables)))
                journal.adopt("", engine=self._life.hold(), large=int(run.large))
                journal.order({"do": "continue"})
                journal.say({"state": "queued"})
            except OSError as error:
                raise NotReady(f"Could not write the run to the workspace: {error.strerror}.") from error
            run.refresh()
            self._runs[run_id] = run
            self._begin(run)

    def _ownership(self) -> dict[str, str]:
        """What a run notes of its owners: the scheduler's id and address, and the lock file of this engine."""
        return {"owner": self._owner, "address": self._address, "engine": self._life.hold()}

    def _begin(self, run: LiveRun) -> None:
        self._ours.add(run.id)
        if self.trouble:  # A person may have mended it, or the machine was busy.
            self.trouble = ""
            self._record.allow()
            self._asked.set()
        if self.warm.is_set():
            self._hand_over(run)
        else:
            run.says = "TensorFlow is starting"

    def _hand_over(self, run: LiveRun) -> None:
        """Gives a run to the scheduler; one that it has already is only listened to."""
        assert self._client is not None
        run.says = "" if run.state == "queued" else run.says
        # On a full disk it stays with whom it was submitted to; it trains all the same.
        with contextlib.suppress(OSError):
            self._journal(run.id).adopt(**self._ownership())
        self._tasks.hand_over(self._client, run)

    def _end(self, run: LiveRun, end: dict[str, Any]) -> None:
        """Notes a run's end in its journal; on a full disk in memory alone."""
        try:
            self._journal(run.id).say(end)
            run.refresh()
        except OSError:
            run.take(end)

    def _hear_of_trouble(self, event: tuple[float, dict[str, str]]) -> None:
        """Called by the client when a training cannot write its journal."""
        if run := self._runs.get(event[1]["run"]):
            run.trouble = event[1]["says"]

    def _forget_old(self) -> None:
        for run_id in [run.id for run in self._runs.values() if run.over][:-_KEPT]:
            del self._runs[run_id]
            self._ours.discard(run_id)

    def stop(self, run_id: str, keep: str = "best") -> None:
        """Ends a run with its "best" or "last" epoch, or "nothing"; one that still waits is taken out of the queue.
        Raises NotReady.
        """
        with self._lock:
            run = self.run(run_id)
            if run is None or run.over:
                return
            waits = run.state == "queued" and not self._journal(run_id).worked_on()
            self._order(run, {"do": "discard"} if keep == "nothing" else {"do": "stop", "keep": keep}, waits)
            if waits:
                self._tasks.cancel(self._client, run_id)
                self._end(run, {"state": "stopped", "says": "Removed from the queue before it started."})
            else:
                run.state = "stopping"

    def steer(self, run_id: str, order: dict[str, Any]) -> None:
        """Pauses a run, lets it go on, gives it more epochs or another learning rate: an order of `core.runs.commands`.
        Raises ValueError with a sentence for what cannot be ordered, NotReady.
        """
        with self._lock:
            run = self.run(run_id)
            if run is None or run.over:
                raise ValueError("This run has ended.")
            check_order(order, read(run.experiment), run.total)
            self._order(run, order)

    def _order(self, run: LiveRun, order: dict[str, Any], waits: bool = False) -> None:
        """Writes an order to the run's journal, or gives it to the worker where that is full; one that only `waits`
        needs none.
        """
        order = {**order, "epoch": run.epoch}
        try:
            self._journal(run.id).order(order)
            if self._unshared.needed and self._client is not None:
                self._unshared.send_orders(self._client, run.id)
        except OSError as error:
            there = self._client is not None and self.warm.is_set()
            if not waits and not (there and hand_over(self._client, run.id, order)):
                raise NotReady(f"The command could not be sent. {unwritten(error)}") from error

    def run(self, run_id: str) -> LiveRun | None:
        """A run that is in memory."""
        if run := self._runs.get(run_id):
            run.refresh()
        return run

    def _own_run(self, run_id: str) -> LiveRun | None:
        return self.run(run_id) if run_id in self._ours else None

    def find(self, run_id: str) -> LiveRun:
        """A run, from memory or from its journal. Raises NoSuchRun or NotReady (LookupError, RuntimeError)."""
        if known := self.run(run_id):
            return known
        run = LiveRun.of(self._journal(run_id))
        with self._lock:
            return self._runs.setdefault(run_id, run)

    def active(self) -> list[LiveRun]:
        """The runs that are not over, in the order in which it is their turn."""
        for run in (runs := list(self._runs.values())):
            run.refresh()
        return sorted((run for run in runs if not run.over), key=lambda run: (run.state == "queued", -run.priority))

    def snapshot(self, run_id: str, since: int = 0) -> dict[str, Any]:
        """What the page draws: state and the epochs after `since`. Raises as `find` does."""
        return (run := self.find(run_id)).snapshot(since, self._ahead(run) if run.state == "queued" else 0)

    def _ahead(self, run: LiveRun) -> int:
        """How many trainings end before a run begins that waits."""
        together = self._alike or self._workers == 1  # Else large networks have a worker of their own.
        active = [one for one in self.active() if together or one.large == run.large]
        workers = 1 if run.large and not together else self._workers
        return max(0, active.index(run) + 1 - workers) if run in active else 0

    def workers(self) -> int:
        """How many trainings go on at a time; those of large networks one after another where the cluster is ours."""
        return self._workers

    @property
    def opening(self) -> bool:
        """Whether the record of runs is still being opened for the first time."""
        return not self._record.tried

    def store(self, timeout: float = 60) -> "Store":
        """The record of runs; waits until it is open. Raises NotReady."""
        return self._record.get(timeout)
