"""A training from table to scores: how it ends, what is kept, and that every number can be checked another way."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.utils.class_weight import compute_sample_weight

from core.advice.advice import most_useful
from core.advice.diagnosis import diagnose
from core.advice.training_curves import Course
from core.experiment.spec import read
from core.experiment.task import Task
from core.model.exported_model import Predictor
from core.model.matrices import TableMatrices
from core.model.sample_weights import weights_of
from core.tables.errors import TableError
from core.tables.prepared import PARTS, prepare
from core.tables.situation import Tables
from core.tables.sources import TableStore
from core.training.hooks import Hooks
from core.training.outcome import TrainingFailed
from core.training.train import learn

pytestmark = pytest.mark.slow
REGRESSION = Task("regression", "y")
STRAIGHT = [{"layer": "Dense", "units": 1}]
YES = {"layer": "Dense", "units": 1, "activation": "sigmoid"}


def numbers(value) -> list[float]:
    """All numbers of a JSON value."""
    if isinstance(value, dict | list):
        return [number for part in (value.values() if isinstance(value, dict) else value) for number in numbers(part)]
    return [value] if isinstance(value, int | float) else []


def assert_whole(outcome, task) -> None:
    """Every number is one, every part is scored, and the result is JSON."""
    result = json.loads(json.dumps(outcome.result(), allow_nan=False))
    assert set(result["scores"]) == set(PARTS)
    assert result["test"] == result["scores"]["test"]
    assert all(map(math.isfinite, numbers(result)))
    names = set(result["test"])
    assert set(outcome.history) - {"learning_rate"} == names | {f"val_{name}" for name in names}
    assert {len(values) for values in outcome.history.values()} == {outcome.epochs}
    assert all(set(parts["test"]) == names for parts in outcome.baselines.values())
    assert len(outcome.baselines) == 3
    counted = (
        len(result["figures"][task.target]["actual"]) if task.kind == "regression" else sum(numbers(result["figures"]))
    )
    assert counted == 18  # of 120 rows 15 % are tested


@pytest.fixture(scope="module")
def heard(train, experiment_of):
    """A finished training and all it said."""
    told = []
    outcome = train(
        experiment_of(),
        stage=lambda words: told.append(("stage", words)),
        baselines=lambda scores: told.append(("baselines", scores)),
        epoch=lambda epoch, values: told.append(("epoch", epoch, values)),
    )
    return outcome, told


def advised(outcome) -> list[str]:
    """What the curves of a training advise, the most useful first."""
    course = Course.whole(outcome.experiment, outcome.history, outcome.ended, outcome.judged)
    return [advice.says for advice in most_useful(diagnose(course))]


def test_a_finished_training_is_whole(heard):
    outcome, _ = heard
    assert (outcome.ended, outcome.epochs, outcome.log) == ("finished", 5, [])
    # Five epochs: what that advises is said by the diagnosis, once, and not by the end.
    assert outcome.says == ""
    assert "among the last and so far worse than the linear model (RMSE 8,290 against " in advised(outcome)[0]
    assert outcome.steps == 5 * 6  # 84 training rows in batches of 14 are 6 steps
    assert_whole(outcome, REGRESSION)


def test_whoever_watches_hears_stages_then_baselines_then_every_epoch(heard):
    outcome, told = heard
    # Gradient boosting joins the other baselines when its thread has fitted it.
    of = [what[0] for what in told if what[0] != "stage"]
    assert (of[:2], of.count("baselines"), of.count("epoch")) == (["baselines", "epoch"], 2, 5)
    assert [what[1] for what in told if what[0] == "epoch"] == [1, 2, 3, 4, 5]
    assert told[0][0] == told[-1][0] == "stage"
    for name, values in outcome.history.items():
        assert [what[2][name] for what in told if what[0] == "epoch"] == values
    simple = {name: parts["validation"] for name, parts in outcome.baselines.items()}
    assert list(simple) == ["mean", "linear model", "gradient boosting"]
    assert [what[1] for what in told if what[0] == "baselines"] == [dict(list(simple.items())[:2]), simple]


def test_without_restoring_the_last_epoch_is_scored(heard):
    outcome, _ = heard
    for name, value in outcome.scores["validation"].items():
        assert value == pytest.approx(outcome.history[f"val_{name}"][-1], rel=1e-5)
    assert outcome.best_epoch == 1 + int(np.argmin(outcome.history["val_loss"]))


def test_a_squared_loss_is_in_the_targets_own_unit(heard):
    outcome, _ = heard
    for prefix in ("", "val_"):
        assert outcome.history[f"{prefix}loss"] == pytest.approx(np.square(outcome.history[f"{prefix}rmse"]), rel=1e-4)
    for scores in (*outcome.scores.values(), *(parts["test"] for parts in outcome.baselines.values())):
        assert scores["loss"] == pytest.approx(scores["rmse"] ** 2, rel=1e-4)
    assert outcome.scores["test"]["rmse"] > 1000  # dollars, not deviations


def test_scores_and_figure_are_those_of_the_stacks_own_predictions(heard, points):
    outcome, _ = heard
    figure = outcome.figures["y"]
    errors = np.array(figure["actual"]) - np.array(figure["predicted"])
    assert outcome.scores["test"]["mae"] == pytest.approx(np.abs(errors).mean(), rel=1e-5)
    assert outcome.scores["test"]["rmse"] == pytest.approx(np.sqrt((errors**2).mean()), rel=1e-5)
    assert set(figure["actual"]) <= set(points["y"])


@pytest.mark.parametrize("size", [1e12, 1e-9])
def test_a_target_of_any_size_is_learned_alike(train, experiment_of, heard, points, size):
    outcome = train(experiment_of(), frame=points.assign(y=points["y"] / 50_000 * size))
    assert_whole(outcome, REGRESSION)
    expected = np.array(heard[0].history["val_mae"]) / 50_000 * size
    assert outcome.history["val_mae"] == pytest.approx(expected, rel=1e-3)
    assert outcome.scores["test"]["loss"] == pytest.approx(outcome.scores["test"]["rmse"] ** 2, rel=1e-3)


def test_early_stopping_ends_with_the_best_epoch(train, experiment_of):
    stopping = {"class": "EarlyStopping", "patience": 2, "restore_best_weights": True}
    experiment = experiment_of(epochs=200, optimizer={"class": "Adam", "learning_rate": 0.3}, callbacks=[stopping])
    outcome = train(experiment)
    assert outcome.ended == "early"
    assert outcome.best_epoch == 1 + int(np.argmin(outcome.history["val_loss"])) == outcome.epochs - 2
    assert outcome.experiment == experiment
    assert outcome.scores["validation"]["loss"] == pytest.approx(min(outcome.history["val_loss"]), rel=1e-5)


def test_a_training_without_a_checkpoint_leaves_no_files(train, experiment_of, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    written = []
    callbacks = [{"class": "CSVLogger"}, {"class": "ModelCheckpoint"}]
    train(experiment_of(epochs=2, callbacks=callbacks), epoch=lambda *_: written.extend(tmp_path.rglob("*.csv")))
    assert written, "the callbacks wrote into that folder"
    assert not list(tmp_path.iterdir())


def test_the_best_epoch_is_the_one_whose_weights_were_kept(train, experiment_of):
    # Every epoch is better than the one before, but none by enough: the first is kept.
    stopping = {"class": "EarlyStopping", "patience": 2, "min_delta": 1e12, "restore_best_weights": True}
    outcome = train(experiment_of(epochs=200, optimizer={"class": "SGD", "learning_rate": 0.001}, callbacks=[stopping]))
    assert (outcome.ended, outcome.epochs, outcome.best_epoch) == ("early", 3, 1)
    assert np.argmin(outcome.history["val_loss"]) == 2
    assert outcome.scores["validation"]["loss"] == pytest.approx(outcome.history["val_loss"][0], rel=1e-5)


def test_a_row_of_weight_two_counts_as_two_rows_and_one_of_weight_zero_not_at_all(train, experiment_of, points):
    value = experiment_of(
        layers=STRAIGHT, epochs=3, batch_size=200, optimizer={"class": "SGD", "learning_rate": 0.05}
    ).value()
    value["compile"]["weighted_metrics"] = ["MeanAbsoluteError"]
    value["data"]["weight"] = "count"
    weighted = train(read(value), frame=points.assign(count=np.arange(120) % 3))
    scores, unit = weighted.scores["test"], weighted.baselines["mean"]["test"]
    ready = prepare(points.assign(count=np.arange(120) % 3), read(value).data, "number")
    (_, truth), counts = ready.part("test"), ready.weights[ready.parts["test"]]
    # The baseline learns with the weights, too.
    mean = np.average(ready.y_true("train"), weights=ready.weights[ready.parts["train"]])
    errors = np.abs(truth - mean)
    assert unit["mae"] == pytest.approx(errors.mean(), rel=1e-4)
    assert unit["weighted_mae"] == pytest.approx((errors * counts).sum() / counts.sum(), rel=1e-4)
    assert unit["loss"] == pytest.approx((errors**2 * counts).sum() / counts.sum(), rel=1e-6)
    assert scores["weighted_mae"] != pytest.approx(scores["mae"])
    assert_whole(weighted, REGRESSION)


def test_a_penalty_is_in_the_trained_loss_and_in_no_score(train, experiment_of):
    penalized = [
        {"layer": "Dense", "units": 8, "activation": "relu", "kernel_regularizer": {"class": "L2", "l2": 0.5}},
        STRAIGHT[-1],
    ]
    outcome = train(experiment_of(layers=penalized, epochs=3))
    weights = outcome.stack.layers[0].kernel.numpy()
    unit = float(outcome.stack.layers[-1].scale) ** 2  # The squared error is trained in deviations of the target.
    assert outcome.penalty == pytest.approx(0.5 * (weights**2).sum() * unit, rel=1e-5)
    assert outcome.scores["validation"]["loss"] == pytest.approx(outcome.scores["validation"]["rmse"] ** 2)
    assert outcome.history["val_loss"][-1] == pytest.approx(
        outcome.scores["validation"]["loss"] + outcome.penalty, rel=1e-5
    )
    assert outcome.judged["validation"] == outcome.scores["validation"]["loss"]
    assert outcome.judged["baselines"] == {
        name: parts["validation"]["loss"] for name, parts in outcome.baselines.items()
    }


def test_a_training_with_class_weights_is_judged_with_them_and_so_are_the_baselines(train, experiment_of, points):
    value = experiment_of(target="z", loss="BinaryCrossentropy", metrics=["BinaryAccuracy"], layers=[YES]).value()
    value["fit"]["class_weight"] = {"no": 1.0, "yes": 6.0}
    experiment = read(value)
    outcome = train(experiment, Task("binary", "z", 2), "category")
    ready = prepare(points, experiment.data, "category")
    made = TableMatrices(ready).matrices().x
    truth, counts = ready.y_true("validation"), np.array([1.0, 6.0])[ready.y_true("train")]
    of_class = np.array([1.0, 6.0])[truth]
    assert outcome.judged["validation"] == pytest.approx(
        log_loss(truth, outcome.stack.predict(made["validation"], verbose=0).astype("float64"), sample_weight=of_class),
        rel=1e-6,
    )
    line = LogisticRegression(max_iter=300).fit(
        made["train"].astype("float64"), ready.y_true("train"), sample_weight=counts / counts.mean()
    )
    shares = line.predict_proba(made["validation"].astype("float64"))
    assert outcome.judged["baselines"]["logistic model"] == pytest.approx(
        log_loss(truth, shares, sample_weight=of_class), abs=1e-6
    )
    assert outcome.baselines["logistic model"]["validation"]["loss"] == pytest.approx(log_loss(truth, shares), abs=1e-6)


def test_a_penalty_makes_no_network_worse_than_the_linear_model(tmp_path):
    # Titanic with L2 of 0.01: with the penalty its validation loss is above the logistic model's, without it below.
    tables, layer = (
        Tables(TableStore(tmp_path)),
        {"units": 64, "activation": "relu", "kernel_regularizer": {"class": "L2", "l2": 0.01}},
    )
    experiment = read(
        {
            "version": 1,
            "data": {
                "table": "sample:titanic",
                "targets": ["survived"],
                "features": {
                    "age": "number",
                    "fare": "number",
                    "sex": "category",
                    "pclass": "code",
                    "embarked": "category",
                },
            },
            "layers": [{"layer": "Dense", **layer}, {"layer": "Dense", **layer, "units": 32}, YES],
            "compile": {"loss": "BinaryCrossentropy", "metrics": ["BinaryAccuracy"]},
            "fit": {
                "epochs": 30,
                "callbacks": [{"class": "EarlyStopping", "patience": 15, "restore_best_weights": True}],
            },
        }
    )
    outcome = learn(experiment, tables.prepared(experiment), tables.situation(experiment).tasks, Hooks())
    line = outcome.judged["baselines"]["logistic model"]
    assert outcome.judged["validation"] < line < outcome.judged["validation"] + outcome.penalty
    assert not any("worse" in says for says in advised(outcome))


@pytest.mark.parametrize(
    ("cells", "says"), [([-1.0], "1 row has none"), ([None, "x"], "2 rows have none"), ([0.0] * 120, "all 0")]
)
def test_weights_that_are_none_are_refused_with_a_sentence(points, experiment_of, cells, says):
    value = experiment_of().value()
    value["data"]["weight"] = "count"
    frame = points.assign(count=[*cells, *[1.0] * (120 - len(cells))])
    with pytest.raises(TableError, match=says):
        prepare(frame, read(value).data, "number")


def test_balanced_class_weights_are_those_of_scikit_learn(points, experiment_of):
    value = experiment_of(target="w", loss="SparseCategoricalCrossentropy", metrics=()).value()
    value["fit"]["class_weight"] = "balanced"
    ready = prepare(points, read(value).data, "category")
    counts = weights_of(read(value), ready)
    assert counts["validation"] is None
    labels = ready.y_true("train")
    assert counts["train"] == pytest.approx(compute_sample_weight("balanced", labels), rel=1e-6)
    value["fit"]["class_weight"] = {"low": 3.0, "gone": 5.0}
    assert set(weights_of(read(value), ready)["train"][labels == ready.targets["w"].classes.index("low")]) == {3.0}
    assert set(weights_of(read(value), ready)["train"][labels == ready.targets["w"].classes.index("high")]) == {1.0}


def test_a_training_that_breaks_keeps_the_best_finite_epoch(train, experiment_of):
    outcome = train(experiment_of(layers=STRAIGHT, optimizer={"class": "SGD", "learning_rate": 1.3}, epochs=500))
    assert outcome.ended == "diverged"
    assert 1 < outcome.epochs < 500
    assert_whole(outcome, REGRESSION)
    assert outcome.scores["validation"]["loss"] == pytest.approx(
        outcome.history["val_loss"][outcome.best_epoch - 1], rel=1e-5
    )
    assert f"the loss became NaN after epoch {outcome.epochs}" in outcome.says
    assert "The likely cause is the learning rate: 1.3 is 4.3 times the highest usual one for SGD (0.3)" in outcome.says


def test_a_training_without_one_finite_epoch_fails_with_a_sentence(train, experiment_of):
    with pytest.raises(
        TrainingFailed, match=r"no model was saved\. The likely cause is the learning rate: 1000 is 3,333 times"
    ):
        train(experiment_of(layers=STRAIGHT, optimizer={"class": "SGD", "learning_rate": 1000.0}, batch_size=2))


def test_a_network_worse_than_the_mean_says_so(train, experiment_of):
    outcome = train(experiment_of(optimizer={"class": "Adam", "learning_rate": 10.0}, epochs=2))
    (worst, *_) = advised(outcome)
    assert worst.startswith("The network is worse than always predicting the mean")
    assert worst.endswith("The learning rate of 10 may be too high or too low: try 0.001.")


def dense(units: int, activation: str | None = None) -> list[dict]:
    """A hidden layer and an output layer."""
    output = {"layer": "Dense", "units": units} | ({"activation": activation} if activation else {})
    return [{"layer": "Dense", "units": 8, "activation": "relu"}, output]


LOGITS = {"from_logits": True}


@pytest.mark.parametrize(
    ("target", "units", "activation", "loss", "metrics"),
    [
        pytest.param(
            "z", 1, "sigmoid", {"class": "BinaryCrossentropy"}, ["BinaryAccuracy", "AUC", "F1Score"], id="probability"
        ),
        pytest.param("z", 1, None, {"class": "BinaryCrossentropy"} | LOGITS, ["BinaryAccuracy"], id="binary raw score"),
        pytest.param("z", 1, "tanh", {"class": "Hinge"}, ["BinaryAccuracy", "Hinge"], id="margin"),
        pytest.param(
            "w",
            3,
            "softmax",
            {"class": "SparseCategoricalCrossentropy"},
            ["SparseCategoricalAccuracy"],
            id="one of several",
        ),
        pytest.param(
            "w",
            3,
            None,
            {"class": "CategoricalCrossentropy"} | LOGITS,
            ["CategoricalAccuracy"],
            id="raw scores of several",
        ),
        pytest.param("w", 3, None, {"class": "CategoricalHinge"}, ["CategoricalAccuracy"], id="margins of several"),
    ],
)
def test_classes_are_learned_by_every_sort_of_loss(
    train, experiment_of, points, target, units, activation, loss, metrics
):
    task = Task("binary", "z", 2) if target == "z" else Task("multiclass", "w", 3)
    experiment = experiment_of(target=target, layers=dense(units, activation), loss=loss, metrics=metrics, epochs=15)
    outcome = train(experiment, task, "category")
    assert_whole(outcome, task)
    table = np.array(outcome.figures[target]["confusion"])
    assert outcome.scores["test"]["accuracy"] == pytest.approx(np.trace(table) / table.sum())
    majority, *others = outcome.baselines
    assert (majority, others) == ("majority", ["logistic model", "gradient boosting"])
    assert outcome.scores["test"]["accuracy"] > outcome.baselines[majority]["test"]["accuracy"]
    # The exported model says of raw rows what the figure counts.
    ready = prepare(points, experiment.data, "category")
    said = Predictor(outcome.bundle, outcome.card).predict(points.iloc[ready.parts["test"]])[f"predicted {target}"]
    assert np.mean(said.to_numpy() == points[target].to_numpy()[ready.parts["test"]]) == pytest.approx(
        np.trace(table) / table.sum()
    )


def test_a_class_that_training_never_saw_is_scored_all_the_same(train, experiment_of, points):
    rare = points.assign(w=points["w"].where(points.index != 5, "rare"))
    experiment = experiment_of(
        target="w",
        layers=dense(4, "softmax"),
        loss="SparseCategoricalCrossentropy",
        metrics=["SparseCategoricalAccuracy"],
        epochs=2,
    )
    outcome = train(experiment, Task("multiclass", "w", 4), "category", rare)
    assert np.array(outcome.figures["w"]["confusion"]).shape == (4, 4)
    assert all(map(math.isfinite, numbers(outcome.scores)))


def test_three_rows_of_one_answer_are_enough(train, experiment_of):
    frame = pd.DataFrame({"x0": [1.0, 2.0, 3.0], "x1": [0.0, 1.0, 0.0], "y": [7.0, 7.0, 7.0]})
    # The deviation of the target is 0, and nothing is divided by it.
    outcome = train(experiment_of(epochs=2), frame=frame)
    assert outcome.epochs == 2
    assert all(map(math.isfinite, numbers(outcome.scores)))
