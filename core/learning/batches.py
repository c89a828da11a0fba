"""The order of rows: drawn anew for each epoch from the seed and the epoch alone. The printed program carries this source."""

import keras
import numpy as np


def row_order(rows: int, seed: int, epoch: int) -> np.ndarray:
    """Positions of all rows in the order of one epoch, counted from 0."""
    return np.random.default_rng([seed, epoch]).permutation(rows)


class Batches(keras.utils.PyDataset):
    """The training rows in batches, in a new order each epoch."""

    def __init__(self, x, y, batch_size, seed):
        super().__init__()
        self.x, self.y, self.batch_size, self.seed = x, y, batch_size, seed
        self.epoch, self.order = -1, row_order(len(x), seed, 0)

    def __len__(self):
        return -(-len(self.x) // self.batch_size)

    def __getitem__(self, index):
        rows = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        return self.x[rows], self.y[rows]

    def on_epoch_begin(self):
        self.epoch += 1
        self.order = row_order(len(self.x), self.seed, self.epoch)
