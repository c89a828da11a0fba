"""Keras's learning-rate schedules, and the rates they give: computed here, so that the page draws one before it runs.

rate_at({"class": "ExponentialDecay", "initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5}, 20)   0.025
spread_over({"class": "CosineDecay", "initial_learning_rate": 0.1}, 500)      the same with decay_steps 500
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.catalog.fields import Flag, Number, Numbers, Part, Row, Whole

Arguments = dict[str, Any]


@dataclass(frozen=True)
class ScheduleRow(Row):
    """A schedule.

    Attributes:
        rate: (arguments, step from 0) -> learning rate.
        ends: Whether it falls to an end, and then stays. Its decay_steps may be None: the whole training, whatever its
            length.
    """

    module: str = "keras.optimizers.schedules"
    rate: Callable[[Arguments, float], float] = lambda _arguments, _step: 0.0
    ends: bool = False


def _start(default: float = 0.01) -> Number:
    return Number(
        name="initial_learning_rate",
        default=default,
        above=0,
        high=1000,
        help="The first learning rate.",
        required=True,
        advanced=False,
    )


def _steps(name: str, default: int, help: str) -> Whole:
    return Whole(name=name, default=default, low=1, high=10**9, help=help, required=True, advanced=False)


_DECAY_STEPS = _steps("decay_steps", 1000, "Steps (batches) over which it falls.")
_TO_ITS_END = Whole(
    name="decay_steps",
    default=None,
    low=1,
    high=10**9,
    optional=True,
    advanced=False,
    empty="the whole training",
    help="Steps (batches) over which it falls; empty for the whole training.",
)
_DECAY_RATE = Number(
    name="decay_rate", default=0.9, above=0, high=1000, help="Factor of the decay.", required=True, advanced=False
)
_STAIRCASE = Flag(name="staircase", default=False, help="Fall in steps instead of smoothly.")


def _whole_turns(given: Arguments, step: float) -> float:
    turns = step / given["decay_steps"]
    return math.floor(turns) if given["staircase"] else turns


def _cosine(given: Arguments, step: float) -> float:
    start, warm = given["initial_learning_rate"], given["warmup_steps"]
    target = given["warmup_target"]
    if target is not None:
        if step < warm:
            return start + (target - start) * step / warm
        start, step = target, step - warm
    share = min(step, given["decay_steps"]) / given["decay_steps"]
    return start * ((1 - given["alpha"]) * 0.5 * (1 + math.cos(math.pi * share)) + given["alpha"])


def _restarts(given: Arguments, step: float) -> float:
    share, height, length = step / given["first_decay_steps"], 1.0, 1.0
    while share >= length:
        share, length, height = share - length, length * given["t_mul"], height * given["m_mul"]
    fall = 0.5 * height * (1 + math.cos(math.pi * share / length))
    return given["initial_learning_rate"] * ((1 - given["alpha"]) * fall + given["alpha"])


def _polynomial(given: Arguments, step: float) -> float:
    length, start, end = given["decay_steps"], given["initial_learning_rate"], given["end_learning_rate"]
    if given["cycle"]:
        length *= max(1, math.ceil(step / length))
    return (start - end) * (1 - min(step, length) / length) ** given["power"] + end


def _pieces(given: Arguments, step: float) -> float:
    return given["values"][sum(step > boundary for boundary in given["boundaries"])]


SCHEDULES: dict[str, ScheduleRow] = {
    row.name: row
    for row in (
        ScheduleRow(
            "ExponentialDecay",
            "Multiplied by the decay rate once every decay_steps.",
            (_start(), _DECAY_STEPS, _DECAY_RATE, _STAIRCASE),
            rate=lambda given, step: given["initial_learning_rate"] * given["decay_rate"] ** _whole_turns(given, step),
            label="Exponential decay",
            link="optimizers/learning_rate_schedules/exponential_decay/",
        ),
        ScheduleRow(
            "CosineDecay",
            "Falls along half a cosine, after an optional warm-up.",
            (
                _start(),
                _TO_ITS_END,
                Number(
                    name="alpha",
                    default=0.0,
                    low=0,
                    high=1,
                    help="Final learning rate as a share of the initial one.",
                    advanced=False,
                ),
                Number(
                    name="warmup_target",
                    default=None,
                    above=0,
                    high=1000,
                    optional=True,
                    help="Learning rate at the end of the warm-up.",
                ),
                Whole(name="warmup_steps", default=0, high=10**9, help="Steps of the warm-up."),
            ),
            rate=_cosine,
            ends=True,
            label="Cosine decay",
            link="optimizers/learning_rate_schedules/cosine_decay/",
        ),
        ScheduleRow(
            "CosineDecayRestarts",
            "Falls along a cosine and jumps back up, again and again.",
            (
                _start(),
                _steps("first_decay_steps", 1000, "Steps (batches) of the first fall."),
                Number(
                    name="t_mul",
                    default=2.0,
                    low=1,
                    high=100,
                    help="Factor by which each cycle is longer than the one before.",
                    advanced=False,
                ),
                Number(
                    name="m_mul",
                    default=1.0,
                    above=0,
                    high=10,
                    help="Factor by which each cycle starts lower than the one before.",
                    advanced=False,
                ),
                Number(
                    name="alpha", default=0.0, low=0, high=1, help="Final learning rate as a share of the initial one."
                ),
            ),
            rate=_restarts,
            label="Cosine decay with restarts",
            link="optimizers/learning_rate_schedules/cosine_decay_restarts/",
        ),
        ScheduleRow(
            "PolynomialDecay",
            "Falls to an end rate along a straight line or a power.",
            (
                _start(),
                _TO_ITS_END,
                Number(
                    name="end_learning_rate",
                    default=0.0001,
                    low=0,
                    high=1000,
                    help="The last learning rate.",
                    advanced=False,
                ),
                Number(name="power", default=1.0, above=0, high=100, help="1 is a straight line."),
                Flag(name="cycle", default=False, help="Start again, longer each time, when the end is reached."),
            ),
            rate=_polynomial,
            ends=True,
            label="Polynomial decay",
            link="optimizers/learning_rate_schedules/polynomial_decay/",
        ),
        ScheduleRow(
            "InverseTimeDecay",
            "Divided by a number that grows with the steps.",
            (_start(), _DECAY_STEPS, _DECAY_RATE, _STAIRCASE),
            rate=lambda given, step: (
                given["initial_learning_rate"] / (1 + given["decay_rate"] * _whole_turns(given, step))
            ),
            label="Inverse time decay",
            link="optimizers/learning_rate_schedules/inverse_time_decay/",
        ),
        ScheduleRow(
            "PiecewiseConstantDecay",
            "Constant rates that change at given steps.",
            (
                Numbers(
                    name="boundaries",
                    default=(500, 1000),
                    low=0,
                    help="Steps at which it changes.",
                    required=True,
                    advanced=False,
                ),
                Numbers(
                    name="values",
                    default=(0.01, 0.003, 0.001),
                    low=0,
                    help="The rates: one more than boundaries.",
                    required=True,
                    advanced=False,
                ),
            ),
            rate=_pieces,
            label="Piecewise constant",
            link="optimizers/learning_rate_schedules/piecewise_constant_decay/",
        ),
    )
}

# Schedules of Keras that are not offered, and why.
LEFT_OUT = {"LearningRateSchedule": "is a base class"}


def rate_at(rate: float | Arguments, step: float) -> float:
    """The learning rate at a step, counted from 0: of a schedule, or a number that stays.

    A schedule over the whole training, of which the length is not known here (`whole`), has the rate of its beginning.
    """
    if not isinstance(rate, dict):
        return rate
    row = SCHEDULES[rate["class"]]
    given = {field.name: row.value(rate, field.name) for field in row.fields}
    return row.rate({**given, "decay_steps": math.inf} if over_the_whole(rate) else given, step)


def cosine_decay(rate: float) -> Arguments:
    """The learning rate that falls from `rate` to 0 along half a cosine over the whole training."""
    return {"class": "CosineDecay", "initial_learning_rate": rate}


def over_the_whole(rate: float | Arguments) -> bool:
    """Whether a learning rate is a schedule that falls over the whole training."""
    if not isinstance(rate, dict):
        return False
    row = SCHEDULES.get(rate["class"])
    return row is not None and row.ends and rate.get("decay_steps") is None


def spread_over(rate: float | Arguments, steps: int) -> float | Arguments:
    """The learning rate for a training of so many steps: a schedule over the whole of it gets its number of steps.

    Keras counts a cosine's decay_steps from the end of its warm-up.
    """
    if not isinstance(rate, dict) or not over_the_whole(rate):
        return rate
    return {**rate, "decay_steps": max(1, steps - warm_up_steps(rate))}


def warm_up_steps(rate: Arguments) -> int:
    """Steps for which a schedule rises before it falls."""
    row = SCHEDULES[rate["class"]]
    return row.value(rate, "warmup_steps") or 0 if row.value(rate, "warmup_target") is not None else 0


_SCHEDULE = Part(name="learning_rate", rows=lambda: SCHEDULES)


@dataclass(frozen=True, kw_only=True)
class Rate(Number):
    """A learning rate: a number, or a schedule `{"class": NAME, ...}`."""

    def rows(self) -> dict[str, ScheduleRow]:
        """The schedules, as a `Part` has its rows."""
        return SCHEDULES

    def _check(self, value: Any) -> Any:
        return _SCHEDULE.check(value) if isinstance(value, dict) else super()._check(value)
