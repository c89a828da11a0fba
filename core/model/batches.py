"""The order of rows: drawn anew for each epoch from the seed and the epoch alone. The printed program carries this
source.
"""

import keras
import numpy as np


def row_order(rows: int, seed: int, epoch: int) -> np.ndarray:
    """Positions of all rows in the order of one epoch, counted from 0."""
    return np.random.default_rng([seed, epoch]).permutation(rows)


def taken(column, rows):
    """Some rows of a column, or of each of several: (rows, ...), or name -> such an array."""
    return {name: one[rows] for name, one in column.items()} if isinstance(column, dict) else column[rows]


class Batches(keras.utils.PyDataset):
    """The training rows in batches, in a new order each epoch."""

    def __init__(self, x, y, batch_size, seed, weights=None, steps=None):
        super().__init__()
        self.x, self.batch_size, self.seed = x, batch_size, seed
        self.columns = (x, y) if weights is None else (x, y, weights)
        self.steps = min(steps or len(x), -(-len(x) // batch_size))
        self.epoch, self.order = -1, row_order(len(x), seed, 0)

    def __len__(self):
        return self.steps

    def __getitem__(self, index):
        rows = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        return tuple(taken(column, rows) for column in self.columns)

    def on_epoch_begin(self):
        self.epoch += 1
        self.order = row_order(len(self.x), self.seed, self.epoch)
