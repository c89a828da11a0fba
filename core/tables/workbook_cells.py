"""What the cells of an .xlsx workbook do not say by themselves: formulas that were never calculated, errors, rows and
columns that are hidden, and numbers that the sheet shows with zeros in front.
"""

import io
import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Sequence

from core.experiment.columns import Note
from core.experiment.counts import count
from core.experiment.reading import TableReading
from core.tables.layout_notes import row_note
from core.tables.layout_walk import Layout
from core.tables.reading import listed
from core.tables.workbook_formats import attribute_of, cell_formats, different_units, percent_columns
from core.tables.workbook_size import column_number

_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*[^/>])>(.*?)</(?:\w+:)?c>", re.DOTALL)
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
_VALUE = re.compile(rb"<(?:\w+:)?v[^>]*>([^<]+)<")
_INLINE = re.compile(rb"<(?:\w+:)?is\b")
_ROW, _COLUMN = re.compile(rb"<(?:\w+:)?row\b[^>]*>"), re.compile(rb"<(?:\w+:)?col\b[^>]*>")
_HIDDEN, _NUMBER = re.compile(rb'\bhidden="(?:1|true)"'), re.compile(rb'\br="(\d{1,7})"')
_MOST = 100  # Rows that a note names.


def unsure_cells(content: bytes, sheet: str, layout: Layout) -> list[Note]:
    """Notes on hidden rows and columns, on numbers shown with zeros in front, and on the columns with formulas without
    a value and with errors; [] for other formats than .xlsx.
    """
    part = _part(content, sheet)
    hidden = _hidden(part, layout) if b"hidden=" in part else []
    formats = cell_formats(content) if part else []
    notes = [*hidden, *_padded(formats, part, layout), *_without_values(part, layout)]
    return [*notes, *different_units(formats, part, layout)]


def shown_as_percents(content: bytes, decided: TableReading, names: Sequence[str]) -> set[str]:
    """Those of a sheet's columns whose numbers it shows as percents: 0.15 is 15 %."""
    part = _part(content, decided.sheet or "")
    places = percent_columns(cell_formats(content), part, decided) if part else set()
    return {name for place, name in enumerate(names, decided.first_column or 0) if place in places}


def _padded(styles: Sequence[str], part: bytes | bytearray, layout: Layout) -> list[Note]:
    """The notes on columns whose numbers a format like 00000 shows with zeros in front, as codes have them."""
    formats = {at: form for at, form in enumerate(styles) if re.fullmatch("0{3,}", form)}
    notes: list[Note] = []
    column_of: dict[int, str] = {}
    for style, form in formats.items():
        for cell in re.finditer(rb'<(?:\w+:)?c\b[^>]*\bs="%d"[^>]*>' % style, part):
            if place := _PLACE.search(cell[0]):
                column_of.setdefault(column_number(place[1].decode()) - 1, form)
    for column, name in enumerate(layout.names, layout.first_column):
        if shown := column_of.get(column):
            text = (
                f"The sheet shows the numbers of {name!r} with zeros in front ({shown}): they are read without these."
            )
            notes.append(Note(kind="zeros", text=text, column=name))
    return notes


def _hidden(part: bytes | bytearray, layout: Layout) -> list[Note]:
    """The notes on rows and columns that a spreadsheet does not show: by a filter, or by hand."""
    notes, skipped = [], set(layout.skipped)
    rows = [int(number) - 1 for tag in _ROW.findall(part) if _HIDDEN.search(tag) for number in _NUMBER.findall(tag)]
    rows = [row for row in rows if layout.first_row <= row <= layout.last_row and row not in skipped]
    if rows:
        text = "{Rows} {is} hidden in the sheet, by a filter or by hand, and {was} read, too."
        notes.append(row_note("hidden", rows, "row", text, "skipped"))
    ends = [re.findall(rb'\b(?:min|max)="(\d+)"', tag) for tag in _COLUMN.findall(part) if _HIDDEN.search(tag)]
    hidden = {column for end in ends if len(end) == 2 for column in range(min(map(int, end)), max(map(int, end)) + 1)}
    if names := [name for at, name in enumerate(layout.names, layout.first_column + 1) if at in hidden]:
        which, are = ("Column", "is") if len(names) == 1 else ("Columns", "are")
        text = f"{which} {listed(names)} {are} hidden in the sheet, and {are} read, too."
        notes.append(Note(kind="hidden", text=text, count=len(names)))
    return notes


def _without_values(part: bytes | bytearray, layout: Layout) -> list[Note]:
    if b"<f" not in part and b":f>" not in part and b't="e"' not in part:
        return []
    uncalculated: dict[int, list[int]] = {}
    errors: dict[int, list[int]] = {}
    names_of: dict[int, Counter[str]] = {}
    skipped = set(layout.skipped)
    for cell in _CELL.finditer(part):
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
            text = f"{held} without a value: open and save it in a spreadsheet."
            notes.append(Note(kind="formulas", text=text, rows=tuple(rows[:_MOST]), column=name, count=len(rows)))
        if rows := errors.get(column):
            which = ", ".join(names_of[column])
            held = f"{count(len(rows), 'cell')} of {name} {'holds an error' if len(rows) == 1 else 'hold errors'}"
            text = f"{held} ({which}): treated as missing."
            notes.append(Note(kind="errors", text=text, rows=tuple(rows[:_MOST]), column=name, count=len(rows)))
    return notes


def _part(content: bytes, sheet: str) -> bytes | bytearray:
    """The XML of a sheet; b"" where there is none. The sizes were checked before."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if "xl/workbook.xml" not in archive.namelist():
                return b""
            book = archive.read("xl/workbook.xml").decode("utf-8", errors="replace")
            relations = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", errors="replace")
            targets = {}
            for tag in re.findall(r"<(?:\w+:)?Relationship\b[^>]*>", relations):
                targets[attribute_of(tag, "Id")] = attribute_of(tag, "Target")
            for tag in re.findall(r"<(?:\w+:)?sheet\b[^>]*>", book):
                if attribute_of(tag, "name") == sheet:
                    identifier = re.search(r'\b\w+:id="([^"]*)"', tag)
                    target = targets.get(identifier[1] if identifier else "", "")
                    path = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
                    return _unpacked(archive, path) if target else b""
    except (KeyError, zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError):
        return b""
    return b""


def _unpacked(archive: zipfile.ZipFile, path: str) -> bytearray:
    """A part of an archive, in no more memory than it takes; `archive.read` takes twice that."""
    part, at = bytearray(archive.getinfo(path).file_size), 0
    with archive.open(path) as packed:
        while at < len(part) and (more := packed.read(1 << 16)):
            part[at : at + len(more)] = more
            at += len(more)
    return part
