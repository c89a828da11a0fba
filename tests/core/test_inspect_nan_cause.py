"""Trainings that break for a reason each: the reason is found and named, with its layer or setting, a number, and what
to try.
"""

import numpy as np
import pytest

from core.catalog.plugins import register
from core.experiment.spec import read
from core.experiment.task import Task
from core.tables.prepared import prepare
from core.training.hooks import Hooks
from core.training.outcome import TrainingFailed
from core.training.train import learn

pytestmark = pytest.mark.slow
DATA = {"version": 1, "data": {"table": "points.csv", "targets": ["y"], "features": {"x0": "number", "x1": "number"}}}


def dense(units: int, activation: str = "linear", **more) -> dict:
    """A layer."""
    return {"layer": "Dense", "units": units, "activation": activation, **more}


def sgd(rate: float, **more) -> dict:
    """An optimizer that breaks easily."""
    return {"class": "SGD", "learning_rate": rate, **more}


@pytest.fixture
def says(points, programs):
    """What is said of a training that breaks; 14 divides its 84 rows: a last, smaller batch would be compiled, too."""

    def run(layers, optimizer, loss="MeanSquaredError", frame=points, weight=None, metrics=(), batch_size=14) -> str:
        experiment = read(
            {
                **DATA,
                "data": {**DATA["data"], "weight": weight},
                "layers": layers,
                "compile": {"optimizer": optimizer, "loss": loss, "metrics": list(metrics)},
                "fit": {"epochs": 500, "batch_size": batch_size},
            }
        )
        ready = prepare(frame, experiment.data, "number")
        try:
            outcome = learn(experiment, ready, Task("regression", "y"), Hooks(), programs=programs)
        except TrainingFailed as failed:
            return str(failed)
        assert outcome.ended == "diverged"
        return outcome.says

    return run


NORMAL = {"class": "RandomNormal", "stddev": 1e20}
LARGE = {"class": "RandomNormal", "stddev": 1.0}


@pytest.mark.parametrize(
    ("layers", "optimizer", "loss", "expected"),
    [
        pytest.param(
            [dense(16, "relu"), dense(1)],
            sgd(10.0),
            "MeanSquaredError",
            "the learning rate: 10 is 33 times the highest usual one for SGD (0.3); the weights of layer 1, "
            "Dense, grew to ",
            id="learning rate",
        ),
        pytest.param(
            [dense(16, "relu"), dense(16, "exponential"), dense(16, "exponential"), dense(1)],
            sgd(0.2),
            "MeanSquaredError",
            "layer 3, Dense: its activation, exponential, is unbounded and ",
            id="activation without bound",
        ),
        pytest.param(
            [dense(16, "exponential"), dense(1)],
            sgd(10.0),
            "MeanSquaredError",
            "Try 0.01. The activation of layer 1, Dense, exponential, contributes.",
            id="both",
        ),
        pytest.param(
            [dense(8, "relu"), dense(1)],
            sgd(0.1),
            "Poisson",
            "the loss Poisson: it takes the logarithm of the predictions, and ",
            id="logarithm",
        ),
        pytest.param(
            [dense(8, "relu"), dense(8, kernel_initializer=NORMAL), dense(1)],
            sgd(0.1),
            "MeanSquaredError",
            "the initialization of layer 2, Dense: its weights start with values up to ",
            id="initializer",
        ),
        pytest.param(
            [dense(256, "relu", kernel_initializer=LARGE), dense(256, "relu", kernel_initializer=LARGE), dense(1)],
            sgd(0.1),
            "MeanSquaredError",
            "without clipping",
            id="no clipping",
        ),
        pytest.param(
            [dense(8), dense(1)],
            sgd(0.2, momentum=1.0),
            "MeanSquaredError",
            "the momentum of 1: steps never decay",
            id="momentum",
        ),
        pytest.param(
            [dense(8, "relu", kernel_regularizer={"class": "L2", "l2": 100.0}), dense(1)],
            sgd(0.1),
            "MeanSquaredError",
            "the kernel_regularizer of layer 1, Dense: it made up 100% of the loss.",
            id="regularizer",
        ),
    ],
)
def test_the_cause_is_named_with_its_layer_or_setting(says, layers, optimizer, loss, expected):
    assert expected in says(layers, optimizer, loss, batch_size=21)


def test_what_is_to_be_tried_helps(points, programs):
    experiment = read(
        {
            **DATA,
            "layers": [dense(16, "relu"), dense(1)],
            "compile": {"optimizer": sgd(0.01)},
            "fit": {"epochs": 20, "batch_size": 14},
        }
    )
    ready = prepare(points, experiment.data, "number")
    outcome = learn(experiment, ready, Task("regression", "y"), Hooks(), programs=programs)
    assert outcome.ended == "finished"


def test_an_extreme_cell_is_named_with_its_feature_and_row(says, points):
    row = prepare(points, read(DATA).data, "number").parts["train"][3]
    frame = points.copy()
    frame.loc[row, "x1"] = 1e30
    said = says([dense(32, "relu"), dense(32, "relu"), dense(1)], sgd(0.25), frame=frame, batch_size=4)
    assert f"The likely cause is the feature x1: its value 1e+30 in row {row + 1} of the table is " in said
    assert "standard deviations away from all other training rows. Fix that row, or remove x1." in said


def test_truths_of_0_under_a_loss_that_divides_by_them(says, points):
    frame = points.assign(y=points["y"].where(points.index % 2 == 0, 0.0))
    said = says([dense(8, "relu"), dense(1)], sgd(0.1), "MeanAbsolutePercentageError", frame)
    assert "The likely cause is the loss MeanAbsolutePercentageError: it divides by the target, and " in said


def test_a_row_that_counts_far_more_than_the_others(says, points):
    frame = points.assign(
        count=np.where(points.index == prepare(points, read(DATA).data, "number").parts["train"][0], 1e25, 1.0)
    )
    said = says([dense(8, "relu"), dense(1)], sgd(0.01), frame=frame, weight="count")
    assert "The likely cause is an extreme sample weight: the column count goes up to 1e+25, and a typical" in said


PLUGIN = """
import keras

@keras.saving.register_keras_serializable(package="plugins")
class Root(keras.layers.Layer):
    def call(self, x):
        return keras.ops.sqrt(x)

@keras.saving.register_keras_serializable(package="plugins")
class Length(keras.layers.Layer):
    def call(self, x):
        return keras.ops.sqrt(keras.ops.square(x - x[:, :1]))

@keras.saving.register_keras_serializable(package="plugins")
class Logs(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return keras.ops.mean(keras.ops.log(y_pred - 1e9), axis=-1)
"""


@pytest.mark.parametrize(
    ("layer", "loss", "expected"),
    [
        ("Root", "MeanSquaredError", "layer 2, Root: the plug-in roots.py returned NaN"),
        (
            "Length",
            "MeanSquaredError",
            "layer 2, Length: its outputs were finite, and the gradient through it was NaN. Fix the code of",
        ),
        ("", "Logs", "the plug-in Logs (roots.py): this loss is NaN for predictions from "),
    ],
)
@pytest.mark.usefixtures("catalog")
def test_a_plug_in_is_named(says, tmp_path, monkeypatch, layer, loss, expected):
    monkeypatch.setenv("LAYERDECK_PLUGINS", str(tmp_path))
    (tmp_path / "roots.py").write_text(PLUGIN)
    assert register(tmp_path).broken == {}
    own = [{"layer": layer}] if layer else []
    assert f"The likely cause is {expected}" in says([dense(8), *own, dense(1)], sgd(0.01), loss)


def test_of_several_targets_with_an_embedding_the_layer_is_named_all_the_same(points):
    layers = [{"layer": "Embedding", "output_dim": 2}, dense(8, "exponential"), dense(8, "exponential"), dense(1)]
    data = {"table": "points.csv", "targets": ["y", "z"], "features": {"x0": "number", "x1": "number", "w": "category"}}
    losses = {"y": "MeanSquaredError", "z": "BinaryCrossentropy"}
    experiment = read(
        {
            "version": 1,
            "data": data,
            "layers": layers,
            "compile": {"optimizer": sgd(0.2), "loss": losses},
            "fit": {"epochs": 500, "batch_size": 14},
        }
    )
    ready = prepare(points, experiment.data, {"y": "number", "z": "boolean"})
    try:
        says = learn(experiment, ready, (Task("regression", "y"), Task("binary", "z", 2)), Hooks()).says
    except TrainingFailed as failed:
        says = str(failed)
    assert "layer 2, Dense: its activation, exponential, is unbounded and " in says
