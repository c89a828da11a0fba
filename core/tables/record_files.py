"""Files of records: Feather, and the tables of an SQLite file."""

import contextlib
import io
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather

from core.experiment.columns import Note, Sheet
from core.experiment.counts import count
from core.experiment.reading import TableReading
from core.tables.arrow_records import flat_table, records_of
from core.tables.byte_words import with_words
from core.tables.errors import TableError
from core.tables.feather_size import unpacked_bytes
from core.tables.feather_table import feather_table
from core.tables.limits import check_growth, check_names
from core.tables.parquet_file import LEFT_OUT, MOST_CELLS, is_clock, is_plain, says_of_records, says_of_words
from core.tables.reading import Reading, columns_hold, listed, reason_of

_TIMES = 10  # A table of a database is passed over for one of so many times more rows.


def read_feather(name: str, content: bytes, _given: TableReading, _cells: bool = False) -> Reading:
    """Read the columns of a Feather file that a table can hold."""
    with readable(name, "a Feather file"):
        check_growth(name, len(content), unpacked_bytes(content))
        table = feather.read_table(pa.BufferReader(content), memory_map=False)
        check_names(name, table.schema.names)
        records = records_of(table.schema)
        table = flat_table(table)
        check_names(name, table.schema.names)
        twice = {column for column in table.schema.names if table.schema.names.count(column) > 1}
        if twice:
            raise TableError(f"{name} has several columns called {min(twice)!r}: give each column a name of its own.")
        before, table = table.schema, with_words(table)
        words = [field.name for field in table.schema if field.type != before.field(field.name).type]
        kept = [field.name for field in table.schema if is_plain(field.type) or is_clock(field.type)]
        left = [column for column in table.schema.names if column not in set(kept)]
        if not kept:
            raise TableError(f"{name} holds only lists, records or bytes: expected columns of numbers, words or dates.")
        options: dict[str, Any] = {"columns": kept} if left else {}
        frame = (feather_table if records or words else pd.read_feather)(io.BytesIO(content), **options)
    notes = columns_left_out(left, LEFT_OUT)
    if records:
        notes.insert(0, Note(kind="columns", text=says_of_records(records, list(map(str, frame)))))
    if words:
        notes.append(Note(kind="columns", text=says_of_words(words)))
    return Reading(frame, "feather_table" if records or words else "read_feather", options, notes)


def read_sqlite(name: str, content: bytes, given: TableReading, _cells: bool = False) -> Reading:
    """Read a table of an SQLite file: the one that was chosen, or the first that holds rows."""
    if not content.startswith(b"SQLite format 3\0"):
        raise TableError(f"{name} is not an SQLite file: save the table as CSV or Parquet.")
    with readable(name, "an SQLite file"), _opened(content) as database:
        tables = _tables(database)
        if not tables and content[18:20] == b"\2\2":
            raise TableError(
                f"{name} holds no table by itself: the latest changes are in the file {name}-wal beside it. Close "
                "the program that uses the database, and upload it again."
            )
        chosen = _chosen(name, tables, given.sheet)
        plain, left = _columns(database, chosen.name)
        check_names(name, plain)
        if chosen.rows * len(plain) > MOST_CELLS:
            raise TableError(f"{name} holds {count(chosen.rows, 'row')} in {chosen.name!r}: upload a part of them.")
        query = f"SELECT {', '.join(map(_quoted, plain))} FROM {_quoted(chosen.name)}"
        frame = pd.read_sql_query(query, database)
    noted = columns_left_out(left, "bytes")
    if len(tables) > 1:
        text = f"The table {chosen.name!r} was read; the file has {len(tables)} tables."
        noted.insert(0, Note(kind="sheet", text=text, count=len(tables), decision="sheet"))
    decided = TableReading(sheet=chosen.name)
    return Reading(frame, "read_sql_query", {"sql": query}, noted, decided=decided, sheets=tables)


@contextlib.contextmanager
def _opened(content: bytes) -> Iterator[sqlite3.Connection]:
    """A database that can only be read, from a file that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "upload.sqlite"
        path.write_bytes(content)
        database = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            database.execute("PRAGMA trusted_schema = OFF")
            yield database
        finally:
            database.close()


def _tables(database: sqlite3.Connection) -> tuple[Sheet, ...]:
    """The ordinary tables of a database; views and virtual tables may compute what they show."""
    found = database.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
        "AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY rowid LIMIT 1000"
    )
    tables = []
    for (table,) in found.fetchall():
        (rows,) = database.execute(f"SELECT COUNT(*) FROM {_quoted(table)}").fetchone()
        columns = len(database.execute(f"PRAGMA table_info({_quoted(table)})").fetchall())
        tables.append(Sheet(name=table, rows=rows, columns=columns))
    return tuple(tables)


def _chosen(name: str, tables: tuple[Sheet, ...], given: str | None) -> Sheet:
    if not tables:
        raise TableError(f"{name} holds no table: save the rows as CSV or Parquet.")
    if given is not None:
        found = next((table for table in tables if table.name == given), None)
        if found is None:
            raise TableError(f"{name} has no table {given!r}: choose {listed([table.name for table in tables], 20)}.")
        return found
    most = max(table.rows for table in tables)  # Beside it, a table of few rows is one to look names up in.
    large = [table for table in tables if table.rows > 2 and table.columns > 1 and table.rows * _TIMES > most]
    return large[0] if large else tables[0]


def _columns(database: sqlite3.Connection, table: str) -> tuple[list[str], list[str]]:
    """The columns that hold no bytes, and those that do."""
    names = [row[1] for row in database.execute(f"PRAGMA table_info({_quoted(table)})")]
    left = [
        column
        for column in names
        if database.execute(
            f"SELECT 1 FROM {_quoted(table)} WHERE typeof({_quoted(column)}) = 'blob' LIMIT 1"
        ).fetchone()
    ]
    return [column for column in names if column not in set(left)], left


def _quoted(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def columns_left_out(columns: list[str], what: str) -> list[Note]:
    """The note on columns that hold what no table can."""
    if not columns:
        return []
    are = "is" if len(columns) == 1 else "are"
    return [Note(kind="columns", text=f"{columns_hold(columns)} {what}, and {are} left out.", count=len(columns))]


@contextlib.contextmanager
def readable(name: str, form: str) -> Iterator[None]:
    """Raises TableError for whatever the reader of a broken file raises within."""
    try:
        yield
    except TableError:
        raise
    except Exception as error:  # Whatever Arrow, the JSON parser and SQLite raise.
        raise TableError(
            f"{name} can't be read as {form} ({reason_of(error)}): write it again, or save the table as CSV."
        ) from None
