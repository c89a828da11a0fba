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
    return found


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
