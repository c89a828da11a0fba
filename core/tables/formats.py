"""Files of a table, each read by one function of pandas, then by `with_values`, which makes a number of a cell like
$1,200, and by nothing else.

Everything a file needs is said, so that `with_values(getattr(pandas, reader)(file, **options), as_json(columns))` gives
the same frame wherever the file is read again.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePath

from core.experiment.counts import count
from core.experiment.reading import as_json
from core.tables.cell_reading import column_readings
from core.tables.cell_values import with_values
from core.tables.errors import TableError
from core.tables.limits import LONGEST_CELL, check_cells, check_names
from core.tables.parquet_file import read_parquet
from core.tables.reading import Reading, objects_in
from core.tables.text_file import read_text
from core.tables.workbook import read_excel

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


def read(name: str, content: bytes, cells: bool = False) -> Reading:
    """Read a file by the ending of its name; a `TableError` when it can't be done or gives no rows.

    With `cells` the cells stay as the file has them, for rows that are read as another table's.
    """
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
        raise TableError(
            f"{name} has {count(columns, 'column')} and {count(rows, 'row')}: expected column names and, below them, "
            "rows of values."
        )
    check_names(name, list(map(str, reading.frame.columns)))
    if reading.reader != "read_csv" or len(content) > LONGEST_CELL:
        check_cells(name, reading.frame)
    if rows < 3:
        reading.notes.append(
            f"The table has {'one row' if rows == 1 else 'two rows'}: enough to predict for, too few to learn from."
        )
    return _with_text(reading) if cells else _with_values(reading)


def _with_text(reading: Reading) -> Reading:
    """Text in columns that mix sorts of cells, which no file of rows can hold."""
    mixed = objects_in(reading.frame)
    return replace(reading, frame=with_values(reading.frame, {name: {"as": "text"} for name in mixed}))


def _with_values(reading: Reading) -> Reading:
    """Values in the place of cells, and what is to be said of it."""
    options = reading.options
    quoted = reading.reader == "read_csv" and options.get("sep", ",") == ","  # A decimal comma would part two columns.
    decimal = options.get("decimal") or ("." if options.get("thousands") == "," or quoted else "")
    columns, noted = column_readings(reading.frame, {}, decimal)
    frame = with_values(reading.frame, as_json(columns))
    notes = [*reading.notes, *(note.text for note in noted)]
    return replace(reading, frame=frame, columns=columns, noted=noted, notes=notes)
