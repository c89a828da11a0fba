"""Whatever an upload holds, it ends in a table or a sentence, in seconds, in little memory, and in a process that is
then gone.
"""

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

from core.tables.errors import TableError
from core.tables.reader_process import Abandoned, Limits, ReaderProcess
from core.tables.sources import TableStore, read_bytes
from tests.core.hostile_files import SHEET, long_words_parquet, parquet, rows, workbook
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("fork_server")]
ROOT = Path(__file__).parents[2]


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
            long_words_parquet,
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
            lambda: workbook(SHEET, rows(1000, 10), 600),
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
