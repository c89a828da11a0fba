"""Activations, initializers, regularizers and constraints: the small parts that layers are given."""

from dataclasses import dataclass
from typing import TypeVar

from core.catalog.fields import Number, Row


@dataclass(frozen=True)
class Activation(Row):
    """An activation function, named as `keras.activations` names it.

    Attributes:
        low, high: The range of its values; None where it has no bound.
    """

    low: float | None = None
    high: float | None = None
    module: str = "keras.activations"


SomeRow = TypeVar("SomeRow", bound=Row)


def _named(*rows: SomeRow) -> dict[str, SomeRow]:
    return {row.name: row for row in rows}


# The order is the order on screen: the usual ones first, then their relatives.
ACTIVATIONS: dict[str, Activation] = _named(
    Activation("linear", "Passes the sum on unchanged: for the output of a regression."),
    Activation("relu", "Zero below 0, the value itself above: the usual choice for hidden layers.", low=0),
    Activation("tanh", "S-shaped from -1 to 1, centered on 0: smooth, good in small networks.", low=-1, high=1),
    Activation(
        "sigmoid", "S-shaped from 0 to 1: a probability, for the output of a binary classification.", low=0, high=1
    ),
    Activation("softmax", "Probabilities that sum to 1: for the output when there are several classes.", low=0, high=1),
    Activation("gelu", "A smooth relative of ReLU, used in transformers."),
    Activation("elu", "Like ReLU, but bends smoothly to -1 below 0.", low=-1),
    Activation(
        "selu", "ELU scaled so that signals keep their size from layer to layer; needs lecun_normal and AlphaDropout."
    ),
    Activation("leaky_relu", "ReLU with a gentle slope below 0, so that no unit dies."),
    Activation("silu", "x times its sigmoid, also called Swish: smooth, slightly negative near -1."),
    Activation("mish", "Smooth and slightly negative below 0, a relative of SiLU."),
    Activation("softplus", "A smooth ReLU that is always above 0: for targets that cannot be negative.", low=0),
    Activation("softsign", "Like tanh, with slower tails.", low=-1, high=1),
    Activation("exponential", "e to the power of the sum: for rates and counts (Poisson).", low=0),
    Activation("relu6", "ReLU that stops at 6.", low=0, high=6),
    Activation("celu", "A continuously differentiable ELU.", low=-1),
    Activation("hard_sigmoid", "A sigmoid of three straight pieces: cheap.", low=0, high=1),
    Activation("hard_silu", "SiLU built on the hard sigmoid: cheap."),
    Activation("hard_tanh", "Cut off at -1 and 1.", low=-1, high=1),
    Activation("hard_shrink", "Sets small values to 0 and leaves the rest."),
    Activation("soft_shrink", "Pulls every value towards 0 by a fixed step."),
    Activation("tanh_shrink", "The value minus its tanh: small values vanish."),
    Activation("squareplus", "A smooth ReLU made with a square root.", low=0),
    Activation("sparse_plus", "A smooth ReLU that is exactly 0 below -1.", low=0),
    Activation("sparse_sigmoid", "A sigmoid that is exactly 0 and 1 at its ends.", low=0, high=1),
    Activation("log_sigmoid", "The logarithm of the sigmoid.", high=0),
    Activation("log_softmax", "The logarithm of softmax.", high=0),
)

# Of hidden layers: what a search tries.
USUAL_ACTIVATIONS = ("relu", "tanh", "gelu", "elu", "silu")


def penalty(name: str, default: float, help: str) -> Number:
    """The strength of a regularization."""
    return Number(
        name=name,
        default=default,
        low=0,
        high=100,
        help=help,
        advanced=False,
        search_range=(1e-6, 0.1),
        log_scale=True,
    )


def _scaled(name: str, what: str) -> Row:
    return Row(name, what, module="keras.initializers")


INITIALIZERS: dict[str, Row] = _named(
    _scaled("GlorotUniform", "Keras's default: uniform, scaled by inputs and outputs; suits tanh and sigmoid."),
    _scaled("GlorotNormal", "Normal, scaled by inputs and outputs; suits tanh and sigmoid."),
    _scaled("HeUniform", "Uniform, scaled by inputs; suits ReLU."),
    _scaled("HeNormal", "Normal, scaled by inputs; suits ReLU."),
    _scaled("LecunUniform", "Uniform, scaled by inputs."),
    _scaled("LecunNormal", "Normal, scaled by inputs; SELU needs it."),
    Row(
        "RandomNormal",
        "Normal, with mean and standard deviation of your choice.",
        (
            Number(name="mean", default=0.0, help="Mean."),
            Number(name="stddev", default=0.05, above=0, help="Standard deviation."),
        ),
        module="keras.initializers",
    ),
    Row(
        "RandomUniform",
        "Uniform between two bounds.",
        (
            Number(name="minval", default=-0.05, help="Lower bound."),
            Number(name="maxval", default=0.05, help="Upper bound."),
        ),
        module="keras.initializers",
    ),
    Row(
        "TruncatedNormal",
        "Normal, with values beyond two standard deviations redrawn.",
        (
            Number(name="mean", default=0.0, help="Mean."),
            Number(name="stddev", default=0.05, above=0, help="Standard deviation."),
        ),
        module="keras.initializers",
    ),
    Row(
        "Orthogonal",
        "A random orthogonal matrix; keeps the norm of signals in deep networks.",
        (Number(name="gain", default=1.0, above=0, help="Factor on all weights."),),
        module="keras.initializers",
    ),
    _scaled("Zeros", "All zero: right for biases, useless for weights."),
    _scaled("Ones", "All one."),
    Row(
        "Constant",
        "All the same number.",
        (Number(name="value", default=0.0, help="The number."),),
        module="keras.initializers",
    ),
)

REGULARIZERS: dict[str, Row] = _named(
    Row(
        "L1",
        "Penalizes the absolute value of each weight: useless weights shrink to nearly 0.",
        (penalty("l1", 0.01, "Strength of the penalty."),),
        module="keras.regularizers",
    ),
    Row(
        "L2",
        "Penalizes the square of each weight: keeps all weights small.",
        (penalty("l2", 0.01, "Strength of the penalty."),),
        module="keras.regularizers",
    ),
    Row(
        "L1L2",
        "L1 and L2 regularization together (elastic net).",
        (
            penalty("l1", 0.0, "Strength of the L1 penalty."),
            penalty("l2", 0.0, "Strength of the L2 penalty."),
        ),
        module="keras.regularizers",
    ),
    Row(
        "OrthogonalRegularizer",
        "Penalizes inputs with similar weights: keeps the rows of the weight matrix orthogonal.",
        (penalty("factor", 0.01, "Strength of the penalty."),),
        module="keras.regularizers",
    ),
)

CONSTRAINTS: dict[str, Row] = _named(
    Row(
        "MaxNorm",
        "Limits the norm of the weights of each unit.",
        (Number(name="max_value", default=2.0, above=0, high=1000, help="Largest norm.", advanced=False),),
        module="keras.constraints",
    ),
    Row(
        "NonNeg",
        "Sets negative weights to 0, so that outputs only increase with their inputs.",
        module="keras.constraints",
    ),
    Row("UnitNorm", "Keeps the norm of the weights of each unit at 1.", module="keras.constraints"),
    Row(
        "MinMaxNorm",
        "Keeps the norm of each unit's weights between two bounds.",
        (
            Number(name="min_value", default=0.0, low=0, high=1000, help="Smallest norm.", advanced=False),
            Number(name="max_value", default=1.0, above=0, high=1000, help="Largest norm.", advanced=False),
            Number(name="rate", default=1.0, above=0, high=1, help="How strongly it is enforced at each step."),
        ),
        module="keras.constraints",
    ),
)

# Parts of Keras that are not offered, and why.
LEFT_OUT = {
    "glu": "halves the number of columns",
    "threshold": "needs two numbers that no layer can hand on",
    "sparsemax": "is wrong in Keras 3.15: its shares add up to less than 1",
    "hard_swish": "is another name of hard_silu",
    "swish": "is another name of silu",
    "Initializer": "is a base class",
    "Identity": "needs as many units as inputs",
    "IdentityInitializer": "is another name of Identity",
    "OrthogonalInitializer": "is another name of Orthogonal",
    "STFT": "is for sound",
    "STFTInitializer": "is another name of STFT",
    "VarianceScaling": "is what the Glorot, He and Lecun initializers are made of",
    "Regularizer": "is a base class",
    "Constraint": "is a base class",
}
