"""What can be raced: the settings of an experiment of which variants are made. One row adds a setting."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from core.catalog.fields import nearest
from core.catalog.layer_parts import ACTIVATIONS
from core.catalog.optimizers import OPTIMIZERS, PRESETS
from core.catalog.schedules import rate_at
from core.experiment.counts import count
from core.experiment.edits import apply
from core.experiment.spec import MOST_LAYERS, Experiment, InvalidExperiment

Value = str | int | float
_MOST_UNITS, _MOST_ROWS, _HIGHEST_RATE = 16_384, 1_000_000, 1000
_SILENCES_NOTHING = 1e-9


@dataclass(frozen=True)
class Setting:
    """What can be raced.

    Attributes:
        name: The word in a race's file.
        title: What it is called on screen.
        help: What is changed, and what is not.
        current: Experiment -> the value it has; None when it has none to race with.
        suggested: Values that are worth a try, the current one among them.
        apply: (experiment, value) -> the variant. Raises InvalidExperiment.
        read: What a person wrote -> a value. Raises ValueError with a sentence.
        words: Of a value, in the name of its run.
        begin_alike: Variant -> the one that is trained, changed by nothing but what its starting weights need to be
    those of the others.
    """

    name: str
    title: str
    help: str
    current: Callable[[Experiment], Value | None]
    suggested: Callable[[Experiment], tuple[Value, ...]]
    apply: Callable[[Experiment, Value], Experiment]
    read: Callable[[str], Value]
    words: Callable[[Value], str] = str
    begin_alike: Callable[[Experiment], Experiment] = lambda experiment: experiment


def _set(experiment: Experiment, path: str, value: object) -> Experiment:
    return apply(experiment, {"op": "set", "path": path, "value": value})


def _with_layers(experiment: Experiment, layers: Sequence[dict[str, Any]]) -> Experiment:
    return apply(experiment, {"op": "replace", "value": {**experiment.value(), "layers": list(layers)}})


def _around(current: Value, others: Sequence[Value]) -> tuple[Value, ...]:
    """Suggestions in order of size, with the current value."""
    return tuple(sorted({current, *others}, key=float))


def _times(current: int, factors: Sequence[float], most: int) -> tuple[Value, ...]:
    """A whole number and multiples of it, from 1 to `most`."""
    return _around(current, [max(1, min(round(current * by), most)) for by in factors])


def _number(text: str) -> float:
    """With a decimal point, or a decimal comma where there is no point."""
    try:
        return float(text if "." in text else text.replace(",", "."))
    except ValueError:
        raise ValueError(f"{text!r} is not a number: write it like 0.0003.") from None


def _whole(text: str) -> int:
    try:
        return int(text.replace(",", ""))
    except ValueError:
        raise ValueError(f"{text!r} is not a whole number.") from None


def _one_of(text: str, known: Sequence[str], what: str) -> str:
    found = next((name for name in known if name.lower() == text.strip().lower()), None)
    if found is None:
        raise ValueError(f"{text!r} is no {what}.{nearest(text, list(known))}")
    return found


def _optimizer(experiment: Experiment) -> str:
    chosen = experiment.compile.optimizer
    return next(
        (name for name, (of, given) in PRESETS.items() if of == chosen.name and all(map(chosen.value, given))),
        chosen.name,
    )


_SHARED = ("clipnorm", "clipvalue", "global_clipnorm", "use_ema", "ema_momentum", "gradient_accumulation_steps")


def _with_optimizer(experiment: Experiment, value: Value) -> Experiment:
    """The current one as it is; another with a learning rate that suits it, and what all optimizers share."""
    if value == _optimizer(experiment):
        return experiment
    name, arguments = PRESETS.get(str(value), (str(value), {}))
    shared = {name: given for name, given in experiment.compile.optimizer.arguments.items() if name in _SHARED}
    rate = {"learning_rate": OPTIMIZERS[name].usual_rate} if name in OPTIMIZERS else {}
    return _set(experiment, "compile.optimizer", {"class": name, **shared, **rate, **arguments})


def _rate(experiment: Experiment) -> float | None:
    if experiment.callback("LearningRateScheduler"):
        return None  # It would set the rate of all variants alike.
    return float(f"{rate_at(experiment.compile.optimizer.value('learning_rate'), 0):.3g}")


def _rates(experiment: Experiment) -> tuple[Value, ...]:
    rate = _rate(experiment) or 0.001
    return _around(rate, [float(f"{min(rate * by, _HIGHEST_RATE):.3g}") for by in (0.1, 0.3, 3, 10)])


def _hidden(experiment: Experiment) -> list[int]:
    """The places of the dense layers before the output layer."""
    return [at for at, layer in enumerate(experiment.layers) if layer.name == "Dense"][:-1]


def _at_least(least: int, value: Value) -> int:
    if int(value) < least:
        raise InvalidExperiment([("value", f"got {value}, expected {least} or more.")])
    return int(value)


def _units(experiment: Experiment) -> int | None:
    hidden = _hidden(experiment)
    return experiment.layers[hidden[0]].arguments["units"] if hidden else None


def _with_units(experiment: Experiment, value: Value) -> Experiment:
    before, wanted = _units(experiment), _at_least(1, value)
    for at in _hidden(experiment) if before else ():
        units = experiment.layers[at].arguments["units"] * wanted / before
        experiment = _set(experiment, f"layers.{at}.units", max(1, round(units)))
    return experiment


def _with_depth(experiment: Experiment, value: Value) -> Experiment:
    """Hidden layers are taken from the end, or the last one is repeated, each with what stands between it and the
    next.
    """
    layers, hidden = experiment.value()["layers"], _hidden(experiment)
    output = max((at for at, layer in enumerate(experiment.layers) if layer.name == "Dense"), default=len(layers))
    wanted = _at_least(0, value)
    if wanted <= len(hidden):
        kept = layers[: [*hidden, output][wanted]]
    else:
        last = layers[hidden[-1] : output] if hidden else [{"layer": "Dense", "units": 32, "activation": "relu"}]
        kept = layers[:output] + last * min(wanted - len(hidden), MOST_LAYERS + 1)
    return _with_layers(experiment, [*kept, *layers[output:]])


def _activated(experiment: Experiment) -> list[int]:
    """The places of hidden layers that have an activation; where none has one, of the hidden dense layers."""
    hidden = _hidden(experiment)
    until = max((at for at, layer in enumerate(experiment.layers) if layer.name == "Dense"), default=0)
    own = [at for at, layer in enumerate(experiment.layers[:until]) if layer.name == "Activation"]
    return sorted([*(at for at in hidden if experiment.layers[at].value("activation")), *own]) or hidden


def _activation(experiment: Experiment) -> str | None:
    places = _activated(experiment)
    return (experiment.layers[places[0]].value("activation") or "linear") if places else None


def _with_activation(experiment: Experiment, value: Value) -> Experiment:
    for at in _activated(experiment):
        experiment = _set(experiment, f"layers.{at}.activation", value)
    return experiment


def _dropouts(experiment: Experiment) -> list[int]:
    return [at for at, layer in enumerate(experiment.layers) if layer.name == "Dropout"]


def _dropout(experiment: Experiment) -> float | None:
    places = _dropouts(experiment)
    return round(experiment.layers[places[0]].value("rate"), 6) if places else 0.0 if _hidden(experiment) else None


def _with_dropout(experiment: Experiment, value: Value) -> Experiment:
    """Without a dropout layer each hidden layer gets one, of rate 0 too: a layer more would give those after it other
    weights.
    """
    if not _dropouts(experiment):
        hidden = set(_hidden(experiment))
        layers = experiment.value()["layers"]
        dropout = [{"layer": "Dropout", "rate": value}]
        return _with_layers(
            experiment,
            [one for at, layer in enumerate(layers) for one in ([layer, *dropout] if at in hidden else [layer])],
        )
    for at in _dropouts(experiment):
        experiment = _set(experiment, f"layers.{at}.rate", value)
    return experiment


def _with_seeds(experiment: Experiment) -> Experiment:
    """Keras draws a seed for a dropout layer unless its rate is 0: then the layers after it would begin with other
    weights.
    """
    for at in _dropouts(experiment):
        if experiment.layers[at].value("rate") == 0:
            experiment = _set(experiment, f"layers.{at}.rate", _SILENCES_NOTHING)
    return experiment


_SUGGESTED = (
    "Adam",
    "SGD",
    "SGD with momentum",
    "Adagrad",
    "Adadelta",
    "Ftrl",
    "RMSprop",
    "AdamW",
    "Nadam",
    "Lion",
)


def _optimizers() -> list[str]:
    return [*OPTIMIZERS, *PRESETS]


# The order is that on screen.
SETTINGS: dict[str, Setting] = {
    setting.name: setting
    for setting in (
        Setting(
            "optimizer",
            "Optimizer",
            "The current optimizer as it is; each of the others with its usual learning rate.",
            _optimizer,
            lambda one: tuple(dict.fromkeys((_optimizer(one), *_SUGGESTED))),
            _with_optimizer,
            lambda text: _one_of(text, _optimizers(), "optimizer"),
            lambda value: OPTIMIZERS[str(value)].title if value in OPTIMIZERS else str(value),
        ),
        Setting(
            "learning_rate",
            "Learning rate",
            "A constant learning rate in every variant; it replaces a schedule.",
            _rate,
            _rates,
            lambda one, value: _set(one, "compile.optimizer.learning_rate", float(value)),
            _number,
            lambda value: f"learning rate {value:g}",
        ),
        Setting(
            "depth",
            "Depth",
            "Number of hidden Dense layers. Layers are removed from the end, or the last one is repeated.",
            lambda one: len(_hidden(one)),
            lambda one: _around(len(_hidden(one)), (1, 2, 3, 4)),
            _with_depth,
            _whole,
            lambda value: f"{value} hidden {'layer' if value == 1 else 'layers'}",
        ),
        Setting(
            "units",
            "Units",
            "Units of the first hidden layer; the other hidden layers are scaled in proportion.",
            _units,
            lambda one: _times(_units(one) or 32, (0.25, 0.5, 2, 4), _MOST_UNITS),
            _with_units,
            _whole,
            lambda value: count(int(value), "unit"),
        ),
        Setting(
            "activation",
            "Activation",
            "The activation of all hidden layers that have one.",
            _activation,
            lambda one: tuple(
                dict.fromkeys((str(_activation(one) or "relu"), "relu", "tanh", "sigmoid", "gelu", "silu", "elu"))
            ),
            _with_activation,
            lambda text: _one_of(text, list(ACTIVATIONS), "activation"),
        ),
        Setting(
            "dropout",
            "Dropout",
            "The rate of all Dropout layers. If there is none, one is added after each hidden layer.",
            _dropout,
            lambda one: _around(_dropout(one) or 0.0, (0.0, 0.1, 0.2, 0.3, 0.5)),
            _with_dropout,
            _number,
            lambda value: f"dropout {value:g}",
            _with_seeds,
        ),
        Setting(
            "batch_size",
            "Batch size",
            "Rows per step. The learning rate is unchanged.",
            lambda one: one.fit.batch_size,
            lambda one: _times(one.fit.batch_size, (0.25, 0.5, 2, 4), _MOST_ROWS),
            lambda one, value: _set(one, "fit.batch_size", value),
            _whole,
            lambda value: f"batch size {value:,}",
        ),
    )
}
