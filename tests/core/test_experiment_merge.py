"""Two edits of one experiment brought together: both are kept, or nothing is pretended."""

import pytest

from core.experiment.edits import apply
from core.experiment.merge import merged

UNITS = {"op": "set", "path": "layers.0.units", "value": 10}
EPOCHS = {"op": "set", "path": "fit.epochs", "value": 60}
RATE = {"op": "set", "path": "compile.optimizer.learning_rate", "value": 0.5}
MORE = {"op": "add", "layer": "Dropout", "at": 1}
MOVE = {"op": "move", "at": 0, "to": 1}
NAME = {"op": "set", "path": "name", "value": "Another"}


@pytest.fixture(scope="module")
def base(experiment_of):
    """Two layers of 8 units and 4, and the output."""
    layers = [{"layer": "Dense", "units": 8}, {"layer": "Dense", "units": 4}, {"layer": "Dense", "units": 1}]
    return experiment_of(layers=layers)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (UNITS, EPOCHS),
        (EPOCHS, NAME),
        (MORE, RATE),
        (MOVE, NAME),
        (UNITS, {"op": "set", "path": "layers.1.units", "value": 9}),
        (RATE, MORE),
    ],
)
def test_changes_of_different_things_are_both_kept(base, theirs, ours):
    both = apply(apply(base, theirs), ours)
    assert merged(base, apply(base, theirs), apply(base, ours)) == both
    assert merged(base, apply(base, ours), apply(base, theirs)) == both


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (UNITS, {**UNITS, "value": 11}),
        (MORE, UNITS),  # A layer more: which one is the first now?
        (MOVE, UNITS),
        (UNITS, {"op": "delete", "at": 0}),
        (NAME, {**NAME, "value": "A third"}),
        (RATE, {"op": "set", "path": "compile.optimizer", "value": {"class": "SGD"}}),
    ],
)
def test_changes_of_one_thing_are_a_conflict(base, theirs, ours):
    assert merged(base, apply(base, theirs), apply(base, ours)) is None


@pytest.mark.parametrize("change", [UNITS, MORE, MOVE, NAME])
def test_the_same_change_and_no_change_are_no_conflict(base, change):
    changed = apply(base, change)
    assert merged(base, changed, changed) == merged(base, changed, base) == merged(base, base, changed) == changed
    assert merged(base, base, base) == base


def test_what_makes_no_experiment_together_is_a_conflict(base):
    """Fewer epochs, and more of them counted as made: together none would be left."""
    theirs = apply(base, {"op": "set", "path": "fit.epochs", "value": 3})
    ours = apply(base, {"op": "set", "path": "fit.initial_epoch", "value": 4})
    assert merged(base, theirs, ours) is None
