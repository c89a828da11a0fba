"""Rows of totals, balances, page numbers and notes between and below the rows of exported text files."""

import random

import pytest

from tests.core.read_lines import german, read

ROWS = 30
DRAW = random.Random(5)
AMOUNTS = [round(DRAW.uniform(1, 900), 2) for _ in range(ROWS)]


@pytest.mark.parametrize(
    "label",
    [
        *(
            "Totale complessivo",
            "Razem",
            "Celkem",
            "\u00d6sszesen",
            "Genel Toplam",
            "Summa",
            "Totalt",
            "I alt",
            "Ukupno",
        ),
        *(
            "Yhteens\u00e4",
            "Totaux",
            "Gesamtbetrag",
            "\u5408\u8ba1",
            "\u7e3d\u8a08",
            "\ud569\uacc4",
            "Suma ko\u0144cowa",
        ),
        *("*", "\u03a3", "Overall"),  # Only where they add up.
    ],
)
def test_totals_of_many_languages_are_left_out(label):
    rows = [f"item {at};{german(value)}" for at, value in enumerate(AMOUNTS)]
    frame, notes = read(["item;amount", *rows, f"{label};{german(sum(AMOUNTS))}"])
    assert frame["amount"].tolist() == AMOUNTS
    assert f"Line {ROWS + 2} holds totals and was left out." in notes


@pytest.mark.parametrize("label", ["*", "Overall", "all"])
def test_rows_that_do_not_add_up_stay(label):
    rows = [f"item {at};{german(value)}" for at, value in enumerate(AMOUNTS)]
    assert len(read(["item;amount", *rows, f"{label};12,50"])[0]) == ROWS + 1


def test_a_last_row_without_a_name_that_is_no_sum_is_said():
    """Visitors of a year are fewer than the sum of the visitors of its months, and more than those of any month."""
    rows = [f"page {at},{100 + at},{at / 2}" for at in range(ROWS)]
    frame, notes = read(["page,visitors,rate", *rows, ",2750,7.25"])
    assert len(frame) == ROWS + 1
    assert (
        f"Line {ROWS + 2} has no name and larger numbers than all rows above: it may hold totals and was kept."
    ) in notes
    _, notes = read(["page,visitors,rate", *rows, ",120,7.25"])
    assert not any("may hold totals" in note for note in notes)


@pytest.mark.parametrize(
    ("between", "rows"),
    [
        ("Page,{}", 4),
        ("Seite,{},von,4", 4),
        ("Page,{} of 4,,,", 4),
        ("Carried forward,,,{},", 4),
        ("Brought forward,,,{},", 4),
        ("\u00dcbertrag,,,{},", 4),
        ("Item {},,,,", 0),
    ],
)
@pytest.mark.parametrize("long", [1, 30])
def test_numbers_of_pages_and_what_is_carried_over_are_no_rows(between, rows, long):
    """Between printed pages they have cells where values stand: they are left out and named."""
    lines = ["item,qty,price,tax,sort"]
    for page in range(4 * long):
        lines += [f"i{page}-{at},{at},{at * 2.5},{at + 1},a" for at in range(9)]
        lines += [between.format(page + 1)]
    frame, notes = read(lines)
    assert len(frame) == 36 * long + (0 if rows else 4 * long)
    said = [note for note in notes if "between the values hold notes and were left out" in note]
    assert bool(said) == bool(rows)
    if rows:
        assert frame["qty"].tolist() == [*range(9)] * 4 * long
        assert frame["price"].dtype == "float64"


@pytest.mark.parametrize("label", ["Closing balance", "Endsaldo", "Solde final"])
def test_the_balance_below_payments_is_no_payment(label):
    rows = [f"2024-01-{at:02};t{at};{at}.50" for at in range(1, 20)]
    frame, notes = read(["Date;Text;Amount", *rows, f"{label};;1234.00"])
    assert len(frame) == 19
    assert "Line 21 holds totals and was left out." in notes


@pytest.mark.parametrize("label", ["All", "Overall", "Alle"])
def test_all_rows_together_on_top_of_them_are_no_row(label):
    rows = [f"n{at},{at},{at * 2}" for at in range(1, 21)]
    frame, notes = read(["name,a,b", f"{label},{sum(range(1, 21))},{2 * sum(range(1, 21))}", *rows])
    assert len(frame) == 20
    assert "Line 2 holds totals or means of the rows below and was left out." in notes
    frame, _ = read(["name,a,b", f"{label},7,9", *rows])
    assert len(frame) == 21


def test_the_number_of_cases_below_a_table_is_a_note():
    frame, notes = read(["name,a,b", *[f"n{at},{at},{at * 2}" for at in range(20)], "n = 20,,"])
    assert len(frame) == 20
    assert "Line 22 below the table holds notes and was left out." in notes


@pytest.mark.parametrize(
    ("label", "of"), [("{} Total", sum), ("{} total", sum), ("{} Mean", lambda rows: sum(rows) / 12)]
)
def test_totals_of_a_year_in_a_column_of_months_are_no_month(label, of):
    lines, rows = [], []
    for year in (2020, 2021, 2022):
        rain = [month * year % 97 for month in range(1, 13)]
        lines += [f"{year}-{month:02},{one}" for month, one in enumerate(rain, 1)]
        lines += [f"{label.format(year)},{of(rain):.6g}"]
        rows += rain
    frame, notes = read(["Month,Rain", *lines])
    assert frame["Rain"].tolist() == rows
    assert frame["Month"].isna().sum() == 0
    assert any("hold totals or means of the rows above and were left out" in note for note in notes)


@pytest.mark.parametrize("note", ["1) unaudited", "(2) estimated by the office", "a) without Wales"])
def test_a_numbered_note_right_below_a_table_is_no_row(note):
    rows = [f"P{at},{at * 100},{at * 110}" for at in range(25)]
    frame, notes = read(
        ["Position,2022,2023", *rows, f"Total,{sum(range(25)) * 100},{sum(range(25)) * 110}", f"{note},,"]
    )
    assert len(frame) == 25
    assert "Line 28 below the table holds notes and was left out." in notes
