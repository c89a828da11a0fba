"""The temperature of a classification, against SciPy and scikit-learn, and what it changes."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from sklearn.metrics import log_loss

from core.evaluation.temperature_scaling import (
    LARGEST,
    LEAST,
    CalibrationScores,
    LabelledLogits,
    Recalibration,
    fitted_temperature,
    log_losses,
    probabilities,
    tempered_threshold,
    two_classes,
)

RNG = np.random.default_rng(3)


def rows(classes: int, sure: float, count: int = 600) -> tuple[np.ndarray, np.ndarray]:
    """Logits that are `sure` times too large, and class numbers that were drawn by the right ones."""
    logits = RNG.normal(size=(count, classes)) * 1.5
    if classes == 2:
        logits = two_classes(logits[:, 1])
    y_true = np.array([RNG.choice(classes, p=of) for of in probabilities(logits)])
    return sure * logits, y_true


@pytest.mark.parametrize("classes", [2, 4])
@pytest.mark.parametrize("sure", [0.4, 1.0, 3.0])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_temperature_is_that_of_scipy_on_the_same_loss(classes, sure, weighted):
    logits, y_true = rows(classes, sure)
    weights = RNG.uniform(0, 3, len(y_true)) if weighted else None

    def loss(logarithm: float) -> float:
        return log_loss(y_true, probabilities(logits, np.exp(logarithm)), sample_weight=weights)

    found = fitted_temperature(logits, y_true, weights)
    expected = minimize_scalar(loss, bounds=(np.log(LEAST), np.log(LARGEST)), method="bounded", options={"xatol": 1e-9})
    assert np.log(found) == pytest.approx(expected.x, abs=1e-6)
    assert loss(np.log(found)) <= expected.fun + 1e-12
    assert found == pytest.approx(sure, rel=0.25)


def test_it_is_that_of_scikit_learn():
    """Its `CalibratedClassifierCV(method="temperature")` of a classifier that gives these logits."""
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.frozen import FrozenEstimator

    class Given(ClassifierMixin, BaseEstimator):
        """Its features are the logits."""

        def fit(self, _x: np.ndarray, y: np.ndarray) -> "Given":
            self.classes_ = np.unique(y)
            return self

        def predict(self, x: np.ndarray) -> np.ndarray:
            return x.argmax(axis=1)

        def decision_function(self, x: np.ndarray) -> np.ndarray:
            return x

    logits, y_true = rows(4, 3.0)
    fitted = CalibratedClassifierCV(FrozenEstimator(Given().fit(logits, y_true)), method="temperature", cv=2)
    fitted.fit(logits, y_true)
    inverse = np.mean([one.calibrators[0].beta_ for one in fitted.calibrated_classifiers_])
    assert fitted_temperature(logits, y_true) == pytest.approx(1 / inverse, rel=1e-6)


def test_log_losses_and_calibration_errors_are_those_of_their_definitions():
    logits, y_true = rows(3, 2.0, 300)
    weights = RNG.uniform(0, 2, 300)
    found = CalibrationScores.of(logits, y_true, weights, 2.0)
    shares = probabilities(logits, 2.0)
    assert found.log_loss == pytest.approx(log_loss(y_true, shares, sample_weight=weights), rel=1e-12)
    top, right = shares.max(axis=1), shares.argmax(axis=1) == y_true
    bins = np.ceil(top * 10).astype(int)
    gaps = [
        abs(
            np.average(right[bins == one], weights=weights[bins == one])
            - np.average(top[bins == one], weights=weights[bins == one])
        )
        * weights[bins == one].sum()
        for one in np.unique(bins)
    ]
    assert found.calibration_error == pytest.approx(sum(gaps) / weights.sum(), rel=1e-9)
    assert found.rows == 300


def test_logits_beyond_what_exp_holds_have_finite_losses():
    losses = log_losses(two_classes(np.array([2000.0, -2000.0])), np.array([0, 0]))
    assert losses.tolist() == [2000.0, 0.0]


def test_rows_that_are_all_right_want_the_smallest_temperature_and_all_wrong_ones_the_largest():
    logits = two_classes(np.array([-2.0, 3.0, 1.0]))
    assert fitted_temperature(logits, np.array([0, 1, 1])) == LEAST
    assert fitted_temperature(logits, np.array([1, 0, 0])) == LARGEST


@pytest.mark.parametrize("temperature", [0.3, 1.7, 12.0])
def test_a_threshold_parts_the_same_rows_at_every_temperature(temperature):
    logits = RNG.normal(size=500) * 4
    before, after = (probabilities(two_classes(logits), at)[:, 1] for at in (1.0, temperature))
    for threshold in (0.0, 0.01, 0.37, 0.5, 0.93, 1.0):
        moved = tempered_threshold(threshold, temperature)
        np.testing.assert_array_equal(before > threshold, after > moved)
        assert tempered_threshold(moved, 1 / temperature) == pytest.approx(threshold, rel=1e-9)


@pytest.mark.slow
def test_it_helps_where_a_network_is_too_sure_and_not_where_it_is_calibrated():
    """Of 40 calibrated networks a temperature is found to help for the 2.5 % that chance has, at most."""
    sure = rows(3, 3.0, 400)
    found = Recalibration.of({"validation": LabelledLogits(*sure), "test": LabelledLogits(*rows(3, 3.0, 400))})
    assert found.helps
    assert found.low < found.gain < found.high
    for part in ("validation", "test"):
        assert found.after[part].log_loss < found.before[part].log_loss
        assert found.after[part].calibration_error < found.before[part].calibration_error
    helped = [Recalibration.of({"validation": LabelledLogits(*rows(2, 1.0, 150))}).helps for _ in range(40)]
    assert sum(helped) <= 4


def test_rows_that_are_all_right_say_nothing_of_how_sure_to_be():
    found = Recalibration.of({"validation": LabelledLogits(two_classes(np.full(200, 0.5)), np.ones(200, "int64"))})
    assert found.low > 0
    assert not found.helps


def test_few_rows_or_rows_without_weight_are_no_help():
    logits, y_true = rows(2, 3.0, 3)
    assert not Recalibration.of({"validation": LabelledLogits(logits, y_true, np.array([1.0, 0.0, 0.0]))}).helps
    assert not Recalibration.of({"validation": LabelledLogits(logits[:1], y_true[:1])}).helps
