"""A training that was cut off goes on from its checkpoint and ends as if nothing had been."""

import numpy as np
import pytest

from core.experiment.task import Task
from core.tables.prepared import prepare
from core.training.checkpoint import Checkpoint
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
CALLBACKS = [
    {"class": "ReduceLROnPlateau", "patience": 2},
    {"class": "EarlyStopping", "patience": 9, "restore_best_weights": True},
]


class EveryEpoch(Checkpoint):
    """Keeps each epoch, however fast they come."""

    def due(self) -> bool:
        return True


class CutOff(Exception):
    """What ends the first training."""


def test_it_ends_with_the_same_weights_to_the_bit(points, experiment_of, tmp_path):
    experiment = experiment_of(layers=LAYERS, epochs=30, batch_size=16, callbacks=CALLBACKS)
    task, programs = Task("regression", "y"), Programs()

    def train(kept=None, **hooks):
        ready = prepare(points, experiment.data, "number")
        return learn(experiment, ready, task, Hooks(**hooks), kept=kept, programs=programs)

    def cut(epoch, _values):
        if epoch == 6:
            raise CutOff

    undisturbed = train()
    weights = undisturbed.stack.get_weights()  # The stack is the next training's, too.
    kept = EveryEpoch(tmp_path / "run" / "checkpoint.npz")
    with pytest.raises(CutOff):
        train(kept, epoch=cut)
    heard, went_on = [], []
    outcome = train(kept, epoch=lambda epoch, _: heard.append(epoch), resumed=went_on.append)
    assert went_on == [5]
    # Those before, too: their maker may not have come to tell of them.
    assert heard == list(range(1, undisturbed.epochs + 1))
    assert outcome.history == undisturbed.history
    assert (outcome.best_epoch, outcome.ended, outcome.scores) == (
        undisturbed.best_epoch,
        undisturbed.ended,
        undisturbed.scores,
    )
    for ours, expected in zip(outcome.stack.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(ours, expected)

    heard.clear()
    again = train(kept, epoch=lambda epoch, _: heard.append(epoch))  # Its end, too, is part of the state.
    assert (heard, again.history, again.ended) == (
        list(range(1, undisturbed.epochs + 1)),
        undisturbed.history,
        undisturbed.ended,
    )
    for ours, expected in zip(again.stack.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(ours, expected)


def test_a_damaged_checkpoint_is_as_good_as_none(tmp_path):
    path = tmp_path / "checkpoint.npz"
    assert Checkpoint(path).load() is None
    path.write_bytes(b"no archive")
    assert Checkpoint(path).load() is None
