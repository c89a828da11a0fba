"""Splits are complete, repeatable, proportionate, and possible whenever there are three rows."""

import numpy as np
import pytest

from core.experiment.spec import InvalidExperiment, Split, read
from core.tables.errors import TableError
from core.tables.prepared import prepare
from core.tables.split import split_by_column, split_by_group, split_by_time, split_off, split_rows


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
    # a fifth of each part
    for part, rare in zip(split_rows(100, labels, 0.6, 0.2, 0.2, seed=3), (12, 4, 4), strict=True):
        assert (labels[part] == "rare").sum() == rare


@pytest.mark.parametrize(
    "labels", [np.arange(30), np.array(["a"] * 30), np.array(["a"] * 29 + ["b"]), np.array(["a", "b", "c"] * 10)]
)
def test_classes_too_rare_for_every_part_do_not_hinder_the_split(labels):
    parts = split_rows(30, labels, 0.8, 0.1, 0.1, seed=0)
    assert [len(part) for part in parts] == [24, 3, 3]


def test_a_common_class_keeps_its_share_beside_a_rare_one():
    labels = np.array([0] * 50 + [1] * 49 + [2])
    _, validation, test = split_rows(100, labels, 0.8, 0.1, 0.1, seed=0)
    assert (labels[validation] == 1).sum() == (labels[test] == 1).sum() == 5


@pytest.mark.parametrize(
    "shares", [(0.7, 0.15, 0.15), (0.98, 0.01, 0.01), (0.01, 0.01, 0.98), (0.5, 0.5, 0.0), (0.25, 7 / 24, 11 / 24)]
)
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


def test_by_time_the_latest_rows_test():
    moments = np.random.default_rng(0).permutation(100) / 7
    train, validation, test = split_by_time(moments, 0.15, 0.1)
    assert [len(train), len(validation), len(test)] == [75, 15, 10]
    assert moments[train].max() < moments[validation].min()
    assert moments[validation].max() < moments[test].min()
    with pytest.raises(ValueError, match="2 rows have no time"):
        split_by_time(np.array([1, np.nan, 2, np.nan]), 0.2, 0.2)


@pytest.mark.parametrize("sizes", [[10] * 12, [100, 1, 1], [1, 1, 100], [3, 50, 4, 60, 5, 2]])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_group_is_in_one_part_and_no_part_is_empty(sizes, seed):
    groups = np.repeat([f"g{at}" for at in range(len(sizes))], sizes)
    parts = split_by_group(groups, 0.2, 0.2, seed)
    assert sorted(np.concatenate(parts)) == list(range(sum(sizes)))
    found = [set(groups[part]) for part in parts]
    assert all(found)
    assert sum(map(len, found)) == len(set().union(*found))
    if len(sizes) == 12:
        assert [len(part) for part in parts] == [80, 20, 20]  # A fifth of 120 rows are 24: 20 is nearer than 30.


def test_two_groups_are_too_few():
    with pytest.raises(ValueError, match="There are 2 groups; at least 3"):
        split_by_group(np.array(["a", "b", "a"]), 0.2, 0.2, 0)


def test_a_column_says_the_part():
    train, validation, test = split_by_column(np.array(["Train", "val", " TEST ", "training", "", "other", "holdout"]))
    assert (train.tolist(), validation.tolist(), test.tolist()) == ([0, 3], [1], [2, 6])
    with pytest.raises(ValueError, match="No row says test; train and test need at least one each"):
        split_by_column(np.array(["train", "x"]))


@pytest.mark.parametrize(
    ("split", "says"),
    [
        ({"method": "column", "column": "w"}, "The rows cannot be split by 'w'. No row says train or test"),
        ({"method": "group", "column": "z"}, "There are 2 groups"),
        ({"method": "time", "column": "w"}, "120 rows have no time"),
        ({"method": "time", "column": "gone"}, "The table has no column 'gone' to split by"),
    ],
)
def test_a_split_that_cannot_be_is_refused_with_a_sentence(points, experiment_of, split, says):
    value = experiment_of().value()
    value["data"]["split"] = split
    with pytest.raises(TableError, match=says):
        prepare(points, read(value).data, "number")


def test_rows_that_belong_to_no_part_are_left_out(points, experiment_of):
    value = experiment_of().value()
    value["data"]["split"] = {"method": "column", "column": "part"}
    frame = points.assign(part=["train", "validation", "test", ""] * 30)
    ready = prepare(frame, read(value).data, "number")
    assert {name: len(rows) for name, rows in ready.parts.items()} == {"train": 30, "validation": 30, "test": 30}


def test_a_method_with_a_column_needs_one():
    with pytest.raises(ValueError, match="needs a column"):
        Split(method="group")
    with pytest.raises(InvalidExperiment, match="needs a column"):
        read({"version": 1, "data": {"table": "x", "split": {"method": "time"}}})


@pytest.mark.parametrize("rows", [2, 3, 10, 101])
def test_rows_that_are_split_off_are_complete_repeatable_and_proportionate(rows):
    labels = np.arange(rows) % 2
    train, test = split_off(rows, labels, 0.2, seed=3)
    assert sorted([*train, *test]) == list(range(rows))
    assert len(test) == max(1, rows // 5)
    assert all(
        np.array_equal(one, again)
        for one, again in zip((train, test), split_off(rows, labels, 0.2, seed=3), strict=True)
    )
    assert abs(int((labels[test] == 0).sum()) - len(test) / 2) <= 1
    assert rows < 10 or not np.array_equal(train, split_off(rows, labels, 0.2, seed=4)[0])


def test_one_row_cannot_be_split_off():
    with pytest.raises(ValueError, match="at least 2 are needed"):
        split_off(1, None, 0.2, seed=0)
