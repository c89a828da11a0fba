"""What a network is asked while it learns: rows that a person pinned, and the plane of two features."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.experiment.digits import significant
from core.tables.prepared import Prepared, raw_values

GRID = 40  # Points of the plane each way.
_MOST_POINTS = 300  # Of each part.
_EDGE = 0.04  # Of the plane beyond the rows, on each side.


@dataclass(frozen=True)
class Looks:
    """What a person wants to see: rows of raw values, and the features of the plane, [] for none, None to leave it to
    the table.
    """

    pins: Sequence[Mapping[str, Any]] = ()
    plane: Sequence[str] | None = None


@dataclass(frozen=True)
class Plane:
    """Two features of numbers, the others at their usual values.

    Attributes:
        features: Across and up.
        low, high: Of each, what is drawn.
        raw: Raw values of GRID x GRID rows, the lower left first, row by row.
        points: Part -> [across, up, y_true] of some of its rows.
    """

    features: tuple[str, str]
    low: tuple[float, float]
    high: tuple[float, float]
    raw: dict[str, np.ndarray]
    points: dict[str, list[list[float]]]

    def value(self) -> dict[str, Any]:
        """As the page gets it."""
        return {"features": self.features, "low": self.low, "high": self.high, "grid": GRID, "points": self.points}


def numeric(prepared: Prepared) -> list[str]:
    """The features that may span a plane: amounts that differ."""
    found = [name for name, kind in prepared.kinds.items() if kind == "number"]
    return [name for name in found if np.ptp(_there(prepared.part("train")[0][name])) > 0]


def chosen(prepared: Prepared, wanted: Sequence[str] | None) -> tuple[str, str] | None:
    """The features of the plane: as wanted, or where there are two numbers and nothing else, these."""
    able = numeric(prepared)
    if wanted is not None:
        return (
            (wanted[0], wanted[1]) if len(wanted) == 2 and set(wanted) <= set(able) and wanted[0] != wanted[1] else None
        )
    return (able[0], able[1]) if len(prepared.kinds) == len(able) == 2 else None


def plane(prepared: Prepared, features: tuple[str, str], target: str) -> Plane:
    """The plane of two features over the training rows, with points of the training and the test rows."""
    train, _ = prepared.part("train")
    ends = [_ends(_there(train[name])) for name in features]
    across, up = (np.linspace(low, high, GRID) for low, high in ends)
    raw = {name: np.repeat(_usual(values), GRID * GRID) for name, values in train.items()}
    raw[features[0]], raw[features[1]] = np.tile(across, GRID), np.repeat(up, GRID)
    points = {}
    for part in ("train", "test"):
        values, _ = prepared.part(part)
        y_true = prepared.y_true(part, target)
        some = _some(len(y_true))
        cells = np.stack([values[features[0]][some], values[features[1]][some], y_true[some].astype(float)], axis=1)
        there = cells[~np.isnan(cells).any(axis=1)]
        digits = [significant(of.min(), of.max(), 5) for of in there.T] if len(there) else []
        points[part] = [
            [float(f"{number:.{most}g}") for number, most in zip(row, digits, strict=True)] for row in there
        ]
    return Plane(features, (ends[0][0], ends[1][0]), (ends[0][1], ends[1][1]), raw, points)


def pinned_rows(prepared: Prepared, rows: Sequence[Mapping[str, Any]]) -> dict[str, np.ndarray]:
    """Raw values of pinned rows; what they lack counts as missing."""
    frame = pd.DataFrame(
        [{name: row.get(name) for name in prepared.kinds} for row in rows], columns=list(prepared.kinds)
    )
    return raw_values(frame, prepared.kinds, prepared.ways)


def _there(values: np.ndarray) -> np.ndarray:
    there = values[~np.isnan(values)]
    return there if len(there) else np.zeros(1)


def _ends(values: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(values, [0.005, 0.995])
    if low == high:
        low, high = values.min(), values.max()
    room = _EDGE * (high - low)
    return float(low - room), float(high + room)


def _usual(values: np.ndarray) -> np.ndarray:
    """One cell: the median, or the most frequent word."""
    if values.dtype == object:
        words, counts = np.unique(values.astype(str), return_counts=True)
        return np.array([str(words[counts.argmax()])], dtype=object)
    return np.array([np.median(_there(values))])


def _some(rows: int) -> np.ndarray:
    return np.arange(rows) if rows <= _MOST_POINTS else np.linspace(0, rows - 1, _MOST_POINTS).astype(int)
