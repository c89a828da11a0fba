"""A table made ready for one experiment: raw values of each feature, the truth, the three parts, and training statistics."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from core.experiment.kinds import KINDS
from core.experiment.spec import Data
from core.tables.errors import TableError
from core.tables.raw import READERS, codes, day_way, days, numbers
from core.tables.split import split_rows
from core.tables.statistics import NumberStatistics, number_statistics, vocabulary

PARTS = ("train", "validation", "test")
DATE_COLUMNS = 5  # trend, season of the year (sine, cosine), day of the week (sine, cosine)


def class_order(labels: np.ndarray) -> list[str]:
    """The different labels, numbers by size and before words, words by the alphabet."""

    def key(label: str) -> tuple[int, float, str]:
        try:
            number = float(label)
        except ValueError:
            number = np.inf
        return (0, number, label) if abs(number) < np.inf else (1, 0.0, label)

    return sorted(set(labels), key=key)


@dataclass(frozen=True)
class Prepared:
    """n rows whose target is known, in the table's order.

    Attributes:
        kinds: Feature -> kind, in the order of the network's inputs.
        raw: Feature -> n raw values (float64 with NaN, or text with "").
        truth: n floats (regression) or class numbers from 0 (classification).
        classes: Labels of the classes in the order of their numbers; () for a regression.
        rows: Positions of the n rows in the table.
        parts: "train", "validation", "test" -> positions among the n rows.
        ways: Date feature -> how the table writes its dates, for rows that come later.
    """

    kinds: dict[str, str]
    raw: dict[str, np.ndarray]
    truth: np.ndarray
    classes: tuple[str, ...]
    rows: np.ndarray
    parts: dict[str, np.ndarray]
    ways: dict[str, str | None]

    def part(self, name: str) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Raw values and truth of one part."""
        at = self.parts[name]
        return {feature: values[at] for feature, values in self.raw.items()}, self.truth[at]

    @cached_property
    def statistics(self) -> dict[str, NumberStatistics | list[str]]:
        """Feature -> what its preprocessing must know, from the training rows alone."""
        at = self.parts["train"]
        return {feature: statistics_of(self.kinds[feature], values[at]) for feature, values in self.raw.items()}

    @property
    def inputs(self) -> int:
        """Columns of the network's input matrix."""
        return sum(width_of(self.kinds[feature], found) for feature, found in self.statistics.items())


def statistics_of(kind: str, values: np.ndarray) -> NumberStatistics | list[str]:
    """What the preprocessing of a feature of that kind must know of its training cells."""
    return vocabulary(values) if KINDS[kind].raw == "string" else number_statistics(values)


def width_of(kind: str, statistics: NumberStatistics | list[str]) -> int:
    """How many columns of the network's input a feature becomes."""
    if isinstance(statistics, list):
        return len(statistics)
    return (DATE_COLUMNS if kind == "date" else 1) + statistics.flagged


def raw_values(frame: pd.DataFrame, kinds: dict[str, str], ways: dict[str, str | None]) -> dict[str, np.ndarray]:
    """Feature -> raw values of every row. A column the table lacks counts as missing in each row."""
    empty = pd.Series([None] * len(frame), index=frame.index, dtype="object")
    return {
        name: days(frame.get(name, empty), ways.get(name)) if kind == "date" else READERS[kind](frame.get(name, empty))
        for name, kind in kinds.items()
    }


def prepare(frame: pd.DataFrame, data: Data, target_kind: str) -> Prepared:
    """The table made ready. Raises TableError when target, features or rows do not allow a training."""
    target = data.targets[0]
    for name in (target, *data.features):
        if name not in frame:
            raise TableError(f"The table has no column {name!r}. Choose the target and the features again on the Data page.")
    regression = KINDS[target_kind].as_target == "regression"
    if regression:
        truth = numbers(frame[target])
        known = ~np.isnan(truth)
    else:
        labels = codes(frame[target])
        known = labels != ""
    rows = np.flatnonzero(known)
    if len(rows) < 3:
        raise TableError(
            f"{len(rows)} of {len(frame)} rows have a value of the target {target!r}; at least 3 are needed, one each to train, validate "
            "and test. Choose another target or a larger table."
        )
    classes: tuple[str, ...] = ()
    if regression:
        truth = truth[rows]
    else:
        classes = tuple(class_order(labels[rows]))
        number = {label: index for index, label in enumerate(classes)}
        truth = np.array([number[label] for label in labels[rows]], dtype="int64")
        if len(classes) < 2:
            raise TableError(
                f"The target {target!r} has one value only ({classes[0]!r}): there is nothing to learn. Choose another target."
            )
    kept = frame.iloc[rows]
    split = data.split
    parts = split_rows(len(rows), None if regression else truth, split.train, split.validation, split.test, split.seed)
    ways = {name: day_way(kept[name]) for name, kind in data.features.items() if kind == "date"}
    return Prepared(
        kinds=dict(data.features),
        raw=raw_values(kept, dict(data.features), ways),
        truth=truth,
        classes=classes,
        rows=rows,
        parts=dict(zip(PARTS, parts, strict=True)),
        ways=ways,
    )
