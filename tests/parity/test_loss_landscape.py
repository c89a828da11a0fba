"""The landscape is the loss: in closed form where there is one, and what plain Keras says of the same weights."""

import numpy as np
import pytest

from core.experiment.task import Task
from core.inspect.loss_landscape import LossLandscape, NoLandscape
from core.model.matrices import TablePool
from core.model.outputs import Heads
from core.model.weight_history import WEIGHTS, epoch_weights, kept
from core.tables.prepared import prepare
from core.training.checkpoint import Checkpoint
from core.training.hooks import Hooks
from core.training.train import learn

pytestmark = pytest.mark.slow
AMOUNTS, YES = Task("regression", "y"), Task("binary", "z", 2)
PRICED = [
    {"layer": "Dense", "units": 6, "activation": "tanh", "kernel_regularizer": {"class": "L2", "l2": 0.01}},
    {"layer": "Dropout", "rate": 0.3},
    {"layer": "BatchNormalization"},
    {"layer": "ActivityRegularization", "l1": 0.01},
    {"layer": "Dense", "units": 1},
]


@pytest.fixture(scope="module")
def trained(points, tmp_path_factory, programs):
    """A function that trains an experiment, once; its landscape, the weights of its epochs, the outcome and the
    targets.
    """
    made, ready = {}, TablePool()

    def learned(experiment, task=AMOUNTS):
        if (key := (experiment.text(), task)) not in made:
            made[key] = anew(experiment, task)
        return made[key]

    def anew(experiment, task):
        folder = tmp_path_factory.mktemp("run")
        prepared = prepare(points, experiment.data, "number" if task is AMOUNTS else "boolean")
        table, checkpoint = ready.of(experiment.data, lambda: prepared), Checkpoint(folder / "checkpoint.npz")
        outcome = learn(experiment, table, task, Hooks(), kept=checkpoint, programs=programs)
        path = {epoch: epoch_weights(folder / WEIGHTS, epoch) for epoch in kept(folder / WEIGHTS)}
        return LossLandscape(experiment, prepared, [task]), path, outcome, Heads(experiment, [task], prepared)

    return learned


@pytest.mark.parametrize("kind", ["path", "random"])
def test_a_linear_models_loss_landscape_is_its_quadratic(trained, experiment_of, kind):
    landscape, path, outcome, _ = trained(experiment_of(layers=[{"layer": "Dense", "units": 1}]))
    centre, told = outcome.epoch, []
    found = landscape.chart(kind, path, centre, told.append)
    kernel, bias = (np.asarray(array, "float64") for array in landscape.trained(path[centre]))
    moves = np.stack(
        [np.concatenate([one.ravel() for one in landscape.trained(each)]) for each in path.values()]
    ) - np.append(kernel, bias)
    plane = landscape.plane(kind, path[centre], moves)
    scale, mean = landscape.y.std(), landscape.y.mean()

    def squared(a, b):
        point = np.append(kernel, bias) + np.array([a, b]) @ plane.directions
        output = (landscape.x.astype("float64") @ point[:2] + point[2]) * scale + mean
        return np.mean((landscape.y[:, 0] - output) ** 2)

    expected = [[squared(a, b) for a in found["x"]] for b in found["y"]]
    np.testing.assert_allclose(found["loss"], expected, rtol=1e-4)
    seen = found["path"]
    np.testing.assert_allclose(
        seen["loss"], [squared(a, b) for a, b in zip(seen["x"], seen["y"], strict=True)], rtol=1e-4
    )
    assert (len(found["loss"]), len(found["loss"][0]), found["rows"]) == (31, 31, len(landscape.x))
    assert told == sorted(told)
    assert (told[-1], len(told) > 31) == (1.0, True)
    if kind == "path":
        assert sum(found["explained"]) <= 1 + 1e-9
    else:
        assert (found["x"][0], found["x"][-1]) <= (-1, 1)
        assert found["explained"] is None
    again = landscape.chart(kind, path, centre)
    assert {**again, "seconds": 0} == {**found, "seconds": 0}


@pytest.mark.parametrize("kind", ["path", "random"])
def test_paths_of_several_trainings_lie_in_the_plane_of_all_their_weights(trained, experiment_of, kind):
    linear = {"layers": [{"layer": "Dense", "units": 1}], "epochs": 5}
    adam = {"class": "Adam", "learning_rate": 0.02}
    _, adams, _, _ = trained(experiment_of(optimizer=adam, **linear))
    landscape, sgds, outcome, _ = trained(experiment_of(optimizer={"class": "SGD", "learning_rate": 0.05}, **linear))
    charted = landscape.chart_paths(kind, {"adam": adams, "sgd": sgds}, ("sgd", outcome.epoch))
    ends = np.stack(
        [
            np.concatenate([one.ravel() for one in landscape.trained(weights)]).astype("float64")
            for path in (adams, sgds)
            for weights in path.values()
        ]
    )
    moves = ends - ends[-1]  # All weights of five epochs each; the last is the centre.
    paths = [charted["paths"][name] for name in ("adam", "sgd")]
    points = np.array([point for path in paths for point in zip(path["x"], path["y"], strict=True)])
    if kind == "path":
        _, spread, components = np.linalg.svd(moves - moves.mean(axis=0), full_matrices=False)
        np.testing.assert_allclose(np.abs(points), np.abs(moves @ components[:2].T), atol=1e-6)
        np.testing.assert_allclose(charted["explained"], (spread**2 / (spread**2).sum())[:2], rtol=1e-6)
        directions = components[:2]
    else:
        directions = landscape.plane(kind, sgds[outcome.epoch], moves).directions
        coordinates, *_ = np.linalg.lstsq(directions.T, moves.T, rcond=None)
        np.testing.assert_allclose(points, coordinates.T, atol=1e-6)
    projected = moves @ np.linalg.pinv(directions) @ directions
    assert charted["inside"] == pytest.approx((projected**2).sum() / (moves**2).sum())
    scale, mean = landscape.y.std(), landscape.y.mean()
    outputs = (landscape.x.astype("float64") @ (ends[-1] + projected)[:, :2].T + (ends[-1] + projected)[:, 2]) * scale
    losses = ((landscape.y - outputs - mean) ** 2).mean(axis=0)
    np.testing.assert_allclose([loss for path in paths for loss in path["loss"]], losses, rtol=1e-4)
    assert [path["epoch"] for path in paths] == [[1, 2, 3, 4, 5]] * 2
    assert charted["centre"] == {"epoch": 5, "loss": paths[1]["loss"][-1]}


def test_weights_that_are_no_numbers_are_on_no_path(trained, experiment_of):
    landscape, path, outcome, _ = trained(experiment_of())
    broken = {epoch: [array * np.nan for array in arrays] for epoch, arrays in path.items()}
    half = {**path, 1: broken[1]}
    paths = {"whole": path, "half": half, "broken": broken}
    charted = landscape.chart_paths("path", paths, ("whole", outcome.epoch), grid=3)
    assert {name: one["epoch"] for name, one in charted["paths"].items()} == {
        "whole": [1, 2, 3, 4, 5],
        "half": [2, 3, 4, 5],
    }
    with pytest.raises(NoLandscape, match="epochs without NaN"):
        landscape.chart_paths("path", paths, ("broken", outcome.epoch), grid=3)


@pytest.mark.parametrize(
    ("changes", "task"),
    [
        ({"layers": PRICED}, AMOUNTS),
        (
            {"target": "z", "loss": "BinaryCrossentropy", "metrics": (), "features": {"x0": "number", "w": "category"}},
            YES,
        ),
    ],
)
def test_at_the_origin_it_is_the_loss_that_plain_keras_finds(trained, experiment_of, changes, task):
    landscape, path, outcome, heads = trained(experiment_of(**changes), task)
    found = landscape.chart("random", path, outcome.epoch, grid=5)
    plain = heads.build(landscape.x.shape[1])
    plain.set_weights(path[outcome.epoch])
    loss = plain.evaluate(landscape.x, landscape.y, batch_size=len(landscape.x), verbose=0, return_dict=True)["loss"]
    assert found["centre"] == {"epoch": outcome.epoch, "loss": pytest.approx(loss * heads.units()["loss"], rel=1e-5)}
    plain(landscape.x)  # Eagerly: what `evaluate` leaves in `losses` are symbols.
    # It is in what is trained, and in no score.
    penalty = sum(float(one) for one in plain.losses) * heads.units()["loss"]
    assert found["centre"]["loss"] == pytest.approx(outcome.scores["train"]["loss"] + penalty, rel=1e-5)
    assert found["loss"][2][2] == pytest.approx(found["centre"]["loss"], rel=1e-5)


def test_a_network_that_xla_cannot_compile_is_asked_by_the_ordinary_graph(trained, experiment_of, monkeypatch):
    import tensorflow as tf

    landscape, path, outcome, _ = trained(experiment_of())
    expected = landscape.chart("random", path, outcome.epoch, grid=3)["loss"]
    answer = type(landscape.stack).call

    def through_text(self, x, **more):
        return answer(self, tf.reshape(tf.strings.to_number(tf.strings.as_string(x, precision=9)), tf.shape(x)), **more)

    monkeypatch.setattr(type(landscape.stack), "call", through_text)  # XLA knows no text.
    np.testing.assert_allclose(landscape.chart("random", path, outcome.epoch, grid=3)["loss"], expected, rtol=1e-5)


def test_what_has_no_loss_landscape_says_why(trained, experiment_of):
    landscape, path, _, _ = trained(experiment_of())
    with pytest.raises(NoLandscape, match="the weights of 3 epochs"):
        landscape.chart("path", {epoch: path[epoch] for epoch in (1, 2)}, 2)
