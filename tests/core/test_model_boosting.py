"""Gradient boosting as a baseline is scikit-learn's own on the network's rows, weights and validation rows."""

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from core.experiment.preparation import Preparation
from core.experiment.task import Task
from core.model.boosting import BoostingRows, gradient_boosting
from core.tables.prepared import prepare

DRAW = np.random.default_rng(0)
X = DRAW.normal(size=(160, 3)).astype("float32")
AMOUNTS = X[:, 0] * X[:, 1] + 2 * DRAW.normal(size=160)
CLASSES = np.digitize(AMOUNTS, [-0.3, 0.3])
WEIGHTS = DRAW.uniform(0.1, 2, 160).astype("float32")
TRAIN, VALIDATION = slice(0, 120), slice(120, 160)


def rows(y_true, some, weights=None):
    """Rows of a part."""
    return BoostingRows(X[some], y_true[some], None if weights is None else weights[some])


@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_it_stops_by_the_networks_validation_rows(weights):
    part = {name: None if weights is None else weights[some] for name, some in (("x", TRAIN), ("v", VALIDATION))}
    stopping = {"early_stopping": True, "n_iter_no_change": 10, "random_state": 7}
    given = (rows(AMOUNTS, TRAIN, weights), rows(AMOUNTS, VALIDATION, weights))
    own = HistGradientBoostingRegressor(**stopping).fit(
        X[TRAIN],
        AMOUNTS[TRAIN],
        sample_weight=part["x"],
        X_val=X[VALIDATION],
        y_val=AMOUNTS[VALIDATION],
        sample_weight_val=part["v"],
    )
    assert own.n_iter_ < 100
    predict = gradient_boosting(Task("regression", "y"), *given, seed=7)
    np.testing.assert_allclose(predict(X)[:, 0], own.predict(X))


def test_classes_have_their_probabilities_and_absent_ones_none():
    task = Task("multiclass", "w", 4)  # The class 3 is in no row, the class 2 in no training row.
    train = rows(CLASSES, TRAIN).where(CLASSES[TRAIN] < 2)
    predict = gradient_boosting(task, train, rows(CLASSES, VALIDATION), seed=0)
    shares = predict(X)
    assert shares.shape == (160, 4)
    assert shares[:, 2:].max() == 0
    two = (AMOUNTS > 0).astype(int)
    # Without validation rows all iterations are made.
    own = HistGradientBoostingClassifier(early_stopping=False, random_state=0).fit(X[TRAIN], two[TRAIN])
    predict = gradient_boosting(Task("binary", "z", 2), rows(two, TRAIN), rows(two, slice(0, 0)), seed=0)
    np.testing.assert_allclose(predict(X)[:, 0], own.predict_proba(X)[:, 1])


def test_of_one_class_alone_there_is_nothing_to_learn():
    alone = np.zeros(160, int)
    assert gradient_boosting(Task("binary", "z", 2), rows(alone, TRAIN), rows(alone, VALIDATION), seed=0) is None


def test_rows_of_weight_0_are_absent():
    weights = WEIGHTS.copy()
    weights[:40] = 0
    task = Task("regression", "y")
    with_zeros = gradient_boosting(task, rows(AMOUNTS, TRAIN, weights), rows(AMOUNTS, VALIDATION), seed=0)
    without = gradient_boosting(task, rows(AMOUNTS, slice(40, 120), weights), rows(AMOUNTS, VALIDATION), seed=0)
    np.testing.assert_array_equal(with_zeros(X), without(X))


def test_rare_words_are_categories_of_one_column():
    """60 words in 20 rows each, of which every second one is a yes: a column for each would never be split on."""
    words = DRAW.permutation(np.repeat(np.arange(60), 20))
    truth = (words % 2).astype(int)
    x = np.stack([DRAW.normal(size=1200), words], axis=1).astype("float32")
    parts = [BoostingRows(x[some], truth[some], None) for some in (slice(0, 900), slice(900, 1050))]
    predict = gradient_boosting(Task("binary", "z", 2), *parts, seed=0, categories=1)
    assert np.mean((predict(x[1050:])[:, 0] > 0.5) == truth[1050:]) > 0.95
    own = HistGradientBoostingClassifier(
        early_stopping=True, n_iter_no_change=10, random_state=0, categorical_features=[1]
    )
    own.fit(x[:900], truth[:900], X_val=x[900:1050], y_val=truth[900:1050])
    np.testing.assert_allclose(predict(x)[:, 0], own.predict_proba(x)[:, 1])


@pytest.mark.slow
def test_of_many_words_the_rarest_are_one(experiment_of):
    from core.model.matrices import TableMatrices  # With TensorFlow.

    words = [f"w{word:03}" for word in range(300) for _ in range(3 + (word < 150))]
    frame = pd.DataFrame({"w": words, "x0": np.arange(len(words)) % 7, "y": np.arange(len(words))})
    data = experiment_of(target="y", features={"x0": "number", "w": "category"}).data
    known = data.model_copy(update={"preparation": {"w": Preparation(words=1000)}})
    ready = TableMatrices(prepare(frame, known, "number"))
    x = ready.boosting_matrices()["train"]
    assert x.shape == ready.boosting_shape()
    assert x.shape[1] == 2
    assert x[:, 1].min() >= 0
    assert x[:, 1].max() == 254
    frequent = pd.Series(x[:, 1]).value_counts()
    assert frequent.index[0] == 254
