"""Partial dependence and individual conditional expectation: what is predicted as features take other values, all else
as it is in the rows. Friedman 2001, Goldstein et al. 2015; `sklearn.inspection.partial_dependence(method="brute")`.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.evaluation.raw_features import Outputs, Predict, RawFeatures, row_count, tiled

POINTS = 25
MOST_WORDS = 20
_BINS = 30


def grid_of(values: np.ndarray, points: int = POINTS, words: int = MOST_WORDS) -> np.ndarray:
    """The values that a feature takes in turn, from its training cells, in order.

    Of numbers `points` evenly spaced between the 1st and the 99th percentile, whole ones of whole numbers, and all of
    few different ones; of categories the most frequent.
    """
    if values.dtype == object:
        counted = pd.Series(values[values != ""]).value_counts(sort=True)
        return np.array([str(word) for word in counted.index[:words]] or [""], dtype=object)
    there = values[~np.isnan(values)]
    if not len(there):
        return np.zeros(1)
    different = np.unique(there)
    if len(different) <= points:
        return different
    low, high = np.quantile(there, [0.01, 0.99])
    grid = np.linspace(low, high, points)
    return np.unique(np.round(grid)) if (different == np.round(different)).all() else grid


def training_distribution(values: np.ndarray, grid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the training rows lie along a grid: of categories the grid and the share of rows of each, of few numbers
    as well; of more numbers the middles of 30 bins over the grid and the share of rows in each.
    """
    if values.dtype == object or len(np.unique(values[~np.isnan(values)])) <= len(grid):
        return grid, np.array([np.mean(values == cell) for cell in grid])
    counts, edges = np.histogram(values[~np.isnan(values)], _BINS, (grid[0], grid[-1]))
    return (edges[:-1] + edges[1:]) / 2, counts / len(values)


def conditional_expectations(
    predict: Predict, raw: RawFeatures, features: Sequence[str], points: Sequence[np.ndarray]
) -> Outputs:
    """Target -> (points, rows, outputs): what is predicted for each of n rows with the features at each point.

    Args:
        points: For each feature its values at the points, all of one length.
    """
    rows, several = row_count(raw), len(points[0])
    moved = {name: np.repeat(values, rows) for name, values in zip(features, points, strict=True)}
    outputs = predict(tiled(raw, several) | moved)
    return {target: values.reshape(several, rows, -1) for target, values in outputs.items()}


def partial_dependence(expected: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """(points, outputs): the mean over the rows of (points, rows, outputs), by their weights."""
    return np.average(expected, axis=1, weights=weights)


def what_if(predict: Predict, row: RawFeatures, grids: dict[str, np.ndarray]) -> dict[str, Outputs]:
    """Feature -> target -> (points, outputs): what is predicted for one row as that feature alone moves along its grid.

    All are predicted in one call.
    """
    ends = np.cumsum([len(grid) for grid in grids.values()])
    together = tiled(row, int(ends[-1]))
    for (feature, grid), end in zip(grids.items(), ends, strict=True):
        together[feature][end - len(grid) : end] = grid
    outputs = predict(together)
    return {
        feature: {target: values[end - len(grid) : end] for target, values in outputs.items()}
        for (feature, grid), end in zip(grids.items(), ends, strict=True)
    }
