"""A plane through a network's weights: two directions, and where the path of a training lies in it. NumPy alone.

random_plane(names, weights, seed)    two random directions, each unit's part as large as its weights
path_plane(moves)                     the two directions in which a path spreads most
plane.shadow(moves)                   points of a path as coordinates in the plane
plane.reach(points)                   the part of the plane that is worth drawing

Weights are lists of arrays, or one row of numbers each: `flat` makes the one of the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

KINDS = ("path", "random")
FEWEST = 3  # Epochs that make a path.
MOST_EPOCHS = 200  # Points of a path.
Arrays = list[np.ndarray]
_ROOM = 0.18  # Beyond the ends of a path, by its length.
_THINNEST = 0.3  # One side of the picture by the other: a path that is nearly straight has land beside it, too.


@dataclass(frozen=True)
class WeightPlane:
    """Two directions from a point in the weights.

    Attributes:
        directions: (2, weights).
        whole: Whether what is drawn reaches from -1 to 1 at least, as it does where 1 means something.
        explained: Share of a path's variance along each direction, where they were chosen by that.
    """

    directions: np.ndarray
    whole: bool = False
    explained: tuple[float, float] | None = None

    def shadow(self, moves: np.ndarray) -> tuple[np.ndarray, float]:
        """(points, 2) coordinates of the points of the plane that are nearest to (points, weights), and how much of
        their way lies in it.

        The share is of the squared distances from the origin; 1 where nothing moved.
        """
        points = (np.linalg.pinv(self.directions @ self.directions.T) @ (self.directions @ moves.T)).T
        way = float((moves**2).sum())
        return points, float(((points @ self.directions) ** 2).sum()) / way if way else 1.0

    def reach(self, points: np.ndarray) -> np.ndarray:
        """[[lowest, highest] of each direction] around the origin and all points, with room beside them."""
        around = np.vstack([points, np.zeros((1, 2))])
        if self.whole:
            around = np.vstack([around / (1 - _ROOM), [[-1.0, -1.0], [1.0, 1.0]]])
            return np.stack([around.min(axis=0), around.max(axis=0)], axis=1)
        low, high = around.min(axis=0), around.max(axis=0)
        middle, half = (low + high) / 2, (high - low) * (0.5 + _ROOM)
        half = np.maximum(half, half.max() * _THINNEST)
        half = np.where(half > 0, half, 1.0)
        return np.stack([middle - half, middle + half], axis=1)


def flat(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """All numbers in a row, in double precision."""
    return np.concatenate([np.asarray(array, "float64").ravel() for array in arrays])


def random_plane(names: Sequence[str], weights: Sequence[np.ndarray], seed: int) -> WeightPlane:
    """Two random directions, filter-normalised: Li et al. 2018, Visualizing the Loss Landscape of Neural Nets,
    arXiv:1712.09913.

    The part of a direction that leads into a unit is as long as the unit's weights; biases and what normalises stay as
    they are.

    Args:
        names: Of the arrays, as Keras has them: "kernel", "bias".
        weights: At the origin.
        seed: Of the draw.
    """
    draw = np.random.default_rng(seed)
    return WeightPlane(
        np.stack([flat([_like(name, one, draw) for name, one in zip(names, weights, strict=True)]) for _ in range(2)]),
        whole=True,
    )


def _like(name: str, weights: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    if weights.ndim < 2:
        return np.zeros(weights.shape)
    # A word's row; of other layers a unit's column.
    axes = (-1,) if name == "embeddings" else tuple(range(weights.ndim - 1))
    drawn = draw.normal(size=weights.shape)
    return drawn * np.linalg.norm(weights, axis=axes, keepdims=True) / np.linalg.norm(drawn, axis=axes, keepdims=True)


def path_plane(moves: np.ndarray) -> WeightPlane:
    """The first two principal components of (epochs, weights), which are differences to the origin.

    Each is turned so that the path begins at its lower end.
    """
    # Far fewer epochs than weights: this takes half the time.
    base, inside = np.linalg.qr((moves - moves.mean(axis=0)).T)
    _, spread, turned = np.linalg.svd(inside.T, full_matrices=False)
    directions = turned[:2] @ base.T
    directions = directions * np.where(moves[:1] @ directions.T > 0, -1.0, 1.0).T
    variance = spread**2
    total = float(variance.sum())
    first, second = (variance[:2] / total).tolist() if total else (0.0, 0.0)
    return WeightPlane(directions, explained=(first, second))
