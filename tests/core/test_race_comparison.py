"""Which differences matter: held against SciPy's paired t-test, Holm's correction by hand, and races in which nothing
differs.
"""

import math

import numpy as np
import pytest
from scipy import stats

from core.race.comparison import WORDS, compare, comparison_sentences
from core.race.t_test import likely, reach


@pytest.mark.parametrize("freedom", range(1, 9))
def test_the_distribution_is_students(freedom):
    for distance in (0.0, 0.1, 1.0, 3.0, 12.7, 1000.0):
        assert likely(distance, freedom) == pytest.approx(1 - 2 * stats.t.sf(distance, freedom), abs=1e-13)
    for share in (0.5, 0.95, 0.99, 1 - 0.05 / 15):
        assert reach(share, freedom) == pytest.approx(stats.t.ppf(0.5 + share / 2, freedom), rel=1e-9)
    assert likely(math.inf, freedom) == 1


def scores(*, means, seeds=5, noise=1.0, draw=0):
    """Variants a, b, ... whose scores share a seed's luck and have some of their own."""
    random = np.random.default_rng(draw)
    luck = random.normal(0, 10, seeds)
    return {
        name: list(mean + luck + random.normal(0, noise, seeds)) for name, mean in zip("abcdef", means, strict=False)
    }


def test_two_variants_are_told_apart_as_scipy_tells_them():
    seen = set()
    for draw in range(40):
        given = scores(means=(100, 101.5), seeds=4, draw=draw)
        found, test = compare(given, larger=False), stats.ttest_rel(given["b"], given["a"])
        best, other = ("a", "b") if np.mean(given["a"]) < np.mean(given["b"]) else ("b", "a")
        assert found[other].verdict == ("worse" if test.pvalue < 0.05 else "alike")
        assert found[best].verdict == ("better" if test.pvalue < 0.05 else "best")
        low, high = test.confidence_interval(0.95)
        expected = (low, high) if other == "b" else (-high, -low)
        assert found[other].interval == pytest.approx(expected, rel=1e-9)
        assert found[other].difference == pytest.approx(np.mean(given[other]) - np.mean(given[best]))
        seen.add(found[other].verdict)
    assert seen == {"worse", "alike"}


def by_hand(given, best, alpha=0.05):
    """The variants that Holm tells from the best, all pairs counted."""
    names = list(given)
    pairs = [
        (stats.ttest_rel(given[one], given[two]).pvalue, {one, two})
        for at, one in enumerate(names)
        for two in names[:at]
    ]
    apart = []
    for rank, (p, pair) in enumerate(sorted(pairs, key=lambda pair: pair[0])):
        if p >= alpha / (len(pairs) - rank):
            break
        apart.append(pair)
    return {name for name in names if {name, best} in apart}


@pytest.mark.parametrize("larger", [False, True])
def test_several_variants_are_told_apart_as_holm_does(larger):
    worse, alike = 0, 0
    for draw in range(40):
        given = scores(means=(108, 107.5, 105, 100) if larger else (100, 100.5, 103, 108), draw=draw)
        found = compare(given, larger)
        best = (max if larger else min)(given, key=lambda name: np.mean(given[name]))
        expected = by_hand(given, best)
        assert {name for name, one in found.items() if one.verdict == "worse"} == expected
        assert found[best].verdict == ("better" if len(expected) == 3 else "best")
        for name, one in found.items():
            if name != best:
                low, high = one.interval
                assert low <= one.difference <= high
                assert (low > 0 or high < 0) == (one.verdict == "worse")
        worse, alike = worse + len(expected), alike + 3 - len(expected)
    assert worse > 40
    assert alike > 40


@pytest.mark.slow
@pytest.mark.parametrize("races", [300, pytest.param(3000, marks=pytest.mark.soak)])
@pytest.mark.parametrize(("variants", "seeds"), [(2, 3), (6, 3), (6, 5)])
def test_where_nothing_differs_at_most_one_race_in_twenty_names_a_loser(variants, seeds, races):
    wrong = sum(
        any(
            one.verdict == "worse"
            for one in compare(scores(means=[100] * variants, seeds=seeds, draw=draw), larger=False).values()
        )
        for draw in range(races)
    )
    assert wrong <= stats.binom.ppf(0.999, races, 0.05)


def test_a_large_difference_is_found_with_three_seeds():
    found = compare(scores(means=(100, 130), seeds=3), larger=False)
    assert [one.verdict for one in found.values()] == ["better", "worse"]
    assert found["b"].interval[0] > 0


def test_the_described_numbers():
    one = compare({"a": [1.0, 2.0, 6.0], "b": [9.0, 9.0, 9.0]}, larger=True)["a"]
    # mean (1 + 2 + 6) / 3 = 3; deviation sqrt((4 + 1 + 9) / 2)
    assert (one.mean, one.low, one.high, one.spread) == (3, 1, 6, pytest.approx(math.sqrt(7)))
    assert (one.difference, one.scores) == (-6, (1.0, 2.0, 6.0))


def test_shares_of_few_rows_that_agree_by_chance_tell_nothing():
    given = {"a": [0.90, 0.92], "b": [0.89, 0.91]}  # A single row of a hundred, twice.
    assert compare(given, larger=True)["b"].verdict == "worse"
    assert compare(given, larger=True, step=0.01)["b"].verdict == "alike"
    apart = {"a": [0.90, 0.92, 0.91], "b": [0.50, 0.52, 0.51]}
    assert compare(apart, larger=True, step=0.01)["b"].verdict == "worse"


def test_equal_scores_are_alike():
    found = compare({"a": [1.0, 2.0], "b": [1.0, 2.0]}, larger=True)
    assert [one.verdict for one in found.values()] == ["best", "alike"]
    assert found["b"].interval == (0, 0)


def test_one_seed_says_nothing_about_chance():
    found = compare({"Adam": [3.0], "SGD": [90.0]}, larger=False)
    assert [one.verdict for one in found.values()] == ["best", "one seed"]
    text = comparison_sentences(found, "validation MAE")
    assert text == "Adam is best on average: validation MAE 3. A test needs at least two seeds."


def test_runs_without_a_score_are_left_out_and_named():
    found = compare(
        {"a": [1.0, 1.1, 1.2], "b": [None, 5.0, 5.2], "c": [None, None, math.nan], "d": [9.0, None, None]}, larger=False
    )
    assert [one.verdict for one in found.values()] == ["best", "worse", "no score", "one seed"]
    # Of a and b the two seeds that both have: 3.9 and 4.0 apart.
    assert found["b"].difference == pytest.approx(3.95)
    assert "No score for c." in comparison_sentences(found, "loss")
    assert (
        comparison_sentences(compare({"a": [None], "b": [None]}, larger=True), "loss")
        == "No run of this race has a score."
    )


def test_the_sentence_has_its_numbers_in_the_targets_unit():
    given = {"Adam": [50_000, 51_000, 52_000], "SGD": [60_000, 61_200, 61_900], "Lion": [50_900, 50_800, 52_700]}
    text = comparison_sentences(compare(given, larger=False), "validation MAE", "${:,.0f}".format)
    assert text.startswith(
        "Adam is best on average: validation MAE $51,000 as mean of 3 seeds. SGD is significantly worse, by $10,033 ("
    )
    assert text.endswith("It is not significantly better than Lion; more seeds would make the test more powerful.")
    assert all(word in WORDS for word in ("best", "better", "worse", "alike", "one seed", "no score"))
    clear = comparison_sentences(compare({"Adam": given["Adam"], "SGD": given["SGD"]}, larger=False), "validation MAE")
    assert clear.startswith("Adam is best: ")
