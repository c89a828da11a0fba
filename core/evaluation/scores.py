"""Exact scores: a metric over all rows at once, in float64, of a network and of a baseline alike. The printed program
carries this source.

Every function takes
    y_true           n amounts, or n class numbers
    y_pred           n amounts, n probabilities of the class 1 (margins, for a loss of margins), or (n, classes)
                     probabilities
    sample_weight    n weights, or None
and returns a float, NaN where the score is not defined. What scikit-learn has is called there (`sklearn.metrics`); with
many classes precision, recall, F1, F-beta and AUC are macro averages: the plain mean over the classes, each against the
rest. Probabilities in logarithms are clipped at 1e-7, as Keras clips them.
"""

import numpy as np
from sklearn import metrics


def mean_loss(loss, y_true, y_pred, sample_weight=None, scale=1.0, power=0):
    """The mean of a Keras loss over the rows, without penalties on weights; `scale` is the unit it is taken in.

    Args:
        loss: A `keras.losses.Loss`; its `call` gives a number a row, or one for all rows (Dice).
        y_true, y_pred: (n, 1) or (n, classes) float64, or (n, 1) class numbers.
        power: How the loss grows with the unit: it is given back in the target's own unit.
    """
    each = np.asarray(loss.call(y_true / scale, y_pred / scale) if power else loss.call(y_true, y_pred), "float64")
    mean = float(np.average(each, weights=sample_weight)) if each.ndim else float(each)
    return mean * scale**power


def exact_score(score, y_true, y_pred, sample_weight=None, **arguments):
    """The score of finite predictions; NaN where there are no rows, no weights above 0, or predictions that are no
    finite numbers.
    """
    if (
        not len(y_true)
        or not np.isfinite(y_pred).all()
        or (sample_weight is not None and not np.sum(sample_weight) > 0)
    ):
        return float("nan")
    with np.errstate(all="ignore"):  # A square beyond the largest number is infinite.
        return float(score(y_true, y_pred, sample_weight=sample_weight, **arguments))


def r2(y_true, y_pred, sample_weight=None):
    """1 - squared errors / squared differences from the mean; NaN where all rows have one value."""
    return metrics.r2_score(y_true, y_pred, sample_weight=sample_weight) if np.ptp(y_true) > 0 else np.nan


def mean_absolute_percentage_error(y_true, y_pred, sample_weight=None):
    """100 |y_true - y_pred| / |y_true|; the divisor is at least 1e-7, as in Keras."""
    return np.average(100 * np.abs(y_true - y_pred) / np.maximum(np.abs(y_true), 1e-7), weights=sample_weight)


def mean_squared_logarithmic_error(y_true, y_pred, sample_weight=None):
    """(log(1 + y_true) - log(1 + y_pred))^2, of numbers below 0 as of 1e-7, as in Keras."""
    differences = np.log1p(np.maximum(y_true, 1e-7)) - np.log1p(np.maximum(y_pred, 1e-7))
    return np.average(differences**2, weights=sample_weight)


def log_cosh_error(y_true, y_pred, sample_weight=None, scale=1.0):
    """scale * log(cosh((y_pred - y_true) / scale)), as the loss LogCosh is taken: `scale` is the target's deviation."""
    sizes = np.abs(y_pred - y_true) / scale
    return scale * np.average(sizes + np.log1p(np.exp(-2 * sizes)) - np.log(2), weights=sample_weight)


def poisson(y_true, y_pred, sample_weight=None):
    """y_pred - y_true log(y_pred + 1e-7); NaN where a prediction is below 0."""
    return np.average(y_pred - y_true * np.log(y_pred + 1e-7), weights=sample_weight)


def predicted_classes(y_pred, threshold=0.5):
    """n class numbers: 1 where a probability or margin is above the threshold; of many classes the likeliest."""
    return y_pred.argmax(axis=1) if y_pred.ndim == 2 else (y_pred > threshold).astype(int)


def accuracy(y_true, y_pred, sample_weight=None, threshold=0.5):
    """Share of rows whose class is the predicted one."""
    return metrics.accuracy_score(y_true, predicted_classes(y_pred, threshold), sample_weight=sample_weight)


def top_k_accuracy(y_true, y_pred, sample_weight=None, k=5):
    """Share of rows whose class is among the k likeliest; of equal probabilities the first class counts as likelier, as
    in the accuracy.
    """
    likeliest = np.argsort(-y_pred, axis=1, kind="stable")[:, :k]
    return np.average((likeliest == np.asarray(y_true)[:, None]).any(axis=1), weights=sample_weight)


def auc(y_true, y_pred, sample_weight=None):
    """Area under the ROC curve, by ranks; of many classes the mean over those that are there and not alone, each
    against the rest.
    """
    weights = np.ones(len(y_true)) if sample_weight is None else sample_weight
    columns = y_pred.T if y_pred.ndim == 2 else [y_pred]
    areas = []
    for number, column in enumerate(columns):
        positive = y_true == (number if y_pred.ndim == 2 else 1)
        if weights[positive].sum() > 0 and weights[~positive].sum() > 0:
            areas.append(metrics.roc_auc_score(positive, column, sample_weight=sample_weight))
    return np.mean(areas) if areas else np.nan


def precision(y_true, y_pred, sample_weight=None, thresholds=None):
    """Of the rows predicted as a class, the share that are of it; macro over many classes."""
    return precision_recall_fbeta(y_true, y_pred, sample_weight, thresholds)[0]


def recall(y_true, y_pred, sample_weight=None, thresholds=None):
    """Of the rows of a class, the share predicted as it; macro over many classes."""
    return precision_recall_fbeta(y_true, y_pred, sample_weight, thresholds)[1]


def fbeta(y_true, y_pred, sample_weight=None, beta=1.0):
    """(1 + beta^2) precision recall / (beta^2 precision + recall); macro over many classes."""
    return precision_recall_fbeta(y_true, y_pred, sample_weight, beta=beta)[2]


def precision_recall_fbeta(y_true, y_pred, sample_weight=None, thresholds=None, beta=1.0):
    """Precision, recall and F-beta of the likeliest class, or of all above the threshold; of two classes those of the
    class 1.
    """
    average, y_called = "binary", predicted_classes(y_pred, 0.5 if thresholds is None else thresholds)
    if y_pred.ndim == 2:
        average = "macro"
        if thresholds is not None:  # A row may be called several classes, or none.
            y_true, y_called = np.eye(y_pred.shape[1], dtype=int)[y_true], (y_pred > thresholds).astype(int)
            there = (y_true | y_called).any(axis=0)
            y_true, y_called = y_true[:, there], y_called[:, there]
    options = {"beta": beta, "average": average, "sample_weight": sample_weight, "zero_division": 0}
    return metrics.precision_recall_fscore_support(y_true, y_called, **options)[:3]


def cross_entropy(y_true, y_pred, sample_weight=None):
    """-log of the probability of a row's own class, clipped at 1e-7 from 0 and 1."""
    if y_pred.ndim == 2:
        own = y_pred[np.arange(len(y_true)), y_true] / np.maximum(y_pred.sum(axis=1), 1e-7)
    else:
        own = np.where(y_true == 1, y_pred, 1 - y_pred)
    return np.average(-np.log(np.clip(own, 1e-7, 1 - 1e-7)), weights=sample_weight)


def hinge(y_true, y_pred, sample_weight=None, power=1):
    """max(0, 1 - y y_pred)^power, where y is -1 or 1."""
    return np.average(np.maximum(0, 1 - (2 * np.asarray(y_true) - 1) * y_pred) ** power, weights=sample_weight)


def squared_hinge(y_true, y_pred, sample_weight=None):
    """The hinge of each row, squared."""
    return hinge(y_true, y_pred, sample_weight, power=2)


def categorical_hinge(y_true, y_pred, sample_weight=None):
    """max(0, 1 + the largest output of the other classes, or 0 if that is larger - the output of the row's own)."""
    own = np.eye(y_pred.shape[1])[y_true]
    lacking = ((1 - own) * y_pred).max(axis=1) - (own * y_pred).sum(axis=1) + 1
    return np.average(np.maximum(0, lacking), weights=sample_weight)


def precision_at_recall(y_true, y_pred, sample_weight=None, recall=0.8):
    """The best precision of all thresholds whose recall is at least that given; NaN without rows of the class 1."""
    if not both_classes(y_true, sample_weight):
        return np.nan
    precisions, recalls, _ = metrics.precision_recall_curve(y_true, y_pred, sample_weight=sample_weight)
    return precisions[:-1][recalls[:-1] >= recall - 1e-12].max()  # The last point, (1, 0), has no threshold.


def recall_at_precision(y_true, y_pred, sample_weight=None, precision=0.8):
    """The best recall of all thresholds whose precision is at least that given, 0 where none reaches it."""
    if not both_classes(y_true, sample_weight):
        return np.nan
    precisions, recalls, _ = metrics.precision_recall_curve(y_true, y_pred, sample_weight=sample_weight)
    return recalls[:-1][precisions[:-1] >= precision - 1e-12].max(initial=0.0)


def sensitivity_at_specificity(y_true, y_pred, sample_weight=None, specificity=0.8):
    """The best share of rows of the class 1 found, of all thresholds that leave at least such a share of the others
    alone.
    """
    if not both_classes(y_true, sample_weight):
        return np.nan
    alarms, found, _ = metrics.roc_curve(y_true, y_pred, sample_weight=sample_weight, drop_intermediate=False)
    return found[1 - alarms >= specificity - 1e-12].max()


def specificity_at_sensitivity(y_true, y_pred, sample_weight=None, sensitivity=0.8):
    """The best share of rows of the class 0 left alone, of all thresholds that find at least such a share of the class
    1.
    """
    if not both_classes(y_true, sample_weight):
        return np.nan
    alarms, found, _ = metrics.roc_curve(y_true, y_pred, sample_weight=sample_weight, drop_intermediate=False)
    return 1 - alarms[found >= sensitivity - 1e-12].min()


def both_classes(y_true, sample_weight=None):
    """Whether there are rows of both classes whose weight is above 0."""
    return len(np.unique(y_true if sample_weight is None else y_true[sample_weight > 0])) > 1


def true_positives(y_true, y_pred, sample_weight=None):
    """How many rows of the class 1 are predicted as it; with weights their sum, here and below."""
    return confusion_count(y_true, y_pred, sample_weight, 1, 1)


def true_negatives(y_true, y_pred, sample_weight=None):
    """How many rows of the class 0 are predicted as it."""
    return confusion_count(y_true, y_pred, sample_weight, 0, 0)


def false_positives(y_true, y_pred, sample_weight=None):
    """How many rows of the class 0 are predicted as the class 1."""
    return confusion_count(y_true, y_pred, sample_weight, 0, 1)


def false_negatives(y_true, y_pred, sample_weight=None):
    """How many rows of the class 1 are predicted as the class 0."""
    return confusion_count(y_true, y_pred, sample_weight, 1, 0)


def confusion_count(y_true, y_pred, sample_weight, actual, predicted):
    """The rows of one cell of the confusion matrix of two classes, or the sum of their weights."""
    counted = (y_true == actual) & (predicted_classes(y_pred) == predicted)
    return counted.sum() if sample_weight is None else sample_weight[counted].sum()
