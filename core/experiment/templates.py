"""Starting points: stacks for any task, and all of an experiment that follows from its task."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from core.catalog.losses import LOSSES, losses_for
from core.catalog.metrics import METRICS, metrics_for
from core.experiment.preparation import Preparation
from core.experiment.spec import MOST_LAYERS, Compile, Experiment, Layer, Loss, Metric, read
from core.experiment.task import Task

Stack = list[dict[str, Any]]


def _dense(units: int, **more: Any) -> dict[str, Any]:
    return {"layer": "Dense", "units": units, "activation": "relu", **more}


@dataclass(frozen=True)
class Template:
    """A stack to start from: `hidden()` are its layers before the output layer."""

    name: str
    help: str
    hidden: Callable[[], Stack]


_L2 = {"class": "L2", "l2": 0.001}

# The order is the lecture's: from a straight line to a deep net kept in bounds.
TEMPLATES: dict[str, Template] = {
    template.name: template
    for template in (
        Template("One layer", "Linear or logistic regression.", lambda: []),
        Template("One hidden layer", "A hidden layer of 64 units: nonlinear.", lambda: [_dense(64)]),
        Template(
            "Deep",
            "Three hidden layers of 128, 64 and 32 units: can learn interactions.",
            lambda: [_dense(128), _dense(64), _dense(32)],
        ),
        Template(
            "Regularized",
            "A deep network with L2 regularization and dropout, against overfitting.",
            lambda: [
                _dense(128, kernel_regularizer=_L2),
                {"layer": "Dropout", "rate": 0.2},
                _dense(64, kernel_regularizer=_L2),
                {"layer": "Dropout", "rate": 0.2},
            ],
        ),
    )
}

_USUAL_METRICS: Mapping[str, tuple[str, ...]] = {
    "regression": ("MeanAbsoluteError", "RootMeanSquaredError"),
    "binary": ("BinaryAccuracy", "AUC"),
    "multiclass": ("SparseCategoricalAccuracy", "CategoricalAccuracy"),
}


def output_layer(task: Task, loss: Loss) -> Layer:
    """The last layer that fits the task and the loss."""
    activation = "linear" if loss.arguments.get("from_logits") else LOSSES[loss.name].output
    return Layer.of("Dense", units=task.units, **({} if activation == "linear" else {"activation": activation}))


# Activations of a regression's single output: always the same number; between two bounds; never below 0.
SHARES = ("softmax", "log_softmax")
BOUNDED = ("sigmoid", "hard_sigmoid", "tanh", "softsign", "hard_tanh", "relu6")
POSITIVE = ("softplus", "relu", "exponential", "squareplus")


def last_activation(layers: Sequence[Layer]) -> str:
    """What the last layer does to its sums."""
    last = layers[-1]
    if last.name == "Softmax":
        return "softmax"
    return (last.value("activation") if last.name in ("Dense", "Activation") else None) or "linear"


def output_fits(activation: str, task: Task, loss: Loss) -> bool:
    """Whether the loss can read an output with that activation."""
    wanted = output_layer(task, loss).value("activation") or "linear"
    if task.kind != "regression" or activation == wanted:
        # A margin may be any number.
        return activation == wanted or (activation == "linear" and LOSSES[loss.name].margin)
    return activation in POSITIVE if wanted in POSITIVE else activation not in SHARES + BOUNDED


def with_output(layers: Sequence[Layer], task: Task, loss: Loss) -> tuple[Layer, ...]:
    """The stack with an output layer for the task in place of its last one; what else a Dense output layer was given
    stays.
    """
    kept, wanted = list(layers), output_layer(task, loss)
    pair = len(kept) > 1 and kept[-2].name == "Dense" and kept[-2].value("units") == task.units
    if kept[-1].name == "Softmax" or (kept[-1].name == "Activation" and pair):
        kept.pop()
    if kept and kept[-1].name == "Dense":
        given = kept.pop().arguments
        wanted = Layer.of(
            "Dense", **{name: value for name, value in given.items() if name != "activation"} | wanted.arguments
        )
    return (*kept[: MOST_LAYERS - 1], wanted)


def stack(template: str, task: Task, loss: Loss) -> list[Layer]:
    """The template's layers with an output layer for the task."""
    return [*(Layer.model_validate(layer) for layer in TEMPLATES[template].hidden()), output_layer(task, loss)]


def suit(experiment: Experiment, task: Task) -> Experiment:
    """The experiment with loss, metrics and output layer mended where they do not fit the task; the rest stays."""
    loss = experiment.compile.single_loss
    if task.kind not in LOSSES[loss.name].tasks:
        loss = Loss.of(losses_for(task.kind)[0])
    raw_scores = bool(loss.value("from_logits")) or LOSSES[loss.name].margin
    readable = metrics_for(task.kind, LOSSES[loss.name].target)
    allowed = [name for name in readable if not (raw_scores and METRICS[name].probability)]
    kept = [metric for metric in experiment.compile.single_metrics if metric.name in allowed]
    if not kept:
        kept = [Metric.of(name) for name in _USUAL_METRICS[task.kind] if name in allowed]
    layers = experiment.layers
    units = next((layer.value("units") for layer in reversed(layers) if layer.name == "Dense"), None)
    if not layers:
        layers = tuple(stack("One hidden layer", task, loss))
    elif units != task.units or not output_fits(last_activation(layers), task, loss):
        layers = with_output(layers, task, loss)
    weighted = tuple(metric for metric in experiment.compile.single_weighted_metrics if metric.name in allowed)
    compiled = Compile(
        optimizer=experiment.compile.optimizer,
        loss=loss,
        metrics=tuple(kept),
        weighted_metrics=weighted,
        jit_compile=experiment.compile.jit_compile,
        dtype_policy=experiment.compile.dtype_policy,
    )
    fit = experiment.fit if task.kind != "regression" else experiment.fit.model_copy(update={"class_weight": None})
    return experiment.model_copy(update={"layers": layers, "compile": compiled, "fit": fit})


def with_metrics(experiment: Experiment, names: Sequence[str], task: Task) -> Experiment:
    """The experiment with these metrics, arguments kept. A metric that reads one-hot targets brings the one-hot twin of
    the loss, which is the same mathematics, and each metric the class that reads what the loss reads."""
    loss = experiment.compile.single_loss
    if loss.name == "SparseCategoricalCrossentropy" and not set(names) <= set(metrics_for(task.kind, "integer")):
        loss = Loss.of("CategoricalCrossentropy", **loss.arguments)
    twins = {METRICS[name].short: name for name in metrics_for(task.kind, LOSSES[loss.name].target)}
    given = {metric.row.short: metric.arguments for metric in experiment.compile.single_metrics}
    metrics = []
    for name in names:
        row = METRICS[twins.get(METRICS[name].short, name)]
        metrics.append(Metric.of(row.name, **given.get(row.short, row.starting_arguments())))
    compiled = experiment.compile.model_copy(update={"loss": loss, "metrics": tuple(metrics)})
    return experiment.model_copy(update={"compile": compiled})


MANY_CLASSES = 10
FEW_ROWS = 10  # Training rows for each input column.


def starting_layers(task: Task, rows: int, inputs: int) -> Stack:
    """The hidden layers of a first experiment, for `rows` training rows of `inputs` columns after preprocessing; 0
    where they are unknown.

    `python -m benchmarks defaults` measures the rule. Homes in Sacramento (6 rows for each column, 105 columns of
    words) are an amount whose noise two layers of relu memorize: 16 units of tanh, which level off beyond the
    training rows, do better on validation rows. Many classes share the last layer's inputs, so that 32 of them are too
    few for ten digits or 26 letters.
    """
    if task.kind == "regression" and 0 < rows < FEW_ROWS * inputs:
        return [_dense(16, activation="tanh")]
    return [_dense(128), _dense(64)] if task.classes >= MANY_CLASSES else [_dense(64), _dense(32)]


def starting_experiment(
    table: str,
    name: str,
    target: str,
    features: Mapping[str, str],
    task: Task,
    rows: int = 0,
    inputs: int = 0,
    preparation: Mapping[str, Preparation] = MappingProxyType({}),
) -> Experiment:
    """A first experiment on a table: one that trains at once and gives a fair score.

    `rows` train, and preprocessing makes `inputs` columns of the features; 0 where they are unknown. `preparation` are
    settings of single columns.
    """
    bare = read(
        {
            "version": 1,
            "name": name,
            "data": {"table": table, "targets": [target], "features": dict(features)},
            "fit": {
                "epochs": 100,
                "batch_size": 32,
                "callbacks": [{"class": "EarlyStopping", "patience": 15, "restore_best_weights": True}],
            },
        }
    )
    hidden = (Layer.model_validate(layer) for layer in starting_layers(task, rows, inputs))
    bare = bare.model_copy(update={"data": bare.data.model_copy(update={"preparation": dict(preparation)})})
    suited = suit(bare.model_copy(update={"layers": (*hidden, Layer.of("Dense", units=task.units))}), task)
    return read(suited.value())
