"""The engine's side of runs on workers that do not see the workspace: what is sent, heard and kept."""

import contextlib
import errno
import logging
import os
import re
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.experiment.fork import INITIAL
from core.experiment.spec import Data, read
from core.model.weight_history import WEIGHTS
from core.runs.all_workers import ask_workers
from core.runs.cleaning import discarded, remove
from core.runs.fork_weights import initial_weights
from core.runs.journal import ENDED, Journal
from core.runs.ownership import EngineLock
from core.runs.run_state import LiveRun
from core.runs.scheduler_files import forget, kept_at
from core.runs.sent_checkpoints import STATE, put_sent, take_sent
from core.runs.sent_scenes import HeardScenes, forget_scenes
from core.runs.unshared_training import (
    EVENTS,
    METADATA,
    Parcel,
    ReturnedRun,
    events_of_copy,
    forget_copy,
    lacking_tables,
    receive_orders,
    receive_tables,
    versions,
)
from core.runs.worker import sees
from core.tables.errors import TableError
from core.tables.sources import TableStore
from core.workspace import write_whole

if TYPE_CHECKING:
    from distributed import Client

    from core.runs.mlflow_store import Store

log = logging.getLogger(__name__)
_SECONDS, _LEAST_RATE = 10.0, 1e6  # For a table: so many seconds, and a second for so many bytes.
_PAUSE = 2.0  # Seconds between two looks for new checkpoints.
_SENT = ("submitted.json", "events.jsonl", "checkpoint.npz", INITIAL, WEIGHTS)
_KEPT = re.compile(r"(plugins/)?\w+\.(json|py|npz|keras)")  # Names of a run's files.


class UnsharedRuns:
    """Runs of the workspace that are trained by workers with workspaces of their own.

    Args:
        workspace: Where runs are kept.
        run: Gives a run of this engine by its id; None for others.
        store: Gives the record of runs.

    Attributes:
        needed: Whether a worker does not see the workspace.
    """

    def __init__(self, workspace: Path, run: Callable[[str], LiveRun | None], store: Callable[[], "Store"]) -> None:
        self._workspace, self._run, self._store = workspace, run, store
        self._tables, self._sending = TableStore(workspace), threading.Lock()
        self._scenes = HeardScenes(workspace)
        self.needed = False
        self._next = 0.0
        self._keeper: threading.Thread | None = None
        self._kept: dict[str, float] = {}  # Run on its way -> when the checkpoint was sent that is in its folder.
        self._missed: set[str] = set()  # Runs of which an event was not heard.
        self._begun: set[str] = set()  # Runs that the record may not have.
        self._writing, self._recording = threading.RLock(), threading.RLock()

    def attach(self, client: "Client", engine: EngineLock) -> None:
        """Writes to the journals what the workers tell from now on; asks whether each of them sees the workspace, in
        which the engine holds its lock.
        """
        client.subscribe_topic(EVENTS, self._hear)
        try:
            lock = f"engines/{engine.hold()}.lock"
        except OSError:  # The disk is full: a worker says itself that it does not see a run.
            return
        answers = ask_workers(client, sees, str(self._workspace), lock)
        self.needed = not all(answers.values())

    def catch_up(self, client: "Client") -> None:
        """Asks the workers for what was told while nobody listened, enters runs that have begun into the record, and
        keeps their checkpoints.
        """
        begun, self._begun = self._begun, set()
        for run in filter(None, map(self._run, begun)):
            with contextlib.suppress(Exception):  # It is entered with its outcome.
                self._record(run)
        missed, self._missed = self._missed, set()
        for run_id in missed:
            for events in ask_workers(client, events_of_copy, run_id).values():
                self._write(run_id, events)
        if time.monotonic() >= self._next and not (self._keeper and self._keeper.is_alive()):
            self._next = time.monotonic() + _PAUSE
            # A large state takes its time, and no one waits for it.
            self._keeper = threading.Thread(target=self._keep_checkpoints, args=(client,), daemon=True)
            self._keeper.start()

    def _keep_checkpoints(self, client: "Client") -> None:
        for run in filter(None, map(self._run, list(self._kept))):
            if run.rows and not run.over and client.status == "running":
                self._keep_checkpoint(client, run)

    def parcel(self, client: "Client", run: LiveRun) -> Parcel:
        """What a worker needs of a run, as far as it has come here; each worker gets the files of its tables. Raises
        OSError.
        """
        journal, experiment = Journal(self._workspace, run.id), read(run.experiment)
        initial_weights(journal, experiment)  # Of another run: now they are a file of this one's.
        files = {name: (journal.folder / name).read_bytes() for name in _SENT if (journal.folder / name).exists()}
        tables = self._table_files(experiment.data)
        self._send_tables(client, tables)
        self._kept.setdefault(run.id, 0.0)
        return Parcel(run.turns, files, journal.orders().fresh(), tuple(path.name for path in tables), versions())

    def send_orders(self, client: "Client", run: str) -> None:
        """Gives the worker that trains a run all its orders, and notes them for the one that begins it again."""
        orders = Journal(self._workspace, run).orders().fresh()
        client.set_metadata([METADATA, run, "orders"], orders)
        # All orders each time, so that it does not matter which of two threads is first.
        threading.Thread(target=ask_workers, args=(client, receive_orders, run, orders), daemon=True).start()

    def watch(self, client: "Client", run: str) -> None:
        """Someone looks at a run that goes on: what is drawn of it comes here for some seconds."""
        if self.needed and run in self._kept:
            self._scenes.watch(client, run)

    def keep(self, client: "Client", run: LiveRun, outcome: ReturnedRun) -> None:
        """Puts the outcome of a run into the workspace: weights, record, files, and at last the end of its journal.
        Raises ValueError for what is none, StoreBroken.
        """
        from core.runs.run_training import patiently

        if outcome.end["state"] not in ENDED or not all(map(_KEPT.fullmatch, outcome.files)):
            raise ValueError("the worker returned something else than a run")
        patiently(lambda: self._keep(run, outcome))
        with contextlib.suppress(Exception):  # A worker may be gone, and its copy with it.
            client.set_metadata([METADATA, run.id], {})
            forget(client, run.id)
            forget_scenes(client, run.id)
            ask_workers(client, forget_copy, run.id)

    def _keep(self, run: LiveRun, outcome: ReturnedRun) -> None:
        journal, store = Journal(self._workspace, run.id), self._store()
        epochs = [(number, values) for event in outcome.events for number, values in event.get("epochs", ())]
        with self._writing:
            run.refresh()
            if epochs and epochs[-1][0] > run.epoch:
                self._write(run.id, outcome.events)
                run.refresh()
                if epochs[-1][0] > run.epoch:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        with self._recording:
            self._record(run)
            recorded = store.last_epoch(run.id)
            store.log_epochs(run.id, [(number, values) for number, values in epochs if number > recorded])
            with tempfile.TemporaryDirectory() as folder:
                for name, content in outcome.files.items():
                    write_whole(Path(folder) / name, content)
                files = Path(folder) if outcome.files else None
                store.finish(run.id, outcome.end["state"], outcome.end["says"], files, outcome.result, outcome.rows)
            with self._writing:  # Nothing that the scheduler kept of it is written after this.
                if outcome.weights:
                    write_whole(journal.weights, outcome.weights)
                if outcome.checkpoint:
                    write_whole(journal.checkpoint, outcome.checkpoint)
                elif outcome.end["state"] in ("finished", "stopped"):
                    journal.checkpoint.unlink(missing_ok=True)
                journal.say(outcome.end)
        self._kept.pop(run.id, None)
        if discarded(journal):
            store.discard(run.id)
            remove(journal)

    def _keep_checkpoint(self, client: "Client", run: LiveRun) -> None:
        """Puts the newest checkpoint of a run into its folder: another scheduler knows nothing of it."""
        folder = Journal(self._workspace, run.id).folder

        def put(staged: Path, _folder: Path) -> None:
            with self._writing:
                run.refresh()
                if not run.over:
                    put_sent(staged, folder)
                    self._kept[run.id] = at

        try:
            at = kept_at(client, run.id)  # By the clock of the worker.
            if at and at != self._kept.get(run.id, at):
                take_sent(client, run.id, folder, STATE, put)
        except Exception as error:  # The disk is full, or the cluster is gone.
            log.info("the checkpoint of run %s was not kept here: %s", run.id, error)

    def _record(self, run: LiveRun) -> None:
        """Enters a run into the record, unless it is over or there."""
        with self._recording:
            run.refresh()
            if not run.over:
                search = Journal(self._workspace, run.id).submitted().get("search", "")
                self._store().begin(run.id, read(run.experiment), search)

    def _table_files(self, data: Data) -> list[Path]:
        """The files of an experiment's tables; none of one that the worker will say is no table."""
        refs = [data.table, *([str(data.split.table)] if data.split.method == "table" else [])]
        files: list[Path] = []
        for ref in refs:
            with contextlib.suppress(TableError):
                files += self._tables.files(ref)
        return list(dict.fromkeys(files))

    def _send_tables(self, client: "Client", files: list[Path]) -> None:
        """Gives each worker those files of tables that it lacks."""
        names = tuple(file.name for file in files)
        if not names:
            return
        with self._sending:
            for worker, lacking in ask_workers(client, lacking_tables, names).items():
                if lacking:
                    content = {file.name: file.read_bytes() for file in files if file.name in lacking}
                    seconds = _SECONDS + sum(map(len, content.values())) / _LEAST_RATE
                    ask_workers(client, receive_tables, content, seconds=seconds, workers=[worker])

    def _hear(self, event: tuple[float, dict[str, Any]]) -> None:
        """Called by the client when a worker tells something of a run."""
        self._write(event[1]["run"], [{**event[1]["event"], "at": event[0]}])

    def _write(self, run_id: str, events: list[dict[str, Any]]) -> None:
        """Writes events to a run's journal. Epochs that another worker told before are left out; what follows a gap is
        asked for later.
        """
        with self._writing:
            for event in events:
                run = self._run(run_id)
                if run is None or run.over or "state" in event:
                    return
                if "epochs" in event:
                    fresh = [epoch for epoch in event["epochs"] if epoch[0] > run.epoch]
                    if not fresh:
                        continue
                    if fresh[0][0] > (run.epoch or run.before) + 1:
                        self._missed.add(run_id)
                        return
                    event = {**event, "epochs": fresh}
                if "begins" in event:
                    self._begun.add(run_id)
                try:
                    Journal(self._workspace, run_id).say(event)
                except OSError:  # The disk is full: what is missing comes later.
                    self._missed.add(run_id)
                    return
