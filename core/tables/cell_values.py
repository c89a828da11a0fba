"""Cells to values: numbers where cells say "1 234.5 kg", moments where they say "Oct 05, 2021", words without blanks
around them. What a column's cells are is decided in `core.tables.cell_reading`; here it is carried out.

    with_values(frame, {"area": {"as": "number", "unit": "kg"}}, CELL_READERS)     the reading of a column as JSON

The printed program carries the source of the functions it needs.
"""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from core.tables.cell_dates import cell_dates, cell_durations, cell_times, iso_moments
from core.tables.cell_numbers import cell_numbers, cell_text, number_of, number_pattern


def with_values(
    table: pd.DataFrame, columns: dict[str, dict[str, Any]], readers: dict[str, Callable[..., pd.Series]]
) -> pd.DataFrame:
    """The table with values in the place of cells; `columns` is column -> how its cells are read.

    `readers` is what cells are -> a function of different cells, None where one is missing, and the column's reading.
    """
    read = {name: cell_values(table[name], how, readers) for name, how in columns.items() if name in table}
    return table.assign(**read)


def cell_values(column: pd.Series, how: dict[str, Any], readers: dict[str, Callable[..., pd.Series]]) -> pd.Series:
    """A column's values; a cell that cannot be read as what the column holds is missing.

    `how` may name what the cells are ("as"), the words that are missing, and the spellings that stand for one word
    ("same"): {"as": "number", "decimal": ",", "unit": "kg", "missing": ["-999"]}.
    """
    text = pd.api.types.is_object_dtype(column) or pd.api.types.is_string_dtype(column)
    if not text and how.get("as") in (None, "number"):
        return column.mask(column.isin([number_of(cell, number_pattern()) for cell in how.get("missing", ())]))
    part = 10_000  # Where most cells differ, reading all rows at once takes ten times the memory of the column.
    if not isinstance(column.dtype, pd.StringDtype) or column.iloc[:part].nunique() <= part // 2:
        return part_values(column, how, readers)
    parts = [part_values(column.iloc[at : at + part], how, readers) for at in range(0, len(column), part)]
    return pd.concat(parts)


def part_values(column: pd.Series, how: dict[str, Any], readers: dict[str, Callable[..., pd.Series]]) -> pd.Series:
    """The values of some rows of a column."""
    if how == {"as": "date"} and isinstance(column.dtype, pd.StringDtype):  # Most are written so: all are read at once.
        moments = iso_moments(column)
        if bool((np.isnat(moments) == column.isna().to_numpy()).all()):
            return pd.Series(moments, index=column.index, name=column.name)
    which, cells = pd.factorize(column)  # Each different cell is read once; -1 is a missing cell.
    missing = {"", *how.get("missing", ())}
    cells = [None if cell_text(cell) in missing else cell for cell in np.asarray(cells, dtype=object)]
    values = readers[how.get("as", "text")](cells, how)
    return values.reindex(which).set_axis(column.index).rename(column.name)  # There is no value -1: it is missing.


def cell_words(cells: list[Any], how: dict[str, Any]) -> pd.Series:
    """Words without blanks around them, and with "whole" in `how` digits without a .0; a spelling that stands for
    another word becomes that word.
    """
    same = how.get("same", {})
    words = [None if cell is None else cell_text(cell) for cell in cells]
    if how.get("whole"):
        words = [word and re.sub(r"^(-?[0-9]+)\.0$", r"\1", word) for word in words]
    return pd.Series([same.get(word, word) for word in words], dtype="str")


def cell_booleans(cells: list[Any], _how: dict[str, Any]) -> pd.Series:
    """True and False, also as 1 and 0 and as words of yes and no in several languages."""
    known = dict.fromkeys(
        ("true", "t", "1", "yes", "y", "on", "x", "ja", "j", "oui", "si", "s\u00ed", "s\u00ec", "sim"), True
    )
    known |= dict.fromkeys(("ano", "\u00e1no", "igen", "tak", "evet", "\u0434\u0430"), True)
    known |= dict.fromkeys(("wahr", "vrai", "vero", "verdadero"), True)
    known |= dict.fromkeys(("false", "f", "0", "no", "n", "off", "nein", "nee", "nej", "nei", "non", "nao"), False)
    known |= dict.fromkeys(("ne", "nem", "n\u00e3o", "nie", "hay\u0131r", "\u043d\u0435\u0442"), False)
    known |= dict.fromkeys(("falsch", "faux", "falso"), False)
    return pd.Series([None if cell is None else known.get(cell_text(cell).lower()) for cell in cells], dtype=object)


CELL_READERS: dict[str, Callable[..., pd.Series]] = {
    "number": cell_numbers,
    "date": cell_dates,
    "time": cell_times,
    "duration": cell_durations,
    "boolean": cell_booleans,
    "text": cell_words,
}
