"""Excel workbooks, read by `pandas.read_excel`."""

import io
import re
import zipfile
import zlib
from functools import cache, reduce
from typing import IO, Any

import pandas as pd

from core.tables.dialect import unique_names
from core.tables.errors import TableError
from core.tables.reading import Reading, columns_hold, objects_in, reason_of

_ZIP = b"PK\x03\x04"  # what an .xlsx file is underneath
_OLD_OR_PROTECTED = b"\xd0\xcf\x11\xe0"

_MOST_CELLS = 20_000_000  # Of a sheet, the empty ones between the others too: each is an object while it is read.
_MOST_BYTES = 2_000_000_000  # Of all parts, unpacked.
_CELL = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_LONGEST_CELL = 16


def read_excel(name: str, content: bytes) -> Reading:
    """Read the first sheet of an .xlsx workbook."""
    if content.startswith(_OLD_OR_PROTECTED):
        raise TableError(f"{name} is an old or a protected Excel workbook: open it in Excel and save it without a password as .xlsx.")
    if not content.startswith(_ZIP):
        raise TableError(
            f"{name} is not what its ending promises, and can't be read as an Excel workbook: save it again as .xlsx, or as CSV."
        )
    _not_too_large(name, content)
    try:
        with pd.ExcelFile(io.BytesIO(content)) as book:
            sheets = book.sheet_names
            frame = pd.read_excel(book)
            options: dict[str, Any] = {}
            notes = [f"The first sheet, {sheets[0]!r}, was read; the workbook has {len(sheets)}."] if len(sheets) > 1 else []
            if not all(isinstance(column, str) for column in frame.columns):
                options |= {"names": _words(frame.columns), "header": 0}
                notes.append("Column names that are numbers or dates in the sheet were read as words.")
                frame = pd.read_excel(book, **options)
            mixed = objects_in(frame)
            if mixed:
                options["dtype"] = dict.fromkeys(mixed, "str")
                notes.append(f"{columns_hold(mixed)} different sorts of cells, read as words.")
                frame = pd.read_excel(book, **options)
    except Exception as error:  # openpyxl lets through whatever zip, XML and its own code raise on a broken workbook
        raise TableError(f"{name} can't be read as an Excel workbook ({reason_of(error)}): save it again as .xlsx, or as CSV.") from None
    if frame.empty:
        others = f" The other sheets are {', '.join(sheets[1:])}." if len(sheets) > 1 else ""
        raise TableError(f"The first sheet of {name}, {sheets[0]!r}, has no rows: move the table to the first sheet.{others}")
    return Reading(frame, "read_excel", options, notes)


def _not_too_large(name: str, content: bytes) -> None:
    """Raises TableError for what a small file can unpack to: two cells in far corners make a sheet of billions."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            if sum(part.file_size for part in book.infolist()) > _MOST_BYTES:
                raise TableError(f"{name} unpacks to more than {_MOST_BYTES:,} bytes: save its table as CSV or Parquet.")
            for part in book.namelist():
                if part.startswith("xl/worksheets/") and part.endswith(".xml"):
                    rows, columns = _corner(book.open(part))
                    if rows * columns > _MOST_CELLS:
                        raise TableError(
                            f"A sheet of {name} reaches to row {rows:,} of column {columns:,}, which is more than {_MOST_CELLS:,} cells: "
                            "delete what stands far outside the table, or save it as CSV or Parquet."
                        )
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError):
        return  # Whoever reads it will say what is wrong with it.


def _corner(sheet: IO[bytes]) -> tuple[int, int]:
    """The last row and the last column that a cell of a sheet names."""
    rows, columns, rest = 0, 0, b""
    with sheet:
        while part := sheet.read(1 << 20):
            text = rest + part
            for letters, row in _CELL.findall(text):
                rows, columns = max(rows, int(row)), max(columns, _number_of(letters))
            rest = text[-_LONGEST_CELL:]  # A name may be cut in two.
    return rows, columns


@cache
def _number_of(letters: bytes) -> int:
    """A -> 1, Z -> 26, AA -> 27."""
    return reduce(lambda number, letter: 26 * number + letter - 64, letters, 0)


def _words(names: pd.Index) -> list[str]:
    """Names as words, still different: 2019, "2019" -> "2019", "2019.1"."""
    return unique_names([f"{name:%Y-%m-%d}" if hasattr(name, "strftime") else str(name) for name in names])
