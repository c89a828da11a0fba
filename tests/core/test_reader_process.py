"""Whatever an upload holds, it ends in a table or a sentence, in seconds, in little memory, and in a process that is
then gone.
"""

import gzip
import io
import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import psutil
import pyarrow as pa
import pytest

from core.tables import formats, workbook_size
from core.tables.errors import TableError
from core.tables.reader_process import Abandoned, Limits, ReaderProcess
from core.tables.sources import TableStore, read_bytes
from tests.core.hostile_files import END, SHEET, feather, growing_parquet, parquet, rows, workbook
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("fork_server")]
ROOT = Path(__file__).parents[2]
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


@pytest.fixture(params=["forkserver", "spawn"])
def start_method(request, monkeypatch):
    """Both ways in which readers are started: on Linux, and elsewhere."""
    monkeypatch.setenv("LAYERDECK_START_METHOD", request.param)
    return request.param


@pytest.fixture
def own_reader(tmp_path, start_method):
    """A reader whose processes are started in that way."""
    assert start_method
    reader = ReaderProcess(tmp_path / "tables")
    yield reader
    reader.close()


def readers(server: psutil.Process) -> list[psutil.Process]:
    """The processes that read for one: its children, or the children of its fork server."""

    def reads(process: psutil.Process) -> bool:
        try:
            command, parent = process.cmdline(), process.ppid()
        except psutil.Error:  # It has just ended.
            return False
        forked = "core.tables.reader_fork_server" in command and parent != server.pid
        return forked or "core.tables.upload_reader" in command

    return [one for one in server.children(recursive=True) if reads(one)]


def numbers(count: int) -> bytes:
    return b"a,b,c\n" + b"1.5,word,2\n" * count


def test_a_table_read_beside_the_server_is_the_one_read_directly(own_reader, tmp_path):
    reader, store = own_reader, TableStore(tmp_path / "kept")
    book = openpyxl.Workbook()
    for row in [["a", "b"], [1, True], [2, None], [3, False]]:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    files = [("a.csv", "é;b\n1;2,5\n2;\n3;$4\n".encode("latin-1")), ("b.xlsx", buffer.getvalue())]
    for name, content in files:
        direct = TableStore(tmp_path).keep(name, content)
        assert reader.keep(store, name, content) == direct
        pd.testing.assert_frame_equal(store.load(direct.ref), TableStore(tmp_path).load(direct.ref))
        pd.testing.assert_frame_equal(reader.rows(name, content)[0], read_bytes(name, content, cells=True)[0])
    assert [info.name for info in store.recent()] == ["b.xlsx", "a.csv"]
    assert list(reader._folder.glob(".*")) == []


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


def refused(limits: Limits, name: str, content: bytes, folder) -> tuple[str, ReaderProcess, float]:
    """The sentence about a file under these limits, the reader, and the seconds that it took."""
    reader = ReaderProcess(folder / "tables", limits)
    start = time.monotonic()
    try:
        with pytest.raises(TableError) as caught:
            reader.keep(TableStore(folder), name, content)
    finally:
        reader.close()
    assert list((folder / "tables").glob("*")) == [] if (folder / "tables").exists() else True
    return str(caught.value), reader, time.monotonic() - start


@pytest.mark.parametrize(
    ("limits", "name", "make", "says"),
    [
        (
            Limits(seconds=0.5),
            "a.csv",
            lambda: numbers(3_000_000),
            "a.csv could not be read within 0.5 seconds: upload fewer rows",
        ),
        (
            Limits(memory=400_000_000),
            "a.parquet",
            growing_parquet,
            "takes more than 400 MB of memory to read: upload fewer rows",
        ),
        (
            Limits(bytes=1000),
            "a.csv",
            lambda: numbers(1000),
            "a.csv has 0 MB, more than the 0 MB that an upload may have",
        ),
        (
            Limits(memory=250_000_000),
            "a.xlsx",
            lambda: workbook(SHEET, rows(1000, 10), 200),
            "a.xlsx takes more than 250 MB of memory to read",
        ),
    ],
    ids=["time", "memory", "bytes", "memory of a workbook"],
)
def test_each_limit_is_one_sentence_and_ends_the_process(tmp_path, limits, name, make, says):
    sentence, reader, seconds = refused(limits, name, make(), tmp_path)
    assert says in sentence
    assert sentence.count(".") <= 3
    assert reader.peak < limits.memory + 300_000_000
    assert seconds < 60


def test_what_is_written_is_limited_too(tmp_path):
    draw = np.random.default_rng(0).random((300_000, 8))
    content = parquet(pa.table({f"c{at}": draw[:, at] for at in range(8)}))
    assert "unpacks to more than 1 MB" in refused(Limits(written=1_000_000), "a.parquet", content, tmp_path)[0]


def test_a_reading_that_nobody_waits_for_is_ended(reader, store):
    begun, ended = threading.Event(), []
    gone = threading.Event()

    def work():
        try:
            reader.keep(store, "a.csv", numbers(8_000_000), lambda: begun.set() or gone.is_set())
        except Abandoned as error:
            ended.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    assert begun.wait(30)
    gone.set()
    thread.join(30)
    assert ended
    assert list(reader._folder.glob(".*")) == []


def test_a_process_that_breaks_down_is_a_sentence(own_reader, tmp_path):
    reader, store = own_reader, TableStore(tmp_path)
    begun = threading.Event()

    def kill() -> bool:
        begun.set()
        for one in readers(psutil.Process()):
            one.kill()
        return False

    with pytest.raises(TableError, match="the process that read it broke down"):
        reader.keep(store, "a.csv", numbers(8_000_000), kill)
    assert begun.is_set()
    assert reader.keep(store, "a.csv", b"a\n1\n2\n3\n").rows == 3  # The next upload is read by another one.


SERVER = """
import sys
from core.tables.reader_fork_server import start_reader
waiting, busy = start_reader(), start_reader()
busy.send(sys.argv[1].encode() + b"\\n")
sys.stdin.read()
"""


@pytest.mark.usefixtures("start_method")
def test_a_process_ends_with_the_server_that_started_it(tmp_path):
    (tmp_path / "upload").write_bytes(numbers(8_000_000))
    order = json.dumps({"name": "a.csv", "folder": str(tmp_path)})
    server = subprocess.Popen([sys.executable, "-c", SERVER, order], cwd=ROOT, stdin=subprocess.PIPE)
    of_server = psutil.Process(server.pid)
    until(lambda: [one.memory_info().rss > 200e6 for one in readers(of_server)].count(True) == 1, 60, "reading")
    left = of_server.children(recursive=True)
    assert len(readers(of_server)) == 2
    server.kill()
    server.wait()
    server.stdin.close()
    until(lambda: not any(alive(one) for one in left), 30, "their end")
    assert not (tmp_path / "outcome.json").exists()


def alive(process: psutil.Process) -> bool:
    """Whether it has not ended."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_one_process_waits_for_the_next_upload(own_reader, tmp_path):
    before = readers(psutil.Process())
    own_reader.prepare()
    (waiting,) = until(lambda: [one for one in readers(psutil.Process()) if one not in before])
    own_reader.prepare()
    assert [one for one in readers(psutil.Process()) if one not in before] == [waiting]
    own_reader.keep(TableStore(tmp_path), "a.csv", b"a\n1\n2\n3\n")
    assert not alive(waiting)
    until(lambda: len([one for one in readers(psutil.Process()) if one not in before]) == 1)


def test_the_fork_server_has_one_thread_and_is_replaced_when_it_dies(reader, store):
    """A fork has no other thread than the one that forked it, and would wait for what another one held."""
    (server,) = [one for one in psutil.Process().children() if "core.tables.reader_fork_server" in one.cmdline()]
    reader.prepare()
    until(lambda: readers(psutil.Process()))  # The one that waits outlives it.
    assert server.num_threads() == 1
    server.kill()
    for count in (3, 4, 5):
        assert reader.keep(store, "a.csv", b"a\n" + b"1\n" * count).rows == count


def test_limits_are_named_by_the_environment(monkeypatch):
    monkeypatch.setenv("LAYERDECK_UPLOAD_SECONDS", "7")
    monkeypatch.setenv("LAYERDECK_UPLOAD_MEMORY", "500")
    assert (Limits.of_environment().seconds, Limits.of_environment().memory) == (7, 500_000_000)
    monkeypatch.setenv("LAYERDECK_UPLOAD_SECONDS", "soon")
    assert Limits.of_environment().seconds == Limits.seconds
