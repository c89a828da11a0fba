"""Excel workbooks, read by `pandas.read_excel`."""

import io
from typing import Any

import pandas as pd

from core.tables.dialect import unique_names
from core.tables.errors import TableError
from core.tables.reading import Reading, reason_of
from core.tables.workbook_size import check_size

_ZIP = b"PK\x03\x04"  # what an .xlsx file is underneath
_OLD_OR_PROTECTED = b"\xd0\xcf\x11\xe0"
_ENGINE = {"engine": "calamine"}  # Nine times faster than openpyxl, and safe code: Rust.


def read_excel(name: str, content: bytes) -> Reading:
    """Read the first sheet of an .xlsx workbook."""
    if content.startswith(_OLD_OR_PROTECTED):
        raise TableError(
            f"{name} is an old or a protected Excel workbook: open it in Excel and save it without a password as .xlsx."
        )
    if not content.startswith(_ZIP):
        raise TableError(
            f"{name} is not what its ending promises, and can't be read as an Excel workbook: save it again as "
            ".xlsx, or as CSV."
        )
    check_size(name, content)
    try:
        with pd.ExcelFile(io.BytesIO(content), **_ENGINE) as book:
            sheets = book.sheet_names
            frame = pd.read_excel(book)
            options: dict[str, Any] = {}
            notes = (
                [f"The first sheet, {sheets[0]!r}, was read; the workbook has {len(sheets)}."]
                if len(sheets) > 1
                else []
            )
            if not all(isinstance(column, str) for column in frame.columns):
                options |= {"names": _words(frame.columns), "header": 0}
                notes.append("Column names that are numbers or dates in the sheet were read as words.")
                frame = pd.read_excel(book, **options)
    except Exception as error:  # Whatever zip, XML and pandas raise on a broken workbook.
        raise TableError(
            f"{name} can't be read as an Excel workbook ({reason_of(error)}): save it again as .xlsx, or as CSV."
        ) from None
    if frame.empty:
        others = f" The other sheets are {', '.join(sheets[1:])}." if len(sheets) > 1 else ""
        raise TableError(
            f"The first sheet of {name}, {sheets[0]!r}, has no rows: move the table to the first sheet.{others}"
        )
    return Reading(frame, "read_excel", {**_ENGINE, **options}, notes)


def _words(names: pd.Index) -> list[str]:
    """Names as words, still different: 2019, "2019" -> "2019", "2019.1"."""
    return unique_names([f"{name:%Y-%m-%d}" if hasattr(name, "strftime") else str(name) for name in names])
