"""What is said of a training when it is over: a sentence or two with its numbers, for the person."""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from core.advice.diagnosis import NOT_A_NUMBER
from core.experiment.counts import count, minutes_in_words
from core.experiment.spec import CallbackChoice, Experiment
from core.experiment.training_steps import resolved
from core.training.monitor import Watch


def no_epoch(watch: Watch, cause: str) -> str:
    """Of a training that never gave a number, and why."""
    if watch.history:
        watched = _watched(watch.monitor)
        return f"No model was saved: {watched}, which chooses the best epoch, was NaN in every epoch. {cause}".strip()
    return f"{NOT_A_NUMBER}, so no model was saved. {cause}"


def how_it_ended(experiment: Experiment, watch: Watch, ended: str, cause: str = "") -> str:
    """How it ended, in a sentence or two; "" for one that made all its epochs. What its curves advise is not said here:
    see `core.advice.diagnosis`.

    Args:
        cause: Of a training that diverged.
    """
    if ended == "diverged":
        return (
            f"The training diverged: the loss became NaN after epoch {watch.epochs:,}. "
            f"The best epoch, {watch.best_epoch:,}, was kept. {cause}"
        )
    if watch.timed_out and watch.limit is not None:
        limit = minutes_in_words(watch.limit / 60)
        return (
            f"The time limit of {limit} was reached after epoch {watch.epochs:,}; the weights of the best epoch, "
            f"{watch.best_epoch:,}, were kept."
        )
    if ended == "stopped" and watch.keep == "last":
        return f"Stopped after epoch {watch.epochs:,}; its weights were kept. The best epoch was {watch.best_epoch:,}."
    if ended == "stopped":
        return f"Stopped after epoch {watch.epochs:,}; the weights of the best epoch, {watch.best_epoch:,}, were kept."
    stopping = experiment.callback("EarlyStopping")
    if ended != "early" or stopping is None:
        return ""
    kept = f"; the weights of epoch {watch.best_epoch:,} were kept" if stopping.value("restore_best_weights") else ""
    waited = count(stopping.value("patience"), "epoch")
    return f"Stopped early: {_watched(watch.monitor)} had not improved for {waited}{kept}."


def _watched(monitor: str) -> str:
    """A logged name in words: "val_loss" -> "the validation loss"."""
    part, name = ("validation ", monitor.removeprefix("val_")) if monitor.startswith("val_") else ("training ", monitor)
    return f"the {part}{name}"


class TrainingFailed(Exception):
    """A training that ended without a model; the message is a sentence for the person.

    Attributes:
        ended: "diverged" where the loss became NaN before an epoch was complete, or "".
    """

    def __init__(self, message: str, ended: str = "") -> None:
        super().__init__(message)
        self.ended = ended


class TrainingStopped(Exception):
    """A training that a person stopped before its first epoch was complete; the message is a sentence for
    the person.
    """


@dataclass
class Outcome:
    """What came of a training.

    Attributes:
        experiment: The experiment that repeats it: where a person stopped it, with the epochs that were run.
        bundle: Raw rows in, predictions out.
        stack: The trained stack alone, for the network's matrix.
        history: Name -> a number an epoch, in the target's own units; None where validation was not looked at.
        best_epoch: From 1; `epoch`: whose weights it ended with.
        ended: "finished", "stopped" (by a person), "early" (by a callback or the time limit) or "diverged".
        says: How it ended, a sentence for the person, or "".
        log: What happened on the way, a sentence each.
        scores: Part -> name -> number, for "train", "validation" where there are such rows, and "test".
        best_scores: Name -> number on the validation rows with the weights of the best epoch; {} without such rows.
        judged: The losses by which the training is judged, without penalties and with rows counted as in the training,
            class weights among
            them: {"train", "validation", "baselines": {name: as for "validation"}}; without validation rows those of
                the training rows.
        penalty: What penalties on weights add to the loss.
        baselines: Name -> part -> name -> number, for "validation" (without such rows "train") and "test".
        boosted: Part -> (table positions of its evaluated rows, what gradient boosting predicts for them: target ->
            (n, outputs)); {} where it is not among the baselines.
        figures: Target -> test rows: {"actual": [...], "predicted": [...]}, or {"confusion": [[...]]} with a row an
            actual class.
        card: What a form must know of the model.
        seconds: Of `fit` alone; `steps`: gradient steps made.
    """

    experiment: Experiment
    bundle: keras.Model
    stack: keras.Model
    history: dict[str, list[float | None]]
    best_epoch: int
    epoch: int
    ended: str
    says: str
    log: list[str]
    scores: dict[str, dict[str, float]]
    best_scores: dict[str, float]
    judged: dict[str, Any]
    penalty: float
    baselines: dict[str, dict[str, dict[str, float]]]
    figures: dict[str, dict[str, Any]]
    card: dict[str, Any]
    boosted: dict[str, tuple[np.ndarray, dict[str, np.ndarray]]]
    seconds: float
    steps: int

    @property
    def epochs(self) -> int:
        """Completed epochs, those before the first among them."""
        return self.experiment.fit.initial_epoch + len(self.history["loss"])

    def result(self) -> dict[str, Any]:
        """The outcome as a JSON value, without model and history."""
        return {
            "epochs": self.epochs,
            "best_epoch": self.best_epoch,
            "epoch": self.epoch,
            "ended": self.ended,
            "says": self.says,
            "log": self.log,
            "seconds": self.seconds,
            "steps_per_second": self.steps / self.seconds if self.seconds else 0.0,
            "scores": self.scores,
            "test": self.scores["test"],
            "best_scores": self.best_scores,
            "judged": self.judged,
            "penalty": self.penalty,
            "baselines": self.baselines,
            "figures": self.figures,
        }


def repeatable(experiment: Experiment, watch: Watch, jit_compile: bool, rows: int) -> Experiment:
    """The experiment whose plain run gives this outcome: the epochs that were run, ending as it ended, and what a
    person changed.

    A learning rate that was to fall over the whole training keeps the steps it had, where the training became longer or
    shorter.

    Args:
        jit_compile: Whether XLA compiled the training steps.
        rows: Rows that it trained on.
    """
    epochs = watch.epochs if watch.ended else watch.planned
    if epochs != experiment.fit.epochs:
        experiment = resolved(experiment, rows)
    chosen = list(experiment.fit.callbacks)
    if watch.ended:
        chosen = [callback for callback in chosen if callback.name != "EarlyStopping"]
        if watch.keep == "best":
            stopping = {"monitor": watch.monitor, "patience": watch.epochs, "restore_best_weights": True}
            chosen.append(CallbackChoice.of("EarlyStopping", **stopping))
    rates = {int(change["epoch"]): change["learning_rate"] for change in watch.changes if "learning_rate" in change}
    rates = {epoch: rate for epoch, rate in rates.items() if epoch < watch.epochs}
    if rates:
        values = [experiment.compile.optimizer.value("learning_rate"), *rates.values()]
        schedule = {"class": "PiecewiseConstantDecay", "boundaries": [epoch - 1 for epoch in rates], "values": values}
        chosen.insert(0, CallbackChoice.of("LearningRateScheduler", schedule=schedule))
    fit = {"epochs": epochs, "callbacks": tuple(chosen), "minutes": None}
    compiled = experiment.compile.model_copy(update={"jit_compile": jit_compile})
    return experiment.model_copy(update={"compile": compiled, "fit": experiment.fit.model_copy(update=fit)})
