"""A target that is learned by its logarithm: predictions and metrics are amounts, the loss is one of logarithms."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error, mean_squared_error

from core.experiment.metric_titles import metric_title
from core.experiment.spec import read
from core.experiment.task import Task
from core.tables.errors import TableError
from core.tables.prepared import prepare

TASK = Task("regression", "y")


def experiment(logarithm: str, loss: str = "MeanSquaredError", features: int = 2):
    """A straight line of the features, trained to its end."""
    return read(
        {
            "version": 1,
            "data": {
                "table": "t",
                "targets": ["y"],
                "features": {f"x{at}": "number" for at in range(features)},
                "preparation": {"y": {"target": logarithm}},
            },
            "layers": [{"layer": "Dense", "units": 1}],
            "compile": {
                "loss": loss,
                "metrics": ["MeanAbsoluteError", "LogCoshError"],
                "optimizer": {"class": "Adam", "learning_rate": 0.03},
            },
            "fit": {"epochs": 400, "batch_size": 400},
        }
    )


@pytest.fixture(scope="module")
def amounts() -> pd.DataFrame:
    """Amounts over five orders of magnitude, whose logarithms follow a line."""
    draw = np.random.default_rng(0)
    x = draw.normal(size=(400, 2))
    y = np.exp(5 + 2 * x[:, 0] - x[:, 1] + 0.2 * draw.normal(size=400))
    return pd.DataFrame({"x0": x[:, 0], "x1": x[:, 1], "y": y})


@pytest.mark.slow
@pytest.mark.parametrize("logarithm", ["log", "log1p"])
def test_the_network_predicts_amounts_as_scikit_learn_with_a_transformed_target(amounts, logarithm, tmp_path):
    import keras

    from core.training.hooks import Hooks
    from core.training.train import learn

    function, inverse = {"log": (np.log, np.exp), "log1p": (np.log1p, np.expm1)}[logarithm]
    of = experiment(logarithm)
    ready = prepare(amounts, of.data, "number")
    outcome = learn(of, ready, TASK, Hooks())
    x, parts = amounts[["x0", "x1"]].to_numpy(), ready.parts
    oracle = TransformedTargetRegressor(LinearRegression(), func=function, inverse_func=inverse)
    theirs = oracle.fit(x[parts["train"]], amounts["y"].iloc[parts["train"]]).predict(x[parts["test"]])
    outcome.bundle.save(tmp_path / "model.keras")
    model = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    ours = model({f"x{at}": x[parts["test"], at].reshape(-1, 1) for at in range(2)}).numpy()[:, 0]
    np.testing.assert_allclose(ours, theirs, rtol=0.02)
    y_test = amounts["y"].to_numpy()[parts["test"]]
    scores = outcome.scores["test"]
    assert scores["mae"] == pytest.approx(mean_absolute_error(y_test, ours), rel=1e-5)
    assert scores["loss"] == pytest.approx(mean_squared_error(function(y_test), function(ours)), rel=1e-4)
    # The curves are of the same units as the scores: at the end they are those of the validation rows.
    assert outcome.history["val_loss"][-1] == pytest.approx(outcome.scores["validation"]["loss"], rel=1e-3)
    assert outcome.history["val_mae"][-1] == pytest.approx(outcome.scores["validation"]["mae"], rel=1e-3)
    plain = y_test - ours
    assert scores["logcosh"] == pytest.approx(np.mean(np.abs(plain) + np.log1p(np.exp(-2 * np.abs(plain))) - np.log(2)))


def test_amounts_without_a_logarithm_are_refused_with_their_number(amounts):
    frame = amounts.assign(y=np.where(np.arange(400) < 3, 0.0, amounts["y"]))
    with pytest.raises(
        TableError, match=r"log of the target 'y' needs values above 0, which 3 rows do not have. Choose log1p"
    ):
        prepare(frame, experiment("log").data, "number")
    assert prepare(frame, experiment("log1p").data, "number").rows.size == 400
    with pytest.raises(TableError, match=r"log1p of the target 'y' needs values above -1, which 400 rows do not have"):
        prepare(frame.assign(y=-5.0), experiment("log1p").data, "number")


def test_the_title_of_the_loss_says_that_it_is_one_of_logarithms():
    assert metric_title("loss", experiment("log")) == "Loss (MeanSquaredError of log(y))"
    assert metric_title("loss", experiment("log", "Poisson")) == "Loss (Poisson)"
    assert metric_title("mae", experiment("log")) == "MAE"
