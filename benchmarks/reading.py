"""Reading an upload: how much longer than pandas alone, and how much memory the reader's process takes.

The tables are made here: a wide one of 337,000 rows, columns of as many different dates, prices, words and texts, a
workbook.
"""

import io
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.measure import line, medians, seconds
from core.tables.reader_process import ReaderProcess
from core.tables.sources import TableStore, read_bytes

_ROWS, _SHEET_ROWS = 337_000, 30_000
_WITHIN = {"wide.csv": "8", "book.xlsx": "3"}  # Seconds that a person may wait.
# Dates are read slowly enough for somebody to have looked at the process: numbers alone are read between two looks, and
# nothing would be known of the memory that a small file takes.
_SMALL = ("day,other\n" + "31.12.2024,1.1.2024\n01.02.2023,3.4.2023\n" * 200).encode()
_READY = 1.0  # Seconds after which the next process waits for a file.


def main() -> None:
    """Prints seconds, and times of pandas's own reading of the file."""
    with tempfile.TemporaryDirectory() as folder:
        store = TableStore(Path(folder))
        for name, (content, pandas) in _files().items():
            found = medians({"ours": lambda: read_bytes(name, content), "pandas": pandas}, repetitions=3)  # noqa: B023
            seconds(f"{name} of {len(content) / 1e6:.0f} MB", found["ours"])
            line(f"{name}: times of pandas alone", f"{found['ours'] / found['pandas']:.1f}")
            reader = ReaderProcess(store.folder)
            idle = max(_kept(reader, store, _SMALL)[1] for _ in range(3))
            kept, peak = _kept(reader, store, content)
            seconds(
                f"{name}: from the upload's end until it is kept, in a process of its own", kept, _WITHIN.get(name, "")
            )
            frame = store.load(store.recent()[0].ref).memory_usage(deep=True).sum()
            reader.close()
            taken, larger = peak - idle, max(len(content), frame)
            line(f"{name}: memory of reading it over idle", f"{taken / 1e6:.0f} MB")
            line(f"{name}: memory, times of its table of {frame / 1e6:.0f} MB", f"{taken / frame:.1f}")
            line(f"{name}: memory, times of the larger of file and table", f"{taken / larger:.1f}", "4")


def _kept(reader: ReaderProcess, store: TableStore, content: bytes) -> tuple[float, int]:
    """Seconds until a file is read and kept, and the most bytes of memory that the reader's process took."""
    reader.peak = 0
    reader.prepare()
    time.sleep(_READY)
    begin = time.perf_counter()
    reader.keep(store, "rows.csv" if content[:2] != b"PK" else "book.xlsx", content)
    return time.perf_counter() - begin, reader.peak


def _files() -> dict[str, tuple[bytes, Callable[[], object]]]:
    """Name -> a file, and what reads it by pandas alone."""
    draw = np.random.default_rng(0)
    moments = pd.date_range("1990-01-01", periods=_ROWS, freq="47min")
    wide = pd.DataFrame({f"number {at}": draw.integers(0, 5000, _ROWS) for at in range(12)})
    wide = wide.assign(amount=draw.normal(size=_ROWS), place=draw.choice(["EWR", "LGA", "JFK"], _ROWS), at=moments)
    words = np.array([f"word {at}" for at in range(500)])
    texts = {
        "wide.csv": wide,
        "days.csv": pd.DataFrame({"day": moments.strftime("%d.%m.%Y %H:%M:%S")}),
        "named days.csv": pd.DataFrame({"day": moments.strftime("%b %d, %Y %I:%M %p")}),
        "words.csv": pd.DataFrame({f"word {at}": words[draw.integers(0, 500, _ROWS)] for at in range(8)}),
        "texts.csv": pd.DataFrame({"text": [f"row {at} is about {words[at % 500]} and more" for at in range(_ROWS)]}),
        "prices.csv": pd.DataFrame({"price": [f"${price:,.2f}" for price in draw.uniform(1, 9e6, _ROWS)]}),
    }
    found: dict[str, tuple[bytes, Callable[[], object]]] = {}
    for name, frame in texts.items():
        content = frame.assign(y=draw.normal(size=_ROWS)).to_csv(index=False).encode()
        found[name] = content, lambda content=content: pd.read_csv(io.BytesIO(content), low_memory=False)
    buffer = io.BytesIO()
    wide.iloc[:_SHEET_ROWS].to_excel(buffer, index=False)
    book = buffer.getvalue()
    found["book.xlsx"] = book, lambda: pd.read_excel(io.BytesIO(book), engine="calamine")
    return found
