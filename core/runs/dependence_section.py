"""How a run's predictions follow one feature, or two, on rows that are not trained on: partial dependence with
individual rows, beside the distribution of the training rows.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from core.evaluation.dependence import (
    conditional_expectations,
    grid_of,
    partial_dependence,
    training_distribution,
)
from core.evaluation.raw_features import sampled_rows
from core.runs.importance_section import head_of

if TYPE_CHECKING:
    from core.runs.evaluated_run import EvaluatedRun

_MOST_ROWS, _MOST_LINES = 500, 40
_SURFACE_ROWS, _SURFACE_POINTS = 100, 15
_MOST_CELLS = 20_000_000  # That are predicted at once, about a second: of a wide table there are fewer rows.


def feature_dependence(asked: "EvaluatedRun", options: dict[str, Any]) -> dict[str, Any]:
    """What is predicted as one feature takes other values, all else as it is in the rows.

    Options:
        feature: Its name.
        target: The first, where none is named.
        output: Of many classes the number of the class; 0.
        part: "test".

    Returns {"kind" (of the feature; "time" of times of day), "grid" (its n values), "mean" (n: of the rows, by their
    weights), "lines" (up to 40 rows, n each), "rows", "of" (rows of the part), "at", "share" (where the training rows
    lie, and what share)}.
    Raises LookupError for a feature that there is not.
    """
    return all_dependences(asked, options)[options.get("output", 0)]


def all_dependences(asked: "EvaluatedRun", options: dict[str, Any]) -> list[dict[str, Any]]:
    """What `feature_dependence` gives, of each output of the target: of many classes one each."""
    feature = options["feature"]
    grid, training = _grid(asked, feature)
    expected, weights = _expected(asked, options, [feature], [grid], _MOST_ROWS)
    at, share = training_distribution(training, grid)
    mean, drawn = partial_dependence(expected, weights), sampled_rows(expected.shape[1], _MOST_LINES)
    of_all = {
        "kind": asked.axis_kind(feature),
        "grid": grid.tolist(),
        "rows": expected.shape[1],
        "of": len(asked.prepared.parts[options.get("part", "test")]),
        "at": at.tolist(),
        "share": share.tolist(),
    }
    return [
        of_all | {"mean": mean[:, output].tolist(), "lines": expected[:, drawn, output].T.tolist()}
        for output in range(expected.shape[2])
    ]


def dependence_surface(asked: "EvaluatedRun", options: dict[str, Any]) -> dict[str, Any]:
    """What is predicted as two features take other values together, in the mean of the rows.

    Options as `feature_dependence` has them, and `second`: the other feature.

    Returns {"kinds", "grids" (n and m values), "mean" (n lists of m), "rows", "of"}.
    """
    names = [options["feature"], options["second"]]
    grids = [_grid(asked, name, _SURFACE_POINTS)[0] for name in names]
    points = [axis.ravel() for axis in np.meshgrid(*grids, indexing="ij")]
    expected, weights = _expected(asked, options, names, points, _SURFACE_ROWS)
    mean = partial_dependence(expected, weights)[:, options.get("output", 0)]
    return {
        "kinds": [asked.axis_kind(name) for name in names],
        "grids": [grid.tolist() for grid in grids],
        "mean": mean.reshape([len(grid) for grid in grids]).tolist(),
        "rows": expected.shape[1],
        "of": len(asked.prepared.parts[options.get("part", "test")]),
    }


def _grid(asked: "EvaluatedRun", feature: str, *points: int) -> tuple[np.ndarray, np.ndarray]:
    """The values that a feature takes in turn, and its values in the training rows."""
    if feature not in asked.prepared.kinds:
        raise LookupError(f"The run has no feature {feature!r}.")
    if asked.prepared.kinds[feature] == "text":
        raise LookupError(f"{feature} is free text: it has no order and no categories to draw a curve over.")
    training = asked.prepared.raw[feature][asked.prepared.parts["train"]]
    return grid_of(training, *points), training


def _expected(
    asked: "EvaluatedRun", options: dict[str, Any], features: list[str], points: list[np.ndarray], most: int
) -> tuple[np.ndarray, np.ndarray | None]:
    """(points, rows, outputs) predictions for each of some rows, and the rows' weights."""
    part, target = options.get("part", "test"), head_of(asked, options).task.target
    of_part, weights = asked.prepared.parts[part], asked.prepared.weights
    most = min(most, max(20, _MOST_CELLS // (len(asked.prepared.kinds) * len(points[0]))))
    some = sampled_rows(len(of_part), most)
    expected = conditional_expectations(asked.predict, asked.raw(part, some), features, points)[target]
    counted = None if weights is None else weights[of_part[some]].astype("float64")
    if counted is not None and not counted.sum() > 0:
        counted = None  # Then no row counts, and the plain mean is the only one.
    return expected, counted
