"""What is drawn of a network, against plain Keras and arithmetic."""

import base64
import json

import keras
import numpy as np
import pandas as pd
import pytest

from core.experiment.spec import read
from core.experiment.task import Task
from core.inspect.decision_surface import GRID, Looks, plane
from core.inspect.layer_columns import columns_of
from core.inspect.snapshot import DRAWN, Scene
from core.model.exported_model import Predictor
from core.model.matrices import TableMatrices
from core.tables.prepared import prepare
from core.training.hooks import Hooks
from core.training.train import learn
from tests.waiting import until

pytestmark = pytest.mark.slow
KINDS = {"regression": "number", "binary": "category", "multiclass": "category"}
CASES = {
    "regression": ("y", "regression", 0, "MeanSquaredError", [{"layer": "Dense", "units": 1}]),
    "binary": ("z", "binary", 2, "BinaryCrossentropy", [{"layer": "Dense", "units": 1, "activation": "sigmoid"}]),
    "logits": (
        "z",
        "binary",
        2,
        {"class": "BinaryCrossentropy", "from_logits": True},
        [{"layer": "Dense", "units": 1}],
    ),
    "multiclass": (
        "w",
        "multiclass",
        3,
        "SparseCategoricalCrossentropy",
        [{"layer": "Dense", "units": 3, "activation": "softmax"}],
    ),
}
HIDDEN = [
    {"layer": "Dense", "units": 20},
    {"layer": "BatchNormalization"},
    {"layer": "Activation", "activation": "tanh"},
    {"layer": "Dropout", "rate": 0.5},
    {"layer": "Dense", "units": 5, "activation": "relu"},
]


@pytest.fixture(scope="module", params=CASES)
def situation(request, experiment_of, points):
    """(scene, made, experiment) of a kind of task; weights as they begin."""
    target, kind, classes, loss, output = CASES[request.param]
    experiment = experiment_of(target=target, loss=loss, layers=[*HIDDEN, *output], metrics=())
    made = TableMatrices(prepare(points, experiment.data, "number" if kind == "regression" else "category"))
    scene = Scene(experiment, made, [Task(kind, target, classes)], made.matrices())
    scene.look(Looks([{"x0": 1.5, "x1": -0.5}, {"x0": "0.25", "x1": None}], ["x0", "x1"]))
    return scene, made, experiment


def seen(scene, **changes):
    """A scene with weights of its own."""
    stack = scene.heads.build(2)
    weights = [
        weight + 0.1 * np.random.default_rng(at).random(weight.shape).astype("float32")
        for at, weight in enumerate(stack.get_weights())
    ]
    stack.set_weights(weights)
    return stack, scene(3, weights, changes.get("before"), changes.get("steps", 1))


def test_the_drawn_weights_are_those_of_the_layers(situation):
    scene, _, experiment = situation
    stack, found = seen(scene)
    dense = [layer for layer in stack.layers if isinstance(layer, keras.layers.Dense)]
    still = scene.still()
    assert [column["units"] for column in still["columns"]] == [layer.units for layer in dense]
    assert still["columns"][0]["after"] == ["BatchNormalization", "Activation", "Dropout"]
    assert still["inputs"] == {"names": ["x0", "x1"], "more": 0}
    for layer, column in zip(dense, found["columns"], strict=True):
        kernel, bias = layer.get_weights()
        np.testing.assert_allclose(column["kernel"], kernel[:DRAWN, :DRAWN], rtol=1e-3)
        np.testing.assert_allclose(column["bias"], bias[:DRAWN], rtol=1e-3)
        assert column["weights"]["counts"] == np.histogram(kernel, 24)[0].tolist()
    assert experiment.layers[0].name == "Dense"


def test_pinned_rows_are_answered_as_the_network_answers(situation):
    scene, made, _ = situation
    stack, found = seen(scene)
    median = np.median(made.prepared.part("train")[0]["x1"])
    raw = {"x0": np.array([[1.5], [0.25]], "float32"), "x1": np.array([[-0.5], [median]], "float32")}
    answer = np.asarray(stack(made.matrices().features(raw)), "float64")
    if scene.heads.first.experiment.compile.loss.value("from_logits"):
        answer = 1 / (1 + np.exp(-answer))
    classes = made.prepared.targets[scene.heads.first.task.target].classes
    for row, (said,) in zip(answer, found["pins"], strict=True):
        if not classes:
            assert said == pytest.approx(row[0], rel=1e-4)
        elif len(row) == 1:
            assert said == [classes[int(row[0] > 0.5)], pytest.approx(max(row[0], 1 - row[0]), rel=1e-3)]
        else:
            assert said == [classes[row.argmax()], pytest.approx(row.max(), rel=1e-3)]


def test_the_picture_is_of_the_validation_rows(situation):
    scene, made, _ = situation
    stack, found = seen(scene)
    answer = np.asarray(stack(made.matrices().x["validation"]))
    truth = made.prepared.y_true("validation")
    if "predicted" in found["picture"]:
        np.testing.assert_allclose(found["picture"]["predicted"], answer[:, 0], rtol=1e-3)
        np.testing.assert_allclose(scene.still()["truth"], truth, rtol=1e-3)
        return
    logits = scene.heads.first.experiment.compile.loss.value("from_logits")
    said = (answer[:, 0] > (0 if logits else 0.5)).astype(int) if answer.shape[1] == 1 else answer.argmax(axis=1)
    for (actual, predicted), count in np.ndenumerate(np.array(found["picture"]["confusion"])):
        assert count == ((truth == actual) & (said == predicted)).sum()


def test_the_plane_has_the_answers_of_its_points(situation):
    scene, made, _ = situation
    stack, found = seen(scene)
    plane = scene.still()["plane"]
    assert plane["features"] == ("x0", "x1")
    across, up = (np.linspace(plane["low"][at], plane["high"][at], GRID) for at in (0, 1))
    corner = {"x0": np.array([[across[-1]], [across[0]]], "float32"), "x1": np.array([[up[0]], [up[-1]]], "float32")}
    answer = np.asarray(stack(made.matrices().features(corner)), "float64")
    at = [GRID - 1, GRID * (GRID - 1)]  # lower right, upper left
    shown = {name: np.frombuffer(base64.b64decode(text), "u1") for name, text in found["surface"].items()}
    if "class" in shown:
        assert shown["class"][at].tolist() == answer.argmax(axis=1).tolist()
        np.testing.assert_allclose(shown["sure"][at], 255 * answer.max(axis=1), atol=0.6)
        return
    low, high = scene.still()["scale"]
    if scene.heads.first.experiment.compile.loss.value("from_logits"):
        answer = 1 / (1 + np.exp(-answer))
    np.testing.assert_allclose(shown["value"][at], 255 * np.clip((answer[:, 0] - low) / (high - low), 0, 1), atol=0.6)
    train = made.prepared.part("train")[0]
    assert len(plane["points"]["train"]) == len(train["x0"])


def test_health_is_what_it_says(situation):
    scene, made, _ = situation
    weights = scene.heads.build(2).get_weights()
    place = {id(weight): at for at, weight in enumerate(scene._stack.weights)}
    dense = [layer for layer in scene._stack.layers if isinstance(layer, keras.layers.Dense)]
    weights[place[id(dense[1].bias)]][:2] = -1000.0  # two of five units never speak
    weights[place[id(dense[0].kernel)]][:] *= (
        1000.0  # tanh is at one of its ends, but for the few rows near a unit's own border
    )
    found = scene(1, weights, [0.99 * weight for weight in weights], 2)
    first, second, _ = (column["health"] for column in found["columns"])
    assert second["dead"] == pytest.approx(2 / 5)
    assert first["saturated"] is not None
    assert first["dead"] is None
    # each weight moved by a hundredth of itself in two steps
    assert first["moved"] == pytest.approx(0.01 / 2, rel=1e-2)
    json.dumps(found, allow_nan=False)
    assert made.prepared.sizes[0] == 84


def test_the_gradient_is_that_of_the_loss(experiment_of, points):
    # one unit, y = w x: by hand the slope of the mean squared error of standardised targets is 2 mean((w x + b - t) x)
    experiment = experiment_of(features={"x0": "number"}, layers=[{"layer": "Dense", "units": 1}], metrics=())
    made = TableMatrices(prepare(points, experiment.data, "number"))
    scene = Scene(experiment, made, [Task("regression", "y")], made.matrices())
    weights = [np.array([[0.5]], "float32"), np.array([0.25], "float32")]
    x, truth = made.matrices().x["train"][:, 0], made.prepared.y_true("train")
    error = 0.5 * x + 0.25 - (truth - truth.mean()) / truth.std()
    slope = np.hypot(2 * (error * x).mean(), 2 * error.mean())
    assert scene(1, weights, None, 1)["columns"][0]["health"]["gradient"] == pytest.approx(slope, rel=1e-3)


def test_units_are_said_to_follow_what_they_follow(experiment_of, points):
    experiment = experiment_of(
        layers=[{"layer": "Dense", "units": 2, "activation": "linear"}, {"layer": "Dense", "units": 1}], metrics=()
    )
    made = TableMatrices(prepare(points, experiment.data, "number"))
    scene = Scene(experiment, made, [Task("regression", "y")], made.matrices())
    weights = [
        np.array([[1, 0], [0, -1]], "float32"),
        np.zeros(2, "float32"),
        np.ones((2, 1), "float32"),
        np.zeros(1, "float32"),
    ]
    first, second = scene(1, weights, None, 1)["columns"][0]["follows"]
    assert first[0] == ["x0", pytest.approx(1.0, abs=1e-3)]
    assert second[0] == ["x1", pytest.approx(-1.0, abs=1e-3)]


def test_several_targets_and_an_embedding_are_drawn(experiment_of, points):
    value = experiment_of(features={"x0": "number", "w": "category"}, metrics=()).value()
    value["data"]["targets"] = ["y", "z"]
    value["layers"] = [
        {"layer": "Embedding", "output_dim": 3},
        {"layer": "Dense", "units": 4, "activation": "relu"},
        {"layer": "Dense", "units": 1},
    ]
    value["compile"]["loss"] = {"y": "MeanSquaredError", "z": "BinaryCrossentropy"}
    experiment = read(value)
    made = TableMatrices(prepare(points, experiment.data, {"y": "number", "z": "category"}))
    tasks = [Task("regression", "y"), Task("binary", "z", 2)]
    scene = Scene(experiment, made, tasks, made.matrices(numbered=True))
    scene.look(Looks([{"x0": 0.5, "w": "high"}]))
    found, still = scene(1, scene._stack.get_weights(), None, 1), scene.still()
    assert still["inputs"]["names"] == ["x0", "w, 1 of 3", "w, 2 of 3", "w, 3 of 3"]
    assert [column["units"] for column in still["columns"]] == [4, 2]
    assert still["columns"][-1]["labels"] == ["y", "yes"]
    ((amount, (label, share)),) = found["pins"]
    assert isinstance(amount, float)
    assert label in ("no", "yes")
    assert 0.5 <= share <= 1
    assert columns_of(scene.heads, scene._stack)[2][-1].units == 2


@pytest.mark.parametrize("factor", [np.nan, np.inf, 1e20, 0.0])
def test_a_network_that_diverged_is_drawn_as_far_as_it_has_numbers(situation, factor):
    scene, _, _ = situation
    weights = [np.float32(factor) * np.ones_like(weight) for weight in scene.heads.build(2).get_weights()]
    text = json.dumps(scene(1, weights, weights, 1), allow_nan=False)
    assert len(text) > 100


class Recorder:
    """A stage that keeps what it is given."""

    def __init__(self, looks=None):
        self.scenes, self.stills, self._looks = [], [], looks

    def watched(self):
        return True

    def looks(self):
        looks, self._looks = self._looks, None
        return looks

    def still(self, value):
        self.stills.append(value)

    def scene(self, value):
        self.scenes.append(value)


def test_a_training_that_is_watched_learns_the_same_numbers(experiment_of, points, programs):
    experiment = experiment_of(epochs=300)
    prepared = prepare(points, experiment.data, "number")
    alone = learn(experiment, prepared, Task("regression", "y"), Hooks(), programs=programs)
    stage = Recorder(Looks([{"x0": 1, "x1": 1}]))
    watched = learn(experiment, prepared, Task("regression", "y"), Hooks(shown=stage), programs=programs)
    assert watched.history == alone.history
    assert len(stage.stills) == 1
    epochs = [scene["epoch"] for scene in stage.scenes]
    assert len(epochs) >= 2
    assert epochs == sorted(epochs)
    json.dumps(stage.scenes, allow_nan=False)


def test_what_is_shown_at_the_end_is_the_model_that_is_kept(experiment_of, points, programs):
    experiment = experiment_of(
        epochs=200, callbacks=[{"class": "EarlyStopping", "patience": 5, "restore_best_weights": True}]
    )
    prepared = prepare(points, experiment.data, "number")
    stage = Recorder(Looks([{"x0": 1, "x1": -1}]))
    outcome = learn(experiment, prepared, Task("regression", "y"), Hooks(shown=stage), programs=programs)
    until(lambda: stage.scenes and stage.scenes[-1]["epoch"] == outcome.best_epoch)
    answer = (
        Predictor(outcome.bundle, outcome.card).predict(pd.DataFrame({"x0": [1], "x1": [-1]}))["predicted y"].iloc[0]
    )
    assert stage.scenes[-1]["pins"] == [[pytest.approx(answer, rel=1e-4)]]


def test_points_of_large_numbers_stay_apart(experiment_of):
    """Unix seconds ten seconds apart: with five digits all would be one point."""
    frame = pd.DataFrame({"when": 1.7e9 + 10.0 * np.arange(40), "x": np.arange(40) % 7, "y": np.arange(40.0)})
    prepared = prepare(frame, experiment_of(target="y", features={"when": "number", "x": "number"}).data, "number")
    points = plane(prepared, ("when", "x"), "y").points["train"]
    assert [point[0] for point in points] == prepared.part("train")[0]["when"].tolist()
