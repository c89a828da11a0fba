"""Files of a table, each read by one function of pandas (records within records by `json_table`, `parquet_table` or
`feather_table`), then by `with_values`, which makes a number of a cell like $1,200, and by nothing else.

Everything a file needs is said, so that `with_values(getattr(pandas, reader)(file, **options), as_json(columns))` gives
the same frame wherever the file is read again.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import PurePath

import numpy as np

from core.experiment.columns import Note
from core.experiment.counts import count, counted
from core.experiment.reading import TableReading, as_json
from core.tables.archive import ARCHIVES, file_of_archive
from core.tables.cell_reading import column_readings
from core.tables.cell_values import CELL_READERS, cell_values, with_values
from core.tables.different_cells import free_memory
from core.tables.errors import TableError
from core.tables.json_file import read_json, read_json_lines
from core.tables.limits import LONGEST_CELL, check_cells, check_names
from core.tables.parquet_file import read_parquet
from core.tables.reading import Reading, objects_in
from core.tables.record_files import read_feather, read_sqlite
from core.tables.text_file import read_text
from core.tables.workbook import read_excel

# The endings that can be read, in the order in which messages list them. One row adds an ending.
_FORMATS: dict[str, Callable[[str, bytes, TableReading, bool], Reading]] = {
    ".csv": read_text,
    ".tsv": read_text,
    ".tab": read_text,
    ".txt": read_text,
    ".data": read_text,
    ".dat": read_text,
    ".parquet": read_parquet,
    ".pq": read_parquet,
    ".xlsx": read_excel,
    ".xlsm": read_excel,
    ".xls": read_excel,
    ".xlsb": read_excel,
    ".ods": read_excel,
    ".feather": read_feather,
    ".arrow": read_feather,
    ".jsonl": read_json_lines,
    ".ndjson": read_json_lines,
    ".json": read_json,
    ".geojson": read_json,
    ".sqlite": read_sqlite,
    ".sqlite3": read_sqlite,
    ".db": read_sqlite,
}
TEXT_ENDINGS: tuple[str, ...] = tuple(ending for ending, form in _FORMATS.items() if form is read_text)
ENDINGS: tuple[str, ...] = (*_FORMATS, *ARCHIVES)


def read(name: str, content: bytes, given: TableReading | None = None, cells: bool = False) -> Reading:
    """Read a file by the ending of its name and by what a person decided; a `TableError` when it can't be done or gives
    no rows.

    With `cells` the cells stay as the file has them, for rows that are read as another table's.
    """
    if not content or content.isspace():
        raise TableError(f"{name} is empty: expected a line of column names and rows of values below it.")
    given = given or TableReading()
    if PurePath(name).suffix.lower() in ARCHIVES:
        reading = _of_archive(name, content, given, cells)
    else:
        reading = _form(name, ENDINGS)(name, content, given, cells)
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
        few = f"The table has {'one row' if rows == 1 else 'two rows'}: enough to predict, too few to train on."
        reading.noted.append(Note(kind="rows", text=few, count=rows))
    return _with_text(reading) if cells else _with_values(reading, given)


def reader_of(name: str) -> Callable[[str, bytes, TableReading, bool], Reading] | None:
    """The function that reads files of that ending; None where there is none."""
    return _FORMATS.get(PurePath(name).suffix.lower())


def _form(name: str, endings: Sequence[str]) -> Callable[[str, bytes, TableReading, bool], Reading]:
    """The reader of a file by its name. Raises TableError where it ends with none of the endings."""
    ending = PurePath(name).suffix.lower()
    if ending in _FORMATS and ending in endings:
        return _FORMATS[ending]
    ends = f"ends with {ending}" if ending else "has no extension"
    known = ", ".join(endings)
    raise TableError(f"{name} {ends}, expected one of {known}: save the table as CSV, Parquet or Excel (.xlsx).")


def _of_archive(name: str, content: bytes, given: TableReading, cells: bool) -> Reading:
    """The text table in an archive, read by pandas out of the archive."""
    file = file_of_archive(name, content, given.sheet)
    reading = _form(file.name, TEXT_ENDINGS)(file.name, file.content, given, cells)
    noted = [*reading.noted]
    if file.member is not None:
        text = f"The archive holds {count(len(file.members), 'table')}: {file.member!r} was read."
        noted.insert(0, Note(kind="sheet", text=text, count=len(file.members), decision="sheet"))
    decided = reading.decided.model_copy(update={"sheet": file.member})
    packed = {"compression": file.compression} if file.member is None else {}
    return replace(reading, options={**reading.options, **packed}, noted=noted, decided=decided)


def _with_text(reading: Reading) -> Reading:
    """Text in columns that mix sorts of cells, which no file of rows can hold; beside percents a fraction is one."""
    frame, mixed = reading.frame, objects_in(reading.frame)
    columns, _ = column_readings(frame[mixed])
    percents = {
        name: cell_values(frame[name], how, CELL_READERS)
        for name, how in as_json(columns).items()
        if how.get("fractions")
    }
    text = with_values(frame, {name: {"as": "text"} for name in mixed}, CELL_READERS)
    written = {
        name: text[name].where(values.isna(), values.map("{:.12g} %".format)) for name, values in percents.items()
    }
    return replace(reading, frame=text.assign(**written))


def _file_rows(reading: Reading) -> np.ndarray | None:
    """The number of each row in its file or sheet, counted from 1; None where the layout does not tell."""
    first, last, skipped = reading.decided.first_row, reading.decided.last_row, reading.decided.skipped or ()
    if first is None or last is None:
        return None
    rows = np.arange(first, first + len(reading.frame) + len(set(skipped)))
    return rows[~np.isin(rows, skipped)][: len(reading.frame)] + 1


def _with_values(reading: Reading, given: TableReading) -> Reading:
    """Values in the place of cells, and what is to be said of it."""
    free_memory()
    options = reading.options
    # A decimal comma would part two columns.
    quoted = reading.reader == "read_csv" and options.get("sep", ",") == "," and reading.frame.shape[1] > 1
    decimal = options.get("decimal") or ("." if options.get("thousands") == "," or quoted else "")
    if any(note.kind == "points" for note in reading.noted):
        decimal = None  # Of its own numbers there is a doubt.
    chosen = {name: column.with_decisions(given.columns.get(name)) for name, column in reading.columns.items()}
    columns, noted = column_readings(reading.frame, {**given.columns, **chosen}, decimal, _file_rows(reading))
    free_memory()
    frame = with_values(reading.frame, as_json(columns), CELL_READERS)
    free_memory()
    reading = replace(reading, frame=frame, columns=columns, noted=[*reading.noted, *noted])
    return _without_duplicates(reading) if given.drop_duplicates else reading


def _without_duplicates(reading: Reading) -> Reading:
    """Without the rows that repeat another one in all columns, as a person decided."""
    frame = reading.frame.drop_duplicates(ignore_index=True)
    left_out = len(reading.frame) - len(frame)
    verbs = counted(left_out, "repeats another row and was", "repeat another row and were")
    text = f"{count(left_out, 'row')} {verbs} left out, as decided."
    note = Note(kind="duplicates", text=text, count=left_out, decision="drop_duplicates")
    decided = reading.decided.model_copy(update={"drop_duplicates": True})
    return replace(reading, frame=frame, noted=[*reading.noted, note], decided=decided)
