"""Intervals and class sets of a run: calibrated on its validation rows, measured on its test rows."""

from typing import TYPE_CHECKING, Any

import numpy as np

from core.evaluation.conformal import Conformal, Coverage
from core.evaluation.evaluated_rows import MOST_ROWS

if TYPE_CHECKING:
    from core.runs.evaluated_run import EvaluatedRun


class NoIntervals(LookupError):
    """The run has no rows to compute intervals from; the message is a sentence for the person."""


def coverage(asked: "EvaluatedRun", _options: dict[str, Any]) -> dict[str, Coverage]:
    """Target -> its intervals or sets. Raises NoIntervals where the run has no validation rows."""
    if "validation" not in asked.rows.parts:
        raise NoIntervals("Intervals are computed from the errors on validation rows, and this run has none.")
    validation, test = asked.rows.parts["validation"], asked.rows.parts["test"]
    training = _training_amounts(asked)
    return {
        target: Coverage(
            Conformal.of(of_validation, validation.weights, training.get(target)), test.targets[target], test.weights
        )
        for target, of_validation in validation.targets.items()
    }


def _training_amounts(asked: "EvaluatedRun") -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Target of a regression -> its true and predicted amounts in the training rows, or in a sample of them."""
    amounts = [head.task.target for head in asked.heads.all if head.task.kind == "regression"]
    if not amounts:
        return {}
    rows = len(asked.prepared.parts["train"])
    some = np.arange(rows)
    if rows > MOST_ROWS:
        some = np.sort(np.random.default_rng(0).choice(rows, MOST_ROWS, replace=False))
    predicted = asked.predict(asked.raw("train", some))
    return {
        target: (asked.prepared.y_true("train", target)[some].astype("float64"), predicted[target][:, 0])
        for target in amounts
    }
