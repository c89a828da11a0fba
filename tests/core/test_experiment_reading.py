"""`data.reading`: how a table's file is read, as part of the experiment."""

import json

import pytest

from core.experiment.reading import ColumnReading, TableReading
from core.experiment.share_link import packed, unpacked
from core.experiment.spec import Data, Experiment, InvalidExperiment, read

DECIDED = {
    "sheet": "2024",
    "encoding": "cp1252",
    "separator": "white space",
    "decimal": ",",
    "thousands": ".",
    "header": [2, 3],
    "first_row": 5,
    "last_row": 120,
    "first_column": 1,
    "last_column": 7,
    "skipped": [60],
    "filled_down": ["Branch"],
    "drop_duplicates": True,
    "columns": {"Price": {"as": "number", "unit": "kg", "missing": ["TBC", "-"], "same": {"east": "East"}}},
}


def experiment(reading: dict) -> Experiment:
    return read({"version": 1, "data": {"table": "sample:homes", "reading": reading}})


def test_undecided_reading_is_not_written():
    plain = read({"version": 1, "data": {"table": "sample:homes"}})
    assert "reading" not in plain.value()["data"]
    assert plain.data.reading == TableReading()
    assert not plain.data.reading
    assert experiment({}).text() == plain.text()


def test_reading_survives_text_and_link():
    decided = experiment(DECIDED)
    assert json.loads(decided.text())["data"]["reading"] == DECIDED
    assert read(decided.text()) == decided
    assert unpacked(packed(decided)) == decided
    assert decided.data.reading.columns["Price"].as_ == "number"


def test_no_header_and_nothing_skipped_are_decisions():
    reading = experiment({"header": [], "skipped": []}).data.reading
    assert reading.header == ()
    assert reading.skipped == ()
    assert reading
    assert read(experiment({"header": []}).text()).data.reading.header == ()


@pytest.mark.parametrize(
    ("reading", "where"),
    [
        ({"encoding": "rot13"}, "data.reading.encoding"),
        ({"separator": ".*"}, "data.reading.separator"),
        ({"thousands": "x"}, "data.reading.thousands"),
        ({"decimal": ",", "thousands": ","}, "data.reading.thousands"),
        ({"first_row": -1}, "data.reading.first_row"),
        ({"first_row": 9, "last_row": 8}, "data.reading.last_row"),
        ({"header": [4], "first_row": 4}, "data.reading.first_row"),
        ({"skipped": list(range(20_000))}, "data.reading.skipped"),
        ({"path": "/etc/passwd"}, "data.reading.path"),
        ({"columns": {"a": {"as": "code"}}}, "data.reading.columns.a.as"),
        ({"columns": {"a": {"missing": ["x" * 300]}}}, "data.reading.columns.a.missing.0"),
    ],
)
def test_a_reading_holds_known_marks_only(reading, where):
    with pytest.raises(InvalidExperiment) as refused:
        experiment(reading)
    assert refused.value.problems[0][0] == where


def test_column_reading_writes_what_was_decided():
    assert ColumnReading(as_="date", dates=("day-month-year",)).model_dump(mode="json", by_alias=True) == {
        "as": "date",
        "dates": ["day-month-year"],
    }
    assert Data(table="sample:homes").reading == TableReading()
