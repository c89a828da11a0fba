"""Decisions about how a file is read, as a person makes them one at a time.

changed(decided, "header", (3,))          the reading with names in the fourth row
alternatives(note, decided)               what a note offers: the words on its button, and the reading that it makes

Where one decision is changed, what followed from it is left to the reader again: with another separator all rows and
columns are others, and with other names so are the columns.
"""

import re
from typing import Any

from core.catalog.text_files import DOUBLED, SINGLE
from core.experiment.columns import Note
from core.experiment.reading import CLOCK_DIGITS, ColumnReading, TableReading

# What stands before a number that is only known to be below or above it.
_BOUND = re.compile(
    "[<>\u2264\u2265]|(?:under|less|fewer|below|unter|weniger|moins|menos|meno|minder|over|more|above|\u00fcber|mehr|plus|"
    "m[a\u00e1]s|meer) ",
    re.IGNORECASE,
)
# Field of a reading -> the fields that stay as they are when it changes. Fields that are not named keep all others.
_OF_THE_FILE = ("sheet", "encoding", "separator", "quotes", "decimal", "thousands", "drop_duplicates")
_KEPT = {
    "sheet": (),
    "encoding": ("sheet",),
    "separator": ("sheet", "encoding", "quotes"),
    "quotes": ("sheet", "encoding", "separator"),
    "decimal": tuple(name for name in TableReading.model_fields if name not in ("thousands", "columns")),
    "thousands": tuple(name for name in TableReading.model_fields if name != "columns"),
    "header": _OF_THE_FILE,
    "heading_columns": tuple(name for name in TableReading.model_fields if name not in ("skipped", "last_row")),
    "first_row": (*_OF_THE_FILE, "header", "first_column", "last_column", "columns"),
    "first_column": (*_OF_THE_FILE, "header", "first_row", "last_row", "skipped", "last_column"),
    "last_column": (*_OF_THE_FILE, "header", "first_row", "last_row", "skipped", "first_column"),
}


def changed(decided: TableReading, field: str, value: Any) -> TableReading:
    """The reading with one field decided by a person; fields that follow from it are decided by the reader.

    Raises pydantic's ValidationError, a ValueError, for a value that the field cannot have.
    """
    kept = _KEPT.get(field, tuple(TableReading.model_fields))
    fields = {name: getattr(decided, name) for name in kept if name != field}
    return TableReading.model_validate({**fields, field: value})


def with_column(decided: TableReading, name: str, column: ColumnReading) -> TableReading:
    """The reading with the cells of one column read otherwise; an empty reading leaves them to the reader."""
    columns = {other: reading for other, reading in decided.columns.items() if other != name}
    return changed(decided, "columns", {**columns, name: column} if column else columns)


def alternatives(note: Note, decided: TableReading) -> list[tuple[str, TableReading]]:
    """What can be decided instead of what a note says: words for a button, and the reading; [] where nothing can."""
    decision = note.decision or ""
    if decision.startswith("columns.") and note.column is not None:
        return _of_cells(note, decided, decision.rpartition(".")[2])
    found = _OFFERS.get(decision)
    return found(note, decided) if found else []


# Field of a column's reading that a doubt is about -> what the cells are, and each setting by the words of its button.
_EITHER: dict[str, tuple[str, dict[str, Any]]] = {
    "dates": ("date", {"Day first": ("day first",), "Month first": ("month first",)}),
    "decimal": ("number", {"Decimal comma": ",", "Decimal point": "."}),
    "duration": ("duration", {"Hours and minutes": ("hours first",), "Minutes and seconds": ("minutes first",)}),
}


_SHORT_YEARS = re.compile(r" is of \d{4}|like \d\d([-/.])\d\d?\1\d\d?(?!\d)")  # Of a note on dates.

_FAR_YEARS = re.compile(r"years? far away, like (?:\S*[-/.])?1[2-4]\d\d(?!\d)")  # Of a note on dates.


def _of_cells(note: Note, decided: TableReading, field: str) -> list[tuple[str, TableReading]]:
    name = str(note.column)
    column = decided.columns.get(name, ColumnReading())
    if field == "dates" and column.as_ in ("duration", "time"):  # Times of day are what they are, or words.
        field = "duration" if column.as_ == "duration" and column.dates else "as"
    if field in _EITHER:
        kind, settings = _EITHER[field]
        if field == "dates" and _SHORT_YEARS.search(note.text):
            settings = {**settings, "Year first": ("year first",)}
        of = "decimal" if field == "decimal" else "dates"
        if "births" in column.dates:
            settings = {words: (*setting, "births") for words, setting in settings.items()}
        if field == "dates" and {"buddhist", "jalali", "minguo"}.intersection(column.dates):
            settings = {"Read the years as they are written": (column.dates[0], "gregorian")}
        elif field == "dates" and _FAR_YEARS.search(note.text):  # An Islamic lunar year may be as far away.
            settings = {**settings, "Solar Hijri (Jalali) years": (*(column.dates[:1] or ("day first",)), "jalali")}
        return [
            (words, with_column(decided, name, ColumnReading.model_validate({"as": kind, of: setting})))
            for words, setting in settings.items()
        ]
    if field != "as":
        return []
    if column.as_ in (None, "text") or {*CLOCK_DIGITS}.intersection(column.dates):
        return [("Read as numbers", with_column(decided, name, ColumnReading.model_validate({"as": "number"})))]
    words = ("Read as words", with_column(decided, name, ColumnReading.model_validate({"as": "text"})))
    if column.as_ == "number" and any(_BOUND.match(cell) for cell, _ in note.cells):
        bound = column.model_copy(update={"censored": "bound"})
        return [("Read as the bound", with_column(decided, name, bound)), words]
    return [words]


def _names(note: Note, decided: TableReading) -> list[tuple[str, TableReading]]:
    rows, header = note.rows, decided.header or ()
    if note.kind == "titles":
        return [(f"Names are in row {rows[0] + 1}", changed(decided, "header", rows[:1]))] if rows else []
    if not header:
        return [(f"Row {rows[0] + 1} holds names", changed(decided, "header", rows[:1]))] if rows else []
    if len(header) > 1:
        return [(f"Only row {header[-1] + 1} holds names", changed(decided, "header", header[-1:]))]
    return [("No row holds names", changed(decided, "header", ()))]


def _first(note: Note, decided: TableReading) -> list[tuple[str, TableReading]]:
    return [("It is a row of values", changed(decided, "first_row", note.rows[0]))] if note.rows else []


def _rows(note: Note, decided: TableReading) -> list[tuple[str, TableReading]]:
    """Rows that were left out are kept, and rows that were kept are left out."""
    skipped = set(decided.skipped or ())
    if not note.rows:
        return []
    offers = []
    if note.makes:
        label = f"Make {'a column' if len(note.makes) == 1 else 'columns'} of them"
        offers.append((label, changed(decided, "heading_columns", note.makes)))
    if set(note.rows) <= skipped:
        left = () if note.count > len(note.rows) else tuple(sorted(skipped - set(note.rows)))
        return [*offers, ("Keep as values", changed(decided, "skipped", left))]
    return [*offers, ("Leave out", changed(decided, "skipped", tuple(sorted(skipped | set(note.rows)))))]


def _last(note: Note, decided: TableReading) -> list[tuple[str, TableReading]]:
    if not note.rows:
        return []
    if note.kind == "second":
        return [("Read this table instead", changed(decided, "header", note.rows[:1]))]
    last = max(note.rows[-1], note.rows[0] + note.count - 1)  # A note lists the first of very many rows.
    return [("Keep as values", changed(decided, "last_row", last))]


def _filled(note: Note, decided: TableReading) -> list[tuple[str, TableReading]]:
    filled = decided.filled_down or ()
    if note.kind == "sparse" and note.column:
        return [("Fill down", changed(decided, "filled_down", (*filled, note.column)))]
    names = tuple(name for name in filled if name != note.column)
    return [("Leave empty", changed(decided, "filled_down", names))] if note.column in filled else []


def _heading_columns(_note: Note, decided: TableReading) -> list[tuple[str, TableReading]]:
    return [("Leave out", changed(decided, "heading_columns", ()))]


def _points(note: Note, decided: TableReading) -> list[tuple[str, TableReading]]:
    """With a decimal comma pandas leaves numbers with points as text, and each column is read by its own marks."""
    if note.kind != "points":
        return []
    return [("The point separates thousands", changed(decided, "decimal", ","))]


def _quotes(_note: Note, decided: TableReading) -> list[tuple[str, TableReading]]:
    words = "They are part of the text" if decided.quotes == SINGLE else "They are doubled"
    return [(words, changed(decided, "quotes", DOUBLED))]


def _duplicates(_note: Note, decided: TableReading) -> list[tuple[str, TableReading]]:
    return [("Keep them", changed(decided, "drop_duplicates", False))]


_OFFERS = {
    "header": _names,
    "first_row": _first,
    "skipped": _rows,
    "last_row": _last,
    "filled_down": _filled,
    "heading_columns": _heading_columns,
    "decimal": _points,
    "quotes": _quotes,
    "drop_duplicates": _duplicates,
}
