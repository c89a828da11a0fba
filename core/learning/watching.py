"""Callbacks of ours: they report epochs, hear Stop, and keep the best weights. None of them changes a number."""

import math
import time
from collections.abc import Callable
from typing import Any

import keras

from core.learning.blocks import BlockProgram
from core.learning.checkpoint import Checkpoint, State, notes_of
from core.learning.orders import Orders

_LOOK = 0.05  # Seconds between two looks at whether a pause is over.
Report = Callable[[int, dict[str, float]], None]


class FollowEpochs(keras.callbacks.Callback):
    """Tells the block program which epoch it is in: the order of rows follows from it."""

    def __init__(self, program: BlockProgram) -> None:
        super().__init__()
        self.program = program

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        """Keras counts epochs from 0."""
        self.program.epoch = epoch


class Watch(keras.callbacks.Callback):
    """Collects the history in the target's own units, reports each epoch, hears what people ask, and keeps checkpoints.

    It comes last among the callbacks: what they noted of an epoch is part of its checkpoint. `fit` is given more epochs than the
    experiment has, because a person may ask for more; this ends it.

    Attributes:
        history: Name -> a number for each completed epoch.
        epochs: Completed epochs.
        total: Epochs to be completed.
        best_epoch: Epoch, from 1, with the best monitored number; 0 before there is one.
        ended: "stopped" by a person, "diverged" when a number was none, else "".
        keeps: "best" or "last": whose weights are kept after a stop.

    Args:
        unit: What losses are multiplied by to be in the target's own units.
        monitor: Which number decides what is best, and whether larger is better.
        total: Epochs of the experiment.
        report: Called with (epoch from 1, numbers) after every epoch.
        orders: Asked after every block of batches.
        paused: Called when the training begins to wait (True) and when it goes on (False).
    """

    def __init__(
        self,
        unit: float,
        monitor: tuple[str, bool],
        total: int,
        report: Report = lambda _epoch, _values: None,
        orders: Callable[[], Orders] = Orders,
        paused: Callable[[bool], None] = lambda _waits: None,
    ) -> None:
        super().__init__()
        self.unit, self.report, self.orders, self.paused = unit, report, orders, paused
        self.monitor, self.larger = monitor
        self.planned = total
        self.history: dict[str, list[float]] = {}
        self.best_epoch, self.ended, self.keeps = 0, "", "best"
        self._best: float = -math.inf
        self._weights: list[Any] = []
        self._latest: list[Any] = []
        self._partial = False
        self._checkpoint: Checkpoint | None = None
        self._others: list[keras.callbacks.Callback] = []
        self._state: State | None = None

    @property
    def epochs(self) -> int:
        """Completed epochs."""
        return len(self.history.get("loss", ()))

    @property
    def total(self) -> int:
        """Epochs to be completed."""
        return self.planned + self.orders().more

    def keep_in(self, checkpoint: Checkpoint, others: list[keras.callbacks.Callback], state: State | None) -> None:
        """Keeps checkpoints of the training and of the other callbacks' notes, and goes on from a kept state."""
        self._checkpoint, self._others, self._state = checkpoint, others, state
        if state:
            vars(self).update(state.notes["watch"])

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        """Gives the other callbacks back what they had noted: each began anew a moment ago."""
        if self._state:
            for at, callback in enumerate(self._others):
                vars(callback).update(self._state.notes.get(f"callback {at}", {}))

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Hears people between two blocks, and ends an epoch whose loss is not a number."""
        if not math.isfinite((logs or {}).get("loss", 0.0)):
            self._end("diverged")
            return
        orders = self.orders()
        if orders.paused and not orders.stop:
            self.paused(True)
            while orders.paused and not orders.stop:
                time.sleep(_LOOK)
                orders = self.orders()
            self.paused(False)
        if orders.stop:
            self.keeps = orders.stop
            self._end("stopped")
            self._partial = not self._last_block(batch)

    def _last_block(self, batch: int) -> bool:
        return batch + 1 >= (self.params.get("steps") or 1)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        """Notes and reports a completed epoch."""
        values = {name: float(value) * (self.unit if name in ("loss", "val_loss") else 1.0) for name, value in (logs or {}).items()}
        if not all(map(math.isfinite, (values.get("loss", 0.0), values.get("val_loss", 0.0)))):
            self._end("diverged")
            self._partial = True
        if self._partial:
            return
        for name, value in values.items():
            self.history.setdefault(name, []).append(value)
        watched = values.get(self.monitor, math.nan)
        score = watched if self.larger else -watched
        self._latest = self.model.get_weights()
        if score > self._best:
            self._best, self.best_epoch, self._weights = score, self.epochs, self._latest
        self.report(self.epochs, values)
        if self.epochs >= self.total:
            self.model.stop_training = True
        if self._checkpoint and self._checkpoint.due():
            self._checkpoint.save(self.model, {"watch": self._notes(), **self._noted()})

    def _notes(self) -> dict[str, Any]:
        return {
            "history": self.history,
            "best_epoch": self.best_epoch,
            "_best": self._best,
            "_weights": self._weights,
            "stop_training": bool(self.model.stop_training),
        }

    def _noted(self) -> dict[str, dict[str, Any]]:
        return {f"callback {at}": notes_of(callback) for at, callback in enumerate(self._others)}

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        """After a stop or a break the best epoch is kept, or the last complete one where that was asked for."""
        kept = self._latest if self.keeps == "last" and self.ended == "stopped" else self._weights
        if self.ended and kept:
            self.model.set_weights(kept)

    def _end(self, how: str) -> None:
        self.ended = self.ended or how
        self.model.stop_training = True
