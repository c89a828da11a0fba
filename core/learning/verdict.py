"""What is said of a training when it is over: a sentence or two with its numbers, for the person."""

from typing import Any

from core.experiment.advice import most_useful
from core.experiment.counts import count
from core.experiment.course import Course
from core.experiment.diagnosis import NOT_A_NUMBER, diagnose
from core.experiment.spec import Experiment
from core.learning.watching import Watch


def no_epoch(watch: Watch, cause: str) -> str:
    """Of a training that never gave a number, and why."""
    if watch.history:
        return f"Nothing was kept: {_watched(watch.monitor)}, by which the best epoch is chosen, was never a number. {cause}".strip()
    return f"{NOT_A_NUMBER}: nothing was learned. {cause}"


def how_it_ended(
    experiment: Experiment,
    watch: Watch,
    ended: str,
    judged: dict[str, Any],
    cause: str = "",
) -> str:
    """How it ended and what that may mean; "" when there is nothing to say.

    Args:
        judged: As in `core.learning.training.Outcome`.
        cause: Of a training that diverged.
    """
    if ended == "diverged":
        return (
            f"The training diverged: after epoch {watch.epochs} the loss was no longer a number. "
            f"The best epoch, {watch.best_epoch}, was kept. {cause}"
        )
    if ended == "stopped" and watch.keep == "last":
        return f"Stopped after epoch {watch.epochs}; its weights were kept. The best epoch was {watch.best_epoch}."
    if ended == "stopped":
        return f"Stopped after epoch {watch.epochs}; the weights of the best epoch, {watch.best_epoch}, were kept."
    if ended == "early" and (stopping := experiment.callback("EarlyStopping")):
        kept = f"; the weights of epoch {watch.best_epoch} were kept" if stopping.value("restore_best_weights") else ""
        early = f"Stopped early: {_watched(watch.monitor)} had not improved for {count(stopping.value('patience'), 'epoch')}{kept}."
    else:
        early = ""
    course = Course.whole(experiment, watch.history, ended, judged)
    return " ".join(filter(None, [early, *(one.says for one in most_useful(diagnose(course), most=1))]))


def _watched(monitor: str) -> str:
    """A logged name in words: "val_loss" -> "the validation loss"."""
    part, name = ("validation ", monitor.removeprefix("val_")) if monitor.startswith("val_") else ("training ", monitor)
    return f"the {part}{name}"
