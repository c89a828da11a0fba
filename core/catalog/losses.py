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
        target: How it reads the target: "number", "binary" (0 or 1), "integer" (class number) or "onehot".
        output: The activation the last layer should have.
        power: For a loss of the difference between target and prediction: how it grows when both are multiplied by a
            factor
            (squared error: 2). Such a loss is trained on the target divided by its deviation, and shown in the target's
            own units to that power. None for a loss that is taken as it is.
        positive: Whether predictions below 0 make no sense to it.
        ratio: Whether it divides by the target, which must not be 0 then.
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


_LOGITS = Flag(name="from_logits", default=False, help="The last layer outputs logits: it has no sigmoid or softmax.")
_SMOOTHING = Number(
    name="label_smoothing",
    default=0.0,
    low=0,
    high=1,
    step=0.05,
    help="Label smoothing: targets are moved from 0 and 1 towards the uniform distribution by this share.",
    advanced=False,
    search_range=(0.0, 0.2),
)
_ALPHA = Number(name="alpha", default=0.25, low=0, high=1, help="Weight of the rarer class.")
_GAMMA = Number(
    name="gamma",
    default=2.0,
    low=0,
    high=20,
    help="Focusing parameter: how much rows that are predicted well count less.",
)

_ROWS = (
    LossRow(
        "MeanSquaredError",
        "The mean of the squared errors: large errors count most. It is the usual loss for regression without "
        "outliers.",
        power=2,
        link="losses/regression_losses/",
    ),
    LossRow(
        "MeanAbsoluteError",
        "The mean of the absolute errors: each error counts by its size. Choose it when the target has outliers.",
        power=1,
    ),
    LossRow(
        "Huber",
        "Quadratic for errors below delta and linear above. Choose it when most errors are small and some targets "
        "are outliers.",
        (
            Number(
                name="delta",
                default=1.0,
                above=0,
                help="Error at which it becomes linear, in standard deviations of the target.",
                advanced=False,
            ),
        ),
        power=2,
    ),
    LossRow(
        "LogCosh",
        "The logarithm of the hyperbolic cosine of the error: nearly quadratic for small errors and nearly linear "
        "for large ones. Choose it like Huber, without a delta to tune.",
        power=1,
    ),
    LossRow(
        "MeanAbsolutePercentageError",
        "The mean absolute error as a percentage of the target. Choose it for positive targets far from 0 when "
        "relative errors matter.",
        ratio=True,
    ),
    LossRow(
        "MeanSquaredLogarithmicError",
        "The mean squared difference of log(1 + target) and log(1 + prediction). Choose it for targets that are not "
        "negative and span several orders of magnitude.",
        output="softplus",
        positive=True,
    ),
    LossRow(
        "Poisson",
        "The negative log-likelihood of a Poisson distribution. Choose it for counts and rates, which are never "
        "negative.",
        output="softplus",
        positive=True,
    ),
    LossRow(
        "BinaryCrossentropy",
        "The negative log-likelihood of the true class under the predicted probability. It is the usual loss for "
        "two classes.",
        (_LOGITS, _SMOOTHING),
        tasks=("binary",),
        target="binary",
        output="sigmoid",
        link="losses/probabilistic_losses/",
    ),
    LossRow(
        "BinaryFocalCrossentropy",
        "Cross-entropy that gives less weight to rows that are already predicted well. Choose it when one class is "
        "rare.",
        (
            Flag(name="apply_class_balancing", default=False, help="Weight the classes by alpha."),
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
        "Zero for predictions beyond the margin on the correct side, and linear otherwise. Choose it "
        "for a maximum-margin classifier when no probabilities are needed.",
        tasks=("binary",),
        target="binary",
        output="tanh",
        margin=True,
    ),
    LossRow(
        "SquaredHinge",
        "The square of the hinge loss: large violations of the margin weigh more. Choose it like the hinge loss "
        "when its gradient should be smooth.",
        tasks=("binary",),
        target="binary",
        output="tanh",
        margin=True,
    ),
    LossRow(
        "Dice",
        "One minus the overlap of predicted and actual positives in a batch. Choose it with large batches when the "
        "positive class is rare.",
        tasks=("binary",),
        target="binary",
        output="sigmoid",
    ),
    LossRow(
        "Tversky",
        "The Dice loss with separate weights for false positives and false negatives. Choose it when one of these "
        "errors is more costly.",
        (
            Number(name="alpha", default=0.5, low=0, high=1, help="Weight of false positives.", advanced=False),
            Number(name="beta", default=0.5, low=0, high=1, help="Weight of false negatives.", advanced=False),
        ),
        tasks=("binary",),
        target="binary",
        output="sigmoid",
    ),
    LossRow(
        "SparseCategoricalCrossentropy",
        "The negative log-likelihood of the true class, which is given as a class number. It is the usual loss for "
        "several classes.",
        (_LOGITS,),
        tasks=("multiclass",),
        target="integer",
        output="softmax",
    ),
    LossRow(
        "CategoricalCrossentropy",
        "Cross-entropy with one-hot targets. Choose it for label smoothing, or for metrics that need one-hot "
        "targets, such as F1, precision and recall.",
        (_LOGITS, _SMOOTHING),
        tasks=("multiclass",),
        target="onehot",
        output="softmax",
    ),
    LossRow(
        "CategoricalFocalCrossentropy",
        "Cross-entropy with one-hot targets that gives less weight to rows that are already predicted well. Choose "
        "it when some classes are rare.",
        (_ALPHA, _GAMMA, _LOGITS, _SMOOTHING),
        tasks=("multiclass",),
        target="onehot",
        output="softmax",
    ),
    LossRow(
        "CategoricalHinge",
        "Zero if the score of the true class exceeds all others by a margin, and linear otherwise. Choose it for a "
        "maximum-margin classifier when no probabilities are needed.",
        tasks=("multiclass",),
        target="onehot",
        output="linear",
        margin=True,
    ),
    LossRow(
        "KLDivergence",
        "The Kullback-Leibler divergence of the predicted from the true distribution. Choose it to compare with "
        "work that reports it: with one-hot targets it equals cross-entropy.",
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
