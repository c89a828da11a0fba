"""How much a score would vary over other test rows: the bootstrap, which draws n of the n rows again and again.

Where the split keeps groups of rows together, groups are drawn instead, each with all its rows (the cluster bootstrap):
rows of one group are alike, and drawn one by one they would seem to say more than they do.

A resample is a count for each row, so a score of a resample is the score with counts times weights as its weights. The
same resamples serve all models, so that a difference of two scores is paired. Method: percentiles (Efron and
Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13); of groups: Davison and Hinkley, Bootstrap Methods and
their Application, 1997, section 3.8.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from core.evaluation import scores

RESAMPLES = 1000
FEWER_RESAMPLES = 200  # Of a score that is computed resample by resample, and of many rows and classes.
_MOST_WORK = 2e7  # Resamples x rows x classes of one score, which take about a second.
_BLOCK = 50
_SEED = 0

Values = np.ndarray
RowValues = Callable[..., Values]


def number_of_resamples(rows: int, classes: int = 1) -> int:
    """`RESAMPLES`; fewer where rows and classes are many, `FEWER_RESAMPLES` at least."""
    return int(np.clip(_MOST_WORK / max(1, rows * classes), FEWER_RESAMPLES, RESAMPLES))


def resamples(rows: int, number: int, groups: np.ndarray | None = None) -> Iterator[np.ndarray]:
    """Blocks (resamples, rows) of how often each row was drawn, float64; `number` resamples in all, always the same.

    With `groups`, a number for each row, as many groups are drawn as there are, and a row as often as its group.
    """
    draw = np.random.default_rng(_SEED)
    names, member = (np.arange(rows), None) if groups is None else np.unique(groups, return_inverse=True)
    of = len(names)
    for at in range(0, number, _BLOCK):
        block = min(_BLOCK, number - at)
        drawn = draw.integers(0, of, (block, of)) + of * np.arange(block)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=block * of).reshape(block, of).astype("float64")
        yield counts if member is None else counts[:, member]


def weighted_means(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The means of n values with each of (resamples, n) weights; NaN where the weights are all 0."""
    with np.errstate(all="ignore"):
        return (weights @ values) / weights.sum(axis=1)


def _absolute(y_true: Values, y_pred: Values) -> Values:
    return np.abs(y_pred - y_true)


def _squared(y_true: Values, y_pred: Values) -> Values:
    return (y_pred - y_true) ** 2


def _each(score: Callable[..., Any]) -> RowValues:
    """The values of the rows of a score that is their mean: the score of each row alone."""

    def of_rows(y_true: Values, y_pred: Values, **arguments: Any) -> Values:
        return np.array([score(y_true[at : at + 1], y_pred[at : at + 1], **arguments) for at in range(len(y_true))])

    return of_rows


def _right(y_true: Values, y_pred: Values, threshold: float = 0.5) -> Values:
    return (scores.predicted_classes(y_pred, threshold) == y_true).astype("float64")


# Scores that are the mean of a value a row, and what the value is. The names are those of the catalog (`exact`).
_ROW_VALUES: dict[str, RowValues] = {
    "metrics.mean_absolute_error": _absolute,
    "metrics.mean_squared_error": _squared,
    "metrics.root_mean_squared_error": _squared,
    "mean_absolute_percentage_error": _each(scores.mean_absolute_percentage_error),
    "mean_squared_logarithmic_error": _each(scores.mean_squared_logarithmic_error),
    "log_cosh_error": _each(scores.log_cosh_error),
    "poisson": _each(scores.poisson),
    "accuracy": _right,
    "top_k_accuracy": _each(scores.top_k_accuracy),
    "cross_entropy": _each(scores.cross_entropy),
    "hinge": _each(scores.hinge),
    "squared_hinge": _each(scores.squared_hinge),
    "categorical_hinge": _each(scores.categorical_hinge),
}
SHARES = ("accuracy", "top_k_accuracy")  # Means of what is 0 or 1.
_OF_CLASSES = {"precision": 0, "recall": 1, "fbeta": 2}


def fast(name: str) -> bool:
    """Whether a score is computed for a block of resamples at once."""
    return name in _ROW_VALUES or name in _OF_CLASSES or name in ("r2", "auc")


def resampled_score(
    name: str, score: Callable[..., Any], y_true: Values, y_pred: Values, **arguments: Any
) -> Callable[[np.ndarray], np.ndarray]:
    """A function from (resamples, n) weights, counts of resamples times the rows' weights, to the score with each; NaN
    where that is not defined.

    Args:
        name: In the catalog (`exact`).
        score: The function of that name.
        y_true, y_pred: As every score has them (`core.evaluation.scores`); all predictions finite.
        arguments: Of the score.
    """
    if name in _ROW_VALUES:
        values = _ROW_VALUES[name](y_true, y_pred, **arguments)
        if name == "metrics.root_mean_squared_error":
            return lambda weights: np.sqrt(weighted_means(values, weights))
        return lambda weights: weighted_means(values, weights)
    if name == "r2":
        return lambda weights: _r2(y_true, y_pred, weights)
    if name == "auc":
        return _auc(y_true, y_pred)
    if name in _OF_CLASSES:
        of_classes = _precision_recall_fbeta(y_true, y_pred, **arguments)
        return lambda weights: of_classes(weights)[_OF_CLASSES[name]]

    def one_by_one(weights: np.ndarray) -> np.ndarray:
        drawn = weights > 0  # A row that was not drawn is absent: its class may be, too.
        return np.array(
            [
                scores.exact_score(score, y_true[there], y_pred[there], row[there], **arguments)
                for row, there in zip(weights, drawn, strict=True)
            ]
        )

    return one_by_one


def _r2(y_true: Values, y_pred: Values, weights: np.ndarray) -> np.ndarray:
    centred = y_true - y_true.mean()  # Before it is squared: an offset would swallow the digits.
    errors, squares = weights @ (y_pred - y_true) ** 2, weights @ centred**2
    with np.errstate(all="ignore"):
        spread = squares - (weights @ centred) ** 2 / weights.sum(axis=1)
        return np.where(spread > 1e-12 * squares, 1 - errors / spread, np.nan)


def _auc(y_true: Values, y_pred: Values) -> Callable[[np.ndarray], np.ndarray]:
    """By Mann and Whitney: the share of pairs, one of the class and one of the rest, whose order is right; equal ones
    count half.
    """
    columns = y_pred.T if y_pred.ndim == 2 else [y_pred]
    sorted_classes = []
    for number, column in enumerate(columns):
        order = np.argsort(column, kind="stable")
        first = np.flatnonzero(np.r_[True, np.diff(column[order]) > 0])  # Of equal predictions.
        sorted_classes.append((order, first, (y_true == (number if y_pred.ndim == 2 else 1))[order]))

    def areas(weights: np.ndarray) -> np.ndarray:
        found = np.full((len(columns), len(weights)), np.nan)
        for number, (order, first, own) in enumerate(sorted_classes):
            drawn = weights[:, order]
            of_class = np.add.reduceat(drawn * own, first, axis=1)
            of_rest = np.add.reduceat(drawn * ~own, first, axis=1)
            below = np.cumsum(of_rest, axis=1) - of_rest / 2
            pairs = of_class.sum(axis=1) * of_rest.sum(axis=1)
            with np.errstate(all="ignore"):
                found[number] = np.where(pairs > 0, (of_class * below).sum(axis=1) / pairs, np.nan)
        there = ~np.isnan(found)
        with np.errstate(all="ignore"):
            return np.where(there, found, 0).sum(axis=0) / there.sum(axis=0)

    return areas


def _precision_recall_fbeta(
    y_true: Values, y_pred: Values, thresholds: float | None = None, beta: float = 1.0
) -> Callable[[np.ndarray], list[np.ndarray]]:
    called, many = scores.predicted_classes(y_pred, 0.5 if thresholds is None else thresholds), y_pred.ndim == 2
    classes = np.arange(y_pred.shape[1]) if many else np.array([1])
    calls = y_pred > thresholds if many and thresholds is not None else called[:, None] == classes
    own = np.asarray(y_true)[:, None] == classes
    counted = [of.astype("float64") for of in (calls & own, calls, own)]

    def of_resamples(weights: np.ndarray) -> list[np.ndarray]:
        right, predicted, actual = (weights @ of for of in counted)
        # A macro average goes over the classes that are there; of two classes it is always the class 1.
        there = (predicted + actual > 0) | (not many)
        with np.errstate(all="ignore"):
            each = (right / predicted, right / actual, (1 + beta**2) * right / (predicted + beta**2 * actual))
            return [np.where(there, np.nan_to_num(of, nan=0.0), 0).sum(axis=1) / there.sum(axis=1) for of in each]

    return of_resamples


def percentiles(found: np.ndarray, level: float) -> tuple[float | None, float | None]:
    """The ends of the middle `level` of the resamples in which a score is defined; None where it is in none."""
    defined = found[np.isfinite(found)]
    if not len(defined):
        return None, None
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def share_without_exception(share: float, rows: float, level: float) -> tuple[float, float]:
    """The exact interval of a share that is 0 or 1 in all of `rows` rows, of which the bootstrap can say nothing
    (Clopper and Pearson, 1934): of 60 rows that are all right, 94.0 to 100 % at 95 %.
    """
    bound = ((1 - level) / 2) ** (1 / rows)
    return (bound, 1.0) if share == 1 else (0.0, 1 - bound)


def effective_rows(weights: np.ndarray) -> float:
    """How many rows of equal weight say as much as these (Kish, 1965): (sum w)^2 / sum w^2."""
    return float(weights.sum() ** 2 / (weights**2).sum())
