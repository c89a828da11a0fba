"""Parquet files whose columns hold records, "product.price" and its like, or words as plain bytes.

    parquet_table("orders.parquet", columns=["product.price", "y"])     the options are those of `pandas.read_parquet`

The printed program carries the source of these functions.
"""

import io
from typing import Any

import pandas as pd

from core.tables.byte_words import with_words


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
