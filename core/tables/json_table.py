"""Records of JSON to columns: an object within a record becomes columns of its own, "product.price".

    json_table("orders.json", place=["data", "items"])     the rows are the list that stands so: {"data": {"items": []}}

The printed program carries the source of these functions.
"""

import json
from typing import Any

import numpy as np
import pandas as pd


def json_table(file: str, place: list[str], lines: bool = False) -> pd.DataFrame:
    """The records of a file as a table: those of the list to which the keys in `place` lead, or with `lines` those that
    stand in a line each.
    """
    with open(file, "rb") as opened:  # noqa: PTH123 (a program has a path as text, and needs no pathlib)
        records = json_records(opened.read(), place, lines)
    return json_frame(json_columns(records), len(records))


def json_records(content: bytes, place: list[str], lines: bool) -> list[dict[str, Any]]:
    """The records of a file as JSON has them."""
    if lines:
        return [json.loads(line) for line in content.removeprefix(b"\xef\xbb\xbf").split(b"\n") if line.strip()]
    found = json.loads(content)
    for key in place:
        found = found[key]
    return as_records(found)


def as_records(found: Any) -> Any:
    """Rows that are written otherwise as records: lists of cells below a list of names, [["a", "b"], [1, 2]]; names
    beside rows, {"columns": ["a"], "data": [[1]]}; cells by rows' labels, {"a": {"0": 1}} as pandas writes them, and
    {"2024-01-05": {"a": 1}}, whose labels become a column. What is none of these stays.
    """
    if isinstance(found, dict) and {"columns", "data"} <= set(found):
        found = [found["columns"], *found["data"]]
    if isinstance(found, list) and found and all(isinstance(row, list) for row in found):
        words = all(isinstance(name, str) and not name.replace(".", "").isdigit() for name in found[0])
        named = words and len(set(found[0])) == len(found[0])
        names = found[0] if named else [f"Unnamed: {at}" for at in range(max(map(len, found)))]
        return [dict(zip(names, row, strict=False)) for row in found[named:]]
    if not isinstance(found, dict) or not found or not all(isinstance(held, dict) for held in found.values()):
        return found
    labels = list(dict.fromkeys(label for held in found.values() for label in held))
    of_columns = len(found) < len(labels) or labels == [*map(str, range(len(labels)))]  # Else each object is a row.
    rows = {label: {name: held.get(label) for name, held in found.items()} for label in labels} if of_columns else found
    if all(label.isdigit() and len(label) < 8 for label in rows):  # They only count the rows.
        return list(rows.values())
    return [{"label": label, **row} for label, row in rows.items()]


def json_columns(records: list[dict[str, Any]]) -> dict[tuple[str, ...], tuple[list[int], list[Any]]]:
    """The keys that lead to a cell of a record -> the numbers of the records that have such a cell, counted from 0, and
    these cells: an object within a record has cells of its own, down to ten objects within each other.
    """
    columns: dict[tuple[str, ...], tuple[list[int], list[Any]]] = {}
    for row, record in enumerate(records):
        add_cells(columns, (), row, record)
    return columns


def add_cells(
    columns: dict[tuple[str, ...], tuple[list[int], list[Any]]], keys: tuple[str, ...], row: int, record: dict[str, Any]
) -> None:
    """Adds the cells of a record, or of an object within it to which the keys lead."""
    for name, cell in record.items():
        path = (*keys, name)
        if isinstance(cell, dict) and len(keys) < 10:
            add_cells(columns, path, row, cell)
            continue
        if path not in columns:
            columns[path] = ([], [])
        rows, cells = columns[path]
        rows.append(row)
        cells.append(np.nan if cell is None else cell)


def json_frame(columns: dict[tuple[str, ...], tuple[list[int], list[Any]]], rows: int) -> pd.DataFrame:
    """Columns of so many records, without those that hold lists, and without those that are missing where they are no
    object: beside "product.price", "product" alone says nothing.
    """
    objects = {keys[:depth] for keys in columns for depth in range(1, len(keys))}
    frame: dict[str, list[Any]] = {}
    for keys, (places, cells) in columns.items():
        empty = keys in objects and all(cell is np.nan for cell in cells)
        if empty or any(isinstance(cell, list | dict) for cell in cells):
            continue
        name = new = ".".join(keys)
        number = 0
        while new in frame:
            number += 1
            new = f"{name}.{number}"
        if len(cells) < rows:
            there, cells = zip(places, cells, strict=True), [np.nan] * rows
            for place, cell in there:
                cells[place] = cell
        frame[new] = cells
    return pd.DataFrame(frame)
