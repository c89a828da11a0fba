"""A training with a kept program is the one without, to the bit, and compiles nothing."""

import numpy as np
import pytest

from core.experiment.spec import read
from core.experiment.task import Task
from core.tables.prepared import prepare
from core.training.compiled_epoch import BlockProgram
from core.training.compiled_pool import Programs
from core.training.hooks import Hooks
from core.training.train import learn

pytestmark = pytest.mark.slow
LAYERS = [
    {"layer": "Dense", "units": 6, "activation": "relu"},
    {"layer": "Dropout", "rate": 0.3},
    {"layer": "BatchNormalization"},
    {"layer": "Dense", "units": 1},
]
REDUCING = [
    {"class": "ReduceLROnPlateau", "patience": 1},
    {"class": "EarlyStopping", "patience": 4, "restore_best_weights": True},
]


@pytest.fixture(scope="module")
def programs():
    """The programs of all trainings of this module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.training.compiled_pool._MOST", 100)
        return Programs()


@pytest.fixture
def compilations(monkeypatch):
    """Counts the programs that are made."""
    made, first = [], BlockProgram.__init__
    monkeypatch.setattr(
        BlockProgram, "__init__", lambda self, *args, **more: (made.append(1), first(self, *args, **more))[1]
    )
    return made


@pytest.mark.parametrize(
    "changes",
    [
        {"optimizer": {"class": "Adam"}},
        {"seed": 5, "epochs": 7, "optimizer": {"class": "Adam", "learning_rate": 0.1}, "callbacks": REDUCING},
    ],
)
def test_only_numbers_changed(points, experiment_of, programs, compilations, changes):
    task = Task("regression", "y")

    def train(programs, **more):
        experiment = experiment_of(layers=LAYERS, **{"epochs": 12, **more})
        return learn(experiment, prepare(points, experiment.data, "number"), task, Hooks(), programs=programs)

    train(programs, callbacks=REDUCING)  # Compiles what the tests before this one have not.
    compilations.clear()
    again = train(programs, **changes)
    assert len(compilations) == 0
    weights = again.stack.get_weights()
    alone = train(None, **changes)
    assert len(compilations) == 1
    assert again.history == alone.history
    assert (again.scores, again.best_epoch, again.ended) == (alone.scores, alone.best_epoch, alone.ended)
    for ours, expected in zip(weights, alone.stack.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, expected)


@pytest.mark.parametrize(
    "changes",
    [
        {"layers": [*LAYERS[:3], {"layer": "Dense", "units": 1, "use_bias": False}]},
        {"batch_size": 17},
        {"optimizer": {"class": "Adam", "learning_rate": 0.02, "beta_1": 0.8}},
        {"loss": "MeanAbsoluteError"},
        {"metrics": ("R2Score",)},
        {"features": {"x0": "number"}},
    ],
)
def test_something_else_changed(points, experiment_of, programs, compilations, changes):
    for more in ({}, changes):
        compilations.clear()
        experiment = experiment_of(**{"layers": LAYERS, "epochs": 1, **more})
        learn(
            experiment, prepare(points, experiment.data, "number"), Task("regression", "y"), Hooks(), programs=programs
        )
    assert len(compilations) == 1


def test_another_table_of_the_same_shape_has_another_scale(points, experiment_of, programs, compilations):
    experiment = read(experiment_of(layers=LAYERS, epochs=1).text())
    for frame in (points, points.assign(y=points["y"] * 2)):
        compilations.clear()
        learn(
            experiment, prepare(frame, experiment.data, "number"), Task("regression", "y"), Hooks(), programs=programs
        )
    assert len(compilations) == 1
