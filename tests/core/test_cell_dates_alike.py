"""Dates are read alike: many at once as one by one, from each format of file, and by the printed program."""

import ast
import datetime as dt
import functools
import io
import itertools
import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.experiment.spec import read
from core.keras_code.script import program
from core.tables.cell_dates import cell_dates, moment_of
from core.tables.situation import Tables
from core.tables.sources import TableStore, read_bytes

SPELLINGS = pd.DataFrame(
    {
        "day": [f"Oct {1 + at % 28:02}, 2021" for at in range(40)],
        "order": [f"{1 + at % 28:02}/{1 + at % 12:02}/2021 14:{at:02}" for at in range(40)],
        "start": [f"{at % 24}:{at:02}" for at in range(40)],
        "lap": [f"{1 + at % 3}:{at:02}:10" for at in range(40)],
        "size": [*(f"{at / 4} kg" for at in range(39)), "TBC"],
        "cost": [f"({at},100.5)" if at % 3 else f"{at}" for at in range(40)],
        "on": [*["TRUE", "FALSE"] * 19, "?", "TRUE"],
        "side": ["east", "east ", "west", " west"] * 10,
        "y": [at * 1.5 for at in range(40)],
    }
)
KINDS = dict.fromkeys(("day", "order"), "date") | dict.fromkeys(("start", "lap", "size", "cost"), "number")
KINDS |= {"on": "boolean", "side": "category"}


def _bytes(ending: str) -> bytes:
    file = io.BytesIO()
    if ending == "csv":
        SPELLINGS.to_csv(file, index=False)
    elif ending == "xlsx":
        SPELLINGS.to_excel(file, index=False)
    else:
        SPELLINGS.to_parquet(file)
    return file.getvalue()


def table_part(source: str) -> ast.Module:
    """A program from its imports to the table, without what needs Keras."""
    heavy, body = ("keras", "tf", "metrics"), []
    for node in ast.parse(source).body:
        names = {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
        imported = isinstance(node, ast.Import | ast.ImportFrom) and "keras" not in ast.unparse(node)
        needed = isinstance(node, ast.FunctionDef | ast.ClassDef) or ast.unparse(node).startswith(
            ("CELLS = ", "table = ")
        )
        if (imported and "tensorflow" not in ast.unparse(node)) or (needed and not names.intersection(heavy)):
            body.append(node)
        if ast.unparse(node).startswith("table = "):
            break
    return ast.Module(body, [])


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
def test_each_format_gives_the_same_values_and_the_program_reads_them_alike(tmp_path, monkeypatch, ending):
    """The printed program's own functions, without Keras, give the frame that the store keeps."""
    monkeypatch.chdir(tmp_path)
    tables = Tables(TableStore(tmp_path))
    info = tables.store.keep(f"laps.{ending}", _bytes(ending))
    kept = tables.frame(info.ref)
    first, _ = read_bytes("laps.csv", _bytes("csv"))
    pd.testing.assert_frame_equal(kept.fillna(np.nan), first.fillna(np.nan), check_dtype=False)
    assert {column.name: column.kind for column in tables.profile(info.ref).columns} == KINDS | {"y": "number"}
    data = {"table": info.ref, "targets": ["y"], "features": KINDS}
    experiment = read({"version": 1, "data": data, "layers": [{"layer": "Dense", "units": 1}]})
    source = program(experiment, tables.situation(experiment), info)
    Path(f"given.{ending}").write_bytes(_bytes(ending))
    names = {"TABLE": f"given.{ending}"}
    exec(compile(table_part(source), "program", "exec"), names)
    pd.testing.assert_frame_equal(names["table"].fillna(np.nan), kept.fillna(np.nan), check_dtype=False)


FORMS = (
    *("%b %d, %Y", "%b %d %Y", "%d %b %Y", "%d-%b-%Y", "%B %d, %Y", "%d %B %Y", "%d/%m/%Y", "%d.%m.%Y", "%Y-%m-%d"),
    *("%d/%m/%y", "%d-%b-%y", "%a %d %b %Y", "%Y %b %d", "%b %Y"),
)
CLOCKS = ("", " %H:%M", ", %H:%M:%S", " %I:%M %p", " %I:%M:%S%p", " %H:%M:%S.%f")
ODD = (
    *(
        "Feb 30, 2021",
        "30-Feb-2021 10:00",
        "Oct 05, 2021 24:00",
        "Oct 5, 2021 13:10 PM",
        "05 Oct 2021 10:5",
        "Sept 5, 2021",
    ),
    *("Okt 05, 2021", "05 Oct 0021", "05/10/21 10:00:60", "31/12/9999 11:59 pm", "MAY 05, 2021", "5-may-2021 12:00 am"),
    *("2021-10-05T10:00:00Z", "2021-10-05T10:00:00.25+02:00", "2021-10-05 10:00:00 -0530", "2021-10-05T10:00:00+99:99"),
    *(
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2021-10-05T24:00:00Z",
        "2021-10-05T10:00:60Z",
        "no",
        "",
    ),
)


alone = functools.cache(moment_of)


def held(form: str, clock: str, count: int) -> None:
    """Holds so many dates of a form, with odd ones before or behind them, to what each of them is alone."""
    draw = random.Random(form + clock)
    start = dt.datetime(1950, 1, 1)
    words = [(start + dt.timedelta(seconds=draw.randrange(3_500_000_000))).strftime(form + clock) for _ in range(count)]
    words = [draw.choice([word, word.upper(), word.lower(), word.replace(" 0", " ")]) for word in words]
    for cells in (words, [*words, *ODD], [*ODD, *words], [words[0], None, *ODD]):
        for order in ("day first", "month first"):
            one_by_one = [None if cell is None else alone(cell, order == "month first") for cell in cells]
            read = cell_dates(cells, {"dates": [order]})
            assert [None if moment is pd.NaT else moment.to_pydatetime() for moment in read] == one_by_one


@pytest.mark.slow
@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("form", FORMS)
def test_many_dates_are_read_at_once_as_one_by_one(form, clock):
    held(form, clock, 20)


@pytest.mark.soak
def test_very_many_dates_are_read_at_once_as_one_by_one():
    for form, clock in itertools.product(FORMS, CLOCKS):
        held(form, clock, 1000)
