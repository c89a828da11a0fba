"""Slices against SciPy, and Holm's correction by its definition and as published."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.evaluation.evaluated_rows import EvaluatedPart, EvaluatedTarget
from core.evaluation.slice_values import column_slices
from core.evaluation.slices import holm, sample_moments, slices, two_shares, welch, wilson
from core.tables.number_text import NumberText

RNG = np.random.default_rng(8)
ROWS = 400


def part_of(target: EvaluatedTarget, features: pd.DataFrame, weights=None) -> EvaluatedPart:
    """A part of these rows."""
    return EvaluatedPart(np.arange(len(features)), features, weights, {"y": target}, len(features))


def amounts(errors: np.ndarray) -> EvaluatedTarget:
    """Predictions with these errors."""
    return EvaluatedTarget("y", "regression", (), np.zeros(len(errors)), errors, {})


def test_holm_is_as_defined():
    """0.01 * 4, 0.02 * 3, 0.03 * 2 and 0.04 * 1, each at least the one before."""
    np.testing.assert_allclose(holm(np.array([0.01, 0.04, 0.03, 0.02])), [0.04, 0.06, 0.06, 0.06])
    np.testing.assert_allclose(holm(np.array([0.5, np.nan, 0.9, 0.001])), [1.0, np.nan, 1.0, 0.003])
    assert holm(np.array([])).tolist() == []


def test_one_false_alarm_in_twenty_families_at_most():
    """Of 1,000 families of 20 tests without any difference about 5 % have an alarm: 3 to 7 %."""
    families = RNG.uniform(size=(1000, 20))
    assert 0.03 < np.mean([(holm(family) < 0.05).any() for family in families]) < 0.07


def test_the_test_is_scipys():
    one, other = RNG.normal(1, 2, 40), RNG.normal(0, 1, 300)
    found = welch(sample_moments(one, np.ones(40)), sample_moments(other, np.ones(300)))
    assert found == pytest.approx(stats.ttest_ind(one, other, equal_var=False).pvalue, rel=1e-9)
    expected = stats.chi2_contingency([[7, 43], [60, 240]], correction=False).pvalue
    assert two_shares(7 / 50, 50, 0.2, 300) == pytest.approx(expected, rel=1e-9)
    assert two_shares(0, 50, 0, 300) == 1
    # Two errors in all, both among the same 65 of 750 rows: 65 / 750 * 64 / 749. A normal distribution says 4e-6.
    assert two_shares(2 / 65, 65, 0, 685) == pytest.approx(65 * 64 / (750 * 749), rel=1e-9)
    assert two_shares(1, 12, 0.96, 300) == pytest.approx(stats.fisher_exact([[12, 0], [288, 12]]).pvalue, rel=1e-9)
    expected = stats.binomtest(7, 50).proportion_ci(method="wilson")
    assert wilson(7 / 50, 50) == pytest.approx((expected.low, expected.high), rel=1e-9)


def test_rows_of_a_group_that_err_alike_count_as_one():
    errors, weights = np.abs(RNG.normal(size=60)), RNG.uniform(0.5, 2, 60)
    once, five_times = np.arange(60), np.repeat(np.arange(60), 5)
    alone = sample_moments(errors, np.ones(60))
    assert sample_moments(errors[five_times], np.ones(300), five_times) == pytest.approx(alone, rel=1e-9)
    assert sample_moments(errors, np.ones(60), once) == pytest.approx(alone, rel=1e-9)
    # Independent errors within groups: no less than a size near the number of rows, and never more.
    independent = sample_moments(np.abs(RNG.normal(size=4000)), np.ones(4000), np.arange(4000) // 4)
    assert 3500 < independent[2] <= 4000
    # The linearized variance of a weighted mean (Kish 1965): sum over groups of (sum of w (y - mean))^2 / (sum of w)^2.
    mean, _, size = sample_moments(errors, weights, once // 3)
    summed = [(weights[at : at + 3] * (errors[at : at + 3] - mean)).sum() for at in range(0, 60, 3)]
    variance = np.average((errors - mean) ** 2, weights=weights)
    expected = variance * weights.sum() ** 2 / np.square(summed).sum()
    assert size == pytest.approx(min(expected, weights.sum() ** 2 / np.square(weights).sum()), rel=1e-9)
    assert sample_moments(np.zeros(12), np.ones(12), np.arange(12) // 4)[2] == 3
    assert sample_moments(errors[:9], np.ones(9), np.zeros(9))[2] == 1


def test_a_difference_between_groups_is_no_news_of_their_rows():
    """Twelve patients with thirty rows each, whose errors are the patient's own: between two wards of six patients
    there is no more than chance.
    """
    patients = np.repeat(np.arange(12), 30)
    errors = np.abs(np.array([1.0, 3, 2, 4, 1.5, 2.5, 2, 3, 1, 3.5, 2.5, 5]))[patients]
    features = pd.DataFrame({"ward": np.where(patients < 6, "a", "b")})
    of = amounts(errors)
    singly, together = (slices(replace(part_of(of, features), groups=one), of)[0] for one in (None, patients))
    assert (singly.value, singly.worse, together.value, together.worse) == ("b", True, "b", False)
    expected = stats.ttest_ind(errors[::30][6:], errors[::30][:6], equal_var=False).pvalue
    assert together.p == pytest.approx(min(1, 2 * expected), rel=1e-9)
    few = slices(replace(part_of(of, features), groups=patients // 2), of)[0]
    assert np.isnan(few.p)


def test_a_weak_slice_is_told_from_chance():
    features = pd.DataFrame({"town": RNG.choice(["a", "b", "c", ""], ROWS), "size": RNG.normal(size=ROWS)})
    errors = np.abs(RNG.normal(0, 1, ROWS)) + 3 * (features["town"] == "b")
    found = slices(part_of(amounts(errors.to_numpy()), features), amounts(errors.to_numpy()))
    first = found[0]
    assert (first.column, first.value, first.worse) == ("town", "b", True)
    there = (features["town"] == "b").to_numpy()
    assert first.rows == there.sum()
    assert first.error == pytest.approx(errors[there].mean())
    assert first.rest == pytest.approx(errors[~there].mean())
    interval = stats.t.interval(0.95, there.sum() - 1, errors[there].mean(), stats.sem(errors[there]))
    assert (first.low, first.high) == pytest.approx(interval)
    assert [one.error for one in found] == sorted((one.error for one in found), reverse=True)
    assert not any(one.worse for one in found if one.column == "size")
    assert sum(one.column == "size" for one in found) == 4
    tested = [one for one in found if not np.isnan(one.p)]
    own = stats.ttest_ind(errors[there], errors[~there], equal_var=False).pvalue
    assert first.p == pytest.approx(own * len(tested))  # It is the smallest of them.


def test_values_and_ranges_of_a_column():
    assert [value for value, _ in column_slices(pd.Series([1.0, 0.0, np.nan]))] == ["(missing)", "1", "0"]
    days = pd.Series(pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04", None] * 20))
    found = column_slices(days)
    assert found[0][0] == "(missing)"
    assert found[1][0] == "2024-01-01"
    assert sum(there.sum() for _, there in found) == 100
    hours = pd.Series(pd.to_datetime([f"2024-01-01 {hour:02}:30" for hour in range(8)]))
    assert column_slices(hours)[0][0] == "2024-01-01 00:30 to 2024-01-01 01:30"
    weeks = pd.Series(pd.date_range("2019-01-01 07:30", periods=40, freq="200h"))
    assert column_slices(weeks)[0][0] == "2019-01-01 to 2019-03-17"  # 9 * 200 hours are 75 days.
    words = pd.Series([f"w{at}" for at in range(30)])
    assert len(column_slices(words)) == 20
    ranges = column_slices(pd.Series(np.arange(100.0)))
    assert [value for value, _ in ranges] == ["0 to 24", "25 to 49", "50 to 74", "75 to 99"]


def test_ranges_of_times_are_written_as_times():
    hours = pd.Series([8.0, 8.25, 9.5, 10.0, 12.0, 13.75, 18.75, 18.75, np.nan])
    values = [value for value, _ in column_slices(hours, NumberText(clock="time"))]
    assert values == ["(missing)", "08:00 to 08:15", "09:30 to 10:00", "12:00 to 13:45", "18:45"]
    assert [value for value, _ in column_slices(pd.Series([75.0, 60.0]), NumberText(clock="duration"))] == [
        *("00:01:15", "00:01:00")
    ]


def test_small_slices_are_listed_but_not_compared_and_wrong_classes_are_shares():
    outputs = np.where(np.arange(60) < 5, 0.1, 0.9)
    target = EvaluatedTarget("y", "binary", ("no", "yes"), np.ones(60, int), outputs, {})
    features = pd.DataFrame({"town": ["small"] * 5 + ["large"] * 55})
    small, large = slices(part_of(target, features), target)
    assert (small.value, small.error, small.rest) == ("small", 1.0, 0.0)
    assert np.isnan(small.p)
    assert not small.worse
    assert (small.low, small.high) == pytest.approx(wilson(1.0, 5))
    assert large.error == 0


def test_rows_count_by_their_weights():
    errors, weights = np.abs(RNG.normal(size=ROWS)), RNG.uniform(0, 2, ROWS)
    features = pd.DataFrame({"town": np.where(np.arange(ROWS) % 2, "a", "b")})
    for one in slices(part_of(amounts(errors), features, weights), amounts(errors)):
        there = (features["town"] == one.value).to_numpy()
        assert one.error == pytest.approx(np.average(errors[there], weights=weights[there]))
    errors[0] = np.nan
    assert all(np.isfinite(one.error) for one in slices(part_of(amounts(errors), features), amounts(errors)))
