"""Evaluated rows as a table that a person reads: the row, what is true, what is predicted, how wrong, the features."""

import math

import numpy as np
import pandas as pd

from core.evaluation.evaluated_rows import EvaluatedPart, EvaluatedTarget
from core.tables.number_text import with_clocks

ROW = "row"


def row_errors(target: EvaluatedTarget) -> np.ndarray:
    """How wrong each of n predictions is: |predicted - actual| in the target's unit; of classes 1 - the probability of
    the actual one, of margins how far they are on the wrong side of 1.
    """
    if target.task == "regression":
        return np.abs(target.y_pred - target.y_true)
    if target.task == "binary":
        own = np.where(target.y_true == 1, target.y_pred, (0 if target.margin else 1) - target.y_pred)
    else:
        own = target.y_pred[np.arange(len(target.y_true)), target.y_true]
    return 1 - own


def amount_decimals(amounts: np.ndarray) -> int:
    """Decimals that show four digits of what varies in some amounts; as many as a float has where nothing does."""
    spread = float(np.ptp(amounts)) if len(amounts) else 0.0
    return max(0, 3 - math.floor(math.log10(spread))) if 0 < spread < math.inf else 15


def row_table(part: EvaluatedPart, target: EvaluatedTarget) -> pd.DataFrame:
    """A row for each evaluated row, those that are most wrong first.

    Columns: "row" (its number in the table, from 1), "actual T", "predicted T", "error" (predicted - actual) of an
    amount or "probability of actual" of a class (a margin: "score of actual"), then the features. Predictions and
    errors are rounded to four digits of what varies among the actual amounts, probabilities to four decimals.
    """
    order = np.argsort(-row_errors(target), kind="stable")
    if target.task == "regression":
        actual, predicted = target.y_true, target.y_pred
        how = ("error", target.y_pred - target.y_true)
    else:
        labels = np.array(target.classes, dtype=object)
        actual, predicted = labels[target.y_true], labels[target.y_class]
        how = ("score of actual" if target.margin else "probability of actual", 1 - row_errors(target))
    told = pd.DataFrame(
        {
            ROW: part.positions + 1,
            f"actual {target.target}": actual,
            f"predicted {target.target}": predicted,
            how[0]: how[1],
        }
    )
    decimals = amount_decimals(target.y_true) if target.task == "regression" else 4
    told = told.round({f"predicted {target.target}": decimals, how[0]: decimals})
    written = with_clocks(part.features, part.clocks)
    beside = written.rename(columns={name: f"{name} (feature)" for name in written if name in told})
    return pd.concat([told, beside.reset_index(drop=True)], axis=1).iloc[order].reset_index(drop=True)
