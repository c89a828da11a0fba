"""Situations that many tests start from."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # Before anything imports TensorFlow.

import numpy as np
import pandas as pd
import pytest

from core.experiment.spec import Experiment, read


@pytest.fixture(scope="session")
def points() -> pd.DataFrame:
    """120 rows: y = 3 x0 - 2 x1 + a bend, in tens of thousands; a word w and a yes-or-no z that follow from x0 and x1."""
    draw = np.random.default_rng(0)
    x0, x1 = draw.normal(size=(2, 120))
    return pd.DataFrame(
        {
            "x0": x0,
            "x1": x1,
            "w": np.where(x0 > 0.5, "high", np.where(x0 > -0.5, "middle", "low")),
            "z": np.where(x0 + x1 > 0, "yes", "no"),
            "y": 10_000 * (3 * x0 - 2 * x1 + x0 * x1) + 50_000 + 1000 * draw.normal(size=120),
        }
    )


@pytest.fixture(scope="session")
def experiment_of():
    """A function that makes a small experiment on `points`; its arguments change one thing each."""

    def make(
        target="y",
        features=None,
        layers=None,
        optimizer=None,
        loss="MeanSquaredError",
        metrics=("MeanAbsoluteError", "RootMeanSquaredError"),
        epochs=5,
        batch_size=16,
        callbacks=(),
        seed=0,
        table="points.csv",
        name="Points",
    ) -> Experiment:
        return read(
            {
                "version": 1,
                "name": name,
                "data": {"table": str(table), "targets": [target], "features": features or {"x0": "number", "x1": "number"}},
                "layers": layers or [{"layer": "Dense", "units": 8, "activation": "relu"}, {"layer": "Dense", "units": 1}],
                "compile": {
                    "optimizer": optimizer or {"class": "Adam", "learning_rate": 0.02},
                    "loss": loss,
                    "metrics": list(metrics),
                },
                "fit": {"epochs": epochs, "batch_size": batch_size, "callbacks": list(callbacks), "seed": seed},
            }
        )

    return make


@pytest.fixture(scope="session")
def workspace(tmp_path_factory):
    """A workspace that the tests of runs share; its name has a blank, as people's folders have."""
    return tmp_path_factory.mktemp("our workspace")


@pytest.fixture(scope="session")
def store(workspace):
    """The workspace's record of runs, in a SQLite file."""
    from core.runs.store import Store

    return Store(workspace)


@pytest.fixture(scope="session")
def points_table(workspace, points):
    """The ref under which the workspace keeps `points`."""
    from core.tables.sources import TableStore

    return TableStore(workspace).keep("points.csv", points.to_csv(index=False).encode()).ref


@pytest.fixture(scope="session")
def kept(workspace, store, points_table, experiment_of):
    """A run as an earlier process left it: its result, what it said, and the experiment."""
    from core.runs.training import run
    from core.tables.situation import Tables
    from core.tables.sources import TableStore

    said = []
    experiment = experiment_of(
        table=points_table, features={"x0": "number", "x1": "number", "w": "category"}, epochs=8, name="Kept", layers=None
    )
    result = run("0123456789ab", experiment, Tables(TableStore(workspace)), store, said.append, lambda: False)
    return result, said, experiment
