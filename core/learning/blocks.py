"""One epoch as one XLA program: Keras's own `train_step` in a loop over a block of batches, inside plain `model.fit`.

`fit` asks `make_train_function`, which leaves a function that is already there alone. So the model stays a plain Keras model,
every callback works, and the numbers are those of plain `fit` on `Batches` with `jit_compile=True`, to the last
digit, random layers included (parity tests hold that).
"""

from collections.abc import Callable, Iterator
from typing import Any, Protocol

import keras
import numpy as np
import tensorflow as tf

from core.learning.feeding import Feed, Numbers, Rows, Source

_BLOCK_FLOPS = 1e10  # Work of one block: a fraction of a second on a laptop, so that Stop is heard.
_BLOCK_BYTES = 64e6  # Of rows in one block: two of them are in memory besides the table.
_VALIDATION_BLOCK = 8192
_KEPT_BYTES = 256e6  # Of validation rows that stay with TensorFlow, instead of being copied there in each epoch.

# What a network is to answer, or what its rows count: (rows, ...) or, where there are several targets, name -> such an array.
Column = np.ndarray | dict[str, np.ndarray]


class NotCompilable(Exception):
    """XLA cannot compile this model's training step; the message is XLA's own first line."""


class Pace(Protocol):
    """Who may hold a training between two batches of a block."""

    def share(self, batches: int) -> int:
        """How many of some batches are made before it is asked again, at least one."""

    def pass_on(self, part: float) -> None:
        """Called when a part of the epoch is made; returns when it may go on."""


class FullPace:
    """No one holds it."""

    def share(self, batches: int) -> int:
        """All of them."""
        return batches

    def pass_on(self, part: float) -> None:
        """At once."""


class Traced:
    """A `tf.function` that is called by the trace which the shapes of its tensors had: TensorFlow's own search for it takes longer than
    the steps of many a small epoch."""

    def __init__(self, function: Any) -> None:
        self._function = function
        self._traces: dict[tuple[Any, ...], Callable[..., Any]] = {}

    def __call__(self, *given: Any) -> Any:
        key = tuple(tuple(one.shape) if tf.is_tensor(one) else one for one in tf.nest.flatten(given))
        if key not in self._traces:
            self._traces[key] = self._function.get_concrete_function(*given)
        return self._traces[key](*given)


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
        model._symbolic_build(data_batch=_each(lambda column: column[: self.batch], columns))

        @tf.function(jit_compile=True)
        def some(columns: Any, rest: Any, first: tf.Tensor, end: tf.Tensor, last: tf.Tensor, anew: tf.Tensor) -> dict[str, tf.Tensor]:
            if anew:
                _set_back(model)
            for step in tf.range(first, end):
                model.train_step(_each(lambda column: column[step], columns))  # noqa: B023
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
        """Matrix, truth and what each row counts."""
        return self._feed.columns

    @columns.setter
    def columns(self, columns: tuple[Column, ...]) -> None:
        cut = (self.batch, self.steps, self.per_block, bool(self.rest))
        self._feed = self.source.feed(*cut) if self.source else Feed(columns, *cut)
        self._feed.columns = columns

    @property
    def dataset(self) -> Numbers:
        """What `fit` walks through: the numbers of the blocks of an epoch."""
        return Numbers(self.blocks)

    def __call__(self, iterator: Iterator[int]) -> dict[str, float]:
        """Trains on the next block; the model's metrics over the epoch so far. Raises NotCompilable before any step is made."""
        block = next(iterator)
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
        """The last, smaller batch of the epoch. It is part of the program, so a block that does not end an epoch is given one, too."""
        if self.rest and rows.rest is None:
            return _each(lambda column: tf.zeros((self.rest, *column.shape[2:]), column.dtype), rows.columns)
        return rows.rest

    def _run(self, *given: Any) -> dict[str, tf.Tensor]:
        if self._proven:
            return self._some(*given)
        try:
            logs = self._some(*given)
        except (tf.errors.InvalidArgumentError, tf.errors.UnimplementedError, tf.errors.UnknownError, tf.errors.InternalError) as error:
            raise NotCompilable(str(error).strip().splitlines()[0][:300]) from error
        self._proven = True
        return logs


def _columns(x: np.ndarray, y: Column, weights: Column | None) -> tuple[Column, ...]:
    return (x, y) if weights is None else (x, y, weights)


_each = tf.nest.map_structure


def sets_back(model: keras.Model) -> bool:
    """Whether the programs set its metrics back where an epoch begins. Another's metric may not be all variables."""
    return all(type(metric).__module__.startswith("keras.") for metric in model.metrics)


def _set_back(model: keras.Model) -> None:
    if sets_back(model):
        for metric in model.metrics:
            metric.reset_state()


class ValidationProgram:
    """A test function for `fit`: each call evaluates one large block of validation rows."""

    def __init__(self, model: keras.Model, x: np.ndarray, y: Column, weights: Column | None = None) -> None:
        self.model = model
        self.begin(x, y, weights)

        @tf.function(reduce_retracing=True)
        def run(columns: Any, anew: bool) -> dict[str, tf.Tensor]:
            if anew:
                _set_back(model)
            model.test_step(columns)
            return model.get_metrics_result()

        self._run = Traced(run)

    def begin(self, x: np.ndarray, y: Column, weights: Column | None) -> None:
        """Other rows of the same shapes."""
        self.x, self.columns = x, _columns(x, y, weights)

    @property
    def columns(self) -> tuple[Column, ...]:
        """Matrix, truth and what each row counts."""
        return self._columns

    @columns.setter
    def columns(self, columns: tuple[Column, ...]) -> None:
        self._columns = columns
        small = sum(column.nbytes for column in tf.nest.flatten(columns)) < _KEPT_BYTES
        self._kept: dict[int, Any] | None = {} if small else None

    @property
    def dataset(self) -> Numbers:
        """What `evaluate` walks through: the numbers of the blocks."""
        return Numbers(-(-len(self.x) // _VALIDATION_BLOCK))

    def __call__(self, iterator: Iterator[int]) -> dict[str, float]:
        """Evaluates the next block; the model's metrics so far."""
        block = next(iterator)
        if self._kept is None:
            return self._evaluate(block, _part(self.columns, block))
        if block not in self._kept:
            self._kept[block] = _part(self.columns, block)
        return self._evaluate(block, self._kept[block])

    def _evaluate(self, block: int, columns: Any) -> dict[str, float]:
        return {name: float(value) for name, value in self._run(columns, block == 0).items()}


def _part(columns: tuple[Column, ...], block: int) -> Any:
    at = block * _VALIDATION_BLOCK
    return _each(lambda column: tf.constant(column[at : at + _VALIDATION_BLOCK]), columns)
