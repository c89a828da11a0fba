"""Paired differences of several models: how wide their intervals are, and how often they err together."""

import numpy as np
import pytest
from scipy.stats import studentized_range

from core.evaluation.bootstrap import resamples, weighted_means
from core.evaluation.simultaneous import PairedDifference, paired_differences

DRAW = np.random.default_rng(4)


def test_all_pairs_are_as_wide_as_tukeys_range():
    # Five independent means of one deviation: the largest of all studentized differences is Tukey's studentized range
    # over the root of 2. Of two it is the usual 1.96.
    for models in (2, 5):
        drawn = {str(model): DRAW.normal(size=40_000) for model in range(models)}
        found = paired_differences(dict.fromkeys(drawn, 0.0), drawn, 0.95)
        assert len(found) == models * (models - 1) / 2
        width = studentized_range.ppf(0.95, models, np.inf)  # Times the deviation of a difference, the root of 2.
        for one in found.values():
            assert (one.value, one.high) == (0, pytest.approx(width, rel=0.02))
            assert one.low == -one.high


def test_equal_models_differ_in_one_of_twenty_samples_of_rows():
    # 400 samples of 120 rows, four models whose errors have one mean: 20 samples of 400 would name a difference, and
    # 31 or more come once in a hundred times.
    rows, wrong = 120, 0
    counts = np.concatenate(list(resamples(rows, 400)))
    for _ in range(400):
        errors = DRAW.normal(size=rows)[:, None] + DRAW.normal(size=(rows, 4))
        drawn = {str(model): weighted_means(errors[:, model], counts) for model in range(4)}
        found = paired_differences({str(model): errors[:, model].mean() for model in range(4)}, drawn, 0.95)
        wrong += any(one.significant for one in found.values())
    assert 8 <= wrong <= 34


def test_what_the_rows_have_in_common_does_not_widen_the_difference_of_two_models():
    shared, own = 10 * DRAW.normal(size=400), DRAW.normal(size=400)
    counts = np.concatenate(list(resamples(400, 500)))
    drawn = {"a": weighted_means(shared, counts), "b": weighted_means(shared + 0.5 + own, counts)}
    found = paired_differences({"a": shared.mean(), "b": (shared + 0.5 + own).mean()}, drawn, 0.95)["a", "b"]
    # The difference of each row has deviation 1: 1.96 / 20 to each side.
    assert found.high - found.low == pytest.approx(2 * 1.96 * own.std() / 20, rel=0.1)
    assert found.significant
    assert found.reversed() == PairedDifference(-found.value, -found.high, -found.low)


def test_models_that_predict_the_same_do_not_differ_and_an_undefined_score_is_none():
    drawn = DRAW.normal(5, 1, 100)
    found = paired_differences(
        {"a": 5.0, "b": 5.0, "c": float("nan"), "d": 7.0}, {"a": drawn, "b": drawn, "c": drawn}, 0.95
    )
    assert found["a", "b"] == PairedDifference(0.0, 0.0, 0.0)
    assert not found["a", "b"].significant
    assert found["a", "c"] == PairedDifference(None)
    assert found["a", "d"] == PairedDifference(-2.0)  # Nothing of d can be resampled.
    assert not found["a", "d"].significant
    undefined = {model: np.full(100, np.nan) for model in "ab"}
    assert paired_differences({"a": 1.0, "b": 2.0}, undefined, 0.95)["a", "b"] == PairedDifference(-1.0)
