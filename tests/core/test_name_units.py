"""Units in the names of columns, and whose amounts have them."""

import pytest

from core.tables.name_units import unit_in_name
from core.tables.new_experiment import new_experiment
from core.tables.situation import Tables
from core.tables.sources import TableStore


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("Kaltmiete (€)", "€"),
        ("price ( $ )", "$"),
        ("Preis in €", "€"),
        ("cost $", "$"),
        ("price_usd", "USD"),
        ("Price, EUR", "EUR"),
        ("weight [kg]", "kg"),
        ("speed (km/h)", "km/h"),
        ("length (m)", "m"),
        ("age (years)", "years"),
        ("price/m² (€/m²)", "€/m²"),
    ],
)
def test_the_unit_at_the_end_of_a_name_is_known(name, unit):
    assert unit_in_name(name) == unit


@pytest.mark.parametrize(
    "name",
    ["price", "grade (A)", "humidity (%)", "yield %", "score (0-100)", "(€)", "EUR", "has CAD", "FIRST_TRY", "day Fr"],
)
def test_other_names_have_none(name):
    assert unit_in_name(name) == ""


def test_amounts_of_a_target_have_the_unit_of_its_cells_or_else_of_its_name(tmp_path):
    tables = Tables(store := TableStore(tmp_path))

    def units(name: str, cell: str) -> dict[str, str]:
        rows = "".join(f"{row};{row * row}{cell}\n" for row in range(2, 40))
        return tables.units(new_experiment(tables, store.keep("a.csv", f"x;{name}\n{rows}".encode()).ref, name))

    assert units("rent (€)", "") == {"rent (€)": "€"}
    assert units("price (EUR)", " $") == {"price (EUR)": "$"}
    assert units("price", "") == {}
