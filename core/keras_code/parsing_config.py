"""A model's configuration, as `to_json`, `get_config` or the `config.json` of a `.keras` file write it, as a `Text`."""

import struct
from collections.abc import Mapping
from typing import Any

from core.keras_code.parsing_values import MOST_PARTS, Made, Named, NotReadable, Stack, Text

_DEEPEST = 30
_MODELS = ("Sequential", "Functional", "Model")


def text_of_config(value: Any) -> Text:
    """What a configuration builds. Raises NotReadable when it is none, or no chain of layers."""
    if isinstance(value, Mapping) and "layers" in value:
        value = {"class_name": "Functional" if "input_layers" in value else "Sequential", "config": value}
    if not isinstance(value, Mapping) or not isinstance(value.get("config"), Mapping):
        raise NotReadable("This JSON is no model: expected what model.to_json() or model.get_config() gives.")
    text = Text()
    stack = _stack(value, text, 0)
    given = value.get("compile_config")
    if isinstance(given, Mapping) and given:
        stack.compiled = Made(
            Named("compile"), (), {str(name): _value(one, 0) for name, one in given.items()}, whole=True
        )
    text.stacks.append(stack)
    return text


def _stack(value: Mapping[str, Any], text: Text, depth: int) -> Stack:
    name, config = value.get("class_name"), value.get("config")
    layers = config.get("layers") if isinstance(config, Mapping) else None
    if name not in _MODELS or not isinstance(layers, list) or depth > _DEEPEST:
        raise NotReadable(
            f"This is the configuration of {str(name)[:60]!r}, expected that of a Sequential, or of a model that is "
            "one chain."
        )
    if len(layers) > 2 * MOST_PARTS:  # Branches that are left out may be long, too.
        raise NotReadable(f"The model has more than {MOST_PARTS:,} layers.")
    whole = [one for one in layers if isinstance(one, Mapping)]
    stack = Stack()
    for one in whole if name == "Sequential" else _chain(whole, text):
        stack.add([_stack(one, text, depth + 1) if one.get("class_name") in _MODELS else _value(one, depth + 1)])
    return stack


def _chain(layers: list[Mapping[str, Any]], text: Text) -> list[Mapping[str, Any]]:
    """A functional model's layers in their order; of one that branches those after the last place where
    branches meet.
    """
    by_name = {str(one.get("name")): one for one in layers}
    names = set(by_name)
    before = {name: sorted(_before(one.get("inbound_nodes"), names, 0)) for name, one in by_name.items()}
    asked = {one for found in before.values() for one in found}
    at = [name for name in by_name if name not in asked]
    if len(at) != 1:
        raise NotReadable(
            "The model has several outputs, or none: a stack is one chain of layers, from one input to one output."
        )
    found: list[Mapping[str, Any]] = []
    while len(at) == 1 and len(before[at[0]]) <= 1 and len(found) < len(by_name):
        found.append(by_name[at[0]])
        at = before[at[0]]
    if at and not found:
        raise NotReadable(
            "The model branches up to its end: a stack is one chain of layers, from one input to one output."
        )
    if at:
        text.remarks.append(f"The model branches: what comes before {str(found[-1].get('name'))[:60]!r} was left out.")
    return found[::-1]


def _before(nodes: Any, names: set[str], depth: int) -> set[str]:
    """The layers that a layer is fed by, as Keras 3 and Keras 2 write them."""
    if depth > _DEEPEST:
        raise NotReadable("The configuration is nested too deeply.")
    if isinstance(nodes, Mapping):
        history = nodes.get("keras_history")
        own = {str(history[0])} & names if isinstance(history, list) and history else set()
        return own.union(*(_before(one, names, depth + 1) for key, one in nodes.items() if key != "keras_history"))
    if not isinstance(nodes, list):
        return set()
    if len(nodes) >= 3 and isinstance(nodes[0], str) and nodes[0] in names and isinstance(nodes[1], int):
        return {nodes[0]}
    return set().union(*(_before(one, names, depth + 1) for one in nodes))


def _value(value: Any, depth: int) -> Any:
    """Of an object that Keras wrote down the call that makes it; numbers as they were typed."""
    if depth > _DEEPEST:
        raise NotReadable("The configuration is nested too deeply.")
    if isinstance(value, float):
        return _typed(value)
    if isinstance(value, list):
        return [_value(one, depth + 1) for one in value]
    if not isinstance(value, Mapping):
        return value
    name, config = value.get("class_name"), value.get("config")
    if not isinstance(name, str):
        return {str(key): _value(one, depth + 1) for key, one in value.items()}
    if name == "function" and isinstance(config, str):
        return config
    if name == "DTypePolicy":
        return config.get("name") if isinstance(config, Mapping) else None
    foreign = (
        value.get("registered_name") not in (None, name)
        and str(value.get("module") or "keras").split(".")[0] != "keras"
    )
    given = {str(key): _value(one, depth + 1) for key, one in config.items()} if isinstance(config, Mapping) else {}
    return Made(Named(f"{value.get('module') or 'keras'}.{name}", foreign), (), given, whole=True)


def _typed(value: float) -> float:
    """0.0010000000474974513 -> 0.001: a number that went through 32 bits, as it was before."""
    try:
        return float(f"{value:.7g}") if struct.unpack("f", struct.pack("f", value))[0] == value else value
    except OverflowError:
        return value
