"""Lessons: experiments that show one thing each, in the order in which a course goes through them. One row adds a
lesson.

LESSONS["overfitting"].experiment     opened and trained, it does what its two sentences say
                                      (tests/parity/test_lessons.py)
"""

from dataclasses import dataclass
from typing import Any

from core.experiment.spec import Experiment, read


@dataclass(frozen=True)
class Lesson:
    """One lesson.

    Attributes:
        name: A word, for links and tests.
        title: What it is called on screen.
        says: The two sentences that matter: what is built, and what its curves and scores show.
        experiment: What is opened.
    """

    name: str
    title: str
    says: str
    experiment: Experiment


_PIXELS = {f"pixel_{row}_{column}": "number" for row in range(8) for column in range(8)}
_POINT = {"x": "number", "y": "number"}
_CLASSES = {"loss": "SparseCategoricalCrossentropy", "metrics": ["SparseCategoricalAccuracy"]}
_YES_OR_NO = {"loss": "BinaryCrossentropy", "metrics": ["BinaryAccuracy"]}
_SHARES = {"train": 0.5, "validation": 0.2, "test": 0.3}
_FEW = {"train": 0.1, "validation": 0.3, "test": 0.6}  # About 180 images to learn from.


def _dense(units: int, activation: str = "relu", **more: Any) -> dict[str, Any]:
    return {"layer": "Dense", "units": units, "activation": activation, **more}


def _adam(rate: float) -> dict[str, Any]:
    return {"class": "Adam", "learning_rate": rate}


def _lesson(
    name: str,
    title: str,
    says: str,
    data: dict[str, Any],
    layers: list[Any],
    compile: dict[str, Any],
    fit: dict[str, Any],
) -> Lesson:
    value = {"version": 1, "name": title, "data": data, "layers": layers, "compile": compile, "fit": fit}
    return Lesson(name, title, says, read(value))


def _digits(split: dict[str, float] = _SHARES) -> dict[str, Any]:
    return {"table": "sample:digits", "targets": ["digit"], "features": _PIXELS, "split": split}


def _points(sample: str) -> dict[str, Any]:
    return {"table": f"sample:{sample}", "targets": ["label"], "features": _POINT, "split": _SHARES}


_STOPPING = {"class": "EarlyStopping", "patience": 20, "restore_best_weights": True}
_HELD = {"kernel_regularizer": {"class": "L2", "l2": 0.003}}
_DROPOUT = {"layer": "Dropout", "rate": 0.3}
_LARGE = [_dense(256), _dense(256), _dense(256), _dense(10, "softmax")]

LESSONS: dict[str, Lesson] = {
    lesson.name: lesson
    for lesson in (
        _lesson(
            "softmax",
            "One softmax layer: logistic regression",
            "Ten weighted sums of 64 pixels, one for each digit, and softmax makes them shares that add up to 1. "
            "Straight borders alone call more than nine of ten handwritten digits right.",
            _digits(),
            [_dense(10, "softmax")],
            {"optimizer": _adam(0.01), **_CLASSES},
            {"epochs": 60, "batch_size": 32},
        ),
        _lesson(
            "hidden",
            "One hidden layer",
            "64 units with ReLU between the pixels and the softmax bend the borders. "
            "Fewer digits that the network has never seen are called wrong than by the softmax layer alone.",
            _digits(),
            [_dense(64), _dense(10, "softmax")],
            {"optimizer": _adam(0.003), **_CLASSES},
            {"epochs": 60, "batch_size": 32},
        ),
        _lesson(
            "deeper",
            "Deeper",
            "Three hidden layers have four times the weights of one, and their training loss ends lower. "
            "On unseen digits they do about as well as one hidden layer: so small a table has no more to teach.",
            _digits(),
            [_dense(128), _dense(64), _dense(32), _dense(10, "softmax")],
            {"optimizer": _adam(0.003), **_CLASSES},
            {"epochs": 60, "batch_size": 32},
        ),
        _lesson(
            "overfitting",
            "Overfitting",
            "A large network learns 180 images by heart: its training loss goes to 0. "
            "The validation loss falls, turns, and rises again, for what it goes on to learn holds for these images "
            "alone.",
            _digits(_FEW),
            _LARGE,
            {"optimizer": _adam(0.001), **_CLASSES},
            {"epochs": 200, "batch_size": 16},
        ),
        _lesson(
            "regularisation",
            "Regularisation",
            "The same network and images, held back by dropout, a price on large weights, and a stop where "
            "validation is best. "
            "The gap between training and validation loss is narrower, and about as many digits are called right.",
            _digits(_FEW),
            [
                _dense(256, **_HELD),
                _DROPOUT,
                _dense(256, **_HELD),
                _DROPOUT,
                _dense(256, **_HELD),
                _DROPOUT,
                _dense(10, "softmax"),
            ],
            {"optimizer": _adam(0.001), **_CLASSES},
            {"epochs": 200, "batch_size": 16, "callbacks": [_STOPPING]},
        ),
        _lesson(
            "straight",
            "A straight line fails",
            "Do both coordinates of a point have the same sign? One unit draws one straight line, and no line parts "
            "these points. "
            "It stays close to guessing, however long it trains.",
            _points("xor"),
            [_dense(1, "sigmoid")],
            {"optimizer": _adam(0.03), **_YES_OR_NO},
            {"epochs": 100, "batch_size": 16},
        ),
        _lesson(
            "bent",
            "A hidden layer bends it",
            "The same points, and eight units before the output. "
            "Each of them draws a line of its own, and the output puts them together: more than nine of ten points "
            "are right.",
            _points("xor"),
            [_dense(8), _dense(1, "sigmoid")],
            {"optimizer": _adam(0.03), **_YES_OR_NO},
            {"epochs": 100, "batch_size": 16},
        ),
        _lesson(
            "spiral",
            "Two spirals",
            "Two arms are wound around each other, and only x and y are known of a point. "
            "Three layers of tanh unwind them, and nearly every point that the network has never seen is called right.",
            _points("spiral"),
            [_dense(32, "tanh"), _dense(32, "tanh"), _dense(32, "tanh"), _dense(1, "sigmoid")],
            {"optimizer": _adam(0.01), **_YES_OR_NO},
            {"epochs": 300, "batch_size": 16},
        ),
        _lesson(
            "prices",
            "What is a home worth?",
            "An amount is predicted, so the last layer has one unit and no activation, and errors are in dollars. "
            "On homes it has never seen the network errs by less than the mean price does, and than the straight "
            "line beside it.",
            {
                "table": "sample:sacramento_homes",
                "targets": ["price"],
                "features": {
                    **{
                        "city": "category",
                        "zip": "code",
                        "beds": "number",
                        "baths": "number",
                        "sqft": "number",
                        "type": "category",
                    },
                    **{"latitude": "number", "longitude": "number"},
                },
            },
            [_dense(64), _dense(32), {"layer": "Dense", "units": 1}],
            {
                "optimizer": _adam(0.003),
                "loss": "MeanSquaredError",
                "metrics": ["MeanAbsoluteError", "RootMeanSquaredError"],
            },
            {"epochs": 100, "batch_size": 32, "callbacks": [_STOPPING]},
        ),
    )
}
