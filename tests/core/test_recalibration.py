"""The temperature that a person keeps with a run holds wherever a probability is given, and is taken back whole."""

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss

from core.evaluation.temperature_scaling import probabilities, tempered_threshold
from core.experiment.spec import read
from core.model.exported_model import Predictor
from core.model.logits import logit_layer
from core.model.preprocessing import tensors
from core.runs.at_epoch import look, restore
from core.runs.evaluated_run import evaluation_section
from core.runs.journal import Journal, new_run_id
from core.runs.predictors import predictor
from core.runs.report_data import report
from core.runs.run_settings import clear_temperatures, keep_temperature, keep_threshold, renew
from core.runs.run_training import run
from core.tables.situation import Tables
from core.tables.sources import TableStore
from tests.parity.clean import printed

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("programs")]

FEATURES = {"x0": "number", "x1": "number"}
SLOW = {"class": "Adam", "learning_rate": 0.001}
SIGMOID = [
    {"layer": "Dense", "units": 8, "activation": "relu"},
    {"layer": "Dense", "units": 1, "activation": "sigmoid"},
]


def trained(workspace, store, experiment):
    """The record, the tables and the journal of a run of that experiment."""
    journal = Journal(workspace, new_run_id())
    journal.begin(experiment.text())
    tables = Tables(TableStore(workspace))
    result = run(journal, tables, store)
    assert result["state"] == "finished", result["says"]
    return store, tables, journal


@pytest.fixture(scope="module")
def points():
    """1,200 rows: an amount y, a yes or no z and a word w that follow from x0 and x1, by chance."""
    draw = np.random.default_rng(0)
    x0, x1 = draw.normal(size=(2, 1200))
    shares = probabilities(np.stack([2 * x0, 2 * x1, 0 * x0], axis=1))
    return pd.DataFrame(
        {
            "x0": x0,
            "x1": x1,
            "y": 10 * x0 + draw.normal(size=1200),
            "z": np.where(draw.uniform(size=1200) < 1 / (1 + np.exp(2 * x1 - 2 * x0)), "yes", "no"),
            "w": [draw.choice(["a", "b", "c"], p=of) for of in shares],
        }
    )


@pytest.fixture(scope="module")
def table(workspace, points):
    """Where the workspace keeps them."""
    return TableStore(workspace).keep("points.csv", points.to_csv(index=False).encode()).ref


@pytest.fixture(scope="module")
def of(workspace, store, table, experiment_of):
    """A run that tells "no" from "yes", but not surely: after its few steps its logits are too small."""
    metrics = ["BinaryAccuracy", "AUC", "BinaryCrossentropy"]
    experiment = experiment_of(
        target="z",
        table=table,
        features=FEATURES,
        loss="BinaryCrossentropy",
        metrics=metrics,
        layers=SIGMOID,
        optimizer=SLOW,
        epochs=4,
        batch_size=14,  # It divides the 840 training rows: a last, smaller batch would be compiled, too.
    )
    return trained(workspace, store, experiment)


@pytest.fixture(scope="module")
def both(workspace, store, table, experiment_of):
    """A run that predicts an amount, a yes or no by logits, and a word together, not surely either."""
    fit = {"optimizer": SLOW, "epochs": 4, "batch_size": 14}
    value = experiment_of(target="z", table=table, features=FEATURES, layers=SIGMOID, **fit).value()
    value["data"]["targets"] = ["y", "z", "w"]
    value["compile"] |= {
        "loss": {
            "y": "MeanSquaredError",
            "z": {"class": "BinaryCrossentropy", "from_logits": True},
            "w": "SparseCategoricalCrossentropy",
        },
        "metrics": {"y": [], "z": ["BinaryAccuracy"], "w": ["SparseCategoricalAccuracy"]},
    }
    return trained(workspace, store, read(value))


def of_yes(of, points) -> np.ndarray:
    """Of "yes", by the run's model as it is."""
    store, _, journal = of
    return predictor(store, journal.run, journal.version()).outputs(points)["z"][:, 0].astype("float64")


def logit(probability):
    return np.log(probability) - np.log1p(-probability)


def test_a_temperature_that_is_kept_holds_wherever_a_probability_is_given(of, points, tmp_path):
    store, tables, journal = of
    keep_threshold(*of, "z", 0.4)
    before, labels = of_yes(of, points), predictor(store, journal.run, journal.version()).predict(points)
    scores, model = store.result(journal.run)["scores"], store.path(journal.run, "model.keras").read_bytes()
    judged = store.result(journal.run)["judged"]
    found = evaluation_section(store, tables, journal, section="recalibration", options={"target": "z"})
    assert found.helps
    assert found.after["test"].log_loss < found.before["test"].log_loss
    keep_temperature(*of, "z", on=True)
    card = store.card(journal.run)["targets"][0]
    assert card["temperature"] == found.temperature
    assert card["decision"] == pytest.approx(tempered_threshold(0.4, found.temperature), rel=1e-12)
    after = of_yes(of, points)
    np.testing.assert_allclose(after, 1 / (1 + np.exp(-logit(before) / found.temperature)), atol=2e-6)
    again = predictor(store, journal.run, journal.version()).predict(points)
    assert again["predicted z"].tolist() == labels["predicted z"].tolist()

    # The exported file by plain Keras.
    bundle = keras.models.load_model(store.path(journal.run, "model.keras"))
    raw = Predictor(bundle, store.card(journal.run)).raw(points)
    np.testing.assert_allclose(np.asarray(bundle(tensors(raw)))[:, 0], after, atol=1e-6)

    # The scores are those of the new probabilities; what does not depend on how sure they are stays.
    result = store.result(journal.run)
    assert result["judged"]["baselines"] == judged["baselines"]
    assert result["judged"]["validation"] == pytest.approx(found.after["validation"].log_loss, rel=1e-5)
    test = evaluation_section(store, tables, journal).parts["test"].targets["z"]
    assert result["test"]["loss"] == pytest.approx(log_loss(test.y_true, test.y_pred), rel=1e-6)
    assert result["test"]["loss"] == pytest.approx(found.after["test"].log_loss, rel=1e-5)
    assert result["scores"]["validation"]["loss"] == pytest.approx(found.after["validation"].log_loss, rel=1e-5)
    assert result["test"]["auc"] == pytest.approx(scores["test"]["auc"], rel=1e-6)
    told = report(store, tables, journal)
    assert told["scores"] == result["scores"]
    assert "temperature" in told["ended"]

    # The epoch of the model has the temperature, another one has not.
    own, other = (look(store, tables, journal, epoch, points) for epoch in (result["epoch"], 1))
    np.testing.assert_allclose(own["predictions"]["probability yes"], after, atol=1e-6)
    assert own["scores"]["test"] == pytest.approx(result["test"], rel=1e-5)
    limited = np.where(other["predictions"]["probability yes"] > 0.4, "yes", "no")
    np.testing.assert_array_equal(other["predictions"]["predicted z"], limited)
    at_one = evaluation_section(store, tables, journal, epoch=1).parts["test"].targets["z"]
    assert at_one.decision == 0.4

    # What is asked again is of the network as it was trained.
    twice = evaluation_section(store, tables, journal, section="recalibration", options={"target": "z"})
    assert twice.temperature == pytest.approx(found.temperature, rel=1e-4)

    (tmp_path / "program.py").write_text(store.text(journal.run, "program.py"))
    points.to_csv(tmp_path / "points.csv", index=False)
    said = printed(tmp_path, "program.py", "points.csv")
    assert said["test"] == pytest.approx(result["test"], rel=1e-5)

    keep_temperature(*of, "z", on=False)
    assert store.path(journal.run, "model.keras").read_bytes() == model
    assert store.result(journal.run)["scores"] == scores
    assert store.card(journal.run)["targets"][0]["decision"] == 0.4
    assert "temperature" not in store.card(journal.run)["targets"][0]
    assert "TEMPERATURE" not in store.text(journal.run, "program.py")


def test_another_epoch_takes_the_place_of_the_model_without_its_temperature(of, points):
    store, tables, journal = of
    keep_threshold(*of, "z", 0.3)
    keep_temperature(*of, "z", on=True)
    for epoch in (1, None):
        clear_temperatures(*of)
        restore(store, tables, journal, epoch)
        renew(*of)
        card = store.card(journal.run)["targets"][0]
        assert card["decision"] == 0.3
        assert "temperature" not in card
        shown = look(store, tables, journal, store.result(journal.run)["epoch"], points)["predictions"]
        np.testing.assert_allclose(shown["probability yes"], of_yes(of, points), atol=1e-6)


def test_one_of_several_targets_is_recalibrated_alone(both, points, tmp_path):
    store, _, journal = both
    before = predictor(store, journal.run, journal.version()).outputs(points)
    keep_temperature(*both, "z", on=True)
    temperatures = {one["target"]: one.get("temperature") for one in store.card(journal.run)["targets"]}
    assert (temperatures["y"], temperatures["w"]) == (None, None)
    after = predictor(store, journal.run, journal.version()).outputs(points)
    yes = logit(before["z"].astype("float64")) / temperatures["z"]
    np.testing.assert_allclose(after["z"], 1 / (1 + np.exp(-yes)), atol=1e-5)
    for target in ("y", "w"):
        np.testing.assert_array_equal(after[target], before[target])
    (tmp_path / "program.py").write_text(store.text(journal.run, "program.py"))
    points.to_csv(tmp_path / "points.csv", index=False)
    said = printed(tmp_path, "program.py", "points.csv")
    assert said["test"] == pytest.approx(store.result(journal.run)["test"], rel=1e-5)
    clear_temperatures(*both)
    np.testing.assert_array_equal(predictor(store, journal.run, journal.version()).outputs(points)["z"], before["z"])
    assert all("temperature" not in one for one in store.card(journal.run)["targets"])
    with pytest.raises(LookupError, match="no probabilities for y"):
        keep_temperature(*both, "y", on=True)


STACKS = {
    "softmax": ([keras.layers.Dense(3, activation="softmax")], True),
    "a layer of its own": ([keras.layers.Dense(3), keras.layers.Softmax()], True),
    "an activation behind dropout": (
        [keras.layers.Dense(3, use_bias=False), keras.layers.Dropout(0.5), keras.layers.Activation("softmax")],
        True,
    ),
    "normalized logits": ([keras.layers.Dense(3), keras.layers.BatchNormalization(), keras.layers.Softmax()], False),
    "twice": ([keras.layers.Dense(3, activation="softmax"), keras.layers.Softmax()], False),
    "other shares": ([keras.layers.Dense(3, activation="exponential")], False),
    "logits alone": ([keras.layers.Dense(3)], False),
}


@pytest.mark.parametrize("name", STACKS)
@pytest.mark.parametrize("nested", [False, True])
def test_logits_are_found_where_a_dense_layer_gives_them(name, nested):
    layers, expected = STACKS[name]
    layers = [type(layer).from_config(layer.get_config()) for layer in layers]
    feature = keras.Input((1,), name="x")
    if nested:
        begin = keras.Input((1,))
        output = begin
        for layer in layers:
            output = layer(output)
        model = keras.Model({"x": feature}, {"of": keras.Model(begin, {"of": output})(feature * 2.0)["of"]})
    else:
        output = feature * 2.0
        for layer in layers:
            output = layer(output)
        model = keras.Model({"x": feature}, output)
    found = logit_layer(model, "of" if nested else "")
    assert (found is not None) == expected
    if found is None:
        return
    raw = {"x": np.linspace(-3, 3, 7)}
    logits = found.logits(raw)
    grown = np.exp(logits / 2.5)
    found.divide(2.5)
    outputs = model(tensors(raw))
    outputs = outputs["of"] if nested else outputs
    np.testing.assert_allclose(np.asarray(outputs), grown / grown.sum(axis=1, keepdims=True), atol=1e-6)
    np.testing.assert_allclose(found.logits(raw), logits / 2.5, atol=1e-6)


def test_a_sigmoid_has_one_logit():
    feature = keras.Input((1,), name="x")
    model = keras.Model({"x": feature}, keras.layers.Dense(1, activation="sigmoid")(feature))
    raw = {"x": np.array([-40.0, 0.5, 40.0])}
    found = logit_layer(model)
    kernel, bias = model.layers[-1].get_weights()
    np.testing.assert_allclose(found.logits(raw)[:, 0], raw["x"] * float(kernel[0, 0]) + bias[0], rtol=1e-6)
