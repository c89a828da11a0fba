"""Dates whose year has two digits and may stand first: 23/03/05 of Japan, 99-12-31 of a machine."""

import datetime as dt

import pandas as pd
import pytest

from core.experiment.reading import ColumnReading, TableReading
from core.experiment.reading_edits import alternatives
from core.tables.prediction_rows import prediction_rows
from core.tables.sources import read_bytes

DAYS = [dt.datetime(2023, 3, 1) + dt.timedelta(days=7 * at) for at in range(12)]
CLOCKED = [day + dt.timedelta(hours=at, minutes=5) for at, day in enumerate(DAYS)]
OLD = [dt.datetime(1999, 12, 30) + dt.timedelta(days=at) for at in range(5)]


def read(cells, given=None):
    content = pd.DataFrame({"at": cells, "y": range(len(cells))}).to_csv(index=False).encode()
    return read_bytes("a.csv", content, given)


@pytest.mark.parametrize(
    ("days", "form"),
    [
        (DAYS, "%y/%m/%d"),
        (DAYS, "%y-%m-%d"),
        (DAYS, "%y.%m.%d"),
        (DAYS, "%y/%-m/%-d"),
        (CLOCKED, "%y/%m/%d %H:%M"),
        (OLD, "%y-%m-%d"),
    ],
)
def test_a_year_of_two_digits_may_stand_first(days, form):
    frame, info = read([day.strftime(form) for day in days])
    assert frame["at"].tolist() == days
    assert info.decided.columns["at"].dates == ("year first",)
    assert "year before month" in " ".join(info.notes)
    card = {
        "features": [{"name": "at", "kind": "date"}],
        "numbers": {"columns": {"at": {"as": "date", "dates": ["year first"]}}},
    }
    rows, _ = prediction_rows(pd.DataFrame({"at": [days[0].strftime(form), "2024-02-03"]}), card)
    assert rows["at"].tolist() == [days[0], dt.datetime(2024, 2, 3)]


@pytest.mark.parametrize("form", ["%d/%m/%y", "%d.%m.%y", "%m/%d/%y"])
@pytest.mark.parametrize("step", [1, 7, 30])
def test_days_and_months_before_such_a_year_are_read_as_before(form, step):
    days = [dt.datetime(2019, 3, 1) + dt.timedelta(days=step * at) for at in range(60)]
    assert read([day.strftime(form) for day in days])[0]["at"].tolist() == days


@pytest.mark.parametrize(("day", "month"), [(31, 12), (1, 1), (30, 6)])
def test_ends_of_years_are_no_years(day, month):
    days = [dt.datetime(2001 + at, month, day) for at in range(20)]
    assert read([f"{one:%d.%m.%y}" for one in days])[0]["at"].tolist() == days


def test_versions_are_no_dates():
    assert read(["10.1.3", "10.1.4", "10.2.5", "10.2.6", "10.3.7", "10.4.8", "10.5.9"])[1].decided.columns == {}


def test_a_person_may_say_that_the_year_is_first():
    cells = ["03/04/05", "04/05/06", "05/06/07", "06/07/25"]
    _, info = read(cells)
    (note,) = [note for note in info.noted if note.column == "at"]
    offered = dict(alternatives(note, info.decided))
    assert "Year first" in offered
    frame, _ = read(cells, TableReading(columns={"at": ColumnReading(as_="date", dates=("year first",))}))
    assert frame["at"].tolist() == [dt.datetime(2003 + at, 4 + at, 5 + at) for at in range(3)] + [
        dt.datetime(2006, 7, 25)
    ]


def test_moments_of_a_database_with_points_in_their_clock_are_dates():
    frame, _ = read(["01-MAR-23 10.15.30.250000 AM", "02-MAR-23 11.15.30.000000 PM"])
    assert frame["at"].tolist() == [
        dt.datetime(2023, 3, 1, 10, 15, 30, 250_000),
        dt.datetime(2023, 3, 2, 23, 15, 30),
    ]


def test_moments_of_sas_are_dates():
    frame, _ = read(["01MAR2023:10:15:30", "02MAR2023:11:15:30"])
    assert frame["at"].tolist() == [dt.datetime(2023, 3, 1, 10, 15, 30), dt.datetime(2023, 3, 2, 11, 15, 30)]


@pytest.mark.parametrize("name", ["Birth date", "DOB", "Geburtsdatum", "date_of_birth", "fecha de nacimiento"])
@pytest.mark.parametrize("form", ["%d.%m.%y", "%m/%d/%y", "%d-%b-%y", "%y-%m-%d"])
def test_nobody_is_born_in_the_future(name, form):
    days = [dt.datetime(1941 + 6 * at, 1 + at, 13 + at) for at in range(12)]  # Up to 2007.
    frame = pd.DataFrame({name: [day.strftime(form) for day in days], "y": range(12)})
    values, info = read_bytes("a.csv", frame.to_csv(index=False).encode())
    assert values[name].tolist() == days
    assert "years from 30 on are read as 1930 to 1999" in " ".join(info.notes)
    other, _ = read_bytes("a.csv", frame.rename(columns={name: "maturity"}).to_csv(index=False).encode())
    assert [day.year for day in other["maturity"]][:2] == [2041, 2047]
    (note,) = [note for note in info.noted if note.column == name]
    for _, reading in alternatives(note, info.decided):
        assert "births" in reading.columns[name].dates


def test_births_with_whole_years_are_read_as_before():
    values, info = read_bytes("a.csv", b"birth,y\n" + b"".join(b"2031-05-%02d,%d\n" % (at + 1, at) for at in range(9)))
    assert values["birth"].iloc[0] == dt.datetime(2031, 5, 1)
    assert info.decided.columns["birth"].dates == ()


def test_a_t_between_day_and_clock_puts_the_year_first_as_in_iso_8601():
    assert read(["15-12-11T12:27:54", "15-12-13T10:34:18"])[0]["at"].tolist() == [
        dt.datetime(2015, 12, 11, 12, 27, 54),
        dt.datetime(2015, 12, 13, 10, 34, 18),
    ]
    assert read(["10/08/15T22:38:13", "28/08/15T05:01:43"])[0]["at"].tolist()[0] == dt.datetime(2015, 8, 10, 22, 38, 13)


@pytest.mark.parametrize("form", ["%Y%m%d %H:%M", "%Y%m%d %H:%M:%S", "%Y%m%dT%H:%M:%SZ", "%Y%m%d, %H:%M"])
def test_days_in_digits_before_a_clock_are_dates(form):
    assert read([day.strftime(form) for day in CLOCKED])[0]["at"].tolist() == CLOCKED


@pytest.mark.parametrize("zero", ["00.00.0000", "0000-00-00", "00/00/0000"])
def test_days_of_zeros_are_missing_however_many_there_are(zero):
    frame, info = read(["01.02.2023", zero, "15.03.2023", zero, zero, "16.03.2023"])
    assert frame["at"].isna().tolist() == [False, True, False, True, True, False]
    assert f"3 of 6 cells of 'at' are no dates and count as missing: {zero}" in " ".join(info.notes)
