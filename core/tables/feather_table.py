"""Feather files whose columns hold records, "product.price" and its like, or words as plain bytes.

    feather_table("orders.feather", columns=["product.price", "y"])     the options are those of `pandas.read_feather`

The printed program carries the source of these functions.
"""

import io
from typing import Any

import pandas as pd

from core.tables.byte_words import with_words


def feather_table(file: Any, **options: Any) -> pd.DataFrame:
    """The columns of a file, those of a record within a column under their names joined with points, down to ten
    records within each other.
    """
    import pyarrow.feather as feather

    table = feather.read_table(file, memory_map=False)
    for _ in range(10):
        table = table.flatten()
    table = with_words(table)
    buffer = io.BytesIO()
    # pandas's notes are about the columns as they were.
    feather.write_feather(table.replace_schema_metadata(None), buffer, compression="uncompressed")
    buffer.seek(0)
    return pd.read_feather(buffer, **options)
