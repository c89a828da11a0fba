"""Slices: how good a run predicts for the rows of each value or range of each column, and whether a difference to the
other rows is more than chance.

The score is a mean over rows: the absolute error of an amount, or the share of rows that are predicted wrong. Each
slice is compared with the rest, amounts by Welch's t-test and shares by the test of two proportions, few errors by
Fisher's exact test, and the p-values of all slices are adjusted together by Holm (1979): the chance of a single false
alarm among them is 5 % at most.
Of weighted rows the means are weighted, and the size of a sample is Kish's effective one. Of rows in groups that the
split keeps together it is smaller by the design effect (Kish 1965): rows of a group err alike.
"""

import numpy as np
from scipy import stats

from core.evaluation.evaluated_rows import EvaluatedPart, EvaluatedTarget
from core.evaluation.slice_values import LEAST_ROWS, LEVEL, Slice, column_slices

_Z = stats.norm.ppf(1 - LEVEL / 2)
_LEAST_EXPECTED = 5  # Rows of a kind, for the test of two proportions (Cochran 1954).
_LEAST_GROUPS = 5  # Of fewer the variance between groups is hardly known.


def slice_errors(target: EvaluatedTarget) -> np.ndarray:
    """The error of each of n rows: |predicted - actual|, or 1 where the class is wrong, else 0."""
    if target.task == "regression":
        return np.abs(target.y_pred - target.y_true)
    return (target.y_class != target.y_true).astype("float64")


def slices(part: EvaluatedPart, target: EvaluatedTarget) -> list[Slice]:
    """The slices of a part's rows, those with the largest mean error first; rows whose error is no finite number are
    left out.
    """
    errors = slice_errors(target)
    weights = np.ones(len(errors)) if part.weights is None else part.weights
    usable = np.isfinite(errors) & (weights > 0)
    found = []
    for column in part.features:
        for value, there in column_slices(part.features[column], part.clocks.get(str(column))):
            rows, rest = there & usable, ~there & usable
            if rows.any():
                share = target.task != "regression"
                found.append(_slice(str(column), value, rows, rest, errors, weights, share, part.groups))
    adjusted = holm(np.array([one[-1] for one in found]))
    made = [Slice(*one[:-1], p=float(p)) for one, p in zip(found, adjusted, strict=True)]
    return sorted(made, key=lambda one: -one.error)


def _slice(
    column: str,
    value: str,
    rows: np.ndarray,
    rest: np.ndarray,
    errors: np.ndarray,
    weights: np.ndarray,
    share: bool,
    groups: np.ndarray | None,
) -> tuple[str, str, int, float, float, float, float, float]:
    """A slice's values in the order of `Slice`; the last is its own p-value, not adjusted."""
    of_rows, of_rest = (
        sample_moments(errors[some], weights[some], None if groups is None else groups[some]) for some in (rows, rest)
    )
    mean, deviation, size = of_rows
    low, high = wilson(mean, size) if share else _normal(mean, deviation, size)
    p = float("nan")
    few = groups is not None and min(len(np.unique(groups[some])) for some in (rows, rest)) < _LEAST_GROUPS
    if min(rows.sum(), rest.sum()) >= LEAST_ROWS and not few:
        p = two_shares(mean, size, of_rest[0], of_rest[2]) if share else welch(of_rows, of_rest)
    return column, value, int(rows.sum()), mean, low, high, of_rest[0], p


def sample_moments(
    values: np.ndarray, weights: np.ndarray, groups: np.ndarray | None = None
) -> tuple[float, float, float]:
    """Mean, deviation (of a sample) and effective size (Kish: (sum w)^2 / sum w^2) of weighted values; with a group's
    number for each the size divided by the design effect, the variance of the mean over what it were without groups.
    """
    if not len(values):
        return float("nan"), float("nan"), 0.0
    size = float(weights.sum() ** 2 / (weights**2).sum())
    mean = float(np.average(values, weights=weights))
    variance = float(np.average((values - mean) ** 2, weights=weights))
    if groups is not None:
        of_group = np.unique(groups, return_inverse=True)[1]
        summed = np.bincount(of_group, weights * (values - mean))
        of_mean = float((summed**2).sum() / weights.sum() ** 2)
        number = len(summed)  # One group alone says nothing of how groups differ.
        size = min(size, variance / of_mean if number > 1 and of_mean > 0 else float(number))
    return mean, float(np.sqrt(variance * size / (size - 1))) if size > 1 else float("nan"), size


def welch(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """Two-sided p-value of Welch's t-test of two (mean, deviation, size); 1 where both are constant and alike."""
    if one[1] == other[1] == 0:
        return 1.0 if one[0] == other[0] else 0.0
    return float(stats.ttest_ind_from_stats(*one, *other, equal_var=False).pvalue)


def two_shares(one: float, size: float, other: float, other_size: float) -> float:
    """Two-sided p-value of the test of two proportions with pooled variance; by Fisher's exact test where fewer than
    five rows are expected of a kind in one of the samples, for there no normal distribution tells what is rare. 1 where
    both shares are 0, or both are 1.
    """
    pooled = (one * size + other * other_size) / (size + other_size)
    if min(size, other_size) * min(pooled, 1 - pooled) < _LEAST_EXPECTED:
        rows = [(round(share * number), round(number)) for share, number in ((one, size), (other, other_size))]
        return float(stats.fisher_exact([[wrong, number - wrong] for wrong, number in rows]).pvalue)
    deviation = np.sqrt(max(0.0, pooled * (1 - pooled)) * (1 / size + 1 / other_size))
    return float(2 * stats.norm.sf(abs(one - other) / deviation)) if deviation > 0 else 1.0


def wilson(share: float, size: float) -> tuple[float, float]:
    """95 % interval of a share by Wilson (1927)."""
    middle, spread = share + _Z**2 / (2 * size), _Z * np.sqrt(share * (1 - share) / size + _Z**2 / (4 * size**2))
    return float((middle - spread) / (1 + _Z**2 / size)), float((middle + spread) / (1 + _Z**2 / size))


def _normal(mean: float, deviation: float, size: float) -> tuple[float, float]:
    """95 % interval of a mean, at least 0."""
    if not size > 1:
        return float("nan"), float("nan")
    half = stats.t.ppf(1 - LEVEL / 2, size - 1) * deviation / np.sqrt(size)
    return max(0.0, float(mean - half)), float(mean + half)


def holm(p: np.ndarray) -> np.ndarray:
    """Adjusted p-values (Holm 1979): the i-th smallest of m times (m - i + 1), not below a smaller one's, at most 1.
    NaN are no tests: they stay, and do not count.
    """
    adjusted = np.full(len(p), np.nan)
    tested = np.flatnonzero(~np.isnan(p))
    order = tested[np.argsort(p[tested], kind="stable")]
    adjusted[order] = np.minimum(1, np.maximum.accumulate(p[order] * np.arange(len(order), 0, -1)))
    return adjusted
