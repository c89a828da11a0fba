"""Counterfactuals: the smallest changes of a row that flip its predicted class.

Distances are Gower's (1971): of a number the change as a share of the training range, of a category 1 where it changes;
of several features their sum.
"""

import itertools
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.evaluation.raw_features import RawFeatures, tiled

_HALVINGS = 8  # More would leave less room than the digits that are shown.
_DIGITS = tuple(10**digit for digit in range(13))
_TIMES = (1, 24, 1440, 86_400)  # Of a date: days, hours, minutes, seconds.
_USUAL = 0.9  # The share of a column's cells that says how exactly it is written: "0.42" among whole ages is rare.
_FINER = 4  # Digits more at most, where with the usual ones the class is not flipped.
_MOST_PAIRED = 8  # Features that are changed in pairs.


@dataclass(frozen=True)
class Counterfactual:
    """A change that flips the predicted class.

    Attributes:
        changes: Feature -> its new raw value.
        distance: Gower's, between the row and the changed row.
        label: The number of the class that is predicted then.
    """

    changes: dict[str, Any]
    distance: float
    label: int


def counterfactuals(
    classes_of: Callable[[RawFeatures], np.ndarray],
    row: RawFeatures,
    candidates: dict[str, np.ndarray],
    ranges: dict[str, float],
    whole: Collection[str] = (),
    most: int = 3,
    paired: dict[str, np.ndarray] | None = None,
    written: Mapping[str, Sequence[int]] = {},
) -> list[Counterfactual]:
    """Up to `most` changes that flip the class, the smallest first, a feature each; where no feature alone does, the
    smallest change of two.

    Args:
        classes_of: Raw rows -> n class numbers.
        row: One row.
        candidates: Feature -> the values that it may take.
        ranges: Feature of numbers -> high - low of its training values.
        whole: Features of whole numbers, which stay whole.
        paired: Feature -> the values that it may take beside another feature's change; those of `candidates` where it
            is None.
        written: Feature -> parts of a unit in which its values are written, as `usual_parts` gives them: new values are
            rounded to the first of them with which the class is flipped.
    """
    own = int(classes_of(row)[0])
    steps = [
        (name, value, far) for name, values in candidates.items() for value, far in _moves(row, name, values, ranges)
    ]
    if not steps:
        return []
    labels = _labels(classes_of, row, [{name: value} for name, value, _ in steps])
    nearest: dict[str, tuple[Any, float, int]] = {}
    for (name, value, far), label in zip(steps, labels, strict=True):
        if label != own and (name not in nearest or far < nearest[name][1]):
            nearest[name] = value, far, int(label)
    if nearest:
        found = [
            _nearer(classes_of, row, name, value, label, own, ranges, name in whole)
            for name, (value, _, label) in nearest.items()
        ]
        found = sorted(found, key=lambda one: one.distance)[:most]
        rounded = [_as_written(classes_of, row, one, own, candidates, ranges, written) for one in found]
        return sorted(rounded, key=lambda one: one.distance)
    beside = candidates if paired is None else paired
    moves = {name: _moves(row, name, values, ranges) for name, values in beside.items()}
    pair = _pair(classes_of, row, moves, own)
    return [_as_written(classes_of, row, one, own, candidates, ranges, written) for one in pair]


def usual_parts(values: np.ndarray, dates: bool = False) -> tuple[int, ...]:
    """Into how many parts of a unit most numbers of a column are written, and finer ones after it: whole ages and a few
    like 0.42 -> (1, 10, 100, ...), prices like 7.25 -> (100, 1000, ...), hourly dates -> (24, 1440, 86400).

    Digits beyond the fourth of the column's range tell nothing: 31.2854 of 0 to 512 is written as 31.3.

    Args:
        values: Without missing ones; of dates days since 1970.
    """
    units = _TIMES if dates else _DIGITS
    if not len(values):
        return units[: 1 + _FINER]
    spread = float(np.ptp(values))
    fine = 3 - math.floor(math.log10(spread)) if 0 < spread < math.inf else len(units)
    finest = len(units) - 1 if dates else min(max(0, fine), len(units) - 1)
    for at, unit in enumerate(units[:finest]):
        if np.mean(np.isclose(values * unit, np.round(values * unit), rtol=1e-12, atol=1e-6)) >= _USUAL:
            finest = at
            break
    return units[finest : finest + 1 + _FINER]


def _as_written(
    classes_of: Callable[[RawFeatures], np.ndarray],
    row: RawFeatures,
    found: Counterfactual,
    own: int,
    candidates: Mapping[str, np.ndarray],
    ranges: dict[str, float],
    written: Mapping[str, Sequence[int]],
) -> Counterfactual:
    """The change with its numbers as their columns write them: rounded up or down, whichever flips the class and is
    nearer to the row; with a digit more where neither does, and as it is where none will.
    """
    for digit in range(1 + _FINER):
        choices = {
            name: _rounded(row[name][0], value, candidates[name], written.get(name, ()), digit)
            for name, value in found.changes.items()
        }
        changes = [dict(zip(choices, values, strict=True)) for values in itertools.product(*choices.values())]
        if not changes:
            continue
        far = [sum(_distance(row[name][0], value, ranges.get(name)) for name, value in one.items()) for one in changes]
        labels = _labels(classes_of, row, changes)
        flipped = [at for at, label in enumerate(labels) if label != own]
        if flipped:
            best = min(flipped, key=lambda at: far[at])
            return Counterfactual(changes[best], far[best], int(labels[best]))
    return found


def _rounded(now: Any, value: Any, within: np.ndarray, parts: Sequence[int], digit: int) -> list[Any]:
    """A new value rounded down and up, without what the row has already and what is beyond the range."""
    if isinstance(value, str) or not parts:
        return [value]
    part = parts[min(digit, len(parts) - 1)]
    both = dict.fromkeys((math.floor(value * part) / part, math.ceil(value * part) / part))
    return [one for one in both if one != now and within.min() <= one <= within.max()]


def _moves(row: RawFeatures, name: str, values: np.ndarray, ranges: dict[str, float]) -> list[tuple[Any, float]]:
    """The values of a feature that differ from the row's, with their distances."""
    now = row[name][0]
    return [(value, _distance(now, value, ranges.get(name))) for value in values.tolist() if value != now]


def _distance(now: Any, value: Any, width: float | None) -> float:
    if width is None or isinstance(value, str) or np.isnan(now):
        return 1.0
    return float(abs(value - now) / (width or 1.0))


def _labels(
    classes_of: Callable[[RawFeatures], np.ndarray], row: RawFeatures, changes: list[dict[str, Any]]
) -> np.ndarray:
    """The classes of the row with each of the changes; one call."""
    changed = tiled(row, len(changes))
    for at, change in enumerate(changes):
        for name, value in change.items():
            changed[name][at] = value
    return classes_of(changed)


def _nearer(
    classes_of: Callable[[RawFeatures], np.ndarray],
    row: RawFeatures,
    name: str,
    value: Any,
    label: int,
    own: int,
    ranges: dict[str, float],
    whole: bool,
) -> Counterfactual:
    """The change of a number, halved as long as the class stays flipped."""
    now = row[name][0]
    if isinstance(value, str) or np.isnan(now):
        return Counterfactual({name: value}, _distance(now, value, ranges.get(name)), label)
    kept = now
    for _ in range(_HALVINGS):
        middle = (kept + value) / 2
        middle = float(np.round(middle)) if whole else middle
        if middle in (kept, value):
            break
        found = int(_labels(classes_of, row, [{name: middle}])[0])
        if found == own:
            kept = middle
        else:
            value, label = middle, found
    return Counterfactual({name: value}, _distance(now, value, ranges.get(name)), label)


def _pair(
    classes_of: Callable[[RawFeatures], np.ndarray],
    row: RawFeatures,
    moves: dict[str, list[tuple[Any, float]]],
    own: int,
) -> list[Counterfactual]:
    """The smallest change of two features that flips the class, among the first features."""
    names = [name for name, of_feature in moves.items() if of_feature][:_MOST_PAIRED]
    pairs = [
        ({first: one, second: other}, far + further)
        for first, second in itertools.combinations(names, 2)
        for one, far in moves[first]
        for other, further in moves[second]
    ]
    if not pairs:
        return []
    labels = _labels(classes_of, row, [changes for changes, _ in pairs])
    flipped = [at for at, label in enumerate(labels) if label != own]
    if not flipped:
        return []
    best = min(flipped, key=lambda at: pairs[at][1])
    return [Counterfactual(*pairs[best], int(labels[best]))]
