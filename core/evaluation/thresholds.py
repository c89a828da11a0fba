"""The threshold of two classes: how many rows are right and wrong above it, and what that is worth.

A row is called the class 1 where its prediction is above the threshold. Weights count: counts are then sums of weights.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.evaluation.evaluated_rows import EvaluatedRows

MOST_THRESHOLDS = 1000
DIGITS = 6  # Significant digits of a threshold that is offered.


@dataclass(frozen=True)
class Worth:
    """What a row is worth by how it is predicted, in a person's own unit.

    Attributes:
        false_positive, false_negative: Costs of a wrong row.
        true_positive, true_negative: Gains of a right one.
    """

    false_positive: float = 1.0
    false_negative: float = 1.0
    true_positive: float = 0.0
    true_negative: float = 0.0


@dataclass(frozen=True)
class ThresholdCounts:
    """The rows above and below each of k thresholds: k counts, or sums of weights."""

    true_positives: np.ndarray
    false_positives: np.ndarray
    false_negatives: np.ndarray
    true_negatives: np.ndarray

    def worth(self, of: Worth) -> np.ndarray:
        """What all rows are worth at each threshold: gains minus costs."""
        gains = of.true_positive * self.true_positives + of.true_negative * self.true_negatives
        return gains - of.false_positive * self.false_positives - of.false_negative * self.false_negatives

    @property
    def precision(self) -> np.ndarray:
        """Of the rows above, the share of the class 1; NaN where none is above."""
        return _share(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> np.ndarray:
        """Of the class 1, the share above; NaN where there is none."""
        return _share(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def f1(self) -> np.ndarray:
        """2 TP / (2 TP + FP + FN); NaN where none of the three is there."""
        return _share(2 * self.true_positives, 2 * self.true_positives + self.false_positives + self.false_negatives)

    @property
    def accuracy(self) -> np.ndarray:
        """The share of rows that are right."""
        right = self.true_positives + self.true_negatives
        return _share(right, right + self.false_positives + self.false_negatives)


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)


def threshold_counts(
    y_true: np.ndarray, y_pred: np.ndarray, thresholds: np.ndarray, weights: np.ndarray | None = None
) -> ThresholdCounts:
    """The counts of n rows at k thresholds. Predictions that are no numbers are above none."""
    counted = np.ones(len(y_true)) if weights is None else weights
    values = np.where(np.isnan(y_pred), -np.inf, y_pred)
    order = np.argsort(values, kind="stable")
    below = np.searchsorted(values[order], thresholds, side="right")
    up_to = [np.concatenate([[0.0], np.cumsum((counted * (y_true == of))[order])]) for of in (0, 1)]
    negatives, positives = (sums[below] for sums in up_to)
    return ThresholdCounts(
        true_positives=up_to[1][-1] - positives,
        false_positives=up_to[0][-1] - negatives,
        false_negatives=positives,
        true_negatives=negatives,
    )


def offered_thresholds(y_pred: np.ndarray, kept: float, margin: bool = False) -> np.ndarray:
    """The thresholds a person may choose from, ascending: between neighbouring predictions, of many some at even
    ranks; hundredths for probabilities, so that all rows may be above or below; and the one that is kept.
    """
    values = np.unique(y_pred[np.isfinite(y_pred)])
    between = (values[1:] + values[:-1]) / 2
    if len(between) > MOST_THRESHOLDS:
        between = between[np.linspace(0, len(between) - 1, MOST_THRESHOLDS).astype(int)]
    ends = [] if not len(values) else [values[0] - 1, values[-1] + 1]
    even = np.array(ends) if margin else np.linspace(0, 1, 101)
    rounded = [float(f"{value:.{DIGITS}g}") for value in np.concatenate([between, even])]
    return np.unique([*rounded, 0.0 if margin else 0.5, kept])


def best_threshold(thresholds: np.ndarray, worth: np.ndarray, default: float = 0.5) -> float:
    """The threshold at which the rows are worth most; of several the one nearest to the default."""
    best = thresholds[worth >= worth.max() - 1e-9 * max(1.0, abs(worth.max()))]
    return float(best[np.argmin(np.abs(best - default))])


def threshold_summary(rows: EvaluatedRows, target: str) -> dict[str, Any] | None:
    """The threshold of a target, the best one on validation rows for errors that cost alike (None without such rows),
    and the counts and scores of the test rows at both; None of a target without two classes.
    """
    test = rows.parts["test"].targets[target]
    if test.task != "binary":
        return None
    best = None
    if "validation" in rows.parts:
        part = rows.parts["validation"]
        of = part.targets[target]
        offered = offered_thresholds(of.y_pred, of.decision, of.margin)
        worth = threshold_counts(of.y_true, of.y_pred, offered, part.weights).worth(Worth())
        best = best_threshold(offered, worth, 0.0 if of.margin else 0.5)

    def at(threshold: float) -> dict[str, float]:
        counts = threshold_counts(test.y_true, test.y_pred, np.array([threshold]), rows.parts["test"].weights)
        names = ("true_positives", "false_positives", "false_negatives", "true_negatives")
        scores = ("precision", "recall", "f1", "accuracy")
        return {"threshold": threshold} | {name: float(getattr(counts, name)[0]) for name in (*names, *scores)}

    return {"chosen": at(test.decision), "best": None if best is None else at(best)}
