"""Files of a table, each read by one function of pandas and by nothing else.

What pandas gives is not touched afterwards; everything a file needs is said in the options, so that
`getattr(pandas, reader)(file, **options)` gives the same frame wherever the file is read again.
"""

import re
from collections.abc import Callable
from pathlib import PurePath

import pandas as pd

from core.tables.errors import TableError
from core.tables.parquet_file import read_parquet
from core.tables.reading import Reading, columns_hold
from core.tables.text_file import read_text
from core.tables.workbook import read_excel

_AMOUNT = re.compile(r"\s*[-+(]?\s*(?:[$€£¥]\s*[\d.,]+|[\d.,]+\s*[$€£¥%])\s*\)?\s*")
_GLANCE = 20


# The endings that can be read, in the order in which messages list them. One row adds an ending.
_FORMATS: dict[str, Callable[[str, bytes], Reading]] = {
    ".csv": read_text,
    ".tsv": read_text,
    ".tab": read_text,
    ".txt": read_text,
    ".data": read_text,
    ".parquet": read_parquet,
    ".pq": read_parquet,
    ".xlsx": read_excel,
    ".xlsm": read_excel,
}
ENDINGS: tuple[str, ...] = tuple(_FORMATS)


def read(name: str, content: bytes) -> Reading:
    """Read a file by the ending of its name; a `TableError` when it can't be done or gives no rows."""
    ending = PurePath(name).suffix.lower()
    form = _FORMATS.get(ending)
    if form is None:
        known = ", ".join(_FORMATS)
        given = f"ends with {ending}" if ending else "has no ending"
        raise TableError(f"{name} {given}, expected one of {known}: save the table as CSV, Parquet or Excel (.xlsx).")
    if not content.strip():
        raise TableError(f"{name} is empty: expected a line of column names and rows of values below it.")
    reading = form(name, content)
    rows, columns = reading.frame.shape
    if columns == 0 or rows == 0:
        raise TableError(f"{name} has {columns} columns and {rows} rows: expected column names and, below them, rows of values.")
    if rows < 3:
        reading.notes.append(f"The table has {'one row' if rows == 1 else 'two rows'}: enough to predict for, too few to learn from.")
    reading.notes.extend(_amounts(reading.frame))
    return reading


def _amounts(frame: pd.DataFrame) -> list[str]:
    """A note on words that would be numbers without their signs."""
    texts = [column for column, dtype in frame.dtypes.items() if isinstance(dtype, pd.StringDtype)]
    signed = []
    for column in texts:
        cells = frame[column].head(200).dropna().head(_GLANCE)
        if len(cells) and all(_AMOUNT.fullmatch(cell) for cell in cells):
            signed.append((column, cells.iloc[0]))
    if not signed:
        return []
    column, cell = signed[0]
    return [f"{columns_hold([name for name, _ in signed])} amounts like {cell}, read as words: remove the signs to make numbers of them."]
