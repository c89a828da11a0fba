"""Tables of the database that the server's owner configured: `LAYERDECK_DATABASE`, an SQLAlchemy URL.

A table is read as it is at that moment, into a Parquet file that is then kept like an upload, so that every run, link
and program goes on with the same rows. Nothing that a browser sends becomes a part of a query: it names one of the
tables that the database lists.
"""

import io
import os
from typing import TYPE_CHECKING, Any

import pandas as pd

from core.tables.errors import TableError
from core.tables.parquet_file import MOST_CELLS
from core.tables.reading import listed

if TYPE_CHECKING:
    from sqlalchemy import Engine

VARIABLE = "LAYERDECK_DATABASE"
_AT_ONCE = 50_000  # Rows that are fetched together.
_MOST_TABLES = 1_000
_PLAIN = {"string", "boolean", "decimal", "date", "datetime", "empty"}  # Cells that a Parquet file can hold.
# What keeps a connection from writing, by the kind of database; of others only SELECT is asked.
_READ_ONLY = {
    "sqlite": "PRAGMA query_only = ON",
    "postgresql": "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
    "mysql": "SET SESSION TRANSACTION READ ONLY",
    "mariadb": "SET SESSION TRANSACTION READ ONLY",
}


def database_tables() -> tuple[str, ...]:
    """The tables of the configured database; () where none is configured. Raises TableError when it does not answer."""
    engine = _engine()
    if engine is None:
        return ()
    try:
        from sqlalchemy import inspect

        return tuple(sorted(inspect(engine).get_table_names())[:_MOST_TABLES])
    except Exception as error:
        raise _silent(error) from None
    finally:
        engine.dispose()


def database_table(table: str) -> bytes:
    """The rows of a table as a Parquet file. Raises TableError when there is none of that name, or it is too large."""
    names, engine = database_tables(), _engine()
    if engine is None or table not in names:
        raise TableError(f"The database has no table {table!r}: choose one of {listed(list(names), 20)}.")
    try:
        frame = _rows(engine, table)
    except TableError:
        raise
    except Exception as error:
        raise _silent(error) from None
    finally:
        engine.dispose()
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()


def _engine() -> "Engine | None":
    """The database, on connections that cannot write; None where none is configured."""
    url = os.environ.get(VARIABLE)
    if not url:
        return None
    from sqlalchemy import create_engine, event

    try:
        engine = create_engine(url)
    except Exception as error:
        raise _silent(error) from None
    statement = _READ_ONLY.get(engine.dialect.name)

    def only_reads(connection: Any, _record: Any) -> None:
        if statement:
            cursor = connection.cursor()
            cursor.execute(statement)
            cursor.close()

    event.listen(engine, "connect", only_reads)
    return engine


def _rows(engine: "Engine", table: str) -> pd.DataFrame:
    from sqlalchemy import MetaData, Table, select

    parts, cells = [], 0
    with engine.connect().execution_options(stream_results=True) as connection:
        chosen = select(Table(table, MetaData(), autoload_with=engine))
        for part in pd.read_sql_query(chosen, connection, chunksize=_AT_ONCE):
            cells += part.size
            if cells > MOST_CELLS:
                raise TableError(
                    f"{table} holds more than {MOST_CELLS:,} cells: ask for a view or a smaller table of it."
                )
            parts.append(part)
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    if frame.empty:
        raise TableError(f"The table {table!r} has no rows.")
    kept = {name: pd.api.types.infer_dtype(column, skipna=True) for name, column in frame.items()}
    frame = frame[[name for name, held in kept.items() if held != "bytes"]]
    odd = [name for name in frame if pd.api.types.is_object_dtype(frame[name]) and kept[name] not in _PLAIN]
    return frame.assign(**{name: frame[name].map(str, na_action="ignore") for name in odd})


def _silent(error: Exception) -> TableError:
    """What is said of a database that does not answer: its address and its password are nobody's business."""
    return TableError(
        f"The server's database does not answer ({type(error).__name__}): tell whoever runs this "
        f"server. Its address is set in {VARIABLE}."
    )
