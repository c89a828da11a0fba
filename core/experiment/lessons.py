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
        race: A setting and its values to race over ("optimizer", ("SGD", "Adam")), where the lesson is a race.
        code: Python that belongs to it, run beside the `model.keras` that its printed program saves.
    """

    name: str
    title: str
    says: str
    experiment: Experiment
    race: tuple[str, tuple[str, ...]] | None = None
    code: str = ""


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
    **more: Any,
) -> Lesson:
    value = {"version": 1, "name": title, "data": data, "layers": layers, "compile": compile, "fit": fit}
    return Lesson(name, title, says, read(value), **more)


def _digits(split: dict[str, float] = _SHARES) -> dict[str, Any]:
    return {"table": "sample:digits", "targets": ["digit"], "features": _PIXELS, "split": split}


def _points(sample: str) -> dict[str, Any]:
    return {"table": f"sample:{sample}", "targets": ["label"], "features": _POINT, "split": _SHARES}


_STOPPING = {"class": "EarlyStopping", "patience": 20, "restore_best_weights": True}
_HELD: dict[str, Any] = {"kernel_regularizer": {"class": "L2", "l2": 0.003}}
_DROPOUT = {"layer": "Dropout", "rate": 0.3}
_HALF = {"layer": "Dropout", "rate": 0.5}
_OPTIMIZERS = ("SGD", "SGD with momentum", "Adagrad", "Adadelta", "Adam", "Ftrl")
_INPUT_FUNCTION = """
import keras
import tensorflow as tf

model = keras.models.load_model("model.keras")


def rows():  # Any source: a file, a database, a queue.
    for sqft in range(800, 2800, 200):
        yield {"sqft": [float(sqft)], "type": ["Residential"]}


signature = {"sqft": tf.TensorSpec((1,), tf.float64), "type": tf.TensorSpec((1,), tf.string)}
batches = tf.data.Dataset.from_generator(rows, output_signature=signature).repeat().batch(2)
print(model.predict(batches, steps=5, verbose=0))  # 5 batches of 2 rows.
""".strip()


def _large(**more: Any) -> list[dict[str, Any]]:
    return [*(_dense(256, **more) for _ in range(3)), _dense(10, "softmax")]


_LARGE = [_dense(256), _dense(256), _dense(256), _dense(10, "softmax")]

LESSONS: dict[str, Lesson] = {
    lesson.name: lesson
    for lesson in (
        _lesson(
            "softmax",
            "One softmax layer: logistic regression",
            "Ten weighted sums of 64 pixels, one for each digit, become probabilities through softmax. "
            "Linear decision boundaries alone classify more than nine of ten handwritten digits correctly.",
            _digits(),
            [_dense(10, "softmax")],
            {"optimizer": _adam(0.01), **_CLASSES},
            {"epochs": 60, "batch_size": 32},
        ),
        _lesson(
            "hidden",
            "One hidden layer",
            "64 units with ReLU between the pixels and the softmax make the decision boundaries nonlinear. "
            "The network has fewer errors on the test set than the softmax layer alone.",
            _digits(),
            [_dense(64), _dense(10, "softmax")],
            {"optimizer": _adam(0.003), **_CLASSES},
            {"epochs": 60, "batch_size": 32},
        ),
        _lesson(
            "deeper",
            "Deeper",
            "Three hidden layers have four times the weights of one, and their training loss ends lower. "
            "On the test set they are about as good as one hidden layer: the table is too small for more.",
            _digits(),
            [_dense(128), _dense(64), _dense(32), _dense(10, "softmax")],
            {"optimizer": _adam(0.003), **_CLASSES},
            {"epochs": 60, "batch_size": 32},
        ),
        _lesson(
            "overfitting",
            "Overfitting",
            "A large network memorizes 180 images: its training loss goes to 0. "
            "The validation loss falls at first and then rises, since what the network learns then does not "
            "generalize.",
            _digits(_FEW),
            _LARGE,
            {"optimizer": _adam(0.001), **_CLASSES},
            {"epochs": 200, "batch_size": 16},
        ),
        _lesson(
            "l1",
            "L1 regularization",
            "The sum of the absolute weights is added to the loss, so a weight that helps little is driven to 0. "
            "More than nine of ten weights end within 0.001 of 0, at about the same accuracy.",
            _digits(_FEW),
            _large(kernel_regularizer={"class": "L1", "l1": 0.0003}),
            {"optimizer": _adam(0.001), **_CLASSES},
            {"epochs": 100, "batch_size": 16},
        ),
        _lesson(
            "l2",
            "L2 regularization",
            "The sum of the squared weights is added to the loss, so large weights cost most. "
            "The weights end at about half the size that they have without it, at about the same accuracy.",
            _digits(_FEW),
            _large(kernel_regularizer={"class": "L2", "l2": 0.003}),
            {"optimizer": _adam(0.001), **_CLASSES},
            {"epochs": 100, "batch_size": 16},
        ),
        _lesson(
            "dropout",
            "Dropout",
            "At each training step half of each hidden layer's outputs are set to 0, at random, so no unit can rely "
            "on a single other one. "
            "The training loss falls more slowly, and the validation loss turns many epochs later.",
            _digits(_FEW),
            [_dense(256), _HALF, _dense(256), _HALF, _dense(256), _HALF, _dense(10, "softmax")],
            {"optimizer": _adam(0.001), **_CLASSES},
            {"epochs": 100, "batch_size": 16},
        ),
        _lesson(
            "early",
            "Early stopping",
            "Training ends when the validation loss has not improved for 20 epochs, and the weights of the best epoch "
            "are restored. "
            "It takes a fraction of the 200 epochs, and the validation loss stays where it was lowest.",
            _digits(_FEW),
            _LARGE,
            {"optimizer": _adam(0.001), **_CLASSES},
            {"epochs": 200, "batch_size": 16, "callbacks": [_STOPPING]},
        ),
        _lesson(
            "regularisation",
            "Regularization",
            "The same network and images, with dropout, L2 regularization and early stopping. "
            "The gap between training and validation loss is narrower, at about the same accuracy.",
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
            "A linear model fails",
            "Do both coordinates of a point have the same sign? One unit has a linear decision boundary, and no line "
            "separates these classes. "
            "Its accuracy stays near chance, however long it trains.",
            _points("xor"),
            [_dense(1, "sigmoid")],
            {"optimizer": _adam(0.03), **_YES_OR_NO},
            {"epochs": 100, "batch_size": 16},
        ),
        _lesson(
            "bent",
            "A hidden layer solves XOR",
            "The same points, with eight hidden units before the output. "
            "Each of them has a linear boundary of its own, and the output combines them: more than nine of ten "
            "points are classified correctly.",
            _points("xor"),
            [_dense(8), _dense(1, "sigmoid")],
            {"optimizer": _adam(0.03), **_YES_OR_NO},
            {"epochs": 100, "batch_size": 16},
        ),
        _lesson(
            "spiral",
            "Two spirals",
            "Two spirals are wound around each other, and the only features are x and y. "
            "Three hidden layers of tanh separate them: nearly every test point is classified correctly.",
            _points("spiral"),
            [_dense(32, "tanh"), _dense(32, "tanh"), _dense(32, "tanh"), _dense(1, "sigmoid")],
            {"optimizer": _adam(0.01), **_YES_OR_NO},
            {"epochs": 300, "batch_size": 16},
        ),
        _lesson(
            "prices",
            "What is a home worth?",
            "A regression: the last layer has one unit and no activation, and errors are in dollars. "
            "On the test set the error of the network is smaller than that of the mean price and of the linear "
            "model.",
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
        _lesson(
            "optimizers",
            "Optimizers race downhill",
            "The Race tab trains this network with six optimizers, each from the same weights. "
            "With momentum the loss ends far below that of plain SGD, and the Loss landscape tab "
            "draws the path that each one took.",
            _points("moons"),
            [_dense(8, "tanh"), _dense(8, "tanh"), _dense(1, "sigmoid")],
            {"optimizer": {"class": "SGD", "learning_rate": 0.01}, **_YES_OR_NO},
            {"epochs": 60, "batch_size": 16},
            race=("optimizer", _OPTIMIZERS),
        ),
        _lesson(
            "branches",
            "Beyond a Sequential stack",
            "A Sequential stack passes one matrix through its layers in order: several inputs, shared layers and "
            "branches take Keras's functional API. "
            "Here the layers end in two output layers, for the price and the type of a home, and the "
            "Program tab prints them with `keras.Model`.",
            {
                "table": "sample:sacramento_homes",
                "targets": ["price", "type"],
                "features": {"sqft": "number", "beds": "number", "latitude": "number", "longitude": "number"},
            },
            [_dense(32), {"layer": "Dense", "units": 1}],
            {
                "optimizer": _adam(0.003),
                "loss": {"price": "MeanSquaredError", "type": "SparseCategoricalCrossentropy"},
                "metrics": {"price": ["MeanAbsoluteError"], "type": ["SparseCategoricalAccuracy"]},
            },
            {"epochs": 40, "batch_size": 32},
        ),
        _lesson(
            "steps",
            "Predict from an input function",
            "Rows need not be in memory: an input function yields them batch by batch, and `predict` takes as many "
            "batches as `steps` says. "
            "The code below does so with the model that the printed program of this experiment saves.",
            {
                "table": "sample:sacramento_homes",
                "targets": ["price"],
                "features": {"sqft": "number", "type": "category"},
            },
            [_dense(32), {"layer": "Dense", "units": 1}],
            {"optimizer": _adam(0.003), "loss": "MeanSquaredError", "metrics": ["MeanAbsoluteError"]},
            {"epochs": 40, "batch_size": 32},
            code=_INPUT_FUNCTION,
        ),
    )
}
