"""The errors of a regression against scikit-learn, pandas and arithmetic."""

import numpy as np
import pytest
from sklearn import metrics

from core.evaluation.residuals import (
    bar_rows,
    error_by_tenth,
    error_summary,
    quantile_groups,
    residual_bars,
    residual_trend,
    weighted_quantile,
)

RNG = np.random.default_rng(3)
ACTUAL = RNG.gamma(2.0, 3.0, 400)
PREDICTED = ACTUAL + RNG.normal(0.2, 1.0, 400)
WEIGHTS = RNG.uniform(0, 3, 400)


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("offset", [0.0, 1e9])
def test_the_summary_is_scikit_learns(weights, offset):
    actual, predicted = ACTUAL + offset, PREDICTED + offset
    found = error_summary(actual, predicted, weights)
    assert found.r2 == pytest.approx(metrics.r2_score(actual, predicted, sample_weight=weights), rel=1e-6)
    expected = metrics.mean_absolute_error(actual, predicted, sample_weight=weights)
    assert found.mean_absolute_error == pytest.approx(expected, rel=1e-6)
    expected = metrics.root_mean_squared_error(actual, predicted, sample_weight=weights)
    assert found.root_mean_squared_error == pytest.approx(expected, rel=1e-6)


def test_so_many_rows_are_within():
    """Of errors 1 to 10 half are at most 5, nine of ten at most 9; a row that counts 100 times is most of them."""
    errors = np.arange(1.0, 11.0)
    found = error_summary(np.zeros(10), errors)
    assert (found.half_within, found.nine_tenths_within, found.mean_error) == (5, 9, 5.5)
    assert np.isnan(found.r2)  # All actual values are alike.
    assert weighted_quantile(errors, 0.5, np.where(errors == 2, 100.0, 1.0)) == 2
    assert np.isnan(weighted_quantile(errors, 0.5, np.zeros(10)))


def test_a_tenth_has_a_tenth_of_the_rows_and_their_errors():
    told = error_by_tenth(ACTUAL, PREDICTED, WEIGHTS)
    assert told["rows"].tolist() == [40] * 10
    order = np.argsort(ACTUAL)
    last = order[-40:]
    residuals = (PREDICTED - ACTUAL)[last]
    assert told["mean error"].iloc[-1] == pytest.approx(np.average(residuals, weights=WEIGHTS[last]))
    assert told["mean absolute error"].iloc[-1] == pytest.approx(np.average(np.abs(residuals), weights=WEIGHTS[last]))
    assert (told["from"].iloc[-1], told["to"].iloc[-1]) == (ACTUAL[order[-40]], ACTUAL[order[-1]])
    assert (told["from"].to_numpy()[1:] > told["to"].to_numpy()[:-1]).all()


def test_equal_values_stay_together():
    assert quantile_groups(np.array([0.0] * 30 + [1.0, 2.0, np.nan]), 10).tolist() == [0] * 30 + [1, 1, -1]
    assert error_by_tenth(np.full(5, 2.0), np.full(5, 3.0))["rows"].tolist() == [5]
    assert quantile_groups(np.array([np.nan, np.nan]), 10).tolist() == [-1, -1]


def test_each_row_is_in_one_bar_of_the_distribution():
    residuals = PREDICTED - ACTUAL
    counts, edges = residual_bars(residuals)
    rows = [bar_rows(residuals, edges, bar) for bar in range(len(counts))]
    assert [len(some) for some in rows] == counts.tolist()
    assert sorted(np.concatenate(rows).tolist()) == list(range(400))
    assert residual_bars(residuals, WEIGHTS)[0].sum() == pytest.approx(WEIGHTS.sum())
    wild = np.append(residuals, 1e6)  # "auto" would take millions of bars.
    assert len(residual_bars(wild)[0]) <= 60


def test_the_trend_of_residuals_is_their_mean_by_tenths_of_a_column():
    column = np.where(np.arange(400) < 40, np.nan, np.arange(400.0))
    told = residual_trend(column, column / 10 - 3)
    assert len(told) == 10
    assert told["mean error"].to_numpy() == pytest.approx(told["at"].to_numpy() / 10 - 3)
    assert residual_trend(np.full(3, np.nan), np.zeros(3)).empty
