"""Rows that a model is to predict for, as the training table would have them: its columns by name, its numbers by its
marks.

    rows, notes = prediction_rows(frame, card)      notes: what is to be said once, for all rows

The Predict page, `python -m core predict` and the predictor itself all go through it; what it made it leaves as it is.
"""

import difflib
import io
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from core.experiment.columns import TableInfo
from core.tables.cell_numbers import cell_text
from core.tables.cell_values import CELL_READERS, cell_values
from core.tables.errors import TableError
from core.tables.number_text import NumberText
from core.tables.reading import listed
from core.tables.typed_dates import dates_of_typed, with_order
from core.tables.workbook_cells import shown_as_percents

_NEAR = 0.75  # Of letters in common, from which on a name is worth a mention.
_READ_AS = {"number": "a number", "date": "a date", "boolean": "yes or no"}


@dataclass(frozen=True)
class Matched:
    """Features and the columns that hold them.

    Attributes:
        columns: Feature -> the table's column.
        absent: Features that no column holds.
        notes: What is to be said of names that are not the same.
    """

    columns: dict[str, str]
    absent: tuple[str, ...]
    notes: tuple[str, ...]


def prediction_rows(frame: pd.DataFrame, card: dict[str, Any]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The columns of the model's features that the table has, under the features' names, and notes on names.

    Cells of numbers are floats; a cell that is no number stays as it is, so that it can be quoted. Raises TableError
    when the table has none of the model's columns.
    """
    kinds = {feature["name"]: feature["kind"] for feature in card["features"]}
    matched = match_columns(frame.columns, kinds)
    rows = frame[list(matched.columns.values())].set_axis(list(matched.columns), axis=1)
    readings = card.get("numbers", {}).get("columns", {})
    words = {feature["name"]: feature["words"] for feature in card["features"] if "words" in feature}
    rows = rows.assign(**{name: _with_words(rows[name], words[name]) for name in rows if name in words})
    read = {
        name: with_order(readings[name], rows[name])
        for name in rows
        if readings.get(name, {}).get("as", "number") != "number"
    }
    rows = rows.assign(**{name: _with_reading(rows[name], reading) for name, reading in read.items()})
    numbers = [name for name in rows if kinds[name] == "number" and name not in read]
    text = [name for name in numbers if not pd.api.types.is_numeric_dtype(rows[name])]
    forms = _forms(rows[text], card.get("numbers", {}))
    rows = rows.assign(**{name: _with_numbers(rows[name], form) for name, form in forms.items()})
    notes: list[str] = []
    typed = {name for name in rows if kinds[name] == "date" and "ways" in card and card["ways"].get(name) is None}
    usual = {feature["name"]: feature.get("usual") for feature in card["features"]}
    for name in typed - set(read):
        dates, said = dates_of_typed(rows[name], usual[name])
        rows = rows.assign(**{name: dates})
        notes += said
    return rows, (*matched.notes, *notes)


def prediction_rows_of_file(
    frame: pd.DataFrame, info: TableInfo, content: bytes, card: dict[str, Any]
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Rows and notes as `prediction_rows` gives them, of a table that was read from a file's content as `info` says.

    Beside a training table with decimal commas, pandas must not take the 1.234 of a text file for a number before its
    marks are looked at.
    """
    numbers = card.get("numbers", {})
    kinds = {feature["name"]: feature["kind"] for feature in card["features"]}
    if info.reader == "read_excel":
        names = match_columns(frame.columns, kinds).columns
        frame = _percents(frame, names, numbers.get("columns", {}), content, info)
    rows, notes = _rows_of_file(frame, info, content, card, kinds)
    columns = match_columns(frame.columns, kinds).columns
    return rows, (*notes, *_other_units(info.units, columns, numbers.get("units", {})))


def _rows_of_file(
    frame: pd.DataFrame, info: TableInfo, content: bytes, card: dict[str, Any], kinds: dict[str, str]
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The rows and notes by the file's own marks, where it leaves no doubt of them."""
    numbers = card.get("numbers", {})
    if own := {mark: info.options[mark] for mark in ("decimal", "thousands") if mark in info.options}:
        card = {**card, "numbers": {**numbers, "decimal": ".", "thousands": "", **own}}
    if info.reader != "read_csv" or own or numbers.get("decimal", ".") == ".":
        return prediction_rows(frame, card)
    columns = [
        column for feature, column in match_columns(frame.columns, kinds).columns.items() if kinds[feature] == "number"
    ]
    text = pd.read_csv(
        io.BytesIO(content), **{**info.options, "dtype": info.options.get("dtype", {}) | dict.fromkeys(columns, "str")}
    )
    return prediction_rows(frame.assign(**{column: text[column] for column in columns}), card)


def _other_units(units: dict[str, str], columns: dict[str, str], trained: dict[str, str]) -> list[str]:
    """What is said of columns whose row of units names another unit than the training table has."""
    return [
        f"{column!r} is in {units[column]!r} here, and in {trained[feature]!r} in the training table: its numbers were "
        "taken as they are."
        for feature, column in columns.items()
        if units.get(column) and trained.get(feature) and units[column].casefold() != trained[feature].casefold()
    ]


def _percents(
    frame: pd.DataFrame, columns: dict[str, str], readings: dict[str, Any], content: bytes, info: TableInfo
) -> pd.DataFrame:
    """A workbook's number cells in percent, where those of the training table were fractions of 1 beside percents, or
    where that has percents as text and the workbook shows its numbers as percents.
    """
    fractions = [column for feature, column in columns.items() if readings.get(feature, {}).get("fractions")]
    percents = [column for feature, column in columns.items() if readings.get(feature, {}).get("unit") == "%"]
    if typed := [column for column in percents if column not in fractions]:
        shown = shown_as_percents(content, info.decided, list(frame.columns))
        fractions += [column for column in typed if column in shown]
    numbers = [column for column in fractions if pd.api.types.is_numeric_dtype(frame[column])]
    return frame.assign(**{column: frame[column] * 100 for column in numbers})


def _forms(text: pd.DataFrame, writing: dict[str, Any]) -> dict[str, NumberText]:
    """How each column of text writes its numbers: as the training table does, unless some cells leave no doubt that it
    is otherwise.
    """
    forms = {name: NumberText.of(writing, name) for name in text}
    plain = [name for name, form in forms.items() if not form.amounts]
    shown = {
        forms[name].shown_mark(cell) for name in plain for cell in pd.unique(text[name]) if isinstance(cell, str)
    } - {""}
    if len(shown) == 1 and (mark := shown.pop()) != writing.get("decimal", "."):
        forms |= {name: replace(forms[name], decimal=mark, thousands="") for name in plain}
    return forms


def match_columns(names: Iterable[str], features: Iterable[str]) -> Matched:
    """Which column holds which feature: by the same name, else by a name that differs in case and blanks only, when
    there is one.

    Raises TableError when no feature has a column.
    """
    names, features = list(names), list(features)
    known = set(names)
    columns = {feature: feature for feature in features if feature in known}
    rest = [name for name in names if name not in columns]
    wanted = [feature for feature in features if feature not in columns]
    taken, notes = [], []
    for feature in wanted:
        alike = [name for name in rest if _plain(name) == _plain(feature)]
        rivals = [other for other in wanted if _plain(other) == _plain(feature)]
        if len(alike) == 1 and len(rivals) == 1:
            columns[feature] = alike[0]
            taken.append(f"{alike[0]!r} as {feature!r}")
        elif alike:
            notes.append(f"{feature!r} may be {' or '.join(map(repr, alike[:3]))}: give one column exactly this name.")
    if not columns:
        raise TableError(
            f"The table has none of the model's columns. It needs {listed(features, 20)}, and has {listed(names, 20)}."
        )
    if taken:
        notes.insert(0, f"Columns were matched by name without regard to case and blanks: {', '.join(taken)}.")
    absent = tuple(feature for feature in features if feature not in columns)
    if absent:
        free = [name for name in rest if name not in columns.values()]
        near = "".join(f" {feature!r} may be {name!r}." for feature in absent[:5] if (name := near_name(feature, free)))
        what = "A column is absent and counts" if len(absent) == 1 else "Columns are absent and count"
        notes.append(f"{what} as missing in every row: {listed(list(absent), 20)}.{near}")
    return Matched({feature: columns[feature] for feature in features if feature in columns}, absent, tuple(notes))


def _plain(name: str) -> str:
    return " ".join(str(name).split()).casefold()


def near_name(name: str, names: Iterable[str]) -> str:
    """The one of the names that is nearest to another one, blanks and case apart; "" where none is near."""
    by_plain = {_plain(other): other for other in names if other != name}
    found = difflib.get_close_matches(_plain(name), by_plain, 1, _NEAR)
    return by_plain[found[0]] if found else ""


def _with_numbers(cells: pd.Series, form: NumberText) -> pd.Series:
    """Cells with numbers in the place of their text; what is no number, or may be two, stays text."""
    codes, values = pd.factorize(cells)
    found = [_number(value, form) for value in values]
    return pd.Series(
        [*(np.array([*found, np.nan], dtype=object)[codes])], index=cells.index, name=cells.name, dtype=object
    )


def _with_words(cells: pd.Series, words: list[str]) -> pd.Series:
    """Words without blanks around them, where the model knows them so; all other cells as they are."""
    if not pd.api.types.is_string_dtype(cells) and not pd.api.types.is_object_dtype(cells):
        return cells
    known = set(words)
    text = {cell for cell in cells.unique() if isinstance(cell, str) and cell not in known and cell.strip() in known}
    return cells.where(~cells.isin(text), cells.astype("str").str.strip()) if text else cells


def _with_reading(cells: pd.Series, reading: dict[str, Any]) -> pd.Series:
    """Cells as the training table's are read; what cannot be read stays as it is."""
    values = cell_values(cells, reading, CELL_READERS)
    if values.notna().all():
        return values
    missing = {"", *reading.get("missing", ())}
    unread = values.isna() & cells.notna() & ~cells.map(cell_text).isin(missing)
    return values.astype(object).where(~unread, cells) if unread.any() else values


def _number(cell: Any, form: NumberText) -> Any:
    if not isinstance(cell, str):
        return cell
    if not cell.strip():
        return np.nan
    readings = form.readings(cell)
    return readings[0] if len(readings) == 1 else cell


def unread(cell: Any, kind: str, form: NumberText) -> str:
    """What is said of a cell that counts as missing although something stands in it."""
    quoted = repr(str(cell) if len(str(cell)) <= 40 else f"{str(cell)[:39]}…")
    readings = form.readings(str(cell)) if kind == "number" else []
    if len(readings) > 1:
        return f"{quoted} may mean {readings[0]:.10g} or {readings[1]:.10g}, so it counts as missing"
    return f"{quoted} cannot be read as {_READ_AS.get(kind, kind)}, so it counts as missing"
