"""Any file ends in a frame that its options give again, or in a sentence; what is kept comes back equal."""

import datetime
import decimal
import io
import time

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.experiment.reading import as_json
from core.tables.cell_values import CELL_READERS, with_values
from core.tables.errors import TableError
from core.tables.parquet_table import parquet_table
from core.tables.profile import profile
from core.tables.samples import load_sample
from core.tables.sources import TableStore, read_bytes, read_path


def parquet(table) -> bytes:
    buffer = io.BytesIO()
    if isinstance(table, pd.DataFrame):
        table.to_parquet(buffer)
    else:
        pq.write_table(table, buffer)
    return buffer.getvalue()


def excel(*sheets) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets, 1):
        sheet = book.create_sheet(f"Sheet{number}")
        for row in rows:
            sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def far() -> bytes:
    """A workbook of a few kilobytes, with two cells in far corners."""
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD8000"] = "a", 1
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


LONG = "".join(f"{i},w{i % 7},{i / 8}\n" for i in range(25_000))

# name of the case -> file name, its bytes, the columns and the first row expected
GOOD = {
    "commas": ("a.csv", b"x,y\n1,2.5\n3,4.5\n5,6.5\n", {"x": 1, "y": 2.5}),
    "semicolons and decimal commas": ("a.csv", b"x;y\n1;2,5\n3;4,25\n5;6\n", {"x": 1, "y": 2.5}),
    "dots between thousands": ("a.csv", b"x;y\n1;1.234,56\n3;4,25\n5;12.000\n", {"x": 1, "y": 1234.56}),
    "dots between thousands beside dates": (
        "a.csv",
        b"x;y\n01.02.2020;1.234,5\n05.02.2020;4,2\n",
        {"x": pd.Timestamp("2020-02-01"), "y": 1234.5},
    ),
    "commas between thousands": ("a.csv", b'x,y\n1,"1,234"\n3,"5,678.5"\n', {"x": 1, "y": 1234.0}),
    "commas that may mean either": ("a.csv", b"x;y\n1;1,234\n3;5,678\n", {"x": 1, "y": "1,234"}),
    "lists of numbers": ("a.csv", b'x,y\n1,"1,2"\n3,"5,6,7"\n', {"x": 1, "y": "1,2"}),
    "a decimal comma with gaps": ("a.csv", b"x;y\n1;2,5\n2;NA\n3;\n", {"x": 1, "y": 2.5}),
    "one column with decimal commas": ("a.csv", b"x\n1,5\n2,5\n3,25\n", {"x": 1.5}),
    "tabs": ("a.tsv", b"x\ty\n1\tu v\n3\tw\n", {"x": 1, "y": "u v"}),
    "bars": ("a.txt", b"x|y\n1|u\n3|w\n", {"x": 1, "y": "u"}),
    "text with commas in a semicolon file": ("a.csv", b"x;y\n1;a, b\n3;c\n4;d, e, f\n", {"x": 1, "y": "a, b"}),
    "UTF-8 with a mark": ("a.csv", "é,y\n1,ü\n2,ß\n".encode("utf-8-sig"), {"é": 1, "y": "ü"}),
    "UTF-16": ("a.csv", "é\ty\n1\tü\n2\tß\n".encode("utf-16"), {"é": 1, "y": "ü"}),
    "cp1252": ("a.csv", "é,y\n1,€\n2,“ß”\n".encode("cp1252"), {"é": 1, "y": "€"}),
    "Latin-1": ("a.csv", "é,y\n1,\x81\n2,ß\n".encode("latin-1"), {"é": 1, "y": "\x81"}),
    "names that come twice": ("a.csv", b"a,a,b\n1,2,3\n4,5,6\n7,8,9\n", {"a": 1, "a.1": 2, "b": 3}),
    "blank names": ("a.csv", b",b,\n1,2,3\n4,5,6\n7,8,9\n", {"Unnamed: 0": 1, "b": 2, "Unnamed: 2": 3}),
    "a row too short": ("a.csv", b"a,b,c\n1,2,3\n4,5\n7,8,9\n", {"a": 1, "b": 2, "c": 3.0}),
    "a row too long": ("a.csv", b"a,b,c\n1,2,3\n4,5,6,7\n8,9,10\n", {"a": 1, "b": 2, "c": 3}),
    "a first row too long": ("a.csv", b"a,b,c\n1,2,3,4\n5,6,7\n8,9,10\n", {"a": 5, "b": 6, "c": 7}),
    "row names without a name": ("a.csv", b"a,b,c\nr1,1,2,3\nr2,4,5,6\n", {"Unnamed: 0": "r1", "a": 1, "b": 2, "c": 3}),
    "a separator at the end of each row": ("a.csv", b"a,b,c\n1,2,3,\n4,5,6,\n", {"a": 1, "b": 2, "c": 3}),
    "a single row that is too long": ("a.csv", b"a,b\n0,2,3,4\n", {"a": 0, "b": 2, "Unnamed: 2": 3, "Unnamed: 3": 4}),
    "title lines": ("a.csv", b"Sales of 2024\n\na;b;c\n1;2;3\n4;5;6\n", {"a": 1, "b": 2, "c": 3}),
    "line ends inside quotes": ("a.csv", b'a,b\n1,"two\nlines"\n3,one\n', {"a": 1, "b": "two\nlines"}),
    "a quote never closed": ("a.csv", b'a,b\n1,"x\n3,y\n4,z\n', {"a": 1, "b": '"x'}),
    "blanks after commas": ("a.csv", b"a, b\n1, x\n2, y\n", {"a": 1, "b": "x"}),
    "old Mac line ends": ("a.csv", b"a,b\r1,2\r3,4\r", {"a": 1, "b": 2}),
    "one column": ("a.csv", b"a\n1\n2\n3\n", {"a": 1}),
    "one row": ("a.csv", b"a,b\n1,2\n", {"a": 1, "b": 2}),
    "a column of nothing": ("a.csv", b"a,b\n1,\n2,\n", {"a": 1, "b": None}),
    "infinities": ("a.csv", b"a,b\n1,inf\n2,-inf\n", {"a": 1, "b": np.inf}),
    "yes and no with gaps": ("a.csv", b"a,b\n1,True\n2,False\n3,\n", {"a": 1, "b": True}),
    "numbers beyond 64 bits": (
        "a.csv",
        b"a,b\n1,99999999999999999999999\n2,3\n",
        {"a": 1, "b": "99999999999999999999999"},
    ),
    "question marks": ("a.csv", b"a,b\n1,?\n2,3\n", {"a": 1, "b": None}),
    "signs of money": ("a.csv", b'a,b\n1,"$1,234"\n2,$5\n', {"a": 1, "b": 1234.0}),
    "a long file whose last word is no number": (
        "a.csv",
        ("a,b,c\n" + LONG + "last,w,0\n").encode(),
        {"a": 0.0, "b": "w0", "c": 0.0},
    ),
    "Parquet": ("a.parquet", parquet(pd.DataFrame({"a": [1, 2], "b": ["x", None]})), {"a": 1, "b": "x"}),
    "Parquet with moments": (
        "a.parquet",
        parquet(pd.DataFrame({"t": pd.date_range("2024-01-01", periods=3, tz="UTC")})),
        {"t": pd.Timestamp("2024-01-01", tz="UTC")},
    ),
    "Parquet with days": (
        "a.parquet",
        parquet(pa.table({"d": [datetime.date(2024, 1, 1), None]})),
        {"d": pd.Timestamp("2024-01-01")},
    ),
    "Parquet with decimals": (
        "a.pq",
        parquet(pa.table({"d": [decimal.Decimal("1.5"), None]})),
        {"d": decimal.Decimal("1.5")},
    ),
    "Parquet with lists, records and bytes": (
        "a.parquet",
        parquet(
            pa.table(
                {
                    "a": [1, 2],
                    "l": [[1], [2, 3]],
                    "r": [{"u": 1}, {"u": 2}],
                    "b": [b"\xff\x00", b"\x80"],  # No text.
                    "t": [datetime.time(1), None],
                }
            )
        ),
        {"a": 1, "r.u": 1, "t": 1.0},
    ),
    "Parquet with an index and names that are numbers": (
        "a.parquet",
        parquet(pd.DataFrame({1: [1, 2], 2: ["x", "y"]}, index=["r", "s"])),
        {"1": 1, "2": "x", "__index_level_0__": "r"},
    ),
    "Parquet cut out of a longer table": ("a.parquet", parquet(pd.DataFrame({"a": range(9)}).iloc[4:]), {"a": 4}),
    "Parquet with nullable types": (
        "a.parquet",
        parquet(pd.DataFrame({"a": pd.array([1, None], dtype="Int64"), "b": pd.array([True, None], dtype="boolean")})),
        {"a": 1.0, "b": True},
    ),
    "Parquet with categories": (
        "a.parquet",
        parquet(pd.DataFrame({"c": pd.Categorical(["x", "y", None])})),
        {"c": "x"},
    ),
    "Parquet with nothing in a column": (
        "a.parquet",
        parquet(pa.table({"a": [1, 2], "n": pa.nulls(2)})),
        {"a": 1, "n": None},
    ),
    "Excel": ("a.xlsx", excel([["a", "b"], [1, "x"], [2, None]]), {"a": 1, "b": "x"}),
    "Excel with days": (
        "a.xlsx",
        excel([["d"], [datetime.date(2024, 1, 1)], [None]]),
        {"d": pd.Timestamp("2024-01-01")},
    ),
    "Excel with names that are numbers": (
        "a.xlsx",
        excel([[2019, "2019", datetime.datetime(2024, 1, 1)], [1, 2, 3], [4, 5, 6]]),
        {"2019": 1, "2019.1": 2, "2024-01-01": 3},
    ),
    "Excel with mixed cells": (
        "a.xlsx",
        excel([["a", "t"], [1, datetime.time(1, 2)], ["x", None]]),
        {"a": "1", "t": 1 + 2 / 60},
    ),
    "Excel with blank names and yes and no": (
        "a.xlsx",
        excel([[None, "b"], [1, True], [2, None]]),
        {"Unnamed: 0": 1, "b": True},
    ),
    "Excel with two sheets": ("a.xlsx", excel([["a"], [1], [2]], [["z"], [9]]), {"a": 1}),
    "Excel with an empty first sheet": ("a.xlsx", excel([], [["a"], [1]]), {"a": 1}),
}
SLOW = {"a long file whose last word is no number"}
GOOD_CASES = [pytest.param(*case, id=name, marks=[pytest.mark.slow] * (name in SLOW)) for name, case in GOOD.items()]
FILES = [pytest.param(*case.values[:2], id=case.id, marks=case.marks) for case in GOOD_CASES]

BAD = {
    "nothing": ("a.csv", b"", "a.csv is empty"),
    "blank lines": ("a.csv", b"\n \n\n", "a.csv is empty"),
    "a mark and nothing": ("a.csv", "".encode("utf-16"), "a.csv is empty"),
    "only names": ("a.csv", b"a,b\n", "2 columns and 0 rows"),
    "bytes called text": ("a.csv", bytes(range(256)) * 20, "not text"),
    "control characters": ("a.csv", b"a,b\n\x01\x02\x03\x04\x05\x06\n", "not text"),
    "a workbook called text": ("a.csv", excel([["a"], [1]]), "looks like a zip archive or an Excel workbook"),
    "Parquet called text": ("a.csv", parquet(pa.table({"a": [1]})), "looks like a Parquet file"),
    "broken UTF-16": ("a.csv", "a,b\n1,2\n".encode("utf-16") + b"\x00", "broken further on"),
    "lines without order": ("a.csv", b"a,b\n1,2\n1,2,3\n1,2,3,4\n1,2,3,4,5\n1,2,3\n1,2,3,4,5,6\n", "hold more cells"),
    "broken Parquet": (
        "a.parquet",
        parquet(pa.table({"a": [1]}))[:-9] + b"xxxxxPAR1",
        "can't be read as a Parquet file",
    ),
    "text called Parquet": ("a.parquet", b"a,b\n1,2\n", "can't be read as a Parquet file"),
    "Parquet of lists only": ("a.parquet", parquet(pa.table({"l": [[1], [2]]})), "only lists, records or bytes"),
    "Parquet without rows": ("a.parquet", parquet(pa.table({"a": pa.array([], pa.int64())})), "1 column and 0 rows"),
    "broken Excel": ("a.xlsx", excel([["a"], [1]])[:300], "can't be read as an Excel workbook"),
    "text called Excel": ("a.xlsx", b"a,b\n1,2\n", "can't be read as an Excel workbook"),
    "protected Excel": ("a.xlsx", b"\xd0\xcf\x11\xe0" + b"\0" * 600, "without a password"),
    "sheets without rows": ("a.xlsx", excel([], [["a"]]), "'Sheet1' of a.xlsx has no rows.* other sheets are Sheet2"),
    "Excel with a cell in a far corner": ("a.xlsx", far(), "reaches to row 8,000 of column 16,384"),
    "only names in Excel": ("a.xlsx", excel([["a", "b"]]), "has no rows"),
    "an unknown ending": ("a.docx", b"[]", r"ends with \.docx, expected one of \.csv"),
    "JSON without records": ("a.json", b"[]", "not a list of records"),
    "broken JSON": ("a.json", b'[{"a": 1}, {"a"', "can't be read as JSON"),
    "text called Feather": ("a.feather", b"a,b\n1,2\n", "can't be read as a Feather file"),
    "text called SQLite": ("a.db", b"a,b\n1,2\n", "is not an SQLite file"),
    "a broken SQLite file": ("a.db", b"SQLite format 3\0" + b"x" * 5000, "can't be read as an SQLite file"),
    "text called a gzip archive": ("a.csv.gz", b"a,b\n1,2\n", "can't be unpacked"),
    "text called a zip archive": ("a.zip", b"a,b\n1,2\n", "can't be unpacked"),
    "text called .ods": ("a.ods", b"a,b\n1,2\n", "can't be read as an Excel workbook"),
    "no ending": ("table", b"a,b\n1,2\n", "has no extension"),
}


def equal(one: pd.DataFrame, other: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(one, other, check_exact=True)


@pytest.fixture
def store(tmp_path):
    return TableStore(tmp_path)


@pytest.mark.parametrize(("name", "content", "first"), GOOD_CASES)
def test_a_file_is_read_as_its_writer_meant_it(name, content, first):
    frame, info = read_bytes(name, content)
    assert list(frame.columns) == list(first)
    assert isinstance(frame.index, pd.RangeIndex)
    row = {column: None if pd.isna(cell) else cell for column, cell in frame.iloc[0].items()}
    assert row == first
    assert (info.rows, info.columns, info.name) == (*frame.shape, name)


@pytest.mark.parametrize(("name", "content"), FILES)
def test_pandas_and_the_options_give_the_same_frame(name, content):
    frame, info = read_bytes(name, content)
    known = type(info).model_validate_json(info.model_dump_json())
    reader = parquet_table if known.reader == "parquet_table" else getattr(pd, known.reader)
    read = reader(io.BytesIO(content), **known.options)
    equal(with_values(read, as_json(known.decided.columns), CELL_READERS), frame)


@pytest.mark.parametrize(("name", "content"), FILES)
def test_a_kept_table_comes_back_equal(store, tmp_path, name, content):
    frame, info = read_bytes(name, content)
    assert store.keep(name, content) == info
    equal(store.load(info.ref), frame)
    assert TableStore(tmp_path).about(info.ref) == info


@pytest.mark.parametrize(("name", "content", "first"), GOOD_CASES)
def test_a_table_that_was_read_can_be_profiled(name, content, first):
    frame, _ = read_bytes(name, content)
    assert [column.name for column in profile(frame).columns] == list(first)


@pytest.mark.parametrize(("name", "content", "says"), BAD.values(), ids=BAD)
def test_a_bad_file_ends_in_a_sentence(store, name, content, says):
    with pytest.raises(TableError, match=says) as caught:
        store.keep(name, content)
    assert str(caught.value).endswith((".", "?"))
    assert store.recent() == []


@pytest.mark.parametrize(
    ("case", "says"),
    [
        ("semicolons and decimal commas", "separated by semicolons"),
        ("semicolons and decimal commas", "decimal comma"),
        ("commas between thousands", "separate thousands"),
        ("commas that may mean either", "1,234, which may mean thousands or decimals"),
        ("cp1252", "not UTF-8"),
        ("names that come twice", "Several columns are called 'a'"),
        ("blank names", "2 columns have no name"),
        ("a row too long", r"left out \(line 3\)"),
        ("a first row too long", r"left out \(line 2\)"),
        ("title lines", "found in line 3"),
        ("a quote never closed", "never closed"),
        ("one row", "too few to train on"),
        ("signs of money", r"'b' holds numbers like \$1,234"),
        ("Parquet with lists, records and bytes", "Columns 'l', 'b' hold lists"),
        ("Excel with mixed cells", "words and numbers side by side"),
        ("Excel with two sheets", "first sheet, 'Sheet1'"),
    ],
)
def test_what_was_noticed_is_said(case, says):
    name, content, _ = GOOD[case]
    assert pd.Series(read_bytes(name, content)[1].notes).str.contains(says).any()


def test_an_ordinary_file_needs_no_options_and_no_notes():
    _, info = read_bytes("a.csv", load_sample("penguins").to_csv(index=False).encode())
    assert (info.options, info.notes) == ({}, ())


@pytest.mark.parametrize("given", ["C:\\data\\a.csv", "../../etc/a.csv", "/a.csv"])
def test_only_the_last_part_of_a_file_name_is_kept(given):
    assert read_bytes(given, b"a\n1\n2\n3\n")[1].name == "a.csv"


@pytest.mark.slow
def test_two_thousand_columns_are_read_quickly():
    content = pd.DataFrame(np.ones((100, 2000)), columns=[f"c{i}" for i in range(2000)]).to_csv(index=False).encode()
    start = time.process_time()
    assert read_bytes("wide.csv", content)[1].columns == 2000
    assert time.process_time() - start < 8  # Seconds of work; 0.4 when nothing else runs.


def test_the_same_bytes_again_are_one_table_under_the_new_name(store):
    first = store.keep("old.csv", b"a\n1\n2\n3\n")
    assert store.keep("new.csv", b"a\n1\n2\n3\n").ref == first.ref
    assert [info.name for info in store.recent()] == ["new.csv"]


def test_recent_uploads_come_newest_first(store):
    assert store.recent() == []
    for name in ("one.csv", "two.csv", "three.csv"):
        store.keep(name, f"a\n{name}\nx\ny\n".encode())
    assert [info.name for info in store.recent()] == ["three.csv", "two.csv", "one.csv"]


def test_a_change_to_a_loaded_table_does_not_reach_the_next_reader(store):
    ref = store.keep("a.csv", b"a\n1\n2\n3\n").ref
    frame = store.load(ref)
    frame.loc[0, "a"] = 9
    assert store.load(ref)["a"].tolist() == [1, 2, 3]


def test_nothing_half_written_is_left_behind(store, tmp_path):
    sha = store.keep("a.csv", b"a\n1\n2\n3\n").ref.removeprefix("file:")
    kept = [f"{sha}.json", f"{sha}.parquet", f"{sha}.upload"]
    assert sorted(path.name for path in (tmp_path / "tables").iterdir()) == kept


def test_samples_are_loaded_and_described_by_their_name(store):
    equal(store.load("sample:penguins"), load_sample("penguins"))
    info = store.about("sample:penguins")
    assert (info.ref, info.name, info.rows, info.columns, info.reader) == (
        "sample:penguins",
        "penguins.csv",
        344,
        8,
        "read_csv",
    )


@pytest.mark.parametrize(
    "ref",
    ["file:../../etc/passwd", "file:" + "a" * 63, "file:" + "A" * 64, "file:" + "a" * 64 + "\n", "", "file:"],
)
def test_a_ref_that_is_no_ref_is_refused(store, ref):
    for ask in (store.load, store.about):
        with pytest.raises(TableError, match="names no table: expected sample:NAME"):
            ask(ref)


def test_a_path_is_refused_with_what_to_do(store):
    with pytest.raises(TableError, match=r"'a.csv' names no table: it is the path of a file, .* Upload the file"):
        store.load("a.csv")


@pytest.mark.parametrize("ask", ["load", "about"])
def test_an_upload_that_is_not_here_is_asked_for_again(store, ask):
    with pytest.raises(TableError, match="upload its file again"):
        getattr(store, ask)("file:" + "a" * 64)


def test_a_damaged_table_is_asked_for_again_and_passed_over_in_the_list(store, tmp_path):
    info = store.keep("a.csv", b"a\n1\n2\n3\n")
    for path in (tmp_path / "tables").iterdir():
        path.write_bytes(b"broken")
    with pytest.raises(TableError, match="upload its file again"):
        store.load(info.ref)
    assert store.recent() == []


def test_an_unknown_sample_is_refused_by_the_store(store):
    with pytest.raises(TableError, match="did you mean 'penguins'"):
        store.load("sample:../penguins")


def test_a_path_is_read_and_is_its_own_ref(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a;b\n1;2,5\n2;3,5\n3;4,5\n")
    frame, info = read_path(path)
    assert (info.ref, info.name) == (str(path), "a.csv")
    equal(pd.read_csv(path, **info.options), frame)
