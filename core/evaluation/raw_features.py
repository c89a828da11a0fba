"""Raw values feature by feature, as a network's preprocessing reads them: what questions about features change and
predict anew.
"""

from collections.abc import Callable

import numpy as np

RawFeatures = dict[str, np.ndarray]  # Feature -> n values: float64 with NaN, or text with "" where missing.
Outputs = dict[str, np.ndarray]  # Target -> (n, outputs) float64.
Predict = Callable[[RawFeatures], Outputs]


def row_count(raw: RawFeatures) -> int:
    """How many rows there are."""
    return len(next(iter(raw.values())))


def tiled(raw: RawFeatures, times: int) -> RawFeatures:
    """All rows, `times` times one after the other."""
    return {name: np.tile(values, times) for name, values in raw.items()}


def picked_rows(raw: RawFeatures, rows: np.ndarray) -> RawFeatures:
    """The rows at those positions, in that order."""
    return {name: values[rows] for name, values in raw.items()}


def sampled_rows(rows: int, most: int, weights: np.ndarray | None = None, seed: int = 0) -> np.ndarray:
    """Positions of `most` of so many rows, drawn without replacement and in order; of fewer rows all. With weights a
    row is drawn with a probability in proportion to its weight, and one of weight 0 never.
    """
    if weights is None:
        drawn = np.arange(rows)
        share = None
    else:
        drawn = np.flatnonzero(weights > 0)
        share = weights[drawn].astype("float64") / weights[drawn].sum(dtype="float64")
    if len(drawn) <= most:
        return drawn
    return np.sort(np.random.default_rng(seed).choice(drawn, most, replace=False, p=share))
