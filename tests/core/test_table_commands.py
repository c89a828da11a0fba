"""`python -m core profile` and `new`: what is known of a table, and the experiment that begins with it."""

import json
from pathlib import Path

import pytest

from core.__main__ import main
from core.experiment.spec import read
from dashboard.session import openings


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERDECK_HOME", str(tmp_path / "home"))


@pytest.fixture
def homes(tmp_path) -> Path:
    """40 homes: an area of which two cells are no numbers, a day, an address, a price in dollars."""
    rows = [
        f'{"?" if at in (7, 30) else 50 + at},2024-01-{at % 28 + 1:02d},Lane {at},"${1000 * at + 90_000:,}"'
        for at in range(40)
    ]
    path = tmp_path / "homes.csv"
    path.write_text("area,sold,address,price\n" + "\n".join(rows) + "\n")
    return path


def printed(capsys, *arguments: str) -> str:
    assert main(list(arguments)) == 0
    return capsys.readouterr().out


def test_a_profile_says_of_each_column_what_it_is_and_what_was_not_read(homes, capsys):
    told = json.loads(printed(capsys, "profile", str(homes), "--json"))
    assert (told["rows"], told["target"], told["task"]) == (40, "price", "regression")
    area, sold, address, price = told["columns"]
    assert set(area) == {"name", "kind", "missing", "unread", "distinct", "low", "high", "notes"}
    assert (area["name"], area["kind"], area["missing"], area["unread"]) == ("area", "number", 2, {"?": 2})
    assert (area["distinct"], area["low"], area["high"]) == (38, 50, 89)
    assert "2 of 40 cells of 'area'" in area["notes"][0]
    assert (sold["kind"], sold["low"], sold["high"]) == ("date", "2024-01-01", "2024-01-28")
    assert (address["low"], address["notes"]) == (None, ["not a feature: identifier"])
    assert (price["kind"], price["low"], price["high"], price["unit"]) == ("number", 90_000, 129_000, "$")


def test_a_profile_is_printed_for_people(homes, capsys):
    lines = printed(capsys, "profile", str(homes), "--target", "area").splitlines()
    assert lines[0] == "homes.csv: 40 rows, 4 columns"
    assert lines[1] == "area: number, 38 different values, 50.0 to 89.0, 2 missing"
    assert lines[-1] == "target area (regression)"


def test_the_first_experiment_is_the_one_the_page_begins_with(capsys):
    experiment = read(printed(capsys, "new", "sample:penguins"))
    assert experiment == openings.experiment_on("sample:penguins")
    assert experiment.data.targets == ("species",)


def test_a_first_experiment_takes_the_target_that_is_named(homes, capsys):
    experiment = read(printed(capsys, "new", str(homes), "--target", "area"))
    assert (experiment.data.table, experiment.data.targets) == (str(homes), ("area",))
    assert dict(experiment.data.features) == {"sold": "date", "price": "number"}


@pytest.mark.parametrize("command", ["profile", "new"])
def test_what_cannot_be_is_said_in_a_sentence(command, homes, capsys):
    assert main([command, str(homes), "--target", "cost"]) == 1
    assert "no column 'cost'" in capsys.readouterr().err
    assert main([command, "nowhere.csv"]) == 1
    assert "can't be opened" in capsys.readouterr().err
