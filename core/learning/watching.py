"""Callbacks of ours: they report epochs, hear Stop, and keep the best weights. None of them changes a number."""

import math
from collections.abc import Callable
from typing import Any

import keras

from core.learning.blocks import BlockProgram
from core.learning.checkpoint import Checkpoint, State, notes_of

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
    """Collects the history in the target's own units, reports each epoch, and ends the training when asked or when it breaks.

    It comes last among the callbacks: what the others noted of an epoch is part of its checkpoint.

    Attributes:
        history: Name -> a number for each completed epoch.
        epochs: Completed epochs.
        best_epoch: Epoch, from 1, with the best monitored number; 0 before there is one.
        ended: "stopped" by a person, "diverged" when a number was none, else "".

    Args:
        unit: What losses are multiplied by to be in the target's own units.
        monitor: Which number decides what is best, and whether larger is better.
        report: Called with (epoch from 1, numbers) after every epoch.
        should_stop: Asked after every block of batches.
    """

    def __init__(self, unit: float, monitor: tuple[str, bool], report: Report, should_stop: Callable[[], bool]) -> None:
        super().__init__()
        self.unit, self.report, self.should_stop = unit, report, should_stop
        self.monitor, self.larger = monitor
        self.history: dict[str, list[float]] = {}
        self.best_epoch, self.ended = 0, ""
        self._best, self._weights = -math.inf, None
        self._partial = False
        self._checkpoint: Checkpoint | None = None
        self._state: State | None = None

    @property
    def epochs(self) -> int:
        """Completed epochs."""
        return len(self.history.get("loss", ()))

    def keep_in(self, checkpoint: Checkpoint, others: list[keras.callbacks.Callback], state: State | None) -> None:
        """Keeps checkpoints of the training and of the other callbacks' notes, and goes on from a kept state."""
        self._checkpoint, self._others, self._state = checkpoint, others, state
        if state:
            vars(self).update(state.notes["watch"])

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        """Gives the other callbacks back what they had noted: each began anew a moment ago."""
        if self._state:
            for at, callback in enumerate(self._others):
                vars(callback).update(self._state.notes[f"callback {at}"])

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Hears Stop between two blocks, and ends an epoch whose loss is not a number."""
        if not math.isfinite((logs or {}).get("loss", 0.0)):
            self._end("diverged")
        elif self.should_stop():
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
        if score > self._best:
            self._best, self.best_epoch, self._weights = score, self.epochs, self.model.get_weights()
        self.report(self.epochs, values)
        if self._checkpoint and self._checkpoint.due():
            notes = {"watch": {name: vars(self)[name] for name in ("history", "best_epoch", "_best", "_weights")}}
            notes |= {f"callback {at}": notes_of(callback) for at, callback in enumerate(self._others)}
            self._checkpoint.save(self.model, notes)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        """After a stop or a break the best epoch is kept."""
        if self.ended and self._weights is not None:
            self.model.set_weights(self._weights)

    def _end(self, how: str) -> None:
        self.ended = self.ended or how
        self.model.stop_training = True
