"""Cells of an .xlsx workbook that hold no value of their own: formulas that were never calculated, and errors."""

import html
import io
import posixpath
import re
import zipfile
from collections import Counter

from core.experiment.columns import Note
from core.experiment.counts import count
from core.tables.layout_walk import Layout
from core.tables.workbook_size import column_number

_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*[^/>])>(.*?)</(?:\w+:)?c>", re.DOTALL)
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
_VALUE = re.compile(rb"<(?:\w+:)?v[^>]*>([^<]+)<")
_INLINE = re.compile(rb"<(?:\w+:)?is\b")
_MOST = 100  # Rows that a note names.


def unsure_cells(content: bytes, sheet: str, layout: Layout) -> list[Note]:
    """Notes on the columns with formulas without a value and with errors; [] for other formats than .xlsx."""
    part = _part(content, sheet)
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


def _part(content: bytes, sheet: str) -> bytes:
    """The XML of a sheet; b"" where there is none. The sizes were checked before."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if "xl/workbook.xml" not in archive.namelist():
                return b""
            book = archive.read("xl/workbook.xml").decode("utf-8", errors="replace")
            relations = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", errors="replace")
            targets = {}
            for tag in re.findall(r"<(?:\w+:)?Relationship\b[^>]*>", relations):
                targets[_attribute(tag, "Id")] = _attribute(tag, "Target")
            for tag in re.findall(r"<(?:\w+:)?sheet\b[^>]*>", book):
                if _attribute(tag, "name") == sheet:
                    identifier = re.search(r'\b\w+:id="([^"]*)"', tag)
                    target = targets.get(identifier[1] if identifier else "", "")
                    path = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
                    return archive.read(path) if target else b""
    except (KeyError, zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError):
        return b""
    return b""


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\s{name}="([^"]*)"', tag)
    return html.unescape(found[1]) if found else ""
