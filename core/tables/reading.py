"""What a reader of files gives back, and the words its readers share."""

import itertools
import re
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from core.experiment.columns import Note, Sheet
from core.experiment.reading import ColumnReading, TableReading


@dataclass(frozen=True)
class Reading:
    """What a reader of files gives back.

    Attributes:
        reader, options: The pandas function and the options that gave the frame.
        noted: What was noticed and decided.
        units: Column -> its unit, of a row of units.
        decided: How the file was read, each decision that was given or made.
        headings: The first row below a group's headings -> their names, one for each of `decided.heading_columns`.
        filled_down: Columns in which empty cells took the value above them.
        columns: How the cells of columns were read after that.
        sheets: Those of a workbook.
    """

    frame: pd.DataFrame
    reader: str
    options: dict[str, Any]
    noted: list[Note]
    units: dict[str, str] = field(default_factory=dict)
    decided: TableReading = field(default_factory=TableReading)
    headings: dict[int, tuple[str | None, ...]] = field(default_factory=dict)
    filled_down: tuple[str, ...] = ()
    columns: dict[str, ColumnReading] = field(default_factory=dict)
    sheets: tuple[Sheet, ...] = ()


def number_form(groups: str, mark: str) -> str:
    """The regular expression of numbers without a sign: one of `groups` stands between thousands, `mark` before
    decimals.
    """
    return rf"([1-9]\d{{0,2}}([{groups}]\d{{3}})+|\d+)({re.escape(mark)}\d+)?"


def objects_in(frame: pd.DataFrame) -> list[str]:
    """Columns that mix sorts of cells, or hold objects that are neither words nor yes and no."""
    objects = [column for column, dtype in frame.dtypes.items() if pd.api.types.is_object_dtype(dtype)]
    return [
        column
        for column in objects
        if pd.api.types.infer_dtype(frame[column], skipna=True) not in ("boolean", "empty", "string")
    ]


def columns_hold(names: list[str]) -> str:
    """The beginning of a sentence: "Columns 'a', 'b' hold"."""
    return f"{'Column' if len(names) == 1 else 'Columns'} {listed(names)} {'holds' if len(names) == 1 else 'hold'}"


def listed(names: list[str], most: int = 3) -> str:
    """'a', 'b', 'c' and 7 more."""
    shown = ", ".join(repr(str(name)) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def reason_of(error: Exception) -> str:
    """The first line of a message, short enough for a sentence."""
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__)[:120].rstrip(". ")


def unique_names(names: list[str]) -> list[str]:
    """Names made different, as pandas does it: "a", "a", "" -> "a", "a.1", "Unnamed: 2"."""
    different: dict[str, None] = {}
    for index, name in enumerate(names):
        word = name or f"Unnamed: {index}"
        new = next(new for count in itertools.count() if (new := f"{word}.{count}" if count else word) not in different)
        different[new] = None
    return list(different)
