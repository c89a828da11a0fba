"""A target of 1e9 and a deviation of 22: float32 keeps seven digits, in which all rows are alike; the network learns
the others.
"""

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_squared_error
from sklearn.preprocessing import StandardScaler

from core.catalog.losses import LOSSES
from core.catalog.metrics import METRICS
from core.experiment.keras_calls import shift_invariant
from core.experiment.spec import read
from core.experiment.task import Task
from core.inspect.decision_surface import Looks
from core.inspect.snapshot import Scene
from core.model.exported_model import Predictor
from core.model.matrices import TableMatrices
from core.model.network import TargetScale
from core.model.outputs import Heads
from core.model.preprocessing import tensors
from core.tables.prepared import prepare, raw_values
from core.training.hooks import Hooks
from core.training.train import learn

pytestmark = pytest.mark.slow

TASK = Task("regression", "balance")
LOSS_ROWS = [row for row in LOSSES.values() if row.module == "keras.losses" and "regression" in row.tasks]
METRIC_ROWS = [row for row in METRICS.values() if row.module == "keras.metrics" and "regression" in row.tasks]


def value_of(thing, truth, predicted) -> float:
    if isinstance(thing, keras.losses.Loss):
        return float(thing(truth, predicted))
    thing.update_state(truth, predicted)
    return float(thing.result())


@pytest.mark.parametrize("row", [*LOSS_ROWS, *METRIC_ROWS], ids=lambda row: f"{row.module.split('.')[1]} {row.name}")
def test_what_is_called_shift_invariant_does_not_change_with_a_shift_of_both(row):
    truth, predicted = np.random.default_rng(0).uniform(1, 5, (2, 50, 1)).astype("float32")
    make = getattr(keras.losses if row in LOSS_ROWS else keras.metrics, row.name)
    before, after = value_of(make(), truth, predicted), value_of(make(), truth + 8, predicted + 8)
    assert (after == pytest.approx(before, rel=1e-4)) == (
        row.power is not None if row in LOSS_ROWS else row.shift_invariant
    )


def test_only_amounts_that_float32_cannot_tell_apart_have_an_offset():
    draw = np.random.default_rng(0).normal(size=200)
    for ordinary in (draw, 2000 + 10 * draw, 290 + draw, np.full(200, 7.0)):
        scale = TargetScale(ordinary, TASK, True)
        assert (scale.offset, scale.mean, scale.scale) == (0.0, float(ordinary.mean()), float(ordinary.std()) or 1.0)
    large = 1e9 + 22 * draw
    scale = TargetScale(large, TASK, True)
    assert (scale.offset, scale.mean, scale.scale) == (float(large.mean()), 0.0, float(large.std()))
    assert TargetScale(large, TASK).offset == 0.0  # A metric or the loss wants the whole amounts.
    assert TargetScale(np.array([0, 1, 1]), Task("binary", "y", 2), True).offset == 0.0


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, True),
        ({"loss": "LogCosh", "metrics": ["R2Score", "LogCoshError", "MeanSquaredError"]}, True),
        ({"metrics": ["MeanAbsoluteError", "MeanAbsolutePercentageError"]}, False),
        ({"metrics": [], "loss": "MeanAbsolutePercentageError"}, False),
        ({"layers": [{"layer": "Dense", "units": 1, "activation": "softplus"}]}, False),  # Never below 0.
    ],
)
def test_loss_metrics_and_output_decide_whether_there_may_be_an_offset(experiment_of, changed, expected):
    assert shift_invariant(experiment_of(**changed)) is expected


def test_a_weighted_metric_counts_too(experiment_of):
    value = experiment_of().value()
    value["compile"]["weighted_metrics"] = ["MeanAbsolutePercentageError"]
    assert not shift_invariant(read(value))


@pytest.fixture(scope="module")
def accounts() -> pd.DataFrame:
    """400 rows: balance = 1e9 + 20 a - 10 b, to the cent."""
    a, b = np.random.default_rng(4).normal(size=(2, 400)).round(3)
    return pd.DataFrame({"a": a, "b": b, "balance": (1e9 + 20 * a - 10 * b).round(2)})


@pytest.fixture(scope="module")
def trained(accounts, experiment_of):
    """The table made ready, the experiment, and its outcome."""
    value = experiment_of(target="balance", features={"a": "number", "b": "number"}, epochs=40).value()
    value["compile"]["metrics"] = ["MeanAbsoluteError", "RootMeanSquaredError", "R2Score"]
    made = TableMatrices(prepare(accounts, read(value).data, "number"))
    return made, read(value), learn(read(value), made, TASK, Hooks())


def test_a_large_target_of_small_spread_is_learned_and_scored_to_the_digit(trained, accounts):
    made, _, outcome = trained
    parts = made.prepared.parts
    train, test = (accounts.iloc[made.prepared.rows[parts[name]]] for name in ("train", "test"))
    scaler = StandardScaler().fit(train[["a", "b"]])
    line = LinearRegression().fit(scaler.transform(train[["a", "b"]]), train["balance"])
    rmse = mean_squared_error(test["balance"], line.predict(scaler.transform(test[["a", "b"]]))) ** 0.5
    assert rmse < 1e-5  # The relation is exact; columns are float32.
    assert outcome.baselines["linear model"]["test"]["rmse"] < 1e-5
    assert outcome.baselines["mean"]["test"]["rmse"] > 15
    assert outcome.scores["test"]["rmse"] < 1  # Of a deviation of 22; without an offset it is that deviation.
    drawn = outcome.figures["balance"]
    assert outcome.scores["test"]["rmse"] == pytest.approx(
        mean_squared_error(drawn["actual"], drawn["predicted"]) ** 0.5, rel=1e-9
    )
    assert drawn["actual"] == test["balance"].tolist()
    assert outcome.history["val_rmse"][-1] == pytest.approx(outcome.scores["validation"]["rmse"], rel=1e-4)
    assert outcome.history["val_r2"][-1] == pytest.approx(outcome.scores["validation"]["r2"], rel=1e-4)


def test_the_saved_model_answers_in_float64_with_the_digits_that_vary(trained, accounts, tmp_path):
    made, experiment, outcome = trained
    outcome.bundle.save(tmp_path / "model.keras")
    model = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    answers = model(tensors(raw_values(accounts, experiment.data.features, {}))).numpy()[:, 0]
    assert answers.dtype == "float64"
    test = made.prepared.rows[made.prepared.parts["test"]]
    assert answers[test] == pytest.approx(outcome.figures["balance"]["predicted"], abs=1e-4)
    said = Predictor(model, outcome.card).predict(accounts)["predicted balance"]
    assert said.tolist() == answers.tolist()
    assert len(np.unique(said.round(2))) > 350  # Two different ones in all, were they float32.


def test_scenes_pins_and_losses_know_of_the_offset(trained, accounts):
    made, experiment, outcome = trained
    scene = Scene(experiment, made, [TASK], made.matrices())
    scene.look(Looks(pins=accounts.head(3).to_dict("records")))
    found, still = scene(40, outcome.stack.get_weights(), None, 1), scene.still()
    expected = Predictor(outcome.bundle, outcome.card).predict(accounts.head(3))["predicted balance"]
    assert [pin[0] for pin in found["pins"]] == pytest.approx(expected.tolist(), abs=0.01)
    off = np.subtract(found["picture"]["predicted"], still["truth"])
    assert np.sqrt(np.mean(off**2)) == pytest.approx(outcome.scores["validation"]["rmse"], rel=0.05)
    assert still["targets"][0]["scale"] == still["scale"]
    heads = Heads(experiment, [TASK], made.prepared)
    x, y = made.matrices().x["train"], heads.y_true("train")
    assert y.dtype == "float32"
    unit = heads.units()["loss"]
    assert float(outcome.stack.compute_loss(x, y, outcome.stack(x))) * unit == pytest.approx(
        outcome.scores["train"]["loss"], rel=1e-3
    )
