"""What a reader of files gives back, and the words its readers share."""

import re
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from core.experiment.columns import Note
from core.experiment.reading import ColumnReading


@dataclass(frozen=True)
class Reading:
    """A frame, the pandas function and options that gave it, how the cells of its columns were read after that, and
    what was noticed.
    """

    frame: pd.DataFrame
    reader: str
    options: dict[str, Any]
    notes: list[str]
    columns: dict[str, ColumnReading] = field(default_factory=dict)
    noted: list[Note] = field(default_factory=list)


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
