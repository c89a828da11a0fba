"""The smallest change that flips a class, of a rule whose boundary is known."""

import numpy as np
import pytest

from core.evaluation.counterfactual import counterfactuals, usual_parts
from core.runs.counterfactual_section import values_alone

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


def test_a_feature_alone_takes_every_word_and_the_ends_of_its_range():
    """Of two features at once there would be too many: one of them is tried with few values."""
    words = np.array([f"w{number:03}" for number in range(120) for _ in range(120 - number)], dtype=object)
    assert sorted(values_alone(words)) == sorted(set(words))
    skewed = np.concatenate([np.linspace(0, 1, 999), [50.0], [np.nan]])
    assert (values_alone(skewed).min(), values_alone(skewed).max()) == (0.0, 50.0)
    assert list(values_alone(np.array([np.nan]))) == [0.0]
    # The rarest word alone flips the class.
    (change,) = counterfactuals(lambda raw: (raw["w"] == "w119").astype(int), row(), {"w": values_alone(words)}, {})
    assert change.changes == {"w": "w119"}


def test_of_two_features_only_the_values_for_pairs_are_tried():
    def both(raw):
        return ((raw["a"] >= 6) & (raw["w"] == "y")).astype(int)

    few = {"a": np.array([2.0, 8.0]), "w": CANDIDATES["w"]}
    assert counterfactuals(both, row(), CANDIDATES, RANGES, paired=few)[0].changes == {"a": 8.0, "w": "y"}


def test_a_new_number_is_written_as_its_column_is_and_still_flips_the_class():
    def flip(low, high=np.inf, **written):
        candidates = {"a": np.linspace(0, 10, 41)}
        (found,) = counterfactuals(
            lambda raw: ((raw["a"] > low) & (raw["a"] < high)).astype(int), row(), candidates, RANGES, written=written
        )
        return found

    whole, cents = (1, 10, 100, 1000), (100, 1000)
    assert flip(7.25).changes["a"] not in (7.26, 8.0)
    assert flip(7.25, a=cents).changes == {"a": 7.26}
    assert flip(7.25, a=whole).changes == {"a": 8.0}  # 7 does not flip it.
    assert flip(7.25, a=whole).distance == pytest.approx(0.6)
    # No whole number lies between: a digit more is kept.
    assert flip(7.25, 7.75, a=whole).changes == {"a": 7.3}
    assert flip(7.24, 7.26, a=whole).changes == {"a": 7.25}


def test_of_two_features_both_are_written_as_their_columns_are():
    def both(raw):
        return ((raw["a"] > 5.2) & (raw["n"] > 3.7)).astype(int)

    few = {"a": np.array([2.0, 5.31]), "n": np.array([0.0, 3.77])}
    written = {"a": (1, 10), "n": (10, 100)}
    (found,) = counterfactuals(both, row(), CANDIDATES, RANGES, paired=few, written=written)
    assert found.changes == {"a": 6.0, "n": 3.8}  # 5 and 3.7 are below the boundaries.
    assert found.distance == pytest.approx(0.4 + 3.8 / 8)


@pytest.mark.parametrize(
    ("values", "dates", "first"),
    [
        ([22.0, 38.0, 26.0, 0.42, *range(1, 80)], False, 1),  # Ages: most are whole.
        ([7.25, 8.05, 9.99, 3.5], False, 100),
        ([7.8958, 31.2792, 512.3292, 0.0], False, 10),  # A fourth digit of 512.
        ([0.0123, 0.0456], False, 10_000),
        ([0.012345678, 0.045678912], False, 100_000),  # Four digits of 0.03.
        ([1200.0, 250_000.0], False, 1),
        ([19_000.0, 19_001.0], True, 1),
        ([19_000 + 7 / 24, 19_001 + 5 / 24], True, 24),
        ([19_000 + 425 / 1440, 19_001.0], True, 1440),
        ([], False, 1),
    ],
)
def test_the_digits_of_a_column_are_those_that_most_of_its_cells_have(values, dates, first):
    assert usual_parts(np.array(values, dtype=float), dates)[0] == first
