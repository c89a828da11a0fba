"""Checks of the stack and of what it is judged by: layers, output, losses, metrics."""

from collections.abc import Iterator

from core.advice.advice import Advice, Level, check, check_each
from core.advice.fixes import regularized, with_regularization
from core.catalog.losses import LOSSES, losses_for
from core.catalog.metrics import METRICS, metrics_for
from core.experiment.counts import count
from core.experiment.edits import apply
from core.experiment.keras_calls import bounded_below
from core.experiment.shapes import outline
from core.experiment.spec import MOST_LAYERS, Experiment
from core.experiment.targets import suited
from core.experiment.task import Situation, Task
from core.experiment.templates import (
    BOUNDED,
    POSITIVE,
    SHARES,
    last_activation,
    output_fits,
    output_layer,
    suit,
    with_output,
)

_MOST_WEIGHTS = 100_000_000  # With gradients, an optimizer's moments and copies of the best some gigabytes.


@check
def stack_is_there(experiment: Experiment, situation: Situation) -> Iterator[Advice]:
    """At least one layer."""
    if not experiment.layers and situation.tasks:
        fix = suited(experiment, situation.tasks)
        yield Advice("no-layers", "error", "layers", "The network has no layers.", fix, "Add layers")


@check
def an_embedding_comes_first_and_has_words(experiment: Experiment, situation: Situation) -> Iterator[Advice]:
    """One embedding at most, before everything else, for features of words."""
    embeddings = [at for at, layer in enumerate(experiment.layers) if layer.row.embeds]
    if not embeddings:
        return
    where, given = f"layers.{embeddings[-1]}", experiment.value()["layers"]
    if situation.inputs is not None and not situation.words:
        fix = apply(experiment, {"op": "delete", "at": embeddings[0]})
        says = "The embedding has no input: no feature is a category or a code."
        yield Advice("no-words", "error", where, says, fix, "Remove it")
    elif embeddings != [0]:
        others = [layer for at, layer in enumerate(given) if at not in embeddings]
        fix = apply(experiment, {"op": "set", "path": "layers", "value": [given[embeddings[0]], *others]})
        says = "An embedding replaces the one-hot columns: it can stand only once, before all other layers."
        yield Advice("embedding-first", "error", where, says, fix, "Move it to the front")


@check
def several_targets_end_with_a_dense_layer(experiment: Experiment, situation: Situation) -> Iterator[Advice]:
    """The last layer is made once for each target, with units and activation that suit it."""
    if experiment.several and situation.tasks and experiment.layers and experiment.layers[-1].name != "Dense":
        last = {"layer": "Dense", "units": 1}
        kept = experiment.value()["layers"][: MOST_LAYERS - 1]
        fix = apply(experiment, {"op": "set", "path": "layers", "value": [*kept, last]})
        says = "Several targets need a Dense layer at the end. Each target gets its own copy."
        yield Advice("no-heads", "error", f"layers.{len(experiment.layers) - 1}", says, fix, "Add a Dense layer")


@check_each
def output_fits_the_task(experiment: Experiment, task: Task, situation: Situation) -> Iterator[Advice]:
    """Last layer: as many units as the task has outputs, an activation that the loss can read."""
    if (
        not experiment.layers
        or situation.inputs is None
        or task.kind not in LOSSES[experiment.compile.single_loss.name].tasks
    ):
        return
    where = f"layers.{len(experiment.layers) - 1}"
    width = outline(experiment, situation.inputs, words=situation.words)[-1].width
    loss = experiment.compile.single_loss
    fix = experiment.model_copy(update={"layers": with_output(experiment.layers, task, loss)})
    if width != task.units:
        asked = f"{task.classes} classes" if task.kind == "multiclass" else "one number"
        says = f"The last layer has {width} outputs; {task.target} needs {task.units} ({asked})."
        yield Advice("output-units", "error", where, says, fix, "Fix the output layer")
        return
    given, right = last_activation(experiment.layers), output_layer(task, loss).value("activation") or "linear"
    if given in SHARES and task.units == 1:
        says = f"{given} with a single unit is constant."
        yield Advice("softmax-of-one", "error", where, says, fix, f"Use {right}")
    elif task.kind == "regression":
        yield from _amount(experiment, task, situation, where, fix)
    elif not output_fits(given, task, loss):
        level: Level = "error" if given in ("softmax", "linear", "sigmoid") else "warning"
        says = (
            f"The last layer's activation is {given}; "
            f"{loss.name}{' on logits' if loss.value('from_logits') else ''} needs {right}."
        )
        yield Advice("output-activation", level, where, says, fix, f"Use {right}")


def _amount(experiment: Experiment, task: Task, situation: Situation, where: str, fix: Experiment) -> Iterator[Advice]:
    """An output that reaches all amounts that there are, and none that the loss cannot read."""
    loss, given = experiment.compile.single_loss, last_activation(experiment.layers)
    right, column = output_layer(task, loss).value("activation") or "linear", situation.profile.column(task.target)
    if right in POSITIVE and not output_fits(given, task, loss):
        says = f"{loss.name} needs positive predictions; {given} can be negative."
        yield Advice("positive-output", "warning", where, says, fix, f"Use {right}")
    elif given in BOUNDED:
        says = f"{given} bounds the predictions; a regression needs an unbounded output."
        yield Advice("bounded-output", "warning", where, says, fix, f"Use {right}")
    elif right not in POSITIVE and given in POSITIVE and column and column.low is not None and column.low < 0:
        says = f"{given} is never negative, but {task.target} goes down to {column.low:g}."
        alone = len(situation.tasks) == 1  # Several targets share the layer that says it.
        yield Advice("negative-targets", "warning", where, says, fix if alone else None, "Use linear" if alone else "")


@check_each
def loss_fits_the_task(experiment: Experiment, task: Task, _situation: Situation) -> Iterator[Advice]:
    """A loss that can read the target."""
    loss = experiment.compile.single_loss
    if task.kind not in LOSSES[loss.name].tasks:
        right = losses_for(task.kind)[0]
        says = f"{loss.name} is not a loss for {_WORDS[task.kind]}; {right} is."
        yield Advice("loss-task", "error", "compile.loss", says, suit(experiment, task), f"Use {right}")


_WORDS = {"regression": "regression", "binary": "two classes", "multiclass": "several classes"}


@check_each
def metrics_fit(experiment: Experiment, task: Task, _situation: Situation) -> Iterator[Advice]:
    """Metrics that suit the task and read what the loss reads."""
    loss = experiment.compile.single_loss
    if task.kind not in LOSSES[loss.name].tasks:
        return
    row = LOSSES[loss.name]
    raw_scores = bool(loss.value("from_logits")) or row.margin
    allowed = metrics_for(task.kind, row.target)
    lists = {
        "metrics": experiment.compile.single_metrics,
        "weighted_metrics": experiment.compile.single_weighted_metrics,
    }
    for kind, index, metric in [
        (kind, index, metric) for kind, chosen in lists.items() for index, metric in enumerate(chosen)
    ]:
        where = f"compile.{kind}.{index}"
        rest = [other for other in experiment.value()["compile"][kind] if _name(other) != metric.name]
        without = apply(experiment, {"op": "set", "path": f"compile.{kind}", "value": rest})
        if metric.name not in allowed:
            onehot = (
                task.kind == "multiclass"
                and row.target == "integer"
                and metric.name in metrics_for("multiclass", "onehot")
            )
            if onehot:
                says = f"{metric.name} needs one-hot targets; {loss.name} uses class numbers."
                swapped = apply(
                    experiment, {"op": "set", "path": "compile.loss", "value": {"class": "CategoricalCrossentropy"}}
                )
                kept = tuple(
                    one for one in experiment.compile.single_metrics if one.name in metrics_for("multiclass", "onehot")
                )
                compiled = swapped.compile.model_copy(update={"metrics": kept})
                fix = suit(swapped.model_copy(update={"compile": compiled}), task)
                yield Advice("metric-onehot", "error", where, says, fix, "Use CategoricalCrossentropy")
            else:
                says = f"{metric.name} is not a metric for {_WORDS[task.kind]} with {loss.name}."
                yield Advice("metric-task", "error", where, says, suit(experiment, task), "Use suitable metrics")
        elif raw_scores and METRICS[metric.name].probability:
            says = f"{metric.name} needs probabilities; with {loss.name} the outputs are logits or margins."
            yield Advice("metric-probability", "error", where, says, without, f"Remove {metric.name}")
        elif METRICS[metric.name].positive and experiment.layers and not bounded_below(experiment):
            says = f"{metric.name} is NaN for negative predictions, and this output can be negative."
            yield Advice("metric-positive", "warning", where, says, without, f"Remove {metric.name}")
    for kind, chosen in lists.items():
        names = [metric.row.short for metric in chosen]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            says = f"Two metrics have the same name in the log ({', '.join(twice)}). Keep one."
            firsts = [one for at, one in enumerate(experiment.value()["compile"][kind]) if names[at] not in names[:at]]
            fix = apply(experiment, {"op": "set", "path": f"compile.{kind}", "value": firsts})
            yield Advice("metric-twice", "error", f"compile.{kind}", says, fix, "Keep the first")


def _name(metric: object) -> str:
    return metric["class"] if isinstance(metric, dict) else str(metric)


@check
def what_is_given_for_each_target_names_targets(experiment: Experiment, situation: Situation) -> Iterator[Advice]:
    """Losses, metrics and loss weights by target: only of targets, and not all 0."""
    compiled, targets = experiment.compile, experiment.data.targets
    for name in ("loss", "metrics", "weighted_metrics", "loss_weights"):
        given = getattr(compiled, name)
        unknown = [target for target in given if target not in targets] if isinstance(given, dict) else []
        if unknown and situation.tasks:
            says = f"{', '.join(unknown)}: not a target; the targets are {', '.join(targets)}."
            yield Advice(
                "not-a-target", "error", f"compile.{name}", says, suited(experiment, situation.tasks), "Remove it"
            )
    weights = compiled.loss_weights
    if weights and not experiment.several:
        fix = apply(experiment, {"op": "set", "path": "compile.loss_weights", "value": None})
        says = "Loss weights balance several targets; with one target they are not needed."
        yield Advice("loss-weights", "hint", "compile.loss_weights", says, fix, "Remove them")
    elif weights and not any(weights.get(target, 1.0) for target in targets):
        fix = apply(experiment, {"op": "set", "path": "compile.loss_weights", "value": None})
        says = "All loss weights are 0: the total loss is always 0."
        yield Advice("loss-weights-zero", "error", "compile.loss_weights", says, fix, "Weight all targets equally")


@check
def stack_is_bent(experiment: Experiment, _situation: Situation) -> Iterator[Advice]:
    """Two Dense layers with nothing between them are one."""
    for index, (layer, after) in enumerate(zip(experiment.layers, experiment.layers[1:], strict=False)):
        if layer.name == after.name == "Dense" and (layer.value("activation") or "linear") == "linear":
            says = f"Layer {index + 1} has no activation: together with the next layer it is a single linear layer."
            fix = apply(experiment, {"op": "set", "path": f"layers.{index}.activation", "value": "relu"})
            yield Advice("no-activation", "warning", f"layers.{index}.activation", says, fix, "Use relu")
            return


@check
def network_is_not_too_large(experiment: Experiment, situation: Situation) -> Iterator[Advice]:
    """Far more weights than training rows invite overfitting, and far too many fit into no memory."""
    if situation.inputs is None or not situation.rows[0] or not experiment.layers:
        return
    weights = sum(one.trainable for one in outline(experiment, situation.inputs, situation.tasks, situation.words))
    if weights > _MOST_WEIGHTS:
        says = (
            f"The network has {count(weights, 'weight')}, more than {_MOST_WEIGHTS:,}: use fewer units, or fewer "
            "layers."
        )
        yield Advice("too-many-weights", "error", "layers", says)
        return
    stops = experiment.callback("EarlyStopping") or not situation.validated
    if weights > 20 * situation.rows[0] and not (regularized(experiment) and stops):
        says = (
            f"{count(weights, 'weight')} for {count(situation.rows[0], 'training row')}: the network can memorize the "
            "rows."
        )
        yield Advice("many-weights", "hint", "layers", says, *with_regularization(experiment, situation.validated))
