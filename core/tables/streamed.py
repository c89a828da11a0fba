"""Tables beyond the memory budget: an outline from a sample, and a table made ready of which only a sample is in
memory.

The training rows themselves stay in their file; `core.training.streaming` reads them block by block in each epoch.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.catalog.kinds import KINDS
from core.experiment.columns import TableProfile
from core.experiment.spec import Data
from core.tables.budget import budget, trained_bytes, whole_bytes
from core.tables.parquet_rows import ParquetRows
from core.tables.prepared import (
    PARTS,
    Prepared,
    TargetValues,
    classes_of,
    raw_values,
    require_columns,
    require_rows,
    require_weights,
    target_cells,
    ways_of,
)
from core.tables.profile import profile
from core.tables.raw import day_way, days, numbers, words
from core.tables.row_parts import deal
from core.tables.target_logarithm import require_logarithm, without_logarithm

if TYPE_CHECKING:
    from collections.abc import Sequence

_DESCRIBED = 50_000  # Rows from which a table is described.
_GROUPS = 64  # Row groups they come from.
_HELD = 4  # The rows that stay in memory take one part in so many of the budget.
_FEWEST = 64  # Of each part, whatever the budget.
UNUSED, TRAIN = 0, 1


@dataclass(frozen=True, kw_only=True)
class Streamed(Prepared):
    """A table of which a sample of each part is held, as of any prepared table, and whose training rows are streamed.

    Attributes:
        table: The rows in their file.
        data: What the experiment says of them.
        target_kinds: Target -> the kind it is read as.
        marks: A byte for each row of the table: 0 when its target is unknown, then 1, 2, 3 for training, validation,
            test.
        counted: Training, validation and test rows of the whole table.
        of_class: Training rows of each class of the first target of classes; empty where there is none.
    """

    table: ParquetRows
    data: Data
    target_kinds: dict[str, str]
    marks: np.ndarray
    counted: tuple[int, ...]
    of_class: np.ndarray

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many rows train, validate and test; more than are held."""
        return self.counted


def described(table: ParquetRows) -> TableProfile:
    """The outline of a table from a sample of its rows, spread over its row groups; the number of rows is exact."""
    groups = np.unique(np.linspace(0, len(table.groups) - 1, min(_GROUPS, len(table.groups))).round().astype(int))
    most = min(_DESCRIBED, max(_FEWEST, budget() // _HELD // whole_bytes(table.bytes_of())))
    share = min(1.0, most / table.groups[groups].sum())
    random = np.random.default_rng(0)
    positions = [table.starts[at] + np.flatnonzero(random.random(table.groups[at]) < share) for at in groups]
    sample = table.at(np.concatenate(positions))
    found = profile(sample)
    note = (
        f"The table is larger than the memory it may take ({_size(budget())}): its columns are described from "
        f"{len(sample):,} of "
        f"{table.rows:,} rows, spread over the file, and its training rows are read in blocks."
    )
    return found.model_copy(update={"rows": table.rows, "notes": (note, *found.notes)})


def prepare_streamed(table: ParquetRows, data: Data, kinds: dict[str, str], found: TableProfile) -> Streamed:
    """The table made ready. Raises TableError as `prepare` does, and deals the rows as that does."""
    require_columns(table.names, data)
    known, classes, label = _targets(table, data, kinds)
    first = next(iter(classes), None)
    marks = _marks(table, data, known, label)
    counted = tuple(int((marks == number).sum()) for number in range(TRAIN, TRAIN + 3))
    of_class = np.zeros(0, int)
    if first is not None and label is not None:
        of_class = np.bincount(label[marks == TRAIN], minlength=len(classes[first]))
    if data.weight is not None:
        _check_weights(table, data.weight, marks)
    columns = used_columns(data)
    a_row = trained_bytes(table.bytes_of(columns), data, found)
    held, parts = _held(marks, counted, budget() // _HELD // a_row, data.split.seed)
    frame = table.at(held, columns)
    ways = ways_of(frame, dict(data.features))
    targets = {target: _target_values(frame[target], kinds[target], classes.get(target, ())) for target in data.targets}
    return Streamed(
        kinds=dict(data.features),
        raw=raw_values(frame, dict(data.features), ways),
        targets=targets,
        rows=held,
        parts=parts,
        ways=ways,
        scaling=data.scaling,
        preparation=data.preparation,
        pairs=(*data.pairs_of("date"), *data.pairs_of("category", "code")),
        weights=None if data.weight is None else numbers(frame[data.weight]).astype("float32"),
        table=table,
        data=data,
        target_kinds=kinds,
        marks=marks,
        counted=counted,
        of_class=of_class,
        says=_says(table.rows * a_row, counted, parts),
    )


def _marks(table: ParquetRows, data: Data, known: np.ndarray, label: np.ndarray | None) -> np.ndarray:
    """A byte a row: the part it falls to, dealt as a table in memory is; that takes some 20 bytes a row,
    for a moment.
    """
    marks, rows = np.zeros(table.rows, "uint8"), None if known.all() else np.flatnonzero(known)
    labels = None if label is None else (label if rows is None else label[rows])
    parts = deal(data.split, int(known.sum()), labels, lambda: _cells(table, data, rows))
    for number, part in enumerate(parts, start=TRAIN):
        marks[part if rows is None else rows[part]] = number
    return marks


def used_columns(data: Data) -> list[str]:
    """The columns that a training reads."""
    return list(dict.fromkeys([*data.features, *data.targets, *([] if data.weight is None else [data.weight])]))


def class_numbers(cells: np.ndarray, classes: "Sequence[str]") -> np.ndarray:
    """The number of each label; every label is one of the classes."""
    codes, names = pd.factorize(cells)
    number = {label: at for at, label in enumerate(classes)}
    return np.array([number[name] for name in names], dtype="int64")[codes]


def _target_values(column: pd.Series, kind: str, classes: tuple[str, ...]) -> TargetValues:
    cells, _ = target_cells(column, kind)
    return TargetValues(class_numbers(cells, classes), classes) if classes else TargetValues(cells)


def _frames(table: ParquetRows, columns: list[str]) -> Iterator[tuple[int, pd.DataFrame]]:
    for first, batch in table.blocks(columns):
        yield first, table.frame(batch)


def _targets(
    table: ParquetRows, data: Data, kinds: dict[str, str]
) -> tuple[np.ndarray, dict[str, tuple[str, ...]], np.ndarray | None]:
    """Which rows' targets are known; target -> its classes; and for each row its class of the first target that has
    any.
    """
    known = np.ones(table.rows, bool)
    wrong: dict[str, list[np.ndarray]] = {target: [] for target in data.targets}
    labels: dict[str, dict[str, int]] = {
        name: {} for name in data.targets if KINDS[kinds[name]].as_target != "regression"
    }
    first = next(iter(labels), None)
    label = None if first is None else np.zeros(table.rows, "int32")
    for start, frame in _frames(table, list(data.targets)):
        rows = slice(start, start + len(frame))
        read = {target: target_cells(frame[target], kinds[target]) for target in data.targets}
        known[rows] = np.logical_and.reduce([there for _, there in read.values()])
        for target, (cells, _) in read.items():
            wrong[target].append(without_logarithm(target, cells[known[rows]], data))
        for target, numbered in labels.items():
            cells = read[target][0]
            codes, names = pd.factorize(cells)
            used = np.bincount(codes[known[rows]], minlength=len(names)) > 0
            new = [
                numbered.setdefault(name, len(numbered)) if there else 0
                for name, there in zip(names, used, strict=True)
            ]
            if label is not None and target == first:
                label[rows] = np.array(new, "int32")[codes]
    require_rows(int(known.sum()), table.rows, data)
    for target, amounts in wrong.items():
        require_logarithm(target, np.concatenate(amounts), data)
    classes = {
        target: classes_of(target, np.array([*numbered], dtype=object), data.positive.get(target))
        for target, numbered in labels.items()
    }
    if first is not None and label is not None:
        label = class_numbers(np.array([*labels[first]], dtype=object), classes[first]).astype("int32")[label]
    return known, classes, label


def _cells(table: ParquetRows, data: Data, rows: np.ndarray | None) -> np.ndarray:
    """What the split's column holds in the rows whose targets are known, in as little memory as can be."""
    name, split = data.split.column, data.split
    assert name is not None  # Only a split by a column's moments, groups or words asks for its cells.
    if split.method == "time":
        way = day_way(table.at(np.unique(np.linspace(0, table.rows - 1, 1000).astype(int)), [name])[name])
        read = [_moments(frame[name], way) for _, frame in _frames(table, [name])]
        found = np.concatenate(read)
        return found if rows is None else found[rows]
    numbered: dict[str, int] = {}
    codes = []
    for _, frame in _frames(table, [name]):
        at, names = pd.factorize(words(frame[name]))
        codes.append(np.array([numbered.setdefault(word, len(numbered)) for word in names], "int32")[at])
    code, names = np.concatenate(codes), np.array([*numbered], dtype=object)
    code = code if rows is None else code[rows]
    if split.method == "column":
        return names[code]  # Each row holds a reference to one of a few words.
    # A group's place among the sorted ones says the same as its name, and is shorter.
    order = np.argsort(names.astype(str), kind="stable")
    place = np.empty(len(names), f"U{len(str(len(names)))}")
    place[order] = [str(at).zfill(len(str(len(names)))) for at in range(len(names))]
    return place[code]


def _moments(column: pd.Series, way: str | None) -> np.ndarray:
    return numbers(column) if pd.api.types.is_numeric_dtype(column) else days(column, way)


def _check_weights(table: ParquetRows, name: str, marks: np.ndarray) -> None:
    wrong, some = 0, False
    for start, frame in _frames(table, [name]):
        found = numbers(frame[name])[marks[start : start + len(frame)] != UNUSED]
        wrong, some = wrong + int((~(found >= 0)).sum()), some or bool(found.any())
    require_weights(wrong, some, name)


def _held(
    marks: np.ndarray, counted: tuple[int, ...], most: int, seed: int
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Positions of the rows that are held, ascending, and where among them those of each part are: half of
    them train.
    """
    chosen = {}
    for number, (part, count, share) in enumerate(zip(PARTS, counted, (2, 4, 4), strict=True), start=TRAIN):
        there = np.flatnonzero(marks == number)
        size = min(count, max(_FEWEST, most // share))
        chosen[part] = (
            there
            if size == count
            else np.random.default_rng([seed, number]).choice(there, size, replace=False, shuffle=False)
        )
    held = np.sort(np.concatenate([*chosen.values()]))
    # In a drawn order: some settings look at the first rows of a part only.
    places = {
        part: np.random.default_rng([seed, at]).permutation(np.searchsorted(held, np.sort(rows)))
        for at, (part, rows) in enumerate(chosen.items())
    }
    return held, places


def _says(needed: int, counted: tuple[int, ...], parts: dict[str, np.ndarray]) -> tuple[str, ...]:
    train, validation, test = (f"{len(parts[part]):,} of {count:,}" for part, count in zip(PARTS, counted, strict=True))
    looked_at = f"Validation used {validation} rows and the test {test}" if counted[1] else f"The test used {test} rows"
    return (
        f"The table would take about {_size(needed)} of memory, more than the {_size(budget())} "
        f"allowed (LAYERDECK_MEMORY, in megabytes). Its {counted[0]:,} training rows were read from "
        "the file block by block, in an order drawn from the seed and "
        "the epoch, and each was "
        "shuffled with those that were in memory at the same time.",
        f"Medians, means, spreads, known categories and words, the baselines and the training scores are from a sample "
        f"of {train} training rows. "
        f"{looked_at}, drawn by the split's seed.",
        "The printed program splits the rows in the same way, but reads the whole table into memory: its order "
        "of rows, its statistics and the rows that it scores are others. So its scores differ from "
        "these about as much as those of two seeds do.",
    )


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.3g} MB"
