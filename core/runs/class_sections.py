"""What the worker says of how a run tells classes apart: sections of its evaluation."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from core.evaluation.class_curves import class_curves
from core.evaluation.class_table import class_table
from core.evaluation.curve_values import ClassCurves

if TYPE_CHECKING:
    from core.runs.evaluated_run import EvaluatedRun


def curves_section(asked: "EvaluatedRun", options: dict[str, Any]) -> ClassCurves:
    """ROC, precision and recall, gain and calibration of `options["target"]` in `options["part"]`."""
    part = asked.rows.parts[options["part"]]
    return class_curves(part.targets[options["target"]], part.weights)


def classes_section(asked: "EvaluatedRun", options: dict[str, Any]) -> pd.DataFrame:
    """Precision, recall, F1 and support of each class of `options["target"]` in `options["part"]`."""
    part = asked.rows.parts[options["part"]]
    return class_table(part.targets[options["target"]], part.weights)
