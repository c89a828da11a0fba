"""What a run's model would predict for a row if one of its features had another value."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.evaluation.dependence import grid_of, training_distribution, what_if
from core.runs.contributions_section import explained_class, explained_outputs
from core.runs.importance_section import head_of

if TYPE_CHECKING:
    from core.runs.evaluated_run import EvaluatedRun


def what_if_curves(asked: "EvaluatedRun", options: dict[str, Any]) -> dict[str, Any]:
    """What is predicted for one row as each feature alone moves over the range of the training rows.

    Options:
        row: Feature -> cell.
        features: Those that are moved; free text is not.
        target: The first, where none is named.

    Returns {"prediction" (of the row), "class" (whose probability these are; None of an amount), "features": {name:
    {"grid" (its n values), "values" (n), "now" (the row's value; None where missing), "at", "share" (where the
    training rows lie, and what share)}}}. Raises TableError.
    """
    target, prepared = head_of(asked, options).task.target, asked.prepared
    raw = asked.predictor.raw(pd.DataFrame([options["row"]]))
    predicted = asked.predict(raw)[target]
    output = int(explained_outputs(asked, target, predicted)[0])
    names = [name for name in options["features"] if prepared.kinds.get(name, "text") != "text"]
    training = {name: prepared.raw[name][prepared.parts["train"]] for name in names}
    grids = {name: grid_of(values) for name, values in training.items()}
    moved = what_if(asked.predict, raw, grids) if grids else {}
    curves = {}
    for name, grid in grids.items():
        at, share = training_distribution(training[name], grid)
        curves[name] = {
            "grid": grid.tolist(),
            "values": moved[name][target][:, output].tolist(),
            "now": _known(raw[name][0]),
            "at": at.tolist(),
            "share": share.tolist(),
        }
    return {
        "prediction": float(predicted[0, output]),
        "class": explained_class(asked, target, output),
        "features": curves,
    }


def _known(cell: Any) -> Any:
    """A raw value, None where it is missing."""
    if isinstance(cell, str):
        return cell or None
    return None if np.isnan(cell) else float(cell)
