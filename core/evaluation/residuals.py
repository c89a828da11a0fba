"""The errors of a regression: their summary, their distribution, and where they are large. A residual is predicted -
actual, in the target's unit.

Every function takes n float64 values and, as `weights`, how much each row counts (None: all alike). Rows whose
prediction is no finite number are to be left out before.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.experiment.score_words import number, with_unit

MOST_BARS = 60  # Of the distribution.


@dataclass(frozen=True)
class ErrorSummary:
    """The errors of n rows in a few numbers, of the target's unit; NaN where they are not defined.

    Attributes:
        r2: 1 - squared errors / squared differences from the mean; NaN where all rows have one value.
        mean_error: Mean residual: above 0 where predictions are too large on average.
        mean_absolute_error, root_mean_squared_error: Of the residuals.
        half_within, nine_tenths_within: The smallest error that 50 % and 90 % of the rows' weight do not exceed.
    """

    r2: float
    mean_error: float
    mean_absolute_error: float
    root_mean_squared_error: float
    half_within: float
    nine_tenths_within: float


def error_summary(y_true: np.ndarray, y_pred: np.ndarray, weights: np.ndarray | None = None) -> ErrorSummary:
    """The summary of the errors of n rows."""
    residuals = y_pred - y_true
    sizes = np.abs(residuals)
    spread = weighted_mean((y_true - weighted_mean(y_true, weights)) ** 2, weights)
    squared = weighted_mean(residuals**2, weights)
    return ErrorSummary(
        r2=1 - squared / spread if spread > 0 and np.ptp(y_true) > 0 else float("nan"),
        mean_error=weighted_mean(residuals, weights),
        mean_absolute_error=weighted_mean(sizes, weights),
        root_mean_squared_error=float(np.sqrt(squared)),
        half_within=weighted_quantile(sizes, 0.5, weights),
        nine_tenths_within=weighted_quantile(sizes, 0.9, weights),
    )


def weighted_mean(values: np.ndarray, weights: np.ndarray | None = None) -> float:
    """The mean; NaN without rows or weight."""
    if not len(values) or (weights is not None and not weights.sum() > 0):
        return float("nan")
    return float(np.average(values, weights=weights))


def weighted_quantile(values: np.ndarray, share: float, weights: np.ndarray | None = None) -> float:
    """The smallest value that so large a share of the weight does not exceed (NumPy's "inverted_cdf"); NaN without
    rows or weight.
    """
    if not len(values) or (weights is not None and not weights.sum() > 0):
        return float("nan")
    return float(np.quantile(values, share, weights=weights, method="inverted_cdf"))


def quantile_groups(values: np.ndarray, groups: int) -> np.ndarray:
    """The group of each row, from 0: about as many rows in each, equal values together, each group up to a quantile and
    with it; -1 where a value is missing.
    """
    there = np.isfinite(values)
    found = np.full(len(values), -1)
    if there.any():
        edges = np.unique(np.quantile(values[there], np.arange(1, groups) / groups))
        found[there] = np.searchsorted(edges, values[there])
        found[there] = np.unique(found[there], return_inverse=True)[1]  # Without gaps, where a group has no rows.
    return found


def error_by_tenth(y_true: np.ndarray, y_pred: np.ndarray, weights: np.ndarray | None = None) -> pd.DataFrame:
    """A row for each tenth of the rows by their actual value, from the smallest on.

    Columns: "from", "to" (actual values), "rows", "mean error" (predicted - actual), "mean absolute error".
    """
    groups, residuals = quantile_groups(y_true, 10), y_pred - y_true
    told = []
    for group in range(groups.max(initial=-1) + 1):
        there = groups == group
        of = None if weights is None else weights[there]
        told.append(
            {
                "from": float(y_true[there].min()),
                "to": float(y_true[there].max()),
                "rows": int(there.sum()),
                "mean error": weighted_mean(residuals[there], of),
                "mean absolute error": weighted_mean(np.abs(residuals[there]), of),
            }
        )
    return pd.DataFrame(told)


def actual_range(begin: float, end: float, y_true: np.ndarray, unit: str = "") -> str:
    """From one actual value to another in words, without decimals where all of them are whole: "232 to 259"."""
    whole, low, high = bool((y_true == np.round(y_true)).all()), float(y_true.min()), float(y_true.max())
    return " to ".join(
        with_unit(f"{one:.0f}", unit) if whole and abs(one) < 1000 else number(one, unit, low, high)
        for one in (begin, end)
    )


def residual_trend(values: np.ndarray, residuals: np.ndarray, weights: np.ndarray | None = None) -> pd.DataFrame:
    """The mean residual by tenths of a column: "at" (the mean of the column there), "mean error"."""
    groups = quantile_groups(values, 10)
    told = []
    for group in range(groups.max(initial=-1) + 1):
        there = groups == group
        of = None if weights is None else weights[there]
        told.append({"at": float(values[there].mean()), "mean error": weighted_mean(residuals[there], of)})
    return pd.DataFrame(told, columns=["at", "mean error"])


def residual_bars(residuals: np.ndarray, weights: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The distribution of residuals: how many rows (with weights their sum) are in each of k bars, and the k + 1 edges.

    The width of the bars is NumPy's "auto"; the last one holds its upper edge too.
    """
    edges = np.histogram_bin_edges(residuals, "auto") if len(residuals) else np.array([-0.5, 0.5])
    if len(edges) > MOST_BARS + 1:
        edges = np.linspace(edges[0], edges[-1], MOST_BARS + 1)
    return np.histogram(residuals, edges, weights=weights)[0].astype("float64"), edges


def bar_rows(residuals: np.ndarray, edges: np.ndarray, bar: int) -> np.ndarray:
    """The numbers of the rows in a bar of `residual_bars`."""
    last = bar == len(edges) - 2
    below = residuals <= edges[bar + 1] if last else residuals < edges[bar + 1]
    return np.flatnonzero((residuals >= edges[bar]) & below)
