"""Values of a table that a network can hardly work with, found by name and row."""

from typing import Any

import numpy as np

from core.experiment.kinds import KINDS
from core.experiment.spec import Experiment
from core.tables.prepared import Prepared

_FAR = 1e4  # Deviations away from the mean of the training rows.
_LONE = 1e3  # Deviations of all other training rows; with that one among them it is no more than the root of their number.
_HEAVY = 1e3  # Times what a usual row counts.


def extreme_feature(prepared: Prepared) -> str:
    """The sentence of the most extreme cell among the validation rows' features, or "" when all are within reach."""
    far = {}
    for name, at, values in _numbers(prepared, "validation"):
        known = prepared.statistics[name]
        distances = np.abs(values - known.mean) / np.sqrt(known.variance)
        far[name] = (float(distances.max()), int(distances.argmax()), at, values)
    return _sentence(prepared, far, _FAR, "the mean of the training rows")


def lone_feature(prepared: Prepared) -> str:
    """The sentence of a training row that is far away from all others in one feature, or ""."""
    far = {}
    for name, at, values in _numbers(prepared, "train"):
        row = int(np.abs(values - np.median(values)).argmax())
        rest = np.delete(values, row)
        spread = float(rest.std()) if len(rest) else 0.0
        far[name] = (abs(values[row] - rest.mean()) / spread if spread else 0.0, row, at, values)
    return _sentence(prepared, far, _LONE, "all other training rows")


def _numbers(prepared: Prepared, part: str) -> Any:
    """(feature, positions, values) of a part, for the features that are numbers; a missing cell is the median."""
    at = prepared.parts[part]
    for name, kind in prepared.kinds.items():
        if KINDS[kind].raw != "string":
            values = prepared.raw[name][at]
            yield name, at, np.where(np.isnan(values), prepared.statistics[name].median, values)


def _sentence(prepared: Prepared, far: dict[str, tuple[float, int, np.ndarray, np.ndarray]], least: float, words: str) -> str:
    if not far:
        return ""
    name, (distance, row, at, values) = max(far.items(), key=lambda item: item[1][0])
    if distance < least:
        return ""
    away = f"{distance:,.0f}" if distance < 1e15 else f"{distance:.0e}"
    table = "table" if prepared.second is None or at[row] < prepared.second else "validation table"
    where = f"row {prepared.rows[at[row]] + 1:,} of the {table}"
    return (
        f"The likely cause is the feature {name}: its value {values[row]:.6g} in {where} is {away} deviations away from {words}. "
        f"Mend that row, or leave {name} out."
    )


def extreme_weight(experiment: Experiment, counts: Any) -> str:
    """The sentence of rows that count far more than others, or ""."""
    if isinstance(counts, dict):  # All targets' rows count the same.
        counts = next(iter(counts.values()))
    if not isinstance(counts, np.ndarray) or not counts.any():
        return ""
    usual, most = float(np.median(counts[counts > 0])), float(counts.max())
    if most < _HEAVY * min(usual, 1.0):
        return ""
    name = f"the column {experiment.data.weight}" if experiment.data.weight else "the class weights"
    return f"The likely cause is how much rows count: by {name} up to {most:.3g}, a usual row {usual:.3g}. Try weights of about 1."
