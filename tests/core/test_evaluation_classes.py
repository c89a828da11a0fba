"""The curves and tables of a classification against scikit-learn, and arithmetic where it has none."""

import numpy as np
import pytest
from sklearn import metrics
from sklearn.calibration import calibration_curve

from core.evaluation import class_curves as module
from core.evaluation.calibration import calibration
from core.evaluation.class_curves import class_curves
from core.evaluation.class_table import class_table
from core.evaluation.confusion_matrix import confusion_counts, most_frequent_mistakes
from core.evaluation.evaluated_rows import EvaluatedTarget

RNG = np.random.default_rng(5)
ROWS = 900
WEIGHTS = RNG.uniform(0, 2, ROWS).round(2)
TRUE = RNG.integers(0, 3, ROWS)
SCORES = RNG.normal(size=(ROWS, 3)) + 1.5 * np.eye(3)[TRUE]
PROBABILITIES = (np.exp(SCORES) / np.exp(SCORES).sum(axis=1, keepdims=True)).round(3)  # Some are equal.
EVEN = np.full((ROWS, 3), 1 / 3)


def three(**changed) -> EvaluatedTarget:
    """900 rows of three classes."""
    values = {"y_true": TRUE, "y_pred": PROBABILITIES, "baselines": {"majority": EVEN}} | changed
    return EvaluatedTarget("t", "multiclass", ("a", "b", "c"), **values)


def two(**changed) -> EvaluatedTarget:
    """900 rows of two classes."""
    values = {"y_true": (TRUE == 1) * 1, "y_pred": PROBABILITIES[:, 1], "baselines": {"majority": EVEN[:, 0]}} | changed
    return EvaluatedTarget("t", "binary", ("no", "yes"), **values)


@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_areas_and_points_are_scikit_learns(weights, monkeypatch):
    monkeypatch.setattr(module, "MOST_POINTS", 10_000)
    found = class_curves(three(), weights)
    assert list(found.curves) == ["a", "b", "c"]
    counted = np.ones(ROWS) if weights is None else weights
    there = counted > 0
    for number, name in enumerate("abc"):
        curve = found.curves[name]["network"]
        positive, scores, weight = (number == TRUE)[there], PROBABILITIES[there, number], counted[there]
        assert curve.auc == pytest.approx(metrics.roc_auc_score(positive, scores, sample_weight=weight), rel=1e-9)
        expected = metrics.average_precision_score(positive, scores, sample_weight=weight)
        assert curve.average_precision == pytest.approx(expected, rel=1e-9)
        false, true, at = metrics.roc_curve(positive, scores, sample_weight=weight, drop_intermediate=False)
        np.testing.assert_allclose((curve.false_positive_rate, curve.true_positive_rate), (false, true), atol=1e-9)
        np.testing.assert_allclose(
            (curve.precision, curve.recall),
            metrics.precision_recall_curve(positive, scores, sample_weight=weight)[:2],
            atol=1e-9,
        )
        selected = [weight[scores >= limit].sum() / weight.sum() for limit in at]
        np.testing.assert_allclose(curve.selected, selected, atol=1e-9)
        gain = [weight[(scores >= limit) & positive].sum() / weight[positive].sum() for limit in at]
        np.testing.assert_allclose(curve.gain, gain, atol=1e-9)
    assert found.curves["a"]["majority"].auc == pytest.approx(0.5)


def test_a_curve_of_many_points_is_thinned_and_its_ends_stay():
    curve = class_curves(two(y_pred=RNG.uniform(size=ROWS))).curves["yes"]["network"]
    assert len(curve.gain) == module.MOST_POINTS
    assert (curve.selected[0], curve.gain[0], curve.selected[-1], curve.gain[-1]) == (0, 0, 1, 1)


def test_the_calibration_is_scikit_learns():
    positive, probabilities = TRUE == 1, PROBABILITIES[:, 1]
    found = calibration(positive, probabilities)
    actual, predicted = calibration_curve(positive, probabilities, n_bins=10)
    np.testing.assert_allclose((found.actual, found.predicted), (actual, predicted), rtol=1e-9)
    assert found.rows.sum() == ROWS
    assert class_curves(two()).calibration["yes"].error == found.error


def test_the_calibration_error_is_the_mean_over_bins_by_weight():
    """0.25 twice (weights 1 and 3, none and one are true: 0.75 actual) and 0.9 once (weight 4, false):
    (4 * 0.5 + 4 * 0.9) / 8 = 0.7."""
    found = calibration(np.array([False, True, False]), np.array([0.25, 0.25, 0.9]), np.array([1.0, 3.0, 4.0]))
    assert found.error == pytest.approx(0.7)
    assert found.bins.tolist() == [2, 8]  # 0.9 is the upper edge of its bin.
    assert calibration(np.array([True]), np.array([1.0])).bins.tolist() == [9]


def test_of_many_classes_the_likeliest_ones_calibration_is_there():
    found = class_curves(three())
    right = PROBABILITIES.argmax(axis=1) == TRUE
    assert found.likeliest.error == pytest.approx(calibration(right, PROBABILITIES.max(axis=1)).error)
    assert class_curves(two()).likeliest is None


def test_what_cannot_be_drawn_is_left_out():
    broken = PROBABILITIES.copy()
    broken[:7] = np.nan
    assert class_curves(three(y_pred=broken)).left_out == 7
    absent = class_curves(three(y_true=np.where(TRUE == 2, 0, TRUE)))
    assert list(absent.curves) == ["a", "b"]
    assert class_curves(three(y_true=np.zeros(ROWS, int))).curves == {}
    assert class_curves(three(y_pred=broken * np.nan)).curves == {}
    margins = class_curves(two(y_pred=SCORES[:, 1], margin=True, decision=0.0))
    assert margins.calibration == {}
    assert margins.curves["yes"]["network"].auc == pytest.approx(metrics.roc_auc_score(TRUE == 1, SCORES[:, 1]))


@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_the_class_table_is_scikit_learns(weights):
    told = class_table(three(), weights).set_index("class")
    expected = metrics.classification_report(
        TRUE, PROBABILITIES.argmax(axis=1), target_names=["a", "b", "c"], sample_weight=weights, output_dict=True
    )
    names = {"a": "a", "b": "b", "c": "c", "(macro mean)": "macro avg", "(mean by support)": "weighted avg"}
    for name, theirs in names.items():
        for column, score in (("precision", "precision"), ("recall", "recall"), ("F1", "f1-score")):
            assert told.loc[name, column] == pytest.approx(expected[theirs][score], abs=1e-9)
        if weights is not None:
            assert told.loc[name, "weight"] == pytest.approx(expected[theirs]["support"])
    assert told.loc["a", "rows"] == (TRUE == 0).sum()


def test_the_table_heeds_the_threshold_and_leaves_an_absent_class_out_of_the_means():
    told = class_table(two(decision=0.9)).set_index("class")
    expected = metrics.recall_score(TRUE == 1, PROBABILITIES[:, 1] > 0.9)
    assert told.loc["yes", "recall"] == pytest.approx(expected)
    outputs = np.array([[0.9, 0.1, 0.0], [0.2, 0.8, 0.0]])
    told = class_table(three(y_true=np.array([0, 0]), y_pred=outputs, baselines={})).set_index("class")
    assert told.loc["(macro mean)", "recall"] == 0.25  # Of a 0.5, of b 0; c is nowhere.


def test_confusions_are_counted_and_the_largest_are_listed():
    target = three()
    counts = confusion_counts(target)
    np.testing.assert_array_equal(counts, metrics.confusion_matrix(TRUE, target.y_class))
    told = most_frequent_mistakes(np.array([[5, 2, 0], [3, 7, 0], [0, 0, 4]]), ("a", "b", "c"))
    assert told["rows"].tolist() == [3, 2]
    assert told["actual"].tolist() == ["b", "a"]
    assert told["share of the actual class"].tolist() == pytest.approx([0.3, 2 / 7])
    assert most_frequent_mistakes(np.diag([1, 2]), ("a", "b")).empty
