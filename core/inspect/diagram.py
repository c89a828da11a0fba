"""The network as a picture shows it: a column for each layer that has weights between its units, the strongest units of
each.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from core.experiment.spec import Experiment
from core.inspect.graph import Step
from core.inspect.rounding import rounded

_DRAWN = 12  # Units of a layer; the rest is counted.
_STRONGEST = 5  # Weights that are named of a unit.
# Steps that give a column for each that they read: what follows such a step sees the units before it.
_ONE_TO_ONE = ("affine", "add", "activation", "center", "mean_square", "unit", "rectify", "slopes", "elu", "unknown")


def drawing(steps: Sequence[Step], experiment: Experiment, predicted: dict[int, list[str]]) -> dict[str, Any]:
    """Columns from the inputs to the predictions, and the weights between the units that are drawn, as a JSON value.

    {"columns": [{"title", "notes", "units", "drawn": [{"name", "bias", "strongest": [[name, weight], ...]}]}],
     "edges": [[[from, to, weight], ...], ...]}      an entry between each two columns; places among those drawn

    `predicted` names the columns of each output step.
    """
    depths: dict[int, int] = {}
    columns: list[list[tuple[np.ndarray, np.ndarray, list[str]]]] = []
    inputs: list[str] = []
    for number, step in enumerate(steps):
        if step.do != "dense":
            continue
        source = _source(steps, step.of[0])
        if source not in depths:
            inputs = inputs or steps[source].names
        depth = depths[number] = depths.get(source, -1) + 1
        columns += [[]] * (depth + 1 - len(columns))
        kernel = step.arguments["kernel"]
        bias = step.arguments.get("bias", np.zeros(kernel.shape[1], "float32"))
        columns[depth] = [*columns[depth], (kernel, bias, _called(steps, number, predicted))]
    if not columns:
        return {"columns": [], "edges": []}
    kernels = [np.concatenate([kernel for kernel, _, _ in column], axis=1) for column in columns]
    names = [inputs, *([name for _, _, called in column for name in called] for column in columns)]
    biases = [None, *(np.concatenate([bias for _, bias, _ in column]) for column in columns)]
    return _picture(kernels, names, biases, _titles(experiment, len(names)), tuple(experiment.data.features))


def _source(steps: Sequence[Step], at: int) -> int:
    """The step whose units a layer sees: back over all that neither mixes nor adds columns, and over what is not
    known.
    """
    while steps[at].do == "unknown" or (
        steps[at].do in _ONE_TO_ONE and len(steps[steps[at].of[0]].names) == len(steps[at].names)
    ):
        at = steps[at].of[0]
    return at


def _called(steps: Sequence[Step], number: int, predicted: dict[int, list[str]]) -> list[str]:
    """The units of a layer by name; those of an output by what they predict."""
    units = steps[number].names
    named = next((names for output, names in predicted.items() if _source(steps, output) == number), units)
    return named if len(named) == len(units) else units


def _titles(experiment: Experiment, columns: int) -> list[tuple[str, list[str]]]:
    """For each column what it is, and the layers that follow it unit by unit."""
    titles: list[tuple[str, list[str]]] = [("Inputs", [])]
    for layer in experiment.layers:
        activation = layer.value("activation") if layer.row.field("activation") else None
        said = layer.name if activation in (None, "linear") else f"{layer.name}, {activation}"
        if layer.name == "Dense" and len(titles) < columns:
            titles.append((said, []))
        else:
            titles[-1][1].append(said)
    return titles + [("Answers", [])] * (columns - len(titles))


def _picture(
    kernels: list[np.ndarray],
    names: list[list[str]],
    biases: list[Any],
    titles: list[tuple[str, list[str]]],
    features: tuple[str, ...],
) -> dict[str, Any]:
    # None: not known.
    onward = [kernel if len(kernel) == len(units) else None for kernel, units in zip(kernels, names, strict=False)]
    shown = [
        _chosen(onward[at] if at < len(onward) else None, names[at], () if at else features) for at in range(len(names))
    ]
    columns = []
    for at, (title, notes) in enumerate(titles):
        drawn = []
        for unit in shown[at].tolist():
            told = {
                "name": names[at][unit],
                "bias": None if biases[at] is None else rounded(biases[at][unit]),
                "strongest": [],
            }
            if at == 0 and onward[0] is not None:
                told["strongest"] = _strongest(kernels[0][unit], names[1])
            elif at and onward[at - 1] is not None:
                told["strongest"] = _strongest(kernels[at - 1][:, unit], names[at - 1])
            drawn.append(told)
        columns.append({"title": title, "notes": notes, "units": len(names[at]), "drawn": drawn})
    edges = [
        []
        if kernel is None
        else [[i, j, rounded(weight)] for (i, j), weight in np.ndenumerate(kernel[np.ix_(shown[at], shown[at + 1])])]
        for at, kernel in enumerate(onward)
    ]
    return {"columns": columns, "edges": edges}


def _strongest(weights: np.ndarray, names: list[str]) -> list[list[Any]]:
    return [
        [names[at], rounded(weights[at])] for at in np.argsort(-np.abs(weights), kind="stable")[:_STRONGEST].tolist()
    ]


def _chosen(onward: np.ndarray | None, units: list[str], features: Sequence[str]) -> np.ndarray:
    """The units that are drawn, in their order: those whose weights to the next layer are the largest.

    Of inputs the largest of each of the `features` comes before the second of another: a word that few rows have is no
    rival.
    """
    if len(units) <= _DRAWN or onward is None:
        return np.arange(min(len(units), _DRAWN))
    by_size = np.argsort(-np.abs(onward).sum(axis=1), kind="stable").tolist()
    known = set(features)
    first: dict[str, int] = {}
    for unit in by_size if known else ():
        name = units[unit]
        words = (name, name.split(" = ")[0], name.split(", ")[0], name.removesuffix(" missing"))
        first.setdefault(next((word for word in words if word in known), ""), unit)
    ahead = dict.fromkeys(first.values())
    return np.sort([*ahead, *(unit for unit in by_size if unit not in ahead)][:_DRAWN])
