"""What the cells of an .xlsx workbook do not say by themselves: formulas that were never calculated, errors, rows and
columns that are hidden, and numbers that the sheet shows with zeros in front.
"""

import re
from collections import Counter
from collections.abc import Sequence

from core.experiment.columns import Note
from core.experiment.counts import count
from core.experiment.reading import TableReading
from core.tables.layout_notes import row_note
from core.tables.layout_walk import Layout
from core.tables.reading import listed
from core.tables.workbook_formats import NUMBER_CELL, cell_formats, different_units, percent_columns
from core.tables.workbook_size import column_number
from core.tables.workbook_xml import SheetXml

_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*[^/>])>(.*?)</(?:\w+:)?c>", re.DOTALL)
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
_VALUE = re.compile(rb"<(?:\w+:)?v[^>]*>([^<]+)<")
_INLINE = re.compile(rb"<(?:\w+:)?is\b")
_ROW, _COLUMN = re.compile(rb"<(?:\w+:)?row\b[^>]*>"), re.compile(rb"<(?:\w+:)?col\b[^>]*>")
_HIDDEN, _NUMBER = re.compile(rb'\bhidden="(?:1|true)"'), re.compile(rb'\br="(\d{1,7})"')
_HIDES, _OF_FORMULAS = b"hidden=", (b"<f", b":f>", b't="e"')
_MOST = 100  # Rows that a note names.


def unsure_cells(content: bytes, sheet: str, layout: Layout) -> list[Note]:
    """Notes on hidden rows and columns, on numbers shown with zeros in front, and on the columns with formulas without
    a value and with errors; [] for other formats than .xlsx.
    """
    part = SheetXml(content, sheet)
    there = part.which(_HIDES, *_OF_FORMULAS)
    hidden = _hidden(part, layout) if _HIDES in there else []
    formats = cell_formats(content) if part else []
    notes = [*hidden, *_padded(formats, part, layout)]
    notes += _without_values(part, layout) if there.intersection(_OF_FORMULAS) else []
    return [*notes, *different_units(formats, part.finds(NUMBER_CELL), layout)]


def shown_as_percents(content: bytes, decided: TableReading, names: Sequence[str]) -> set[str]:
    """Those of a sheet's columns whose numbers it shows as percents: 0.15 is 15 %."""
    part = SheetXml(content, decided.sheet or "")
    places = percent_columns(cell_formats(content), part.finds(NUMBER_CELL), decided) if part else set()
    return {name for place, name in enumerate(names, decided.first_column or 0) if place in places}


def _padded(styles: Sequence[str], part: SheetXml, layout: Layout) -> list[Note]:
    """The notes on columns whose numbers a format like 00000 shows with zeros in front, as codes have them."""
    formats = {at: form for at, form in enumerate(styles) if re.fullmatch("0{3,}", form)}
    notes: list[Note] = []
    column_of: dict[int, str] = {}
    for style, form in formats.items():
        for cell in part.finds(re.compile(rb'<(?:\w+:)?c\b[^>]*\bs="%d"[^>]*>' % style)):
            if place := _PLACE.search(cell[0]):
                column_of.setdefault(column_number(place[1].decode()) - 1, form)
    for column, name in enumerate(layout.names, layout.first_column):
        if shown := column_of.get(column):
            text = f"The sheet shows the numbers of {name!r} with leading zeros ({shown}): they are read without them."
            notes.append(Note(kind="zeros", text=text, column=name))
    return notes


def _hidden(part: SheetXml, layout: Layout) -> list[Note]:
    """The notes on rows and columns that a spreadsheet does not show: by a filter, or by hand."""
    notes, skipped = [], set(layout.skipped)
    tags = [found[0] for found in part.finds(_ROW) if _HIDDEN.search(found[0])]
    rows = [int(number) - 1 for tag in tags for number in _NUMBER.findall(tag)]
    rows = [row for row in rows if layout.first_row <= row <= layout.last_row and row not in skipped]
    if rows:
        text = "{Rows} {is} hidden in the sheet, by a filter or by hand, and {was} read, too."
        notes.append(row_note("hidden", rows, "row", text, "skipped"))
    tags = [found[0] for found in part.finds(_COLUMN) if _HIDDEN.search(found[0])]
    ends = [re.findall(rb'\b(?:min|max)="(\d+)"', tag) for tag in tags]
    hidden = {column for end in ends if len(end) == 2 for column in range(min(map(int, end)), max(map(int, end)) + 1)}
    if names := [name for at, name in enumerate(layout.names, layout.first_column + 1) if at in hidden]:
        which, are = ("Column", "is") if len(names) == 1 else ("Columns", "are")
        text = f"{which} {listed(names)} {are} hidden in the sheet, and {are} read, too."
        notes.append(Note(kind="hidden", text=text, count=len(names)))
    return notes


def _without_values(part: SheetXml, layout: Layout) -> list[Note]:
    """The notes on columns with formulas without a value, and with errors."""
    uncalculated: dict[int, list[int]] = {}
    errors: dict[int, list[int]] = {}
    names_of: dict[int, Counter[str]] = {}
    skipped = set(layout.skipped)
    for cell in part.finds(_CELL):
        attributes, inner = cell.groups()
        has_formula, is_error = bool(_FORMULA.search(inner)), b't="e"' in attributes
        place = _PLACE.search(attributes) if has_formula or is_error else None
        if place is None:
            continue
        row, column = int(place[2]) - 1, column_number(place[1].decode()) - 1
        if not layout.first_row <= row <= layout.last_row or row in skipped:
            continue
        if is_error and (value := _VALUE.search(inner)):
            errors.setdefault(column, []).append(row)
            names_of.setdefault(column, Counter())[value[1].decode(errors="replace")] += 1
        elif not _VALUE.search(inner) and not _INLINE.search(inner):
            uncalculated.setdefault(column, []).append(row)
    notes = []
    for column, name in enumerate(layout.names, layout.first_column):
        if rows := uncalculated.get(column):
            held = f"{count(len(rows), 'cell')} of {name} {'holds a formula' if len(rows) == 1 else 'hold formulas'}"
            text = f"{held} without a value: open the file in a spreadsheet program and save it."
            notes.append(Note(kind="formulas", text=text, rows=tuple(rows[:_MOST]), column=name, count=len(rows)))
        if rows := errors.get(column):
            which = ", ".join(names_of[column])
            held = f"{count(len(rows), 'cell')} of {name} {'holds an error' if len(rows) == 1 else 'hold errors'}"
            text = f"{held} ({which}): treated as missing."
            notes.append(Note(kind="errors", text=text, rows=tuple(rows[:_MOST]), column=name, count=len(rows)))
    return notes
