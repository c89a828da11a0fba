"""The smallest change that flips a class, of a rule whose boundary is known."""

import numpy as np
import pytest

from core.evaluation.counterfactual import counterfactuals

CANDIDATES = {"a": np.linspace(0, 10, 6), "n": np.arange(0.0, 9, 2), "w": np.array(["x", "y"], dtype=object)}
RANGES = {"a": 10.0, "n": 8.0}


def row(a=2.0, n=0.0, w="x"):
    return {"a": np.array([a]), "n": np.array([n]), "w": np.array([w], dtype=object)}


def test_each_feature_that_flips_the_class_alone_is_moved_to_the_boundary():
    def classes_of(raw):
        return (raw["a"] + raw["n"] + 9 * (raw["w"] == "y") > 7.25).astype(int)

    found = counterfactuals(classes_of, row(), CANDIDATES, RANGES, {"n"})
    assert [list(one.changes) for one in found] == [["a"], ["n"], ["w"]]
    assert found[0].changes["a"] == pytest.approx(7.25, abs=0.03)  # 2 + 5.25.
    assert found[0].changes["a"] > 7.25
    assert found[0].distance == pytest.approx(0.525, abs=0.003)
    assert found[1].changes["n"] == 6  # The first whole number above 5.25.
    assert (found[2].changes["w"], found[2].distance) == ("y", 1.0)
    assert {one.label for one in found} == {1}


def test_where_no_feature_alone_does_two_are_moved():
    found = counterfactuals(
        lambda raw: ((raw["a"] >= 6) & (raw["n"] >= 4)).astype(int), row(), CANDIDATES, RANGES, {"n"}
    )
    assert [one.changes for one in found] == [{"a": 6.0, "n": 4.0}]
    assert found[0].distance == pytest.approx(0.4 + 0.5)


def test_a_class_that_nothing_flips_has_none_and_a_missing_number_is_replaced():
    assert counterfactuals(lambda raw: np.zeros(len(raw["a"]), int), row(), CANDIDATES, RANGES, {"n"}) == []
    found = counterfactuals(lambda raw: (raw["a"] > 5).astype(int), row(a=np.nan), CANDIDATES, RANGES)
    assert found[0].changes == {"a": 6.0}
    assert found[0].distance == 1.0
