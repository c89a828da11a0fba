"""Prices by the night, inches, ages, results of laboratories, powers of ten, quarters and halves of a year, as shops,
clinics and offices of the world write them: the values are those that the cells were written from.
"""

import math
import random

import pandas as pd
import pytest

from core.tables.cell_dates import day_of
from core.tables.profile import profile
from core.tables.sources import read_bytes

DRAW = random.Random(4)
AMOUNTS = [DRAW.randint(40, 4_000) for _ in range(40)]
SMALL = [round(DRAW.uniform(1, 9.9), 1) for _ in range(40)]


def read(cells: list[str], name: str = "x") -> tuple[pd.Series, list[str]]:
    """The values of a column with these cells, and what is said of it."""
    content = f"{name};y\n" + "".join(f"{cell};{at}.5\n" for at, cell in enumerate(cells))
    frame, info = read_bytes("a.csv", content.encode())
    return frame[name], [note.text for note in info.noted]


PRICES = {
    "$%s / night": "$/night",
    "$%s/night": "$/night",
    "$%s per night": "$/night",
    "\u20ac%s pcm": "\u20ac/pcm",
    "%s \u20ac/Monat": "\u20ac/Monat",
    "from $%s": "$",
    "ab %s,- \u20ac": "\u20ac",
    "\u00e0 partir de %s \u20ac": "\u20ac",
    "KSh %s": "KSh",
    "AED %s": "AED",
    "%s kWh/100 km": "kWh/100 km",
    "%s l/100km": "l/100km",
}


@pytest.mark.parametrize("form", PRICES)
def test_amounts_with_what_they_are_for_are_numbers(form):
    values, _ = read([form % amount for amount in AMOUNTS], "price")
    assert values.tolist() == AMOUNTS


@pytest.mark.parametrize("cell", ["$5 apples", "from Berlin 12", "ab 18", "$12 a"])
def test_words_with_amounts_stay_words(cell):
    values, _ = read([cell.replace("1", str(at % 7)) + "abcdefg"[at % 7] for at in range(40)])
    assert not pd.api.types.is_numeric_dtype(values)


def test_inches_are_written_as_fractions():
    cells = {'1 1/2"': 1.5, '3/4"': 0.75, '2"': 2.0, '2 1/4"': 2.25, '1/2"': 0.5, '12"': 12.0}
    values, _ = read([*cells] * 6, "size")
    assert values.tolist() == [*cells.values()] * 6


@pytest.mark.parametrize(
    "form", ["{}y {}m", "{} years {} months", "{} yrs, {} mos", "{} Jahre {} Monate", "{} ans {} mois"]
)
def test_ages_in_years_and_months_are_years(form):
    ages = [(DRAW.randint(0, 17), DRAW.randint(0, 11)) for _ in range(40)]
    values, notes = read([form.format(*age) for age in ages], "age")
    assert values.tolist() == pytest.approx([years + months / 12 for years, months in ages])
    assert any("amounts in two units" in note for note in notes)


@pytest.mark.parametrize(
    ("form", "power"), [("{}\u00d710\u207b\u00b3", -3), ("{} x 10\u2074", 4), ("{}D-06", -6), ("{}D+03", 3)]
)
def test_powers_of_ten_are_read_in_superscripts_and_as_fortran_writes_them(form, power):
    values, _ = read([form.format(one) for one in SMALL])
    assert values.tolist() == pytest.approx([one * 10.0**power for one in SMALL])


def test_a_comma_behind_one_digit_before_a_power_of_ten_is_decimal():
    numbers = [float(f"{DRAW.uniform(1, 9.99):.3f}E-06") for _ in range(40)]
    values, _ = read([f"{one:.3E}".replace(".", ",") for one in numbers])
    assert values.tolist() == pytest.approx(numbers, rel=1e-12)


def test_billions_in_french_are_billions():
    values, _ = read([f"{one} Md\u20ac".replace(".", ",") for one in SMALL])
    assert values.tolist() == pytest.approx([one * 1e9 for one in SMALL])


def test_flags_of_a_laboratory_tell_what_is_outside_the_usual_range():
    numbers = [DRAW.randint(50, 200) for _ in range(60)]
    values, notes = read([f"{one}{' H' if one > 150 else ' L' if one < 70 else ''}" for one in numbers], "glucose")
    assert values.tolist() == numbers
    assert any("followed by flags" in note and "H in" in note for note in notes)
    rooms, _ = read([f"{one} {'HL'[at % 2]}" if at % 3 else f"{one}" for at, one in enumerate(numbers)], "room")
    assert not pd.api.types.is_numeric_dtype(rooms)


def test_a_first_footnote_stands_behind_decimals_and_not_behind_the_number_of_a_house():
    values, _ = read([f"{one}{['', '', 'a', 'b', ''][at % 5]}" for at, one in enumerate(SMALL)], "rate")
    assert values.tolist() == SMALL
    houses, _ = read([f"{at % 37 + 1}{['', '', 'a', 'b', ''][at % 5]}" for at in range(40)], "house")
    assert not pd.api.types.is_numeric_dtype(houses)


QUARTERS = {
    **dict.fromkeys(("q3 2021", "2021q3", "2021-q3", "3q21", "3q2021", "q3'21", "q3/2021"), (2021, 7, 1)),
    **dict.fromkeys(
        ("t3 2021", "3t2021", "2021-t3", "3. quartal 2021", "3 quartal 2021", "3 \u043a\u0432. 2021"), (2021, 7, 1)
    ),
    **dict.fromkeys(("h2 2021", "2021h2", "2021-h2", "2h2021", "2021-s2", "s2 2021", "h2'21"), (2021, 7, 1)),
    **dict.fromkeys(("2021m7", "2021m07", "2021 m7"), (2021, 7, 1)),
    **dict.fromkeys(("h3 2021", "q5 2021", "t34", "2021m13", "q3", "h2"), None),
}


@pytest.mark.parametrize("text", QUARTERS)
def test_quarters_and_halves_of_a_year_are_their_first_day(text):
    assert day_of(text) == QUARTERS[text]


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("[03.11.23, 14:30:05]", "2023-11-03 14:30:05"),
        ("Sun Nov 22 14:30:05 2020 +0200", "2020-11-22 12:30:05"),
    ],
)
def test_moments_of_messages_and_commits_are_dates(cell, moment):
    values, _ = read([cell] * 12)
    assert values.tolist() == [pd.Timestamp(moment)] * 12


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ("({:.4f}, {:.4f})", "places like"),
        ("POINT ({:.4f} {:.4f})", "places like"),
        ("{0:02.0f}-Feb", "a month with a day or with a year of two digits"),
        ("Nov {0:02.0f}", "a month with a day or with a year of two digits"),
    ],
)
def test_what_may_be_places_or_days_is_said(form, says):
    cells = [form.format(at % 28 + 1, DRAW.uniform(1, 90)) for at in range(60)]
    values, notes = read(cells)
    assert values.tolist() == cells
    assert any(says in note and note.endswith("treated as words.") for note in notes)


def test_units_of_amounts_by_time_are_shown():
    content = "price,y\n" + "".join(f"${amount} / night,{at}\n" for at, amount in enumerate(AMOUNTS))
    frame, info = read_bytes("a.csv", content.encode())
    assert info.units == {"price": "$/night"}
    assert profile(frame).columns[0].kind == "number"
    assert not math.isnan(frame["price"].sum())


@pytest.mark.parametrize(
    ("form", "times"),
    [("${}bn", 1e9), ("${}m", 1e6), ("${}T", 1e12), ("\u20ac{}tn", 1e12), ("$ {} trillion", 1e12)],
)
def test_millions_to_trillions_of_money_are_numbers(form, times):
    cells = [form.format(one) for one in SMALL[:30]] + [f"{form[0]}{one}M" for one in SMALL[30:]]
    values, _ = read(cells, "cap")
    assert values.tolist() == pytest.approx([one * times for one in SMALL[:30]] + [one * 1e6 for one in SMALL[30:]])


@pytest.mark.parametrize("form", ["Rp {}", "{} \u20ab", "{} Ft", "IDR {}"])
def test_money_without_cents_has_thousands_in_front_of_three_digits(form):
    amounts = [DRAW.randint(10_000, 999_999) for _ in range(40)]
    values, _ = read([form.format(f"{one:,}".replace(",", ".")) for one in amounts], "price")
    assert values.tolist() == amounts
    _, notes = read([f"{one / 1000:.3f} \u20ac" for one in amounts], "price")
    assert any("may mean thousands or decimals" in note for note in notes)


@pytest.mark.parametrize("word", ["approx. {}", "about {}", "etwa {}", "environ {}"])
def test_amounts_that_are_about_right_are_numbers(word):
    values, _ = read([word.format(one) if at % 4 == 0 else str(one) for at, one in enumerate(AMOUNTS)])
    assert values.tolist() == AMOUNTS


@pytest.mark.parametrize(
    "text",
    [
        "14 \u0623\u063a\u0633\u0637\u0633 2022",
        "14 \u0905\u0917\u0938\u094d\u0924 2022",
        "14 \u05d1\u05d0\u05d5\u05d2\u05d5\u05e1\u05d8 2022",
        "14 \u0e2a.\u0e04. 2022",
        "2022 m. rugpj\u016b\u010dio 14 d.",
        "14 th\u00e1ng 8, 2022",
        "ng\u00e0y 14 th\u00e1ng 8 n\u0103m 2022",
        "Week of Aug 14, 2022",
        "w/c 14/08/2022",
        "Sun Aug 14 00:00:00 +0000 2022",
    ],
)
def test_dates_in_more_languages_and_of_weeks_are_read(text):
    values, _ = read([text] * 12)
    assert values.tolist() == [pd.Timestamp("2022-08-14")] * 12


def test_numbers_that_a_spreadsheet_shortened_are_named():
    cells = [f"{4.9e11 + at * 12345678:.5E}" for at in range(30)]
    _, notes = read(cells, "phone")
    assert any(note.startswith("Numbers like 4.90000E+11 of 'phone' may have lost their last digits") for note in notes)
    _, notes = read([f"{10.0 ** (at % 5 + 9) * 1.2345:.5E}" for at in range(30)], "flux")
    assert not any("lost their last digits" in note for note in notes)


def test_a_column_called_by_duration_in_french_holds_durations():
    values, _ = read([f"{at % 5}h{at % 60:02}" for at in range(40)], "Dur\u00e9e")
    assert values.tolist() == [(at % 5) * 3600 + at % 60 * 60 for at in range(40)]
