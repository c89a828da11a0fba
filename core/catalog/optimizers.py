"""Keras's optimizers for a stack over a table, each with its own arguments and those that all share."""

from dataclasses import dataclass
from typing import Any

from core.catalog.fields import Flag, Number, Row, Whole
from core.catalog.schedules import Rate

_DECAY = Number(
    name="weight_decay",
    default=None,
    low=0,
    below=1,
    optional=True,
    help="Times the learning rate, the share by which all weights shrink at each step.",
    search_range=(1e-6, 0.1),
    log_scale=True,
)
# AdamW and Muon always decay weights: Keras refuses None, or starts from 0.004.
_OWN_DECAY = Number(
    name="weight_decay",
    default=0.004,
    low=0,
    below=1,
    help="Times the learning rate, the share by which all weights shrink at each step.",
    advanced=False,
    search_range=(1e-6, 0.1),
    log_scale=True,
)
_COMMON = (
    Number(
        name="clipnorm",
        default=None,
        above=0,
        optional=True,
        help="Largest norm of the gradient of each weight matrix.",
        search_range=(0.1, 10.0),
        log_scale=True,
    ),
    Number(
        name="clipvalue",
        default=None,
        above=0,
        optional=True,
        help="Largest absolute value in a gradient.",
        search_range=(0.01, 10.0),
        log_scale=True,
    ),
    Number(
        name="global_clipnorm",
        default=None,
        above=0,
        optional=True,
        help="Largest norm of the gradient of all weights together.",
        search_range=(0.1, 10.0),
        log_scale=True,
    ),
    Flag(name="use_ema", default=False, help="Keep a moving average of the weights and end with it."),
    Number(name="ema_momentum", default=0.99, low=0, high=1, help="Decay of that average: closer to 1 is slower."),
    Whole(
        name="gradient_accumulation_steps",
        default=None,
        low=2,
        high=10_000,
        optional=True,
        search_range=(2, 8),
        help="Number of batches whose gradients are accumulated before a step.",
    ),
)
_CLIPPING = ("clipnorm", "clipvalue", "global_clipnorm")


@dataclass(frozen=True)
class OptimizerRow(Row):
    """An optimizer.

    Attributes:
        habit: The learning rates that usually work for it on standardised columns, lowest and highest.
    """

    module: str = "keras.optimizers"
    habit: tuple[float, float] = (1e-4, 3e-2)

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
        help="Size of each step: too low is slow, too high diverges.",
        advanced=False,
    )


def _beta(name: str, default: float, what: str) -> Number:
    return Number(name=name, default=default, low=0, below=1, help=what)


_BETA_1 = _beta("beta_1", 0.9, "Decay of the average of past gradients (momentum).")
_BETA_2 = _beta("beta_2", 0.999, "Decay of the average of squared gradients.")
_AMSGRAD = Flag(name="amsgrad", default=False, help="Use the largest past average of squared gradients (AMSGrad).")
_MOMENTUM = Number(
    name="momentum",
    default=0.0,
    low=0,
    high=1,
    step=0.05,
    help="Share of the previous step that is added to the next: 0.9 is usual.",
    advanced=False,
    search_range=(0.0, 0.99),
)
_ACCUMULATOR = Number(
    name="initial_accumulator_value", default=0.1, low=0, help="Initial value of the sum of squared gradients."
)


def _epsilon(default: float = 1e-7, name: str = "epsilon") -> Number:
    return Number(name=name, default=default, above=0, below=1, help="A small number that prevents division by zero.")


def _row(name: str, help: str, *fields: Number | Flag | Whole, **more: Any) -> OptimizerRow:
    decay = () if _OWN_DECAY in fields else (_DECAY,)
    return OptimizerRow(name, help, (*fields, *decay, *_COMMON), **more, link=f"optimizers/{name.lower()}/")


_ROWS = (
    _row(
        "Adam",
        "Combines momentum with a step size of its own for every weight. It is the usual first choice.",
        _rate(0.001),
        _BETA_1,
        _BETA_2,
        _epsilon(),
        _AMSGRAD,
    ),
    _row(
        "SGD",
        "Moves the weights along the negative gradient of one batch; momentum averages past gradients, which "
        "reduces oscillation and helps to pass plateaus and local minima. Choose it with momentum when there is "
        "time to tune the learning rate.",
        _rate(0.01),
        _MOMENTUM,
        Flag(
            name="nesterov",
            default=False,
            help="Nesterov momentum: use the gradient after the momentum step.",
            advanced=False,
        ),
        habit=(1e-3, 0.3),
    ),
    _row(
        "AdamW",
        "Adam with weight decay that is decoupled from the gradient. Choose it instead of Adam when the network "
        "overfits.",
        _rate(0.001),
        _OWN_DECAY,
        _BETA_1,
        _BETA_2,
        _epsilon(),
        _AMSGRAD,
    ),
    _row(
        "RMSprop",
        "Divides the gradient of each weight by a moving average of its magnitude. Choose it as an alternative to "
        "Adam without momentum.",
        _rate(0.001),
        _beta("rho", 0.9, "Decay of the average of squared gradients."),
        _MOMENTUM,
        _epsilon(),
        Flag(name="centered", default=False, help="Divide by the variance instead of the mean square."),
    ),
    _row(
        "Adagrad",
        "Adapts the learning rate of each weight by the sum of its squared gradients, so that weights of rare "
        "inputs take larger steps. Choose it for sparse features, such as many one-hot columns, and short "
        "trainings: its learning rate shrinks without end.",
        _rate(0.001),
        _ACCUMULATOR,
        _epsilon(),
        habit=(3e-3, 1.0),
    ),
    _row(
        "Adadelta",
        "Adagrad with a moving window in place of the whole sum, so that its learning rate does not shrink to zero. "
        "Choose it where Adagrad stops learning too early, with a learning rate near 1.0: Keras's default of 0.001 "
        "hardly moves.",
        _rate(0.001),
        _beta("rho", 0.95, "Decay of the average of squared gradients."),
        _epsilon(),
        habit=(0.1, 2.0),
    ),
    _row(
        "Nadam",
        "Adam with Nesterov momentum, which looks one step ahead. Try it when Adam converges slowly.",
        _rate(0.001),
        _BETA_1,
        _BETA_2,
        _epsilon(),
    ),
    _row(
        "Adamax",
        "Adam scaled by the largest recent gradient instead of the mean square. Choose it when gradients are sparse "
        "or have outliers.",
        _rate(0.001),
        _BETA_1,
        _BETA_2,
        _epsilon(),
        habit=(1e-4, 6e-2),
    ),
    _row(
        "Ftrl",
        "Follows the regularized leader: a learning rate per weight with L1 and L2 regularization, which can set "
        "weights to exactly 0. Choose it for wide, sparse models of one layer, such as click prediction from many "
        "one-hot columns.",
        _rate(0.001),
        Number(
            name="learning_rate_power",
            default=-0.5,
            high=0,
            help="How fast the learning rate falls; 0 keeps it constant.",
        ),
        _ACCUMULATOR,
        Number(
            name="l1_regularization_strength",
            default=0.0,
            low=0,
            help="Strength of L1 regularization.",
            advanced=False,
            search_range=(1e-6, 0.1),
            log_scale=True,
        ),
        Number(
            name="l2_regularization_strength",
            default=0.0,
            low=0,
            help="Strength of L2 regularization.",
            advanced=False,
            search_range=(1e-6, 0.1),
            log_scale=True,
        ),
        Number(
            name="l2_shrinkage_regularization_strength",
            default=0.0,
            low=0,
            help="Strength of L2 regularization that is added to the gradient only.",
            search_range=(1e-6, 0.1),
            log_scale=True,
        ),
        Number(name="beta", default=0.0, low=0, help="The parameter beta of the paper."),
        label="FTRL",
        habit=(3e-3, 1.0),
    ),
    _row(
        "Adafactor",
        "Adam that keeps row and column averages of the squared gradients instead of one number per weight. Choose "
        "it when the optimizer state of very large layers does not fit into memory.",
        _rate(0.001),
        Number(
            name="beta_2_decay",
            default=-0.8,
            high=0,
            help="How the decay of the average of squared gradients grows with the steps.",
        ),
        _epsilon(1e-30, "epsilon_1"),
        _epsilon(0.001, "epsilon_2"),
        Number(name="clip_threshold", default=1.0, above=0, help="Largest update."),
        Flag(name="relative_step", default=True, help="Scale steps relative to the weights."),
        habit=(1e-3, 0.3),
    ),
    _row(
        "Lion",
        "Takes steps of equal size in the direction of the sign of the momentum. Choose it with "
        "large batches and a learning rate three to ten times lower than for Adam.",
        _rate(0.001),
        _BETA_1,
        _beta("beta_2", 0.99, "Decay of the average of past gradients."),
        habit=(1e-5, 3e-3),
    ),
    _row(
        "Lamb",
        "Adam with steps that are scaled for each layer by the norm of its weights. Choose it for very large batches.",
        _rate(0.001),
        _BETA_1,
        _BETA_2,
        _epsilon(),
        label="LAMB",
        habit=(3e-4, 3e-2),
    ),
    _row(
        "Muon",
        "Orthogonalizes the momentum of hidden weight matrices and uses Adam for all other weights. Choose it for "
        "networks with several wide hidden layers.",
        _rate(0.001),
        _OWN_DECAY,
        _beta("momentum", 0.95, "Decay of the average of past gradients."),
        Flag(name="nesterov", default=True, help="Nesterov momentum: use the gradient after the momentum step."),
        _beta("adam_beta_1", 0.9, "Adam's beta_1."),
        _beta("adam_beta_2", 0.999, "Adam's beta_2."),
        Number(
            name="adam_weight_decay",
            default=0.004,
            low=0,
            below=1,
            optional=True,
            help="Weight decay where Adam is used.",
        ),
        Number(
            name="adam_lr_ratio", default=1.0, above=0, help="Adam's learning rate as a multiple of the learning rate."
        ),
        Whole(name="ns_steps", default=5, low=1, high=20, help="Newton-Schulz iterations of the orthogonalization."),
        _epsilon(),
        habit=(3e-4, 5e-2),
    ),
    _row(
        "ScheduleFreeAdamW",
        "AdamW that averages the weights instead of decaying the learning rate. Choose it when the number of epochs "
        "is not known in advance.",
        _rate(0.0025),
        _BETA_1,
        _BETA_2,
        Whole(name="warmup_steps", default=0, help="Steps over which the learning rate grows from 0."),
        _epsilon(1e-8),
        label="Schedule-free AdamW",
        habit=(3e-4, 3e-2),
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
