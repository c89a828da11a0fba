"""A column of as many different cells as rows is read in parts, with the outcome of reading it whole, and in little
more memory than its file and its table take.
"""

import io
import tracemalloc
import zipfile
from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.tables import cell_reading_dates, different_cells
from core.tables.cell_numbers import cell_text
from core.tables.cell_reading import column_readings
from core.tables.cell_values import CELL_READERS, cell_values, part_values
from core.tables.different_cells import DifferentCells
from core.tables.reader_process import ReaderProcess
from core.tables.sources import TableStore, read_bytes
from core.tables.text_parts import read_csv_in_parts
from core.tables.workbook import Workbook

FEW, MANY = 20_000, 220_000  # Rows; what they differ in memory does not hang on what the process itself takes.
MOST = 10  # Times the larger of file and table. It is 3 to 5; dates and prices took over 20, all cells at once.


def different(kind: str, rows: int) -> list[str]:
    """As many different cells as rows."""
    moments = pd.date_range("1990-01-01", periods=rows, freq="47min")
    return {
        "dates": lambda: moments.strftime("%d.%m.%Y %H:%M:%S").tolist(),
        "prices": lambda: [f"${price:,.2f}" for price in np.random.default_rng(0).uniform(1, 9e6, rows)],
        "texts": lambda: [f"row {at} is about word {at % 500} and more" for at in range(rows)],
        "times taken": lambda: [f"{at // 3600}h {at // 60 % 60}m {at % 60}s" for at in range(rows)],
    }[kind]()


@pytest.mark.slow
@pytest.mark.usefixtures("fork_server")
def test_as_many_different_cells_as_rows_take_little_memory(tmp_path):
    reader, store = ReaderProcess(tmp_path / "tables"), TableStore(tmp_path)

    def most(kind: str, rows: int) -> tuple[int, int]:
        """Bytes of the process's memory at most, and of the larger of file and table."""
        content = pd.DataFrame({kind: different(kind, rows), "y": range(rows)}).to_csv(index=False).encode()
        reader.peak = 0
        info = reader.keep(store, "rows.csv", content)
        return reader.peak, max(len(content), int(store.load(info.ref).memory_usage(deep=True).sum()))

    try:
        for kind in ("dates", "prices", "texts"):
            (few, small), (many, large) = most(kind, FEW), most(kind, MANY)
            assert many - few < MOST * (large - small), kind
    finally:
        reader.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cells", "how"),
    [
        (different("dates", 25_000), {"as": "date", "dates": ["day first"]}),
        (different("prices", 25_000), {"as": "number", "unit": "$"}),
        ([f"{at}" for at in range(25_000)], {"as": "number"}),
        ([f"{at}" for at in range(24_000)] + ["0.5", "TBC"] * 500, {"as": "number"}),
        ([f"{2**60 + at}" for at in range(25_000)], {"as": "number"}),
        (different("times taken", 25_000), {"as": "duration"}),
        ([f" {at} " for at in range(25_000)], {"as": "text", "missing": ["3"]}),
        ([f"{at}" for at in range(24_999)] + ["yes"], {"as": "boolean"}),
        ([f"{day}T00:00" for day in pd.date_range("1960-01-01", periods=25_000).strftime("%Y-%m-%d")], {"as": "date"}),
        (different("dates", 12_000) + ["Oct 5, 2021 2:30 PM", "2021-10-05", "no date"] * 4_000, {"as": "date"}),
    ],
)
def test_values_are_the_same_read_in_parts_and_whole(cells, how):
    column = pd.Series([*cells, None], dtype="str", name="a")
    assert column[:20_000].nunique() > 10_000
    pd.testing.assert_series_equal(cell_values(column, how, CELL_READERS), part_values(column, how, CELL_READERS))


@pytest.mark.parametrize("seed", range(20))
def test_different_cells_are_those_of_pandas(seed):
    draw = np.random.default_rng(seed)
    words = np.array([f"{' ' * (at % 3)}w{at // 2}{' ' * (at % 2)}" for at in range(400)] + ["", "\u200bw1", '="7"'])
    column = pd.Series(words[draw.integers(0, len(words) if seed % 2 else 9, 300)], dtype="str")
    column = column.where(draw.random(300) < draw.choice([0, 0.9, 1]))
    if seed == 0:
        column = pd.Series(np.unique(words), dtype="str")  # Each once.
    found = DifferentCells(column)
    which, cells = pd.factorize(column)
    assert found.which.tolist() == which.tolist()
    assert [*found.cells()] == cells.tolist()
    counts: dict[str, int] = {}
    for cell in column.dropna():
        counts[cell_text(cell)] = counts.get(cell_text(cell), 0) + 1
    assert list(found.counts().items()) == list(counts.items())
    without = {"w1", "", "no such word"}
    assert dict(found.counts(without).items()) == {word: often for word, often in counts.items() if word not in without}
    assert [*found.changed()] == [at for at, cell in enumerate(cells) if cell_text(cell) != cell]


def test_different_cells_are_not_a_second_column():
    """Among 30,000 cells of which few come twice, only their places are kept."""
    cells = [f"${at}.00 of a longer text" for at in range(29_000)] + [
        f"${at}.00 of a longer text" for at in range(1_000)
    ]
    column = pd.Series(cells, dtype="str")
    size, before = column.memory_usage(index=False, deep=True), pa.total_allocated_bytes()
    found = DifferentCells(column)
    counts = found.counts(without={"$0.00 of a longer text"})
    assert len(counts) == 28_999
    assert pa.total_allocated_bytes() - before < 0.2 * size


COLUMNS = {
    "dates": [f"{day:02}.03.2021" for day in range(1, 29)] + ["1.4.21", "TBC"],
    "named": [f"Mar {day}, 2021" for day in range(1, 29)] + ["nothing"],
    "far": [f"{year}-01-01" for year in range(1700, 1760)],
    "both": [f"{day:02}/{day % 7 + 1:02}/2021" for day in range(1, 29)] + [f"03/{day}/2021" for day in range(13, 20)],
    "seasons": [f"{year}-{(year + 1) % 100:02}" for year in range(1990, 2020)],
    "prices": [f"${at},{at % 10}00.50" for at in range(1, 40)] + ["?", "none"],
    "units": [f"{at} kg" for at in range(30)] + [f"{at} g" for at in range(10)],
    "phones": [f"{at} {at + 1} {at + 2}" for at in range(100, 140)],
    "partly": [f"{at}" for at in range(30)] + [f"C{at}" for at in range(10)],
    "bounds": [f"<{at}" if at % 9 == 0 else f"{at}" for at in range(1, 60)],
    "halves": [f"{at}/{at + 1}" for at in range(1, 12)],
    "times": [f"{at % 24:02}:{at:02}" for at in range(50)] + ["late"],
    "taken": [f"{at}:{at % 60:02}:00" for at in range(20, 70)],
    "blanks": [f" word {at}" for at in range(30)],
    "answers": ["yes", "Y", "no", "TRUE", "?"],
    "truths": ["true", "False", "TRUE", "unknown"],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", COLUMNS)
def test_what_a_column_holds_is_decided_the_same_however_many_cells_are_looked_at_together(name, monkeypatch):
    draw = np.random.default_rng(0)
    cells = np.array(COLUMNS[name])
    frame = pd.DataFrame({name: [*cells, *cells[draw.integers(0, len(cells), 100)]]}, dtype="str")
    whole = column_readings(frame)
    for block in (1, 7):
        monkeypatch.setattr(different_cells, "BLOCK", block)
        monkeypatch.setattr(cell_reading_dates, "BLOCK", block)
        assert column_readings(frame) == whole


def csv_cells(draw: np.random.Generator, rows: int) -> list[str]:
    """A column of a text file whose cells may change their sort on the way."""
    sorts = {
        "whole": lambda: f"{draw.integers(-99, 99)}",
        "decimal": lambda: f"{draw.normal():.3f}",
        "word": lambda: draw.choice(["a", "b c", '"d,e"', '"f\ng"', "caf\u00e9"]),
        "truth": lambda: draw.choice(["True", "False", "TRUE"]),
        "missing": lambda: draw.choice(["", "NA", "nan"]),
        "code": lambda: f"{draw.integers(0, 99):05}",
        "large": lambda: draw.choice(["9223372036854775808", "9007199254740993", "-1"]),
        "beyond": lambda: "123456789012345678901234567890",
    }
    cells: list[str] = []
    while len(cells) < rows:
        sort = sorts[draw.choice(list(sorts))]
        cells += [sort() for _ in range(draw.choice([1, 3, rows]))]
    return cells[:rows]


@pytest.mark.parametrize("seed", range(100))
def test_a_text_file_read_in_parts_is_the_one_that_pandas_reads_whole(seed):
    draw = np.random.default_rng(seed)
    rows = int(draw.integers(10, 80))
    lines = zip(*[csv_cells(draw, rows) for _ in range(draw.integers(1, 5))], strict=True)
    lines = [",".join(cells) for cells in lines]
    header = ",".join(f"c{at}" for at in range(lines[0].replace('"d,e"', "").count(",") + 1))
    content = "\n".join([header, *lines, ""]).encode()
    options: dict[str, object] = {"low_memory": False}
    options |= {"nrows": rows // 2} if seed % 3 == 0 else {}
    options |= {"dtype": "str", "keep_default_na": False, "na_values": []} if seed % 5 == 0 else {}
    whole = pd.read_csv(io.BytesIO(content), **options)
    parts = read_csv_in_parts(content, rows, options, part=int(draw.choice([20, 60, 200])))
    pd.testing.assert_frame_equal(parts, whole, check_exact=True)


@pytest.mark.slow
def test_a_workbook_is_not_held_in_memory_twice():
    """A value that many cells have is one object, the cells as text are made one column at a time, and the sheet's XML
    is never whole.
    """
    file = io.BytesIO()
    table = pd.DataFrame(np.random.default_rng(0).integers(0, 2_000, (4_000, 8)))
    table.to_excel(file, index=False)
    content = file.getvalue()
    with zipfile.ZipFile(file) as archive:
        xml = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    frame = table.memory_usage().sum()
    assert xml > 4 * frame
    assert most_memory(lambda: Workbook("a.xlsx", content)) < 5 * frame
    assert most_memory(lambda: read_bytes("a.xlsx", content)) < 9.5 * frame  # 12.5 when it was parsed twice.


def most_memory(call: Callable[[], object]) -> int:
    """The most bytes of Python's memory that a call takes."""
    call()  # What is kept for good is there then.
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
