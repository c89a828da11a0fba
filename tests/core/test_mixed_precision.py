"""Mixed precision: weights in float32, hidden layers in bfloat16, scores as of float32 with another seed; and all that
looks into such a network sees numbers.
"""

import keras
import numpy as np
import pandas as pd
import pytest

from core.catalog.layers import LAYERS
from core.experiment.spec import read
from core.experiment.task import Task
from core.inspect.batch_trace import by_card, trace
from core.inspect.decision_surface import Looks
from core.inspect.graph import walked
from core.inspect.loss_landscape import LossLandscape
from core.inspect.snapshot import Scene
from core.model.exported_model import Predictor
from core.model.logits import logit_layer
from core.model.matrices import TableMatrices
from core.model.outputs import Heads
from core.tables.prepared import prepare

pytestmark = pytest.mark.slow
REGRESSION, YES = Task("regression", "y"), Task("binary", "z", 2)
HIDDEN = [
    {"layer": "Dense", "units": 16, "activation": "relu"},
    {"layer": "BatchNormalization"},
    {"layer": "Dense", "units": 8, "activation": "tanh"},
]
LAYERS_OF = {"y": [*HIDDEN, {"layer": "Dense", "units": 1}]}
LAYERS_OF["z"] = [*HIDDEN, {"layer": "Dense", "units": 1, "activation": "sigmoid"}]
DIGITS = 2**-8  # A number in bfloat16 is off by no more than this part of it.


def with_policy(experiment, policy="mixed_bfloat16", **compiled):
    """The experiment in another precision."""
    value = experiment.value()
    return read({**value, "compile": {**value["compile"], "dtype_policy": policy, **compiled}})


@pytest.fixture(scope="module")
def mixed(train, experiment_of):
    """A regression trained in mixed precision."""
    return train(with_policy(experiment_of(layers=LAYERS_OF["y"], epochs=30)))


def test_hidden_layers_compute_in_bfloat16_and_all_variables_are_float32(mixed):
    layers = [(type(layer).__name__, layer.compute_dtype) for layer in mixed.stack.layers]
    assert layers == [
        ("Dense", "bfloat16"),
        ("BatchNormalization", "bfloat16"),
        ("Dense", "bfloat16"),
        ("Dense", "float32"),
        ("Rescaling", "float32"),
    ]
    kinds = {variable.dtype for variable in [*mixed.stack.variables, *mixed.stack.optimizer.variables]}
    assert {kind for kind in kinds if "float" in kind} == {"float32"}
    assert mixed.experiment.compile.dtype_policy == "mixed_bfloat16"


def test_a_score_is_within_the_spread_of_seeds(mixed, train, experiment_of):
    scores = [
        train(experiment_of(layers=LAYERS_OF["y"], epochs=30, seed=seed)).scores["validation"]["rmse"]
        for seed in range(5)
    ]
    assert abs(mixed.scores["validation"]["rmse"] - np.mean(scores)) < 3 * np.std(scores, ddof=1)


def test_steps_of_the_program_and_of_plain_fit_differ_by_rounding_alone(train, experiment_of):
    """All rows are one batch: the first loss is that of equal weights, the second that of one step."""
    given = with_policy(experiment_of(layers=LAYERS_OF["y"], epochs=2, batch_size=84))
    mixed, plain, float32 = (
        train(one).history["loss"]
        for one in (given, with_policy(given, jit_compile=False), with_policy(given, "float32"))
    )
    assert mixed == pytest.approx(plain, rel=2 * DIGITS)  # Two layers round one after the other.
    assert mixed == pytest.approx(float32, rel=2 * DIGITS)
    assert mixed[0] != float32[0]


def test_the_exported_model_predicts_in_float32_what_was_scored(mixed, points, tmp_path):
    mixed.bundle.save(tmp_path / "model.keras")
    predictor = Predictor.load(tmp_path / "model.keras", {}, mixed.card)
    found = predictor.outputs(points)["y"]
    assert found.dtype == "float32"
    assert len(np.unique(found)) > 100  # Of 120 rows: bfloat16 has 128 numbers from 32,768 to 65,536.
    expected = np.asarray(mixed.bundle({name: points[[name]].to_numpy() for name in ("x0", "x1")}))
    np.testing.assert_allclose(found, expected, atol=DIGITS * np.ptp(expected))
    one = predictor.predict(pd.DataFrame({"x0": [0.5], "x1": [-0.5]}))
    assert one["predicted y"].dtype == "float64"


def test_logits_are_those_of_the_probabilities_and_the_report_can_walk_the_model(train, experiment_of, points):
    given = experiment_of(target="z", loss="BinaryCrossentropy", layers=LAYERS_OF["z"], metrics=["BinaryAccuracy"])
    outcome = train(with_policy(given), YES, "boolean")
    rows = {name: points[[name]].to_numpy() for name in ("x0", "x1")}
    logits = logit_layer(outcome.bundle).logits(rows)
    np.testing.assert_allclose(1 / (1 + np.exp(-logits)), np.asarray(outcome.bundle(rows)), atol=1e-6)
    assert "unknown" not in {step.do for step in walked(outcome.bundle)[0]}


@pytest.mark.parametrize(("target", "loss"), [("y", "MeanSquaredError"), ("z", "BinaryCrossentropy")])
def test_what_looks_into_a_network_sees_nearly_what_it_sees_in_float32(experiment_of, points, target, loss):
    task = REGRESSION if target == "y" else YES
    scenes, losses, traces = [], [], []
    penalized = [*LAYERS_OF[target][:1], {"layer": "ActivityRegularization", "l1": 0.01}, *LAYERS_OF[target][1:]]
    given = experiment_of(target=target, loss=loss, layers=penalized, metrics=())
    for experiment in (given, with_policy(given)):
        made = TableMatrices(prepare(points, experiment.data, "number" if target == "y" else "boolean"))
        scene = Scene(experiment, made, [task], made.matrices())
        scene.look(Looks([{"x0": 1.5, "x1": -0.5}], ["x0", "x1"]))
        heads = Heads(experiment, [task], made.prepared)
        stack = heads.build(2)
        weights = stack.get_weights()
        scenes.append(scene(1, weights, weights, 1))
        landscape = LossLandscape(experiment, made.prepared, [task])
        path = {0: weights, 1: [0.9 * one for one in weights], 2: [0.8 * one for one in weights]}
        losses.append(landscape.chart("path", path, 2, grid=3)["loss"])
        x, y = made.matrices().x["train"][:16], heads.y_true("train")[:16]
        traces.append(trace(stack, by_card(stack, experiment), weights, x, y, None))
    (plain, near), (first, second) = scenes, traces
    for column, same in zip(plain["columns"], near["columns"], strict=True):
        assert same["weights"] == column["weights"]
        assert same["mean"] == pytest.approx(column["mean"], rel=4 * DIGITS, abs=4 * DIGITS)
        assert same["health"]["gradient"] == pytest.approx(column["health"]["gradient"], rel=0.1)
    np.testing.assert_allclose(losses[1], losses[0], rtol=4 * DIGITS)
    assert second.outputs == pytest.approx(first.outputs, rel=4 * DIGITS)
    assert second.penalty == pytest.approx(first.penalty, rel=4 * DIGITS)
    assert second.gradients == pytest.approx(first.gradients, rel=0.1)


def test_every_layer_of_the_catalog_computes_in_mixed_precision(train, experiment_of):
    names = [name for name, row in LAYERS.items() if not row.embeds and not row.module.startswith("plugin")]
    layers = [{"layer": name, **LAYERS[name].starting_arguments()} for name in names]
    layers += [{"layer": "Dense", "units": 4, "kernel_regularizer": {"class": "L2", "l2": 0.01}}]
    outcome = train(with_policy(experiment_of(layers=[*layers, {"layer": "Dense", "units": 1}], epochs=1)))
    *hidden, output, _ = outcome.stack.layers
    assert {type(layer).__name__ for layer in hidden if layer.compute_dtype == "float32"} == {"ActivityRegularization"}
    assert isinstance(output, keras.layers.Dense)
    assert output.compute_dtype == "float32"
    assert outcome.log == []  # XLA compiled it.
