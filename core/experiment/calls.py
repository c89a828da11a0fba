"""An experiment as the Keras calls it stands for. The worker makes the calls, the script prints them: the two can't differ.

layer_calls(experiment, task)[0].code()   'keras.layers.Dense(units=64, activation="relu")'
"""

import json
from dataclasses import dataclass, field
from typing import Any

from core.experiment.losses import LOSSES
from core.experiment.metrics import METRICS
from core.experiment.parts import ACTIVATIONS
from core.experiment.spec import Choice, Experiment
from core.experiment.task import Task


@dataclass(frozen=True)
class Symbol:
    """A number known only when the table is there: the program computes it under this name."""

    name: str

    def code(self) -> str:
        """The name."""
        return self.name


TARGET_MEAN = Symbol("TARGET_MEAN")
TARGET_SCALE = Symbol("TARGET_SCALE")


@dataclass(frozen=True)
class Call:
    """A class of Keras and its arguments; values are plain, symbols or calls."""

    module: str
    name: str
    arguments: dict[str, Any] = field(default_factory=dict)

    def code(self) -> str:
        """The call as Python."""
        return f"{self.module}.{self.name}({', '.join(f'{name}={_code(value)}' for name, value in self.arguments.items())})"


@dataclass(frozen=True)
class Scaled:
    """A number divided by the target's scale to the power of `exponent`."""

    number: float
    exponent: int

    def code(self) -> str:
        """The division as Python."""
        return f"{self.number!r} / {TARGET_SCALE.name}" + (f"**{self.exponent}" if self.exponent > 1 else "")


def _code(value: Any) -> str:
    if isinstance(value, Symbol | Call | Scaled):
        return value.code()
    return json.dumps(value) if isinstance(value, str) else repr(value)


def _call(choice: Choice, **more: Any) -> Call:
    arguments = {name: _nested(choice, name, value) for name, value in choice.arguments.items()}
    return Call(choice.row.module, choice.name, {**arguments, **more})


def _nested(choice: Choice, name: str, value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    row = choice.row.field(name).rows()[value["class"]]  # type: ignore[union-attr]
    return Call(row.module, row.name, {key: given for key, given in value.items() if key != "class"})


def layer_calls(experiment: Experiment, task: Task) -> list[Call]:
    """The stack, first layer first. A regression ends with the step back into the target's own units."""
    calls = [_call(layer) for layer in experiment.layers]
    if experiment.compile.optimizer.name == "Muon":
        calls[-1] = Call(calls[-1].module, calls[-1].name, {**calls[-1].arguments, "name": "output"})
    if task.kind == "regression":
        # An output that cannot be negative is scaled but not shifted: it stays one that cannot be negative.
        shifted = not bounded_below(experiment) and LOSSES[experiment.compile.loss.name].power is not None
        offset = {"offset": TARGET_MEAN} if shifted else {}
        calls.append(Call("keras.layers", "Rescaling", {"scale": TARGET_SCALE, **offset}))
    return calls


def bounded_below(experiment: Experiment) -> bool:
    """Whether the last layer's activation never gives a number below 0."""
    last = experiment.layers[-1]
    activation = (last.value("activation") if last.row.field("activation") else None) or "linear"
    if last.name == "ReLU":
        return not last.value("negative_slope")
    return last.name == "Softmax" or ACTIVATIONS[activation].low == 0


def optimizer_call(experiment: Experiment) -> Call:
    """The optimizer. Muon is told to leave the output layer to Adam, as its paper asks."""
    optimizer = experiment.compile.optimizer
    more = {"exclude_layers": ["output"]} if optimizer.name == "Muon" else {}
    return _call(optimizer, **more)


def loss_call(experiment: Experiment) -> Call:
    """The loss, before it is scaled."""
    return _call(experiment.compile.loss)


def loss_power(experiment: Experiment) -> int | None:
    """How the loss grows with the unit of the target; None when it is taken as it is."""
    return LOSSES[experiment.compile.loss.name].power


def metric_calls(experiment: Experiment, task: Task) -> list[Call]:
    """The metrics under their short names."""
    loss = experiment.compile.loss
    raw_scores = LOSSES[loss.name].margin or bool(loss.value("from_logits"))
    calls = []
    for metric in experiment.compile.metrics:
        row = METRICS[metric.name]
        fixed = dict(row.fixed.get(task.kind, {}))
        if metric.name == "BinaryAccuracy" and raw_scores:
            fixed["threshold"] = 0.0  # Raw scores and margins are decided at 0, probabilities at 0.5.
        calls.append(_call(metric, **fixed, name=row.short))
    return calls


def callback_calls(experiment: Experiment) -> list[Call]:
    """The callbacks. A smallest change of a scaled loss is given in the target's own units and divided here.

    Keras guesses from its name whether larger is better, and cannot for every metric: a watched metric says it.
    """
    power, calls = loss_power(experiment), []
    metrics = {metric.row.short: METRICS[metric.name] for metric in experiment.compile.metrics}
    for callback in experiment.fit.callbacks:
        more: dict[str, Any] = {}
        watched = str(callback.value("monitor")).removeprefix("val_")
        delta = callback.arguments.get("min_delta")
        if watched in metrics:
            more["mode"] = "max" if metrics[watched].larger else "min"
        elif power and delta and watched == "loss":
            more["min_delta"] = Scaled(delta, power)
        calls.append(_call(callback, **more))
    return calls
