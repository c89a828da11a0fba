"""Dates, times of day and durations as exports of several countries, loggers and results write them. The expected
values are those the cells are written from.
"""

import datetime as dt
import random

import numpy as np
import pandas as pd
import pytest

from core.experiment.columns import TableInfo
from core.tables.sources import read_bytes

ROWS = 40
DRAW = random.Random(7)
DAYS = [dt.datetime(2019, 1, 1) + dt.timedelta(minutes=DRAW.randint(0, 2_000_000)) for _ in range(ROWS)]


def column(cells: list[str], name: str = "v") -> tuple[pd.Series, TableInfo]:
    """A column of a text file beside another one."""
    lines = [f"{name};y", *(f"{cell};{at}" for at, cell in enumerate(cells))]
    frame, info = read_bytes("a.csv", "\n".join(lines).encode())
    return frame[name], info


EVENING, MORNING = dt.datetime(2022, 3, 6, 18, 5, 48), dt.datetime(2022, 3, 29, 9, 20, 29)
MOMENTS = {
    "Chinese": ("{0:%Y/%m/%d} {1} {2}:{0:%M:%S}", ("\u4e0a\u5348", "\u4e0b\u5348"), 0),
    "Japanese": ("{0:%Y/%m/%d} {1}{2}:{0:%M:%S}", ("\u5348\u524d", "\u5348\u5f8c"), 0),
    "Korean": ("{0:%Y-%m-%d} {1} {2}:{0:%M:%S}", ("\uc624\uc804", "\uc624\ud6c4"), 0),
    "Spanish form": ("{0:%Y/%m/%d} {2}:{0:%M:%S} {1} GMT-5", ("a. m.", "p. m."), 5),
    "Spanish, with a narrow blank": ("{0:%d/%m/%Y} {2}:{0:%M:%S} {1}", ("a.\u00a0m.", "p.\u00a0m."), 0),
    "German form": ("{0:%Y/%m/%d} {2}:{0:%M:%S} {1} MEZ", ("AM", "PM"), -1),
    "Reiwa": ("\u4ee4\u548c4\u5e74{0.month}\u6708{0.day}\u65e5 {0:%H:%M:%S}", ("", ""), 0),
    "day of the week in brackets": ("{0:%Y/%m/%d}(\u65e5) {0:%H:%M:%S}", ("", ""), 0),
}


@pytest.mark.parametrize("case", MOMENTS)
def test_halves_of_the_day_eras_and_zones_of_many_languages(case):
    form, halves, behind = MOMENTS[case]
    moments = [MORNING, EVENING] * 15
    cells = [form.format(moment, halves[moment.hour > 11], f"{moment:%I}".lstrip("0")) for moment in moments]
    values, info = column(cells)
    assert values.tolist() == [pd.Timestamp(moment) + pd.Timedelta(hours=behind) for moment in moments]
    assert any("read in UTC" in note for note in info.notes) == bool(behind)


@pytest.mark.parametrize(
    "form",
    [
        *(
            "%Y-%m-%d %H:%M:%S+02:00",
            "%Y-%m-%d %H:%M:%S +0200",
            "%Y-%m-%d %H:%M:%S CEST",
            "%Y-%m-%d %H:%M:%S +0200 CEST",
        ),
        "%a %b %d %H:%M:%S GMT+02:00 %Y",
    ],
)
def test_moments_with_a_zone_are_said_to_be_in_utc(form):
    values, info = column([f"{day:{form}}" for day in DAYS])
    assert values.tolist() == [pd.Timestamp(day).floor("s") - pd.Timedelta(hours=2) for day in DAYS]
    assert any("read in UTC" in note for note in info.notes)


@pytest.mark.parametrize("form", ["Q{q}/{y}", "Q{q}'{y}", "{q}Q{y}", "20{y}-Q{q}"])
def test_quarters_of_short_years(form):
    quarters = [pd.Timestamp(day.year, 3 * ((day.month - 1) // 3) + 1, 1) for day in DAYS]
    values, _ = column([form.format(q=day.quarter, y=day.year % 100) for day in quarters])
    assert values.tolist() == quarters


def test_months_of_statistical_offices():
    values, _ = column([f"{day:%YM%m}" for day in DAYS])
    assert values.tolist() == [pd.Timestamp(day.year, day.month, 1) for day in DAYS]


def test_seconds_beside_minutes_are_durations():
    seconds = [round(50 + 0.71 * at, 2) for at in range(ROWS)]
    cells = [f"{value:.2f}" if value < 60 else f"1:{value - 60:05.2f}" for value in seconds]
    values, info = column(cells, "result")
    np.testing.assert_allclose(values, seconds)
    assert info.units == {"result": "s"}


WRITTEN = {
    "Danish": ("{0.day}. okt. {0.year} kl. {0:%H:%M}", "minute"),
    "Finnish": ("{0.day}.{0.month}.{0.year} klo {0:%H.%M}", "minute"),
    "Dutch": ("{0.day} oktober {0.year} om {0:%H:%M}", "minute"),
    "Vietnamese": ("{0:%d/%m/%Y} l\u00fac {0:%H:%M}", "minute"),
    "Russian": ("{0:%d.%m.%Y} \u0433. {0:%H:%M}", "minute"),
    "milliseconds behind a colon": ("{0:%d.%m.%Y %H:%M:%S}:250", "second"),
    "an hour alone": ("{0:%Y-%m-%d %H}", "hour"),
}


@pytest.mark.parametrize("case", WRITTEN)
def test_words_before_a_clock_and_what_loggers_write(case):
    form, unit = WRITTEN[case]
    moments = [pd.Timestamp(2021, 10, at % 28 + 1, at % 24, at % 60, at % 60) for at in range(ROWS)]
    values, _ = column([form.format(moment) for moment in moments])
    more = pd.Timedelta(milliseconds=250 if "milli" in case else 0)
    assert values.tolist() == [
        moment.floor({"minute": "min", "second": "s", "hour": "h"}[unit]) + more for moment in moments
    ]


@pytest.mark.parametrize("other", ["09:14+1", "cancelled", "--"])
def test_times_of_day_stay_times_beside_cells_that_are_none(other):
    cells = [other if at % 10 == 0 else f"{at % 24:02d}:{at % 60:02d}" for at in range(ROWS)]
    values, info = column(cells, "Arr")
    expected = [np.nan if at % 10 == 0 else at % 24 + at % 60 / 60 for at in range(ROWS)]
    np.testing.assert_allclose(values, expected)
    assert info.units == {"Arr": "h"}


def test_clocks_with_points_are_times_of_day_and_dates_with_points_dates():
    values, info = column([f"{at % 24:02d}.00.{at % 60:02d}" for at in range(ROWS)], "Time")
    np.testing.assert_allclose(values, [at % 24 + at % 60 / 3600 for at in range(ROWS)])
    assert info.units == {"Time": "h"}
    days_of = [f"{at % 12 + 1:02d}.{at % 12 + 1:02d}.{10 + at}" for at in range(ROWS)]
    assert pd.api.types.is_datetime64_any_dtype(column(days_of, "Time")[0])


@pytest.mark.parametrize("words", [("Stunde", "Minuten"), ("heure", "minutes"), ("hora", "minutos"), ("ora", "minuti")])
def test_durations_in_words_of_several_languages(words):
    values, _ = column([f"1 {words[0]} {at + 2} {words[1]}" for at in range(ROWS)])
    assert values.tolist() == [3600 + 60 * (at + 2) for at in range(ROWS)]


@pytest.mark.parametrize("name", ["version", "Firmware Version"])
def test_versions_like_1_10_keep_their_zeros(name):
    cells = [f"1.{at}" for at in range(ROWS)]
    assert column(cells, name)[0].tolist() == cells
    assert column(cells, "amount")[0].tolist() == [float(cell) for cell in cells]


def test_versions_are_no_durations():
    assert not pd.api.types.is_float_dtype(column([f"{at}.{at % 7}.1" for at in range(ROWS)], "version")[0])
    _, info = column([f"{at % 9}.{at}" for at in range(20, 20 + ROWS)], "version")
    assert not info.units
