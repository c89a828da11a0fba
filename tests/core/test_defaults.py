"""The page's default experiment beats the linear model on the samples; `python -m benchmarks defaults` has all of them
with ten seeds.
"""

import numpy as np
import pytest

from core.experiment.task import Task
from core.experiment.templates import starting_experiment
from core.tables.samples import load_sample


@pytest.mark.parametrize(
    ("task", "rows", "inputs", "units"),
    [
        (Task("regression", "y"), 654, 107, [16, 1]),  # Homes: 6 rows for each column.
        (Task("regression", "y"), 722, 8, [64, 32, 1]),  # Concrete.
        (Task("regression", "y"), 0, 0, [64, 32, 1]),
        (Task("binary", "y", 2), 50, 100, [64, 32, 1]),
        (Task("multiclass", "y", 10), 1259, 61, [128, 64, 10]),  # Digits.
    ],
)
def test_the_layers_follow_from_rows_columns_and_classes(task, rows, inputs, units):
    made = starting_experiment("sample:xor", "First", "y", {"x": "number"}, task, rows, inputs)
    assert [layer.value("units") for layer in made.layers] == units


@pytest.fixture
def _without_boosting(monkeypatch):
    """No gradient boosting, which nothing here is compared with: of ten classes it takes longer than the network."""
    monkeypatch.setattr("core.training.background_boosting.within_seconds", lambda *_: False)


@pytest.mark.slow
@pytest.mark.usefixtures("_without_boosting")
def test_the_first_run_of_all_beats_the_linear_model_whatever_the_seed():
    from benchmarks.defaults import beside_line

    network, linear = beside_line("sacramento_homes", [0, 0, 0], [0, 1, 2])
    assert (network.mean(axis=0) < linear.mean(axis=0)).all(), (network, linear)


@pytest.mark.slow
@pytest.mark.usefixtures("_without_boosting")
@pytest.mark.parametrize("name", ["titanic", "concrete", "xor"])
def test_a_sample_is_learned_better_than_by_a_straight_line(name):
    from benchmarks.defaults import beside_line

    network, linear = beside_line(name, [0], [0])
    assert (network < linear).all(), (network, linear)


@pytest.mark.slow
@pytest.mark.usefixtures("_without_boosting")
def test_digits_are_read_as_well_as_by_scikit_learn():
    from benchmarks.defaults import beside_sklearn

    ours, theirs = beside_sklearn("digits", load_sample("digits"), "digit")
    # 270 rows of each part: one row is 0.4 %
    assert np.mean(ours) >= np.mean(theirs) - 0.005, (ours, theirs)
