"""The two stacks whose speed is measured; plain NumPy, so that every environment can read it."""

from typing import NamedTuple

import numpy as np


class Stack(NamedTuple):
    """Two hidden layers of `units` and one output, or one for each class, over a table of (rows, columns)."""

    rows: int
    columns: int
    units: int
    classes: int
    batch: int

    def __str__(self) -> str:
        return f"{self.units}-{self.units}-{self.classes or 1}, batch {self.batch}"

    @property
    def steps(self) -> int:
        """Full batches of an epoch."""
        return self.rows // self.batch

    @property
    def some(self) -> int:
        """Steps that the slow ways are timed on: a busy machine would spend minutes on an epoch of theirs."""
        return min(self.steps, 100)

    @property
    def widths(self) -> list[int]:
        """Numbers of a row before the first layer, between two layers, and after the last."""
        return [self.columns, self.units, self.units, self.classes or 1]

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """(rows, columns) float32 and (rows, 1) amounts, or (rows,) class numbers."""
        draw = np.random.default_rng(0)
        x = draw.normal(size=(self.rows, self.columns)).astype("float32")
        if self.classes:
            return x, draw.integers(0, self.classes, self.rows).astype("int32")
        return x, (x @ draw.normal(size=(self.columns, 1))).astype("float32")


SMALL = [Stack(20_640, 8, 64, 0, batch) for batch in (32, 256, 2048)]
LARGE = Stack(60_000, 784, 512, 10, 256)
