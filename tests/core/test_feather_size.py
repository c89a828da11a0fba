"""The size that a Feather file states before it is unpacked is the size of its columns."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pytest

from core.tables.feather_size import unpacked_bytes

NUMBERS = np.random.default_rng(0).normal(size=50_000)


def written(table: pa.Table, compression: str) -> bytes:
    buffer = io.BytesIO()
    feather.write_feather(table, buffer, compression=compression, chunksize=20_000)
    return buffer.getvalue()


@pytest.mark.parametrize("compression", ["zstd", "lz4"])
def test_the_bytes_of_all_columns_are_added_up(compression):
    words = pa.array(["east", "west"] * 25_000)
    table = pa.table({"number": NUMBERS, "word": words, "category": words.dictionary_encode()})
    # 8 bytes a number; 4 bytes an offset, and 4 letters, a word; 4 bytes a code, beside the two words once.
    bare = 50_000 * (8 + 8 + 4)
    assert bare <= unpacked_bytes(written(table, compression)) < 1.01 * bare


def test_what_is_not_compressed_states_nothing():
    assert unpacked_bytes(written(pa.table({"number": NUMBERS}), "uncompressed")) == 0
    assert unpacked_bytes(b"FEA1, as of old") == 0
