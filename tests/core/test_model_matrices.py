"""A table is made ready once: the next training on the same data begins with it, and computes the same."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import RidgeCV
from sklearn.preprocessing import OneHotEncoder

from core.experiment.preparation import Preparation
from core.experiment.spec import Data, Fit
from core.experiment.task import Task
from core.model.matrices import TableMatrices, TablePool
from core.tables.prepared import prepare
from core.training.hooks import Hooks
from core.training.train import learn

pytestmark = pytest.mark.slow
TASK = Task("regression", "y")
FEATURES = {"x0": "number", "x1": "number", "w": "category"}


@pytest.fixture
def reading(points):
    """A function that prepares an experiment's data, and the list of how often it did."""
    done = []

    def of(experiment):
        return lambda: (done.append(1), prepare(points, experiment.data, "number"))[1]

    return of, done


def test_the_second_training_starts_from_what_the_first_one_made(reading, experiment_of, programs):
    of, done = reading
    ready = TablePool()
    embedding = [{"layer": "Embedding", "output_dim": 2}, {"layer": "Dense", "units": 1}]
    for changes in ({}, {"seed": 3, "epochs": 2}, {"layers": embedding}, {"layers": embedding, "loss": "Huber"}):
        experiment = experiment_of(features=FEATURES, **changes)
        kept = learn(experiment, ready.of(experiment.data, of(experiment)), TASK, Hooks(), programs=programs)
        alone = learn(experiment, of(experiment)(), TASK, Hooks(), programs=programs)
        assert (kept.history, kept.scores, kept.baselines) == (alone.history, alone.scores, alone.baselines)
    assert len(done) == 1 + 4  # Once for all kept ones, and once for each that stood alone.


def test_other_data_is_made_ready_anew(reading, experiment_of):
    of, done = reading
    ready = TablePool()
    first, other = experiment_of(), experiment_of(features={"x0": "number"})
    made = ready.of(first.data, of(first))
    assert ready.of(other.data, of(other)) is not made
    assert ready.of(first.data, of(first)) is made
    assert len(done) == 2


def test_what_finds_no_room_is_not_kept(reading, experiment_of):
    of, done = reading
    experiment = experiment_of()
    room = TableMatrices(of(experiment)()).size
    assert room == 2 * 120 * 8  # Two features of 120 float64.
    for ready, times in ((TablePool(most=room), 1), (TablePool(most=room - 1), 2)):
        done.clear()
        for _ in range(2):
            ready.of(experiment.data, of(experiment))
        assert len(done) == times


def shops(rows: int, shops: int) -> pd.DataFrame:
    """Sales that differ from shop to shop by 10 and otherwise by 1."""
    draw = np.random.default_rng(1)
    shop = draw.permutation(np.arange(rows) % shops)
    return pd.DataFrame(
        {"shop": [f"shop {at:05}" for at in shop], "y": draw.normal(50, 10, shops)[shop] + draw.normal(0, 1, rows)}
    )


def test_a_line_over_all_words_is_that_of_scikit_learn_and_a_cut_is_counted():
    frame = shops(3000, 300)
    data = Data(table="t", targets=("y",), features={"shop": "category"})
    errors = {}
    for words in (100, 300):
        settings = data.model_copy(update={"preparation": {"shop": Preparation(words=words)}})
        prepared = prepare(frame, settings, "number")
        made = TableMatrices(prepared)
        predict = made.baselines(TASK, Fit(), None)["linear model"]
        y_true = prepared.y_true("test")
        errors[words] = np.sqrt(np.mean((predict(made.line_matrices().x["test"])[:, 0] - y_true) ** 2))
        train, test = (frame.iloc[prepared.rows[prepared.parts[part]]] for part in ("train", "test"))
    hot = OneHotEncoder().fit(frame[["shop"]])
    line = RidgeCV(alphas=(0.01, 0.1, 1.0, 10.0, 100.0)).fit(hot.transform(train[["shop"]]), train["y"])
    theirs = np.sqrt(np.mean((line.predict(hot.transform(test[["shop"]])) - test["y"]) ** 2))
    assert errors[300] == pytest.approx(theirs, rel=0.02)
    assert errors[300] < 2 < 5 < errors[100]
    assert prepared.cut == {}
    cut = prepare(frame, data, "number").cut["shop"]
    known = train["shop"].value_counts()
    assert (cut.kept, cut.words) == (100, 300)
    # Of the 200 rarest shops of the training rows, whichever stand first among equals.
    assert cut.share == pytest.approx(1 - known.iloc[:100].sum() / len(train))


def test_an_embedding_holds_ten_thousand_words_and_the_baselines_a_hundred():
    frame = shops(20_000, 10_000)
    data = Data.model_validate(
        {
            "table": "t",
            "targets": ["y"],
            "features": {"shop": "category"},
            "preparation": {"shop": {"words": 10_000}},
            "split": {"train": 0.98, "validation": 0.01, "test": 0.01},
        }
    )
    prepared = prepare(frame, data, "number")
    made = TableMatrices(prepared)
    assert prepared.words == (frame.iloc[prepared.rows[prepared.parts["train"]]]["shop"].nunique(),)
    assert prepared.words[0] > 9_900
    assert made.matrices(numbered=True).x["train"].shape == (19_600, 1)
    assert made.line_matrices().x["train"].shape == (19_600, 100)
