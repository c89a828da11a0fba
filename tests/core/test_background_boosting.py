"""Gradient boosting is fitted beside a training, which does not wait for it before its end, nor when it is stopped."""

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import log_loss, mean_absolute_error

from core.experiment.score_words import GRADIENT_BOOSTING
from core.experiment.task import Task
from core.model.boosting import within_seconds
from core.model.matrices import TableMatrices
from core.tables.prepared import prepare
from core.training.background_boosting import BackgroundBoosting
from core.training.hooks import Hooks
from core.training.steering import Steering
from core.training.train import learn

pytestmark = pytest.mark.slow
TASK = Task("regression", "y")


@pytest.fixture(scope="module")
def learned(programs):
    """A function that trains an experiment as `learn` does; networks that are alike are compiled once."""

    def learned(experiment, ready, hooks):
        return learn(experiment, ready, TASK, hooks, programs=programs)

    return learned


@pytest.fixture
def ready(points, experiment_of):
    """The prepared table of the small experiment."""
    return TableMatrices(prepare(points, experiment_of().data, "number"))


def test_epochs_do_not_wait_for_it_and_the_end_does(ready, experiment_of, learned):
    told = []

    def epoch(number, _values):
        told.append(number)
        if number == 3:
            ready.boosts.release()  # Until now its thread could not have fitted it.

    ready.boosts.acquire()
    outcome = learned(experiment_of(epochs=3), ready, Hooks(epoch=epoch, baselines=told.append))
    assert [one if isinstance(one, int) else list(one) for one in told] == [
        ["mean", "linear model"],
        *(1, 2, 3),
        ["mean", "linear model", GRADIENT_BOOSTING],
    ]
    # By scikit-learn, from the matrix of the linear model.
    x, prepared = ready.line_matrices().x, ready.prepared
    own = HistGradientBoostingRegressor(early_stopping=True, n_iter_no_change=10, random_state=0).fit(
        x["train"], prepared.y_true("train"), X_val=x["validation"], y_val=prepared.y_true("validation")
    )
    for part in ("validation", "test"):
        mae = mean_absolute_error(prepared.y_true(part), own.predict(x[part]))
        assert outcome.baselines[GRADIENT_BOOSTING][part]["mae"] == pytest.approx(mae, rel=1e-9)
    positions, predicted = outcome.boosted["test"]
    np.testing.assert_array_equal(positions, prepared.rows[prepared.parts["test"]])
    np.testing.assert_allclose(predicted["y"][:, 0], own.predict(x["test"]))
    loss = outcome.baselines[GRADIENT_BOOSTING]["validation"]["loss"]
    assert outcome.judged["baselines"][GRADIENT_BOOSTING] == pytest.approx(loss)


class Stop(Steering):
    """Stops after the second epoch; or, with `late`, in the second look after the last."""

    def __init__(self, late=False):
        super().__init__()
        self.epochs, self.late, self.looks = 0, late, 0

    def epoch(self, number, _values):
        self.epochs = number

    def look(self):
        self.looks += self.epochs >= 3
        if not self.stop and (self.looks > 3 if self.late else self.epochs >= 2):
            self.stop = "best"


@pytest.mark.parametrize(("late", "epochs", "ended"), [(False, 2, "stopped"), (True, 3, "finished")])
def test_a_stop_does_not_wait_for_it_and_the_next_training_has_it(ready, experiment_of, learned, late, epochs, ended):
    stop = Stop(late)
    with ready.boosts:  # Its thread does not come to an end.
        outcome = learned(experiment_of(epochs=3), ready, Hooks(epoch=stop.epoch, steering=stop))
    assert (outcome.epochs, outcome.ended) == (epochs, ended)
    assert list(outcome.baselines) == ["mean", "linear model"]
    assert (outcome.boosted, list(outcome.judged["baselines"])) == ({}, ["mean", "linear model"])
    again = learned(experiment_of(epochs=3), ready, Hooks())
    assert list(again.baselines) == ["mean", "linear model", GRADIENT_BOOSTING]


def test_it_learns_with_the_class_weights(points, experiment_of, train):
    experiment = experiment_of(
        target="z",
        layers=[{"layer": "Dense", "units": 1, "activation": "sigmoid"}],
        loss="BinaryCrossentropy",
        metrics=["BinaryAccuracy"],
        epochs=2,
    )
    weighted = experiment.fit.model_copy(update={"class_weight": {"yes": 5.0}})
    outcome = train(experiment.model_copy(update={"fit": weighted}), Task("binary", "z", 2), "category")
    ready = TableMatrices(prepare(points, experiment.data, "category"))
    x, prepared = ready.line_matrices().x, ready.prepared
    y_true = {part: prepared.y_true(part) for part in ("train", "validation")}
    own = HistGradientBoostingClassifier(early_stopping=True, n_iter_no_change=10, random_state=0).fit(
        x["train"],
        y_true["train"],
        sample_weight=np.where(y_true["train"] == 1, 5.0, 1.0),
        X_val=x["validation"],
        y_val=y_true["validation"],
    )
    expected = log_loss(y_true["validation"], own.predict_proba(x["validation"])[:, 1])
    assert outcome.baselines[GRADIENT_BOOSTING]["validation"]["loss"] == pytest.approx(expected, rel=1e-5)


def test_a_wide_table_of_many_classes_trains_without_it_and_says_so(ready, experiment_of, learned, monkeypatch):
    assert within_seconds(Task("regression", "y"), 1_000_000, 60)  # 20,000 of the rows.
    assert within_seconds(Task("binary", "y", 2), 10_000, 100)
    assert not within_seconds(Task("multiclass", "y", 10), 60_000, 784)
    monkeypatch.setattr("core.model.boosting._MOST_WORK", 1e6)
    outcome = learned(experiment_of(epochs=1), ready, Hooks())
    assert list(outcome.baselines) == ["mean", "linear model"]
    assert any("It is fitted when the Scores tab of the Result page is opened" in says for says in outcome.log)


def test_what_it_cannot_learn_ends_no_training(ready, experiment_of):
    """Infinite amounts are refused by scikit-learn."""
    data = ready.prepared
    boosting = BackgroundBoosting(heads_of(experiment_of(), data), ready, {"train": None, "validation": None})
    values = data.targets["y"].y_true
    values[:] = np.inf
    boosting.join(Steering(), stopped=False)
    assert (boosting.over, boosting.predicted) == (True, {})
    assert boosting.says == "Gradient boosting could not be fitted, so it is not among the baselines."


def heads_of(experiment, prepared):
    from core.model.outputs import Heads

    return Heads(experiment, (TASK,), prepared)
