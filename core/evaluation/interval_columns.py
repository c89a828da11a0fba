"""Intervals and class sets as columns beside predictions: `lower T` and `upper T` of an amount, `set T` of a class."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from core.evaluation.conformal import Conformal, Coverage

BETWEEN = " | "  # Classes of a set.


def outputs_in(predictions: pd.DataFrame, target: Mapping[str, Any], several: bool) -> np.ndarray:
    """The network's outputs for a target of a card, of the predictions' columns: n amounts, n probabilities or margins
    of the class 1, or (n, classes).
    """
    name, classes, named = target["target"], target["classes"], f" {target['target']}" if several else ""
    if not classes:
        return predictions[f"predicted {name}"].to_numpy("float64")
    if len(classes) == 2:
        of_yes = f"margin{named}" if target.get("margin") else f"probability{named} {classes[1]}"
        return predictions[of_yes].to_numpy("float64")
    word = "score" if target.get("margin") else "probability"
    return predictions[[f"{word}{named} {label}" for label in classes]].to_numpy("float64")


def interval_columns(
    predictions: pd.DataFrame, targets: list[dict[str, Any]], coverage: Mapping[str, Coverage], level: float
) -> pd.DataFrame:
    """`lower T` and `upper T`, or `set T`, for each target of a card, with the predictions' index. Raises LookupError
    with a sentence where the validation rows are too few for the level.
    """
    columns: dict[str, Any] = {}
    for target in targets:
        name, conformal = target["target"], coverage[target["target"]].conformal
        conformal.require(level)
        outputs = outputs_in(predictions, target, len(targets) > 1)
        if conformal.classes:
            columns[f"set {name}"] = set_texts(conformal, outputs, level)
        else:
            columns[f"lower {name}"], columns[f"upper {name}"] = conformal.bounds(outputs, level).T
    return pd.DataFrame(columns, index=predictions.index)


def set_texts(conformal: Conformal, outputs: np.ndarray, level: float) -> list[str]:
    """The classes in each of n sets: "Condo | Residential"."""
    labels = np.array(conformal.classes, dtype=object)
    return [BETWEEN.join(labels[inside]) for inside in conformal.sets(outputs, level)]
