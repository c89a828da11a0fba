"""The course of a training, as far as it has come: the losses of its epochs, beside what simple models reach on the
validation rows.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from core.experiment.penalties import penalized
from core.experiment.spec import Experiment

OVER = ("finished", "stopped", "failed", "interrupted")


@dataclass(frozen=True)
class Course:
    """What `diagnose` looks at.

    Attributes:
        experiment: What trains, or was trained.
        history: Name -> a number for each epoch made; None where it was not measured or was none.
        baselines: Name -> name -> number on the validation rows, without any on the training rows: first what guesses,
            second the straight line. {} while they are unknown.
        state: As a run has it: "training", "finished", ...
        health: Layer of the stack, from 0 -> {"dead": share of units that are 0 for all rows, "saturated": share where
            the curve is flat}.
        scored: Training and validation loss of the weights it ended with, where they were scored: without penalties on
            weights, and with
            rows counted as they are in the training. The baselines' losses are then of that kind, too. Without
            validation rows the training loss twice.
        ended: "finished", "stopped", "early" or "diverged"; "" while it is not over, or where that is not known.
    """

    experiment: Experiment
    history: Mapping[str, Sequence[float | None]]
    baselines: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    state: str = "training"
    health: Mapping[int, Mapping[str, float]] = field(default_factory=dict)
    scored: tuple[float, float] | None = None
    ended: str = ""

    @classmethod
    def of(
        cls, experiment: Experiment, snapshot: Mapping[str, Any], judged: Mapping[str, Any] | None = None, **more: Any
    ) -> "Course":
        """Of a run's snapshot (`LiveRun.snapshot`), with all rows from the first on; `more`: health, ended.

        `judged` are the losses of a run that is over, as in `whole`; None while it trains.
        """
        columns = list(zip(*snapshot["rows"], strict=True)) or [()] * (1 + len(snapshot["names"]))
        history = dict(zip(snapshot["names"], columns[1:], strict=True))
        if judged is not None:
            return cls(experiment, history, state=snapshot["state"], **_losses(judged), **more)
        return cls(experiment, history, snapshot["baselines"], snapshot["state"], **more)

    @classmethod
    def whole(
        cls,
        experiment: Experiment,
        history: Mapping[str, Sequence[float | None]],
        ended: str,
        judged: Mapping[str, Any],
    ) -> "Course":
        """Of a training that is over: `judged` are its losses {"train", "validation", "baselines": {name: on the
        validation rows}}.
        """
        return cls(experiment, history, state="finished", ended=ended, **_losses(judged))

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in OVER

    @property
    def first_epoch(self) -> int:
        """The number of the first epoch of this training: those made before count."""
        return self.experiment.fit.initial_epoch + 1

    @cached_property
    def train(self) -> list[float]:
        """Training losses, an epoch each; infinite where a loss was none."""
        return [_number(value) for value in self.history.get("loss", ())]

    @property
    def validated(self) -> bool:
        """Whether validation rows were looked at."""
        return "val_loss" in self.history

    @cached_property
    def validation(self) -> list[float]:
        """Validation losses, an epoch each: where it was not looked at, as it was the time before.

        Without validation rows they are the training losses.
        """
        if not self.validated:
            return self.train
        filled: list[float] = []
        measured = [value for value in self.history.get("val_loss", ()) if value is not None]
        last = measured[0] if measured else math.inf
        for value in self.history.get("val_loss", ()):
            last = last if value is None else _number(value)
            filled.append(last)
        return filled

    @property
    def epochs(self) -> int:
        """Epochs made."""
        return len(self.train)

    @cached_property
    def best(self) -> int:
        """Position of the best validation loss."""
        return min(range(len(self.validation)), key=self.validation.__getitem__)

    @property
    def reached(self) -> tuple[float, float]:
        """Training and validation loss of the weights that count: those it ended with, or would."""
        stopping = self.experiment.callback("EarlyStopping")
        at = self.best if stopping and stopping.value("restore_best_weights") else -1
        return self.scored or (self.train[at], self.validation[at])

    @property
    def fitted(self) -> float:
        """The lowest training loss of all epochs: what the network can fit, also where the weights that count are of an
        earlier epoch; infinite where a penalty or class weights are in the curve.
        """
        weighed = penalized(self.experiment) or self.experiment.fit.class_weight is not None
        return math.inf if weighed else min(self.train, default=math.inf)

    @property
    def comparable(self) -> bool:
        """Whether its losses and the baselines' are of one kind: while it trains, no penalty and no class weights are
        in the curves.
        """
        return self.scored is not None or not (
            penalized(self.experiment) or self.experiment.fit.class_weight is not None
        )

    @property
    def guess(self) -> tuple[str, float] | None:
        """What guesses without looking, and its loss on the validation rows; None where that cannot be compared."""
        return self._baseline(0)

    @property
    def line(self) -> tuple[str, float] | None:
        """The straight line, and its loss on the validation rows; None where that is worse than guessing, and no
        measure of anything.
        """
        guess, line = self.guess, self._baseline(1)
        return line if guess and line and line[1] < guess[1] else None

    def _baseline(self, place: int) -> tuple[str, float] | None:
        if len(self.baselines) <= place or not self.comparable:
            return None
        name = list(self.baselines)[place]
        loss = self.baselines[name].get("loss")
        return (name, loss) if loss is not None and math.isfinite(loss) else None

    @property
    def measurable(self) -> bool:
        """Whether there are losses of both parts, above 0, so that their shares say something."""
        return bool(self.train) and len(self.validation) == len(self.train) and min(*self.train, *self.validation) > 0


def _losses(judged: Mapping[str, Any]) -> dict[str, Any]:
    simple = {name: {"loss": loss} for name, loss in judged["baselines"].items()}
    return {"baselines": simple, "scored": (judged["train"], judged["validation"])}


def _number(value: float | None) -> float:
    return math.inf if value is None or math.isnan(value) else value
