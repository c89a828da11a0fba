"""Tables as services, banks and repositories of data export them: notes behind a gap, totals of which some numbers add
up, tabs among blanks. The expected values are those that the files are written from.
"""

import random

import pytest

from core.tables.sources import read_bytes
from tests.core.read_lines import german, read

DRAW = random.Random(7)
AMOUNTS = [DRAW.randint(1_000, 90_000) for _ in range(40)]


def test_notes_of_one_cell_behind_a_gap_are_no_rows():
    """As a sales report ends."""
    rows = [f'"Acme {at}","{amount}.00","Closed","{at % 3}"' for at, amount in enumerate(AMOUNTS)]
    notes = ['"Sales Report"', '"Copyright (c) 2000-2024 a firm"', '"Do Not Distribute"', '"Ann Lee"', '"Acme Inc"']
    frame, said = read(['"Name","Amount","Stage","Kind"', *rows, "", "", *notes])
    assert frame["Amount"].tolist() == AMOUNTS
    assert "Lines 44, 45, 46, 47, 48 below the table hold notes and were left out." in said


def test_rows_of_one_cell_that_are_not_apart_are_rows():
    rows = [f"Acme {at},{amount},Closed" for at, amount in enumerate(AMOUNTS)]
    frame, _ = read(["Name,Amount,Stage", *rows, "Acme X,,", "Acme Y,,"])
    assert frame["Name"].tolist()[-2:] == ["Acme X", "Acme Y"]


def test_totals_of_which_some_numbers_add_up_are_left_out():
    """As those of visitors, who are counted once in all, beside rates."""
    rows = [f"202401{at:02},{at * 7 + 900},{amount},{at + 20}.50%" for at, amount in enumerate(AMOUNTS, 1)]
    frame, said = read(["Date,Users,Sessions,Rate", *rows, f",20000,{sum(AMOUNTS)},40.00%"])
    assert frame["Sessions"].tolist() == AMOUNTS
    assert "Line 42 holds totals and was left out." in said
    frame, said = read(["Date,Users,Sessions,Rate", *rows, f",20000,{sum(AMOUNTS) + 5_000},40.00%"])
    assert len(frame) == 41
    assert any("it may hold totals and was kept" in note for note in said)


@pytest.mark.parametrize("name", ["auto-mpg.data", "a.txt"])
def test_blanks_and_a_tab_part_columns(name):
    """As in the table of cars of the repository of Irvine."""
    rows = [
        f'{at}.5   {at % 3 + 4}   {at * 3}.0      {"?" if at % 9 == 4 else 100 + at}.\t"ford {at % 5}"'
        for at in range(40)
    ]
    frame, _ = read_bytes(name, ("\n".join(rows) + "\n").encode())
    assert [frame[column].tolist() for column in ("Column 1", "Column 5")] == [
        [at + 0.5 for at in range(40)],
        [f"ford {at % 5}" for at in range(40)],
    ]


def test_several_tabs_between_cells_are_one():
    """As in the table of seeds of that repository."""
    tabs = ["\t\t" if at % 13 == 3 else "\t" for at in range(40)]
    rows = [f"{at}.5\t{at * 2}.25{tabs[at]}{at % 3}" for at in range(40)]
    frame, said = read(rows, "seeds.txt")
    assert frame["Column 3"].tolist() == [at % 3 for at in range(40)]
    assert not any("left out" in note for note in said)


def test_tabs_part_cells_of_words_and_blank_cells():
    rows = [f"Ann  Lee\t{at}\tok" for at in range(40)]
    frame, _ = read(["name\tn\tstate", *rows], "a.txt")
    assert list(frame) == ["name", "n", "state"]
    rows = [f"{at}\t{'' if at % 7 == 3 else at * 2}\t{at % 3}" for at in range(40)]
    frame, _ = read(["a\tb\tc", *rows], "a.txt")
    assert frame["b"].fillna(-1).tolist() == [-1 if at % 7 == 3 else at * 2 for at in range(40)]
    rows = [f"AB  {at}\t{at * 2}" for at in range(40)]  # A code of two parts.
    frame, _ = read(["code\tn", *rows], "a.txt")
    assert frame["code"].tolist() == [f"AB  {at}" for at in range(40)]
    rows = [f"2024-01-{at % 28 + 1:02} 10:30\t{at}" for at in range(40)]
    frame, _ = read(["time\tn", *rows], "a.txt")
    assert frame["n"].tolist() == list(range(40))


def test_a_zero_before_a_mark_tells_the_decimals_of_other_columns():
    """As power beside volts: 243.039 has three decimals where 0.216 has."""
    rows = [
        f"{'?' if at % 17 == 3 else f'0.{at + 200}'};{'?' if at % 17 == 3 else f'{at + 220}.039'}" for at in range(40)
    ]
    frame, _ = read(["power;volts", *rows])
    assert frame["volts"].fillna(-1).tolist() == [-1 if at % 17 == 3 else at + 220.039 for at in range(40)]


def test_c_and_d_behind_money_are_signs():
    """As banks of Brazil mark what came and what went."""
    cells = [f"R$ {german(amount / 100)} {'CD'[at % 2]}" for at, amount in enumerate(AMOUNTS)]
    frame, _ = read(["valor;y", *(f"{cell};{at}" for at, cell in enumerate(cells))])
    assert frame["valor"].tolist() == [amount / 100 * (-1) ** at for at, amount in enumerate(AMOUNTS)]


def test_two_totals_below_a_report_are_left_out_though_rates_do_not_add_up():
    """As of campaigns and of the account."""
    rows = [f'on,C{at},"{amount:,}.00",{at % 9 + 0.5}%,{at % 7}.25' for at, amount in enumerate(AMOUNTS)]
    totals = [f'Total: {what}, --,"{sum(AMOUNTS):,}.00",3.00%,1.20' for what in ("Campaigns", "Account")]
    frame, said = read(["State,Campaign,Cost,Rate,Average", *rows, *totals])
    assert frame["Cost"].tolist() == AMOUNTS
    assert "Lines 42, 43 hold totals and were left out." in said
    lower = [total.replace(f"{sum(AMOUNTS):,}", "1,234") for total in totals]
    assert len(read(["State,Campaign,Cost,Rate,Average", *rows, *lower])[0]) == 42


def test_a_total_without_a_name_above_the_rows_is_left_out():
    """As reports of advertisements have it, where the reach does not add up."""
    rows = [f"2024-01-{at % 28 + 1:02},C{at % 5},{amount},{at * 7 + 900}" for at, amount in enumerate(AMOUNTS)]
    frame, said = read(["Day,Campaign,Spent,Reach", f"2024-01-01,,{sum(AMOUNTS)},19999", *rows])
    assert frame["Spent"].tolist() == AMOUNTS
    assert "Line 2 holds totals or means of the rows below and was left out." in said
    frame, _ = read(["Day,Campaign,Spent,Reach", f"2024-01-01,,{sum(AMOUNTS) + 4_000},19999", *rows])
    assert len(frame) == 41


@pytest.mark.parametrize("name", ["Inn p\u00e5 konto", "Account balance", "license fee"])
def test_money_on_an_account_is_no_number_of_an_account(name):
    cells = [german(amount / 100) for amount in AMOUNTS]
    frame, _ = read(
        [f"day;{name}", *(f"{at % 28 + 1}.3.2024;{cell if at % 2 else ''}" for at, cell in enumerate(cells))]
    )
    assert frame[name].dropna().tolist() == [amount / 100 for amount in AMOUNTS[1::2]]


@pytest.mark.parametrize("name", ["account", "phone", "zip code"])
def test_numbers_of_accounts_stay_words(name):
    cells = [f"{amount + 10_000:,}".replace(",", " ") for amount in AMOUNTS]
    frame, _ = read([f"{name};y", *(f"{cell};{at}" for at, cell in enumerate(cells))])
    assert frame[name].tolist() == cells


def test_a_total_whose_formulas_were_never_calculated_is_no_row():
    rows = [f"C{at % 3},{amount},x" for at, amount in enumerate(AMOUNTS)]
    frame, said = read(["Region,Units,Kind", *rows, "Total,,"])
    assert frame["Units"].tolist() == AMOUNTS
    assert "Line 42 holds totals and was left out." in said
    assert len(read(["Region,Units,Kind", "Total,,", *rows, "Total,,"])[0]) == 42  # Rows may be called so.


def test_lines_that_differ_in_their_numbers_are_no_titles_that_come_again():
    lines = [f"temp={at}.5 hum={at + 20} state={('on', 'off', 'out')[at % 3]}" for at in range(40)]
    frame, said = read(["readings", *lines], "a.txt")
    assert frame["readings"].tolist() == lines
    frame, said = read(lines, "a.txt")
    assert len(frame) >= 39
    assert not any("repeat" in note for note in said)


@pytest.mark.parametrize("name", ["name", "site"])
def test_a_word_and_a_number_below_one_name_are_one_column(name):
    lines = [f"Site {at}" for at in range(1, 40)]
    assert read([name, *lines], "a.txt")[0][name].tolist() == lines


def test_pairs_and_days_with_a_clock_are_named():
    rows = [f"1:{at}.6124,{at % 28 + 1:02}.02. {at % 24:02}:00" for at in range(40)]
    _, said = read(["pair,day", *rows])
    assert "Column 'pair' holds two numbers in each cell, like 1:0.6124: treated as words." in said
    assert "Column 'day' holds days without a year like 01.02. 00:00: treated as words." in said


def test_lines_with_quoted_words_within_quotation_marks_are_named():
    rows = [f'"{at},""n{at}"",{at}.5"' for at in range(40)]
    _, said = read(['"id,""name"",price"', *rows])
    assert any("is enclosed in quotation marks, so it is a single cell" in note for note in said)


def test_words_that_all_come_again_below_are_no_names():
    """As in tables without names of which all columns are classes."""
    draw = random.Random(3)
    choices = (("high", "low"), ("med", "low"), ("2", "5more"), ("2", "4", "more"), ("small", "big"), ("yes", "no"))
    rows = [",".join(draw.choice(choice) for choice in choices) for _ in range(60)]
    for first in ("high,med,5more,4,big,yes", "low,low,2,more,small,no"):
        frame, said = read([first, *rows], "car.data")
        assert frame.shape == (61, 6)
        assert any("No line holds names" in note for note in said)
    frame, _ = read(["price,keep,doors,seats,boot,ok", *rows[:30], "price,keep,doors,seats,boot,ok", *rows[30:]])
    assert list(frame) == ["price", "keep", "doors", "seats", "boot", "ok"]  # Though they stand there again.
    assert len(frame) == 60
