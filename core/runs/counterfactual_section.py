"""Which smallest changes of a row would flip its predicted class."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.evaluation.counterfactual import counterfactuals, usual_parts
from core.evaluation.dependence import grid_of
from core.evaluation.raw_features import RawFeatures
from core.runs.importance_section import head_of
from core.tables.dates import moment_text

if TYPE_CHECKING:
    from core.runs.evaluated_run import EvaluatedRun

_MOST_FEATURES = 200
_MOST_WORDS = 1000  # Of a feature that is changed alone: as many as the network usually knows, and then some.


def row_counterfactuals(asked: "EvaluatedRun", options: dict[str, Any]) -> dict[str, Any]:
    """Up to three changes of one feature that flip the predicted class of the row, the smallest first; else one of two
    features. A feature takes values of the training rows' range: up to 1,000 words, of two features 20 each; numbers as
    exact as most of its training cells are written.

    Options:
        row: Feature -> cell.
        target: The first, where none is named.

    Returns {"class" (as predicted), "changes": [{"features" {name: new value as text, number or bool}, "class"
    (predicted then), "distance" (Gower's)}], "left_out": [features that are not changed]}. Raises LookupError for a
    target of amounts, TableError.
    """
    target, prepared = head_of(asked, options).task.target, asked.prepared
    classes = prepared.targets[target].classes
    if not classes:
        raise LookupError(f"{target} has no classes.")
    decision = next(one for one in asked.card["targets"] if one["target"] == target)["decision"]

    def classes_of(raw: RawFeatures) -> np.ndarray:
        outputs = asked.predict(raw)[target]
        return (outputs[:, 0] > decision).astype("int64") if len(classes) == 2 else outputs.argmax(axis=1)

    raw = asked.predictor.raw(pd.DataFrame([options["row"]]))
    names = [name for name, kind in prepared.kinds.items() if kind != "text"][:_MOST_FEATURES]
    training = {name: prepared.raw[name][prepared.parts["train"]] for name in names}
    numbers = {name: values[~np.isnan(values)] for name, values in training.items() if values.dtype != object}
    found = counterfactuals(
        classes_of,
        raw,
        {name: values_alone(values) for name, values in training.items()},
        {name: float(np.ptp(values)) if len(values) else 0.0 for name, values in numbers.items()},
        {name for name, values in numbers.items() if (values == np.round(values)).all()},
        paired={name: grid_of(values) for name, values in training.items()},
        written={name: usual_parts(values, prepared.kinds[name] == "date") for name, values in numbers.items()},
    )
    return {
        "class": classes[int(classes_of(raw)[0])],
        "left_out": [name for name in prepared.kinds if name not in names],
        "changes": [
            {
                "features": {name: _shown(prepared.kinds[name], value) for name, value in one.changes.items()},
                "class": classes[one.label],
                "distance": one.distance,
            }
            for one in found
        ],
    }


def values_alone(values: np.ndarray) -> np.ndarray:
    """What a feature that is changed alone becomes in turn, from its training cells."""
    grid = grid_of(values, words=_MOST_WORDS)
    there = values[~np.isnan(values)] if values.dtype != object else values[:0]
    return np.unique([*grid, there.min(), there.max()]) if len(there) else grid


def _shown(kind: str, value: Any) -> Any:
    """A raw value as a person writes it."""
    return (
        moment_text(value)
        if kind == "date"
        else bool(value)
        if kind == "boolean"
        else value
        if isinstance(value, str)
        else float(value)
    )
