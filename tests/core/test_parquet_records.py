"""Parquet files with records and lists in their columns, as JSON has them."""

import datetime
import io
import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from core.experiment.reading import as_json
from core.experiment.spec import read
from core.keras_code.script_functions import sources_of
from core.tables.cell_values import CELL_READERS, with_values
from core.tables.errors import TableError
from core.tables.parquet_rows import ParquetRows
from core.tables.parquet_table import parquet_table
from core.tables.situation import Tables
from core.tables.sources import TableStore, read_bytes

ROWS = [
    {
        "y": at,
        "product": {"name": f"n{at % 3}", "price": at / 4, "size": {"w": at, "h": None if at % 5 == 0 else at + 1}},
        "tags": ["a", "b"],
        "day": datetime.date(2021, 1, 1 + at % 28),
    }
    for at in range(40)
]


def parquet(rows: list[dict], schema: pa.Schema | None = None) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), file)
    return file.getvalue()


def test_records_become_columns_and_lists_are_said_to_be_left_out(tmp_path):
    content = parquet(ROWS)
    frame, info = read_bytes("a.parquet", content)
    of_json, _ = read_bytes("a.json", json.dumps(ROWS, default=str).encode())
    assert list(frame) == ["y", "product.name", "product.price", "product.size.w", "product.size.h", "day"]
    for name in list(frame)[:-1]:
        pd.testing.assert_series_equal(frame[name], of_json[name], check_dtype=name != "product.size.h")
    assert frame["day"].tolist() == [pd.Timestamp(row["day"]) for row in ROWS]
    said = " ".join(info.notes)
    assert "Column 'product' holds records: their cells are columns, 'product.name'." in said
    assert "Column 'tags' holds lists, records or bytes, and is left out." in said
    pd.testing.assert_frame_equal(parquet_table(io.BytesIO(content), **info.options), frame)
    store = TableStore(tmp_path)
    kept = store.keep("a.parquet", content)
    pd.testing.assert_frame_equal(store.load(kept.ref), frame)
    # The program reads the file as it came, and the one that is offered beside it.
    names = {"io": io, "pd": pd, "Any": object}
    exec("\n\n".join([*sources_of("tables/byte_words").values(), *sources_of("tables/parquet_table").values()]), names)
    for file in (io.BytesIO(content), store.path(kept.ref)):
        pd.testing.assert_frame_equal(names["parquet_table"](file, **info.options), frame)


def test_a_record_that_is_missing_has_missing_cells():
    schema = pa.schema({"y": pa.int64(), "at": pa.struct({"x": pa.float64(), "word": pa.string()})})
    frame, _ = read_bytes("a.parquet", parquet([{"y": 1, "at": {"x": 2.5, "word": "a"}}, {"y": 2}, {"y": 3}], schema))
    assert frame["at.x"].isna().tolist() == [False, True, True]
    assert frame["at.word"].fillna("").tolist() == ["a", "", ""]


def test_a_record_and_a_column_of_one_name_are_refused():
    with pytest.raises(TableError, match=r"several columns called 'a\.b'"):
        read_bytes("a.parquet", parquet([{"a": {"b": 1}, "a.b": 2}] * 3))


def test_files_without_records_are_read_as_before():
    file = io.BytesIO()
    pd.DataFrame({"a": [1, 2, 3], "b": ["x", None, "y"]}).to_parquet(file)
    frame, info = read_bytes("a.parquet", file.getvalue())
    assert (info.reader, info.options) == ("read_parquet", {})
    pd.testing.assert_frame_equal(frame, pd.read_parquet(file))


def test_records_of_a_feather_file_become_columns():
    file = io.BytesIO()
    feather.write_feather(pa.Table.from_pylist(ROWS), file, compression="lz4")
    of_parquet, _ = read_bytes("a.parquet", parquet(ROWS))
    frame, info = read_bytes("a.feather", file.getvalue())
    assert list(frame) == list(of_parquet)
    pd.testing.assert_frame_equal(frame.drop(columns="day"), of_parquet.drop(columns="day"), check_dtype=False)
    assert frame["day"].tolist() == [row["day"] for row in ROWS]
    assert info.notes[0] == "Column 'product' holds records: their cells are columns, 'product.name'."
    assert "Column 'tags' holds lists, records or bytes, and is left out." in info.notes
    names = {"io": io, "pd": pd, "Any": object}
    exec("\n\n".join([*sources_of("tables/byte_words").values(), *sources_of("tables/feather_table").values()]), names)
    read = names[info.reader](io.BytesIO(file.getvalue()), **info.options)
    pd.testing.assert_frame_equal(read, frame, check_dtype=False)


def test_records_of_a_file_that_is_read_in_blocks_become_columns(tmp_path, monkeypatch):
    of_memory, _ = read_bytes("a.parquet", parquet(ROWS))
    content = parquet(ROWS)
    monkeypatch.setenv("LAYERDECK_MEMORY", "0.001")
    store = TableStore(tmp_path)
    info = store.keep("a.parquet", content)
    assert (info.reader, info.columns, info.rows) == ("parquet_table", 6, 40)
    assert info.notes[0] == "Column 'product' holds records: their cells are columns, 'product.name'."
    kept = ParquetRows(store.path(info.ref))
    assert kept.names == list(of_memory)
    pd.testing.assert_frame_equal(kept.read(kept.names), of_memory, check_dtype=False)
    pd.testing.assert_frame_equal(store.load(info.ref), of_memory, check_dtype=False)
    path = tmp_path / "b.parquet"
    path.write_bytes(content)
    tables = Tables(store, paths=True)
    data = {"table": str(path), "targets": ["y"], "features": {"product.price": "number", "product.name": "category"}}
    ready = tables.prepared(read({"version": 1, "data": {**data, "target_kinds": {"y": "number"}}}))
    assert sum(ready.sizes) == 40
    large = tables.large(str(path))
    assert large.at(np.array([3, 7]), ["product.size.w", "y"])["product.size.w"].tolist() == [3, 7]


@pytest.mark.parametrize("ending", ["parquet", "feather"])
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_durations_and_times_of_day_are_numbers(tmp_path, ending, unit):
    kind = pa.time32(unit) if unit in ("s", "ms") else pa.time64(unit)
    times = [None if at == 3 else datetime.time(at % 24, 30) for at in range(20)]
    spans = [None if at == 4 else datetime.timedelta(minutes=at) for at in range(20)]
    table = pa.table({"t": pa.array(times, kind), "d": pa.array(spans, pa.duration(unit)), "y": list(range(20))})
    file = io.BytesIO()
    (pq.write_table if ending == "parquet" else feather.write_feather)(table, file)
    frame, info = read_bytes(f"a.{ending}", file.getvalue())
    assert frame["t"].fillna(-1).tolist() == [-1 if at == 3 else at + 0.5 for at in range(20)]
    assert frame["d"].fillna(-1).tolist() == [-1 if at == 4 else 60 * at for at in range(20)]
    assert (info.decided.columns["t"].as_, info.decided.columns["d"].as_) == ("time", "duration")
    plain = getattr(pd, info.reader)(io.BytesIO(file.getvalue()), **info.options)  # As the program reads it.
    pd.testing.assert_frame_equal(with_values(plain, as_json(info.decided.columns), CELL_READERS), frame)
    store = TableStore(tmp_path)
    pd.testing.assert_frame_equal(store.load(store.keep(f"a.{ending}", file.getvalue()).ref), frame)


@pytest.mark.parametrize("ending", ["parquet", "feather"])
def test_bytes_that_are_words_are_read_as_words(ending):
    """As Hive, Impala and old Spark write words: without saying that they are text. A picture stays bytes."""
    words = pa.array([b"red", None, "gr\u00fcn".encode()] * 10, pa.binary())
    flags, pictures = pa.array([b"\x01", b"\x02", b"\x01"] * 10, pa.binary()), pa.array([b"\xff\xd8"] * 30, pa.binary())
    file = io.BytesIO()
    table = pa.table({"word": words, "flag": flags, "picture": pictures, "y": list(range(30))})
    (pq.write_table if ending == "parquet" else feather.write_feather)(table, file)
    frame, info = read_bytes(f"a.{ending}", file.getvalue())
    assert list(frame) == ["word", "y"]
    assert frame["word"].fillna("").tolist() == ["red", "", "gr\u00fcn"] * 10
    assert info.notes == (
        "Columns 'flag', 'picture' hold lists, records or bytes, and are left out.",
        "Column 'word' holds words as plain bytes: read as UTF-8.",
    )
    names = {"io": io, "pd": pd, "Any": object}
    exec(
        "\n\n".join([*sources_of("tables/byte_words").values(), *sources_of(f"tables/{ending}_table").values()]), names
    )
    pd.testing.assert_frame_equal(names[info.reader](io.BytesIO(file.getvalue()), **info.options), frame)
