"""Files of chance into the reader: python -m tests.core.fuzz_tables FIRST SECONDS

Prints the number of each case before it is tried, and ends with 1 at the first that is neither a sentence nor a table
to be used. In a process of its own, because a broken Parquet file may end the process that reads it: what a visitor is
told then is tested elsewhere.
"""

import io
import random
import sys
import tempfile
import traceback
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.experiment.spec import Data, Experiment
from core.tables.errors import TableError
from core.tables.profile import profile, suggest
from core.tables.situation import Tables
from core.tables.sources import TableStore
from tests.fuzzing import cases

CELLS = [
    *(
        "",
        " ",
        "1",
        "-2.5",
        "1,5",
        "1.234,5",
        "1e999",
        "-inf",
        "nan",
        "NA",
        "?",
        "None",
        "true",
        "False",
        "$1,200",
        "12 %",
        "(3)",
        "0x1F",
    ),
    *(
        "2024-03-05",
        "05/03/2024",
        "9999-12-31 23:59:59",
        "0000-00-00",
        "10:30",
        "2024-03-05T10:00:00+99:99",
        "=1+1",
        "é",
        "\u202e",
        "\0",
    ),
    *(
        "word",
        "a longer text of words",
        "x" * 300,
        "9" * 30,
        "1" * 400,
        '"',
        "'",
        '""',
        "a\nb",
        "😀",
        "\ufeff",
        "-",
        "'1",
        "١٢",
        "1_000",
    ),
]
BYTES = [
    b"\0",
    b'"',
    b",",
    b";",
    b"\n",
    b"\r",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\x1a",
    b"PAR1",
    b"PK\x03\x04",
    b"9" * 400,
]
XML = [
    b"<row/>",
    b"<c/>",
    b'<c r="ZZZ99"/>',
    b'<c t="e"><v>#N/A</v></c>',
    b'<c t="s"><v>99</v></c>',
    b'<c t="d"><v>9999-99-99</v></c>',
    b"</row>",
]
ENDINGS = (".csv", ".tsv", ".txt", ".parquet", ".xlsx", ".json")


def text(draw: random.Random) -> bytes:
    """A table as text: each column keeps to a few sorts of cells."""
    separator, columns = draw.choice([",", ";", "\t", "|"]), draw.randint(1, 6)
    names = [draw.choice([f"c{at}", "x", "", "é", "a b", *CELLS]) for at in range(columns)]
    sorts = [draw.sample(CELLS, draw.randint(1, 4)) for _ in range(columns)]
    lines = [names] + [
        [draw.choice([*sort, str(draw.randint(0, 99))]) for sort in sorts] for _ in range(draw.randint(0, 40))
    ]
    made = draw.choice(["\n", "\r\n", "\r"]).join(separator.join(line) for line in lines)
    return made.encode(draw.choice(["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"]), errors="replace")


def plain(cell: str, draw: random.Random) -> object:
    """A cell of a workbook: words, or a number, a day, yes or no in its place."""
    if draw.random() < 0.6:
        return draw.choice(
            [1, 2.5, True, None, pd.Timestamp("2024-03-05"), pd.Timestamp("9999-12-31"), -(10**15), 1e300]
        )
    return "".join(letter for letter in cell if letter >= " ")


def workbook(draw: random.Random) -> bytes:
    """A workbook, sometimes with a part that is not as it was."""
    book = openpyxl.Workbook()
    for _ in range(draw.randint(0, 20)):
        book.active.append([plain(draw.choice(CELLS), draw) for _ in range(draw.randint(1, 5))])
    buffer = io.BytesIO()
    book.save(buffer)
    if draw.random() < 0.4:
        return buffer.getvalue()
    changed = io.BytesIO()
    with zipfile.ZipFile(buffer) as whole, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as other:
        parts = whole.namelist()
        chosen = draw.choice([*parts, "xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"])
        for part in parts:
            content = whole.read(part)
            other.writestr(part, mutated(content, draw, [*BYTES, *XML]) if part == chosen else content)
    return changed.getvalue()


def parquet(draw: random.Random) -> bytes:
    """A Parquet file of columns of many types."""
    rows = draw.randint(0, 30)
    whole = [draw.randint(-(2**31), 2**31 - 1) for _ in range(rows)]
    gaps = [None if draw.random() < 0.2 else one for one in whole]
    makers: list[Callable[[], pa.Array]] = [
        lambda: pa.array(gaps, pa.int64()),
        lambda: pa.array([None if one is None else one / 7 for one in gaps], pa.float32()),
        lambda: pa.array(whole, pa.int32()).cast(pa.date32()),
        lambda: pa.array(
            [None if one is None else one * 10**6 for one in gaps],
            pa.timestamp(draw.choice(["s", "ms", "us", "ns"]), draw.choice([None, "UTC"])),
        ),
        lambda: pa.array([draw.choice([True, False, None]) for _ in range(rows)]),
        lambda: pa.array([draw.choice(CELLS) for _ in range(rows)]),
        lambda: pa.array([draw.choice(CELLS[:4]) for _ in range(rows)]).dictionary_encode(),
        lambda: pa.nulls(rows),
        lambda: pa.array([[1]] * rows),
        lambda: pa.array([b"x"] * rows),
        lambda: pa.array(np.array(whole, dtype="float64") * draw.choice([1.0, 1e300, float("nan"), float("inf")])),
        lambda: pa.array([one % 200 for one in whole], pa.uint8()),
        lambda: pa.array([None if one is None else str(one) for one in gaps]).cast(pa.decimal128(30, 3)),
    ]
    arrays = [draw.choice(makers)() for _ in range(draw.randint(1, 6))]
    buffer = io.BytesIO()
    pq.write_table(
        pa.table(arrays, names=[draw.choice([f"c{at}", "x", "é", "a.b", f"n{at}"]) for at in range(len(arrays))]),
        buffer,
    )
    return buffer.getvalue()


def mutated(content: bytes, draw: random.Random, pieces: list[bytes]) -> bytes:
    """The bytes with a few changed, cut, doubled or put in."""
    made = bytearray(content)
    for _ in range(draw.randint(1, 6)):
        at = draw.randrange(len(made) + 1)
        way = draw.randrange(5)
        if way == 0:
            made[at : at + 1] = bytes([draw.randrange(256)])
        elif way == 1:
            del made[at : at + draw.choice([1, 8, 200])]
        elif way == 2:
            made[at:at] = draw.choice(pieces)
        elif way == 3:
            made[at:at] = made[draw.randrange(len(made) + 1) :][:200]
        else:
            del made[draw.randrange(len(made) + 1) :]
    return bytes(made)


def file(draw: random.Random) -> tuple[str, bytes]:
    """A name and the bytes of a file."""
    make, ending = draw.choice([(text, ".csv"), (text, ".tsv"), (workbook, ".xlsx"), (parquet, ".parquet")])
    content = make(draw)
    if draw.random() < 0.4:
        content = mutated(content, draw, BYTES)
    return f"a{ending if draw.random() < 0.9 else draw.choice(ENDINGS)}", content


def used(store: TableStore, name: str, content: bytes) -> None:
    """Keeps a file, describes its table, and makes it ready for a training. Raises TableError."""
    info = store.keep(name, content)
    frame = store.load(info.ref)
    assert frame.shape == (info.rows, info.columns)
    outline = profile(frame)
    assert len(outline.columns) == info.columns
    tables = Tables(store)
    for target in [column.name for column in outline.columns if column.target_kind][:2]:
        experiment = Experiment(data=Data(table=info.ref, targets=(target,), features=suggest(outline, target)))
        tables.situation(experiment)
        try:
            tables.prepared(experiment)
        except TableError as error:
            said(error)


def said(error: TableError) -> None:
    assert 0 < len(str(error)) < 1000
    str(error).encode()


def main(first: int, seconds: float) -> int:
    warnings.simplefilter("ignore")
    for words, number, draw in cases("table", seconds, first):
        print(number, flush=True)
        name, content = file(draw)
        with tempfile.TemporaryDirectory() as folder:
            try:
                used(TableStore(Path(folder)), name, content)
            except TableError as error:
                said(error)
            except Exception:
                traceback.print_exc()
                print(f"{words}: {name} of {len(content)} bytes", file=sys.stderr)
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), float(sys.argv[2])))
