"""Settings of single columns as part of the experiment."""

import json

import pytest

from core.catalog.date_parts import DATE_PARTS, USUAL_PARTS
from core.experiment.preparation import Preparation
from core.experiment.spec import InvalidExperiment, read


def experiment(**data):
    """An experiment whose data has these fields."""
    features = {"d": "date", "e": "date", "n": "number"}
    return read({"version": 1, "data": {"table": "file:x", "targets": ["y"], "features": features, **data}})


def test_what_is_not_set_is_not_written():
    written = json.loads(experiment().text())["data"]
    assert "preparation" not in written
    assert "pairs" not in written
    given = {"d": {"parts": ["hour"]}}
    again = read(experiment(preparation=given, pairs=[["d", "e"]]).text())
    assert json.loads(again.text())["data"]["preparation"] == given
    assert again.data.pairs == (("d", "e"),)


def test_the_parts_of_a_date_come_in_the_catalogs_order_and_usual_ones_are_the_default():
    assert Preparation().date_parts == USUAL_PARTS
    assert Preparation(parts=("hour", "trend", "hour")).date_parts == ("trend", "hour")
    assert Preparation(parts=tuple(DATE_PARTS)).date_parts == tuple(DATE_PARTS)


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"preparation": {"d": {"parts": ["minute"]}}}, "data.preparation.d.parts.0"),
        ({"preparation": {"d": {"parts": []}}}, "data.preparation.d.parts"),
        ({"preparation": {"d": {"part": ["hour"]}}}, "data.preparation.d.part"),
        ({"preparation": {"n": {"scaling": "cube"}}}, "data.preparation.n.scaling"),
        ({"preparation": {"n": {"bins": 1}}}, "data.preparation.n.bins"),
        ({"preparation": {"d": {"words": 0}}}, "data.preparation.d.words"),
        ({"preparation": {"d": {"words": 10_001}}}, "data.preparation.d.words"),
        ({"preparation": {"d": {"weighting": "count"}}}, "data.preparation.d.weighting"),
        ({"pairs": [["d"]]}, "data.pairs.0"),
        ({"pairs": [["d", "e"]] * 101}, "data.pairs"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_path(given, where):
    with pytest.raises(InvalidExperiment) as caught:
        experiment(**given)
    assert caught.value.problems[0][0].startswith(where)


def test_only_pairs_of_two_different_features_of_the_kinds_count_and_each_once():
    pairs = [["d", "e"], ["d", "d"], ["d", "n"], ["d", "gone"], ["d", "e"], ["e", "d"]]
    assert experiment(pairs=pairs).data.pairs_of("date") == (("d", "e"), ("e", "d"))


def test_a_columns_own_scaling_goes_before_that_of_its_kind_where_it_is_for_such_columns():
    by_kind = {"number": "robust", "date": "min-max"}
    assert Preparation(scaling="log").scaled_by("number", by_kind).name == "log"
    assert Preparation().scaled_by("number", by_kind).name == "robust"
    assert Preparation(scaling="log").scaled_by("date", by_kind).name == "min-max"
    assert Preparation(scaling="none").scaled_by("boolean", by_kind).name == "none"
    assert Preparation().scaled_by("boolean", by_kind).name == "standard"
