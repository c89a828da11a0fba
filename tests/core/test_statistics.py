"""What preprocessing learns from the training rows, against arithmetic."""

import numpy as np
import pytest

from core.tables.statistics import NumberStatistics, number_statistics, vocabulary


def test_missing_cells_take_the_median_before_mean_and_variance():
    # 1, 2, 9 have median 2; filled 1, 2, 2, 9: mean 3.5, variance (6.25 + 2.25 + 2.25 + 30.25) / 4 = 10.25
    found = number_statistics(np.array([1, 2, np.nan, 9]))
    assert (found.median, found.center, found.scale, found.flagged) == (2.0, 3.5, pytest.approx(10.25**0.5), True)


def test_a_column_without_gaps_has_no_flag():
    # mean 2, deviation 1: ten deviations reach from -8 to 12
    assert number_statistics(np.array([1.0, 3.0])) == NumberStatistics(2.0, 2.0, 1.0, -8.0, 12.0, False)


def test_what_training_rows_have_is_kept_and_little_beyond():
    # 0 to 999 have the quartiles 249.75 and 749.25, mean 499.5, deviation 288.7: ten of them reach further than the
    # cells
    even = number_statistics(np.arange(1000.0))
    assert (even.low, even.high) == (pytest.approx(499.5 - 10 * even.scale), pytest.approx(499.5 + 10 * even.scale))
    # 200 cells of 0 to 199 and one of a million: that is 14.2 deviations away, and is kept
    far = number_statistics(np.append(np.arange(200.0), 1e6))
    assert far.high == 1e6
    # dark in 999 rows, 7 in one: mean 0.007, deviation 0.221; 7 is 31.6 of them away, and counts as 5
    dark = number_statistics(np.append(np.zeros(999), 7.0))
    assert (dark.low, dark.high) == (pytest.approx(0.007 - 5 * dark.scale), pytest.approx(0.007 + 5 * dark.scale))
    # a constant column stays constant, whatever comes later
    same = number_statistics(np.full(9, 4.0))
    assert (same.low, same.high) == (4.0, 4.0)


@pytest.mark.parametrize("value", [0.0, 0.1, -7.0, 1e12, 1e-12])
def test_a_constant_column_has_scale_one(value):
    # 0.1 * 7 summed and divided is not 0.1: rounding is not spread
    assert number_statistics(np.full(7, value)).scale == 1.0


@pytest.mark.parametrize("size", [1e-20, 1e-9, 1.0, 1e9, 1e30])
def test_a_spread_is_seen_whatever_its_unit(size):
    assert number_statistics(size * np.array([1.0, 3.0])).scale == pytest.approx(size)


@pytest.mark.parametrize("offset", [1e9, 1e12, 1e15, -1e15])
def test_a_small_spread_beside_a_large_number_is_seen(offset):
    # 0, 1, ..., 9 have mean 4.5 and variance 8.25, wherever they begin
    found = number_statistics(offset + np.arange(10.0))
    assert (found.center - offset, found.scale) == (4.5, pytest.approx(8.25**0.5))


def test_rows_without_any_value_are_zero_and_flagged():
    assert number_statistics(np.full(4, np.nan)) == NumberStatistics(0.0, 0.0, 1.0, 0.0, 0.0, True)


def test_the_most_frequent_words_come_first_and_equals_by_the_alphabet():
    assert vocabulary(np.array(["b", "a", "", "c", "c", "b"], dtype=object)) == ["b", "c", "", "a"]


def test_rare_words_beyond_a_hundred_are_left_out():
    many = np.array([f"w{index:03}" for index in range(150)] + ["w149"], dtype=object)
    known = vocabulary(many)
    assert known == ["w149", *(f"w{index:03}" for index in range(99))]
    assert vocabulary(many, 3) == known[:3]


def test_one_very_long_word_costs_no_memory_for_the_others():
    # as an array of text this would be 20,000 x 1,000,000 x 4 bytes
    assert vocabulary(np.array(["a"] * 20_000 + ["x" * 1_000_000], dtype=object))[0] == "a"
