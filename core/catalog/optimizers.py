"""Keras's optimizers for a stack over a table, each with its own arguments and those that all share."""

from dataclasses import dataclass
from typing import Any

from core.catalog.fields import Flag, Number, Row, Whole
from core.catalog.schedules import Rate

_DECAY = Number(
    name="weight_decay", default=None, low=0, below=1, optional=True, help="Shrinks all weights a little at each step."
)
# AdamW and Muon always decay weights: Keras refuses None, or starts from 0.004.
_OWN_DECAY = Number(
    name="weight_decay",
    default=0.004,
    low=0,
    below=1,
    help="Shrinks all weights a little at each step.",
    advanced=False,
)
_COMMON = (
    Number(name="clipnorm", default=None, above=0, optional=True, help="Longest gradient of any one weight matrix."),
    Number(name="clipvalue", default=None, above=0, optional=True, help="Largest single number in a gradient."),
    Number(
        name="global_clipnorm", default=None, above=0, optional=True, help="Longest gradient of all weights together."
    ),
    Flag(name="use_ema", default=False, help="Keep a running average of the weights and end with it."),
    Number(name="ema_momentum", default=0.99, low=0, high=1, help="How slowly that average follows."),
    Whole(
        name="gradient_accumulation_steps",
        default=None,
        low=2,
        high=10_000,
        optional=True,
        help="Add up the gradients of so many batches before a step.",
    ),
)
_CLIPPING = ("clipnorm", "clipvalue", "global_clipnorm")


@dataclass(frozen=True)
class OptimizerRow(Row):
    """An optimizer.

    Attributes:
        habit: The learning rates that usually work for it on standardised columns, lowest and highest.
        built: Whether it must be built before `fit`, which would have it begin with zeros in place of the weights
            (Keras 3.15).
    """

    module: str = "keras.optimizers"
    habit: tuple[float, float] = (1e-4, 3e-2)
    built: bool = False

    @property
    def usual_rate(self) -> float:
        """A learning rate to begin with: Keras's default where that usually works."""
        low, high = self.habit
        default = self.value({}, "learning_rate")
        return default if low <= default <= high else 1.0 if self.name == "Adadelta" else low * 10


def _rate(default: float) -> Rate:
    return Rate(
        name="learning_rate",
        default=default,
        above=0,
        high=1000,
        help="Size of each step: too small crawls, too large jumps over the goal.",
        advanced=False,
    )


def _beta(name: str, default: float, what: str) -> Number:
    return Number(name=name, default=default, low=0, below=1, help=what)


_BETA_1 = _beta("beta_1", 0.9, "Memory of past gradients (momentum).")
_BETA_2 = _beta("beta_2", 0.999, "Memory of past squared gradients (scale).")
_AMSGRAD = Flag(name="amsgrad", default=False, help="Never let the step size grow back (AMSGrad).")
_MOMENTUM = Number(
    name="momentum",
    default=0.0,
    low=0,
    high=1,
    step=0.05,
    help="Share of the last step that is kept: 0.9 is usual.",
    advanced=False,
)
_ACCUMULATOR = Number(
    name="initial_accumulator_value", default=0.1, low=0, help="What the running sum of squares starts from."
)


def _epsilon(default: float = 1e-7, name: str = "epsilon") -> Number:
    return Number(name=name, default=default, above=0, below=1, help="A small number that prevents division by zero.")


def _row(name: str, help: str, *fields: Number | Flag | Whole, **more: Any) -> OptimizerRow:
    decay = () if _OWN_DECAY in fields else (_DECAY,)
    return OptimizerRow(name, help, (*fields, *decay, *_COMMON), **more, link=f"optimizers/{name.lower()}/")


_ROWS = (
    _row(
        "Adam",
        "Adapts the step of every weight: a good first choice.",
        _rate(0.001),
        _BETA_1,
        _BETA_2,
        _epsilon(),
        _AMSGRAD,
    ),
    _row(
        "SGD",
        "Plain gradient descent; with momentum it keeps rolling in the direction it had.",
        _rate(0.01),
        _MOMENTUM,
        Flag(name="nesterov", default=False, help="Look ahead before measuring the slope.", advanced=False),
        habit=(1e-3, 0.3),
    ),
    _row(
        "AdamW",
        "Adam with weight decay done right: often generalises better.",
        _rate(0.001),
        _OWN_DECAY,
        _BETA_1,
        _BETA_2,
        _epsilon(),
        _AMSGRAD,
    ),
    _row(
        "RMSprop",
        "Divides each step by the recent size of its gradient.",
        _rate(0.001),
        _beta("rho", 0.9, "Memory of past squared gradients."),
        _MOMENTUM,
        _epsilon(),
        Flag(name="centered", default=False, help="Divide by the variance instead of the mean square."),
    ),
    _row(
        "Adagrad",
        "Steps shrink for weights that were moved a lot: suits rare features.",
        _rate(0.001),
        _ACCUMULATOR,
        _epsilon(),
        habit=(3e-3, 1.0),
    ),
    _row(
        "Adadelta",
        "Adagrad with a limited memory; the paper's learning rate is 1.0, Keras's 0.001 hardly moves.",
        _rate(0.001),
        _beta("rho", 0.95, "Memory of past squared gradients."),
        _epsilon(),
        habit=(0.1, 2.0),
    ),
    _row("Nadam", "Adam with a look ahead (Nesterov).", _rate(0.001), _BETA_1, _BETA_2, _epsilon()),
    _row(
        "Adamax",
        "Adam measured by the largest gradient: calm when gradients jump.",
        _rate(0.001),
        _BETA_1,
        _BETA_2,
        _epsilon(),
        habit=(1e-4, 6e-2),
    ),
    _row(
        "Ftrl",
        "Follow the regularised leader: made for click data, can set weights to exactly 0.",
        _rate(0.001),
        Number(name="learning_rate_power", default=-0.5, high=0, help="How fast steps shrink; 0 keeps them fixed."),
        _ACCUMULATOR,
        Number(
            name="l1_regularization_strength", default=0.0, low=0, help="Price on the size of weights.", advanced=False
        ),
        Number(name="l2_regularization_strength", default=0.0, low=0, help="Price on their squares.", advanced=False),
        Number(
            name="l2_shrinkage_regularization_strength",
            default=0.0,
            low=0,
            help="Price on squares, by shrinking gradients.",
        ),
        Number(name="beta", default=0.0, low=0, help="Beta of the paper."),
        label="FTRL",
        habit=(3e-3, 1.0),
    ),
    _row(
        "Adafactor",
        "Adam with a small memory, for very large layers.",
        _rate(0.001),
        Number(name="beta_2_decay", default=-0.8, high=0, help="How the memory of squares grows."),
        _epsilon(1e-30, "epsilon_1"),
        _epsilon(0.001, "epsilon_2"),
        Number(name="clip_threshold", default=1.0, above=0, help="Largest update."),
        Flag(name="relative_step", default=True, help="Size steps relative to the weights."),
        habit=(1e-3, 0.3),
    ),
    _row(
        "Lion",
        "Steps of equal size by the sign of the momentum: wants a small learning rate.",
        _rate(0.001),
        _BETA_1,
        _beta("beta_2", 0.99, "Memory of past gradients."),
        habit=(1e-5, 3e-3),
    ),
    _row(
        "Lamb",
        "Adam with steps sized layer by layer, for large batches.",
        _rate(0.001),
        _BETA_1,
        _BETA_2,
        _epsilon(),
        label="LAMB",
        habit=(3e-4, 3e-2),
    ),
    _row(
        "Muon",
        "Turns momentum into steps at right angles for hidden layers, Adam for the rest.",
        _rate(0.001),
        _OWN_DECAY,
        _beta("momentum", 0.95, "Memory of past gradients."),
        Flag(name="nesterov", default=True, help="Look ahead before measuring the slope."),
        _beta("adam_beta_1", 0.9, "Adam's memory of gradients."),
        _beta("adam_beta_2", 0.999, "Adam's memory of squares."),
        Number(
            name="adam_weight_decay",
            default=0.004,
            low=0,
            below=1,
            optional=True,
            help="Weight decay where Adam is used.",
        ),
        Number(name="adam_lr_ratio", default=1.0, above=0, help="Adam's learning rate as a multiple."),
        Whole(name="ns_steps", default=5, low=1, high=20, help="Rounds of orthogonalisation."),
        _epsilon(),
        habit=(3e-4, 5e-2),
    ),
    _row(
        "ScheduleFreeAdamW",
        "AdamW that needs no learning-rate schedule.",
        _rate(0.0025),
        _BETA_1,
        _BETA_2,
        Whole(name="warmup_steps", default=0, help="Steps over which the learning rate grows from 0."),
        _epsilon(1e-8),
        label="Schedule-free AdamW",
        habit=(3e-4, 3e-2),
        built=True,
    ),
)

OPTIMIZERS: dict[str, OptimizerRow] = {row.name: row for row in _ROWS}

# Choices with a name of their own on screen: an optimizer and the arguments that make it.
PRESETS: dict[str, tuple[str, dict[str, float]]] = {"SGD with momentum": ("SGD", {"momentum": 0.9})}

# Optimizers of Keras that are not offered, and why.
LEFT_OUT = {
    "Optimizer": "is a base class",
    "LossScaleOptimizer": "wraps another one for half precision, which networks of this size do not need",
    "MultiOptimizer": "holds several, one for each part of a network",
    "OptimizerMap": "says which part of a network MultiOptimizer gives to which optimizer",
}


def clipping_conflict(arguments: dict[str, object]) -> list[str]:
    """The clipping arguments that are set, when more than one is: Keras takes only one of them."""
    given = [name for name in _CLIPPING if arguments.get(name) is not None]
    return given if len(given) > 1 else []
