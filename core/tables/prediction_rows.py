"""Rows that a model is to predict for, as the training table would have them: its columns by name, its numbers by its
marks.

    rows, notes = prediction_rows(frame, card)      notes: what is to be said once, for all rows

The Predict page, `python -m core predict` and the predictor itself all go through it; what it made it leaves as it is.
"""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from core.experiment.columns import TableInfo
from core.experiment.reading import CLOCK_DIGITS
from core.tables.cell_numbers import cell_text
from core.tables.cell_values import CELL_READERS, cell_values
from core.tables.errors import TableError
from core.tables.number_text import NumberText
from core.tables.prediction_marks import cells_as_text, points_in_doubt
from core.tables.reading import listed
from core.tables.typed_dates import dates_of_typed, with_order, with_unit_of_clock
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
    usual = {feature["name"]: feature.get("usual") for feature in card["features"]}
    notes: list[str] = []
    for name, reading in read.items():
        if reading.get("as") == "time" and pd.api.types.is_numeric_dtype(rows[name]):
            reading = {**reading, "dates": []}  # Rows that were read before hold hours.
        read[name], said = with_unit_of_clock(reading, rows[name], usual[name])
        notes += said
    rows = rows.assign(**{name: _with_reading(rows[name], reading) for name, reading in read.items()})
    numbers = [name for name in rows if kinds[name] == "number" and name not in read]
    text = [name for name in numbers if not pd.api.types.is_numeric_dtype(rows[name])]
    forms = number_forms(rows[text], card.get("numbers", {}))
    rows = rows.assign(**{name: _with_numbers(rows[name], form) for name, form in forms.items()})
    typed = {name for name in rows if kinds[name] == "date" and "ways" in card and card["ways"].get(name) is None}
    for name in typed - set(read):
        dates, said = dates_of_typed(rows[name], usual[name])
        rows = rows.assign(**{name: dates})
        notes += said
    return rows, (*matched.notes, *notes)


def prediction_rows_of_file(
    frame: pd.DataFrame, info: TableInfo, content: bytes, card: dict[str, Any]
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Rows and notes as `prediction_rows` gives them, of a table that was read from a file's content as `info` says."""
    numbers = card.get("numbers", {})
    columns = match_columns(frame.columns, [feature["name"] for feature in card["features"]]).columns
    if info.reader == "read_excel":
        frame = _percents(frame, columns, numbers.get("columns", {}), content, info)
    cells, card = cells_as_text(frame, info, content, card, columns)
    clocks = _clock_digits(frame, columns, numbers.get("columns", {}))
    rows, notes = prediction_rows(frame.assign(**cells, **clocks), card)
    doubts = [
        note
        for feature, column in columns.items()
        if column in cells and (note := _said_of_marks(frame[column], cells[column], rows[feature]))
    ]
    units = _other_units(info.units, columns, numbers.get("units", {}))
    return rows, (*notes, *doubts, *points_in_doubt(frame, info, content, card, columns), *units)


def table_as_read(
    frame: pd.DataFrame, rows: pd.DataFrame, info: TableInfo, content: bytes, card: dict[str, Any]
) -> pd.DataFrame:
    """The table of a file, as it stands beside its predictions: where the training table's marks make 1200 of 1.200,
    that is what stands there, not the 1.2 of the file alone. `rows` are those of `prediction_rows_of_file`.
    """
    columns = match_columns(frame.columns, [feature["name"] for feature in card["features"]]).columns
    cells, _ = cells_as_text(frame, info, content, card, columns)
    other = {
        column: rows[feature]
        for feature, column in columns.items()
        if column in cells and _said_of_marks(frame[column], cells[column], rows[feature])
    }
    return frame.assign(**other) if other else frame


def _clock_digits(frame: pd.DataFrame, columns: dict[str, str], readings: dict[str, Any]) -> dict[str, pd.Series]:
    """The columns of numbers that are times of day, 930 for half past nine, as text."""
    found = {}
    for feature, column in columns.items():
        digits = {*CLOCK_DIGITS}.intersection(readings.get(feature, {}).get("dates", ()))
        if digits and pd.api.types.is_numeric_dtype(frame[column]):
            found[column] = frame[column].map(cell_text, na_action="ignore").astype("str")
    return found


def _said_of_marks(by_file: pd.Series, text: pd.Series, by_training: pd.Series) -> str:
    """What is said of a column whose numbers are others by the training table's marks than by the file's; "" where
    they are the same.
    """
    if not pd.api.types.is_numeric_dtype(by_file):
        return ""
    values = pd.to_numeric(by_training, errors="coerce")
    other = np.flatnonzero(values.notna() & (values != by_file))
    if not len(other):
        return ""
    at = int(other[0])
    return (
        f"Numbers like {text.iloc[at]} of {by_file.name!r} were read with the decimal and thousands "
        "marks of the training table, as "
        f"{values.iloc[at]:.10g}. From this file alone it would be {by_file.iloc[at]:.10g}."
    )


def _other_units(units: dict[str, str], columns: dict[str, str], trained: dict[str, str]) -> list[str]:
    """What is said of columns whose row of units names another unit than the training table has."""
    return [
        f"{column!r} is in {units[column]!r} here, and in {trained[feature]!r} in the training table: "
        "its numbers were not converted."
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


def number_forms(text: pd.DataFrame, writing: dict[str, Any]) -> dict[str, NumberText]:
    """How each column of text writes its numbers: as the training table does, unless some cells leave no doubt that it
    is otherwise: those of the column, where it was read by itself in training, else those of all other columns.
    """
    forms = {name: NumberText.of(writing, name) for name in text}
    shown = {
        name: {form.shown_mark(cell) for cell in pd.unique(text[name]) if isinstance(cell, str)} - {""}
        for name, form in forms.items()
    }
    amounts = [name for name, form in forms.items() if form.amounts]
    for name in amounts:
        if len(shown[name]) == 1 and (mark := next(iter(shown[name]))) != forms[name].decimal:
            forms[name] = replace(forms[name], decimal=mark, thousands=forms[name].decimal)
    plain = [name for name in forms if name not in amounts]
    marks = set().union(*(shown[name] for name in plain))
    if len(marks) == 1 and (mark := marks.pop()) != writing.get("decimal", "."):
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
        notes.insert(0, f"Columns were matched by name without regard to case and spaces: {', '.join(taken)}.")
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
    """Words as the model knows them, where they differ in blanks around them or in the .0 that a number has beside
    missing cells: 3067.0 for 3067; all other cells as they are.
    """
    text = pd.api.types.is_string_dtype(cells) or pd.api.types.is_object_dtype(cells)
    if not text and (pd.api.types.is_bool_dtype(cells) or not pd.api.types.is_numeric_dtype(cells)):
        return cells
    known = set(words)
    same = {}
    for cell in cells.dropna().unique():
        if not isinstance(cell, str) and text:
            continue
        word = cell_text(cell)
        likely = (word, word.removesuffix(".0"), f"{word}.0")
        near = next((one for one in likely if one in known and (one == word or re.fullmatch(r"\d+(?:\.0)?", word))), "")
        if near and near != (cell if text else word):
            same[cell] = near
    return cells.astype(object).where(~cells.isin(list(same)), cells.map(same)) if same else cells


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
