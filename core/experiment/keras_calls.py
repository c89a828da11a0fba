"""An experiment as the Keras calls it stands for. The worker makes the calls, the script prints them: the two can't
differ.

layer_calls(experiment, task)[0].code()   'keras.layers.Dense(units=64, activation="relu")'
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from core.catalog.fields import Part
from core.catalog.layer_parts import ACTIVATIONS
from core.catalog.losses import LOSSES
from core.catalog.metrics import METRICS
from core.catalog.plugins import PREFIX
from core.catalog.schedules import Rate, over_the_whole, spread_over
from core.catalog.target_transforms import TARGET_TRANSFORMS, TargetTransform
from core.experiment.spec import Choice, Experiment, Layer
from core.experiment.targets import facet, shared
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
DECAY_STEPS = Symbol("DECAY_STEPS")  # Of a schedule that falls over the whole training.


@dataclass(frozen=True)
class Call:
    """A class of Keras and its arguments; values are plain, symbols or calls."""

    module: str
    name: str
    arguments: dict[str, Any] = field(default_factory=dict)

    def code(self) -> str:
        """The call as Python."""
        # The program carries the source of a plug-in and of functions of ours.
        where = "" if not self.module or self.module.startswith(PREFIX) else f"{self.module}."
        return f"{where}{self.name}({', '.join(f'{name}={_code(value)}' for name, value in self.arguments.items())})"


@dataclass(frozen=True)
class Own:
    """A function of a plug-in."""

    module: str
    name: str

    def code(self) -> str:
        """Its name."""
        return self.name


@dataclass(frozen=True)
class Scaled:
    """A number divided by the target's scale to the power of `exponent`."""

    number: float
    exponent: int

    def code(self) -> str:
        """The division as Python."""
        return f"{self.number!r} / {TARGET_SCALE.name}" + (f"**{self.exponent}" if self.exponent > 1 else "")


@dataclass(frozen=True)
class ByEpoch:
    """A schedule as a function of the epoch."""

    schedule: Call

    def code(self) -> str:
        """The function as Python."""
        return f"lambda epoch: float({self.schedule.code()}(epoch))"


@dataclass(frozen=True)
class Place:
    """A file or folder of the run; of the program: beside it."""

    name: str

    def code(self) -> str:
        """Its name."""
        return json.dumps(self.name)


def _code(value: Any) -> str:
    if isinstance(value, Symbol | Call | Scaled | ByEpoch | Place | Own):
        return value.code()
    return json.dumps(value) if isinstance(value, str) else repr(value)


def _call(choice: Choice, **more: Any) -> Call:
    arguments = {name: _nested(choice, name, value) for name, value in choice.arguments.items()}
    return Call(choice.row.module, choice.name, {**arguments, **more})


def _nested(choice: Choice, name: str, value: Any) -> Any:
    if name == "activation" and value in ACTIVATIONS and ACTIVATIONS[value].module.startswith(PREFIX):
        return Own(ACTIVATIONS[value].module, value)
    if not isinstance(value, dict):
        return value
    argument = choice.row.field(name)
    assert isinstance(argument, Part | Rate)  # No other kind of argument takes a mapping.
    row = argument.rows()[value["class"]]
    given = {key: list(one) if isinstance(one, tuple) else one for key, one in value.items() if key != "class"}
    if over_the_whole(value):
        given["decay_steps"] = DECAY_STEPS
    return Call(row.module, row.name, given)


def layer_calls(experiment: Experiment, task: Task) -> list[Call]:
    """The stack, first layer first, but for an embedding. A regression ends with the step back into the target's own
    units.
    """
    until = mixed_layers(experiment)
    calls = [
        _call(layer, **({"dtype": experiment.compile.dtype_policy} if at in until else {}))
        for at, layer in enumerate(experiment.layers)
        if not layer.row.embeds
    ]
    if experiment.compile.optimizer.name == "Muon":
        calls[-1] = Call(calls[-1].module, calls[-1].name, {**calls[-1].arguments, "name": "output"})
    if task.kind == "regression":
        # An output that cannot be negative is scaled but not shifted: it stays one that cannot be negative.
        offset = {"offset": TARGET_MEAN} if _shifted(experiment) else {}
        calls.append(Call("keras.layers", "Rescaling", {"scale": TARGET_SCALE, **offset}))
        if transform := target_transform(experiment):
            calls.append(Call("keras.layers", "Activation", {"activation": "exponential"}))
            if transform.shift:
                calls.append(Call("keras.layers", "Rescaling", {"scale": 1.0, "offset": transform.shift}))
    return calls


def mixed_layers(experiment: Experiment) -> list[int]:
    """The places of the layers that compute in mixed precision; [] where all compute in float32.

    Keras's guide to mixed precision has the outputs in float32: here the last Dense layer and what follows it are, so
    that predictions and the loss keep their digits, of which bfloat16 has two to three. An embedding multiplies
    nothing, a plug-in's layer may hold float32 numbers of its own, and Keras 3.15 cannot add a penalty in bfloat16 to
    the loss.
    """
    if experiment.compile.dtype_policy == "float32":
        return []
    output = max((at for at, layer in enumerate(experiment.layers) if layer.name == "Dense"), default=0)
    return [
        at
        for at, layer in enumerate(experiment.layers[:output])
        if not (layer.row.embeds or layer.row.module.startswith(PREFIX) or _penalizes_outputs(layer))
    ]


def _penalizes_outputs(layer: Layer) -> bool:
    return layer.name == "ActivityRegularization" or layer.arguments.get("activity_regularizer") is not None


def embedding_call(experiment: Experiment) -> Call | None:
    """The embedding of words, but for how many there are; None where each word has a column."""
    found = next((layer for layer in experiment.layers if layer.row.embeds), None)
    return _call(found) if found else None


def head_calls(experiment: Experiment, tasks: Sequence[Task]) -> tuple[list[Call], dict[str, list[Call]]]:
    """Of several targets: the layers that they share, and target -> the layers of its own, each ending in the target's
    own terms.
    """
    together = sum(not layer.row.embeds for layer in shared(experiment))
    heads = {task.target: layer_calls(facet(experiment, task), task) for task in tasks}
    for at, calls in enumerate(heads.values()):
        if "name" in calls[together].arguments:  # Keras wants each name once.
            calls[together].arguments["name"] += f"_{at}"
    trunk = next(iter(heads.values()))[:together]
    return trunk, {target: calls[together:] for target, calls in heads.items()}


def bounded_below(experiment: Experiment) -> bool:
    """Whether the last layer's activation never gives a number below 0."""
    last = experiment.layers[-1]
    activation = (last.value("activation") if last.row.field("activation") else None) or "linear"
    if last.name == "ReLU":
        return not last.value("negative_slope")
    return last.name == "Softmax" or ACTIVATIONS[activation].low == 0


def target_transform(experiment: Experiment) -> TargetTransform | None:
    """The logarithm that is learned in place of the only target; None where amounts are, as they are by a loss that is
    not one of differences.
    """
    name = experiment.data.preparation_of(experiment.data.targets[0]).target if experiment.data.targets else None
    return TARGET_TRANSFORMS[name] if name and loss_power(experiment) is not None else None


def _shifted(experiment: Experiment) -> bool:
    """Whether the output is moved to the target's mean: it may be negative, and its loss is one of differences."""
    if target_transform(experiment):
        return True
    return not bounded_below(experiment) and LOSSES[experiment.compile.single_loss.name].power is not None


def shift_invariant(experiment: Experiment) -> bool:
    """Whether a number can be taken away from the only target's values and given back to its predictions, and no loss
    or metric changes.

    The loss and all metrics must be of differences, as none of a plug-in is, and the output must be one that may be
    negative.
    """
    if target_transform(experiment):
        return False
    return _shifted(experiment) and all(metric.row.shift_invariant for metric in experiment.logged().values())


def optimizer_call(experiment: Experiment) -> Call:
    """The optimizer. Muon leaves the output layer to Adam, as its paper asks."""
    optimizer = experiment.compile.optimizer
    more = {"exclude_layers": ["output"]} if optimizer.name == "Muon" else {}
    return _call(optimizer, **more)


def loss_call(experiment: Experiment) -> Call:
    """The loss of one target, before it is scaled."""
    return _call(experiment.compile.single_loss)


def loss_power(experiment: Experiment) -> int | None:
    """How the loss grows with the unit of the target; None when it is taken as it is."""
    return LOSSES[experiment.compile.single_loss.name].power


def metric_calls(experiment: Experiment, task: Task, weighted: bool = False) -> list[Call]:
    """The metrics, or those that heed the rows' weights, under the names they are logged by."""
    loss = experiment.compile.single_loss
    raw_scores = LOSSES[loss.name].margin or bool(loss.value("from_logits"))
    calls = []
    for name, metric in experiment.logged().items():
        row = METRICS[metric.name]
        if name.startswith("weighted_") != weighted:
            continue
        fixed = dict(row.fixed.get(task.kind, {}))
        if metric.name == "BinaryAccuracy" and raw_scores:
            fixed["threshold"] = 0.0  # Raw scores and margins are decided at 0, probabilities at 0.5.
        calls.append(_call(metric, **fixed, name=name))
    return calls


def score_calls(experiment: Experiment) -> dict[str, Call | None]:
    """Logged name -> the function of its final score, with the arguments beside `y_true` and `y_pred`; None for a
    metric of a plug-in.

    Functions are of scikit-learn (`metrics.mean_absolute_error`) or of `core.evaluation.scores`.
    """
    found: dict[str, Call | None] = {}
    for name, metric in experiment.logged().items():
        arguments = dict(metric.arguments)
        if metric.name == "BinaryAccuracy" and LOSSES[experiment.compile.single_loss.name].margin:
            arguments["threshold"] = 0.0
        if metric.row.in_deviations and not target_transform(experiment):
            arguments["scale"] = TARGET_SCALE
        found[name] = Call("", metric.row.exact, arguments) if metric.row.exact else None
    return found


def score_loss_call(experiment: Experiment) -> Call:
    """The loss as the final scores take it: of probabilities, where the network gives raw scores."""
    call = loss_call(experiment)
    return (
        Call(call.module, call.name, {**call.arguments, "from_logits": False})
        if "from_logits" in call.arguments
        else call
    )


def callback_calls(experiment: Experiment, printed: bool = True) -> list[Call]:
    """The callbacks, with or without those that are only printed.

    A smallest change of a scaled loss is given in the target's own units and divided here.
    Keras guesses from its name whether larger is better, and cannot for every metric: a watched metric says it.
    """
    power, calls = None if experiment.several else loss_power(experiment), []
    metrics = experiment.logged()
    for callback in experiment.fit.callbacks:
        if callback.row.printed and not printed:
            continue
        more: dict[str, Any] = {argument: Place(name) for argument, name in callback.row.files.items()}
        if callback.name == "LearningRateScheduler":
            schedule = spread_over(callback.value("schedule"), experiment.fit.epochs)  # Its steps are epochs.
            more["schedule"] = ByEpoch(_nested(callback, "schedule", schedule))
        watched = str(callback.value("monitor")).removeprefix("val_")
        delta = callback.arguments.get("min_delta")
        if watched in metrics:
            more["mode"] = "max" if metrics[watched].row.larger else "min"
        elif power and delta and watched == "loss":
            more["min_delta"] = Scaled(delta, power)
        calls.append(_call(callback, **more))
    return calls


def plugin_modules(experiment: Experiment) -> list[str]:
    """The modules of the plug-ins that an experiment uses, in a fixed order."""
    losses = [experiment.compile.of(target).single_loss for target in experiment.data.targets]
    chosen = [*experiment.layers, *losses, *experiment.logged().values(), *experiment.fit.callbacks]
    modules = {choice.row.module for choice in chosen}
    modules |= {
        ACTIVATIONS[name].module
        for layer in experiment.layers
        if (name := layer.arguments.get("activation")) in ACTIVATIONS
    }
    return sorted(module for module in modules if module.startswith(PREFIX))
