"""Callbacks of ours: they report epochs, carry out a person's orders, and keep the best weights.

Only a new learning rate changes a number, and that is noted with its epoch, so that the run can be repeated.
"""

import math
import time
from collections.abc import Callable
from itertools import takewhile
from typing import Any

import keras
import numpy as np

from core.model.keras_internals import callback_notes
from core.model.live_weights import Handles, WeightReading
from core.model.weight_history import Keeper
from core.training.checkpoint import Checkpoint, State, notes_of
from core.training.compiled_epoch import BlockProgram
from core.training.live_snapshots import Show
from core.training.steering import Steering

Report = Callable[[int, dict[str, float]], None]
Mark = Callable[[int, dict[str, float]], None]
_NOTED = ("history", "best_epoch", "_best", "_weights", "planned", "changes", "_taken", "_late", "_spent")
_WORSE = 10.0  # Times the best training loss: weights worth a look, should the next epoch break.
_HELD = 0.05  # Seconds between two looks while a training is paused.


class FollowEpochs(keras.callbacks.Callback):
    """Sets the epoch of the block program: the order of rows follows from it."""

    def __init__(self, program: BlockProgram) -> None:
        super().__init__()
        self.program = program

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        """Keras counts epochs from 0."""
        self.program.epoch = epoch


class Watch(keras.callbacks.Callback):
    """Collects the history in the target's own units, reports each epoch, and ends the training when asked or when it
    breaks.

    It comes last among the callbacks: what the others noted of an epoch is part of its checkpoint.

    Attributes:
        history: Name -> a number for each completed epoch; None where it was not measured.
        epochs: Completed epochs.
        planned: Epochs after which it ends.
        best_epoch: Epoch, from 1, with the best monitored number; 0 before there is one.
        ended: "stopped" by a person or the time limit, "diverged" when a number was none, else "".
        keep: Which weights it ends with after a stop: "best", "last" or "nothing".
        restored: Whether it ended with the weights of the best epoch.
        changes: What a person changed: {"epoch": completed epochs before it, "epochs": more} or {..., "learning_rate":
            value}.
        broken: The weights with which it diverged; None unless it did.
        rate: The learning rate it diverged with.
        limit: Seconds of training after which it ends; None where there is no limit.
        timed_out: Whether that has ended it.
        shows: Where the network is shown while it waits, too.

    Args:
        units: Name of a loss -> what it is multiplied by to be in its target's own units.
        monitor: Which number decides what is best, and whether larger is better.
        planned: Epochs of the experiment.
        report: Called with (epoch from 1, numbers) after every epoch.
        steering: Looked at after every block of batches.
        mark: Called with (completed epochs, change) when a change takes effect.
        pause: Called with whether it waits now.
        before: Epochs that count as made before the first.
    """

    def __init__(
        self,
        units: dict[str, float],
        monitor: tuple[str, bool],
        planned: int,
        report: Report,
        steering: Steering,
        mark: Mark = lambda _epoch, _change: None,
        pause: Callable[[bool], None] = lambda _waits: None,
        before: int = 0,
    ) -> None:
        super().__init__()
        self.before = before
        self.units, self.planned, self.report = units, planned, report
        self.steering, self.mark, self.pause = steering, mark, pause
        self.monitor, self.larger = monitor
        self.history: dict[str, list[float | None]] = {}
        self.changes: list[dict[str, float]] = []
        self.best_epoch, self.ended, self.keep, self.restored = 0, "", "best", False
        self._best, self._least = -math.inf, math.inf  # The best score, and the training loss nearest to 0.
        self._weights: list[np.ndarray] | None = None
        self._last: list[np.ndarray] | None = None
        self._partial, self._taken = False, 0
        self.broken: list[np.ndarray] | None = None
        self._late: list[np.ndarray] | None = None
        self.rate, self._loss_broke = 0.0, False
        self._checkpoint: Checkpoint | None = None
        self._state: State | None = None
        self._keeper: Keeper | None = None
        self.shows: Show | None = None
        self._begun = 0.0
        self.limit: float | None = None
        self.timed_out = False
        self._spent, self._since = 0.0, 0.0  # Seconds of training until `_since`, a time of the monotonic clock.

    @property
    def epochs(self) -> int:
        """Completed epochs, those before the first among them."""
        return self.before + len(self.history.get("loss", ()))

    @property
    def best_weights(self) -> list[np.ndarray] | None:
        """Of the best epoch."""
        return self._weights

    def keep_in(
        self, checkpoint: Checkpoint, others: list[keras.callbacks.Callback], state: State | None, keeper: Keeper
    ) -> None:
        """Keeps checkpoints of the training and of the other callbacks' notes, and the weights of epochs; goes on from
        a kept state.
        """
        self._checkpoint, self._others, self._state, self._keeper = checkpoint, others, state, keeper
        if state:
            self.__dict__.update(state.notes["watch"])
            self._least = min(
                (abs(loss) for loss in self.history.get("loss", ()) if loss is not None), default=math.inf
            )

    def repeat(self) -> None:
        """Reports the epochs of the kept state again: the process that made them may have died before it reported
        the last ones.
        """
        for epoch, values in enumerate(zip(*self.history.values(), strict=True), start=self.before + 1):
            self.report(
                epoch, {name: value for name, value in zip(self.history, values, strict=True) if value is not None}
            )

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        """Restores the other callbacks' state from the checkpoint: `fit` has just reset it."""
        self._handles, self._since = Handles(self.model), time.monotonic()
        self.params["epochs"] = self.planned  # `fit` was given more, so that a person may add some.
        if self._state:
            for at, callback in enumerate(self._others):
                callback_notes(callback).update(self._state.notes[f"callback {at}"])
        if self._keeper:
            self._keeper.begin(self.before, self.epochs)
            self._read = WeightReading(self.model, self._others)
            if self.history:  # Where it goes on may be its end, too.
                self._keeper.keep(self.epochs, self._read, last=True)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Carries out orders between two blocks, and ends an epoch whose loss is NaN or infinite."""
        if not math.isfinite((logs or {}).get("loss", 0.0)):
            self._end("diverged")
            return
        if self._last_block(batch):
            self.steering.look()  # It waits when the epoch has been told.
        else:
            self.wait((batch + 1) / (self.params.get("steps") or 1))
            self._look_at_the_clock()
        if self._stop_now and self.steering.stop != "last":  # The last epoch is completed, so that it can be repeated.
            self._stop()
            self._partial = not self._last_block(batch)

    def wait(self, part: float) -> None:
        """Carries out orders, and waits while the training is paused; `part` of an epoch is made."""
        steering = self.steering
        if part > 0:
            steering.more_steps = max(0, steering.more_steps - 1)
        if part >= 1:
            steering.more_epochs = max(0, steering.more_epochs - 1)
        steering.look()
        if steering.waits:
            self.pause(True)
            self._spend()
            while steering.waits:
                if self.shows:
                    self.shows.held(part)
                time.sleep(_HELD)
                steering.look()
            self._since = time.monotonic()
            self.pause(False)

    def _spend(self) -> float:
        """Counts the time since the last count as time of training; its seconds so far."""
        now = time.monotonic()
        self._spent, self._since = self._spent + now - self._since, now
        return self._spent

    def _look_at_the_clock(self, ahead: float = 0.0) -> None:
        """Ends the training where it has reached its time limit, or would have `ahead` seconds from now; not before its
        first epoch, without which there is no model.
        """
        if self.limit is not None and self._spend() + ahead >= self.limit and self.epochs > self.before:
            self.timed_out = not self.steering.stop

    def share(self, batches: int) -> int:
        """How many batches of a block are made before the next look: one at a time while a person steps."""
        return 1 if self.steering.more_steps else batches

    def pass_on(self, part: float) -> None:
        """Waits between two batches of a block, where a person steps."""
        if self.steering.paused:
            self.wait(part)

    def _last_block(self, batch: int) -> bool:
        return batch + 1 >= (self.params.get("steps") or 1)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        """Waits before the first epoch, too, where that was asked for; keeps the speed."""
        if not self._begun:
            self.wait(0.0)
        elif self.steering.speed:
            while time.monotonic() < self._begun + 1 / self.steering.speed and not self.steering.stop:
                time.sleep(max(0.0, min(_HELD, self._begun + 1 / self.steering.speed - time.monotonic())))
                self.steering.look()
        self._begun = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        """Notes and reports a completed epoch."""
        took = time.monotonic() - self._begun
        values = {name: float(value) * self._unit(name) for name, value in (logs or {}).items()}
        if not all(map(math.isfinite, (values.get("loss", 0.0), values.get("val_loss", 0.0)))):
            self._end("diverged")
            self._partial, self._loss_broke = True, not math.isfinite(values.get("loss", 0.0))
            self.broken, self.rate = self._handles.read(), float(self.model.optimizer.learning_rate)
        if self._partial:
            return
        made = self.epochs - self.before
        for name in dict.fromkeys([*self.history, *values]):  # Validation may be looked at after some epochs only.
            self.history.setdefault(name, [None] * made).append(values.get(name))
        self._least = min(self._least, abs(values.get("loss", math.inf)))
        watched = values.get(self.monitor, math.nan)
        score = watched if self.larger else -watched
        if score > self._best:
            self._best, self.best_epoch, self._weights = score, self.epochs, self._handles.read()
            self._late = None
        elif values.get("loss", 0.0) > _WORSE * self._least:
            # It may break soon: whoever asks why begins here.
            self._late = self._handles.read()
        self.report(self.epochs, values)
        self.wait(1.0)
        # Another epoch of one block cannot be ended halfway: it is made where its middle lies before the limit.
        self._look_at_the_clock(took / 2 if self._last_block(0) else 0.0)
        fresh = self._change()
        if self._stop_now:
            self._stop()
        elif self.epochs >= self.planned:
            self.model.stop_training = True
        if self._keeper:  # Between two blocks of an epoch it may be ended, too.
            self._keeper.keep(self.epochs, self._read, last=self.model.stop_training or not self._last_block(0))
        if self._checkpoint and (fresh or self._checkpoint.due()):
            if self._keeper:
                self._keeper.flush()
            notes = {"watch": {name: vars(self)[name] for name in _NOTED}}
            notes |= {f"callback {at}": notes_of(callback) for at, callback in enumerate(self._others)}
            self._checkpoint.save(self.model, notes)
        for change in fresh:  # Told only now: a training that goes on from the checkpoint knows them.
            self.mark(self.epochs, change)

    def _unit(self, name: str) -> float:
        return self.units.get(name, self.units.get(name.removeprefix("val_"), 1.0))

    def _change(self) -> list[dict[str, float]]:
        """Makes the changes that were asked for since the last epoch."""
        if self.epochs < self.steering.since:
            return []
        asked = takewhile(lambda one: one.get("epoch", 0) <= self.epochs, self.steering.changes[self._taken :])
        fresh = [{name: value for name, value in change.items() if name != "epoch"} for change in asked]
        self._taken += len(fresh)
        for change in fresh:
            if "epochs" in change:
                self.planned += int(change["epochs"])
                self.params["epochs"] = self.planned
            else:
                self.model.optimizer.learning_rate = change["learning_rate"]
            self.changes.append({"epoch": self.epochs, **change})
        return fresh

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        """After a stop or a break the best epoch is kept, unless the last was asked for."""
        weights = {"best": self._weights, "last": self._last}.get(self.keep)
        if self.ended and weights is not None:
            self.model.set_weights(weights)
            self.restored = self.keep == "best"

    @property
    def broke_in(self) -> str:
        """The part whose loss was no number: "train", or "validation" when the weights were numbers to the end."""
        whole = self.broken is not None and all(np.isfinite(one).all() for one in self.broken)
        return "validation" if whole and not self._loss_broke else "train"

    @property
    def last_good(self) -> list[np.ndarray] | None:
        """The latest weights that are there and gave numbers; None before there are any."""
        return self._late or self._weights

    @property
    def _stop_now(self) -> bool:
        stops = bool(self.steering.stop) or self.timed_out
        return stops and (self.epochs >= self.steering.since or self.steering.stop == "nothing")

    def _stop(self) -> None:
        self.keep = self.steering.stop or "best"
        if self.keep == "last":  # Early stopping would put the best ones in their place.
            self._last = self._handles.read()
        self._end("stopped")

    def _end(self, how: str) -> None:
        self.ended = self.ended or how
        self.model.stop_training = True
