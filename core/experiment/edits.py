"""Every change of an experiment: one pure function from a value to a new value.

apply(experiment, {"op": "set", "path": "compile.optimizer.learning_rate", "value": 0.01})
apply(experiment, {"op": "add", "layer": "Dropout", "at": 1})
apply(experiment, {"op": "move", "at": 0, "to": 2})       also: duplicate, delete (with "at"), replace (with "value")
apply(experiment, {"op": "disable", "at": 1})           a layer is not trained; also "enable", "delete disabled"
                                                          take a place among those

A path's steps are parted by dots; one within a step is written as backslash and dot (`step_of`).
"""

from collections.abc import Mapping
from typing import Any

from core.catalog.fields import repeated
from core.catalog.layers import LAYERS
from core.experiment.spec import Experiment, InvalidExperiment, read


def apply(experiment: Experiment, operation: Mapping[str, Any]) -> Experiment:
    """The experiment after the operation. Raises InvalidExperiment when the outcome would not be one."""
    if not isinstance(operation, Mapping):
        raise InvalidExperiment([("op", f"got {repeated(operation)}, expected an operation.")])
    value = experiment.value()
    kind = operation.get("op")
    if kind == "set":
        path = _needed(operation, "path")
        if not isinstance(path, str):
            raise InvalidExperiment(
                [("path", f"got {repeated(path)}, expected names and positions separated by dots.")]
            )
        _set(value, path, _needed(operation, "value"))
    elif kind == "replace":
        value = _needed(operation, "value")
    elif isinstance(kind, str) and kind in _STACK:
        _STACK[kind](value["layers"], operation)
        _follow(value, operation, len(experiment.layers))
    elif isinstance(kind, str) and kind in _ASIDE:
        _ASIDE[kind](value, operation)
    else:
        raise InvalidExperiment(
            [("op", f"got {repeated(kind)}, expected one of set, replace, {', '.join((*_STACK, *_ASIDE))}.")]
        )
    return read(value)


def place_after(experiment: Experiment, operation: Mapping[str, Any], place: int) -> int | None:
    """Where the layer at `place` of an experiment's stack stands when an operation that `apply` accepts is done; None
    when it is no longer in the stack. Positions are counted from 0.
    """
    kind, layers = operation["op"], len(experiment.layers)
    at: Any = operation.get("at")  # A position, where an operation that `apply` accepts needs one.
    if kind in ("delete", "disable"):
        return None if at == place else place - (at < place)
    if kind == "move":
        order = [one for one in range(layers) if one != at]
        order.insert(max(0, min(layers - 1, operation["to"])), at)
        return order.index(place)
    if kind == "duplicate":
        return place + (at < place)
    if kind == "add":
        row = LAYERS.get(operation["layer"])
        return place + ((0 if row and row.embeds else layers if at is None else at) <= place)
    if kind == "enable":
        return place + (min(experiment.aside[at].at, layers) <= place)
    return place


def _needed(operation: Mapping[str, Any], name: str) -> Any:
    if name not in operation:
        raise InvalidExperiment([(name, f"is missing: the operation {operation['op']!r} needs it.")])
    return operation[name]


def step_of(name: str) -> str:
    """A column's name as a step of a path: "sq.ft" -> "sq\\.ft"."""
    return name.replace("\\", "\\\\").replace(".", "\\.")


def steps_of(path: str) -> list[str]:
    """The steps of a path: "data.features.sq\\.ft" -> ["data", "features", "sq.ft"]."""
    steps, letters = [""], iter(path)
    for letter in letters:
        if letter == ".":
            steps.append("")
        else:
            steps[-1] += next(letters, "") if letter == "\\" else letter
    return steps


def _set(value: Any, path: str, new: Any) -> None:
    steps = steps_of(path)
    for depth, step in enumerate(steps):
        where = ".".join(steps[: depth + 1])
        key = _key(value, step, where)
        if depth == len(steps) - 1:
            value[key] = new
        elif isinstance(value, dict) and key not in value:
            raise InvalidExperiment([(where, f"is not there, so {repeated(path)} cannot be set.")])
        else:
            if isinstance(value[key], str):
                # "AUC" -> {"class": "AUC"}: a metric without arguments is just its name.
                value[key] = {"class": value[key]}
            value = value[key]


def _key(value: Any, step: str, where: str) -> str | int:
    if isinstance(value, dict):
        return step
    if not isinstance(value, list):
        raise InvalidExperiment([(where, f"is not there: got {repeated(value)} above it.")])
    if not (step.isascii() and step.isdigit() and len(step) < 10 and int(step) < len(value)):
        raise InvalidExperiment([(where, f"got {repeated(step)}, expected {_positions(len(value))}.")])
    return int(step)


def _at(operation: Mapping[str, Any], name: str, positions: int) -> int:
    """A position of the stack, counted from 0."""
    at = _needed(operation, name)
    if isinstance(at, bool) or not isinstance(at, int) or not 0 <= at < positions:
        raise InvalidExperiment([(name, f"got {repeated(at)}, expected {_positions(positions)}.")])
    return at


def _positions(count: int) -> str:
    return f"a position from 0 to {count - 1}" if count else "nothing: the list is empty"


def _add(layers: list[Any], operation: Mapping[str, Any]) -> None:
    name = _needed(operation, "layer")
    row = LAYERS.get(name) if isinstance(name, str) else None
    arguments = row.starting_arguments() if row else {}
    if name == "Dense":
        arguments["activation"] = "relu"
    at = _at({"at": len(layers), **operation}, "at", len(layers) + 1)
    layers.insert(0 if row and row.embeds else at, {"layer": name, **arguments})


def _move(layers: list[Any], operation: Mapping[str, Any]) -> None:
    layer = layers.pop(_at(operation, "at", len(layers)))
    to = _needed(operation, "to")
    if isinstance(to, bool) or not isinstance(to, int):
        raise InvalidExperiment([("to", f"got {repeated(to)}, expected a position.")])
    layers.insert(max(0, min(len(layers), to)), layer)  # Dragged beyond an end: to that end.


def _duplicate(layers: list[Any], operation: Mapping[str, Any]) -> None:
    at = _at(operation, "at", len(layers))
    layers.insert(at + 1, layers[at])


def _delete(layers: list[Any], operation: Mapping[str, Any]) -> None:
    del layers[_at(operation, "at", len(layers))]


_STACK = {"add": _add, "move": _move, "duplicate": _duplicate, "delete": _delete}


def _disable(value: dict[str, Any], operation: Mapping[str, Any]) -> None:
    at = _at(operation, "at", len(value["layers"]))
    aside = value.get("aside", [])
    for one in aside:
        one["at"] -= one["at"] > at
    value["aside"] = sorted([*aside, {"at": at, "layer": value["layers"].pop(at)}], key=lambda one: one["at"])


def _enable(value: dict[str, Any], operation: Mapping[str, Any]) -> None:
    aside = value.get("aside", [])
    place = _at(operation, "at", len(aside))
    one = aside.pop(place)
    at = min(one["at"], len(value["layers"]))
    value["layers"].insert(at, one["layer"])
    for other in aside[place:]:
        other["at"] += 1


def _delete_disabled(value: dict[str, Any], operation: Mapping[str, Any]) -> None:
    del value.get("aside", [])[_at(operation, "at", len(value.get("aside", [])))]


def _follow(value: dict[str, Any], operation: Mapping[str, Any], layers: int) -> None:
    """Disabled layers stay between their neighbours when the stack changes."""
    change, at = len(value["layers"]) - layers, operation.get("at", layers)
    for one in value.get("aside", []):
        if change > 0:
            one["at"] += one["at"] > at
        elif change < 0:
            one["at"] -= one["at"] > at


_ASIDE = {"disable": _disable, "enable": _enable, "delete disabled": _delete_disabled}
