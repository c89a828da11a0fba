"""A training from table to scores: how it ends, what is kept, and that every number can be checked another way."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from core.experiment.task import Task
from core.learning.bundle import Predictor
from core.learning.training import Hooks, TrainingFailed, TrainingStopped, learn
from core.tables.prepared import PARTS, prepare

pytestmark = pytest.mark.slow
REGRESSION = Task("regression", "y")
STRAIGHT = [{"layer": "Dense", "units": 1}]


@pytest.fixture(scope="module")
def train(points):
    """A function that trains an experiment on `points`."""

    def run(experiment, task=REGRESSION, kind="number", frame=points, **hooks):
        return learn(experiment, prepare(frame, experiment.data, kind), task, Hooks(**hooks))

    return run


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
    assert len(outcome.baselines) == 2
    counted = len(result["figure"]["actual"]) if task.kind == "regression" else sum(numbers(result["figure"]))
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


def test_a_finished_training_is_whole(heard):
    outcome, _ = heard
    assert (outcome.ended, outcome.epochs, outcome.log) == ("finished", 5, [])
    assert "hardly better than the linear model" in outcome.says  # Five epochs of a small network: true, and said.
    assert outcome.steps == 5 * 6  # 84 training rows in batches of 16 are 6 steps
    assert_whole(outcome, REGRESSION)


def test_whoever_watches_hears_stages_then_baselines_then_every_epoch(heard):
    outcome, told = heard
    assert [what[0] for what in told if what[0] != "stage"] == ["baselines", *["epoch"] * 5]
    assert [what[1] for what in told if what[0] == "epoch"] == [1, 2, 3, 4, 5]
    assert told[0][0] == told[-1][0] == "stage"
    for name, values in outcome.history.items():
        assert [what[2][name] for what in told if what[0] == "epoch"] == values
    assert next(what[1] for what in told if what[0] == "baselines") == {
        name: parts["validation"] for name, parts in outcome.baselines.items()
    }


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
    figure = outcome.figure
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


def test_the_best_epoch_is_the_one_whose_weights_were_kept(train, experiment_of):
    # Every epoch is better than the one before, but none by enough: the first is kept.
    stopping = {"class": "EarlyStopping", "patience": 2, "min_delta": 1e12, "restore_best_weights": True}
    outcome = train(experiment_of(epochs=200, optimizer={"class": "SGD", "learning_rate": 0.001}, callbacks=[stopping]))
    assert (outcome.ended, outcome.epochs, outcome.best_epoch) == ("early", 3, 1)
    assert np.argmin(outcome.history["val_loss"]) == 2
    assert outcome.scores["validation"]["loss"] == pytest.approx(outcome.history["val_loss"][0], rel=1e-5)


def test_stop_keeps_the_best_epoch_and_its_experiment_repeats_it(train, experiment_of):
    # A rate that jumps about, so that the last epoch is not the best.
    experiment = experiment_of(epochs=10_000, optimizer={"class": "Adam", "learning_rate": 0.5}, seed=3)
    epochs = []
    stopped = train(experiment, epoch=lambda epoch, _: epochs.append(epoch), should_stop=lambda: len(epochs) >= 11)
    assert stopped.ended == "stopped"
    assert stopped.epochs in (11, 12)  # Stop is heard after a block
    assert stopped.best_epoch == 1 + int(np.argmin(stopped.history["val_loss"])) < stopped.epochs
    assert stopped.scores["validation"]["loss"] == pytest.approx(min(stopped.history["val_loss"]), rel=1e-5)
    assert f"Stopped after epoch {stopped.epochs}" in stopped.says
    assert stopped.experiment.fit.epochs == stopped.epochs

    again = train(stopped.experiment)
    assert again.history == stopped.history
    assert again.scores == stopped.scores
    assert again.best_epoch == stopped.best_epoch


def test_stop_before_the_first_epoch_ends_without_a_model(train, experiment_of):
    with pytest.raises(TrainingStopped, match="before the first epoch was complete"):
        train(experiment_of(epochs=100), should_stop=lambda: True)


def test_a_training_that_breaks_keeps_the_best_finite_epoch(train, experiment_of):
    outcome = train(experiment_of(layers=STRAIGHT, optimizer={"class": "SGD", "learning_rate": 1.3}, epochs=500))
    assert outcome.ended == "diverged"
    assert 1 < outcome.epochs < 500
    assert_whole(outcome, REGRESSION)
    assert outcome.scores["validation"]["loss"] == pytest.approx(outcome.history["val_loss"][outcome.best_epoch - 1], rel=1e-5)
    assert f"after epoch {outcome.epochs} the loss was no longer a number" in outcome.says
    assert "A learning rate of 1.3 is probably too large; try 0.013." in outcome.says


def test_a_training_without_one_finite_epoch_fails_with_a_sentence(train, experiment_of):
    with pytest.raises(TrainingFailed, match=r"nothing was learned\. A learning rate of 1000 is the likely cause; try 10\."):
        train(experiment_of(layers=STRAIGHT, optimizer={"class": "SGD", "learning_rate": 1000.0}, batch_size=2))


def test_a_network_worse_than_the_mean_says_so(train, experiment_of):
    outcome = train(experiment_of(optimizer={"class": "Adam", "learning_rate": 10.0}, epochs=2))
    assert outcome.says.startswith("The network is worse than always predicting the mean")
    assert "Try another learning rate than 10, for instance 0.1." in outcome.says


def dense(units: int, activation: str | None = None) -> list[dict]:
    """A hidden layer and an output layer."""
    output = {"layer": "Dense", "units": units} | ({"activation": activation} if activation else {})
    return [{"layer": "Dense", "units": 8, "activation": "relu"}, output]


LOGITS = {"from_logits": True}


@pytest.mark.parametrize(
    ("target", "units", "activation", "loss", "metrics"),
    [
        pytest.param("z", 1, "sigmoid", {"class": "BinaryCrossentropy"}, ["BinaryAccuracy", "AUC", "F1Score"], id="probability"),
        pytest.param("z", 1, None, {"class": "BinaryCrossentropy"} | LOGITS, ["BinaryAccuracy"], id="binary raw score"),
        pytest.param("z", 1, "tanh", {"class": "Hinge"}, ["BinaryAccuracy", "Hinge"], id="margin"),
        pytest.param("w", 3, "softmax", {"class": "SparseCategoricalCrossentropy"}, ["SparseCategoricalAccuracy"], id="one of several"),
        pytest.param("w", 3, None, {"class": "CategoricalCrossentropy"} | LOGITS, ["CategoricalAccuracy"], id="raw scores of several"),
        pytest.param("w", 3, None, {"class": "CategoricalHinge"}, ["CategoricalAccuracy"], id="margins of several"),
    ],
)
def test_classes_are_learned_by_every_sort_of_loss(train, experiment_of, points, target, units, activation, loss, metrics):
    task = Task("binary", "z", 2) if target == "z" else Task("multiclass", "w", 3)
    experiment = experiment_of(target=target, layers=dense(units, activation), loss=loss, metrics=metrics, epochs=15)
    outcome = train(experiment, task, "category")
    assert_whole(outcome, task)
    table = np.array(outcome.figure["confusion"])
    assert outcome.scores["test"]["accuracy"] == pytest.approx(np.trace(table) / table.sum())
    majority, line = outcome.baselines
    assert (majority, line) == ("majority", "logistic model")
    assert outcome.scores["test"]["accuracy"] > outcome.baselines[majority]["test"]["accuracy"]
    # The exported model says of raw rows what the figure counts.
    ready = prepare(points, experiment.data, "category")
    said = Predictor(outcome.bundle, outcome.card).predict(points.iloc[ready.parts["test"]])[f"predicted {target}"]
    assert np.mean(said.to_numpy() == points[target].to_numpy()[ready.parts["test"]]) == pytest.approx(np.trace(table) / table.sum())


def test_a_class_that_training_never_saw_is_scored_all_the_same(train, experiment_of, points):
    rare = points.assign(w=points["w"].where(points.index != 5, "rare"))
    experiment = experiment_of(
        target="w", layers=dense(4, "softmax"), loss="SparseCategoricalCrossentropy", metrics=["SparseCategoricalAccuracy"], epochs=2
    )
    outcome = train(experiment, Task("multiclass", "w", 4), "category", rare)
    assert np.array(outcome.figure["confusion"]).shape == (4, 4)
    assert all(map(math.isfinite, numbers(outcome.scores)))


def test_three_rows_of_one_answer_are_enough(train, experiment_of):
    frame = pd.DataFrame({"x0": [1.0, 2.0, 3.0], "x1": [0.0, 1.0, 0.0], "y": [7.0, 7.0, 7.0]})
    outcome = train(experiment_of(epochs=2), frame=frame)  # The deviation of the target is 0, and nothing is divided by it.
    assert outcome.epochs == 2
    assert all(map(math.isfinite, numbers(outcome.scores)))
