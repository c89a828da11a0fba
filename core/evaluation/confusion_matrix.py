"""The rows of each class by the class that is predicted."""

import numpy as np
import pandas as pd

from core.evaluation.evaluated_rows import EvaluatedTarget


def confusion_counts(target: EvaluatedTarget) -> np.ndarray:
    """(classes, classes) counts of rows: a row an actual class, a column a predicted one."""
    counts = np.zeros((len(target.classes),) * 2, int)
    np.add.at(counts, (target.y_true, target.y_class), 1)
    return counts


def most_frequent_mistakes(counts: np.ndarray, classes: tuple[str, ...], most: int = 15) -> pd.DataFrame:
    """The largest cells beside the diagonal: "actual", "predicted", "rows", "share of the actual class"."""
    wrong = counts * (1 - np.eye(len(counts), dtype=int))
    at = [divmod(int(cell), len(counts)) for cell in np.argsort(-wrong, axis=None, kind="stable")[:most]]
    told = [
        {
            "actual": classes[actual],
            "predicted": classes[predicted],
            "rows": int(wrong[actual, predicted]),
            "share of the actual class": wrong[actual, predicted] / counts[actual].sum(),
        }
        for actual, predicted in at
        if wrong[actual, predicted]
    ]
    return pd.DataFrame(told, columns=["actual", "predicted", "rows", "share of the actual class"])
