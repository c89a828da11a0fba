"""Training rows that do not fit into memory: read from their file in each epoch, made into the network's matrix, fed to
the same program.

An epoch walks the file's row groups in an order of its own. A pool of rows is filled from them, shuffled, and cut into
blocks, while another thread fills the next one. All of it follows from the seed and the epoch, so that a training that
is cut off goes on to the bit.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

import keras
import numpy as np
import pyarrow as pa
import tensorflow as tf

from core.model.batches import row_order
from core.model.outputs import Heads
from core.model.preprocessing import matrix
from core.tables.budget import budget
from core.tables.parquet_rows import BLOCK
from core.tables.prepared import raw_values, target_cells
from core.tables.raw import numbers
from core.tables.streamed import TRAIN, Streamed, class_numbers, used_columns
from core.training.block_feed import Feed

_POOL = (
    8  # A pool takes one part in so many of the budget, and there are two: one that is trained on, one that is filled.
)
_BLOCKS = 32  # So do a block of the program's and the rows that are read at once; a few of them are about.


class Pool(NamedTuple):
    """Rows that are in memory together: matrix, targets and sample weights, and an order of theirs."""

    columns: Any
    order: np.ndarray


class StreamedRows:
    """The training rows of a streamed table, as the block program takes them.

    Args:
        prepared: The table.
        features: Its preprocessing.
        heads: The targets.
        of_class: What a row of each class counts, for one target; None when all count the same.
    """

    def __init__(self, prepared: Streamed, features: keras.Model, heads: Heads, of_class: np.ndarray | None) -> None:
        self.prepared, self.features, self.heads, self.of_class = prepared, features, heads, of_class
        self.rows = prepared.counted[0]
        self.block_bytes = budget() // _BLOCKS
        self.pool_bytes = budget() // _POOL
        self.read_at_once = int(
            np.clip(self.block_bytes / (8 * len(used_columns(prepared.data)) + 4 * prepared.inputs), 256, BLOCK)
        )

    def feed(self, batch: int, steps: int, per_block: int, rest: bool) -> "StreamedFeed":
        """Their blocks."""
        return StreamedFeed(self, batch, steps, per_block, rest)

    def walk(self, seed: int, epoch: int) -> Iterator[Any]:
        """The columns of all training rows, some at a time, row group by row group in the order of an epoch."""
        table, groups = self.prepared.table, row_order(len(self.prepared.table.groups), seed, epoch)
        for first, batch in table.blocks(used_columns(self.prepared.data), groups.tolist(), self.read_at_once):
            trains = self.prepared.marks[first : first + batch.num_rows] == TRAIN
            if trains.any():
                yield self._columns(batch.filter(pa.array(trains)))

    def _columns(self, batch: pa.RecordBatch) -> Any:
        prepared, heads = self.prepared, self.heads
        frame = prepared.table.frame(batch)
        x = matrix(self.features, raw_values(frame, prepared.kinds, prepared.ways))
        values = {target: self._values(frame[target], target) for target in prepared.data.targets}
        y = heads.together(lambda head: heads.as_read(head, values[head.task.target]))
        counts = None if prepared.data.weight is None else numbers(frame[prepared.data.weight]).astype("float32")
        if self.of_class is not None:
            each = self.of_class[values[heads.first.task.target]].astype("float32")
            counts = each if counts is None else each * counts
        return (x, y) if counts is None else (x, y, heads.together(lambda _head: counts))

    def _values(self, column: Any, target: str) -> np.ndarray:
        cells, _ = target_cells(column, self.prepared.target_kinds[target])
        classes = self.prepared.targets[target].classes
        return class_numbers(cells, classes) if classes else cells


class StreamedFeed(Feed):
    """The blocks of each epoch, from pools that are filled one ahead."""

    def __init__(self, source: StreamedRows, batch: int, steps: int, per_block: int, rest: bool) -> None:
        super().__init__((), batch, steps, per_block, rest)
        self.source = source
        block, count = per_block * batch, source.rows if rest else steps * batch
        columns = 4 * source.prepared.inputs + 4 * (len(source.prepared.data.targets) + 2) + 8
        self.blocks_a_pool = max(1, int(source.pool_bytes / columns) // block)
        pools = -(-self.blocks // self.blocks_a_pool)
        self.sizes = [self.blocks_a_pool * block] * (pools - 1)
        self.sizes.append(count - sum(self.sizes))
        self._filling: tuple[tuple[int, int, int], Future[Pool]] | None = None
        self._here: tuple[tuple[int, int, int], Pool] | None = None
        self._walk: tuple[tuple[int, int, int], Iterator[Any], Any] | None = None

    def _where(self, seed: int, epoch: int, block: int) -> tuple[Any, np.ndarray, int]:
        at, inside = divmod(block, self.blocks_a_pool)
        place = (seed, epoch, at)
        if self._here is None or self._here[0] != place:
            self._here = None  # The old pool goes before another one is begun.
            begun = self._filling
            pool = begun[1].result() if begun and begun[0] == place else _READER.submit(self._fill, *place).result()
            self._here = (place, pool)
            following = (seed, epoch, at + 1) if at + 1 < len(self.sizes) else (seed, epoch + 1, 0)
            self._filling = None
            self._filling = (following, _READER.submit(self._fill, *following))
        return *self._here[1], inside * self.per_block * self.batch

    def _fill(self, seed: int, epoch: int, at: int) -> Pool:
        """The rows of a pool: those that come after the last pool's, or from the epoch's first on."""
        if self._walk and self._walk[0] == (seed, epoch, at):
            _, walk, left = self._walk
        else:
            walk, left = self.source.walk(seed, epoch), None
            for size in self.sizes[:at]:
                _, left = _take(walk, left, size)
        columns, left = _take(walk, left, self.sizes[at])
        self._walk = ((seed, epoch, at + 1), walk, left) if at + 1 < len(self.sizes) else None
        return Pool(columns, np.random.default_rng([seed, epoch, at]).permutation(self.sizes[at]))


def _take(walk: Iterator[Any], left: Any, count: int) -> tuple[Any, Any]:
    """The next `count` rows, and what is left of the last that were read."""
    pool, filled = None, 0
    while filled < count:
        piece = next(walk) if left is None else left
        pool = pool or _each(lambda column: np.empty((count, *column.shape[1:]), column.dtype), piece)
        size = len(tf.nest.flatten(piece)[0])
        used = min(size, count - filled)
        for whole, part in zip(tf.nest.flatten(pool), tf.nest.flatten(piece), strict=True):
            whole[filled : filled + used] = part[:used]
        filled += used
        left = None if used == size else _each(lambda column: column[used:], piece)  # noqa: B023
    return pool, left


class StreamedBatches(keras.utils.PyDataset):
    """The same rows in batches, for plain `fit`."""

    def __init__(self, source: StreamedRows, batch_size: int, seed: int, most: int | None, epoch: int = 0) -> None:
        super().__init__()
        self.seed, self.epoch, self.batch = seed, epoch - 1, min(batch_size, source.rows)
        self.steps, rest = divmod(source.rows, self.batch)
        if most is not None and most <= self.steps:
            self.steps, rest = most, 0
        self.last: Any = None  # The rows behind the last whole batch: an array, or name -> array.
        self.rest, self.feed = bool(rest), source.feed(self.batch, self.steps, 1, bool(rest))

    def __len__(self) -> int:
        return self.steps + self.rest

    def __getitem__(self, index: int) -> Any:
        if index == self.steps:
            return self.last
        rows = self.feed(self.seed, max(self.epoch, 0), index)  # Keras looks at the first batch before it begins.
        self.last = rows.rest
        return _each(lambda column: column[0], rows.columns)

    def on_epoch_begin(self) -> None:
        """Keras begins with it."""
        self.epoch += 1


_each = tf.nest.map_structure
_READER = ThreadPoolExecutor(1, thread_name_prefix="pool")
