"""A training from experiment to kept run: the one path of the dashboard's worker and of the headless twin."""

import json
import logging
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.experiment.checks import advise, errors
from core.experiment.script import program
from core.experiment.spec import Experiment
from core.runs.live import plain
from core.runs.store import Store
from core.tables.errors import TableError
from core.tables.situation import Tables

log = logging.getLogger(__name__)
_FLUSH = 0.03  # Seconds between two messages to the watchers: about thirty a second, however fast the epochs are.
_KEEP = 1.0  # Seconds between two batches to MLflow.

Say = Callable[[dict[str, Any]], None]


class Reporter:
    """Passes epochs on in small batches: to the watchers at once, to the record of runs from a thread of its own."""

    def __init__(self, say: Say, keep: Callable[[list[tuple[int, dict[str, float | None]]]], None]) -> None:
        self._say, self._keep = say, keep
        self._fresh: list[tuple[int, dict[str, float | None]]] = []
        self._unkept: list[tuple[int, dict[str, float | None]]] = []
        self._last = 0.0
        self._lock, self._done = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._keep_on, daemon=True)
        self._thread.start()

    def epoch(self, number: int, values: dict[str, float]) -> None:
        """Called by the training after each epoch."""
        entry = (number, plain(values))
        self._fresh.append(entry)
        with self._lock:
            self._unkept.append(entry)
        if time.monotonic() - self._last >= _FLUSH:
            self.flush()

    def flush(self) -> None:
        """Tells the watchers what they have not heard."""
        if self._fresh:
            self._say({"epochs": self._fresh})
            self._fresh, self._last = [], time.monotonic()

    def close(self) -> None:
        """Tells and keeps the rest."""
        self.flush()
        self._done.set()
        self._thread.join()

    def _keep_on(self) -> None:
        over = False
        while not over:
            over = self._done.wait(_KEEP)
            with self._lock:
                batch, self._unkept = self._unkept, []
            if batch:
                try:
                    self._keep(batch)
                except Exception:  # A record that fails must not end a training; the history is kept as a file at the end.
                    log.exception("could not write epochs to the record of runs")


def run(run_id: str, experiment: Experiment, tables: Tables, store: Store, say: Say, should_stop: Callable[[], bool]) -> dict[str, Any]:
    """Trains, keeps and returns the run's result; tells watchers as it goes. The result has "state" and "says", whatever happened."""
    from core.learning.training import Hooks, TrainingFailed, TrainingStopped, learn

    reporter = Reporter(say, lambda epochs: store.log_epochs(run_id, epochs))
    try:
        store.begin(run_id, experiment)
        say({"stage": "reading the table"})
        situation = tables.situation(experiment)
        wrong = errors(advise(experiment, situation))
        if wrong or situation.task is None:
            raise TrainingFailed(wrong[0].says if wrong else "The target cannot be predicted.")
        hooks = Hooks(
            epoch=reporter.epoch,
            baselines=lambda scores: say({"baselines": {name: plain(values) for name, values in scores.items()}}),
            should_stop=should_stop,
            stage=lambda words: (reporter.flush(), say({"stage": words})),
        )
        outcome = learn(experiment, tables.prepared(experiment), situation.task, hooks)
        reporter.close()
        result = {**outcome.result(), "run": run_id, "history": outcome.history}
        result["state"] = "stopped" if outcome.ended == "stopped" else "finished"
        info = tables.about(experiment.data.table)
        with tempfile.TemporaryDirectory() as folder:
            files = Path(folder)
            _write(files / "as_run.json", outcome.experiment.value())
            _write(files / "history.json", outcome.history)
            _write(files / "result.json", {name: value for name, value in result.items() if name != "history"})
            _write(files / "card.json", outcome.card)
            (files / "program.py").write_text(program(outcome.experiment, situation, info), encoding="utf-8")
            outcome.bundle.save(files / "model.keras")
            store.finish(run_id, result["state"], outcome.says, files, outcome.scores["test"], outcome.epochs)
        result["model"] = str(store.path(run_id, "model.keras"))
        say({"state": result["state"], "says": outcome.says, "best": outcome.best_epoch})
        return result
    except Exception as error:
        says = _sentence(error)
        log.exception("run %s failed", run_id) if not isinstance(error, TrainingFailed | TrainingStopped | TableError) else log.info(
            "run %s: %s", run_id, says
        )
        state = "stopped" if isinstance(error, TrainingStopped) else "failed"
        reporter.close()
        try:
            store.finish(run_id, state, says)
        except Exception:  # The record itself may be what broke; whoever watches must hear of the end all the same.
            log.exception("run %s: its record could not be closed", run_id)
        say({"state": state, "says": says})
        return {"run": run_id, "state": state, "says": says}


def _sentence(error: Exception) -> str:
    """What a person is told: our own sentences as they are, Keras's and TensorFlow's with where they come from."""
    name = type(error).__name__
    if name in ("TrainingFailed", "TrainingStopped", "TableError", "StoreBroken"):
        return str(error)
    if isinstance(error, MemoryError) or name == "ResourceExhaustedError":
        return "The worker ran out of memory. Use a smaller batch size, fewer units, or fewer columns."
    words = " ".join(str(error).split())[:600]
    return f"The training ended with {name}: {words}"


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value), encoding="utf-8")
