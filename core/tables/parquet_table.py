"""Parquet files whose columns hold records, "product.price" and its like, or words as plain bytes.

    parquet_table("orders.parquet", columns=["product.price", "y"])     the options are those of `pandas.read_parquet`

The printed program carries the source of these functions.
"""

import io
from typing import Any

import pandas as pd


def parquet_table(file: Any, **options: Any) -> pd.DataFrame:
    """The columns of a file, those of a record within a column under their names joined with points, and bytes that
    are words as words.
    """
    return pd.read_parquet(without_records(file), **options)


def without_records(file: Any) -> Any:
    """The file with columns in the place of records, down to ten records within each other, and with words in the place
    of bytes; itself where there are neither.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    whole = table = pq.read_table(file)
    if any(pa.types.is_struct(field.type) for field in table.schema):
        for _ in range(10):
            table = table.flatten()
    table = with_words(table)
    if table is whole:
        if hasattr(file, "seek"):
            file.seek(0)
        return file
    buffer = io.BytesIO()
    # pandas's notes are about the columns as they were.
    pq.write_table(table.replace_schema_metadata(None), buffer)
    buffer.seek(0)
    return buffer


def with_words(table: Any) -> Any:
    """The table with words in the place of bytes that are all UTF-8 without control characters, as Hive, Impala and old
    Spark write words; itself where there are none.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    for at, field in enumerate(table.schema):
        if field.type in (pa.binary(), pa.large_binary()):
            try:
                words = table.column(at).cast(pa.large_string() if field.type == pa.large_binary() else pa.string())
            except pa.ArrowInvalid:
                continue
            if not pc.any(pc.match_substring_regex(words, r"[\x00-\x08\x0e-\x1f]")).as_py():
                table = table.set_column(at, field.name, words)
    return table
