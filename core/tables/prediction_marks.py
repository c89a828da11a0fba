"""The marks of the numbers in a file of rows to predict for: those of the training table, unless the file's own cells
contradict. Beside a training table in which 1.200 is a thousand and more, pandas must not make 1.2 of it before anyone
sees its marks.
"""

import io
import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

import numpy as np
import pandas as pd

from core.experiment.columns import TableInfo
from core.tables import formats
from core.tables.archive import ARCHIVES, file_of_archive
from core.tables.filled_down import with_filled_down
from core.tables.number_text import NumberText

_MARKS = ("decimal", "thousands")
_POINTED = re.compile(r"[-+]?[1-9]\d{0,2}\.\d{3}")


def cells_as_text(
    frame: pd.DataFrame, info: TableInfo, content: bytes, card: dict[str, Any], columns: Mapping[str, str]
) -> tuple[dict[str, pd.Series], dict[str, Any]]:
    """The columns whose numbers the training table writes with decimal commas, their cells as text; and the card with
    the marks that the file leaves no doubt of. `columns` is feature -> column.
    """
    numbers = card.get("numbers", {})
    own = {mark: info.options[mark] for mark in _MARKS if mark in info.options}
    if own and own.get("decimal") == numbers.get("decimal"):  # It may have none of the training table's thousands.
        own = {mark: numbers[mark] for mark in _MARKS if numbers.get(mark)} | own
    decided = any(mark in card.get("reading", {}) for mark in _MARKS)
    if own and ("decimal" in own or decided or numbers.get("decimal", ".") == "."):
        numbers = {**numbers, "decimal": ".", "thousands": "", **own}
        card = {**card, "numbers": numbers}
    doubtful = []
    for feature in card["features"]:
        name, reading = feature["name"], numbers.get("columns", {}).get(feature["name"], {})
        number = feature["kind"] == "number" and reading.get("as", "number") == "number"
        percents = info.reader == "read_excel" and reading.get("unit") == "%"  # They may be typed as fractions of 1.
        if name in columns and number and not percents and NumberText.of(numbers, name).decimal == ",":
            doubtful.append(columns[name])
    return _as_text(frame, info, content, doubtful), card


def points_in_doubt(
    frame: pd.DataFrame, info: TableInfo, content: bytes, card: dict[str, Any], columns: Mapping[str, str]
) -> list[str]:
    """What is said of columns of numbers like 1.200, read as 1.2, where the training rows are whole numbers and show no
    mark.
    """
    numbers, notes = card.get("numbers", {}), []
    for feature in card["features"]:
        column = columns.get(feature["name"], "")
        if info.reader != "read_csv" or not column or not feature.get("whole") or feature["kind"] != "number":
            continue
        read_by_itself = feature["name"] in numbers.get("columns", {})
        if read_by_itself or numbers.get("thousands") or not pd.api.types.is_float_dtype(frame[column]):
            continue
        values = frame[column].to_numpy(dtype=float)
        if not (np.isfinite(values) & (np.floor(values) != values)).any():
            continue
        if not (cells := _as_text(frame, info, content, [column])):
            continue
        text = cells[column].dropna().str.strip()
        pointed = text[text.str.contains(".", regex=False)]
        if len(pointed) and pointed.str.fullmatch(_POINTED.pattern).all():
            notes.append(
                f"Numbers like {pointed.iloc[0]} of {column!r} were read with a decimal point, as "
                f"{float(pointed.iloc[0]):.10g}, although the training rows hold whole numbers. If "
                "the point separates thousands, leave it out."
            )
    return notes


def _as_text(frame: pd.DataFrame, info: TableInfo, content: bytes, columns: list[str]) -> dict[str, pd.Series]:
    """The columns with their cells as the file has them: of a text file as text, of a workbook as they are typed."""
    if info.reader == "read_csv":
        columns = [column for column in columns if pd.api.types.is_numeric_dtype(frame[column])]
    elif info.reader == "read_excel":
        columns = [column for column in columns if not pd.api.types.is_datetime64_any_dtype(frame[column])]
    cells = cells_of_file(frame, info, content, columns)
    if info.reader == "read_excel":  # Numbers alone are as pandas has read them.
        cells = {name: one for name, one in cells.items() if one.map(lambda cell: isinstance(cell, str)).any()}
    return cells


def cells_of_file(frame: pd.DataFrame, info: TableInfo, content: bytes, columns: list[str]) -> dict[str, pd.Series]:
    """Columns with their cells as a file has them, those of a text file as text; nothing where the file has other rows
    than the frame.
    """
    if not columns or info.headings:
        return {}
    if info.reader not in ("read_csv", "read_excel"):  # Their text is text, and their numbers are numbers.
        read = formats.read(info.name, content, info.decided.model_copy(update={"columns": {}}), cells=True).frame
        return {column: read[column] for column in columns if column in read} if len(read) == len(frame) else {}
    options = {option: value for option, value in info.options.items() if option not in _MARKS}
    how = "str" if info.reader == "read_csv" else "object"
    options["dtype"] = options.get("dtype", {}) | dict.fromkeys(columns, how)
    if info.reader == "read_csv":
        packed = PurePath(info.name).suffix.lower() in ARCHIVES and "compression" not in options
        content = file_of_archive(info.name, content, info.decided.sheet).content if packed else content
        read = pd.read_csv(io.BytesIO(content), **options)
    else:
        read = pd.read_excel(io.BytesIO(content), **options)
    if len(read) != len(frame):
        return {}
    read = with_filled_down(read, [column for column in info.filled_down if column in columns])
    return {column: read[column] for column in columns}
