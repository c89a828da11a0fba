"""A training from experiment to kept run: the one path of the dashboard's worker and of the headless twin."""

import json
import logging
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from core.advice.checks import advise, errors
from core.catalog.plugins import PREFIX, register, text
from core.experiment.columns import TableInfo
from core.experiment.keras_calls import plugin_modules
from core.experiment.spec import Data, Experiment, read
from core.keras_code.script import program
from core.runs.boosting_baseline import BOOSTED, write_boosted
from core.runs.commands import Orders
from core.runs.disk_full import NO_ROOM, Alarm, Trained, goes_on, unwritten
from core.runs.fork_weights import initial_weights
from core.runs.journal import Journal, Progress, killed_for_memory
from core.runs.live_view_files import Stage
from core.runs.run_state import plain
from core.runs.sqlite_guard import StoreBroken
from core.tables.errors import TableError
from core.tables.number_text import number_writing
from core.tables.situation import Tables
from core.workspace import plugins

if TYPE_CHECKING:
    from core.training.worker_pools import Warm

log = logging.getLogger(__name__)
_FLUSH = 0.03  # Seconds between two messages to the watchers: about thirty a second, however fast the epochs are.
_KEEP = 1.0  # Seconds between two batches to MLflow.

_PAUSES = (0.5, 2.0, 5.0)  # Seconds between attempts to write to the record of runs.
_UNRECORDED = (
    "Could not write the run database: {why}. The epochs are saved: close the program that locks mlflow.db, or check "
    "the folder's permissions, and press Resume."
)
_FULL = (
    "The disk is full, so the result could not be written. The epochs are saved: free some space on the disk and press "
    "Resume."
)
_KEPT = "The training is not lost: press Resume afterwards."
_IN_VAIN = (
    "The worker crashed {attempts} times in a row before it completed epoch {epoch}{why}. "
    "Use a smaller batch size, fewer units, or fewer columns."
)

Say = Callable[[dict[str, Any]], None]


class RunRecord(Protocol):
    """What a training needs of the record of runs: see `core.runs.mlflow_store.Store`."""

    def begin(self, run: str, experiment: Experiment, search: str = "") -> None: ...
    def last_epoch(self, run: str, /) -> int: ...
    def log_epochs(self, run: str, epochs: list[tuple[int, dict[str, float | None]]]) -> None: ...
    def finish(
        self,
        run: str,
        state: str,
        says: str,
        files: Path | None = None,
        result: dict[str, Any] | None = None,
        rows: int = 0,
        /,
    ) -> None: ...
    def discard(self, run: str) -> None: ...
    def path(self, run: str, name: str, /) -> Path: ...


class Reporter:
    """Passes epochs on in small batches: to the watchers at once, to the record of runs from a thread of its own.

    The only place that drops repeated epochs: a training that goes on from its checkpoint reports those before it
    again, for the process that made them may have died before it had passed on the last.

    Args:
        say: Tells the watchers.
        keep: Writes to the record of runs.
        told: The last epoch that the watchers know of; `recorded`: that is in the record.
    """

    def __init__(
        self,
        say: Say,
        keep: Callable[[list[tuple[int, dict[str, float | None]]]], None],
        told: int = 0,
        recorded: int = 0,
    ) -> None:
        self._say, self._keep, self._told, self._recorded = say, keep, told, recorded
        self._fresh: list[tuple[int, dict[str, float | None]]] = []
        self._unkept: list[tuple[int, dict[str, float | None]]] = []
        self._last = 0.0
        self._lock, self._done = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._keep_on, daemon=True)
        self._thread.start()

    def epoch(self, number: int, values: dict[str, float]) -> None:
        """Called by the training after each epoch."""
        entry = (number, plain(values))
        if number > self._told:
            self._told = number
            self._fresh.append(entry)
        if number > self._recorded:
            self._recorded = number
            with self._lock:
                self._unkept.append(entry)
        if time.monotonic() - self._last >= _FLUSH:
            self.flush()

    def flush(self) -> None:
        """Sends the watchers the epochs that they have not yet."""
        if self._fresh:
            self._say({"epochs": self._fresh})
            self._fresh, self._last = [], time.monotonic()

    def close(self) -> None:
        """Sends and records the remaining epochs, and ends the thread."""
        self.flush()
        self._done.set()
        self._thread.join()

    def _keep_on(self) -> None:
        over = False
        while not over:
            over = self._done.wait(_KEEP)
            if not self._keep_some() and over:
                self._keep_some()

    def _keep_some(self) -> bool:
        """Writes the epochs that the record does not have, and says whether it has all of them now. Those that it
        could not take, since another training writes at this moment, say, are written the next time.
        """
        with self._lock:
            batch, self._unkept = self._unkept, []
        try:
            if batch:
                self._keep(batch)
        except Exception:
            # A record that fails must not end a training; the history is kept as a file at the end.
            log.exception("could not write epochs to the record of runs")
            with self._lock:
                self._unkept = batch + self._unkept
            return False
        return True


class Telling:
    """Writes events to the run's journal. Those that a full disk refuses are kept and written as soon as there is room.

    Meanwhile whoever watches hears of it by way of `alarm`.
    """

    def __init__(self, journal: Journal, also: Say, alarm: Callable[[str], None]) -> None:
        self._journal, self._also, self._alarm = journal, also, alarm
        self._unwritten: list[dict[str, Any]] = []

    def __call__(self, event: dict[str, Any]) -> None:
        """Writes an event."""
        self._unwritten.append({"at": time.time(), **event})
        self._also(event)
        try:
            while self._unwritten:
                self._journal.say(self._unwritten[0])
                del self._unwritten[0]
        except OSError as error:
            self._alarm(goes_on(error))


def run(
    journal: Journal, tables: Tables, store: RunRecord, also: Say = lambda _event: None, warm: "Warm | None" = None
) -> dict[str, Any]:
    """Trains what a journal holds, from its checkpoint where there is one; tells and keeps what becomes of it.

    Args:
        journal: Of a run that was submitted.
        tables: Where the experiment's table is found.
        store: The record of runs.
        also: Called with every event, beside the journal.
        warm: What trainings before it have left.

    Returns:
        The run's result: "state" and "says", whatever happened, and all that came of a training that ended well.
    """
    with journal.held(), Trained(journal.run):
        if journal.over():
            return journal.events().last()
        return _run(journal, tables, store, Telling(journal, also, Alarm(journal.run)), warm)


def refuse(journal: Journal, says: str) -> dict[str, Any]:
    """Ends a run before it began, so that it can be continued; its last event."""
    with journal.held():
        if not journal.over():
            journal.say({"state": "interrupted", "says": says})
        return journal.events().last()


def _run(journal: Journal, tables: Tables, store: RunRecord, say: Telling, warm: "Warm | None") -> dict[str, Any]:
    from core.training.checkpoint import Checkpoint
    from core.training.hooks import Hooks
    from core.training.outcome import TrainingFailed, TrainingStopped
    from core.training.train import learn
    from core.training.worker_pools import Warm

    warm = warm or Warm()

    run_id = journal.run
    say({"begins": True, "killed": killed_for_memory()})
    progress = Progress(journal)
    reporter: Reporter | None = None
    orders = Orders(journal, progress.epoch, again=progress.epoch > 0 or progress.attempts > 1)
    try:
        if progress.hopeless:
            why = " for lack of memory" if progress.shortages else ""
            raise TrainingFailed(_IN_VAIN.format(attempts=progress.attempts, epoch=progress.epoch + 1, why=why))
        register(plugins())
        submitted = journal.submitted()
        experiment = read(submitted["experiment"])
        patiently(lambda: store.begin(run_id, experiment, submitted.get("search", "")))
        recorded = store.last_epoch(run_id) if progress.epoch else 0
        reporter = Reporter(say, lambda epochs: store.log_epochs(run_id, epochs), progress.epoch, recorded)
        say({"stage": "reading the table"})
        situation = tables.situation(experiment)
        wrong = errors(advise(experiment, situation))
        if wrong or not situation.tasks:
            raise TrainingFailed(wrong[0].says if wrong else "The target cannot be predicted.")

        def tell(event: dict[str, Any]) -> None:
            """Says what happened, after the epochs before it."""
            reporter.flush()
            say(event)

        hooks = Hooks(
            epoch=reporter.epoch,
            rows=lambda sizes: say({"rows": list(sizes)}),
            baselines=lambda scores: say({"baselines": {name: plain(values) for name, values in scores.items()}}),
            steering=orders,
            mark=lambda epoch, change: tell({"mark": {"epoch": epoch, **change}}),
            pause=lambda waits: tell({"paused": waits}),
            stage=lambda words: tell({"stage": words}),
            shown=Stage(journal),
        )
        outcome = learn(
            experiment,
            warm.tables.of(experiment.data, lambda: tables.prepared(experiment)),
            situation.tasks,
            hooks,
            kept=Checkpoint(journal.checkpoint),
            programs=warm.programs,
            scenes=warm.scenes,
            initial=initial_weights(journal, experiment),
        )
        reporter.close()
        say({"stage": "saving the model"})
        result = {**outcome.result(), "run": run_id, "history": outcome.history}
        result["state"] = "stopped" if outcome.ended == "stopped" else "finished"
        info, second = tables.about(experiment.data.table, experiment.data.reading), tables.second(experiment)
        with tempfile.TemporaryDirectory() as folder:
            files = Path(folder)
            _write(files / "as_run.json", outcome.experiment.value())
            _write(files / "history.json", outcome.history)
            _write(files / "result.json", {name: value for name, value in result.items() if name != "history"})
            _write(files / "card.json", _card(outcome.card, info, experiment.data))
            (files / "program.py").write_text(
                program(outcome.experiment, situation, info, plugins(), second), encoding="utf-8"
            )
            for module in plugin_modules(outcome.experiment):
                (files / "plugins").mkdir(exist_ok=True)
                kept = files / "plugins" / f"{module.removeprefix(PREFIX)}.py"
                kept.write_text(text(plugins(), module), encoding="utf-8")
            if experiment.start:
                shutil.copy(journal.initial, files)
            if outcome.boosted:
                write_boosted(files / BOOSTED, outcome.boosted)
            outcome.bundle.save(files / "model.keras")
            patiently(lambda: store.finish(run_id, result["state"], outcome.says, files, result, situation.rows[0]))
        result["model"] = str(store.path(run_id, "model.keras"))
        result["classes"] = {
            target["target"]: target["classes"] for target in outcome.card["targets"] if target["classes"]
        }
        best = {"best": outcome.best_epoch, "best_scores": plain(outcome.best_scores)}
        say({"state": result["state"], "says": outcome.says, **best})
        journal.checkpoint.unlink(missing_ok=True)
        return result
    except Exception as error:
        says = _sentence(error)
        log.exception("run %s failed", run_id) if not isinstance(
            error, TrainingFailed | TrainingStopped | TableError
        ) else log.info("run %s: %s", run_id, says)
        state = "stopped" if isinstance(error, TrainingStopped) else "failed"
        if isinstance(error, StoreBroken) and not reporter:
            state = "interrupted"  # It had not begun: Continue begins it.
        if reporter:
            reporter.close()
        try:
            store.finish(run_id, state, says)
            if state == "stopped" and orders.stop == "nothing":
                store.discard(run_id)
                shutil.rmtree(journal.weights.parent, ignore_errors=True)
        except Exception:  # The record itself may be what broke; whoever watches must hear of the end all the same.
            log.exception("run %s: its record could not be closed", run_id)
        ended = {"ended": error.ended} if isinstance(error, TrainingFailed) and error.ended else {}
        say({"state": state, "says": says, **ended})
        return {"run": run_id, "state": state, "says": says}


def patiently(ask: Callable[[], Any]) -> Any:
    """Opens the record of runs or writes to it; tries again when that is locked or has no room. Raises StoreBroken in
    the end.
    """
    for pause in (*_PAUSES, None):
        try:
            return ask()
        except Exception as error:  # The record's own, or the file system's.
            if pause is None:
                raise StoreBroken(_unrecorded(error)) from error
            log.warning("the record of runs cannot be written, trying again: %s", error)
            time.sleep(pause)
    raise AssertionError


def _unrecorded(error: Exception) -> str:
    """The sentence for a record of runs that cannot be written: why, and that nothing is lost."""
    if isinstance(error, StoreBroken):
        return f"{error} {_KEPT}"
    if isinstance(error, OSError):  # Its own words name the server's folders.
        return _FULL if error.errno in NO_ROOM else _UNRECORDED.format(why=error.strerror or type(error).__name__)
    why = str(error).strip().splitlines()[0]
    return _FULL if "disk is full" in why else _UNRECORDED.format(why=why[:200])


def _sentence(error: Exception) -> str:
    """What a person is told: our own sentences as they are, Keras's and TensorFlow's with where they come from."""
    name = type(error).__name__
    if name in ("TrainingFailed", "TrainingStopped", "TableError", "StoreBroken", "PluginFailed", "CannotStart"):
        return str(error)
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        return f"Could not save the result. {unwritten(error)} Resume continues from the last saved epoch."
    if isinstance(error, MemoryError) or name == "ResourceExhaustedError":
        return "The worker ran out of memory. Use a smaller batch size, fewer units, or fewer columns."
    words = " ".join(str(error).split())[:600]
    return f"The training ended with {name}: {words}"


def _card(card: dict[str, Any], info: TableInfo, data: Data) -> dict[str, Any]:
    """What a form must know of the model, with how rows to predict for are read: as the training table."""
    reading = data.reading.carried()
    carried = {"reading": reading.model_dump(mode="json", by_alias=True)} if reading else {}
    return {**card, "numbers": number_writing(info), **carried}


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value), encoding="utf-8")
