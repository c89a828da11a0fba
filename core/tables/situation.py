"""What checks and shapes need to know of an experiment's table, found once for each table and choice of columns."""

import json
import logging
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from core.experiment.columns import TableInfo, TableProfile
from core.experiment.reading import UNDECIDED, TableReading
from core.experiment.spec import Data, Experiment
from core.experiment.task import CutWords, Giveaway, Situation, Task, target_kind, tasks_of
from core.hardware import bfloat16_hardware
from core.tables.budget import budget, trained_bytes, whole_bytes
from core.tables.errors import ColumnError, TableError
from core.tables.giveaways import giveaways
from core.tables.input_names import input_names
from core.tables.name_units import unit_in_name
from core.tables.parquet_file import PARQUET, about_parquet
from core.tables.parquet_rows import ParquetRows
from core.tables.prepared import Prepared, prepare, require_columns
from core.tables.profile import profile
from core.tables.second_table import reading_as_first
from core.tables.sources import TableStore, file_bytes, is_path, read_path
from core.tables.statistics import target_offset
from core.tables.streamed import Streamed, described, prepare_streamed, used_columns

log = logging.getLogger(__name__)
_NAMED = 12  # Inputs: as many as a drawing of the network shows.


class Tables:
    """The tables an experiment may name, with what is known of them; shared by all visitors, changed by none.

    Args:
        paths: Whether an experiment may name a file by its path.
        trains: Whether a training follows `situation`: what that prepared is then kept for the next call of `prepared`,
            and forgotten with it.
    """

    def __init__(self, store: TableStore, paths: bool = False, trains: bool = False) -> None:
        self.store = store
        self._paths, self._trains = paths, trains
        self._kept: dict[str, Prepared] = {}  # One at most, by its data as text.
        self._profiles = lru_cache(16)(self._profile)
        self._files = lru_cache(16)(self._on_disk)
        self._units = lru_cache(64)(lambda ref, text: self.about(ref, _reading(text)).units)
        self._facts = lru_cache(64)(self._find)
        self._seconds = lru_cache(16)(self._second)

    def frame(self, ref: str, reading: TableReading = UNDECIDED) -> pd.DataFrame:
        """The rows, as decisions read them. A path is read only where the caller allowed paths: never for a browser."""
        if self._is_path(ref):
            return read_path(ref, reading)[0]
        return self.store.load(ref, reading)

    def head(self, ref: str, rows: int, reading: TableReading = UNDECIDED) -> pd.DataFrame:
        """The first rows; of a large table no more than these are read."""
        table = self.large(ref, reading)
        return self.frame(ref, reading).head(rows) if table is None else table.at(np.arange(min(rows, table.rows)))

    def about(self, ref: str, reading: TableReading = UNDECIDED) -> TableInfo:
        """Where the table came from and how it was read."""
        if not self._is_path(ref):
            return self.store.about(ref, reading)
        table = self.large(ref, reading)
        return read_path(ref, reading)[1] if table is None else about_parquet(Path(ref).name, Path(ref), ref)

    def profile(self, ref: str, reading: TableReading = UNDECIDED) -> TableProfile:
        """The table in outline."""
        return self._profiles(ref, reading.model_dump_json(by_alias=True))

    def on_disk(self, ref: str, reading: TableReading = UNDECIDED) -> ParquetRows | None:
        """The rows of a table that is a Parquet file; None for every other, and for a file that whoever reads it will
        say is broken.
        """
        return self._files(ref, reading.model_dump_json(by_alias=True))

    def units(self, experiment: Experiment) -> dict[str, str]:
        """Target -> its unit, where its cells or its name say one: "$", "MPa"; of a table that is gone its name."""
        try:
            data = experiment.data
            known = self._units(data.table, data.reading.model_dump_json(by_alias=True))
        except TableError:
            known = {}
        units = {target: known.get(target) or unit_in_name(target) for target in experiment.data.targets}
        return {target: unit for target, unit in units.items() if unit}

    def large(self, ref: str, reading: TableReading = UNDECIDED) -> ParquetRows | None:
        """The rows of a table that as a whole is beyond the memory budget; None for every other."""
        table = self.on_disk(ref, reading)
        return table if table and table.rows * whole_bytes(table.bytes_of()) > budget() else None

    def _on_disk(self, ref: str, text: str) -> ParquetRows | None:
        reading = _reading(text)
        try:
            if not self._is_path(ref):
                if ref.startswith("sample:"):
                    return None
                info = self.about(ref, reading)  # Reads it by these decisions, where that was not done.
                return ParquetRows(self.store.path(ref, reading), readings=info.decided.columns)
            if Path(ref).suffix.lower() in PARQUET and not reading:
                info = about_parquet(Path(ref).name, Path(ref), ref)
                return ParquetRows(Path(ref), info.options, info.decided.columns)
        except (OSError, pa.ArrowException, TableError):
            pass
        return None

    def second(self, experiment: Experiment) -> TableInfo | None:
        """Of the table of validation rows; None where they come from the same table. Raises TableError."""
        split = experiment.data.split
        return self.about(*self.second_of(experiment.data)) if split.method == "table" else None

    def second_of(self, data: Data) -> tuple[str, TableReading]:
        """The table of validation rows and how it is read: as the first one, as far as its file allows."""
        ref, reading = str(data.split.table), data.reading.carried()
        try:
            self.about(ref, reading)
        except TableError:
            reading = reading.of_columns()
        readings = [one.model_dump_json(by_alias=True) for one in (data.reading, reading)]
        return ref, self._seconds(data.table, readings[0], ref, readings[1])

    def _second(self, table: str, text: str, ref: str, given_text: str) -> TableReading:
        """How the second table `ref` is read beside the first one; by what is given where its file is gone."""
        given = _reading(given_text)
        first, second = self.about(table, _reading(text)), self.about(ref, given)
        outline, frame = self.profile(table, _reading(text)), self.frame(ref, given)
        try:
            if ref.startswith("sample:"):
                return given
            content = file_bytes(ref) if self._is_path(ref) else self.store.upload(ref)
            reading = reading_as_first(first, outline, second, frame, content, given)
            self.about(ref, reading)
        except TableError:
            return given
        return reading

    def _is_path(self, ref: str) -> bool:
        return self._paths and is_path(ref)

    def _profile(self, ref: str, text: str) -> TableProfile:
        reading = _reading(text)
        table = self.large(ref, reading)
        if table is not None:
            return described(table)
        words = {name for name, column in reading.columns.items() if column.as_ == "text"}
        return profile(self.frame(ref, reading), words)

    def prepared(self, experiment: Experiment) -> Prepared:
        """The table made ready. Raises TableError when target, features or rows do not allow a training."""
        if kept := self._kept.pop(_key(experiment.data), None):
            return kept
        found = self.profile(experiment.data.table, experiment.data.reading)
        kinds = {target: target_kind(experiment, found, target) for target in experiment.data.targets}
        for target, kind in kinds.items():
            if kind is None:
                raise TableError(
                    f"The target {target!r} cannot be predicted. Choose a column of numbers or of a few classes."
                )
        if not kinds:
            raise TableError("No target is chosen. Choose a column of numbers or of a few classes.")
        return self._ready(experiment.data, {target: str(kind) for target, kind in kinds.items()}, found)

    def _ready(self, data: Data, kinds: dict[str, str], found: TableProfile) -> Prepared:
        """In memory where the table fits beside what is made of it, or at least the columns that are used; else
        streamed.
        """
        table = self.on_disk(data.table, data.reading)
        validation = self.frame(*self.second_of(data)) if data.split.method == "table" else None
        if table is None or table.rows * trained_bytes(table.bytes_of(), data, found) <= budget():
            return prepare(self.frame(data.table, data.reading), data, kinds, validation)
        require_columns(table.names, data)
        columns = [*used_columns(data), *([] if data.split.column is None else [data.split.column])]
        if table.rows * trained_bytes(table.bytes_of(columns), data, found) <= budget():
            return prepare(table.read(columns), data, kinds, validation)
        if validation is not None:
            raise TableError(
                "This table is read in blocks, which does not allow validation rows from a second "
                "table. Choose another way to split."
            )
        return prepare_streamed(table, data, kinds, found)

    def situation(self, experiment: Experiment) -> Situation:
        """The situation of an experiment. Raises TableError only when the table itself cannot be had."""
        found = self.profile(experiment.data.table, experiment.data.reading)
        tasks = tasks_of(experiment, found)
        names = {column.name for column in found.columns}
        usable = experiment.data.features and names.issuperset(experiment.data.features)
        if not tasks or not usable:
            return Situation(found, tasks)
        try:
            self.second(experiment)  # Asked anew each time: a table that is gone may be brought again.
        except TableError as error:
            return Situation(found, tasks, trouble=str(error))
        facts = self._facts(_key(experiment.data))
        counted = tuple(_counted(task, facts.classes.get(task.target, 0)) for task in tasks)
        return Situation(
            found,
            counted,
            facts.inputs,
            facts.rows,
            facts.trouble,
            facts.words,
            facts.streamed,
            facts.giveaways,
            facts.columns,
            facts.zeros,
            facts.offsets,
            facts.cut,
            bfloat16_hardware(),
            facts.names,
            facts.embedded,
            facts.outputs,
        )

    def _find(self, data_text: str) -> "_Facts":
        data = Data.model_validate_json(data_text)
        try:
            ready = self.prepared(Experiment(data=data))
        except ColumnError as error:
            return _Facts(trouble=str(error), columns={error.column: str(error)})
        except TableError as error:
            return _Facts(trouble=str(error))
        except Exception as error:  # Whatever a table holds, the page says it in a sentence.
            log.exception("the table could not be prepared")
            says = (
                f"The table cannot be prepared for training ({type(error).__name__}). Leave out the column that is "
                "unlike the others."
            )
            return _Facts(trouble=says)
        if self._trains:
            self._kept = {data_text: ready}
        telling, failed = giveaways(ready)
        classes = {target: len(values.classes) for target, values in ready.targets.items()}
        zeros = {
            target: int((values.y_true == 0).sum()) for target, values in ready.targets.items() if not values.classes
        }
        offsets = {
            target: target_offset(ready.y_true("train", target))
            for target, values in ready.targets.items()
            if not values.classes
        }
        outputs = [
            name
            for target, values in ready.targets.items()
            for name in (values.classes if len(values.classes) > 2 else values.classes[1:] or (target,))
        ]
        train, validation, test = ready.sizes
        names = input_names(ready.statistics, False, ready.inputs)
        embedded = input_names(ready.statistics, True, ready.inputs - sum(ready.words))
        return _Facts(
            ready.inputs,
            (train, validation, test),
            classes,
            ready.words,
            isinstance(ready, Streamed),
            telling,
            columns=ready.unread | failed,
            zeros=zeros,
            cut=ready.cut,
            offsets={target: offset for target, offset in offsets.items() if offset},
            names=tuple(names[:_NAMED]),
            embedded=tuple(embedded[:_NAMED]),
            outputs=tuple(outputs[:_NAMED]),
        )


def _key(data: Data) -> str:
    """JSON text: two choices of data that are equal have the same."""
    return json.dumps(Experiment(data=data).value()["data"])


def _reading(text: str) -> TableReading:
    return TableReading.model_validate_json(text)


@dataclass(frozen=True)
class _Facts:
    """What the rows say of a choice of columns; `trouble`: why no training is possible. The rest as in `Situation`."""

    inputs: int | None = None
    rows: tuple[int, int, int] = (0, 0, 0)
    classes: dict[str, int] = field(default_factory=dict)
    words: tuple[int, ...] = ()
    streamed: bool = False
    giveaways: tuple[Giveaway, ...] = ()
    trouble: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    zeros: dict[str, int] = field(default_factory=dict)
    offsets: dict[str, float] = field(default_factory=dict)
    cut: dict[str, CutWords] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    embedded: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()


def _counted(task: Task, classes: int) -> Task:
    """The rows decide: the words "1" and "1.0" are two in outline, and one class."""
    return Task("binary" if classes == 2 else "multiclass", task.target, classes) if classes else task
