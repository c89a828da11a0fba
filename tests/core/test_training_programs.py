"""A training with a kept program is the one without, to the bit, and compiles nothing."""

import numpy as np
import pytest

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


class NewProgram(Exception):
    """What ends a training that makes a program, before that is compiled."""


@pytest.fixture
def ends_at_a_new_program(monkeypatch):
    """A program that is new ends its training; one of an earlier training runs."""
    first = BlockProgram.__call__

    def run(self, iterator):
        if not self._proven:
            raise NewProgram
        return first(self, iterator)

    monkeypatch.setattr(BlockProgram, "__call__", run)


@pytest.fixture(scope="module")
def train(points, experiment_of, programs):
    """A function that trains the network with some changes, with the programs of this module or with none."""

    def run(programs=programs, frame=points, **changes):
        experiment = experiment_of(**{"layers": LAYERS, "epochs": 1, **changes})
        ready = prepare(frame, experiment.data, "number")
        return learn(experiment, ready, Task("regression", "y"), Hooks(), programs=programs)

    run()  # Compiles what the tests find again.
    return run


def test_only_numbers_changed(train, compilations):
    adam = {"class": "Adam", "learning_rate": 0.1}
    changes = {"seed": 5, "epochs": 7, "optimizer": adam, "callbacks": REDUCING}
    train(optimizer={"class": "Adam"}, epochs=12)
    train(epochs=12, callbacks=REDUCING)
    again = train(**changes)
    assert len(compilations) == 0
    weights = again.stack.get_weights()
    alone = train(programs=None, **changes)
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
@pytest.mark.usefixtures("ends_at_a_new_program")
def test_something_else_changed(train, compilations, changes):
    train()
    assert len(compilations) == 0
    with pytest.raises(NewProgram):
        train(**changes)
    assert len(compilations) == 1


@pytest.mark.usefixtures("ends_at_a_new_program")
def test_another_table_of_the_same_shape_has_another_scale(train, points, compilations):
    train()
    assert len(compilations) == 0
    with pytest.raises(NewProgram):
        train(frame=points.assign(y=points["y"] * 2))
    assert len(compilations) == 1
