"""Columns whose numbers have different decimal marks: a line names the rows."""

import pytest

from core.tables.sources import read_bytes


def read(cells):
    content = "value;y\n" + "".join(f"{cell};{at}\n" for at, cell in enumerate(cells))
    frame, info = read_bytes("a.csv", content.encode())
    return frame["value"].tolist(), " ".join(info.notes)


@pytest.mark.parametrize(("usual", "other"), [(",", "."), (".", ",")])
def test_a_few_numbers_with_the_other_mark_and_three_decimals_are_named(usual, other):
    cells = [f"{at}{other if at % 20 == 4 else usual}{at * 7 % 899 + 101}" for at in range(60)]
    values, said = read(cells)
    assert values[5] == pytest.approx(float(cells[5].replace(",", ".")))
    assert f"3 cells of 'value' like 4{other}129 (rows 6, 26, 46) were read as 4129" in said
    assert f"4{other}129 may have another decimal mark" in said


@pytest.mark.parametrize(
    "cells",
    [
        [*(f"{at},{at + 10}" for at in range(40)), "1.234", "2.345"],  # Two decimals: a point is between thousands.
        [*(f"{at},{at + 110}" for at in range(40)), "1.234,125", "2.345"],  # Thousands beside three decimals.
        [*(f"{at},{at + 110}" for at in range(40)), "12345", "2.345"],
    ],
)
def test_thousands_are_no_other_mark(cells):
    assert "another decimal mark" not in read(cells)[1]


def test_a_column_with_both_marks_is_words_and_a_line_names_rows():
    cells = [f"{at}{',' if at % 3 == 1 else '.'}{at + 10}" for at in range(60)]
    values, said = read(cells)
    assert values == cells
    assert "numbers with a decimal comma and with a point: 1,11 (rows 3, 6, 9, 12, 15, ...) beside 0.10" in said
