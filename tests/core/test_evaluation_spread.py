"""Mean and spread of the scores of several trainings, by NumPy."""

import math

import numpy as np
import pytest

from core.evaluation.score_spread import repeated_scores, spread_of, spreads


def test_mean_and_standard_deviation_are_numpys():
    values = [3.0, 4.5, 2.25, 7.0]
    found = spread_of(values)
    assert (found.mean, found.sd) == pytest.approx((np.mean(values), np.std(values, ddof=1)))
    assert (found.low, found.high, found.values) == (2.25, 7.0, tuple(values))


def test_a_score_that_is_not_defined_counts_for_nothing():
    found = spread_of([1.0, math.nan, None, 3.0, math.inf])
    assert (found.mean, found.values) == (2.0, (1.0, None, None, 3.0, None))
    assert spread_of([1.0, math.nan]).sd is None  # One number has no spread.
    assert spread_of([math.nan]).mean is None
    assert spread_of([5.0]).value() == {"values": [5.0], "mean": 5.0, "sd": None, "low": 5.0, "high": 5.0}


def test_a_score_that_a_training_lacks_is_left_out():
    assert list(spreads([{"mae": 1.0, "rmse": 2.0}, {"mae": 3.0}])) == ["mae"]
    assert spreads([]) == {}


def test_the_difference_to_a_baseline_is_taken_pair_by_pair():
    """Two folds, of which the second is harder for both: the scores spread by 10, the differences by 1."""
    results = [
        {
            "scores": {"test": {"mae": mae}, "validation": {"mae": 1.0}},
            "baselines": {"linear model": {"test": {"mae": simple}}},
        }
        for mae, simple in ((10.0, 11.0), (20.0, 22.0))
    ]
    found = repeated_scores(results)
    assert (found["scores"]["test"]["mae"].mean, found["baselines"]["linear model"]["test"]["mae"].mean) == (15, 16.5)
    difference = found["difference"]["linear model"]["mae"]
    assert (difference.values, difference.mean) == ((-1.0, -2.0), -1.5)
    assert difference.sd == pytest.approx(math.sqrt(0.5))
    assert repeated_scores([]) == {"scores": {}, "baselines": {}, "difference": {}}
