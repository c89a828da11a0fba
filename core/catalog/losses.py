"""Keras's losses for tables. One row says for which tasks a loss is, what it reads and what the output layer should
be.
"""

from dataclasses import dataclass
from typing import Literal

from core.catalog.fields import Flag, Number, Row

Target = Literal["number", "binary", "integer", "onehot"]


@dataclass(frozen=True)
class LossRow(Row):
    """A loss.

    Attributes:
        tasks: The tasks it suits, of "regression", "binary" and "multiclass".
        target: How it reads the truth: "number", "binary" (0 or 1), "integer" (class number) or "onehot".
        output: The activation the last layer should have.
        power: For a loss of the difference between truth and prediction: how it grows when both are multiplied by a
            factor
            (squared error: 2). Such a loss is trained on the target divided by its deviation, and shown in the target's
            own units to that power. None for a loss that is taken as it is.
        positive: Whether predictions below 0 make no sense to it.
        ratio: Whether it divides by the truth, which must not be 0 then.
        margin: Whether its output is a margin, decided at 0, rather than a probability, decided at 0.5.
    """

    module: str = "keras.losses"
    tasks: tuple[str, ...] = ("regression",)
    target: Target = "number"
    output: str = "linear"
    power: int | None = None
    positive: bool = False
    ratio: bool = False
    margin: bool = False


_LOGITS = Flag(name="from_logits", default=False, help="The last layer gives raw scores: it has no sigmoid or softmax.")
_SMOOTHING = Number(
    name="label_smoothing",
    default=0.0,
    low=0,
    high=1,
    step=0.05,
    help="Believe the labels a little less than fully.",
    advanced=False,
)
_ALPHA = Number(name="alpha", default=0.25, low=0, high=1, help="Weight of the rarer class.")
_GAMMA = Number(name="gamma", default=2.0, low=0, high=20, help="How much easy rows are discounted.")

_ROWS = (
    LossRow(
        "MeanSquaredError",
        "The mean of squared errors: large errors count most.",
        power=2,
        link="losses/regression_losses/",
    ),
    LossRow("MeanAbsoluteError", "The mean size of errors: outliers count no more than their size.", power=1),
    LossRow(
        "Huber",
        "Squared for small errors, straight for large ones: calm with outliers.",
        (
            Number(
                name="delta",
                default=1.0,
                above=0,
                help="Where it turns straight, in deviations of the target.",
                advanced=False,
            ),
        ),
        power=2,
    ),
    LossRow("LogCosh", "A smooth relative of the absolute error.", power=1),
    LossRow(
        "MeanAbsolutePercentageError", "Errors as a percentage of the truth: wants targets far from 0.", ratio=True
    ),
    LossRow(
        "MeanSquaredLogarithmicError",
        "Squared errors of logarithms: ratios count, not differences.",
        output="softplus",
        positive=True,
    ),
    LossRow("Poisson", "For counts and rates, which cannot be negative.", output="softplus", positive=True),
    LossRow(
        "BinaryCrossentropy",
        "How surprised the predicted probability is by the truth: the usual loss for yes or no.",
        (_LOGITS, _SMOOTHING),
        tasks=("binary",),
        target="binary",
        output="sigmoid",
        link="losses/probabilistic_losses/",
    ),
    LossRow(
        "BinaryFocalCrossentropy",
        "Cross-entropy that looks mostly at hard rows: for rare classes.",
        (
            Flag(name="apply_class_balancing", default=False, help="Weigh the classes by alpha."),
            _ALPHA,
            _GAMMA,
            _LOGITS,
            _SMOOTHING,
        ),
        tasks=("binary",),
        target="binary",
        output="sigmoid",
    ),
    LossRow(
        "Hinge",
        "Wants a clear margin on the right side, as support vector machines do.",
        tasks=("binary",),
        target="binary",
        output="tanh",
        margin=True,
    ),
    LossRow(
        "SquaredHinge",
        "The hinge, squared: large mistakes cost more.",
        tasks=("binary",),
        target="binary",
        output="tanh",
        margin=True,
    ),
    LossRow(
        "Dice",
        "Overlap of predicted and true yeses, over the whole batch: for rare classes.",
        tasks=("binary",),
        target="binary",
        output="sigmoid",
    ),
    LossRow(
        "Tversky",
        "Dice with a price of its own for false alarms and for misses.",
        (
            Number(name="alpha", default=0.5, low=0, high=1, help="Price of false alarms.", advanced=False),
            Number(name="beta", default=0.5, low=0, high=1, help="Price of misses.", advanced=False),
        ),
        tasks=("binary",),
        target="binary",
        output="sigmoid",
    ),
    LossRow(
        "SparseCategoricalCrossentropy",
        "How surprised the predicted shares are by the true class: the usual loss for several classes.",
        (_LOGITS,),
        tasks=("multiclass",),
        target="integer",
        output="softmax",
    ),
    LossRow(
        "CategoricalCrossentropy",
        "The same on one-hot truths; needed for label smoothing and for F1, precision and recall.",
        (_LOGITS, _SMOOTHING),
        tasks=("multiclass",),
        target="onehot",
        output="softmax",
    ),
    LossRow(
        "CategoricalFocalCrossentropy",
        "Cross-entropy that looks mostly at hard rows: for rare classes.",
        (_ALPHA, _GAMMA, _LOGITS, _SMOOTHING),
        tasks=("multiclass",),
        target="onehot",
        output="softmax",
    ),
    LossRow(
        "CategoricalHinge",
        "Wants the true class ahead of the others by a margin.",
        tasks=("multiclass",),
        target="onehot",
        output="linear",
        margin=True,
    ),
    LossRow(
        "KLDivergence",
        "The extra surprise of the predicted shares over the true ones.",
        tasks=("multiclass",),
        target="onehot",
        output="softmax",
    ),
)

LOSSES: dict[str, LossRow] = {row.name: row for row in _ROWS}

# Losses of Keras that are not offered, and why.
LEFT_OUT = {
    "Loss": "is a base class",
    "CTC": "reads sequences, not rows",
    "Circle": "learns embeddings for matching, not a prediction",
    "CategoricalGeneralizedCrossEntropy": "mixes up rows in Keras 3.15 when class numbers come as a column",
    "CosineSimilarity": "compares directions: a single output has only a sign",
}


def losses_for(task: str) -> list[str]:
    """Names of the losses that suit a task, the usual one first."""
    return [row.name for row in LOSSES.values() if task in row.tasks]
