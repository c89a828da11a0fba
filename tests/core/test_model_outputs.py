"""Several targets are learned together: every number of each can be checked another way."""

import json

import numpy as np
import pytest
from sklearn.metrics import log_loss

from core.experiment.targets import suited
from core.experiment.task import Task
from core.model.exported_model import Predictor
from core.tables.errors import TableError
from core.tables.prepared import prepare
from core.training.hooks import Hooks
from core.training.train import learn

pytestmark = pytest.mark.slow
TASKS = (Task("regression", "y"), Task("multiclass", "w", 3), Task("binary", "z", 2))
KINDS = {"y": "number", "w": "category", "z": "boolean"}


@pytest.fixture(scope="module")
def experiment(experiment_of):
    """An amount, one of three words and a yes or no from two numbers, the amount counting double."""
    of = experiment_of(epochs=30, metrics=())
    of = of.model_copy(update={"data": of.data.model_copy(update={"targets": ("y", "w", "z")})})
    weighted = of.compile.model_copy(update={"loss_weights": {"y": 2.0, "z": 0.5}})
    return suited(of.model_copy(update={"compile": weighted}), TASKS)


@pytest.fixture(scope="module")
def outcome(experiment, points):
    """What is learned from `points`."""
    return learn(experiment, prepare(points, experiment.data, KINDS), TASKS, Hooks())


def test_the_loss_of_all_is_the_sum_of_the_weighted_losses(outcome, points, experiment):
    ready = prepare(points, experiment.data, KINDS)
    scale = ready.y_true("train", "y").std()
    for scores in (*outcome.scores.values(), *(parts["test"] for parts in outcome.baselines.values())):
        whole = 2 * scores["y_loss"] / scale**2 + scores["w_loss"] + 0.5 * scores["z_loss"]
        assert scores["loss"] == pytest.approx(whole, rel=1e-4)


def test_scores_are_those_of_the_exported_models_own_answers(outcome, points, experiment):
    ready = prepare(points, experiment.data, KINDS)
    test = points.iloc[ready.parts["test"]]
    said = Predictor(outcome.bundle, outcome.card).predict(test)
    assert list(said.columns) == [
        *("predicted y", "predicted w", "probability w high", "probability w low", "probability w middle"),
        *("predicted z", "probability z no", "probability z yes", "note"),
    ]
    errors = said["predicted y"] - test["y"]
    assert outcome.scores["test"]["y_mae"] == pytest.approx(errors.abs().mean(), rel=1e-4)
    assert outcome.scores["test"]["y_loss"] == pytest.approx((errors**2).mean(), rel=1e-4)
    assert outcome.scores["test"]["w_accuracy"] == pytest.approx((said["predicted w"] == test["w"]).mean())
    assert outcome.scores["test"]["z_loss"] == pytest.approx(
        log_loss(test["z"] == "yes", said["probability z yes"]), rel=1e-4
    )
    figures = outcome.figures
    np.testing.assert_allclose(figures["y"]["predicted"], said["predicted y"], rtol=1e-5)
    assert np.trace(figures["w"]["confusion"]) == (said["predicted w"] == test["w"]).sum()
    assert np.sum(figures["z"]["confusion"]) == len(test)


def test_all_of_them_are_learned_and_told(outcome):
    mean, *others = outcome.baselines
    assert (mean, others) == ("mean or majority", ["linear or logistic model", "gradient boosting"])
    for name in ("y_loss", "w_loss", "z_loss"):
        assert outcome.scores["test"][name] < outcome.baselines[mean]["test"][name]
    assert set(outcome.history) == {f"{before}{name}" for name in outcome.scores["test"] for before in ("", "val_")}
    assert json.loads(json.dumps(outcome.result(), allow_nan=False))["test"] == outcome.scores["test"]
    assert [one["target"] for one in outcome.card["targets"]] == ["y", "w", "z"]


def test_rows_that_lack_one_of_the_answers_are_left_out(points, experiment):
    gaps = points.assign(y=points["y"].where(points.index % 10 != 0), w=points["w"].where(points.index % 10 != 1))
    ready = prepare(gaps, experiment.data, KINDS)
    assert len(ready.rows) == 96
    labels = ready.y_true("test", "w")  # Stratified by the first target of classes.
    shares = np.bincount(ready.targets["w"].y_true) / 96
    np.testing.assert_allclose(np.bincount(labels) / len(labels), shares, atol=1 / len(labels))
    with pytest.raises(TableError, match="0 of 120 rows have a value of the target 'y' and 'w' and 'z'"):
        prepare(gaps.assign(z=None), experiment.data, KINDS)
