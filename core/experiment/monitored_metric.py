"""Which logged number decides what the best epoch is."""

from collections.abc import Mapping, Sequence

from core.experiment.spec import Experiment


def monitor(experiment: Experiment, validated: bool = True) -> tuple[str, bool]:
    """The name of the number, and whether larger is better: what early stopping watches, else the validation loss.

    Without validation rows it is the training loss.
    """
    stopping = experiment.callback("EarlyStopping")
    name = stopping.value("monitor") if stopping else "val_loss" if validated else "loss"
    metric = experiment.logged().get(name.removeprefix("val_"))
    return name, metric is not None and metric.row.larger


def why_not_the_lowest(experiment: Experiment, history: Mapping[str, Sequence[float | None]], best: int) -> str:
    """A sentence where the best epoch is not the one with the lowest, or highest, number; "" where it is.

    Args:
        history: Logged name -> a number an epoch.
        best: The best epoch, from 1.
    """
    stopping, (name, larger) = experiment.callback("EarlyStopping"), monitor(experiment)
    first = experiment.fit.initial_epoch + 1
    numbers = {
        first + at: value for at, value in enumerate(history.get(name, ())) if value is not None and value == value
    }
    if stopping is None or best not in numbers:
        return ""
    top = (max if larger else min)(numbers, key=numbers.__getitem__)
    if numbers[top] == numbers[best]:
        return ""
    word = "highest" if larger else "lowest"
    one = f"{name} is {word} at epoch {top:,} ({numbers[top]:.6g}; {numbers[best]:.6g} at epoch {best:,})"
    if top < first + stopping.value("start_from_epoch"):
        return f"{one}, but early stopping starts to monitor at epoch {first + stopping.value('start_from_epoch'):,}."
    if stopping.value("min_delta"):
        return (
            f"{one}, but early stopping counts only an improvement of more than min_delta, "
            f"{stopping.value('min_delta'):g}."
        )
    return ""
