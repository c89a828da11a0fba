"""Dates of other calendars than ours. The days of the Solar Hijri calendar are those of its own leap years, and known
dates of history.
"""

import datetime
import random

import pandas as pd
import pytest

from core.experiment.reading import TableReading
from core.experiment.reading_edits import alternatives
from core.tables.calendars import CALENDARS, date_of_jalali, in_our_calendar
from core.tables.sources import read_alike, read_bytes

DRAW = random.Random(2)
DAYS = [datetime.date(2019, 1, 1) + datetime.timedelta(DRAW.randint(0, 1_900)) for _ in range(60)]
LEAP_YEARS = {1370, 1375, 1379, 1383, 1387, 1391, 1395, 1399, 1403, 1408}  # Of 1370 to 1410, as Iran had and will have.
THAI = "\u0e21.\u0e04. \u0e01.\u0e1e. \u0e21\u0e35.\u0e04. \u0e40\u0e21.\u0e22. \u0e1e.\u0e04. \u0e21\u0e34.\u0e22. "
THAI += "\u0e01.\u0e04. \u0e2a.\u0e04. \u0e01.\u0e22. \u0e15.\u0e04. \u0e1e.\u0e22. \u0e18.\u0e04."


def jalali(date: datetime.date) -> tuple[int, int, int]:
    """The Solar Hijri day of a date, counted from 1 Farvardin 1370, 21 March 1991, by its leap years."""
    year, left = 1370, (date - datetime.date(1991, 3, 21)).days
    while left >= 365 + (year in LEAP_YEARS):
        left -= 365 + (year in LEAP_YEARS)
        year += 1
    return (
        (year, left // 31 + 1, left % 31 + 1) if left < 186 else (year, (left - 186) // 30 + 7, (left - 186) % 30 + 1)
    )


@pytest.mark.parametrize(
    ("day", "date"),
    [
        ((1357, 11, 22), "1979-02-11"),
        ((1399, 12, 30), "2021-03-20"),
        ((1400, 1, 1), "2021-03-21"),
        ((1402, 2, 31), "2023-05-21"),
        ((1403, 12, 30), "2025-03-20"),
    ],
)
def test_days_of_iran_are_those_of_history(day, date):
    assert str(date_of_jalali(*day)) == date


def test_days_of_iran_follow_its_leap_years():
    for offset in range(0, 14_000, 7):
        date = datetime.date(1991, 3, 21) + datetime.timedelta(offset)
        assert date_of_jalali(*jalali(date)) == date
    assert date_of_jalali(1402, 12, 30) is None
    assert date_of_jalali(1402, 7, 31) is None


FORMS = {
    "buddhist": lambda day: f"{day.day:02}/{day.month:02}/{day.year + 543}",
    "buddhist of Thai months": lambda day: f"{day.day} {THAI.split()[day.month - 1]} {day.year + 543}",
    "buddhist as ISO": lambda day: f"{day.year + 543}-{day.month:02}-{day.day:02}",
    "buddhist with a clock": lambda day: f"{day.day:02}/{day.month:02}/{day.year + 543} 00:00:00",
    "jalali": lambda day: "{}/{:02}/{:02}".format(*jalali(day)),
    "jalali with the day first": lambda day: "{2}-{1}-{0}".format(*jalali(day)),
    "jalali in Persian digits": lambda day: "{}/{:02}/{:02}".format(*jalali(day)).translate(
        {48 + digit: 0x6F0 + digit for digit in range(10)}
    ),
    "minguo": lambda day: f"{day.year - 1911}/{day.month:02}/{day.day:02}",
}


@pytest.mark.parametrize("form", FORMS)
def test_dates_of_other_calendars_are_read_and_named(form):
    days = [datetime.date(2020, 2, 29), datetime.date(2021, 4, 20), *DAYS]  # 31 Farvardin 1400.
    content = ("day,y\n" + "".join(f"{FORMS[form](day)},{at}\n" for at, day in enumerate(days))).encode()
    frame, info = read_bytes("a.csv", content)
    assert frame["day"].tolist() == [pd.Timestamp(day) for day in days]
    calendar = form.split()[0]
    (note,) = [note for note in info.noted if note.column == "day"]
    assert f"holds dates of the {CALENDARS[calendar]} calendar like" in note.text
    assert info.decided.columns["day"].dates[-1] == calendar
    again, _ = read_bytes("a.csv", content, TableReading(columns=info.decided.columns))
    pd.testing.assert_frame_equal(again, frame)
    if form in ("buddhist", "jalali"):
        ((words, reading),) = alternatives(note, info.decided)
        assert words == "Read the years as they are written"
        written, _ = read_bytes("a.csv", content, TableReading(columns=reading.columns))
        year = {"buddhist": 543, "jalali": -621}[calendar]
        assert written["day"].iloc[1].year == 2021 + year


def test_one_row_to_predict_for_is_of_the_training_tables_calendar():
    days = [datetime.date(2021, 4, 20), *DAYS]
    content = ("day,y\n" + "".join(f"{FORMS['jalali'](day)},{at}\n" for at, day in enumerate(days))).encode()
    _, info = read_bytes("a.csv", content)
    rows, _ = read_alike("b.csv", b"day,y\n1403/01/01,1\n", info.decided)
    assert rows["day"].tolist() == ["1403/01/01"]
    assert in_our_calendar("1403/01/01", info.decided.columns["day"].dates[-1]) == "2024-03-20"
    assert in_our_calendar("2024-03-20", "jalali") == "2024-03-20"
    assert in_our_calendar("20/03/2024", "buddhist") == "20/03/2024"


def test_years_of_the_islamic_lunar_calendar_are_far_away_and_named():
    """Their months begin with the moon: which day of ours they are cannot be told from the table."""
    days = [f"144{at % 6}/{at % 12 + 1:02}/{at % 29 + 1:02}" for at in range(60)]
    content = ("day,y\n" + "".join(f"{day},{at}\n" for at, day in enumerate(days))).encode()
    _, info = read_bytes("a.csv", content)
    (note,) = [note for note in info.noted if note.column == "day"]
    assert "years far away, like 1440/01/01" in note.text
    reading = dict(alternatives(note, info.decided))["Solar Hijri (Jalali) years"]
    frame, _ = read_bytes("a.csv", content, TableReading(columns=reading.columns))
    assert frame["day"].iloc[0] == pd.Timestamp("2061-03-20")
