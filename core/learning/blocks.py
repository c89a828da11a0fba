"""One epoch as one XLA program: Keras's own `train_step` in a loop over a block of batches, inside plain `model.fit`.

`fit` asks `make_train_function`, which leaves a function that is already there alone. So the model stays a plain Keras model,
every callback works, and the numbers are those of plain `fit` on `Batches` (a parity test holds that).
"""

from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf

from core.learning.batches import row_order

_BLOCK_FLOPS = 4e9  # Work of one block: a fraction of a second on a laptop, so that Stop is heard.
_VALIDATION_BLOCK = 8192


class NotCompilable(Exception):
    """XLA cannot compile this model's training step; the message is XLA's own first line."""


class BlockProgram:
    """A train function for `fit`: each call runs one block of batches of the current epoch.

    Args:
        model: Compiled, with its shape known.
        x: (rows, columns) float32.
        y: (rows, outputs).
        batch_size: Rows of a batch.
        seed: Of the order of rows.
        work: Floating-point operations of one block, at least one batch.
    """

    def __init__(self, model: keras.Model, x: np.ndarray, y: np.ndarray, batch_size: int, seed: int, work: float = _BLOCK_FLOPS) -> None:
        self.model, self.x, self.y, self.seed = model, x, y, seed
        self.batch = min(batch_size, len(x))
        self.steps, self.rest = divmod(len(x), self.batch)
        flops = 6.0 * model.count_params() * self.batch
        self.blocks = max(1, -(-self.steps // max(1, int(work / max(flops, 1e5)))))
        self.per_block = -(-self.steps // self.blocks)
        self.blocks = -(-self.steps // self.per_block)
        self.epoch = 0
        self._proven = False
        model.optimizer.build(model.trainable_variables)
        model._symbolic_build(data_batch=(x[: self.batch], y[: self.batch]))

        @tf.function(jit_compile=True)
        def full(xs: tf.Tensor, ys: tf.Tensor, steps: tf.Tensor) -> dict[str, tf.Tensor]:
            for step in tf.range(steps):
                model.train_step((xs[step], ys[step]))
            return model.get_metrics_result()

        @tf.function
        def last(xs: tf.Tensor, ys: tf.Tensor) -> dict[str, tf.Tensor]:
            model.train_step((xs, ys))  # A smaller batch is another shape: XLA would compile all of it a second time.
            return model.get_metrics_result()

        self._full, self._last = full, last

    @property
    def dataset(self) -> tf.data.Dataset:
        """What `fit` walks through: the numbers of the blocks of an epoch."""
        return tf.data.Dataset.range(self.blocks)

    def __call__(self, iterator: Iterator[tf.Tensor]) -> dict[str, float]:
        """Trains on the next block; the model's metrics over the epoch so far. Raises NotCompilable before any step is made."""
        block = int(next(iterator))
        if block == 0:
            self.order = row_order(len(self.x), self.seed, self.epoch)
        first = block * self.per_block
        steps = min(self.per_block, self.steps - first)
        rows = self.order[first * self.batch : (first + steps) * self.batch]
        if steps < self.per_block:  # The last block may be shorter: filled up, so that its shape and program are the same.
            rows = np.concatenate([rows, np.zeros((self.per_block - steps) * self.batch, dtype=rows.dtype)])
        shape = (self.per_block, self.batch)
        xs, ys = self.x[rows].reshape(*shape, *self.x.shape[1:]), self.y[rows].reshape(*shape, *self.y.shape[1:])
        logs = self._run(tf.constant(xs), tf.constant(ys), tf.constant(steps))
        if self.rest and block == self.blocks - 1:
            rows = self.order[self.steps * self.batch :]
            logs = self._last(tf.constant(self.x[rows]), tf.constant(self.y[rows]))
        return {name: float(value) for name, value in logs.items()}

    def _run(self, xs: tf.Tensor, ys: tf.Tensor, steps: tf.Tensor) -> dict[str, tf.Tensor]:
        if self._proven:
            return self._full(xs, ys, steps)
        try:
            logs = self._full(xs, ys, steps)
        except (tf.errors.InvalidArgumentError, tf.errors.UnimplementedError, tf.errors.UnknownError, tf.errors.InternalError) as error:
            raise NotCompilable(str(error).strip().splitlines()[0][:300]) from error
        self._proven = True
        return logs


class ValidationProgram:
    """A test function for `fit`: each call evaluates one large block of validation rows."""

    def __init__(self, model: keras.Model, x: np.ndarray, y: np.ndarray) -> None:
        self.model, self.x, self.y = model, x, y

        @tf.function(reduce_retracing=True)
        def run(xs: tf.Tensor, ys: tf.Tensor) -> dict[str, tf.Tensor]:
            model.test_step((xs, ys))
            return model.get_metrics_result()

        self._run = run

    @property
    def dataset(self) -> tf.data.Dataset:
        """What `evaluate` walks through: the numbers of the blocks."""
        return tf.data.Dataset.range(-(-len(self.x) // _VALIDATION_BLOCK))

    def __call__(self, iterator: Iterator[tf.Tensor]) -> dict[str, float]:
        """Evaluates the next block; the model's metrics so far."""
        return self._block(self.x, self.y, int(next(iterator)) * _VALIDATION_BLOCK)

    def scores(self, x: np.ndarray, y: np.ndarray) -> dict[str, float]:
        """What `evaluate` gives for other rows, by the program that is already compiled."""
        self.model.reset_metrics()
        return [self._block(x, y, at) for at in range(0, len(x), _VALIDATION_BLOCK)][-1]

    def _block(self, x: np.ndarray, y: np.ndarray, at: int) -> dict[str, float]:
        logs = self._run(tf.constant(x[at : at + _VALIDATION_BLOCK]), tf.constant(y[at : at + _VALIDATION_BLOCK]))
        return {name: float(value) for name, value in logs.items()}
