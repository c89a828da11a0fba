"""A table as a file in the format of another one: rows that came as a workbook go back as a workbook.

table_file(frame, "rows.xlsx", info.options)     TableFile("predictions.xlsx", "Excel", ..., write)
"""

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import pandas as pd

from core.tables.prediction_columns import without_formulas

_MOST_SHEET = (1_048_575, 16_384)  # Rows below the names, and columns, of a sheet.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # No cell of a workbook may hold these.
_MARKS = ("sep", "decimal")  # Of a text file, which its rows are written with again.


@dataclass(frozen=True)
class TableFile:
    """A file that is written when it is wanted.

    Attributes:
        ending: ".xlsx".
        format: What a person calls it.
        media_type: As browsers name it.
        write: Gives its bytes.
    """

    ending: str
    format: str
    media_type: str
    write: Callable[[], bytes]


def table_file(frame: pd.DataFrame, name: str, options: Mapping[str, Any]) -> TableFile:
    """The rows of `frame` in the format of the file called `name` that was read with `options`; as CSV where its format
    is not written (SQLite, an archive) or cannot hold them.
    """
    ending = PurePath(name).suffix.lower()
    if ending in (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods") and all(
        have <= most for have, most in zip(frame.shape, _MOST_SHEET, strict=True)
    ):
        media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return TableFile(".xlsx", "Excel", media_type, lambda: _workbook(frame))
    if ending in (".parquet", ".pq"):
        return TableFile(ending, "Parquet", "application/octet-stream", lambda: _binary(frame, "to_parquet"))
    if ending in (".feather", ".arrow"):
        return TableFile(ending, "Feather", "application/octet-stream", lambda: _binary(frame, "to_feather"))
    if ending in (".jsonl", ".ndjson", ".json", ".geojson"):
        lines = ending in (".jsonl", ".ndjson")
        ending = ending.replace("geo", "")  # The rows are plain records, without the geometry.
        return TableFile(ending, "JSON lines" if lines else "JSON", "application/json", lambda: _json(frame, lines))
    if ending in (".tsv", ".tab", ".txt", ".data", ".csv"):
        tabs = options.get("sep") == "\t"
        ending, said = (".tsv", "TSV") if tabs else (".csv", "CSV")
        return TableFile(
            ending, said, "text/tab-separated-values" if tabs else "text/csv", lambda: _text(frame, options)
        )
    return TableFile(".csv", "CSV", "text/csv", lambda: _text(frame, {}))


def _text(frame: pd.DataFrame, options: Mapping[str, Any]) -> bytes:
    """A text file with the separator and the decimal mark of the one that was read, in its encoding where that has all
    letters.
    """
    marks = {mark: options[mark] for mark in _MARKS if len(options.get(mark) or "") == 1}
    if marks.get("decimal") == marks.get("sep", ","):
        marks.pop("decimal", None)
    text = without_formulas(frame).to_csv(index=False, **marks)
    try:
        return text.encode(options.get("encoding") or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return text.encode()


def _workbook(frame: pd.DataFrame) -> bytes:
    """A sheet of cells; texts that a spreadsheet would carry out are not formulas in it."""
    safe = without_formulas(frame)
    for name in safe.columns[[not pd.api.types.is_numeric_dtype(kind) for kind in safe.dtypes]]:
        safe[name] = safe[name].astype(object).map(_cell)
    file = io.BytesIO()
    safe.rename(columns=_cell).to_excel(file, index=False, sheet_name="predictions")
    return file.getvalue()


def _cell(value: Any) -> Any:
    """What a cell can hold: text without control characters, moments without a zone."""
    if isinstance(value, str):
        return _CONTROL.sub("", value)
    if isinstance(value, pd.Timestamp) and value.tzinfo is not None:
        return value.tz_localize(None)
    return value


def _binary(frame: pd.DataFrame, method: str) -> bytes:
    file = io.BytesIO()
    getattr(frame.reset_index(drop=True), method)(file)
    return file.getvalue()


def _json(frame: pd.DataFrame, lines: bool) -> bytes:
    return frame.to_json(orient="records", lines=lines, date_format="iso", force_ascii=False).encode()
