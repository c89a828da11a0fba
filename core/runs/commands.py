"""What people ask of a training while it goes on, as the process that trains it hears it.

An order is a JSON object:
    {"do": "stop", "keep": "best"}      ends it, with the weights of the best epoch or of the "last"
    {"do": "discard"}                   ends it, and nothing is kept
    {"do": "pause"}                     holds it between two blocks of batches
    {"do": "continue"}                  goes on; takes a stop back that has not been carried out
    {"do": "step"}, {"do": "epoch"}     makes one batch, or goes on to the end of an epoch, and is held again
    {"do": "speed", "value": 5}         so many epochs a second at most; 0 for as many as there can be
    {"do": "epochs", "more": 50}        so many epochs more than planned
    {"do": "rate", "value": 0.001}      another learning rate from the next epoch on
An order may name the last "epoch" that was known when it was given: a training that was begun anew meanwhile is trained
so far before it is stopped or changed.
A file instead of a message of the scheduler's: it holds when the worker is replaced, and costs a microsecond.
"""

import time
from typing import Any

from core.catalog.schedules import rate_at
from core.experiment.counts import count
from core.experiment.spec import MOST_EPOCHS, Experiment
from core.experiment.training_steps import falls_over_the_whole, resolved
from core.runs.disk_full import orders_since
from core.runs.journal import Journal
from core.training.steering import Steering

_PAUSE = (
    0.02  # Seconds between two looks at the file: the training asks after every block, which may be much more often.
)
FASTEST = 1000.0  # Epochs a second that can be asked for.


class Orders(Steering):
    """A run's orders; `since` epochs were reported before; `again`: the training was begun before."""

    def __init__(self, journal: Journal, since: int = 0, again: bool = False) -> None:
        super().__init__(since=since)
        self._lines, self._run, self._by_memory = journal.orders(), journal.run, 0
        self._next = 0.0
        self.hear()
        if again:
            self.more_steps = self.more_epochs = 0  # They were made before it was cut off.

    def look(self) -> None:
        """Takes what was asked since the last look, which was not a moment ago."""
        if time.monotonic() >= self._next:
            self.hear()
            self._next = time.monotonic() + _PAUSE

    def hear(self) -> None:
        """Takes the orders that were given since the last look."""
        for order in self._lines.fresh():
            self._take(order)
        for order in orders_since(self._run, self._by_memory):  # Of a disk that was full.
            self._by_memory += 1
            self._take(order)

    def _take(self, order: dict[str, Any]) -> None:
        do = order.get("do")
        if do in ("stop", "discard"):
            self.stop = "nothing" if do == "discard" else "last" if order.get("keep") == "last" else "best"
            self.since = max(self.since, order.get("epoch", 0))
        elif do in ("pause", "continue"):
            self.paused, self.stop, self.more_steps, self.more_epochs = do == "pause", "", 0, 0
        elif do in ("step", "epoch"):
            self.paused, self.stop = True, ""
            self.more_steps, self.more_epochs = self.more_steps + (do == "step"), self.more_epochs + (do == "epoch")
        elif do == "speed":
            self.speed = float(order["value"])
        elif do in ("epochs", "rate"):
            change = {"epochs": order["more"]} if do == "epochs" else {"learning_rate": order["value"]}
            self.changes.append(change | {name: order[name] for name in ("epoch",) if name in order})


def check_order(order: dict[str, Any], experiment: Experiment, total: int) -> None:
    """Raises ValueError, with a sentence for the person, for an order that cannot be carried out; stops are always
    allowed.
    """
    do = order.get("do")
    if do == "epochs":
        more = order.get("more")
        if not isinstance(more, int) or isinstance(more, bool) or not 1 <= more <= MOST_EPOCHS - total:
            raise ValueError(f"A run may be given 1 to {count(MOST_EPOCHS - total, 'more epoch')}.")
        if why := why_no_more_epochs(experiment):
            raise ValueError(why)
    elif do == "rate":
        if why := why_the_rate_is_fixed(experiment):
            raise ValueError(why)
        field = experiment.compile.optimizer.row.field("learning_rate")
        assert field is not None
        if isinstance(field.check(order.get("value")), dict):
            raise ValueError("The learning rate must be a number.")
    elif do == "speed":
        value = order.get("value")
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= FASTEST:
            raise ValueError(f"A speed is from 0 (full) to {FASTEST:g} epochs a second.")
    elif do not in ("pause", "continue", "step", "epoch"):
        raise ValueError(f"There is no order {do!r}.")


def why_no_more_epochs(experiment: Experiment) -> str:
    """Why more epochs would change nothing: the learning rate has fallen to 0 by then. Empty where they may."""
    # As many rows as make a step an epoch.
    rate = resolved(experiment, experiment.fit.batch_size).compile.optimizer.value("learning_rate")
    if falls_over_the_whole(experiment) and rate_at(rate, experiment.fit.epochs) == 0:
        return (
            f"The learning rate falls to 0 by epoch {experiment.fit.epochs:,}: more epochs would change nothing. "
            "Continue training from the last epoch instead, where the schedule starts again."
        )
    return ""


def why_the_rate_is_fixed(experiment: Experiment) -> str:
    """Why the learning rate cannot be changed by hand: something else sets it. Empty when it can."""
    if isinstance(experiment.compile.optimizer.value("learning_rate"), dict):
        return "The learning rate follows a schedule."
    for name in ("ReduceLROnPlateau", "LearningRateScheduler"):
        if found := experiment.callback(name):
            return f"The learning rate is set by a callback: {found.row.title}."
    return ""
