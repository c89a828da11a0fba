"""A table made ready for one experiment: raw values of each feature, the targets' values, the three parts, and
training statistics.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from core.catalog.kinds import KINDS
from core.experiment.counts import count, counted
from core.experiment.preparation import DEFAULT, Preparation
from core.experiment.spec import Data, Split
from core.experiment.task import CutWords
from core.tables.errors import TableError, column_errors
from core.tables.feature_statistics import Statistic, cut_words, pair_statistics, statistics_of, width_of
from core.tables.raw import READERS, codes, day_way, days, numbers, words
from core.tables.row_parts import deal
from core.tables.target_logarithm import require_logarithm
from core.tables.unread_cells import unread_cells

PARTS = ("train", "validation", "test")


def class_order(labels: np.ndarray, positive: str | None = None) -> list[str]:
    """The different labels, numbers by size and before words, words by the alphabet; of two the positive one last."""

    def key(label: str) -> tuple[int, float, str]:
        try:
            number = float(label)
        except ValueError:
            number = np.inf
        return (0, number, label) if abs(number) < np.inf else (1, 0.0, label)

    order = sorted(set(labels), key=key)
    return order[::-1] if len(order) == 2 and order[0] == positive else order


@dataclass(frozen=True)
class TargetValues:
    """The values of one target in n rows.

    Attributes:
        y_true: n floats (regression) or class numbers from 0 (classification).
        classes: Labels of the classes in the order of their numbers; () for a regression.
    """

    y_true: np.ndarray
    classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Prepared:
    """n rows whose targets are known, in the table's order; those of a validation table come after the others.

    Attributes:
        kinds: Feature -> kind, in the order of the network's inputs.
        raw: Feature -> n raw values (float64 with NaN, or text with "").
        targets: Target -> its values in the rows.
        rows: Positions of the n rows in their table.
        parts: "train", "validation", "test" -> positions among the n rows.
        ways: Date feature -> how the table writes its dates, for rows that come later.
        scaling: Kind -> its scaling, where that is not the standard one.
        preparation: Column -> its settings, where those are not its kind's.
        pairs: Two features that are a feature together, too.
        weights: n float32, how much each row counts; None when all count the same.
        groups: n numbers of the groups that the split keeps together; None where it keeps none.
        second: How many rows are of the first table, where there is a validation table.
        says: What a person should know of how it was made ready, a sentence each.
        unread: Feature -> a sentence on its cells that could not be read as what it is, and count as missing.
    """

    kinds: dict[str, str]
    raw: dict[str, np.ndarray]
    targets: dict[str, TargetValues]
    rows: np.ndarray
    parts: dict[str, np.ndarray]
    ways: dict[str, str | None]
    scaling: dict[str, str] = field(default_factory=dict)
    preparation: dict[str, Preparation] = field(default_factory=dict)
    pairs: tuple[tuple[str, str], ...] = ()
    weights: np.ndarray | None = None
    groups: np.ndarray | None = None
    second: int | None = None
    says: tuple[str, ...] = ()
    unread: dict[str, str] = field(default_factory=dict)

    def preparation_of(self, feature: str) -> Preparation:
        """The settings of a feature."""
        return self.preparation.get(feature, DEFAULT)

    def part(self, name: str) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Raw values of one part, and the values of the only or first target."""
        at = self.parts[name]
        return {feature: values[at] for feature, values in self.raw.items()}, self.y_true(name)

    def y_true(self, part: str, target: str = "") -> np.ndarray:
        """The values of a target in the rows of one part: amounts or class numbers; of the only or first target where
        none is named.
        """
        return self.targets[target or next(iter(self.targets))].y_true[self.parts[part]]

    @cached_property
    def statistics(self) -> dict[str | tuple[str, str], Statistic]:
        """Feature, or pair of features -> what its preprocessing must know, from the training rows alone."""
        at = self.parts["train"]
        found: dict[str | tuple[str, str], Statistic] = {
            feature: statistics_of(self.kinds[feature], values[at], self.scaling, self.preparation_of(feature))
            for feature, values in self.raw.items()
        }
        for first, second in self.pairs:
            found[first, second] = pair_statistics(self.raw[first][at], self.raw[second][at])
        return found

    @property
    def cut(self) -> dict[str, CutWords]:
        """Feature of words -> what of it is not known to the network."""
        at = self.parts["train"]
        found = {
            feature: cut_words(self.raw[feature][at], known)
            for feature, known in self.statistics.items()
            if isinstance(known, list) and isinstance(feature, str)
        }
        return {feature: cut for feature, cut in found.items() if cut}

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many rows train, validate and test."""
        return tuple(int(np.size(self.parts[part])) for part in PARTS)

    @property
    def filled(self) -> tuple[str, ...]:
        """The parts that have rows: all three, or training and test."""
        return tuple(part for part in PARTS if np.size(self.parts[part]))

    @property
    def words(self) -> tuple[int, ...]:
        """For each feature of words, in their order, how many are known."""
        return tuple(len(found) for found in self.statistics.values() if isinstance(found, list))

    @property
    def inputs(self) -> int:
        """Columns of the network's input matrix."""
        return sum(width_of(found) for found in self.statistics.values())


def raw_values(frame: pd.DataFrame, kinds: dict[str, str], ways: dict[str, str | None]) -> dict[str, np.ndarray]:
    """Feature -> raw values of every row. A column the table lacks counts as missing in each row."""
    empty = pd.Series([None] * len(frame), index=frame.index, dtype="object")
    raw = {}
    for name, kind in kinds.items():
        with column_errors(name, f"read as a {kind}"):
            cells = frame.get(name, empty)
            raw[name] = days(cells, ways.get(name)) if kind == "date" else READERS[kind](cells)
    return raw


def ways_of(frame: pd.DataFrame, kinds: dict[str, str]) -> dict[str, str | None]:
    """Date feature -> how the table writes its dates."""
    ways = {}
    for name in [name for name, kind in kinds.items() if kind == "date"]:
        with column_errors(name, "read as a date"):
            ways[name] = day_way(frame[name])
    return ways


def prepare(
    frame: pd.DataFrame, data: Data, kinds: str | dict[str, str], validation: pd.DataFrame | None = None
) -> Prepared:
    """The table made ready; `kinds` is what the target is read as, or target -> kind, `validation` the second table of
    such a split.

    Raises TableError when targets, features or rows do not allow a training.
    """
    require_columns(frame.columns, data)
    found = {
        target: target_cells(frame[target], kinds if isinstance(kinds, str) else kinds[target])
        for target in data.targets
    }
    rows = np.flatnonzero(np.logical_and.reduce([known for _, known in found.values()]))
    require_rows(len(rows), len(frame), data)
    targets = {
        target: _target_values(target, cells[rows], data.positive.get(target)) for target, (cells, _) in found.items()
    }
    labels = next((values.y_true for values in targets.values() if values.classes), None)
    for target, (cells, known) in found.items():
        require_logarithm(target, cells[known], data)
    kept = frame.iloc[rows]
    parts = _split(kept, data.split, labels)
    ways = ways_of(kept, dict(data.features))
    ready = Prepared(
        kinds=dict(data.features),
        raw=raw_values(kept, dict(data.features), ways),
        targets=targets,
        rows=rows,
        parts=dict(zip(PARTS, parts, strict=True)),
        ways=ways,
        scaling=data.scaling,
        preparation=data.preparation,
        pairs=(*data.pairs_of("date"), *data.pairs_of("category", "code")),
        weights=None if data.weight is None else _weights(kept, data.weight),
        groups=np.unique(words(kept[data.split.column]), return_inverse=True)[1]
        if data.split.method == "group"
        else None,
    )
    ready = replace(ready, unread=unread_cells(kept, ready.raw, ready.kinds))
    return ready if validation is None else _validated(ready, validation, data, kinds)


def _unread(values: np.ndarray) -> bool:
    """Whether raw values are numbers, and all of them missing."""
    return values.dtype != object and bool(np.isnan(values).all())


def _validated(ready: Prepared, frame: pd.DataFrame, data: Data, kinds: str | dict[str, str]) -> Prepared:
    """The same with validation rows from a table of their own, read as the first one is."""
    for name in (*data.targets, *data.features, *filter(None, [data.weight])):
        if name not in frame:
            raise TableError(
                f"The validation table has no column {name!r}. Choose one with the same columns, or another way to "
                "split."
            )
    found = {
        target: target_cells(frame[target], kinds if isinstance(kinds, str) else kinds[target])
        for target in data.targets
    }
    rows = np.flatnonzero(np.logical_and.reduce([known for _, known in found.values()]))
    if not len(rows):
        named = " and ".join(repr(target) for target in found)
        raise TableError(f"No row of the validation table has a value of the target {named}. Choose another table.")
    kept, first = frame.iloc[rows], len(ready.rows)
    raw = raw_values(kept, ready.kinds, ready.ways)
    for name, values in raw.items():
        if _unread(values) and not _unread(ready.raw[name]):
            kind = ready.kinds[name]
            raise TableError(
                f"No cell of {name!r} in the validation table can be read as the table's are "
                f"({kind}). Fix it, or leave it out."
            )
    validation_rows, parts = first + np.arange(len(rows)), ready.parts
    if data.split.refit:
        parts = {**parts, "train": np.concatenate([parts["train"], validation_rows])}
    else:
        parts = {**parts, "validation": validation_rows}
    return replace(
        ready,
        raw={name: np.concatenate([ready.raw[name], values]) for name, values in raw.items()},
        targets={target: _further(target, ready.targets[target], cells[rows]) for target, (cells, _) in found.items()},
        rows=np.concatenate([ready.rows, rows]),
        parts=parts,
        weights=None if data.weight is None else np.concatenate([ready.weights, _weights(kept, data.weight)]),
        second=first,
    )


def _further(target: str, values: TargetValues, cells: np.ndarray) -> TargetValues:
    """The values of further rows after those that there are. Raises TableError for a class that these have not."""
    if not values.classes:
        return TargetValues(np.concatenate([values.y_true, cells]))
    number = {label: index for index, label in enumerate(values.classes)}
    if unknown := [label for label in class_order(cells) if label not in number]:
        named = ", ".join(map(repr, unknown[:3])) + (" and more" if len(unknown) > 3 else "")
        raise TableError(
            f"The validation table has values of the target {target!r} that the training table does "
            f"not have: {named}. A class that "
            "is never shown cannot "
            "be learned. Choose another table, or leave those rows out."
        )
    return TargetValues(
        np.concatenate([values.y_true, [number[label] for label in cells]]).astype("int64"), values.classes
    )


def require_columns(names: Collection[str], data: Data) -> None:
    """Raises TableError unless all that the experiment names are there."""
    for name in (*data.targets, *data.features):
        if name not in names:
            raise TableError(
                f"The table has no column {name!r}. Choose the target and the features again on the Data page."
            )
    if data.split.column is not None and data.split.method != "random" and data.split.column not in names:
        raise TableError(f"The table has no column {data.split.column!r} to split by. Choose another on the Data page.")
    if data.weight is not None and data.weight not in names:
        raise TableError(f"The table has no column {data.weight!r} for the sample weights. Choose another, or none.")


def require_rows(known: int, rows: int, data: Data) -> None:
    """Raises TableError unless there are enough rows whose targets are known."""
    split = data.split
    two = split.method in ("table", "column") or not split.validation
    least, each = (2, "one each to train and test") if two else (3, "one each to train, validate and test")
    if known < least:
        named = " and ".join(repr(target) for target in data.targets)
        raise TableError(
            f"{known:,} of {count(rows, 'row')} {counted(known, 'has', 'have')} a value of the target {named}; at "
            "least "
            f"{least} are needed, {each}. "
            "Choose another target or a larger table."
        )


def target_cells(column: pd.Series, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """A target's cells, amounts or labels, and which of them are known."""
    with column_errors(str(column.name), f"read as a {kind}"):
        if KINDS[kind].as_target == "regression":
            amounts = numbers(column)
            return amounts, ~np.isnan(amounts)
        labels = codes(column)
        return labels, labels != ""


def _target_values(target: str, cells: np.ndarray, positive: str | None) -> TargetValues:
    if cells.dtype != object:
        return TargetValues(cells)
    classes = classes_of(target, cells, positive)
    number = {label: index for index, label in enumerate(classes)}
    return TargetValues(np.array([number[label] for label in cells], dtype="int64"), classes)


def classes_of(target: str, labels: np.ndarray, positive: str | None) -> tuple[str, ...]:
    """The classes of a target in their order, of two the positive one last.

    Raises TableError when there is one only.
    """
    classes = tuple(class_order(labels, positive))
    if len(classes) < 2:
        raise TableError(
            f"The target {target!r} has one value only ({classes[0]!r}): there is nothing to learn. Choose another "
            "target."
        )
    return classes


def moments(column: pd.Series) -> np.ndarray:
    """When each row was: a date as its day, a number as it is; NaN where neither can be read."""
    return numbers(column) if pd.api.types.is_numeric_dtype(column) else days(column, day_way(column))


def _split(frame: pd.DataFrame, split: Split, labels: np.ndarray | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    column = frame.get(split.column)
    return deal(split, len(frame), labels, lambda: moments(column) if split.method == "time" else words(column))


def _weights(frame: pd.DataFrame, name: str) -> np.ndarray:
    with column_errors(name, "read as weights"):
        found = numbers(frame[name])
    require_weights(int((~(found >= 0)).sum()), bool(found.any()), name)
    return found.astype("float32")


def require_weights(wrong: int, some: bool, name: str) -> None:
    """Raises TableError when rows have no weight, or all have none that counts."""
    if wrong or not some:
        says = f"{count(wrong, 'row')} {counted(wrong, 'has', 'have')} none" if wrong else "they are all 0"
        raise TableError(
            f"The weights in {name!r} must be numbers of at least 0, but {says}. Fix the column, or "
            "choose no sample weights."
        )
