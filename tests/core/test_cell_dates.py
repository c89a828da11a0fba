"""Dates, times of day and durations, however their cells are written. The expected moments are written as Python's own
`datetime`, the days counted by it.
"""

import datetime as dt
import io

import numpy as np
import openpyxl
import pandas as pd
import pytest

from core.experiment.reading import ColumnReading
from core.experiment.spec import Data
from core.tables.cell_dates import moment_of, number_days, number_way, seconds_of
from core.tables.cell_reading import column_readings
from core.tables.errors import ColumnError
from core.tables.number_text import number_writing
from core.tables.prediction_rows import prediction_rows
from core.tables.prepared import prepare
from core.tables.profile import profile
from core.tables.raw import day_way, days
from core.tables.sources import read_bytes

DAY = dt.datetime(2021, 10, 5)
SPELT = [
    "Oct 05, 2021",
    "October 5th, 2021",
    "5 Oct 2021",
    "05-Oct-21",
    "05OCT2021",
    "2021 Oct 5",
    "2021-10-05",
    "Tue, Oct 5, 2021",
    "5. Oktober 2021",
    "Di, 05.10.2021",
    "5 de octubre de 2021",
    "mardi 5 octobre 2021",
    "5 ottobre 2021",
    "2021/10/05",
    "2021.10.05",
    "05.10.2021",
    "5.10.21",
    "05/10/2021",
    "5-10-2021",
    "5 10 2021",
    "2021-278",
    "2021-W40-2",
    "2021W402",
    "2021\u5e7410\u67085\u65e5",
    "2021\ub144 10\uc6d4 5\uc77c",
    "5 \u043e\u043a\u0442\u044f\u0431\u0440\u044f 2021 \u0433.",
    "2021. okt\u00f3ber 5.",
    "Tue Oct 05 2021",
]
WITH_TIMES = [
    "2021-10-05 14:30",
    "2021-10-05T14:30:00",
    "5 Oct 2021 2:30 PM",
    "05.10.2021, 14:30",
    "Oct 5, 2021 at 2:30 p.m.",
    "2021-10-05T16:30:00+02:00",
    "2021-10-05 09:30:00 -0500",
    "2021-10-05T14:30Z",
    "14:30 05/10/2021",
    "2021-10-05 2:30pm",
    "Tue, 05 Oct 2021 14:30:00 GMT",
    "2021-10-05 14:30:00 UTC+0",
    "Tue Oct  5 14:30:00 2021",
    "Tue Oct 5 14:30:00 UTC 2021",
    "Tue Oct 05 2021 16:30:00 GMT+0200 (Central European Summer Time)",
    "05/Oct/2021:14:30:00 +0000",
    "2021-10-05 09:30:00 EST",
    "05.10.2021 16:30 CEST",
    "05.10.2021 14.30 Uhr",
]
NO_DATES = [
    "2021-02-30",
    "0000-00-00",
    "31/12/0000",
    "10000-01-01",
    "13/13/2020",
    "12.10",
    "1.2.3",
    "May 5",
    "Oct",
    "Monday",
    "Page 5 2021",
    "12",
    "2021",
    "2021-W53",  # That year has 52 weeks.
    "2021-366",
    "Q5 2021",
    "13/2021",
    "555-12-1234",
    "2021-10-05 25:00",
    "2021-10-05 13:00 PM",
    "10-20",
    "2021\u5e7413\u67085\u65e5",
    "192.168.1.1",
    "9999-12-31 24:00",
    "abc 5 2021",
    "5 May June 2021",
]


def column(*cells: str, name: str = "when"):
    """The column of a file with these cells, and what is known of the table."""
    frame, info = read_bytes("a.csv", "\n".join([f"{name};b", *(f'"{cell}";1' for cell in cells)]).encode())
    return frame[name], info


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        *((cell, DAY) for cell in (*SPELT, 44474)),
        *((cell, dt.datetime(2021, 10, 5, 14, 30)) for cell in WITH_TIMES),
        ("2021-10-05 12:05 AM", dt.datetime(2021, 10, 5, 0, 5)),
        ("2021-10-05 12:05 PM", dt.datetime(2021, 10, 5, 12, 5)),
        ("2021-10-05 10:30:15.5", dt.datetime(2021, 10, 5, 10, 30, 15, 500_000)),
        ("2021-10-05 24:00", dt.datetime(2021, 10, 6)),
        ("Oct 2021", dt.datetime(2021, 10, 1)),
        ("2021-10", dt.datetime(2021, 10, 1)),
        ("1.2.69", dt.datetime(1969, 2, 1)),
        ("1.2.68", dt.datetime(2068, 2, 1)),
        ("0014-03-03", dt.datetime(14, 3, 3)),
        ("9999-12-31", dt.datetime(9999, 12, 31)),
        *((cell, None) for cell in (*NO_DATES, 7.5, "")),
    ],
)
def test_a_cell_names_a_moment(cell, moment):
    assert moment_of(cell) == moment


# As the Unicode Common Locale Data Repository has them, long and short, where a date is written in words.
MONTHS = {
    "Czech": "ledna února března dubna května června července srpna září října listopadu prosince",
    "Danish": "januar februar marts april maj juni juli august september oktober november december",
    "Dutch": "januari februari maart april mei juni juli augustus september oktober november december",
    "Dutch, short": "jan feb mrt apr mei jun jul aug sep okt nov dec",
    "Finnish": "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta "
    "lokakuuta marraskuuta joulukuuta",
    "Greek": "Ιανουαρίου Φεβρουαρίου Μαρτίου Απριλίου Μαΐου Ιουνίου Ιουλίου Αυγούστου "
    "Σεπτεμβρίου Οκτωβρίου Νοεμβρίου Δεκεμβρίου",
    "Hungarian": "január február március április május június július augusztus szeptember október november december",
    "Indonesian": "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember",
    "Norwegian": "januar februar mars april mai juni juli august september oktober november desember",
    "Polish": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "Polish, short": "sty lut mar kwi maj cze lip sie wrz paź lis gru",
    "Romanian": "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",
    "Russian": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "Swedish": "januari februari mars april maj juni juli augusti september oktober november december",
    "Turkish": "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
    "Turkish, short": "Oca Şub Mar Nis May Haz Tem Ağu Eyl Eki Kas Ara",
    "Ukrainian": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
}


@pytest.mark.parametrize("language", MONTHS)
def test_months_are_known_in_many_languages(language):
    names = MONTHS[language].split()
    days = [dt.datetime(2020 + at % 4, at % 12 + 1, at % 28 + 1) for at in range(48)]
    found, info = column(*(f"{day.day} {names[day.month - 1]} {day.year}" for day in days))
    assert found.tolist() == days
    assert "48 of 48 cells were read" in " ".join(info.notes)


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("Q3 2021", dt.datetime(2021, 7, 1)),
        ("2021-Q1", dt.datetime(2021, 1, 1)),
        ("2020-W53", dt.datetime(2020, 12, 28)),
        ("10/2021", dt.datetime(2021, 10, 1)),
        ("Mar-23", dt.datetime(2023, 3, 1)),
        ("Mar '23", dt.datetime(2023, 3, 1)),
        ("Mar 23", None),  # A day without its year.
    ],
)
def test_a_month_a_quarter_and_a_week_are_their_first_day(cell, moment):
    assert moment_of(cell) == moment


@pytest.mark.parametrize(
    ("cells", "expected", "says"),
    [
        (["10h54", "8h05", "23h30"], [10.9, 8 + 5 / 60, 23.5], "times of day like 10h54"),
        (["10.54 Uhr", "8.05 Uhr", "23.30 Uhr"], [10.9, 8 + 5 / 60, 23.5], "times of day like 10.54 Uhr"),
        (["48h10", "2h46", "30h00"], [173400, 9960, 108000], "durations like 48h10"),
        (["2.00:14:54", "0.11:51:23", "1.17:34:02"], [173694, 42683, 149642], "durations like 2.00:14:54"),
    ],
)
def test_times_and_durations_as_others_write_them(cells, expected, says):
    found, info = column(*cells)
    assert found.tolist() == pytest.approx(expected)
    assert says in " ".join(info.notes)


def test_durations_that_a_workbook_types_are_seconds():
    file, book = io.BytesIO(), openpyxl.Workbook()
    taken = [dt.timedelta(hours=1, minutes=1, seconds=1.5), dt.timedelta(days=2), None, dt.timedelta(minutes=5)]
    for row in (("taken", "y"), *zip(taken, (1.0, 2.0, 3.0, 4.0), strict=True)):
        book.worksheets[0].append(row)
    book.save(file)
    found, info = read_bytes("a.xlsx", file.getvalue())
    assert found["taken"].tolist() == pytest.approx([3661.5, 172800, float("nan"), 300], nan_ok=True)
    assert info.units == {"taken": "s"}
    assert "Column 'taken' holds durations, read as seconds." in info.notes


def test_numbers_of_months_are_the_first_days_of_these_months():
    values = np.array([202110.0, 202201.0, 199912.0, 202113.0])
    assert number_way(values[:3]) == "YYYYMM"
    days = number_days(values, "YYYYMM")
    assert days[:3].tolist() == [
        (dt.date(*day) - dt.date(1970, 1, 1)).days for day in ((2021, 10, 1), (2022, 1, 1), (1999, 12, 1))
    ]
    assert np.isnan(days[3])
    numbers = [202100 + at % 12 + 1 for at in range(40)]
    assert profile(pd.DataFrame({"month": numbers})).column("month").kind == "date"
    assert profile(pd.DataFrame({"month": [at % 12 + 1 for at in range(40)]})).column("month").kind == "number"


def test_of_digits_alone_the_order_is_said():
    assert (moment_of("05/03/2021"), moment_of("05/03/2021", True)) == (
        dt.datetime(2021, 3, 5),
        dt.datetime(2021, 5, 3),
    )
    assert moment_of("2021-03-05") == moment_of("2021-03-05", True) == dt.datetime(2021, 3, 5)


@pytest.mark.parametrize(
    ("cells", "expected", "says"),
    [
        (
            ["Oct 05, 2021", "Dec 23, 2019"],
            ["2021-10-05", "2019-12-23"],
            "like Oct 05, 2021: 2 of 2 cells were read",
        ),
        (["05/10/2021", "25/12/2019"], ["2021-10-05", "2019-12-25"], "like 05/10/2021, day before month: 2 of 2"),
        (["10/05/2021", "12/25/2019"], ["2021-10-05", "2019-12-25"], "like 10/05/2021, month before day: 2 of 2"),
        (["2021-10-05", "Oct 6, 2021", "25/12/2021"], ["2021-10-05", "2021-10-06", "2021-12-25"], "3 of 3"),
        (["05.10.21", "01.02.98"], ["2021-10-05", "1998-02-01"], "05.10.21 is of 2021"),
        (["2021-10-05", "0021-10-05"], ["2021-10-05", "0021-10-05"], "a year far away, like 0021-10-05"),
        (["2021-10-05", "2021-10-06"], ["2021-10-05", "2021-10-06"], ""),
    ],
)
def test_a_column_of_dates_becomes_moments_and_it_is_said_how(cells, expected, says):
    found, info = column(*cells)
    assert found.tolist() == [pd.Timestamp(day) for day in expected]
    assert profile(found.to_frame()).column("when").kind == "date"
    notes = [note.text for note in info.noted if note.kind == "dates"]
    assert len(notes) == bool(says)
    assert not says or says in notes[0]


def test_a_few_cells_that_are_no_dates_are_missing_and_named():
    found, info = column(*(f"{day:02}/03/2024" for day in range(1, 31)), "TBC", "00/00/0000", "TBC")
    assert found.isna().tolist() == [False] * 30 + [True] * 3
    (note,) = [note for note in info.noted if note.kind == "unread"]
    assert note.text == "3 of 33 cells of 'when' are no dates and count as missing: TBC, 00/00/0000 (rows 32, 33, 34)."
    assert dict(note.cells) == {"TBC": 2, "00/00/0000": 1}


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        (["05/10/2021", "06/12/2019"], "dates like 05/10/2021, in which day and month can't be told apart"),
        (["25/10/2021", "01/25/2021"], "some have the day first (25/10/2021) and some the month (01/25/2021)"),
        (["2009-10", "2010-11"], ""),  # Seasons.
        (["May", "June"], ""),
        (["1.2.3", "4.5.6"], ""),
    ],
)
def test_what_may_be_two_dates_or_none_stays_words(cells, says):
    found, info = column(*cells)
    assert found.tolist() == cells
    doubts = [note.text for note in info.noted if note.kind == "doubt"]
    assert len(doubts) == bool(says)
    assert not says or says in doubts[0]


def test_a_person_says_which_is_first():
    frame = pd.DataFrame({"when": ["05/10/2021", "06/12/2019"]})
    readings, notes = column_readings(
        frame, {"when": ColumnReading.model_validate({"as": "date", "dates": ["month first"]})}
    )
    assert readings["when"].dates == ("month first",)
    assert "month before day" in notes[0].text


@pytest.mark.parametrize(
    ("name", "cells", "expected", "unit"),
    [
        ("start", ["08:30", "23:15", "0:05"], [8.5, 23.25, 5 / 60], "h"),
        ("open", ["8:30 AM", "12:15 pm", "5 PM"], [8.5, 12.25, 17], "h"),
        ("at", ["23:59:30", "00:00:00"], [24 - 30 / 3600, 0], "h"),
        ("duration", ["3:45", "4:10"], [225, 250], "s"),
        ("x", ["1:30:00", "45:10", "25:00:00"], [5400, 2710, 90_000], "s"),
        ("x", ["2h 30m", "45m", "1h"], [9000, 2700, 3600], "s"),
        ("x", ["1 day, 2:03:04", "0 days 00:00:10"], [93_784, 10], "s"),
        ("x", ["PT1H30M", "P1DT2H"], [5400, 93_600], "s"),
        ("x", ["90 min", "45 min"], [90, 45], "min"),
    ],
)
def test_times_of_day_and_durations_are_numbers_with_a_unit(name, cells, expected, unit):
    found, info = column(*cells, name=name)
    assert found.tolist() == pytest.approx(expected)
    assert info.units == {name: unit}


def test_what_is_no_duration_has_no_seconds():
    assert np.isnan([seconds_of(text) for text in ("5 kg", "abc", "", "12", "1:2", "2h x")]).all()


@pytest.mark.parametrize(
    ("numbers", "way", "first"),
    [
        ([20211005, 19991231], "YYYYMMDD", 18_905),
        ([1633392000, 1577059200], "Unix seconds", 18_905),
        ([1633392000000, 1577059200000], "Unix milliseconds", 18_905),
        ([1633392000000000, 1577059200000000], "Unix microseconds", 18_905),
        ([44474, 43822.5], "Excel serials", 18_905),
        ([2021, 1999], "years", 18_628),
        ([18905, 18000.5], None, 18_905),  # Days since 1970-01-01, as ever.
    ],
)
def test_numbers_that_a_person_calls_dates_are_read_by_their_range(numbers, way, first):
    column = pd.Series([*numbers, np.nan])
    assert day_way(column) == way
    assert (
        days(column, way)[0]
        == first
        == (dt.date(2021, 10, 5) if way != "years" else dt.date(2021, 1, 1)).toordinal() - 719_163
    )
    assert np.isnan(days(column, way)[2])


def test_a_number_that_is_no_date_is_missing():
    assert np.isnan(number_days(np.array([20211399.0, np.inf]), number_way(np.array([20211005.0])))).all()


def _ready(cells, kind="date"):
    frame = pd.DataFrame({"x": cells, "y": np.arange(len(cells)) % 7 + 0.5})
    return prepare(frame, Data(table="t", targets=("y",), features={"x": kind}), "number")


def test_a_kind_that_reads_a_few_cells_only_is_refused_with_counts():
    with pytest.raises(ColumnError, match=r"Only 2 of 30 cells of 'x' can be read as a date: for instance 'word 0', "):
        _ready(["2021-10-05", "2021-10-06", *(f"word {at}" for at in range(28))])


def test_cells_that_a_kind_cannot_read_are_counted_and_named():
    assert _ready(["2021-10-05"] * 28 + ["soon", " "]).unread == {
        "x": "28 of 29 cells are read as a date, the others are missing: 'soon'"
    }
    assert _ready([20211005] * 28 + [20211006, 20211399]).unread["x"].startswith("29 of 30 cells are read as a date")
    assert _ready(["2021-10-05"] * 30).unread == {}


def test_rows_to_predict_for_are_read_as_the_training_table_is():
    _, info = column("10/05/2021", "12/25/2019", "01/02/2021")
    card = {"features": [{"name": "when", "kind": "date"}], "numbers": number_writing(info)}
    rows, _ = prediction_rows(pd.DataFrame({"when": ["02/03/2021", "Feb 3, 2021", "soon", None]}), card)
    assert rows["when"].tolist()[:3] == [pd.Timestamp("2021-02-03"), pd.Timestamp("2021-02-03"), "soon"]
    again, _ = prediction_rows(rows, card)
    pd.testing.assert_frame_equal(again, rows)
    np.testing.assert_array_equal(days(rows["when"], None), [18_661, 18_661, np.nan, np.nan])
    _, info = column("08:30", "09:00", "10:15")
    card = {"features": [{"name": "when", "kind": "number"}], "numbers": number_writing(info)}
    rows, _ = prediction_rows(pd.DataFrame({"when": ["8:30 pm", 7.25]}), card)
    assert rows["when"].tolist() == prediction_rows(rows, card)[0]["when"].tolist() == [20.5, 7.25]
