"""Amounts with signs become the numbers they mean; what may mean two things stays as it is, and is named."""

import math

import pandas as pd
import pytest

from core.experiment.spec import read
from core.tables.situation import Tables
from core.tables.sources import TableStore, read_bytes

NAN = math.nan


def column(*cells: str, others: str = "") -> tuple[pd.Series, object]:
    """The first column of a file with these cells, beside one of `others`; and what is known of the table."""
    lines = ["a;b", *(f"{cell};{others}" for cell in cells)]
    frame, info = read_bytes("a.csv", "\n".join(lines).encode())
    return frame["a"], info


@pytest.mark.parametrize(
    ("cells", "expected", "unit"),
    [
        (["$1,234.50", "$950", "$3"], [1234.5, 950, 3], "$"),
        (["$1,200", "($950)", "-$3", "$-4", "$ -", "-", "", "+$5"], [1200, -950, -3, -4, 0, NAN, NAN, 5], "$"),
        (["1.234,50 €", "950 €", "-3 €"], [1234.5, 950, -3], "€"),
        (["1.234.567 €", "950 €", "3 €"], [1234567, 950, 3], "€"),
        (["1,234,567 €", "950 €", "3 €"], [1234567, 950, 3], "€"),
        (["12%", " 3.5 % ", "-0.25%"], [12, 3.5, -0.25], "%"),
        (["12,5 %", "3 %", "4 %"], [12.5, 3, 4], "%"),
        (["CHF 1\u20191234.50", "CHF 2", "CHF 3"], None, ""),
        (["CHF 1\u2019234.50", "CHF 2", "CHF 3"], [1234.5, 2, 3], "CHF"),
        (["1 234,50", "2\u202f000,00", "3,00"], [1234.5, 2000, 3], ""),
        (["(1,200.5)", "1,300", "12"], [-1200.5, 1300, 12], ""),
        (["Fr. 1.50", "Fr. 2", "Fr. 3"], [1.5, 2, 3], "Fr."),
        (["12 kr", "\u22123 kr", "1,5 kr"], [12, -3, 1.5], "kr"),
        (["12 USD", "3 USD", "0.5 USD"], [12, 3, 0.5], "USD"),
    ],
)
def test_amounts_are_the_numbers_they_mean(cells, expected, unit):
    found, info = column(*cells)
    if expected is None:
        assert info.amounts == {}
        return
    assert found.tolist() == pytest.approx(expected, nan_ok=True)
    assert info.units == ({"a": unit} if unit else {})
    assert any("read as numbers without their signs" in note for note in info.notes)


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        (["1.234 €", "2.950 €", "3.000 €"], "may mean thousands or decimals"),
        (["$12", "€3", "$4"], r"different units \(\$, €\)"),
        (["12%", "3.5", "4"], r"different units \(%, no sign\)"),
        (["555 123", "666 222", "777 333"], ""),
        (["(1)", "(2)", "(3)"], ""),
        (["12 kg", "14 kg", "3 kg"], ""),
        (["01.02.2020", "03.04.2021", "05.06.2022"], ""),
        (["1.2.3", "4.5.6", "7.8.9"], ""),
        (["$1", "two", "$3"], ""),
        (["$12€", "$3€", "$4€"], ""),
        (["-", "--", "-"], ""),
    ],
)
def test_what_may_mean_something_else_stays_as_it_is(cells, says):
    found, info = column(*cells)
    assert found.tolist() == cells
    assert (info.amounts, info.units) == ({}, {})
    assert bool(says) == any("amounts" in note for note in info.notes)
    assert not says or pd.Series(info.notes).str.contains(says).any()


def test_the_marks_of_the_other_numbers_tell_what_a_dot_means():
    found, info = column("1.234 €", "2.950 €", "3.000 €", others="1,5")
    assert info.options["decimal"] == ","
    assert found.tolist() == [1234, 2950, 3000]


def test_a_price_is_predicted_in_its_own_unit(tmp_path):
    tables = Tables(TableStore(tmp_path))
    rows = "".join(f'{at},"${at * 1000:,}"\n' for at in range(1, 41))
    info = tables.store.keep("homes.csv", f"rooms,price\n{rows}".encode())
    experiment = read(
        {"version": 1, "data": {"table": info.ref, "targets": ["price"], "features": {"rooms": "number"}}}
    )
    assert tables.units(experiment) == {"price": "$"}
    assert tables.prepared(experiment).answers["price"].truth.max() == 40_000
    assert tables.profile(info.ref).columns[1].kind == "number"
    assert tables.units(read({"version": 1, "data": {"table": "file:" + "0" * 64, "targets": ["price"]}})) == {}
    homes = read({"version": 1, "data": {"table": "sample:sacramento_homes", "targets": ["price"]}})
    assert tables.units(homes) == {"price": "$"}
