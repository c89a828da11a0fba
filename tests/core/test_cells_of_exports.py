"""Columns as banks, shops, laboratories, car markets and weather services of several countries export them: the values
that a careful person would read, the same at prediction, or a note. The expected values are those the cells are written
from.
"""

import datetime as dt
import random

import numpy as np
import pandas as pd
import pytest

from core.experiment.columns import TableInfo, TableProfile
from core.tables.number_text import number_writing
from core.tables.prediction_rows import prediction_rows_of_file
from core.tables.profile import profile
from core.tables.raw import day_way, days
from core.tables.sources import read_alike, read_bytes

ROWS = 40
DRAW = random.Random(7)
WHOLE = [DRAW.randint(1_000, 90_000) for _ in range(ROWS)]
SMALL = [DRAW.randint(11, 99) / 10 for _ in range(ROWS)]
DAYS = [dt.datetime(2019, 1, 1) + dt.timedelta(minutes=DRAW.randint(0, 2_000_000)) for _ in range(ROWS)]


def table(cells: list[object], name: str = "v", separator: str = ";", other: str = "{at}") -> bytes:
    """A text file of one column beside another one."""
    lines = [f"{name}{separator}y", *(f"{cell}{separator}{other.format(at=at)}" for at, cell in enumerate(cells))]
    return "\n".join(lines).encode()


def column(cells: list[object], name: str = "v", separator: str = ";") -> tuple[pd.Series, TableInfo, TableProfile]:
    frame, info = read_bytes("a.csv", table(cells, name, separator))
    return frame[name], info, profile(frame)


def predicted(info: TableInfo, cells: list[object], kind: str) -> pd.Series:
    """The cells of another file, as a model of the first one gets them."""
    content = table(cells)
    card = {"features": [{"name": "v", "kind": kind}], "numbers": number_writing(info)}
    frame, about = read_alike("b.csv", content, info.decided.of_columns())
    return prediction_rows_of_file(frame, about, content, card)[0]["v"]


def full_width(text: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


NUMBERS = {
    "ten thousands beside plain numbers": (
        [f"{value}\u4e07" if at % 2 else f"{value * 1000:.0f}" for at, value in enumerate(SMALL)],
        [value * (10_000 if at % 2 else 1_000) for at, value in enumerate(SMALL)],
    ),
    "ten thousands of yuan": ([f"{value}\u4e07\u5143" for value in SMALL], [value * 10_000 for value in SMALL]),
    "hundred millions": ([f"{value}\u5104\u5186" for value in SMALL], [value * 1e8 for value in SMALL]),
    "lakh and crore": (
        [f"{value} {'Cr' if at % 2 else 'Lac'}" for at, value in enumerate(SMALL)],
        [value * (1e7 if at % 2 else 1e5) for at, value in enumerate(SMALL)],
    ),
    "rupees": ([f"Rs.{value // 1000},{value % 1000:03d}/-" for value in WHOLE], WHOLE),
    "yen": ([f"\u00a5{value:,}" for value in WHOLE], WHOLE),
    "yen behind": ([f"{value:,}\u5186" for value in WHOLE], WHOLE),
    "wide yen": ([f"\uffe5{value}" for value in WHOLE], WHOLE),
    "wide digits": ([full_width(f"{value}") for value in SMALL], SMALL),
    "wide marks": ([full_width(f"{value:,}.5") for value in WHOLE], [value + 0.5 for value in WHOLE]),
    "one sign for a unit": ([f"{value}\u2103" for value in SMALL], SMALL),
    "square metres in one sign": ([f"{value}\u33a1" for value in WHOLE], WHOLE),
    "millions to the digit": ([f"{value:.1f}".replace(".", ",") + " Mio" for value in SMALL], None),
}


@pytest.mark.parametrize("case", NUMBERS)
def test_numbers_of_many_countries_are_read_and_predicted_for_alike(case):
    cells, expected = NUMBERS[case]
    expected = [float(f"{value:.1f}e6") for value in SMALL] if expected is None else expected
    values, info, _ = column(cells)
    np.testing.assert_allclose(values, expected, rtol=1e-15 if case == "millions to the digit" else 1e-12)
    np.testing.assert_allclose(predicted(info, cells[:3], "number").astype(float), expected[:3], rtol=1e-12)


def test_a_factor_that_earlier_models_took_for_a_unit_stays_one():
    info = read_bytes("a.csv", table(SMALL))[1]
    reading = {"as": "number", "unit": "\u4e07"}
    card = {"features": [{"name": "v", "kind": "number"}], "numbers": {"columns": {"v": reading}}}
    content = table(["1.2\u4e07"])
    rows, _ = prediction_rows_of_file(*read_alike("b.csv", content, info.decided.of_columns()), content, card)
    assert rows["v"].tolist() == [1.2]


@pytest.mark.parametrize(
    ("above", "below", "unit"),
    [("\u25b2 ", "\u25bc ", "%"), ("\u2191", "\u2193", ""), ("", "\u25b3", ""), ("", "\u25b2", "")],
)
def test_triangles_and_arrows_are_signs(above, below, unit):
    """Of stock prices, and of Japanese accounts, where numbers above 0 have no mark."""
    expected = [value if at % 3 else -value for at, value in enumerate(WHOLE)]
    cells = [f"{below if value < 0 else above}{abs(value):,}{unit}" for value in expected]
    values, info, _ = column(cells)
    assert values.tolist() == expected
    assert any(f"those with {below.strip()} are negative" in note for note in info.notes)
    assert predicted(info, cells[:3], "number").tolist() == expected[:3]


def test_triangles_on_all_numbers_are_no_signs():
    assert not pd.api.types.is_numeric_dtype(column([f"\u25b3{value}" for value in WHOLE])[0])


@pytest.mark.parametrize("sign", ["\u00a5", "\uffe5"])
def test_the_last_sign_of_an_amount_in_yen_is_no_minus(sign):
    assert column([f"{sign}{value:,}-" for value in WHOLE])[0].tolist() == WHOLE
    assert column([f"{value}-" for value in WHOLE])[0].tolist() == [-value for value in WHOLE]


def test_bounds_alone_are_classes_and_no_missing_numbers():
    values, info, about = column([[">50K", "<=50K"][at % 3 == 0] for at in range(ROWS)], "income", ",")
    assert set(values) == {">50K", "<=50K"}
    assert about.column("income").target_kind == "category"
    assert not [note for note in info.noted if note.kind == "unread"]
    assert not [hint for hint in about.hints if hint.kind == "spellings"]


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([f"{value},50-" for value in WHOLE], 1.0),  # As SAP writes amounts: a decimal comma.
        ([f"\u00a3{value}" for value in WHOLE], 1000.0),  # Pounds have decimal points.
        ([f"{value:.1f}" for value in SMALL], 1000.0),
    ],
)
def test_a_mark_that_may_be_two_is_told_by_other_columns(others, expected):
    lines = ["a;b", *(f"{at + 1},{100 + at} ft;{other}" for at, other in enumerate(others))]
    frame, info = read_bytes("a.csv", "\n".join(lines).encode())
    written = [at + 1 + (100 + at) / 1000 for at in range(ROWS)]
    np.testing.assert_allclose(frame["a"], np.array(written) * expected)
    assert not [note for note in info.noted if note.kind == "doubt"]


@pytest.mark.parametrize(
    "others",
    [
        [f"{value}.{100 + at}" for at, value in enumerate(range(100, 100 + ROWS))],  # In doubt themselves.
        [f"{value},50-" if at % 2 else f"{value}.5-" for at, value in enumerate(WHOLE)],
    ],
)
def test_a_mark_that_others_leave_in_doubt_stays_in_doubt(others):
    lines = ["a;b", *(f"{at + 1},{100 + at} ft;{other}" for at, other in enumerate(others))]
    frame, info = read_bytes("a.csv", "\n".join(lines).encode())
    assert not pd.api.types.is_numeric_dtype(frame["a"])
    assert next(note.column for note in info.noted if note.kind == "doubt") == "a"


@pytest.mark.parametrize("stand_in", [-99.9, -999.9, 999.9, 9999.9, -6999, -32768])
def test_nines_with_decimals_and_what_loggers_write_are_asked_about(stand_in):
    cells = [stand_in if at % 6 == 0 else value for at, value in enumerate(SMALL)]
    _, _, about = column(cells)
    (hint,) = [hint for hint in about.hints if hint.kind == "sentinel"]
    assert hint.text.startswith(f"{stand_in} occurs in 7 cells of 'v'")


@pytest.mark.parametrize("words", [("A", "A+", "A-"), ("1", "1+", "1-"), ("C", "C++", "C#"), ("<5", ">5", "=5")])
def test_signs_that_tell_words_apart_are_no_spellings(words):
    _, _, about = column([words[at % 3] for at in range(ROWS)])
    assert not [hint for hint in about.hints if hint.kind == "spellings"]


@pytest.mark.parametrize("words", [("East", "EAST."), ("New-York", "new york"), ("pos", "pos."), ("a_b", "A  b")])
def test_spellings_of_one_word_are_still_offered_as_one(words):
    _, _, about = column([words[at % 2] for at in range(ROWS)])
    assert [hint for hint in about.hints if hint.kind == "spellings"]


@pytest.mark.parametrize("name", ["Buchungstag", "Belegdatum", "orderdate", "dt", "v"])
@pytest.mark.parametrize("form", ["%Y%m%d", "%Y%m%d%H%M%S", "%Y%m"])
def test_dates_in_digits_are_dates_whatever_their_column_is_called(name, form):
    values, _, about = column([f"{day:{form}}" for day in DAYS], name)
    assert about.column(name).kind == "date"
    first = pd.Timestamp(dt.datetime.strptime(f"{DAYS[0]:{form}}", form))
    found = days(values, day_way(values))[0]
    assert found == pytest.approx((first - pd.Timestamp(0)) / pd.Timedelta(days=1), abs=1e-9)


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("Date", [(day - dt.datetime(1899, 12, 30)).total_seconds() / 86400 for day in DAYS]),  # Of a spreadsheet.
        ("ts", [f"{(day - dt.datetime(1970, 1, 1)).total_seconds():.3f}" for day in DAYS]),
    ],
)
def test_moments_in_numbers_with_decimals_are_dates(name, cells):
    values, _, about = column(cells, name)
    assert about.column(name).kind == "date"
    expected = [(day - dt.datetime(1970, 1, 1)).total_seconds() / 86400 for day in DAYS]
    np.testing.assert_allclose(days(values, day_way(values)), expected, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("salary", WHOLE),
        ("time", [1_800 * (at + 1) for at in range(ROWS)]),
        ("candidate", [40_000 + value // 10 for value in WHOLE]),
        ("order id", [int(f"{day:%Y%m%d}") for day in DAYS]),
        ("v", [20_200_000 + value for value in WHOLE]),
    ],
)
def test_other_whole_numbers_are_no_dates(name, cells):
    assert column(cells, name)[2].column(name).kind != "date"


@pytest.mark.parametrize("written", ["{:%m.%Y}", "0{:%m.%Y}"])
def test_months_like_05_2014_are_dates_and_no_numbers(written):
    months = [pd.Timestamp(day.year, day.month, 1) for day in DAYS]
    values, info, about = column([written.format(day) for day in DAYS], "first registration")
    assert values.tolist() == months
    assert about.column("first registration").kind == "date"
    _, info, _ = column([written.format(day) for day in DAYS])
    assert predicted(info, [written.format(DAYS[0])], "date").tolist() == months[:1]


def test_prices_below_thirteen_are_no_months():
    prices = [f"{1 + at % 12}.{1990 + 7 * at}" for at in range(ROWS)]
    assert column(prices)[0].tolist() == [float(price) for price in prices]


@pytest.mark.parametrize("name", ["Order No.", "Kunden-Nr.", "Rechnungsnummer", "Invoice #", "EAN", "Phone Number"])
def test_numbers_that_are_called_numbers_are_no_features(name):
    assert column(DRAW.sample(range(100_000, 999_999), ROWS), name)[2].column(name).left_out == "identifier"


@pytest.mark.parametrize("name", ["Number of rooms", "total number", "salary", "Numbness"])
def test_numbers_of_something_are_features(name):
    assert column(DRAW.sample(range(100_000, 999_999), ROWS), name)[2].column(name).left_out is None


def test_telephone_numbers_that_return_are_no_features():
    cells = [f"+1555{at % 9}848111" if at % 3 else "" for at in range(ROWS)]
    assert column(cells, "Phone")[2].column("Phone").left_out == "identifier"


@pytest.mark.parametrize("tail", ["", "\t"])
@pytest.mark.parametrize("digits", [17, 18, 28])
def test_digits_that_no_float_keeps_stay_as_they_are(digits, tail):
    numbers = [str(DRAW.randint(10 ** (digits - 1), 10**digits - 1)) if at % 4 else "" for at in range(ROWS)]
    values, _, about = column([f"{number}{tail}" if number else "" for number in numbers])
    assert values.fillna("").tolist() == numbers
    assert about.column("v").left_out == "identifier"


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ([f"{at % 7}:{at % 5} ({at % 3}:{at % 2})" for at in range(ROWS)], "two numbers in each cell, like 0:0 (0:0)"),
        ([f"{at + 20} ({at}%)" for at in range(ROWS)], "several numbers in each cell, like 20 (0%)"),
        ([f"grid {at}.5 north" for at in range(ROWS)], "numbers within text like grid 0.5 north"),
        ([f"roughly {at}.5 km" for at in range(ROWS)], "numbers within text like roughly 0.5 km"),
        ([f"{at + 50}+{at % 3}" for at in range(ROWS)], "two numbers in each cell, like 50+0"),
        ([f"{at + 100}/{at + 60}" for at in range(ROWS)], "two numbers in each cell, like 100/60"),
        ([f"{1 + at % 28:02d}.{1 + at % 12:02d}." for at in range(ROWS)], "days without a year like 01.01."),
        (
            [f"\u00a3{at + 20},000 - \u00a3{at + 40},000" for at in range(ROWS)],
            "ranges like \u00a320,000 - \u00a340,000",
        ),
        ([f"${at + 20}k-${at + 40}k" for at in range(ROWS)], "ranges like $20k-$40k"),
        ([f"{at + 20}-{at + 25}%" for at in range(ROWS)], "ranges like 20-25%"),
        ([f"{('From', 'Offers over')[at % 2]} \u00a3{at + 200},000" for at in range(ROWS)], "amounts within text"),
    ],
)
def test_numbers_that_stay_words_are_said(cells, says):
    _, info, _ = column(cells)
    assert any(says in note.text for note in info.noted if note.kind == "doubt"), info.notes


@pytest.mark.parametrize(
    "cells",
    [
        [f"0{840 + at}/{1_714_752 + at}" for at in range(ROWS)],  # Telephone numbers.
        [f"INV-{at:05d}" for at in range(ROWS)],
        [f"{at % 9 + 1}/{at:03d}" for at in range(ROWS)],
        [f"10.0.{at}.{at + 7}" for at in range(ROWS)],
        [f"({200 + at}) {300 + at}-{4000 + at}" for at in range(ROWS)],
        [f"Item {at}" for at in range(ROWS)],
    ],
)
def test_names_in_digits_are_not_doubted(cells):
    assert not [note for note in column(cells)[1].noted if note.kind == "doubt"]
