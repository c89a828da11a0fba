"""Counts with their nouns, in the sentences where one is most likely."""

import numpy as np
import pytest

from core.experiment.counts import count, counted, enumerated, minutes_in_words
from core.experiment.fork import why_not
from core.experiment.task import Situation
from core.tables.split import split_by_group, split_by_time, split_rows
from dashboard.text import what_is_seen
from tests.core.advised import TABLE, experiment


def test_one_is_not_many():
    assert [count(number, "row") for number in (0, 1, 2, 2000)] == ["0 rows", "1 row", "2 rows", "2,000 rows"]
    assert [count(number, "batch", "batches") for number in (1, 2)] == ["1 batch", "2 batches"]
    assert [counted(number, "has", "have") for number in (1, 2)] == ["has", "have"]


def test_names_are_enumerated_as_in_a_sentence():
    assert [enumerated("abcd"[:many]) for many in (1, 2, 3)] == ["a", "a and b", "a, b and c"]
    assert [enumerated("abcde"[:many], 4) for many in (4, 5)] == ["a, b, c and d", "a, b, c and 2 more"]


@pytest.mark.parametrize(
    ("split", "says"),
    [
        (lambda: split_rows(1, None, 0.7, 0.15, 0.15, 0), "^1 row can't be split"),
        (lambda: split_by_time(np.array([1.0, np.nan, 2.0]), 0.15, 0.15), "^1 row has no time"),
        (lambda: split_by_group(np.array(["a"] * 5), 0.15, 0.15, 0), "^There is 1 group;"),
    ],
)
def test_a_split_of_one_row_or_group_says_so(split, says):
    with pytest.raises(ValueError, match=says):
        split()


def test_a_run_of_one_epoch_has_learned_for_one():
    snapshot = {
        "state": "finished",
        "epoch": 1,
        "epochs": 1,
        "names": ["loss"],
        "baselines": {},
        "best": None,
        "says": "",
    }
    assert what_is_seen(snapshot, [[1, 0.5]], experiment()).startswith("Trained for 1 epoch. ")


def test_a_stack_of_one_layer_is_told_from_one_of_two():
    one = experiment(layers=[{"layer": "Dense", "units": 1}])
    two = experiment(layers=[{"layer": "Dense", "units": 1}, {"layer": "Dense", "units": 1}])
    tasks = Situation(TABLE).tasks
    assert "has 1 layer with weights, this run has 2" in why_not(two, one, 1, tasks, ())


def test_minutes_are_written_in_words():
    assert [minutes_in_words(one) for one in (2.0, 1.0, 1.5, 0.5, 1 / 60)] == [
        "2 minutes",
        "1 minute",
        "1.5 minutes",
        "30 seconds",
        "1 second",
    ]
