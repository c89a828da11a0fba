"""Rows on their way into the block program: another thread draws, gathers and copies them while the block before is
trained on.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple, Protocol

import numpy as np
import tensorflow as tf

from core.model.batches import row_order


class Rows(NamedTuple):
    """What one call of the block program trains on.

    Attributes:
        columns: Each (batches of a block, rows of a batch, ...).
        steps: How many of these batches count; the others only fill up.
        rest: The last, smaller batch of the epoch, or None.
    """

    columns: Any
    steps: tf.Tensor
    rest: Any


class Source(Protocol):
    """Rows that are not in memory.

    Attributes:
        rows: How many train.
        block_bytes: Of the rows of one block, at most.
    """

    rows: int
    block_bytes: int

    def feed(self, batch: int, steps: int, per_block: int, rest: bool) -> "Feed":
        """Their blocks."""


class Feed:
    """The blocks of each epoch, one ahead.

    Args:
        columns: Matrix, targets and sample weights, each (rows, ...) or name -> such an array.
        batch: Rows of a batch.
        steps: Full batches of an epoch; `per_block`: of a block.
        rest: Whether a smaller batch follows them.
    """

    def __init__(self, columns: tuple[Any, ...], batch: int, steps: int, per_block: int, rest: bool) -> None:
        self.columns, self.batch, self.steps, self.per_block, self.rest = columns, batch, steps, per_block, rest
        self.blocks = -(-steps // per_block)
        self._order: tuple[tuple[int, int], np.ndarray] | None = None
        self._ahead: tuple[tuple[int, int, int], Future[Rows]] | None = None

    def __call__(self, seed: int, epoch: int, block: int) -> Rows:
        """One block; the one after it is begun, and thrown away when another one is asked for."""
        place = (seed, epoch, block)
        begun = self._ahead
        rows = begun[1].result() if begun and begun[0] == place else _THREAD.submit(self._rows, *place).result()
        following = (seed, epoch, block + 1) if block + 1 < self.blocks else (seed, epoch + 1, 0)
        self._ahead = (following, _THREAD.submit(self._rows, *following))
        return rows

    def _rows(self, seed: int, epoch: int, block: int) -> Rows:
        columns, order, first = self._where(seed, epoch, block)
        steps = min(self.per_block, self.steps - block * self.per_block)
        rows = order[first : first + steps * self.batch]
        # The last block may be shorter: filled up, so that its shape and program are the same.
        if steps < self.per_block:
            rows = np.concatenate([rows, np.zeros((self.per_block - steps) * self.batch, dtype=rows.dtype)])
        shape = (self.per_block, self.batch)
        block_of = _each(
            lambda column: tf.constant(np.take(column, rows, axis=0).reshape(*shape, *column.shape[1:])), columns
        )
        rest = None
        if self.rest and block == self.blocks - 1:
            last = order[first + steps * self.batch :]
            rest = _each(lambda column: tf.constant(np.take(column, last, axis=0)), columns)
        return Rows(block_of, tf.constant(steps), rest)

    def _where(self, seed: int, epoch: int, block: int) -> tuple[Any, np.ndarray, int]:
        """Columns that hold the rows of a block, an order of theirs, and from which place in it on the block's rows
        are.
        """
        if self._order is None or self._order[0] != (seed, epoch):
            self._order = None  # The old order goes before the new one comes: each is 8 bytes a row.
            self._order = ((seed, epoch), row_order(len(tf.nest.flatten(self.columns)[0]), seed, epoch))
        return self.columns, self._order[1], block * self.per_block * self.batch


_each = tf.nest.map_structure
_THREAD = ThreadPoolExecutor(1, thread_name_prefix="rows")  # Gathering is no work for two: it waits for memory.
