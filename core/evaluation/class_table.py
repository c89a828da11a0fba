"""Which class is taken for which: precision, recall, F1 and support of each class."""

import numpy as np
import pandas as pd
from sklearn import metrics

from core.evaluation.evaluated_rows import EvaluatedTarget

CLASS = "class"
MACRO, WEIGHTED = "(macro mean)", "(mean by support)"


def class_table(target: EvaluatedTarget, weights: np.ndarray | None = None) -> pd.DataFrame:
    """A row a class, then the plain mean over the classes and the one by their support.

    Columns: "class", "precision", "recall", "F1" (0 where a class is never predicted, or has no rows), "rows", and of
    weighted rows "weight". A class that is neither actual nor predicted is left out of the means.
    """
    classes = range(len(target.classes))
    predicted = target.y_class
    of_class = metrics.precision_recall_fscore_support(
        target.y_true, predicted, labels=classes, sample_weight=weights, zero_division=0
    )
    precision, recall, f1, support = (np.asarray(values, "float64") for values in of_class)
    rows = np.bincount(target.y_true, minlength=len(classes))
    there = (rows > 0) | (np.bincount(predicted, minlength=len(classes)) > 0)
    told = pd.DataFrame(
        {CLASS: target.classes, "precision": precision, "recall": recall, "F1": f1, "rows": rows, "weight": support}
    )
    means = [
        {
            CLASS: name,
            **{score: _mean(told[score][there], by) for score in ("precision", "recall", "F1")},
            "rows": int(rows.sum()),
            "weight": float(support.sum()),
        }
        for name, by in ((MACRO, None), (WEIGHTED, support[there]))
    ]
    told = pd.concat([told, pd.DataFrame(means)], ignore_index=True)
    return told.drop(columns="weight") if weights is None else told


def _mean(values: pd.Series, by: np.ndarray | None) -> float:
    if not len(values) or (by is not None and not by.sum() > 0):
        return float("nan")
    return float(np.average(values, weights=by))
