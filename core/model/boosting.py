"""Gradient boosting on the network's own rows: the strongest of the simple models, by scikit-learn.

A training fits it beside its epochs where that takes some seconds; else it is fitted when a run is looked at.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from core.catalog.target_transforms import TargetTransform
from core.experiment.task import Task
from core.model.baselines import Predictor, on_scale

_MOST_ROWS = 20_000  # Of the training set; of more a random sample, as the linear model has.
_MOST_TREES = 1500  # Of all classes together: some seconds.
_MOST_ITERATIONS, _LEAST_ITERATIONS = 100, 30
_PATIENCE = 10
_LEAVES, _BINS = 31, 255  # scikit-learn's own.
MOST_CATEGORIES = _BINS  # Of a feature; the rarest words of more are one.
_ADDITIONS = 8  # Of a row and a column to the histograms of a tree: rows of the smaller half of each split.
_MOST_WORK = 2e9  # Numbers added or compared: 2 to 5 s of a core.


@dataclass(frozen=True)
class BoostingRows:
    """Rows of one part.

    Attributes:
        x: (n, columns) matrix; the features of words are its last columns, the number of a word from 0 each.
        y_true: n amounts or class numbers.
        weights: What each counts, in any unit; None where all count the same.
    """

    x: np.ndarray
    y_true: np.ndarray
    weights: np.ndarray | None

    def where(self, there: np.ndarray) -> "BoostingRows":
        """Some of the rows."""
        return BoostingRows(self.x[there], self.y_true[there], None if self.weights is None else self.weights[there])


def gradient_boosting(
    task: Task,
    train: BoostingRows,
    validation: BoostingRows,
    seed: int,
    transform: TargetTransform | None = None,
    categories: int = 0,
) -> Predictor | None:
    """A function from a matrix to predictions, (rows, 1) amounts or probabilities or (rows, classes); None where the
    training rows have one class alone.

    So many of the last columns are `categories`: a split sends a group of words to one side (scikit-learn's
    `categorical_features`, after Fisher 1958). In a column for each word, one that stands in fewer than 20 rows would
    never be split on.

    The validation rows say when to stop, as they do for the network; without any all iterations are made. With a
    `transform` it learns the logarithm that the network learns, and predicts amounts.
    """
    if len(train.x) > _MOST_ROWS:
        train = train.where(np.random.default_rng(seed).choice(len(train.x), _MOST_ROWS, replace=False))
    if train.weights is not None and train.weights.any():
        train = train.where(train.weights > 0)
    if task.kind != "regression":
        if len(np.unique(train.y_true)) < 2:
            return None
        validation = validation.where(np.isin(validation.y_true, train.y_true))
    if validation.weights is not None:
        validation = validation.where(validation.weights > 0)
    options = {
        "max_iter": _iterations(task),
        "early_stopping": len(validation.x) > 0,
        "n_iter_no_change": _PATIENCE,
        "random_state": seed,
        "categorical_features": list(range(train.x.shape[1] - categories, train.x.shape[1])),
    }
    made = HistGradientBoostingRegressor if task.kind == "regression" else HistGradientBoostingClassifier
    model = made(**options)
    learned, amounts_of = on_scale(transform)
    stopping = (
        {"X_val": validation.x, "y_val": learned(validation.y_true), "sample_weight_val": validation.weights}
        if len(validation.x)
        else {}
    )
    with _one_thread():
        model.fit(train.x, learned(train.y_true), sample_weight=train.weights, **stopping)

    def predict(x: np.ndarray) -> np.ndarray:
        with _one_thread():
            predicted = model.predict(x) if task.kind == "regression" else model.predict_proba(x)
        if task.kind == "regression":
            return amounts_of(np.asarray(predicted, "float64").reshape(-1, 1))
        shares = np.zeros((len(x), task.classes))
        shares[:, model.classes_] = predicted  # A class may be absent from the training rows.
        return shares[:, 1:] if task.kind == "binary" else shares

    return predict


def within_seconds(task: Task, rows: int, columns: int) -> bool:
    """Whether it is fitted within seconds, by an estimate that is the same wherever and whenever it is made: trees x
    columns x (bins of all leaves + additions of the rows).
    """
    trees = _iterations(task) * _per_iteration(task)
    return trees * columns * (2 * _LEAVES * _BINS + _ADDITIONS * min(rows, _MOST_ROWS)) <= _MOST_WORK


def _per_iteration(task: Task) -> int:
    """Trees of an iteration."""
    return task.classes if task.classes > 2 else 1


def _iterations(task: Task) -> int:
    return int(np.clip(_MOST_TREES // _per_iteration(task), _LEAST_ITERATIONS, _MOST_ITERATIONS))


def _one_thread() -> threadpool_limits:
    """OpenMP with one thread: several that wait for each other take ten times as long where others compute, too."""
    return threadpool_limits(1, "openmp")
