"""Splits are complete, repeatable, proportionate, and possible whenever there are three rows."""

import numpy as np
import pytest

from core.tables.split import split_rows


def test_every_row_lands_in_exactly_one_part():
    parts = split_rows(100, None, 0.7, 0.15, 0.15, seed=0)
    assert [len(part) for part in parts] == [70, 15, 15]
    assert sorted(np.concatenate(parts)) == list(range(100))


def test_rows_are_shuffled_and_the_same_seed_shuffles_alike():
    one, again, other = (split_rows(100, None, 0.7, 0.15, 0.15, seed=seed) for seed in (0, 0, 1))
    assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
    assert not np.array_equal(one[0], other[0])
    assert not np.array_equal(one[0], np.sort(one[0]))


def test_each_part_keeps_the_proportions_of_the_classes():
    labels = np.array(["rare"] * 20 + ["often"] * 80)
    for part, rare in zip(split_rows(100, labels, 0.6, 0.2, 0.2, seed=3), (12, 4, 4), strict=True):  # a fifth of each part
        assert (labels[part] == "rare").sum() == rare


@pytest.mark.parametrize("labels", [np.arange(30), np.array(["a"] * 30), np.array(["a"] * 29 + ["b"]), np.array(["a", "b", "c"] * 10)])
def test_classes_too_rare_for_every_part_do_not_hinder_the_split(labels):
    parts = split_rows(30, labels, 0.8, 0.1, 0.1, seed=0)
    assert [len(part) for part in parts] == [24, 3, 3]


def test_a_common_class_keeps_its_share_beside_a_rare_one():
    labels = np.array([0] * 50 + [1] * 49 + [2])
    _, validation, test = split_rows(100, labels, 0.8, 0.1, 0.1, seed=0)
    assert (labels[validation] == 1).sum() == (labels[test] == 1).sum() == 5


@pytest.mark.parametrize("shares", [(0.7, 0.15, 0.15), (0.98, 0.01, 0.01), (0.01, 0.01, 0.98), (0.5, 0.5, 0.0), (0.25, 7 / 24, 11 / 24)])
def test_no_table_of_three_rows_or_more_is_refused(shares):
    random = np.random.default_rng(0)
    for rows in range(3, 60):
        for classes in (1, 2, 3, 7):
            labels = random.integers(0, classes, rows)
            parts = split_rows(rows, labels, *shares, seed=0)
            assert min(map(len, parts)) >= 1
            assert sorted(np.concatenate(parts)) == list(range(rows))


def test_shares_that_floats_write_badly_give_the_expected_counts():
    # 0.29 * 100 is 28.999999999999996
    assert [len(part) for part in split_rows(100, None, 0.42, 0.29, 0.29, seed=0)] == [42, 29, 29]


def test_two_rows_are_refused_with_a_sentence():
    with pytest.raises(ValueError, match=r"2 rows can't be split .* at least 3"):
        split_rows(2, None, 0.7, 0.15, 0.15, seed=0)


def test_shares_must_sum_to_one():
    with pytest.raises(ValueError, match="must sum to 1"):
        split_rows(10, None, 0.7, 0.2, 0.2, seed=0)
