"""What simple models reach on the same rows and the same matrix: the mean or majority, and a straight line
(scikit-learn).
"""

from collections.abc import Callable

import numpy as np
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import LogisticRegression, Ridge, RidgeCV

from core.catalog.target_transforms import TargetTransform
from core.experiment.task import Task

MOST_ROWS = 20_000  # A straight line needs no more, and should not keep a person waiting.
_ROWS_A_COLUMN = 10  # From so many training rows on, least squares is steady: the usual rule of thumb.
_UNPENALIZED = (
    1e3  # A column of numbers is multiplied by it, which divides its part of the ridge's penalty by the square.
)

_STRENGTHS = (0.01, 0.1, 1.0, 10.0, 100.0)
_MOST_WORK = 4e9  # Rows times the square of the columns, which take about a second.
_TIE = 1e-6  # Between shares of classes that count as equal.
_LARGEST_LOGARITHM = 88.0  # Of a float32, as the network's predictions are.

Predictor = Callable[[np.ndarray], np.ndarray]


def baselines(
    task: Task,
    x: np.ndarray,
    y_true: np.ndarray,
    seed: int,
    weights: np.ndarray | None = None,
    transform: TargetTransform | None = None,
) -> dict[str, Predictor]:
    """Name -> function from a matrix (rows, columns) to predictions: (rows, 1) amounts or probabilities, or (rows,
    classes), float64.

    `weights` say how much each row counts, in any unit: they are scikit-learn's `sample_weight` after division by their
    mean, so that the strength of the line's own penalty does not depend on the unit. With a `transform` the straight
    line is fitted to the logarithm that the network learns, too, and its predictions are amounts again.
    """
    x = np.asarray(x, "float64")  # Else scikit-learn takes the target in float32, too.
    if len(x) > MOST_ROWS:
        some = np.random.default_rng(seed).choice(len(x), MOST_ROWS, replace=False)
        x, y_true, weights = x[some], y_true[some], None if weights is None else weights[some]
    if weights is not None and not weights.any():
        weights = None  # Of a sample of rows with rare weights all may be 0: then they count alike.
    if weights is not None:
        there = weights > 0  # A row of weight 0 is as good as absent.
        x, y_true, weights = (
            x[there],
            y_true[there],
            weights[there].astype("float64") / weights[there].mean(dtype="float64"),
        )
    if task.kind == "regression":
        by = _column_scales(x)
        mean = DummyRegressor().fit(x, y_true, sample_weight=weights)
        learned, amounts_of = on_scale(transform)
        line = _line(x * by, by).fit(x * by, learned(y_true), sample_weight=weights)
        of_line = _amounts(line, by)
        return {"mean": _amounts(mean), "linear model": lambda x: amounts_of(of_line(x))}
    majority = DummyClassifier(strategy="prior").fit(x, y_true, sample_weight=weights)
    _break_tie(majority, y_true)
    found = {"majority": _probabilities(majority, task)}
    if len(majority.classes_) > 1:
        line = LogisticRegression(max_iter=300).fit(x, y_true, sample_weight=weights)
        found["logistic model"] = _probabilities(line, task)
    return found


def _break_tie(majority: DummyClassifier, y_true: np.ndarray) -> None:
    """Of classes whose weighted shares are equal, the one with the most rows is the majority: weights that balance the
    classes leave none in front but for rounding, which would call the rarest one so.
    """
    shares = majority.class_prior_
    tied = shares > shares.max() - _TIE
    if tied.sum() > 1:
        rows = np.unique(y_true, return_counts=True)[1]
        shares[np.where(tied, rows, -1).argmax()] += _TIE
        shares /= shares.sum()


def on_scale(transform: TargetTransform | None) -> tuple[Predictor, Predictor]:
    """The functions from amounts to what is learned, and back; without a transform both leave amounts as they are."""
    if transform is None:
        return np.asarray, np.asarray
    forward = getattr(np, transform.name)

    def back(learned: np.ndarray) -> np.ndarray:
        return np.exp(np.minimum(learned, _LARGEST_LOGARITHM)) + transform.shift

    return lambda amounts: forward(np.maximum(amounts, transform.least)), back


def _line(x: np.ndarray, by: np.ndarray) -> Ridge | RidgeCV:
    """Ridge regression; where its penalty is on columns, the best of five strengths by leave-one-out (scikit-learn),
    unless that would take seconds. Alpha 1 takes an eighth of what a word says that stands in seven rows.
    """
    if (by == 1).any() and len(x) > 2 and len(x) * x.shape[1] ** 2 <= _MOST_WORK:
        return RidgeCV(alphas=_STRENGTHS)
    return Ridge()


def _column_scales(x: np.ndarray) -> np.ndarray:
    """What each column is multiplied by before ridge regression: a penalty on words alone, where rows are many.

    Plain least squares breaks down where words say the same, as city and zip do, and where columns are nearly as many
    as rows. But a penalty on a column of numbers bends a relation that is exact: with 280 rows a slope of 20 becomes
    19.93.
    """
    words = ((x == 0) | (x == 1)).all(axis=0)
    return np.where(words | (len(x) < _ROWS_A_COLUMN * x.shape[1]), 1.0, _UNPENALIZED)


def _amounts(model: DummyRegressor | Ridge | RidgeCV, by: np.ndarray | float = 1.0) -> Predictor:
    return lambda x: np.asarray(model.predict(np.asarray(x, "float64") * by), "float64").reshape(-1, 1)


def _probabilities(model: LogisticRegression | DummyClassifier, task: Task) -> Predictor:
    def predict(x: np.ndarray) -> np.ndarray:
        shares = np.zeros((len(x), task.classes))
        # A class may be absent from the training rows.
        shares[:, model.classes_] = model.predict_proba(np.asarray(x, "float64"))
        return shares[:, 1:] if task.kind == "binary" else shares

    return predict
