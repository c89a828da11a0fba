"""Values of a table that a network can hardly work with, found by name and row."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from core.catalog.kinds import KINDS
from core.experiment.spec import Experiment
from core.tables.prepared import Prepared
from core.tables.statistics import NumberStatistics

_LONE = (
    1e3  # Deviations of all other training rows; with that one among them it is no more than the root of their number.
)
_HEAVY = 1e3  # Times what a usual row counts.


def lone_feature(prepared: Prepared) -> str:
    """The sentence of a training row that is far away from all others in one feature, or ""."""
    far, at = {}, prepared.parts["train"]
    for name, values in _numbers(prepared, at):
        row = int(np.abs(values - np.median(values)).argmax())
        rest = np.delete(values, row)
        spread = float(rest.std()) if len(rest) else 0.0
        far[name] = (abs(values[row] - rest.mean()) / spread if spread else 0.0, row, values)
    name, (distance, row, values) = max(far.items(), key=lambda item: item[1][0], default=("", (0.0, 0, at)))
    if distance < _LONE:
        return ""
    away = f"{distance:,.0f}" if distance < 1e15 else f"{distance:.0e}"
    return (
        f"The likely cause is the feature {name}: its value {values[row]:.6g} in row {prepared.rows[at[row]] + 1:,} "
        f"of the table is {away} standard deviations away from all other training rows. Fix that row, or remove {name}."
    )


def _numbers(prepared: Prepared, at: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """(feature, values of some rows) for the features that are numbers; a missing cell is the median."""
    for name, kind in prepared.kinds.items():
        statistics = prepared.statistics[name]
        if KINDS[kind].scaled and isinstance(statistics, NumberStatistics):
            values = prepared.raw[name][at]
            yield name, np.where(np.isnan(values), statistics.median, values)


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
    return (
        f"The likely cause is an extreme sample weight: {name} goes up to {most:.3g}, and a typical weight is "
        f"{usual:.3g}. Use weights of about 1."
    )
