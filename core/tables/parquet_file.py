"""Parquet files, read by `pandas.read_parquet`."""

import contextlib
import io
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.experiment.columns import Note, TableInfo
from core.experiment.reading import TableReading
from core.tables.arrow_records import flat_batch, flat_schema, flat_table, records_of
from core.tables.cell_reading import column_readings
from core.tables.errors import TableError
from core.tables.limits import check_growth, check_names
from core.tables.parquet_table import without_records
from core.tables.reading import Reading, columns_hold, reason_of

PARQUET = (".parquet", ".pq")
MOST_CELLS = 200_000_000  # A small file can unpack to any size.
LEFT_OUT = "lists, records or bytes"
_LEFT_OUT_OF_BLOCKS = "lists, records, bytes, durations or times of day"
_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896  # 0001-01-01 and 9999-12-31, in days since 1970-01-01.
_A_DAY = {unit: 86_400 * parts for unit, parts in (("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9))}
_LOOKED_AT = 10_000  # Rows in which cells are looked at, of a file that is read in blocks.
_CELL_BYTES, _OFFSET = 4, 8  # Of a cell of numbers, at least, and of a cell of words beside its letters.
_BLOCK = 65_536  # Rows that are looked at together.


def read_parquet(name: str, content: bytes, _given: TableReading, _cells: bool = False) -> Reading:
    """Read the columns of a Parquet file that a table can hold; nothing of its layout is left to decide."""
    with _readable(name):
        about = pq.read_metadata(io.BytesIO(content))
        if about.num_rows * about.num_columns > MOST_CELLS:
            raise TableError(
                f"{name} holds {about.num_rows:,} rows of {about.num_columns:,} columns, more than the "
                f"{MOST_CELLS:,} cells that fit into "
                "memory: upload a sample of its rows."
            )
        _check_growth(name, about, len(content))
        _check_words(name, about, pa.py_buffer(content), len(content))
        before = flat_schema(about.schema.to_arrow_schema())
        records = records_of(about.schema.to_arrow_schema())
        of_bytes = [field.name for field in before if _are_bytes(field.type)]
        content = without_records(io.BytesIO(content)).getvalue() if records or of_bytes else content
        schema = pq.read_schema(io.BytesIO(content))
        options, notes = _options(name, schema, beyond_the_calendar(pa.BufferReader(content)), whole=True)
        frame = pd.read_parquet(io.BytesIO(content), **options)
        words = [name for name in of_bytes if schema.field(name).type != before.field(name).type]
    if records:
        notes.insert(0, says_of_records(records, list(map(str, frame))))
    if words:
        notes.append(says_of_words(words))
    reader = "parquet_table" if records or words else "read_parquet"
    return Reading(frame, reader, options, [Note(kind="columns", text=text) for text in notes])


def says_of_records(records: list[str], names: list[str]) -> str:
    """What is said of columns that hold records; `names` are those that a table has instead."""
    one = next((repr(name) for name in names if name.startswith(f"{records[0]}.")), "of which none can be read")
    return f"{columns_hold(records)} records: their cells are columns, {one}."


def says_of_words(names: list[str]) -> str:
    """What is said of columns whose bytes are read as words."""
    return f"{columns_hold(names)} words as plain bytes: read as UTF-8."


def about_parquet(name: str, file: Path | pa.Buffer, ref: str) -> TableInfo:
    """How a file would be read, from its metadata and the cells of its first rows. Raises TableError."""
    with _readable(name):
        about = pq.read_metadata(file if isinstance(file, Path) else pa.BufferReader(file))
        size = file.stat().st_size if isinstance(file, Path) else file.size
        _check_growth(name, about, size)
        _check_words(name, about, file, size)
        beyond = beyond_the_calendar(file if isinstance(file, Path) else pa.BufferReader(file))
        schema = about.schema.to_arrow_schema()
        flat, records = flat_schema(schema), records_of(schema)
        options, notes = _options(name, flat, beyond)
        if records and "ignore_metadata" not in options.get("to_pandas_kwargs", {}):
            # pandas's notes are about the columns as they were.
            options["to_pandas_kwargs"] = {**options.get("to_pandas_kwargs", {}), "ignore_metadata": True}
        columns, noted = column_readings(_first_words(file, flat, options))
        if records:
            notes.insert(0, says_of_records(records, options.get("columns", flat.names)))
    return TableInfo(
        ref=ref,
        name=name,
        rows=about.num_rows,
        columns=len(options.get("columns", flat.names)),
        reader="parquet_table" if records else "read_parquet",
        options=options,
        decided=TableReading(columns=columns),
        units={name: column.unit for name, column in columns.items() if column.unit},
        notes=(*notes, *(note.text for note in noted)),
        noted=tuple(noted),
    )


def _first_words(file: Path | pa.Buffer, schema: pa.Schema, options: dict[str, Any]) -> pd.DataFrame:
    """The columns of words in the first rows of a file."""
    kept = set(options.get("columns", schema.names))
    kinds = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    words = [field.name for field in schema if field.name in kept and any(of(field.type) for of in kinds)]
    with pq.ParquetFile(file if isinstance(file, Path) else pa.BufferReader(file)) as table:
        batch = next(table.iter_batches(_LOOKED_AT, columns=words), None) if words else None
        return pd.DataFrame() if batch is None else flat_batch(batch).to_pandas(ignore_metadata=True)


def _check_growth(name: str, about: pq.FileMetaData, size: int) -> None:
    """Raises TableError where the cells of the table are very many times the size of its file."""
    check_growth(name, size, _CELL_BYTES * about.num_rows * about.num_columns)


def _check_words(name: str, about: pq.FileMetaData, file: Path | pa.Buffer, size: int) -> None:
    """Raises TableError where words that a file of `size` bytes holds once, in its dictionaries, are very many times
    that size when each row has its own.
    """
    names, unpacked = flat_schema(about.schema.to_arrow_schema()).names, 0
    for group in range(about.num_row_groups):
        for at in range(about.num_columns):
            chunk = about.row_group(group).column(at)
            column = chunk.path_in_schema
            if not chunk.has_dictionary_page or chunk.physical_type != "BYTE_ARRAY" or column not in names:
                continue
            opened = file if isinstance(file, Path) else pa.BufferReader(file)
            with pq.ParquetFile(opened, read_dictionary=[column]) as table:
                cells = flat_table(table.read_row_group(group, columns=[column])).column(0)
            for piece in cells.chunks:
                if pa.types.is_dictionary(piece.type):
                    lengths = pc.binary_length(piece.dictionary).fill_null(0)
                    unpacked += pc.sum(lengths.take(piece.indices.drop_null())).as_py() or 0
                    unpacked += _OFFSET * len(piece)
            check_growth(name, size, unpacked)


@contextlib.contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except TableError:
        raise
    except Exception as error:  # Arrow raises OSError, ArrowInvalid and others on a broken file
        raise TableError(
            f"{name} can't be read as a Parquet file ({reason_of(error)}): write it again, or save the table as CSV."
        ) from None


def beyond_the_calendar(file: Any) -> list[str]:
    """The columns of dates and moments that lie outside the years 1 to 9999, which nothing behind this can write."""
    found = []
    with pq.ParquetFile(file) as table:
        schema = flat_schema(table.schema_arrow)
        fields = [field for field in schema if pa.types.is_date(field.type) or pa.types.is_timestamp(field.type)]
        for field in fields:
            a_day = 1 if pa.types.is_date32(field.type) else _A_DAY[getattr(field.type, "unit", "ms")]
            low, high = _FIRST_DAY * a_day, (_LAST_DAY + 1) * a_day - 1
            for batch in table.iter_batches(_BLOCK, columns=[field.name]):
                numbers = flat_batch(batch).column(0).cast(pa.int32() if pa.types.is_date32(field.type) else pa.int64())
                ends = pc.min_max(numbers).as_py()
                if ends["min"] is not None and not (low <= ends["min"] and ends["max"] <= high):
                    found.append(field.name)
                    break
    return found


def _options(name: str, schema: pa.Schema, beyond: list[str], whole: bool = False) -> tuple[dict[str, Any], list[str]]:
    """What `pandas.read_parquet` is given, and what is to be said of it; columns `beyond` the calendar are left out,
    and durations and times of day unless the file is read `whole`.
    """
    check_names(name, schema.names)
    twice = [column for column, count in Counter(schema.names).items() if count > 1]
    if twice:
        raise TableError(f"{name} has several columns called {twice[0]!r}: give each column a name of its own.")
    plain = [field.name for field in schema if is_plain(field.type) or (whole and is_clock(field.type))]
    kept = [column for column in plain if column not in set(beyond)]
    left = [column for column in schema.names if column not in set(plain)]
    if plain and not kept:
        raise TableError(f"{name}: {_lie_beyond(plain)}: correct them, or upload further columns.")
    if not kept:
        raise TableError(
            f"{name} holds only lists, records or bytes: expected columns of numbers, words, dates or yes and no."
        )
    options: dict[str, Any] = {"columns": kept} if left or beyond else {}
    are = "is" if len(left) == 1 else "are"
    notes = [f"{columns_hold(left)} {LEFT_OUT if whole else _LEFT_OUT_OF_BLOCKS}, and {are} left out."] if left else []
    if beyond:
        notes.append(f"{_lie_beyond(beyond)}, and {'is' if len(beyond) == 1 else 'are'} left out.")
    conversions: dict[str, Any] = {}
    if any(pa.types.is_date(field.type) for field in schema):
        conversions["date_as_object"] = False
    if _has_notes_of_pandas(schema):
        conversions["ignore_metadata"] = True
    if conversions:
        options["to_pandas_kwargs"] = conversions
    return options, notes


def _lie_beyond(names: list[str]) -> str:
    return f"{columns_hold(names)} dates outside the years 1 to 9999"


def is_clock(kind: pa.DataType) -> bool:
    """Whether cells of an Arrow type are times of day or durations."""
    return bool(pa.types.is_time(kind) or pa.types.is_duration(kind))


def is_plain(kind: pa.DataType) -> bool:
    """Whether cells of an Arrow type are numbers, words, days or yes and no."""
    if pa.types.is_dictionary(kind):
        return is_plain(kind.value_type)
    if pa.types.is_nested(kind) or pa.types.is_time(kind) or pa.types.is_duration(kind) or pa.types.is_interval(kind):
        return False
    bytes_of = pa.types.is_fixed_size_binary(kind) or pa.types.is_binary_view(kind) or _are_bytes(kind)
    return not isinstance(kind, pa.BaseExtensionType) and not bytes_of


def _are_bytes(kind: pa.DataType) -> bool:
    """Whether cells of an Arrow type are bytes of any length, which may be words."""
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _has_notes_of_pandas(schema: pa.Schema) -> bool:
    """Whether pandas noted an index, names that are no words, or types of its own: read without its notes, all are
    ordinary columns.
    """
    notes = json.loads((schema.metadata or {}).get(b"pandas", b"{}"))
    ranges = [index for index in notes.get("index_columns", []) if isinstance(index, dict)]
    moved = len(ranges) != len(notes.get("index_columns", [])) or any(
        index["start"] != 0 or index["step"] != 1 for index in ranges
    )
    odd_names = any(level.get("pandas_type") not in ("unicode", "empty") for level in notes.get("column_indexes", []))
    # Int64, Float32
    own_types = any(str(column.get("numpy_type"))[:1].isupper() for column in notes.get("columns", []))
    return (
        moved
        or odd_names
        or own_types
        or any(column.get("numpy_type") == "boolean" for column in notes.get("columns", []))
    )
