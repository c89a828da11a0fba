"""A run as it is seen from outside while it goes on: the epochs so far, its state, and how long it will take."""

import bisect
import itertools
import math
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from core.experiment.monitored_metric import monitor
from core.experiment.score_words import GRADIENT_BOOSTING
from core.experiment.spec import Experiment, InvalidExperiment, read
from core.runs.commands import Orders
from core.runs.journal import ENDED, Journal, Lines
from core.runs.run_files import unreadable
from core.runs.training_pace import TrainingPace, last_epoch_without_improvement

_MOST_GAPS = 5  # That are named.
MOST_ROWS = 2000  # Epochs in one answer to the page.

COMPILING = "compiling the network"  # The stage before the first epoch.
# What is done when the last epoch is over: stage -> what is said of it.
AFTER_TRAINING = {
    "tracing the NaN": "Looking for the batch that made the loss NaN.",
    "fitting gradient boosting": "Fitting gradient boosting, the last baseline. Stop ends the run without it.",
    "scoring": "Scoring the network and the baselines on the training, validation and test set.",
    "saving the model": "Saving the model, the program and the scores.",
}


@dataclass
class LiveRun:
    """One run in the server's memory: what its journal tells, read on at every question.

    Attributes:
        id: Twelve hexadecimal digits.
        experiment: JSON text.
        state: queued, preparing, training, paused, stopping, scoring (no epoch follows), or one of `ENDED`.
        says: A sentence for the person, or "".
        names: Of the numbers of an epoch.
        rows: [epoch from 1, numbers in the order of `names`] for each epoch.
        marks: What a person changed: {"epoch": completed epochs before it, "learning_rate": value} or {..., "epochs":
            more}.
        ended: "diverged" of one that failed because its loss became NaN, or "".
        validated: Whether there are validation rows; true until the worker has told.
        baselines: Name -> name -> number on the validation rows, without any on the training rows.
        best: Best epoch so far, from 1, or None.
        best_scores: Name -> exact score on the validation rows at the best epoch, once it is over; {} until then.
        before: Epochs that count as made before its first.
        limit: Seconds of training after which it ends; None without such a limit.
        trouble: Why its journal does not go on although it trains, a sentence; "" when it does.
        visitor: Who submitted it; priority: of its turn, the largest first; turns: how often it was queued.
        large: Whether its steps are large, so that a worker with all threads trains it.
    """

    id: str
    experiment: str
    total: int
    watched: str = "val_loss"
    larger: bool = False
    state: str = "queued"
    says: str = ""
    ended: str = ""
    names: list[str] = field(default_factory=list)
    rows: list[list[float | None]] = field(default_factory=list)
    marks: list[dict[str, float]] = field(default_factory=list)
    validated: bool = True
    baselines: dict[str, dict[str, float | None]] = field(default_factory=dict)
    best: int | None = None
    best_scores: dict[str, float | None] = field(default_factory=dict)
    before: int = 0
    limit: float | None = None
    trouble: str = ""
    visitor: str = ""
    priority: int = 0
    turns: int = 1
    large: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)
    _lines: Lines | None = None
    _orders: Orders | None = None
    _pace: TrainingPace = field(default_factory=TrainingPace)
    _stops: Experiment | None = None  # With early stopping.
    _best: float | None = None

    @classmethod
    def of(cls, journal: Journal) -> "LiveRun":
        """The run of a journal. Raises LookupError when there is none, or when it cannot be read."""
        noted = journal.submitted()
        try:
            experiment = read(noted["experiment"])
        except InvalidExperiment as error:
            raise LookupError(unreadable(journal.run, error)) from None
        watched, larger = monitor(experiment)
        more = {name: noted[name] for name in ("visitor", "priority") if name in noted}
        run = cls(
            journal.run,
            experiment.text(),
            experiment.fit.epochs,
            watched,
            larger,
            **more,
            before=experiment.fit.initial_epoch,
            large=bool(noted.get("large")),
            limit=None if experiment.fit.minutes is None else 60 * experiment.fit.minutes,
            _stops=experiment if experiment.callback("EarlyStopping") else None,
            _lines=journal.events(),
            _orders=Orders(journal),
        )
        run.refresh()
        return run

    def refresh(self) -> None:
        """Reads the events that were written since the last time."""
        if self._lines:
            with self.lock:
                for event in self._lines.fresh():
                    self._take(event)
                    self.trouble = ""
                if not self.over and not self._lines.path.parent.exists():
                    self._take({"state": "stopped", "says": "This run was deleted."})
        if self._orders:
            with self.lock:
                speed = self._orders.speed
                self._orders.hear()
                if self._orders.speed != speed:
                    self._pace.change()

    @property
    def waits(self) -> bool:
        """Whether it is asked to be paused: what it was asked last, for what it does at this moment may change unseen
        between two looks.
        """
        return bool(self._orders and self._orders.paused)

    @property
    def epoch(self) -> int:
        """The last epoch that was reported, from 1."""
        return int(self.rows[-1][0] or 0) if self.rows else 0

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ENDED

    @property
    def resumable(self) -> bool:
        """Whether it can go on from an epoch that was kept."""
        return self.state == "interrupted" or (self.state == "failed" and bool(self.rows))

    def take(self, event: dict[str, Any]) -> None:
        """Notes an event; after the run's end it is too late, unless the run is queued again."""
        with self.lock:
            self._take(event)

    def _take(self, event: dict[str, Any]) -> None:
        if self.over and event.get("state") != "queued":
            return
        now = event.get("at", time.time())
        if "begins" in event:
            self._pace.rest()
        if "stage" in event:
            stage = event["stage"]
            if stage == COMPILING:
                self._pace.compile(now)
            scoring = bool(self.rows) and stage in AFTER_TRAINING
            state = "stopping" if self.state == "stopping" else "scoring" if scoring else "preparing"
            self.state, self.says = state, AFTER_TRAINING[stage] if scoring else stage
        if "rows" in event and not event["rows"][1]:
            self.validated = False
            self.watched, self.larger = monitor(read(self.experiment), validated=False)
        if "baselines" in event:
            self.baselines = event["baselines"]
            if GRADIENT_BOOSTING in self.baselines and self.rows:  # No longer beside the training.
                self._pace.change()
        if "mark" in event and event["mark"] not in self.marks:
            self.marks.append(event["mark"])
            self.total += int(event["mark"].get("epochs", 0))
        if "paused" in event and self.state != "stopping":
            self.state, self.says = ("paused" if event["paused"] else "training"), ""
            self._pace.rest()
        for epoch, values in event.get("epochs", ()):
            self._take_epoch(epoch, values, now)
        if "state" in event:
            self.state, self.says, self.ended = event["state"], event.get("says", ""), event.get("ended", "")
            self.best = event.get("best") or self.best
            self.best_scores = event.get("best_scores", {})
            self.turns += self.state == "queued"

    def _take_epoch(self, epoch: int, values: dict[str, float | None], now: float) -> None:
        if self.state != "stopping":
            self.state, self.says = "training", ""
        self._pace.epoch(now)
        self.names = self.names or (_all_names(values) if self.validated else list(values))
        self.rows.append([epoch, *(values.get(name) for name in self.names)])
        watched = values.get(self.watched)
        if watched is not None and (
            self._best is None or (watched > self._best if self.larger else watched < self._best)
        ):
            self.best, self._best = epoch, watched

    def snapshot(self, since: int = 0, ahead: int = 0) -> dict[str, Any]:
        """What the page's route sends: everything but the epochs up to `since`."""
        with self.lock:
            at = bisect.bisect_right(self.rows, since, key=lambda row: int(row[0] or 0))
            rows = self.rows[at : at + MOST_ROWS]
            epoch, goes_on = self.epoch, self.state == "training" and not self.trouble
            return {
                "run": self.id,
                "state": self.state,
                "says": " ".join(filter(None, (self.says, "" if self.over else self.trouble, self._gaps()))),
                "ahead": ahead if self.state == "queued" else 0,
                "epochs": self.total,
                "epoch": epoch,
                "names": self.names,
                "rows": rows,
                "seconds": round(self.seconds, 3),
                "epochs_per_second": self._pace.rate,
                "seconds_left": self._pace.left(self.total - epoch, self.limit) if goes_on else None,
                "seconds_to_early_stop": self._early(epoch) if goes_on else None,
                "stops_early": self._stops is not None,
                "baselines": self.baselines,
                "marks": self.marks,
                "best": self.best,
                "validated": self.validated,
                "best_scores": self.best_scores,
            }

    def _early(self, epoch: int) -> float | None:
        """Seconds until the training ends if no epoch is better from now on; None where early stopping does not say."""
        last = last_epoch_without_improvement(self._stops, self.best or 0) if self._stops else None
        return None if last is None else self._pace.left(min(last, self.total) - epoch, self.limit)

    @property
    def seconds(self) -> float:
        """From the first epoch to the last, without the breaks in which nothing trained."""
        return self._pace.seconds

    def _gaps(self) -> str:
        """Which epochs are missing from the rows: a journal that was cut or damaged has lost their lines. A sentence,
        or "".
        """
        if self.epoch in (0, self.before + len(self.rows)):
            return ""
        made = [self.before, *(int(row[0] or 0) for row in self.rows)]
        gaps = [(a + 1, b - 1) for a, b in itertools.pairwise(made) if b > a + 1]
        parts = [f"{first:,}" if first == last else f"{first:,} to {last:,}" for first, last in gaps[:_MOST_GAPS]]
        listed, one = (
            ", ".join(parts) + " and others" * (len(gaps) > _MOST_GAPS),
            len(gaps) == 1 and gaps[0][0] == gaps[0][1],
        )
        return (
            f"Epoch{'' if one else 's'} {listed} {'is' if one else 'are'} missing from the curves: the run's journal "
            "was truncated there."
        )


def _all_names(values: dict[str, float | None]) -> list[str]:
    """The names of an epoch's numbers, those of validation included, which may be looked at after later epochs only."""
    trained = [name for name in values if not name.startswith("val_") and name != "learning_rate"]
    return list(dict.fromkeys([*values, *(f"val_{name}" for name in trained)]))


def plain(values: dict[str, float]) -> dict[str, float | None]:
    """Numbers as JSON knows them: what is no finite number is None."""
    return {name: value if math.isfinite(value) else None for name, value in values.items()}
