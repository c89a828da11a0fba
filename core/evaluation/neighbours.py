"""How far a row is from the rows that a network was trained on, and which of these are most like it."""

from dataclasses import dataclass
from typing import Self

import numpy as np

MOST_REFERENCE = 10_000  # Training rows that are compared with; of more a random sample with a fixed seed.
MOST_USUAL = 2_000  # Of these, rows whose own nearest row says what distance is usual.
FAR = 0.99  # Share of training rows that are nearer to their nearest row, from which on a row is far.


@dataclass(frozen=True)
class Neighbours:
    """Training rows as points.

    Attributes:
        points: (n, columns) float32, n > 1.
        usual: For some of them the distance to the nearest other one, ascending.
    """

    points: np.ndarray
    usual: np.ndarray

    @classmethod
    def of(cls, points: np.ndarray) -> Self:
        """Of (n, columns) points: finds how far from each other they usually are."""
        from sklearn.neighbors import NearestNeighbors  # The page needs none of it.

        points = np.asarray(points, dtype="float32")
        some = np.arange(len(points))
        if len(some) > MOST_USUAL:
            some = np.random.default_rng(0).choice(len(points), MOST_USUAL, replace=False)
        usual = NearestNeighbors(n_neighbors=2).fit(points).kneighbors(points[some])[0][:, 1]
        return cls(points, np.sort(usual))

    def nearest(self, point: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Places of the nearest points, the nearest first, and their Euclidean distances."""
        distances = np.sqrt(np.square(self.points - np.asarray(point, "float32")).sum(axis=1, dtype="float64"))
        places = np.argsort(distances, kind="stable")[:count]
        return places, distances[places]

    def share_nearer(self, distance: float) -> float:
        """The share of training rows that are nearer than `distance` to the nearest other one."""
        return float(np.searchsorted(self.usual, distance, side="left") / len(self.usual))
