"""The curves of a classification, each class against the rest: ROC, precision and recall, gain and lift, calibration.

Weights count in all of them: a share of the rows is a share of their weight.
"""

import numpy as np
from sklearn import metrics

from core.evaluation.calibration import calibration
from core.evaluation.curve_values import NETWORK, ClassCurve, ClassCurves
from core.evaluation.evaluated_rows import EvaluatedTarget

MOST_POINTS = 300  # Of a curve as it is drawn; areas are those of all points.


def class_curves(target: EvaluatedTarget, weights: np.ndarray | None = None) -> ClassCurves:
    """The curves of n rows of a binary or multiclass target."""
    usable = usable_rows(target, weights)
    of, weights = target.only(usable), None if weights is None else weights[usable]
    numbers = [1] if target.task == "binary" else range(len(target.classes))
    curves, calibrations, shares = {}, {}, {}
    for number in numbers:
        name, positive = target.classes[number], of.y_true == number
        shares[name] = float(np.average(positive, weights=weights)) if len(positive) else float("nan")
        if positive.any() and not positive.all():
            predictors = {NETWORK: of.y_pred, **of.baselines}
            curves[name] = {
                predictor: class_curve(positive, _of_class(values, number), weights)
                for predictor, values in predictors.items()
            }
        if len(positive) and not target.margin:
            calibrations[name] = calibration(positive, _of_class(of.y_pred, number), weights)
    likeliest = None
    if target.task == "multiclass" and not target.margin and usable.any():
        likeliest = calibration(of.y_class == of.y_true, of.y_pred.max(axis=1), weights)
    return ClassCurves(curves, calibrations, likeliest, shares, int((~usable).sum()))


def usable_rows(target: EvaluatedTarget, weights: np.ndarray | None) -> np.ndarray:
    """n marks: which predictions are finite and count."""
    finite = np.isfinite(target.y_pred.reshape(len(target.y_pred), -1)).all(axis=1)
    return finite if weights is None else finite & (weights > 0)


def _of_class(values: np.ndarray, number: int) -> np.ndarray:
    return values[:, number] if values.ndim == 2 else values


def class_curve(positive: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None) -> ClassCurve:
    """The curves of n scores, the larger the likelier, for n marks of which some are true and some false."""
    alarms, found, thresholds = metrics.roc_curve(positive, scores, sample_weight=weights, drop_intermediate=False)
    precision, recall, limits = metrics.precision_recall_curve(positive, scores, sample_weight=weights)
    share = float(np.average(positive, weights=weights))
    roc, pr = _thinned(len(alarms)), _thinned(len(recall))
    return ClassCurve(
        auc=float(metrics.auc(alarms, found)),
        average_precision=float(metrics.average_precision_score(positive, scores, sample_weight=weights)),
        false_positive_rate=alarms[roc],
        true_positive_rate=found[roc],
        recall=recall[pr],
        precision=precision[pr],
        selected=(share * found + (1 - share) * alarms)[roc],
        gain=found[roc],
        thresholds=thresholds[roc],
        precision_thresholds=np.append(limits, np.inf)[pr],
    )


def _thinned(points: int) -> np.ndarray:
    """Some of so many points, the first and the last among them."""
    return np.unique(np.linspace(0, points - 1, min(points, MOST_POINTS)).astype(int))
