"""Advice before training: each check looks at an experiment in its situation and says what is wrong or better, with a fix.

A check is a function that yields `Advice`; the decorator puts it into `CHECKS`. Order is the order on screen within a level.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from core.experiment.calls import bounded_below
from core.experiment.edits import apply
from core.experiment.kinds import KINDS
from core.experiment.losses import LOSSES, losses_for
from core.experiment.metrics import METRICS, metrics_for
from core.experiment.optimizers import OPTIMIZERS, clipping_conflict
from core.experiment.shapes import outline
from core.experiment.spec import MOST_LAYERS, Experiment
from core.experiment.task import MOST_CLASSES, Situation
from core.experiment.templates import POSITIVE, SHARES, last_activation, output_fits, output_layer, suit, with_output

Level = Literal["error", "warning", "hint"]
LEVELS: tuple[Level, ...] = ("error", "warning", "hint")


@dataclass(frozen=True)
class Advice:
    """One sentence of advice.

    Attributes:
        code: Stable name, for tests and links.
        level: "error" (training would fail or be meaningless), "warning" or "hint".
        where: Path of the field it is about.
        says: What is the case and what to do.
        why: Why it matters.
        fix: The mended experiment, or None when only a person can decide.
        button: Words of the button that applies the fix.
    """

    code: str
    level: Level
    where: str
    says: str
    why: str = ""
    fix: Experiment | None = None
    button: str = ""


Check = Callable[[Experiment, Situation], Iterator[Advice]]
CHECKS: list[Check] = []


def check(function: Check) -> Check:
    """Registers a check."""
    CHECKS.append(function)
    return function


def advise(experiment: Experiment, situation: Situation) -> list[Advice]:
    """All advice, errors first."""
    found = [advice for one in CHECKS for advice in one(experiment, situation)]
    return sorted(found, key=lambda advice: LEVELS.index(advice.level))


def errors(advice: list[Advice]) -> list[Advice]:
    """Those that keep a training from starting."""
    return [one for one in advice if one.level == "error"]


@check
def target_is_usable(experiment: Experiment, situation: Situation) -> Iterator[Advice]:
    """One target that the table has and the network can predict."""
    targets = experiment.data.targets
    if len(targets) != 1:
        says = f"{len(targets)} targets are chosen; choose the one column that is to be predicted."
        yield Advice("one-target", "error", "data.targets", says)
        return
    column = situation.profile.column(targets[0])
    if column is None:
        yield Advice("no-such-target", "error", "data.targets", f"The table has no column {targets[0]!r}. Choose another target.")
    elif situation.task is None:
        kind = experiment.data.target_kinds.get(targets[0], column.target_kind or column.kind)
        if column.distinct <= 1:
            found = "one value only" if column.distinct else "no values"
            says = f"{column.name} has {found}: there is nothing to learn. Choose another target."
        elif column.distinct > MOST_CLASSES and KINDS[kind].as_target != "regression":
            says = (
                f"{column.name} has {column.distinct:,} different values; at most {MOST_CLASSES:,} classes can be told apart. "
                "Choose another target."
            )
        else:
            says = f"{column.name} ({kind}) cannot be predicted. Choose a column of numbers or of a few classes."
        yield Advice("target-not-predictable", "error", "data.targets", says)
    elif column.missing:
        count = round(column.missing * situation.profile.rows)
        says = f"{count:,} rows have no {column.name}; they are left out."
        yield Advice("target-missing", "hint", "data.targets", says, "A network can only learn from rows whose answer is known.")


@check
def features_are_usable(experiment: Experiment, situation: Situation) -> Iterator[Advice]:
    """At least one feature, all of them in the table, none of them the target."""
    if not experiment.data.features:
        yield Advice("no-features", "error", "data.features", "No features are chosen. Choose at least one column to predict from.")
    columns = {column.name: column for column in situation.profile.columns}  # Not asked one by one: there may be thousands.
    for name in experiment.data.features:
        column = columns.get(name)
        where = f"data.features.{name}"
        button = f"Leave out {name}"
        if column is None:
            fix = _without_feature(experiment, name)
            yield Advice("no-such-feature", "error", where, f"The table has no column {name!r}.", fix=fix, button=button)
        elif name in experiment.data.targets:
            why = "A network that is shown the answer learns nothing else."
            fix = _without_feature(experiment, name)
            yield Advice("target-among-features", "error", where, f"{name} is the target and a feature at once.", why, fix, button)
        elif column.left_out in ("constant", "all missing"):
            fix = _without_feature(experiment, name)
            yield Advice("empty-feature", "hint", where, f"{name} says nothing ({column.left_out}).", fix=fix, button=button)


def _without_feature(experiment: Experiment, name: str) -> Experiment:
    rest = {other: kind for other, kind in experiment.data.features.items() if other != name}
    return apply(experiment, {"op": "set", "path": "data.features", "value": rest})


@check
def rows_suffice(_experiment: Experiment, situation: Situation) -> Iterator[Advice]:
    """Enough rows in each part to train at all, and to believe the scores."""
    if situation.trouble:
        yield Advice("not-ready", "error", "data", situation.trouble)
        return
    train, validation, test = situation.rows
    if situation.task and train and min(validation, test) < 20:
        says = f"Validation has {validation} and test {test} rows: their scores will jump from split to split."
        yield Advice("few-rows", "warning", "data.split", says, "A score from a handful of rows is mostly luck.")


@check
def stack_is_there(experiment: Experiment, situation: Situation) -> Iterator[Advice]:
    """At least one layer."""
    if not experiment.layers and situation.task:
        fix = suit(experiment, situation.task)
        yield Advice("no-layers", "error", "layers", "The stack is empty.", "A network needs at least one layer.", fix, "Add layers")


@check
def output_fits_the_task(experiment: Experiment, situation: Situation) -> Iterator[Advice]:
    """Last layer: as many units as the task has outputs, an activation that the loss can read."""
    task = situation.task
    if task is None or not experiment.layers or situation.inputs is None or task.kind not in LOSSES[experiment.compile.loss.name].tasks:
        return
    where = f"layers.{len(experiment.layers) - 1}"
    width = outline(experiment, situation.inputs)[-1].width
    loss = experiment.compile.loss
    fix = experiment.model_copy(update={"layers": with_output(experiment.layers, task, loss)})
    if width != task.units:
        asked = f"{task.classes} classes" if task.kind == "multiclass" else "one number"
        says = f"The last layer gives {width} numbers, {task.target} needs {task.units} ({asked})."
        yield Advice("output-units", "error", where, says, "Each output stands for one answer.", fix, "Mend the output layer")
        return
    given, right = last_activation(experiment.layers), output_layer(task, loss).value("activation") or "linear"
    if output_fits(given, task, loss):
        return
    if task.kind == "regression":
        if given in SHARES:
            says = f"{given} on one unit is always the same number."
            yield Advice("output-activation", "error", where, says, "Shares of one add up to 1.", fix, "Mend the output layer")
        elif right in POSITIVE:
            says = f"{loss.name} needs predictions above 0; {given} can go below."
            yield Advice(
                "output-activation", "warning", where, says, "The logarithm of a negative number is not a number.", fix, f"Use {right}"
            )
        else:
            says = f"{given} keeps predictions between two bounds; amounts want none."
            yield Advice(
                "output-activation", "warning", where, says, "Targets beyond the bounds could never be reached.", fix, "Use linear"
            )
        return
    level: Level = "error" if given in ("softmax", "linear", "sigmoid") else "warning"
    says = f"The last layer's activation is {given}; {loss.name}{' on raw scores' if loss.value('from_logits') else ''} needs {right}."
    why = "A loss that reads probabilities as raw scores, or the other way round, trains but learns badly."
    yield Advice("output-activation", level, where, says, why, fix, f"Use {right}")


@check
def loss_fits_the_task(experiment: Experiment, situation: Situation) -> Iterator[Advice]:
    """A loss that can read the target."""
    task, loss = situation.task, experiment.compile.loss
    if task and task.kind not in LOSSES[loss.name].tasks:
        right = losses_for(task.kind)[0]
        says = f"{loss.name} is not for {_WORDS[task.kind]}; {right} is."
        yield Advice("loss-task", "error", "compile.loss", says, "", suit(experiment, task), f"Use {right}")


_WORDS = {"regression": "amounts", "binary": "yes or no", "multiclass": "several classes"}


@check
def metrics_fit(experiment: Experiment, situation: Situation) -> Iterator[Advice]:
    """Metrics that suit the task and read what the loss reads."""
    task, loss = situation.task, experiment.compile.loss
    if task is None or task.kind not in LOSSES[loss.name].tasks:
        return
    row = LOSSES[loss.name]
    raw_scores = bool(loss.value("from_logits")) or row.margin
    allowed = metrics_for(task.kind, row.target)
    for index, metric in enumerate(experiment.compile.metrics):
        where = f"compile.metrics.{index}"
        rest = [other for other in experiment.value()["compile"]["metrics"] if _name(other) != metric.name]
        without = apply(experiment, {"op": "set", "path": "compile.metrics", "value": rest})
        if metric.name not in allowed:
            onehot = task.kind == "multiclass" and row.target == "integer" and metric.name in metrics_for("multiclass", "onehot")
            if onehot:
                says = f"{metric.name} reads one-hot truths; {loss.name} has class numbers."
                swapped = apply(experiment, {"op": "set", "path": "compile.loss", "value": {"class": "CategoricalCrossentropy"}})
                kept = tuple(one for one in experiment.compile.metrics if one.name in metrics_for("multiclass", "onehot"))
                compiled = swapped.compile.model_copy(update={"metrics": kept})
                fix = suit(swapped.model_copy(update={"compile": compiled}), task)
                yield Advice("metric-onehot", "error", where, says, "", fix, "Use CategoricalCrossentropy")
            else:
                says = f"{metric.name} is not for {_WORDS[task.kind]} with {loss.name}."
                yield Advice("metric-task", "error", where, says, "", suit(experiment, task), "Use fitting metrics")
        elif raw_scores and METRICS[metric.name].probability:
            says = f"{metric.name} reads probabilities; {loss.name} here gives raw scores."
            yield Advice("metric-probability", "error", where, says, "", without, f"Leave out {metric.name}")
        elif METRICS[metric.name].positive and experiment.layers and not bounded_below(experiment):
            says = f"{metric.name} is not a number when a prediction is below 0, and nothing keeps this output above 0."
            why = "It takes the logarithm of predictions. With softplus on the last layer they stay above 0."
            yield Advice("metric-positive", "warning", where, says, why, without, f"Leave out {metric.name}")
    names = [metric.row.short for metric in experiment.compile.metrics]
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        says = f"Two metrics would be logged under one name ({', '.join(twice)}). Keep one."
        yield Advice("metric-twice", "error", "compile.metrics", says)


def _name(metric: object) -> str:
    return metric["class"] if isinstance(metric, dict) else str(metric)


@check
def optimizer_can_be_built(experiment: Experiment, _situation: Situation) -> Iterator[Advice]:
    """At most one way of clipping gradients."""
    conflict = clipping_conflict(experiment.compile.optimizer.arguments)
    if conflict:
        value = experiment.value()
        for name in conflict[1:]:
            del value["compile"]["optimizer"][name]
        fix = apply(experiment, {"op": "replace", "value": value})
        says = f"{' and '.join(conflict)} are both set; Keras takes only one."
        yield Advice("clipping", "error", "compile.optimizer", says, "", fix, f"Keep {conflict[0]}")


@check
def learning_rate_is_usual(experiment: Experiment, _situation: Situation) -> Iterator[Advice]:
    """A learning rate within the optimizer's habit."""
    optimizer = experiment.compile.optimizer
    rate, (low, high) = optimizer.value("learning_rate"), OPTIMIZERS[optimizer.name].habit
    if low <= rate <= high:
        return
    default = OPTIMIZERS[optimizer.name].value({}, "learning_rate")
    better = 1.0 if optimizer.name == "Adadelta" else default if low <= default <= high else low * 10
    word, outcome = ("small", "it may hardly move") if rate < low else ("large", "it may jump over the goal and diverge")
    says = f"A learning rate of {rate:g} is {word} for {optimizer.row.title}: {outcome}. {low:g} to {high:g} usually works."
    fix = apply(experiment, {"op": "set", "path": "compile.optimizer.learning_rate", "value": better})
    yield Advice("learning-rate", "warning", "compile.optimizer.learning_rate", says, "", fix, f"Use {better:g}")


@check
def monitors_exist(experiment: Experiment, _situation: Situation) -> Iterator[Advice]:
    """Callbacks watch numbers that are logged."""
    logged = ["loss", *(metric.row.short for metric in experiment.compile.metrics)]
    logged += [f"val_{name}" for name in logged]
    for index, callback in enumerate(experiment.fit.callbacks):
        monitor = callback.value("monitor")
        if monitor is not None and monitor not in logged:
            path = f"fit.callbacks.{index}.monitor"
            says = f"{callback.row.title} watches {monitor}, which is not logged; logged are {', '.join(logged)}."
            fix = apply(experiment, {"op": "set", "path": path, "value": "val_loss"})
            yield Advice("monitor", "error", path, says, "Keras would only warn, and never stop.", fix, "Watch val_loss")


@check
def stack_is_bent(experiment: Experiment, _situation: Situation) -> Iterator[Advice]:
    """Two Dense layers with nothing between them are one."""
    for index, (layer, after) in enumerate(zip(experiment.layers, experiment.layers[1:], strict=False)):
        if layer.name == after.name == "Dense" and (layer.value("activation") or "linear") == "linear":
            says = f"Layer {index + 1} has no activation: together with the next it is no more than one straight layer."
            fix = apply(experiment, {"op": "set", "path": f"layers.{index}.activation", "value": "relu"})
            yield Advice("no-activation", "warning", f"layers.{index}.activation", says, "", fix, "Use relu")
            return


@check
def network_is_not_too_large(experiment: Experiment, situation: Situation) -> Iterator[Advice]:
    """Far more weights than training rows invite learning by heart."""
    if situation.inputs is None or not situation.rows[0] or not experiment.layers:
        return
    weights = sum(one.trainable for one in outline(experiment, situation.inputs))
    held = any(layer.row.group == "Against overfitting" or layer.value("kernel_regularizer") for layer in experiment.layers)
    stops = experiment.callback("EarlyStopping") is not None
    if weights > 20 * situation.rows[0] and not (held and stops):
        says = f"{weights:,} weights for {situation.rows[0]:,} training rows: the network can learn the rows by heart."
        fix, buttons = experiment, []
        hidden = next((index for index, layer in enumerate(experiment.layers[:-1]) if layer.name == "Dense"), None)
        if not held and hidden is not None and len(experiment.layers) < MOST_LAYERS:
            fix = apply(fix, {"op": "add", "layer": "Dropout", "at": hidden + 1})
            held = True
            buttons.append("Dropout")
        if not stops and held:
            stopping = {"class": "EarlyStopping", "patience": 15, "restore_best_weights": True}
            fix = apply(fix, {"op": "set", "path": "fit.callbacks", "value": [*experiment.value()["fit"]["callbacks"], stopping]})
            buttons.append("early stopping")
        why = "Watch validation: when it turns up while training goes on down, the network overfits."
        yield Advice("many-weights", "hint", "layers", says, why, fix if held else None, f"Add {' and '.join(buttons)}" if held else "")
