"""The printed program from the targets to the predictions, for several targets: one stack, an output for each."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from core.catalog.losses import LOSSES
from core.experiment.keras_calls import (
    TARGET_MEAN,
    TARGET_SCALE,
    Call,
    Symbol,
    head_calls,
    loss_call,
    loss_power,
    metric_calls,
    optimizer_call,
    target_transform,
)
from core.experiment.spec import Experiment
from core.experiment.targets import facet
from core.experiment.task import Task
from core.keras_code.script_exactness import precision_comment, xla
from core.keras_code.script_single import (
    ASKING,
    BUILT,
    EVALUATE,
    LOGARITHMS,
    OFFSET,
    WHOLE,
    beginning,
    decay_steps,
    exact_scores,
    fit,
    listed_calls,
    logarithms_of,
    loss_threshold,
    matrices,
)

# The name of its output, what is asked, and the experiment as it is for that target.
Facets = list[tuple[str, Task, Experiment]]


def network(
    experiment: Experiment,
    tasks: Sequence[Task],
    validated: bool = True,
    offset: Collection[str] = (),
    decisions: Mapping[str, float] = {},
) -> list[str]:
    """The parts, in the program's order.

    Args:
        validated: Whether there are validation rows.
        offset: The targets whose mean is taken away, in float64, before the network learns them.
        decisions: Target -> what the output of two classes must exceed to be called the second, where it is not the
            loss's own.
    """
    facets = [(experiment.outputs()[task.target], task, facet(experiment, task)) for task in tasks]
    moved = [experiment.outputs()[task.target] for task in tasks if task.target in offset]
    return [
        _matrices_and_targets(facets, validated, moved),
        _define(experiment, tasks),
        _compile(experiment, facets),
        fit(experiment, validated),
        _evaluate(experiment, facets, moved),
        _predict(facets, moved, decisions),
    ]


def target_lines(experiment: Experiment, tasks: Sequence[Task]) -> tuple[list[str], str]:
    """Lines that keep the rows whose targets are known; and what the split is stratified by."""
    lines, labels = _target_cells(experiment, tasks, "table", "y_true")
    if labels:
        outputs, named = experiment.outputs(), experiment.data.positive
        positive = {outputs[target]: named[target] for target in experiment.data.targets if target in named}
        given = f", {positive!r}.get(name)" if positive else ""
        lines += [
            f"CLASSES = {{name: class_order(cells[known]{given}) for name, cells in labels.items()}}",
            "y_true |= {name: np.array([CLASSES[name].index(label) for label in labels[name][known]]) for name in "
            "labels}",
        ]
    return lines, f"y_true[{labels[0]!r}]" if labels else "None"


def second_table_lines(experiment: Experiment, tasks: Sequence[Task]) -> list[str]:
    """Lines that put the targets' values of a second table after those of the first."""
    lines, labels = _target_cells(experiment, tasks, "second", "more")
    if labels:
        lines.append(
            "more |= {name: [CLASSES[name].index(label) for label in cells[known]] for name, cells in labels.items()}"
        )
    return [*lines, "y_true = {name: np.concatenate([cells, more[name]]) for name, cells in y_true.items()}"]


def _target_cells(
    experiment: Experiment, tasks: Sequence[Task], table: str, y_true: str
) -> tuple[list[str], list[str]]:
    """Lines that keep a table's rows whose targets are known, and their amounts; and the outputs that are classes."""
    outputs = experiment.outputs()
    amounts = [outputs[task.target] for task in tasks if task.kind == "regression"]
    labels = [outputs[task.target] for task in tasks if task.kind != "regression"]
    lines = [
        f"amounts = {{name: numbers({table}[TARGETS[name]]) for name in {amounts!r}}}",
        f"labels = {{name: codes({table}[TARGETS[name]]) for name in {labels!r}}}",
        'known = [*(~np.isnan(cells) for cells in amounts.values()), *(cells != "" for cells in labels.values())]',
        "known = np.logical_and.reduce(known)",
        f"{table} = {table}[known]",
        f"{y_true} = {{name: cells[known] for name, cells in amounts.items()}}",
    ]
    return lines, labels


def _each(facets: Facets, of: Callable[[str, Task, Experiment], str], indent: str = "") -> str:
    """A dictionary by output, one a line."""
    return (
        "{\n" + "".join(f"{indent}    {name!r}: {of(name, task, one)},\n" for name, task, one in facets) + f"{indent}}}"
    )


def _matrices_and_targets(facets: Facets, validated: bool, moved: Collection[str]) -> str:
    """`moved` are the outputs of targets with an offset."""

    def read(name: str, _task: Task, one: Experiment) -> str:
        kind = LOSSES[one.compile.single_loss.name].target
        if kind == "onehot":
            return f'np.eye(len(CLASSES[{name!r}]), dtype="float32")[y_true[{name!r}]]'
        amounts = f"(y_true[{name!r}] - TARGET_OFFSET[{name!r}])" if name in moved else f"y_true[{name!r}]"
        return f'{amounts}.reshape(-1, 1).astype("{"int32" if kind == "integer" else "float32"}")'

    lines = ["", matrices(validated)]
    if moved:
        lines += [OFFSET, f"TARGET_OFFSET = {{name: target_offset(y_true[name][train]) for name in {moved!r}}}"]
    lines.append(f"y = {_each(facets, read)}")
    amounts = [name for name, task, _ in facets if task.kind == "regression"]
    if amounts:
        less = " - TARGET_OFFSET.get(name, 0.0)" if moved else ""
        learned = "y_true"
        for name, _, one in facets:
            if transform := target_transform(one):
                lines += [] if learned == "learned" else [LOGARITHMS, "learned = dict(y_true)"]
                learned = "learned"
                lines.append(f"learned[{name!r}] = {transform.code('np', f'y_true[{name!r}]')}")
        lines += [
            f"TARGET_MEAN = {{name: float({learned}[name][train].mean()){less} for name in {amounts!r}}}",
            f"TARGET_SCALE = {{name: float({learned}[name][train].std()) or 1.0 for name in {amounts!r}}}",
        ]
    return "\n".join(lines)


def _define(experiment: Experiment, tasks: Sequence[Task]) -> str:
    trunk, heads = head_calls(experiment, tasks)
    lines = [
        "# Define: layers that all targets share, and an output for each.",
        *precision_comment(experiment),
        "keras.utils.set_random_seed(SEED)",
        *beginning(experiment),
        *(f"shared = {call.code()}(shared)" for call in trunk),
        "outputs = {}",
    ]
    for target, calls in heads.items():
        before, name = "shared", experiment.outputs()[target]
        for call in calls:
            lines.append(f"output = {_of(call, name).code()}({before})")
            before = "output"
        lines.append(f"outputs[{name!r}] = output")
    return "\n".join([*lines, "model = keras.Model(begin, outputs)", "model.summary()"])


def _of(call: Call, output: str) -> Call:
    """A call in which mean and scale are those of one target."""

    def named(value: Any) -> Any:
        own = isinstance(value, Symbol) and value in (TARGET_MEAN, TARGET_SCALE)
        return Symbol(f"{value.name}[{output!r}]") if own else value

    return replace(call, arguments={name: named(value) for name, value in call.arguments.items()})


def _logarithms(facets: Facets) -> list[str]:
    """Lines of a loss that put logarithms in the place of amounts, for the targets that are learned so."""
    lines = []
    for name, _, one in facets:
        if found := logarithms_of(one, " " * 12):
            lines += [f"        if name == {name!r}:", *found]
    return lines


def _compile(experiment: Experiment, facets: Facets) -> str:
    scaled = any(loss_power(one) for *_, one in facets)
    lines = ["# Compile.", f"LOSSES = {_each(facets, lambda _name, _task, one: loss_call(one).code())}"]
    if scaled:
        lines[0] = (
            "# Compile. Losses of differences are taken in deviations of their targets, the size of numbers that "
            "optimizers are made for."
        )
        lines += [
            "",
            "",
            "def scaled(name):",
            '    """The loss of a target in its deviations."""',
            "",
            "    def loss(y_true, y_pred):",
            *_logarithms(facets),
            "        return LOSSES[name].call(y_true / TARGET_SCALE[name], y_pred / TARGET_SCALE[name])",
            "",
            "    return loss",
            "",
            "",
        ]
    weights = experiment.compile.loss_weights or {}
    weighted = any(one.compile.single_weighted_metrics for *_, one in facets)

    def loss(name: str, _task: Task, one: Experiment) -> str:
        return f"scaled({name!r})" if loss_power(one) else f"LOSSES[{name!r}]"

    def loss_weight(_name: str, task: Task, _one: Experiment) -> str:
        return repr(weights.get(task.target, 1.0))

    def metrics(_name: str, task: Task, one: Experiment, heeding: bool = False) -> str:
        return listed_calls(metric_calls(one, task, heeding), 2)

    lines += [
        *decay_steps(experiment),
        "model.compile(",
        f"    optimizer={optimizer_call(experiment).code()},",
        f"    loss={_each(facets, loss, '    ')},",
        *([f"    loss_weights={_each(facets, loss_weight, '    ')},"] if weights else []),
        f"    metrics={_each(facets, metrics, '    ')},",
        *([f"    weighted_metrics={_each(facets, partial(metrics, heeding=True), '    ')},"] if weighted else []),
        f"    jit_compile={experiment.compile.jit_compile},  # {xla(experiment)}",
        ")",
        BUILT,
    ]
    return "\n".join(lines)


def _evaluate(experiment: Experiment, facets: Facets, moved: Collection[str]) -> str:
    weights = ", sample_weight=dict.fromkeys(TARGETS, weights[test])" if experiment.weighted else ""
    lines = [
        EVALUATE,
        f"scores = model.evaluate(x_test, taken(y, test){weights}, batch_size=8192, return_dict=True, verbose=0)",
        "predicted = model.predict(x_test, batch_size=8192, verbose=0)",
    ]
    parts = []
    for name, task, one in facets:
        more = f" + TARGET_OFFSET[{name!r}]" if name in moved else ""
        lines.append(f'y_test, y_pred = y_true[{name!r}][test], predicted[{name!r}].astype("float64"){more}')
        lines += exact_scores(one, task, name, experiment.data.weight is not None)
        weight, power = (experiment.compile.loss_weights or {}).get(task.target, 1.0), loss_power(one)
        unit = f" / TARGET_SCALE[{name!r}]" + (f"**{power}" if power > 1 else "") if power else ""
        parts.append(f"{weight!r} * scores[{name + '_loss'!r}]{unit}")
    lines.append(f'scores["loss"] = {" + ".join(parts)}')
    return "\n".join(lines)


def _predict(facets: Facets, moved: Collection[str], decisions: Mapping[str, float]) -> str:
    lines = [
        "# Predict: preprocessing and network as one model that takes raw rows, saved as one file.",
        *WHOLE,
    ]
    for name, task, one in facets:
        if one.compile.single_loss.value("from_logits"):
            activation, at = "sigmoid" if task.kind == "binary" else "softmax", f"outputs[{name!r}]"
            lines.append(f'{at} = keras.layers.Activation("{activation}")({at})')
    lines += [
        f"outputs[{name!r}] = outputs[{name!r}] + np.array([TARGET_OFFSET[{name!r}]])  # In float64." for name in moved
    ]

    def said(name: str, task: Task, one: Experiment) -> str:
        outputs = f"predictions[{name!r}]"
        threshold = decisions.get(task.target, loss_threshold(one))
        return {
            "regression": f"{outputs}[:, 0]",
            "binary": f"[CLASSES[{name!r}][int(output > {threshold})] for output in {outputs}[:, 0]]",
            "multiclass": f"[CLASSES[{name!r}][number] for number in {outputs}.argmax(axis=1)]",
        }[task.kind]

    lines += [
        "bundle = keras.Model(inputs, outputs)",
        'bundle.save("model.keras")',
        *ASKING,
        "def predict(rows, steps=None):",
        '    """Output -> predictions for a table of raw rows; with `steps` for so many batches of it."""',
        "    predictions = bundle.predict(input_function(rows), steps=steps, verbose=0)",
        f"    return {_each(facets, said, '    ')}",
        "",
        "",
        "some = table.iloc[test[:5]]",
        'predicted = {f"predicted {TARGETS[name]}": values for name, values in predict(some).items()}',
        "print(some[[*list(FEATURES)[:6], *TARGETS.values()]].assign(**predicted).to_string())",
        'print(json.dumps({"epochs": len(history.history["loss"]), "test": scores}))',
    ]
    return "\n".join(lines)
