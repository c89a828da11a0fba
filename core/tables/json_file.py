"""Files of JSON: records in a list, at the top or under a key, a record in each line, and columns of cells."""

import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import pandas as pd

from core.experiment.columns import Note, Sheet
from core.experiment.counts import count
from core.experiment.reading import TableReading
from core.experiment.spec import LONGEST_NAME
from core.tables.errors import TableError
from core.tables.json_table import as_records, json_columns, json_frame, json_records
from core.tables.limits import MOST_COLUMNS, shortened_name
from core.tables.parquet_file import MOST_CELLS
from core.tables.reading import Reading, listed
from core.tables.record_files import columns_left_out, readable

_JSON: dict[str, Any] = {"dtype": False, "convert_axes": False, "precise_float": True}
_MARK = b"\xef\xbb\xbf"
_OBJECT = re.compile(rb'":\s*\{')  # After a name: within a record, or a key of the whole file.
_DEEPEST = 10  # Keys that lead to a list of records.
_LONGEST = 255  # Signs of these keys, with points between them: the name of a sheet.
_MOST_LISTS = 1_000
_FEWEST_ROWS = 2  # Of lists of cells, or of rows by labels.
_MOST_SIGNS = 50_000_000  # Of all names: a key stands before the names of all cells in its object.


@dataclass(frozen=True)
class _Records:
    """A list of records in a JSON object.

    Attributes:
        name: The keys that lead to it, with points between them.
        place: These keys.
    """

    name: str
    place: list[str]
    records: list[dict[str, Any]]


def read_json_lines(name: str, content: bytes, _given: TableReading, _cells: bool = False) -> Reading:
    """Read a file that has a JSON record in each line."""
    return _read_json(name, content, {"lines": True})


def read_json(name: str, content: bytes, given: TableReading, _cells: bool = False) -> Reading:
    """Read a list of JSON records, [{"a": 1}, {"a": 2}], which may stand under a key, {"data": [{"a": 1}, {"a": 2}]}:
    the one that was chosen, or the longest. Or columns, {"a": [1, 2]}; a file of JSON lines is known by its first
    record.
    """
    start = content.removeprefix(_MARK).lstrip()[:2_000].replace(b" ", b"")
    if start.startswith(b"{"):
        whole = _one_object(content)
        if whole is not None and _holds_columns(whole):
            return _read_json(name, content, {"orient": "columns"})
        if whole is not None and (found := _lists(whole)):
            return _read_list(name, found, given)
        if whole and (place := _labelled(whole)) is not None:
            return _of_records(name, json_records(content, place, False), {"place": place})
        if whole and all(isinstance(held, dict) and held for held in whole.values()):
            raise TableError(
                f"{name} is keyed by row labels: save it as a list of records, [{{...}}, {{...}}], or as CSV."
            )
        first = content.removeprefix(_MARK).lstrip().split(b"\n", 1)[0].rstrip()
        if first.endswith(b"}"):
            return _read_json(name, content, {"lines": True})
    if start.lstrip(b"\r\n\t").startswith(b"[") and re.match(rb"\[\s*\[", start):
        with readable(name, "JSON"):
            rows = json.loads(content.removeprefix(_MARK))
        if _are_rows(rows):
            return _of_records(name, as_records(rows), {"place": []})
    if not start.lstrip(b"[\r\n\t").startswith(b"{") or not start.startswith(b"["):
        raise TableError(
            f"{name} is not a list of records: expected [{{...}}, {{...}}], or a record in each line. "
            "Save the table as "
            "CSV or Parquet."
        )
    return _read_json(name, content, {"orient": "records"})


def _one_object(content: bytes) -> dict[str, Any] | None:
    """The JSON object that a file is; None where it is another thing, as one of JSON lines."""
    text = content.removeprefix(_MARK).strip()
    first, _, rest = text.partition(b"\n")
    if rest and first.rstrip().endswith(b"}"):
        return None  # A record in each line.
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _are_rows(found: Any) -> bool:
    """Whether something is a list of lists of cells, of which most have one length."""
    if not isinstance(found, list) or len(found) < _FEWEST_ROWS or not all(isinstance(row, list) for row in found):
        return False
    plain = not any(isinstance(cell, list | dict) for row in found for cell in row)
    return plain and len({len(row) for row in found}) == 1 and len(found[0]) > 0


def _labelled(whole: dict[str, Any]) -> list[str] | None:
    """The keys that lead to rows by their labels, or to names beside rows, in an object: none, or one; None where there
    are no such rows.
    """
    if _are_labelled(whole):
        return []
    found = [key for key, held in whole.items() if isinstance(held, dict) and _are_labelled(held)]
    return found[:1] if len(found) == 1 else None


def _are_labelled(held: dict[str, Any]) -> bool:
    """Whether an object is {"columns": [...], "data": [[...], ...]}, or objects of cells with the same names."""
    names, rows = held.get("columns"), held.get("data")
    if isinstance(names, list) and isinstance(rows, list):
        return _are_rows([names, *rows])
    objects = list(held.values())
    if not objects or not all(isinstance(one, dict) and one for one in objects):
        return False
    names = set(objects[0])
    alike = sum(set(one) == names for one in objects) >= 0.9 * len(objects)
    plain = not any(isinstance(cell, list | dict) for one in objects for cell in one.values())
    counted = all(str(label).isdigit() for label in names) or all(str(label).isdigit() for label in held)
    return alike and plain and (len(objects) != len(names) or counted)  # Else rows and columns can't be told apart.


def _holds_columns(whole: dict[str, Any]) -> bool:
    """Whether an object is name -> cells of a column."""
    columns = list(whole.values())
    plain = all(isinstance(held, list) and not any(isinstance(cell, list | dict) for cell in held) for held in columns)
    return bool(columns) and plain and len({len(held) for held in columns}) == 1 and len(columns[0]) > 0


def _lists(whole: dict[str, Any]) -> list[_Records]:
    """The lists of records in an object, and in the objects within it, in the file's order."""
    found: dict[str, _Records] = {}
    within: list[tuple[list[str], Any]] = [([], whole)]
    while within and len(found) < _MOST_LISTS:
        place, held = within.pop()
        if isinstance(held, dict) and len(place) < _DEEPEST:
            within += [([*place, key], held[key]) for key in reversed(held)]
        elif _is_records(held) and 0 < _length(place) <= _LONGEST:
            name = ".".join(place)
            found.setdefault(name, _Records(name, place, held))
    return list(found.values())


def _is_records(held: Any) -> bool:
    return isinstance(held, list) and bool(held) and all(isinstance(record, dict) and record for record in held)


def _read_list(name: str, found: list[_Records], given: TableReading) -> Reading:
    """The list of records that was chosen, or the longest one."""
    sheets = tuple(
        Sheet(name=one.name, rows=len(one.records), columns=len(set(chain.from_iterable(one.records)))) for one in found
    )
    chosen = max(found, key=lambda one: len(one.records))
    if given.sheet is not None:
        chosen = next((one for one in found if one.name == given.sheet), chosen)
        if chosen.name != given.sheet:
            raise TableError(
                f"{name} has no records under {given.sheet!r}: choose {listed([one.name for one in found], 20)}."
            )
    place = chosen.place
    records = chosen.records
    found.clear()
    reading = _of_records(name, records, {"place": place})
    several = f"; the file has {count(len(sheets), 'list')} of records" if len(sheets) > 1 else ""
    text = f"The rows are the records under {listed([given.sheet or '.'.join(place)])}{several}."
    reading.noted.insert(0, Note(kind="sheet", text=text, count=len(sheets), decision="sheet"))
    decided = TableReading(sheet=".".join(place))
    return Reading(reading.frame, reading.reader, reading.options, reading.noted, decided=decided, sheets=sheets)


def _read_json(name: str, content: bytes, form: dict[str, Any]) -> Reading:
    if form.get("orient") != "columns" and _OBJECT.search(content):
        lines = {"lines": True} if form.get("lines") else {}
        with readable(name, "JSON"):
            records = json_records(content, [], bool(lines))
        if any(isinstance(cell, dict) for record in records if isinstance(record, dict) for cell in record.values()):
            return _of_records(name, records, {"place": [], **lines})
        del records  # Their cells only look so: in a text.
    options = {**form, **_JSON, **({"encoding": "utf-8-sig"} if content.startswith(_MARK) else {})}
    with readable(name, "JSON"):
        frame = pd.read_json(io.BytesIO(content), **options)
    if not isinstance(frame.index, pd.RangeIndex) or not all(isinstance(column, str) for column in frame.columns):
        raise TableError(f"{name} is not a list of records with names: save the table as CSV or Parquet.")
    lists = [
        column
        for column, dtype in frame.dtypes.items()
        if pd.api.types.is_object_dtype(dtype) and frame[column].map(lambda cell: isinstance(cell, dict | list)).any()
    ]
    if lists and len(lists) == len(frame.columns):
        raise TableError(f"{name} holds only records and lists in place of values: save it as a plain table.")
    return Reading(frame.drop(columns=lists), "read_json", options, columns_left_out(lists, "records or lists"))


def _of_records(name: str, records: list[dict[str, Any]], options: dict[str, Any]) -> Reading:
    """Records in which there may be objects: their cells are columns, too."""
    rows = len(records)
    for row, record in enumerate(records, 1):
        if not isinstance(record, dict):
            raise TableError(f"Entry {row:,} of {name} is not a record: expected {{...}} everywhere in the list.")
    columns = json_columns(records)
    records.clear()
    _check_size(name, list(columns), rows)
    lists = [
        ".".join(keys) for keys, (_, cells) in columns.items() if any(isinstance(cell, list | dict) for cell in cells)
    ]
    frame = json_frame(columns, rows)
    if frame.empty:
        raise TableError(f"{name} holds only lists in place of values: save it as a plain table.")
    return Reading(frame, "json_table", options, columns_left_out(lists, "records or lists"))


def _check_size(name: str, columns: list[tuple[str, ...]], rows: int) -> None:
    """Raises TableError where the columns to which these keys lead are too many or have too long names."""
    if len(columns) > MOST_COLUMNS:
        which = shortened_name(columns[MOST_COLUMNS][-1])
        raise TableError(
            f"The records of {name} have more than {MOST_COLUMNS:,} names: leave out those from {which} on."
        )
    if rows * len(columns) > MOST_CELLS:
        raise TableError(
            f"{name} holds {count(rows, 'record')} with {len(columns):,} different names, more than {MOST_CELLS:,} "
            "cells: upload a part of them."
        )
    lengths = [_length(keys) for keys in columns]
    if max(lengths, default=0) > LONGEST_NAME or sum(lengths) > _MOST_SIGNS:
        keys = columns[lengths.index(max(lengths))]
        raise TableError(
            f"The names of cells in {name} are too long once those of nested records are joined: the longest "
            f"begins with {shortened_name(max(keys, key=len))} and has {max(lengths):,} characters. Shorten them."
        )


def _length(keys: Sequence[str]) -> int:
    """The signs of keys with points between them."""
    return sum(map(len, keys)) + len(keys) - 1
