"""Whatever a file holds, it is read or refused with a sentence, in seconds and in little memory."""

import gzip
import io
import time

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.tables import formats, workbook_size
from core.tables.errors import TableError
from core.tables.reader_process import ReaderProcess
from core.tables.sources import TableStore, read_bytes
from tests.core.hostile_files import END, SHEET, feather, parquet, workbook

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("fork_server")]


WIDE = 50_000
NAMES = [f"name {place}" for place in range(WIDE)]


def wide_csv(separator: str) -> bytes:
    return (separator.join(NAMES) + "\n" + separator.join("1" * WIDE) + "\n").encode()


# What the file is -> its name, how it is made, and the sentence.
HOSTILE = {
    "rows that are empty": (
        "a.xlsx",
        lambda: workbook(block=b"<row/>" * 1000, times=20_000),
        "has row 1,048,577, and a sheet ends at row",
    ),
    "a row far away": (
        "a.xlsx",
        lambda: workbook(SHEET + b"<row r='90000000'><c><v>1</v></c></row>"),
        "has row 90,000,000",
    ),
    "a cell far away": (
        "a.xlsx",
        lambda: workbook(SHEET + b"<row><c r = 'A90000000'><v>1</v></c></row>"),
        "has a cell in row 90,000,000",
    ),
    "a cell beyond the last column": (
        "a.xlsx",
        lambda: workbook(SHEET + b"<row>" + b"<c/>" * 16_385 + b"</row>"),
        "column 16,385",
    ),
    "two far cells": (
        "a.xlsx",
        lambda: workbook(SHEET + b"<row r='1'><c r='A1'/></row><row r = '900000'><c/><c r='B900000'/></row>"),
        "but has only 3 cells",
    ),
    "a cell of 900 MB": (
        "a.xlsx",
        lambda: workbook(SHEET + b"<row><c t='inlineStr'><is><t>", b"x" * 10**6, 900),
        "text of more than 4,000,000",
    ),
    "a tag of 900 MB": (
        "a.xlsx",
        lambda: workbook(SHEET + b"<row><c a='", b"x" * 10**6, 900),
        "text of more than 4,000,000",
    ),
    "a size that is a lie": (
        "a.xlsx",
        lambda: workbook(block=b"<row><c/></row>" * 10_000, times=9000, says=100),
        "has row 1,048,577",
    ),
    "parts of 2 GB": (
        "a.xlsx",
        lambda: workbook(SHEET + b"<row>", b"<x>" + b" " * 10**6 + b"</x>", 2000),
        "unpacks to more than 100 times its size, beyond 20 MB",
    ),
    "zeros that gzip packs": (
        "a.csv.gz",
        lambda: gzip.compress(b"a,b\n" + b"0,0\n" * 40_000_000),
        "unpacks to more than 200 times its size, beyond 100 MB",
    ),
    "zeros of Feather": ("a.feather", lambda: feather(10_000_000), "unpacks to more than 200 times its size"),
    "zeros of Parquet": (
        "a.parquet",
        lambda: parquet(pa.table({f"c{at}": np.zeros(3_000_000) for at in range(40)}), compression="zstd"),
        "unpacks to more than 200 times its size",
    ),
    "entities": (
        "a.xlsx",
        lambda: workbook(b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'),
        "declares a document type",
    ),
    "XML that breaks off": ("a.xlsx", lambda: workbook(SHEET + b"<row><c></row>"), "sheet1.xml is broken"),
    "50,000 columns": (
        "a.csv",
        lambda: wide_csv(","),
        r"more than 20,000 columns: leave out those from 'name 20000' on",
    ),
    "50,000 columns with semicolons": ("a.csv", lambda: wide_csv(";"), "more than 20,000 columns"),
    "50 million columns": ("a.csv", lambda: b"," * 50_000_000, "more than 20,000 columns"),
    "a long name": (
        "a.csv",
        lambda: b"a," + b"n" * 20_000 + b"\n1,2\n",
        r"Column 2 of a.csv, 'n+\.\.\.', has a name of 20,000 characters",
    ),
    "a longer name": (
        "a.csv",
        lambda: b"a," + b"n" * 20_000_000 + b"\n1,2\n",
        r"Column 2 of a.csv, 'n+\.\.\.', has a name of",
    ),
    "a name without an end": ("a.tsv", lambda: b"n" * 60_000_000, r"Column 1 of a.tsv, 'n+\.\.\.', has a name of"),
    "a cell of 60 MB": (
        "a.csv",
        lambda: b"a,b\n1," + b"x" * 60_000_000 + b"\n2,y\n",
        "A cell of column 'b' of a.csv holds 60,000,000 characters",
    ),
    "50,000 columns of Parquet": (
        "a.parquet",
        lambda: parquet(pa.table([pa.array([1])] * 50_000, names=NAMES)),
        "more than 20,000 columns: leave out those from 'name 20000' on",
    ),
    "a long name of Parquet": (
        "a.parquet",
        lambda: parquet(pa.table({"n" * 20_000: [1, 2, 3]})),
        r"Column 1 of a.parquet, 'n+\.\.\.'",
    ),
    "days of the year 11761": (
        "a.parquet",
        lambda: parquet(pa.table({"due": pa.array([3_576_000, 5, 7], pa.date32())})),
        "Column 'due' holds dates outside the years 1 to 9999",
    ),
}


@pytest.fixture(scope="module")
def made():
    """The hostile files, each made once."""
    return {case: make() for case, (_, make, _) in HOSTILE.items()}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_ends_in_a_sentence_at_once(monkeypatch, made, case):
    monkeypatch.setattr(workbook_size, "MOST_BYTES", 300_000_000)  # For the sake of the tests' time.
    name, _, says = HOSTILE[case]
    start = time.process_time()
    with pytest.raises(TableError, match=says) as caught:
        formats.read(name, made[case])
    assert time.process_time() - start < 15  # Two were promised; other work slows even a process's own seconds.
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    "sheet",
    [
        b"<row><c><v>1</v></c><c><v>2</v></c></row>" * 600,
        b"<row r='1'><c r='A1'/></row><row r=\"2\"><c r = 'CV2' /></row><row r='11'><c r='B11'/></row>",
        b'<row\n r\t=\n"300"><c r="D300"/></row>',
        b"<row><c r='A1'/></row>" * 1001,
        b"".join(
            b'<row r="%d"><c r="A%d" s="1"/><c r="B%d"><f>A1</f><v>2</v></c></row>' % (n, n, n) for n in range(1, 502)
        ),
        b'<row r="1"><c r="A1"/></row>\n<row r="2" spans="1:9"><c r="CV2"/></row><row r="11"><c r="B11"/></row>',
    ],
)
@pytest.mark.parametrize("space", [b"", b"x:"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_cells_are_counted_however_they_are_written(monkeypatch, sheet, space, encoding):
    monkeypatch.setattr(workbook_size, "MOST_CELLS", 1000)
    whole = (
        (SHEET + sheet + END)
        .replace(b"<", b"<" + space)
        .replace(b"<" + space + b"/", b"</" + space)
        .replace(b"xmlns=", b"xmlns:x=")
    )
    with pytest.raises(TableError, match="more than 1,000 cells"):
        workbook_size.check_size("a.xlsx", workbook(whole.decode().encode(encoding), tail=b""))


def test_a_text_without_elements_is_refused_among_rows_that_are_no_elements(monkeypatch):
    """Rows within character data are passed over as bytes: they do not interrupt the text that they stand in."""
    monkeypatch.setattr(workbook_size, "_LONGEST_TEXT", 500_000)
    block = b'<row r="1"><c r="A1"/></row>' + b"x" * 3_000
    sheet = SHEET + b"<row><c t='str'><v><![CDATA[" + block * 400 + b"]]></v></c></row>"
    with pytest.raises(TableError, match="a text of more than 500,000 bytes"):
        workbook_size.check_size("a.xlsx", workbook(sheet))


def test_dates_beyond_the_calendar_are_left_out_and_named_and_the_rest_is_read():
    days = pa.table(
        {
            "day": pa.array([2_932_897, 1, None], pa.date32()),
            "moment": pa.array([-(10**15), 1, 2], pa.timestamp("s")),
            "last": pa.array([2_932_896, None, -719_162], pa.date32()),
            "y": [1, 2, 3],
        }
    )
    frame, info = read_bytes("a.parquet", parquet(days))
    assert list(frame.columns) == ["last", "y"]
    assert info.notes[0] == "Columns 'day', 'moment' hold dates outside the years 1 to 9999, and are left out."
    pd.testing.assert_frame_equal(pd.read_parquet(io.BytesIO(parquet(days)), **info.options), frame)


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    reader = ReaderProcess(tmp_path_factory.mktemp("tables"))
    yield reader
    reader.close()


@pytest.fixture
def store(reader):
    return TableStore(reader._folder.parent)


@pytest.mark.parametrize(
    "case",
    [
        *("rows that are empty", "a cell of 900 MB", "50 million columns", "parts of 2 GB"),
        *("zeros that gzip packs", "zeros of Feather", "zeros of Parquet"),
    ],
)
def test_a_hostile_file_takes_little_memory(reader, store, made, case):
    name, _, says = HOSTILE[case]
    reader.peak = 0
    with pytest.raises(TableError, match=says):
        reader.keep(store, name, made[case])
    assert reader.peak < 340e6  # pandas alone has 140 MB.
