"""Drift of a table against the training rows: the index by arithmetic, and no alarm where chance explains it."""

import math

import numpy as np
import pandas as pd
import pytest

from core.tables.drift import drift, stability_index, training_shares
from core.tables.prediction_rows import near_name, prediction_rows

DRAW = np.random.default_rng(1)
TRAINED = {
    "size": DRAW.normal(50, 10, 2000),
    "side": np.array(["east", "west"], dtype=object)[DRAW.integers(0, 2, 2000)],
    "on": DRAW.integers(0, 2, 2000).astype(float),
    "day": DRAW.integers(18_000, 18_365, 2000).astype(float),
}
KINDS = {"size": "number", "side": "category", "on": "boolean", "day": "date"}
CARD = {
    "features": [{"name": name, "kind": KINDS[name], "shares": training_shares(of)} for name, of in TRAINED.items()],
    "ways": {"day": None},
}


def rows(count: int, **changed) -> pd.DataFrame:
    """Rows like the training rows but for some columns."""
    at = DRAW.choice(2000, count)
    return pd.DataFrame({name: of[at] for name, of in TRAINED.items()} | changed)


def test_the_index_is_that_of_its_formula():
    # (0.9 - 0.5) ln(0.9 / 0.5) + (0.1 - 0.5) ln(0.1 / 0.5)
    expected = 0.4 * math.log(1.8) - 0.4 * math.log(0.2)
    assert stability_index(np.array([0.9, 0.1]), np.array([0.5, 0.5]), 50, 100) == pytest.approx(expected)
    assert stability_index(np.array([0.5, 0.5, 0]), np.array([0.5, 0.5, 0]), 50, 100) == 0
    # An empty bin counts as half a cell: of 50 cells as 0.01.
    expected = (1 - 0.5) * math.log(1 / 0.5) + (0.01 - 0.5) * math.log(0.01 / 0.5)
    assert stability_index(np.array([1.0, 0.0]), np.array([0.5, 0.5]), 50, 100) == pytest.approx(expected)


def test_bins_are_tenths_of_the_training_cells_and_missing_ones():
    found = training_shares(np.array([*range(1, 101), np.nan]))
    assert len(found["edges"]) == 9
    assert found["shares"] == pytest.approx([*[10 / 101] * 10, 1 / 101])
    words = training_shares(np.array(["a", "a", "b", ""], dtype=object))
    assert (words["words"], words["shares"]) == (["a", "b"], [0.5, 0.25, 0.0, 0.25])


@pytest.mark.parametrize("count", [1, 5, 60, 1500])
def test_rows_like_the_training_rows_raise_no_alarm(count):
    assert drift(rows(count), CARD) == ()


@pytest.mark.parametrize(
    ("changed", "column", "says"),
    [
        ({"size": np.full(300, 90.0)}, "size", "values above"),
        ({"size": np.full(300, np.nan)}, "size", "missing cells are 100% of these cells and 0% of the training cells"),
        ({"side": "west"}, "side", "cells of 'east' are 0% of these cells"),
        ({"side": "north"}, "side", "other categories are 100% of these cells"),
        ({"on": 1.0}, "on", "of these cells"),
        ({"day": 18_900.0}, "day", "values above 2020-"),
    ],
)
def test_a_column_unlike_its_training_cells_is_named_with_what_differs(changed, column, says):
    (found,) = drift(rows(300, **changed), CARD)
    assert (found.column, found.much) == (column, True)
    assert says in found.says
    assert f"{found.index:.2f}" in found.says


def test_the_farthest_column_comes_first_and_old_models_tell_nothing():
    found = drift(rows(300, size=np.full(300, 90.0), on=DRAW.random(300) < 0.68), CARD)
    assert [one.column for one in found] == ["size", "on"]
    assert not found[1].much
    old = {**CARD, "features": [{"name": "size", "kind": "number"}]}
    assert drift(rows(300, size=np.full(300, 90.0)), old) == ()


def test_words_are_known_without_the_blanks_around_them_and_a_near_one_is_named():
    card = {"features": [{"name": "side", "kind": "category", "words": ["east", "west", " odd"]}]}
    asked = pd.DataFrame({"side": [" east", "west", " odd", "Eastt", None]})
    found, _ = prediction_rows(asked, card)
    assert found["side"].tolist()[:4] == ["east", "west", " odd", "Eastt"]
    assert near_name("Eastt", card["features"][0]["words"]) == "east"
    assert near_name("EAST", ["east"]) == "east"
    assert near_name("north", ["east", "west"]) == ""
