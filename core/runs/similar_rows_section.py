"""How far a row is from a run's training rows, and the training rows that are most like it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.evaluation.neighbours import MOST_REFERENCE, Neighbours
from core.tables.number_text import with_clocks

if TYPE_CHECKING:
    from core.runs.evaluated_run import EvaluatedRun, Raw

_NEAREST = 3


@dataclass(frozen=True)
class Distance:
    """How far the nearest training row is.

    Attributes:
        distance: Euclidean, between scaled inputs or between outputs of a layer.
        share_nearer: The share of training rows that are nearer to the nearest other training row.
    """

    distance: float
    share_nearer: float


@dataclass(frozen=True)
class SimilarRows:
    """The training rows that are most like a row.

    Attributes:
        rows: The nearest in the inputs, the nearest first: "row" (its number in the table, from 1), "distance", "actual
            T" for each target, then the features.
        inputs: To the nearest training row in the preprocessed inputs.
        hidden: The same in the outputs of the last hidden layer; None where there is no hidden layer, its outputs are
            NaN, or several seeds predict, each with a hidden layer of its own.
        compared: How many training rows were compared with.
    """

    rows: pd.DataFrame
    inputs: Distance
    hidden: Distance | None
    compared: int


@dataclass(frozen=True)
class _Reference:
    """Training rows, as points in the inputs and in the last hidden layer."""

    places: np.ndarray
    inputs: Neighbours
    hidden: Neighbours | None


def similar_rows(asked: "EvaluatedRun", options: dict[str, Any]) -> SimilarRows:
    """Of the row in `options["row"]`, feature -> cell. Raises LookupError with a sentence where there are too few
    training rows, TableError.
    """
    reference = asked.answers.get(("similar rows", "reference"))
    if reference is None:
        reference = asked.answers["similar rows", "reference"] = _reference(asked)
    raw = asked.predictor.raw(pd.DataFrame([options["row"]]))
    point, hidden = _inputs(asked, raw)[0], _hidden(asked, raw)
    nearest, distances = reference.inputs.nearest(point, _NEAREST)
    places = reference.places[nearest]
    of_hidden = None
    if hidden is not None and reference.hidden is not None and np.isfinite(hidden).all():
        of_hidden = _distance(reference.hidden, float(reference.hidden.nearest(hidden[0], 1)[1][0]))
    return SimilarRows(
        rows=_table(asked, places, distances),
        inputs=_distance(reference.inputs, float(distances[0])),
        hidden=of_hidden,
        compared=len(reference.places),
    )


def _distance(neighbours: Neighbours, distance: float) -> Distance:
    return Distance(distance, neighbours.share_nearer(distance))


def _reference(asked: "EvaluatedRun") -> _Reference:
    places = np.arange(len(asked.prepared.parts["train"]))
    if len(places) < 2:
        raise LookupError("There are too few training rows to compare with.")
    if len(places) > MOST_REFERENCE:
        places = np.sort(np.random.default_rng(0).choice(places, MOST_REFERENCE, replace=False))
    raw = asked.raw("train", places)
    hidden = _hidden(asked, raw)
    return _Reference(places, Neighbours.of(_inputs(asked, raw)), Neighbours.of(hidden) if hidden is not None else None)


def _hidden(asked: "EvaluatedRun", raw: "Raw") -> np.ndarray | None:
    """(rows, units) outputs of the last hidden layer; None without one, and of several seeds, each with its own."""
    return None if asked.seeds else asked.replay.last_hidden(raw)


def _inputs(asked: "EvaluatedRun", raw: "Raw") -> np.ndarray:
    """(rows, columns) scaled inputs, with a column for each known word also where the network has an embedding."""
    from core.model.preprocessing import matrix

    return matrix(asked.replay.ready.line_matrices().features, raw)


def _table(asked: "EvaluatedRun", places: np.ndarray, distances: np.ndarray) -> pd.DataFrame:
    prepared = asked.prepared
    found: dict[str, Any] = {"row": prepared.rows[prepared.parts["train"][places]] + 1, "distance": distances}
    for name, values in prepared.targets.items():
        y_true = prepared.y_true("train", name)[places]
        found[f"actual {name}"] = np.array(values.classes, dtype=object)[y_true] if values.classes else y_true
    features = with_clocks(asked.readable(asked.raw("train", places)), asked.clocks)
    beside = features.rename(columns={name: f"{name} (feature)" for name in features if name in found})
    return pd.concat([pd.DataFrame(found), beside], axis=1)
