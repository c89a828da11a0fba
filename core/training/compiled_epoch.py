"""One epoch as one XLA program: Keras's own `train_step` in a loop over a block of batches, inside plain `model.fit`.

`fit` asks `make_train_function`, which leaves a function that is already there alone. So the model stays a plain Keras
model, every callback works, and the numbers are those of plain `fit` on `Batches` with `jit_compile=True`, to the last
digit, random layers included (parity tests hold that).
"""

from collections.abc import Iterator
from typing import Any, Protocol

import keras
import numpy as np
import tensorflow as tf

from core.model.keras_internals import block_numbers, build_metrics
from core.model.scoring_program import Column, Traced, _columns, _each, _set_back
from core.training.block_feed import Feed, Rows, Source

_BLOCK_FLOPS = 1e10  # Work of one block: a fraction of a second on a laptop, so that Stop is heard.
_BLOCK_BYTES = 64e6  # Of rows in one block: two of them are in memory besides the table.


class NotCompilable(Exception):
    """XLA cannot compile this model's training step; the message is XLA's own first line."""


class Pace(Protocol):
    """Who may hold a training between two batches of a block."""

    def share(self, batches: int) -> int:
        """How many of the batches of a block are made before the next look at the orders, at least one."""

    def pass_on(self, part: float) -> None:
        """Called when a part of the epoch is made; returns when it may go on."""


class FullPace:
    """No one holds it."""

    def share(self, batches: int) -> int:
        """All of them."""
        return batches

    def pass_on(self, part: float) -> None:
        """At once."""


class BlockProgram:
    """A train function for `fit`: each call runs one block of batches of the current epoch.

    Args:
        model: Compiled, with its shape known.
        x: (rows, columns) float32.
        y: (rows, outputs), or one for each target.
        batch_size: Rows of a batch.
        seed: Of the order of rows.
        work: Floating-point operations of one block, at least one batch.
        weights: (rows,) what each row counts, one for each target, or None.
        most: Batches of an epoch; None for as many as there are.
        source: Where the rows come from when they do not fit into memory; x, y and weights are then a few of them.
    """

    def __init__(
        self,
        model: keras.Model,
        x: np.ndarray,
        y: Column,
        batch_size: int,
        seed: int,
        work: float = _BLOCK_FLOPS,
        weights: Column | None = None,
        most: int | None = None,
        source: Source | None = None,
    ) -> None:
        self.model, self.x, self.seed, self.source = model, x, seed, source
        count = source.rows if source else len(x)
        self.batch = min(batch_size, count)
        self.steps, self.rest = divmod(count, self.batch)
        if most is not None and most <= self.steps:
            self.steps, self.rest = most, 0
        columns = _columns(x, y, weights)
        flops = 6.0 * model.count_params() * self.batch
        size = sum(column[:1].nbytes * self.batch for column in tf.nest.flatten(columns))
        room = min(_BLOCK_BYTES, source.block_bytes) if source else _BLOCK_BYTES
        at_once = max(1, min(int(work / max(flops, 1e5)), int(room / max(size, 1))))
        self.blocks = max(1, -(-self.steps // at_once))
        self.per_block = -(-self.steps // self.blocks)
        self.blocks = -(-self.steps // self.per_block)
        self.epoch = 0
        self.pace: Pace = FullPace()
        self._proven = False
        self.columns = columns
        model.optimizer.build(model.trainable_variables)
        build_metrics(model, _each(lambda column: column[: self.batch], columns))

        @tf.function(jit_compile=True)
        def some(
            columns: Any, rest: Any, first: tf.Tensor, end: tf.Tensor, last: tf.Tensor, anew: tf.Tensor
        ) -> dict[str, tf.Tensor]:
            if anew:
                _set_back(model)
            step = first  # Not `tf.range(first, end)`: XLA compiles anew for each pair of numbers that is given to it.
            while step < end:
                model.train_step(_each(lambda column: column[step], columns))  # noqa: B023
                step += 1
            if rest is not None and last:
                model.train_step(rest)
            return model.get_metrics_result()

        self._some = Traced(some)

    def begin(self, x: np.ndarray, y: Column, seed: int, weights: Column | None, source: Source | None = None) -> None:
        """Other rows of the same shapes, as many of them."""
        self.source = source
        self.x, self.columns, self.seed, self.epoch = x, _columns(x, y, weights), seed, 0

    @property
    def columns(self) -> tuple[Column, ...]:
        """Matrix, targets and sample weights."""
        return self._feed.columns

    @columns.setter
    def columns(self, columns: tuple[Column, ...]) -> None:
        cut = (self.batch, self.steps, self.per_block, bool(self.rest))
        self._feed = self.source.feed(*cut) if self.source else Feed(columns, *cut)
        self._feed.columns = columns

    @property
    def dataset(self) -> Any:
        """What `fit` walks through: the numbers of the blocks of an epoch."""
        return block_numbers(self.blocks)

    def __call__(self, iterator: Iterator[int]) -> dict[str, float]:
        """Trains on the next block; the model's metrics over the epoch so far. Raises NotCompilable before any step is
        made.
        """
        block = int(next(iterator))
        rows = self._feed(self.seed, self.epoch, block)
        rest, full = self._rest(rows), int(rows.steps)
        done, end = 0, full + (rows.rest is not None)
        while done < end:
            first, done = done, done + min(self.pace.share(end - done), end - done)
            given = (min(first, full), min(done, full), done > full, block == first == 0)
            logs = self._run(rows.columns, rest, *map(tf.constant, given))
            if done < end:
                self.pace.pass_on((block * self.per_block + done) / (self.steps + bool(self.rest)))
        return {name: float(value) for name, value in logs.items()}

    def _rest(self, rows: Rows) -> Any:
        """The last, smaller batch of the epoch. It is part of the program, so a block that does not end an epoch is
        given one, too.
        """
        if self.rest and rows.rest is None:
            return _each(lambda column: tf.zeros((self.rest, *column.shape[2:]), column.dtype), rows.columns)
        return rows.rest

    def _run(self, *given: Any) -> dict[str, tf.Tensor]:
        if self._proven:
            return self._some(*given)
        try:
            logs = self._some(*given)
        except (
            tf.errors.InvalidArgumentError,
            tf.errors.UnimplementedError,
            tf.errors.UnknownError,
            tf.errors.InternalError,
        ) as error:
            raise NotCompilable(str(error).strip().splitlines()[0][:300]) from error
        self._proven = True
        return logs
