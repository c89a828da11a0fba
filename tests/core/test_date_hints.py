"""Dates in digits alone, 240131, 2024031, 31012024, below a name that says so. The expected values are the days that
the digits were written from.
"""

import datetime

import pandas as pd
import pytest

from core.experiment.data import Data
from core.experiment.hints import apply_hint, open_hints
from core.experiment.reading import as_json
from core.tables.date_hints import date_digits
from core.tables.prediction_rows import prediction_rows_of_file
from core.tables.profile import profile
from core.tables.sources import read_bytes

FORMS = {
    "YYMMDD": "%y%m%d",
    "DDMMYY": "%d%m%y",
    "MMDDYY": "%m%d%y",
    "YYYYDDD": "%Y%j",
    "YYDDD": "%y%j",
    "DDMMYYYY": "%d%m%Y",
    "MMDDYYYY": "%m%d%Y",
}


def days(year):
    return [datetime.date(year, 1, 3) + datetime.timedelta(days=11 * at) for at in range(60)]


@pytest.mark.parametrize(
    ("way", "padded", "year"),
    [
        (way, padded, year)
        for way in FORMS
        for padded in (True, False)
        for year in (1998, 2004, 2024)
        if (way, padded, year) != ("YYDDD", False, 2004)  # 4003 may be anything.
    ],
)
def test_digits_are_offered_as_dates_where_the_name_says_so(way, padded, year):
    cells = [day.strftime(FORMS[way]) for day in days(year)]
    cells = cells if padded else [str(int(cell)) for cell in cells]
    content = "visit_date,y\n" + "".join(f"{cell},{at}.5\n" for at, cell in enumerate(cells))
    frame, info = read_bytes("a.csv", content.encode())
    table = profile(frame)
    (hint,) = [hint for hint in table.hints if hint.kind == "date"]
    assert f"{cells[0]} for {year}-01-03" in hint.text
    assert hint in open_hints(Data(table=info.ref, features={"visit_date": "number"}), table)
    data = apply_hint(Data(table=info.ref), hint)
    again, told = read_bytes("a.csv", content.encode(), data.reading)
    assert again["visit_date"].dt.date.tolist() == days(year)
    assert profile(again).column("visit_date").kind == "date"
    assert [hint for hint in profile(again).hints if hint.kind == "date"] == []
    card = {
        "features": [{"name": "visit_date", "kind": "date"}],
        "numbers": {"columns": as_json(told.decided.columns)},
        "reading": data.reading.carried().model_dump(mode="json", by_alias=True),
    }
    asked = f"visit_date,y\n{cells[40]},1\n{cells[7]},2\n".encode()
    frame, info = read_bytes("b.csv", asked, data.reading.carried(), cells=True)
    rows, _ = prediction_rows_of_file(frame, info, asked, card)
    assert rows["visit_date"].dt.date.tolist() == [days(year)[40], days(year)[7]]


@pytest.mark.parametrize(
    "cells",
    [
        [240_131 + at * 1_000 for at in range(40)],  # Months beyond December.
        [day.strftime("%y%m%d") for day in days(2024)[:9]],  # Few.
        [f"{at + 1:02d}{at + 1:02d}24" for at in range(12)],  # 010124, 020224: day or month may be first.
        ["240131x", *(day.strftime("%y%m%d") for day in days(2024))],
    ],
)
def test_what_may_be_no_dates_is_not_offered(cells):
    assert date_digits(map(str, cells)) == ""


@pytest.mark.parametrize("name", ["amount", "update", "price"])
def test_digits_under_other_names_are_not_offered(name):
    frame = pd.DataFrame({name: [int(day.strftime("%y%m%d")) for day in days(2024)], "y": range(60)})
    assert [hint for hint in profile(frame).hints if hint.kind == "date"] == []


def test_digits_that_are_no_day_are_missing():
    content = b"visit_date,y\n" + b"".join(b"2402%02d,%d\n" % (at + 20, at) for at in range(12))
    reading = {"columns": {"visit_date": {"as": "date", "dates": ["YYMMDD"]}}}
    data = Data.model_validate({"table": "file:" + "0" * 64, "reading": reading})
    frame, _ = read_bytes("a.csv", content, data.reading)
    assert frame["visit_date"].notna().tolist() == [at + 20 <= 29 for at in range(12)]


def test_serial_numbers_of_a_spreadsheet_stay_dates():
    frame = pd.DataFrame({"date": range(45_292, 45_352), "y": range(60)})
    table = profile(frame)
    assert table.column("date").kind == "date"
    assert [hint for hint in table.hints if hint.kind == "date"] == []
