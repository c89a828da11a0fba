"""The weights that are kept of an epoch are those of a training of so many epochs, and give the numbers that its
history has.
"""

import numpy as np
import pytest

from core.experiment.fork import fork
from core.experiment.task import Task
from core.inspect.at_epoch import Replay
from core.model.initial_weights import CannotStart
from core.model.matrices import TablePool
from core.model.weight_history import WEIGHTS, epoch_weights, kept
from core.tables.prepared import prepare
from core.training.checkpoint import Checkpoint
from core.training.hooks import Hooks
from core.training.train import learn

pytestmark = pytest.mark.slow
LAYERS = [
    {"layer": "Dense", "units": 6, "activation": "relu"},
    {"layer": "Dropout", "rate": 0.3},
    {"layer": "BatchNormalization"},
    {"layer": "Dense", "units": 1},
]
CLASSES = [
    {"layer": "Dense", "units": 5, "activation": "tanh"},
    {"layer": "Dense", "units": 3, "activation": "softmax"},
]
AVERAGED = {"class": "Adam", "learning_rate": 0.02, "use_ema": True, "ema_momentum": 0.8}
AMOUNTS = Task("regression", "y")
KINDS = {"regression": "number", "multiclass": "category", "binary": "boolean"}


@pytest.fixture(scope="module")
def train(points, tmp_path_factory, programs):
    """A function that trains an experiment in a folder of its own; the outcome, and where the weights of its epochs
    are. Trainings share tables and compiled programs, so the stack of an outcome is the next one's, too.
    """
    ready = TablePool()

    def learned(experiment, task=AMOUNTS, **more):
        folder = tmp_path_factory.mktemp("run")
        table = ready.of(experiment.data, lambda: prepare(points, experiment.data, KINDS[task.kind]))
        kept = Checkpoint(folder / "checkpoint.npz")
        return learn(experiment, table, task, Hooks(), kept=kept, programs=programs, **more), folder / WEIGHTS

    return learned


def same(found, expected) -> bool:
    """Whether two lists of arrays are equal to the bit."""
    for mine, theirs in zip(found, expected, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    return True


@pytest.mark.parametrize(
    ("changes", "task"),
    [
        ({"layers": LAYERS}, AMOUNTS),
        ({"layers": LAYERS, "optimizer": AVERAGED}, AMOUNTS),
        ({"layers": LAYERS, "optimizer": AVERAGED, "callbacks": [{"class": "SwapEMAWeights"}]}, AMOUNTS),
        (
            {
                "layers": LAYERS,
                "optimizer": AVERAGED,
                "callbacks": [{"class": "SwapEMAWeights", "swap_on_epoch": True}],
            },
            AMOUNTS,
        ),
        (
            {
                "target": "w",
                "layers": CLASSES,
                "loss": "SparseCategoricalCrossentropy",
                "metrics": ["SparseCategoricalAccuracy"],
            },
            Task("multiclass", "w", 3),
        ),
    ],
    ids=["dropout and batch normalization", "averages", "averages are judged", "averages are swapped in", "classes"],
)
def test_the_weights_of_an_epoch_are_those_of_a_training_of_so_many(train, experiment_of, changes, task):
    whole, path = train(experiment_of(epochs=9, **changes), task)
    assert kept(path) == list(range(1, 10))
    assert same(epoch_weights(path, 9), whole.stack.get_weights())
    shorter, _ = train(experiment_of(epochs=4, **changes), task)
    assert same(epoch_weights(path, 4), shorter.stack.get_weights())


@pytest.mark.parametrize(
    ("changes", "task"),
    [
        ({"layers": LAYERS}, AMOUNTS),
        (
            {
                "target": "w",
                "layers": CLASSES,
                "loss": "SparseCategoricalCrossentropy",
                "metrics": ["SparseCategoricalAccuracy"],
            },
            Task("multiclass", "w", 3),
        ),
    ],
    ids=["amounts", "classes"],
)
def test_the_scores_at_an_epoch_are_those_of_its_history(train, points, experiment_of, changes, task):
    experiment = experiment_of(epochs=9, **changes)
    outcome, path = train(experiment, task)
    prepared = prepare(points, experiment.data, KINDS[task.kind])
    replay = Replay(experiment, prepared, (task,), outcome.card)
    for epoch in (7, 1, 9, 4):
        found = replay.at(epoch_weights(path, epoch))
        for name, value in found["scores"]["validation"].items():
            assert value == pytest.approx(outcome.history[f"val_{name}"][epoch - 1], rel=1e-6)
    last = replay.at(epoch_weights(path, 9))
    assert last["figures"] == outcome.figures
    assert {part: pytest.approx(scores, rel=1e-6) for part, scores in last["scores"].items()} == outcome.scores
    answers = replay.predict(points.head(5))
    inputs = {name: points[name].head(5).to_numpy("float32").reshape(-1, 1) for name in prepared.kinds}
    outputs = outcome.bundle.predict(inputs, verbose=0)
    if task.kind == "regression":
        assert answers["predicted y"].to_numpy() == pytest.approx(outputs[:, 0], rel=1e-6)
    else:
        assert answers.filter(like="probability").to_numpy() == pytest.approx(outputs, rel=1e-6)


def test_stopping_early_keeps_best_and_last_though_they_are_thinned_away(train, experiment_of, monkeypatch):
    monkeypatch.setattr("core.model.weight_history.MOST", 8)
    stopping = {
        "class": "EarlyStopping",
        "patience": 3,
        "min_delta": 1e7,
        "restore_best_weights": True,
        "start_from_epoch": 20,
    }
    outcome, path = train(experiment_of(epochs=60, callbacks=[stopping]))
    assert outcome.ended == "early"
    assert {1, outcome.best_epoch, outcome.epochs} <= set(kept(path))
    assert len(kept(path)) <= 8
    assert same(epoch_weights(path, outcome.best_epoch), outcome.stack.get_weights())
    longer, _ = train(experiment_of(epochs=outcome.epochs))
    assert same(epoch_weights(path, outcome.epochs), longer.stack.get_weights())


SGD = {"class": "SGD", "learning_rate": 0.01}


def test_a_fork_goes_on_where_its_origin_was(train, experiment_of):
    """Plain gradient descent has no state: a fork of the sixth epoch that makes four more is a training of ten."""
    whole, path = train(experiment_of(epochs=10, optimizer=SGD))
    ended_with = whole.stack.get_weights()
    experiment = fork(experiment_of(epochs=4, optimizer=SGD), "0123456789ab", 6)
    forked, own = train(experiment, initial=epoch_weights(path, 6))
    assert forked.history == {name: values[6:] for name, values in whole.history.items()}
    assert same(forked.stack.get_weights(), ended_with)
    assert (forked.epochs, forked.best_epoch, forked.scores) == (10, whole.best_epoch, whole.scores)
    assert forked.experiment == experiment
    assert kept(own) == [7, 8, 9, 10]
    for epoch in (7, 10):
        assert same(epoch_weights(own, epoch), epoch_weights(path, epoch))


def test_weights_of_other_shapes_are_refused_with_both(train, experiment_of):
    _, path = train(experiment_of(epochs=1))
    with pytest.raises(
        CannotStart, match=r"have the shapes \[\(2, 6\).*those of epoch 1 of the run 0123456789ab have \[\(2, 8\)"
    ):
        train(fork(experiment_of(layers=LAYERS), "0123456789ab", 1), initial=epoch_weights(path, 1))
    with pytest.raises(CannotStart, match="which are missing"):
        train(fork(experiment_of(), "0123456789ab", 1))
