"""Every kind of file gives the table that was written into it; what a file may cost is limited."""

import contextlib
import datetime
import gzip
import io
import json
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import pytest

from core.experiment.reading import TableReading
from core.tables.errors import TableError
from core.tables.profile import profile
from core.tables.reader_process import Limits, ReaderProcess
from core.tables.sources import TableStore, read_bytes, read_path
from tests.core.hostile_files import growing_parquet
from tests.core.other_workbooks import ods, record, xlsb, zipped

DAYS = [datetime.datetime(2024, 3, at) for at in range(1, 9)]
ROWS = [
    ["id", "price", "day", "word", "paid"],
    *[[at, at + 0.5, DAYS[at], "red" if at % 2 else "blau ü", at % 3 == 0] for at in range(8)],
]
TITLED = [["Prices", None, None, None, None], [], *ROWS, ["Total", 32.0, None, None, None]]


def frame() -> pd.DataFrame:
    return pd.DataFrame(ROWS[1:], columns=ROWS[0])


def feathered(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    feather.write_feather(table, buffer)
    return buffer.getvalue()


def sqlite(**tables: pd.DataFrame) -> bytes:
    database = sqlite3.connect(":memory:")
    with contextlib.closing(database):
        for name, table in tables.items():
            table.to_sql(name, database, index=False)
        return database.serialize()


def records(lines: bool) -> bytes:
    days = frame().assign(day=frame()["day"].dt.strftime("%Y-%m-%d"))
    return days.to_json(orient="records", lines=lines, force_ascii=False).encode()


FILES = {
    "a.ods": ods(Data=ROWS),
    "a.xlsb": xlsb(Data=ROWS),
    "a.feather": feathered(pa.Table.from_pandas(frame())),
    "a.arrow": feathered(pa.Table.from_pandas(frame())),
    "a.jsonl": records(lines=True),
    "a.json": records(lines=False),
    "lines.json": records(lines=True),
    "a.sqlite": sqlite(prices=frame()),
    "a.csv.gz": gzip.compress(frame().to_csv(index=False).encode()),
    "a.zip": zipped({"a.csv": frame().to_csv(index=False)}),
}


@pytest.mark.parametrize(("name", "content"), FILES.items(), ids=FILES)
def test_each_format_gives_the_columns_of_the_csv(name, content):
    csv = profile(read_bytes("a.csv", frame().to_csv(index=False).encode())[0])
    found, info = read_bytes(name, content)
    assert found["price"].tolist() == [at + 0.5 for at in range(8)]
    assert found["word"].tolist() == frame()["word"].tolist()
    told = [(column.name, column.kind, column.distinct, column.missing) for column in profile(found).columns]
    assert told == [(column.name, column.kind, column.distinct, column.missing) for column in csv.columns]
    assert (info.rows, info.columns) == (8, 5)


@pytest.mark.parametrize("write", [ods, xlsb], ids=["a.ods", "a.xlsb"])
def test_the_layout_of_other_workbooks_is_found(write, request):
    name = request.node.callspec.id
    found, info = read_bytes(name, write(Cover=[["see the next"], ["sheet"]], Data=TITLED))
    assert found.columns.tolist() == ROWS[0]
    assert len(found) == 8
    assert info.decided.sheet == "Data"


def test_an_old_workbook_is_read():
    found, _ = read_bytes("a.xls", (Path(__file__).parents[1] / "tables" / "shipments.xls").read_bytes())
    assert found.columns.tolist() == ["km", "zip", "word", "express", "day", "cost"]
    assert len(found) == 90
    assert pd.api.types.is_datetime64_any_dtype(found["day"])


def test_a_table_of_a_database_is_chosen():
    content = sqlite(one=pd.DataFrame({"a": [1]}), two=frame(), three=pd.DataFrame({"b": [1, 2, 3], "c": list("xyz")}))
    found, info = read_bytes("a.db", content)
    assert (info.decided.sheet, len(found)) == ("two", 8)
    assert [(sheet.name, sheet.rows, sheet.columns) for sheet in info.sheets] == [
        ("one", 1, 1),
        ("two", 8, 5),
        ("three", 3, 2),
    ]
    assert read_bytes("a.db", content, TableReading(sheet="three"))[0].columns.tolist() == ["b", "c"]
    with pytest.raises(TableError, match="has no table 'four': choose 'one', 'two', 'three'"):
        read_bytes("a.db", content, TableReading(sheet="four"))


def test_a_table_to_look_names_up_in_is_passed_over():
    """As a database has them in front of the table that points at them."""
    regions = pd.DataFrame({"id": range(5), "name": list("abcde")})
    sales = pd.DataFrame({"region": [at % 5 for at in range(200)], "amount": range(200)})
    frame, info = read_bytes("a.db", sqlite(regions=regions, sales=sales))
    assert (info.decided.sheet, len(frame)) == ("sales", 200)
    assert "The table 'sales' was read; the file has 2 tables." in info.notes
    assert read_bytes("a.db", sqlite(regions=regions, sales=sales.head(40)))[1].decided.sheet == "regions"


def test_a_database_that_is_in_use_is_named_so(tmp_path):
    with contextlib.closing(sqlite3.connect(tmp_path / "a.db")) as database:
        database.execute("PRAGMA journal_mode = WAL")
        frame().to_sql("data", database, index=False)
        with pytest.raises(TableError, match=r"are in the file a\.db-wal beside it"):
            read_bytes("a.db", (tmp_path / "a.db").read_bytes())
    assert len(read_bytes("a.db", (tmp_path / "a.db").read_bytes())[0]) == 8


def test_views_and_bytes_of_a_database_are_not_read():
    database = sqlite3.connect(":memory:")
    with contextlib.closing(database):
        frame().assign(raw=[b"\0"] * 8).to_sql("data", database, index=False)
        database.execute("CREATE VIEW aaa AS SELECT * FROM data, data, data")
        content = database.serialize()
    found, info = read_bytes("a.db", content)
    assert "raw" not in found
    assert [sheet.name for sheet in info.sheets] == ["data"]
    assert "Column 'raw' holds bytes, and is left out." in info.notes


def test_json_of_columns_is_a_table_and_other_shapes_say_how_to_save_them():
    columns = {"code": ["01", "02", "03"], "price": [1.5, 2.5, None]}
    for text in (json.dumps(columns), json.dumps(columns, indent=2)):
        found, info = read_bytes("a.json", text.encode())
        assert found["code"].tolist() == ["01", "02", "03"]
        assert found["price"].tolist()[:2] == [1.5, 2.5]
        again = pd.read_json(io.BytesIO(text.encode()), **info.options)
        pd.testing.assert_frame_equal(again, found)
    labelled = {"a": {"x": 1, "y": 2}, "b": {"x": 3, "y": 4}}
    for indent in (None, 2):
        with pytest.raises(TableError, match="keyed by row labels"):
            read_bytes("a.json", json.dumps(labelled, indent=indent).encode())
    assert len(read_bytes("a.json", json.dumps({"a": 1, "b": 0.5}).encode())[0]) == 1


@pytest.mark.slow
def test_a_word_that_a_parquet_file_holds_once_for_all_rows_is_refused_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr(pd, "read_parquet", lambda *_, **__: pytest.fail("it was unpacked"))
    with pytest.raises(TableError, match="unpacks to more than 200 times its size"):
        read_bytes("a.parquet", growing_parquet(900_000, 100_000))  # 90 GB of words.
    for length, count in ((10, 20_000_000), (2_000, 5_000_000)):  # Of such short ones a file knows least and greatest.
        with pytest.raises(TableError, match="unpacks to more than 200 times its size"):
            read_bytes("a.parquet", growing_parquet(length, count))


def test_codes_and_lists_in_records_of_json_stay_as_they_are():
    rows = [{"zip": "01067", "at": [at], "big": 2**53 + at, "date": 20_240_101 + at} for at in range(4)]
    found, info = read_bytes("a.json", b"\xef\xbb\xbf" + json.dumps(rows).encode())
    assert found["zip"].tolist() == ["01067"] * 4
    assert found["date"].tolist() == [20_240_101 + at for at in range(4)]
    assert found["big"].tolist() == [2**53 + at for at in range(4)]
    assert "Column 'at' holds records or lists, and is left out." in info.notes


def test_an_archive_with_several_tables_names_them():
    several = zipped({"one.csv": "a,b\n1,2\n3,4\n5,6\n", "two.csv": "c,d\n1,2\n3,4\n5,6\n"})
    with pytest.raises(TableError, match=r"holds 2 files \('one.csv', 'two.csv'\)"):
        read_bytes("a.zip", several)
    found, info = read_bytes("a.zip", several, TableReading(sheet="two.csv"))
    assert found.columns.tolist() == ["c", "d"]
    assert info.decided.sheet == "two.csv"
    by_a_mac = zipped({"one.csv": "a,b\n1,2\n3,4\n5,6\n", "__MACOSX/._one.csv": "\0", ".DS_Store": "\0"})
    assert read_bytes("a.zip", by_a_mac)[0].columns.tolist() == ["a", "b"]


def far_ods() -> bytes:
    """A cell behind 900,000 rows and 16,000 columns."""
    wide = '<table:table-cell table:number-columns-repeated="16000"/>'
    cell = '<table:table-cell office:value-type="float" office:value="1"/>'
    empty = '<table:table-row table:number-rows-repeated="900000"><table:table-cell/></table:table-row>'
    return ods_of(f"{empty}<table:table-row>{wide}{cell}</table:table-row>")


def full_ods() -> bytes:
    """One row of a thousand cells that stands for a million."""
    cell = '<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="1000"/>'
    return ods_of(f'<table:table-row table:number-rows-repeated="1000000">{cell}</table:table-row>')


def ods_of(rows: str) -> bytes:
    names = " ".join(f'xmlns:{one}="urn:oasis:names:tc:opendocument:xmlns:{one}:1.0"' for one in ("office", "table"))
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": f"<office:document-content {names}><office:body><office:spreadsheet><table:table>{rows}"
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        }
    )


def xlsb_with(change: Callable[[bytes], bytes]) -> bytes:
    """A binary workbook with its sheet changed."""
    with zipfile.ZipFile(io.BytesIO(xlsb(Data=[["a", "b"], [1, 2]]))) as archive:
        parts: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
        parts["xl/worksheets/sheet1.bin"] = change(archive.read("xl/worksheets/sheet1.bin"))
    return zipped(parts)


def far_xlsb() -> bytes:
    far = record(0, struct.pack("<I", 1_000_000).ljust(17, b"\0")) + record(5, struct.pack("<IId", 16_000, 0, 1.0))
    return xlsb_with(lambda sheet: sheet.replace(record(146), far + record(146)))


def zeros_xlsb() -> bytes:
    return xlsb_with(lambda _: bytes(300_000_000))


def far_xls() -> bytes:
    """The fixture, with its last cell moved to the far corner of its sheet."""
    content = bytearray((Path(__file__).parents[1] / "tables" / "shipments.xls").read_bytes())
    at = content.rfind(struct.pack("<HHH", 0x027E, 10, 90))  # A number in the last row.
    content[at + 4 : at + 8] = struct.pack("<HH", 65_535, 255)
    return bytes(content)


def long_gz() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    line = b"1,2,3\n" * 100_000
    return b"".join([packer.compress(b"a,b,c\n"), *(packer.compress(line) for _ in range(700)), packer.flush()])


BOMBS = {
    "far.ods": (far_ods, "reaches to row 900,001 of column 16,001"),
    "full.ods": (full_ods, "which is more than 20,000,000 cells"),
    "far.xlsb": (far_xlsb, "reaches to row 1,000,001 of column 16,001"),
    "zeros.xlsb": (zeros_xlsb, "holds a row without a number"),
    "far.xls": (far_xls, "reaches to row 65,536 of column 256"),
    "long.csv.gz": (long_gz, "unpacks to more than"),
    "long.zip": (lambda: zipped({"a.csv": b"a,b\n" + b"1,2\n" * 60_000_000}), "unpacks to more than"),
}


@pytest.mark.slow
@pytest.mark.usefixtures("fork_server")
@pytest.mark.parametrize(("name", "case"), BOMBS.items(), ids=BOMBS)
def test_a_file_that_unpacks_to_much_is_refused_early(tmp_path, name, case):
    make, says = case
    content = make()
    process = ReaderProcess(tmp_path / "tables", Limits(seconds=30))
    try:
        process.keep(TableStore(tmp_path), "a.csv", b"a,b\n1,2\n3,4\n5,6\n")
        idle = process.peak
        with pytest.raises(TableError, match=says):
            process.keep(TableStore(tmp_path), name, content)
    finally:
        process.close()
    assert process.peak - idle < 200_000_000


@pytest.mark.parametrize("name", ["missing.csv", "", "nul\0.csv"])
def test_a_path_that_cannot_be_opened_ends_in_a_sentence(tmp_path, name):
    with pytest.raises(TableError, match="can't be opened"):
        read_path(tmp_path / name)
