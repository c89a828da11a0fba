"""Temperature scaling: the logits of a classification are divided by one number, so that its probabilities are as sure
as they are right; the likeliest class stays. Guo et al. 2017, "On Calibration of Modern Neural Networks".

    fitted_temperature(logits, y_true)     by log loss; above 1 where the network is too sure
    Recalibration.of(...)                  what it changes, and whether that is more than noise

Logits are (n, classes) float64, of two classes those of the second one beside zeros (`two_classes`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from core.evaluation.calibration import calibration

LEAST, LARGEST = 0.05, 20.0  # Temperatures; where all rows are right the best one would be 0.
_HALVINGS = 60  # Of the range of the logarithm: to 1e-17 of it.
_FOLDS = 10
_Z = 1.959964  # 95 % of a normal distribution.
_STEEPEST = 700.0  # Of a logit, beyond which exp is infinite.


def two_classes(logits: np.ndarray) -> np.ndarray:
    """(n, 2) logits of n logits of the second of two classes: sigmoid(z) is softmax((0, z))."""
    return np.stack([np.zeros(len(logits)), logits], axis=1)


def log_losses(logits: np.ndarray, y_true: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """n values: minus the logarithm of the probability of the true class at a temperature."""
    scaled = logits / temperature
    top = scaled.max(axis=1)
    return np.log(np.exp(scaled - top[:, None]).sum(axis=1)) + top - scaled[np.arange(len(y_true)), y_true]


def probabilities(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """(n, classes) softmax of the logits at a temperature."""
    scaled = logits / temperature
    grown = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return grown / grown.sum(axis=1, keepdims=True)


def fitted_temperature(logits: np.ndarray, y_true: np.ndarray, weights: np.ndarray | None = None) -> float:
    """The temperature from 0.05 to 20 with the smallest mean log loss, rows by their weights.

    The loss is convex in the inverse temperature b, its derivative the mean of (mean logit by the probabilities at b) -
    (logit of the true class): where that is 0 is found by halving.
    """
    true = logits[np.arange(len(y_true)), y_true]

    def slope(temperature: float) -> float:
        expected = (probabilities(logits, temperature) * logits).sum(axis=1)
        return float(np.average(expected - true, weights=weights))

    low, high = np.log(LEAST), np.log(LARGEST)
    if slope(LEAST) <= 0:  # Surer is always better.
        return LEAST
    if slope(LARGEST) >= 0:
        return LARGEST
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(float(np.exp(middle))) > 0 else (low, middle)
    return float(np.exp((low + high) / 2))


def tempered_threshold(threshold: float, temperature: float) -> float:
    """The threshold at a temperature that parts the rows of two classes as this one parts them without: sigmoid of its
    logit divided by the temperature.
    """
    if threshold in (0.0, 0.5, 1.0):
        return threshold
    logit = (np.log(threshold) - np.log1p(-threshold)) / temperature
    return float(1 / (1 + np.exp(-np.clip(logit, -_STEEPEST, _STEEPEST))))


@dataclass(frozen=True)
class CalibrationScores:
    """How well probabilities hold in n rows, by their weights.

    Attributes:
        rows: How many there are.
        log_loss: Mean of minus the logarithm of the true class's probability.
        calibration_error: Expected calibration error, of two classes that of the second one, of many that of the
            likeliest class.
    """

    rows: int
    log_loss: float
    calibration_error: float

    @classmethod
    def of(cls, logits: np.ndarray, y_true: np.ndarray, weights: np.ndarray | None, temperature: float) -> Self:
        """Of n rows at a temperature."""
        shares = probabilities(logits, temperature)
        binary = shares.shape[1] == 2
        right = y_true == 1 if binary else shares.argmax(axis=1) == y_true
        error = calibration(right, shares[:, 1] if binary else shares.max(axis=1), weights).error
        loss = float(np.average(log_losses(logits, y_true, temperature), weights=weights))
        return cls(len(y_true), loss, error)


@dataclass(frozen=True)
class LabelledLogits:
    """The logits of n rows, (n, classes), their class numbers, and what each counts; None where all count the same."""

    logits: np.ndarray
    y_true: np.ndarray
    weights: np.ndarray | None = None


@dataclass(frozen=True)
class Recalibration:
    """What a temperature changes.

    Attributes:
        temperature: Fitted on the validation rows.
        before, after: Part ("validation", "test") -> its scores at the temperature 1 and at that one.
        gain, low, high: How much smaller the log loss of a validation row is with a temperature that was fitted on nine
            tenths of the others, and its 95 % interval.
    """

    temperature: float
    before: dict[str, CalibrationScores]
    after: dict[str, CalibrationScores]
    gain: float
    low: float
    high: float

    @property
    def helps(self) -> bool:
        """Whether the log loss of validation rows becomes smaller by more than noise. A temperature at the end of the
        range, as it is where all rows are right, is none to rely on.
        """
        return self.low > 0 and LEAST < self.temperature < LARGEST

    @classmethod
    def of(cls, parts: Mapping[str, LabelledLogits]) -> Self:
        """From the rows of the parts, "validation" among them."""
        fitted = parts["validation"]
        temperature = fitted_temperature(fitted.logits, fitted.y_true, fitted.weights)

        def scores(at: float) -> dict[str, CalibrationScores]:
            return {
                name: CalibrationScores.of(part.logits, part.y_true, part.weights, at) for name, part in parts.items()
            }

        return cls(temperature, scores(1.0), scores(temperature), *_gain(fitted))


def _gain(rows: LabelledLogits) -> tuple[float, float, float]:
    """The mean gain of a row by a temperature of other rows, and its 95 % interval."""
    count, weights = len(rows.y_true), rows.weights
    fold = np.random.default_rng(0).permutation(count) % _FOLDS
    gains = np.zeros(count)
    for number in range(min(_FOLDS, count)):
        there, others = fold == number, fold != number
        if not others.any() or (weights is not None and not weights[others].sum() > 0):
            continue
        temperature = fitted_temperature(
            rows.logits[others], rows.y_true[others], None if weights is None else weights[others]
        )
        of = rows.logits[there], rows.y_true[there]
        gains[there] = log_losses(*of) - log_losses(*of, temperature)
    counted = np.ones(count) if weights is None else weights
    size = counted.sum() ** 2 / (counted**2).sum()  # Kish's effective one.
    mean = float(np.average(gains, weights=counted))
    deviation = float(np.sqrt(np.average((gains - mean) ** 2, weights=counted) / max(1.0, size - 1)))
    return mean, mean - _Z * deviation, mean + _Z * deviation
