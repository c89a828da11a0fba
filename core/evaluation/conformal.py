"""Split conformal prediction: how far the true value may be from a prediction, from the errors on rows that the network
was not trained on.

    Conformal.of(target, ...)            the errors on validation rows
    conformal.bounds(y_pred, 0.9)        of amounts: lower and upper, (n, 2)
    conformal.sets(y_pred, 0.9)          of classes: which ones are in the set, (n, classes)
    Coverage(conformal, test rows).share(0.9)    how often the true value was in it

A further row that is drawn as the validation rows were is in its interval with at least the probability `level`,
whatever the network is: Vovk et al., "Algorithmic Learning in a Random World" (2005); Lei et al., "Distribution-free
predictive inference for regression" (2018), whose split conformal this is, with locally weighted residuals; for
classes Sadinle et al., "Least ambiguous set-valued classifiers" (2019).
"""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from core.evaluation.evaluated_rows import EvaluatedTarget, predicted_class_numbers
from core.experiment.counts import count, counted

USUAL_LEVEL = 0.9
LEAST_LEVEL, LARGEST_LEVEL = 0.5, 0.99
_NARROWER = 0.95  # Mean width, as a share of the constant one, from which on a width that varies is taken.
_KNOTS = 10
_LEAST_ROWS = 20  # Training rows at a knot.
_LEAST_SIZE = 0.1  # Of the mean error, which a knot has at least.


@dataclass(frozen=True)
class Difficulty:
    """How large errors usually are by the predicted value: a line through knots, constant beyond the outer ones.

    Attributes:
        predicted: k predicted values, ascending.
        size: k mean absolute errors, above 0.
    """

    predicted: tuple[float, ...]
    size: tuple[float, ...]

    def __call__(self, y_pred: np.ndarray) -> np.ndarray:
        """The usual size of the error of each of n predictions."""
        return np.interp(y_pred, self.predicted, self.size)

    @classmethod
    def of(cls, y_true: np.ndarray, y_pred: np.ndarray) -> Self | None:
        """From training rows, the mean error of equally many rows at each knot; None where they are too few, or their
        predictions or errors are all the same.
        """
        knots = min(_KNOTS, len(y_true) // _LEAST_ROWS)
        if knots < 2:
            return None
        order = np.argsort(y_pred, kind="stable")
        parts = [part for part in np.array_split(order, knots) if len(part)]
        places = [float(np.mean(y_pred[part])) for part in parts]
        errors = np.abs(y_true - y_pred)
        least = _LEAST_SIZE * float(np.mean(errors))
        if not (least > 0 and np.isfinite(errors).all() and np.all(np.diff(places) > 0)):
            return None
        return cls(tuple(places), tuple(max(least, float(np.mean(errors[part]))) for part in parts))


@dataclass(frozen=True)
class Conformal:
    """The errors of n validation rows, ascending.

    Attributes:
        target: The target's name.
        classes: Its labels; () for a regression.
        decision: What the output of two classes must exceed to be called the class 1.
        margin: Whether outputs are margins or scores, no probabilities.
        errors: Of amounts |true - predicted|, divided by the difficulty where there is one; of classes 1 - the output
            of the true class.
        weights: What each of the rows counts; None where all count the same.
        difficulty: How large errors usually are; None where all intervals are equally wide.
    """

    target: str
    classes: tuple[str, ...]
    decision: float
    margin: bool
    errors: np.ndarray
    weights: np.ndarray | None = None
    difficulty: Difficulty | None = None

    @classmethod
    def of(
        cls,
        validation: EvaluatedTarget,
        weights: np.ndarray | None = None,
        training: tuple[np.ndarray, np.ndarray] | None = None,
    ) -> Self:
        """From validation rows; with `training`, the true and predicted amounts of training rows, the width follows the
        size of their errors if that makes the intervals of the validation rows narrower on average.
        """
        errors = conformal_errors(validation)
        constant = cls._sorted(validation, errors, weights, None)
        if validation.task != "regression" or training is None:
            return constant
        difficulty = Difficulty.of(*training)
        if difficulty is None:
            return constant
        sizes = difficulty(validation.y_pred)
        varying = cls._sorted(validation, errors / sizes, weights, difficulty)
        wide, narrow = constant.error_at(USUAL_LEVEL), varying.error_at(USUAL_LEVEL)
        return varying if narrow * np.average(sizes, weights=weights) < _NARROWER * wide < math.inf else constant

    @classmethod
    def _sorted(
        cls, of: EvaluatedTarget, errors: np.ndarray, weights: np.ndarray | None, difficulty: Difficulty | None
    ) -> Self:
        order = np.argsort(errors, kind="stable")
        ordered = None if weights is None else weights[order]
        return cls(of.target, of.classes, of.decision, of.margin, errors[order], ordered, difficulty)

    def error_at(self, level: float) -> float:
        """The error that a further row exceeds with a probability of at most 1 - level: the ceil((n + 1) level)-th
        smallest; infinite where there are too few rows.

        With weights the smallest error up to which the rows have the share `level` of all weight, where the further row
        weighs what a row weighs on average.
        """
        weights = np.ones(len(self.errors)) if self.weights is None else self.weights
        if not weights.sum() > 0:
            return math.inf
        needed = level * (weights.sum() + weights.mean())
        at = int(np.searchsorted(np.cumsum(weights), needed * (1 - 1e-12)))
        return float(self.errors[at]) if at < len(self.errors) else math.inf

    def require(self, level: float) -> None:
        """Raises LookupError with a sentence where the validation rows are too few for the level."""
        if not math.isfinite(self.error_at(level)):
            rows = len(self.errors)
            few = f"{count(rows, 'validation row')} {counted(rows, 'is', 'are')} too few"
            raise LookupError(f"{few} for intervals of {100 * level:.4g}%. Choose a lower level.")

    def bounds(self, y_pred: np.ndarray, level: float) -> np.ndarray:
        """(n, 2) lower and upper ends of the intervals of n predicted amounts; infinite where the validation rows are
        too few for the level.
        """
        half = self.error_at(level) * (1 if self.difficulty is None else self.difficulty(y_pred))
        return np.stack([y_pred - half, y_pred + half], axis=1)

    def sets(self, y_pred: np.ndarray, level: float) -> np.ndarray:
        """(n, classes) booleans, which classes are in the sets of n predictions; the predicted class always is."""
        outputs = class_outputs(y_pred, self.margin)
        inside = 1 - outputs <= self.error_at(level)
        inside[np.arange(len(outputs)), predicted_class_numbers(y_pred, self.decision)] = True
        return inside


def rows_needed(level: float) -> int:
    """The fewest rows for which a level has an interval: (n + 1) level <= n."""
    return math.ceil(round(level / (1 - level), 9))


def class_outputs(y_pred: np.ndarray, margin: bool) -> np.ndarray:
    """(n, classes) outputs, of one or several columns: a probability or margin stands for the class 1."""
    if y_pred.ndim == 2:
        return y_pred
    return np.stack([-y_pred if margin else 1 - y_pred, y_pred], axis=1)


def conformal_errors(target: EvaluatedTarget) -> np.ndarray:
    """n errors: |true - predicted| of amounts, 1 - the output of the true class of classes; infinite where the output
    is NaN.
    """
    if target.task == "regression":
        errors = np.abs(target.y_true - target.y_pred)
    else:
        errors = 1 - class_outputs(target.y_pred, target.margin)[np.arange(len(target.y_true)), target.y_true]
    return np.where(np.isnan(errors), np.inf, errors)


@dataclass(frozen=True)
class Coverage:
    """What intervals or sets of a run hold, measured on test rows.

    Attributes:
        conformal: Calibrated on validation rows.
        test: The test rows.
        weights: What each of these counts; None where all count the same.
    """

    conformal: Conformal
    test: EvaluatedTarget
    weights: np.ndarray | None = None

    def share(self, level: float) -> float:
        """The share of test rows, or of their weight, whose true value is in the interval or set."""
        if self.test.task == "regression":
            low, high = self.conformal.bounds(self.test.y_pred, level).T
            inside = (low <= self.test.y_true) & (self.test.y_true <= high)
        else:
            inside = self.conformal.sets(self.test.y_pred, level)[np.arange(len(self.test.y_true)), self.test.y_true]
        return self._mean(inside)

    def sentence(self, level: float) -> str:
        """What was measured: "The 90% intervals of price contain the actual value for 91% of 139 test rows." """
        what, actual = ("sets", "class") if self.conformal.classes else ("intervals", "value")
        return (
            f"The {100 * level:.4g}% {what} of {self.test.target} contain the actual {actual} for {self.held(level)}."
        )

    def held(self, level: float) -> str:
        """What was measured, in short: "91% of 139 test rows"."""
        rows = count(len(self.test.y_true), "test row") + (" by weight" if self.weights is not None else "")
        less = ", less than chance alone would explain" if self.share(level) < level - self.scatter(level) else ""
        return f"{self.share(level):.0%} of {rows}{less}"

    def scatter(self, level: float) -> float:
        """How far from the level the measured share is at most in 95% of draws of that many validation and test rows.

        Over draws of n validation rows the coverage is beta distributed, its variance about p (1 - p) / (n + 2).
        """
        validation, test = len(self.conformal.errors), len(self.test.y_true)
        return 1.96 * math.sqrt(level * (1 - level) * (1 / test + 1 / (validation + 2)))

    def size(self, level: float) -> float:
        """The mean width of the intervals of the test rows in the target's unit, or the mean number of classes in their
        sets.
        """
        if self.test.task == "regression":
            return self._mean(np.diff(self.conformal.bounds(self.test.y_pred, level), axis=1)[:, 0])
        return self._mean(self.conformal.sets(self.test.y_pred, level).sum(axis=1))

    def _mean(self, values: np.ndarray) -> float:
        weights = self.weights if self.weights is not None and self.weights.sum() > 0 else None
        return float(np.average(values, weights=weights))
