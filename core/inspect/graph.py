"""A model as a list of plain steps, so that a page without Keras can walk them: raw rows in, predictions out, at
inference.

steps, outputs = walked(model)     a Step for each operation, in an order in which each finds what it reads
script(steps)                      the same as a JSON value, arrays as base64 of float32 or float64, little-endian
"""

import base64
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np

from core.catalog.layer_parts import ACTIVATIONS
from core.model.keras_internals import nodes

Arguments = dict[str, Any]


@dataclass
class Step:
    """One operation on what other steps gave.

    Attributes:
        do: Its name in the page's script: a key of `operations` in `core/report/network.js`; "unknown" when there is
            none.
        of: Numbers of the steps it reads.
        names: Of the columns it gives.
        arguments: Arrays, numbers and words.
        title: The layer's class, as Keras names it.
    """

    do: str
    of: list[int]
    names: list[str] = field(default_factory=list)
    arguments: Arguments = field(default_factory=dict)
    title: str = ""


class NoScript(Exception):
    """A layer that the page's script cannot compute; the message names it."""


def _activation(function: Any) -> str:
    name = getattr(function, "__name__", "")
    if name not in ACTIVATIONS or getattr(keras.activations, name, None) is not function:
        raise NoScript(name or type(function).__name__)
    return name


def _weights(**of: Any) -> Arguments:
    return {name: np.asarray(weight, "float32") for name, weight in of.items() if weight is not None}


def _dense(layer: Any) -> Arguments:
    return {**_weights(kernel=layer.kernel, bias=layer.bias), "activation": _activation(layer.activation)}


def _batch(layer: Any) -> Arguments:
    """At inference a factor and a shift, put together as Keras does."""
    found = _weights(mean=layer.moving_mean, variance=layer.moving_variance, gamma=layer.gamma, beta=layer.beta)
    factor = found.get("gamma", np.float32(1)) / np.sqrt(found["variance"] + np.float32(layer.epsilon))
    return {"factor": factor, "shift": found.get("beta", np.float32(0)) - found["mean"] * factor}


def _words(layer: Any) -> Arguments:
    if layer.output_mode not in ("one_hot", "int") or layer.num_oov_indices != 1:
        raise NoScript(f"StringLookup ({layer.output_mode})")
    return {"known": [str(word) for word in layer.get_vocabulary()[1:]], "hot": layer.output_mode == "one_hot"}


def _text(layer: Any) -> Arguments:
    given = layer.get_config()
    plain = (given["standardize"], given["split"]) == ("lower_and_strip_punctuation", "whitespace")
    if not plain or given["output_mode"] not in ("multi_hot", "tf_idf"):
        raise NoScript("TextVectorization")
    arguments: Arguments = {"known": [str(word) for word in layer.get_vocabulary()[1:]]}
    if given["output_mode"] == "tf_idf":
        arguments["rarity"] = np.asarray(given["idf_weights"], "float32")
    return arguments


Row = tuple[str, Callable[[Any], Arguments]]


def _none(_layer: Any) -> Arguments:
    return {}


_PASSES = ("pass", _none)

# Class of Keras -> name of the step, and what it needs to know. One row for each layer of the catalog, and for each
# operation that `features.py` and `bundle.py` make models of.
ROWS: dict[str, Row] = {
    "Dense": ("dense", _dense),
    "Embedding": ("embed", lambda layer: _weights(table=layer.embeddings)),
    "Activation": ("activation", lambda layer: {"activation": _activation(layer.activation)}),
    "Dropout": _PASSES,
    "GaussianDropout": _PASSES,
    "AlphaDropout": _PASSES,
    "GaussianNoise": _PASSES,
    "ActivityRegularization": _PASSES,
    "BatchNormalization": ("affine", _batch),
    "LayerNormalization": (
        "center",
        lambda layer: {**_weights(gamma=layer.gamma, beta=layer.beta), "epsilon": layer.epsilon},
    ),
    "RMSNormalization": ("mean_square", lambda layer: {**_weights(gamma=layer.scale), "epsilon": layer.epsilon}),
    "UnitNormalization": ("unit", _none),
    "ReLU": (
        "rectify",
        lambda layer: {
            "most": layer.max_value,
            "slope": float(layer.negative_slope),
            "threshold": float(layer.threshold),
        },
    ),
    "LeakyReLU": ("rectify", lambda layer: {"most": None, "slope": float(layer.negative_slope), "threshold": 0.0}),
    "PReLU": ("slopes", lambda layer: _weights(slopes=layer.alpha)),
    "ELU": ("elu", lambda layer: {"alpha": float(layer.alpha)}),
    "Softmax": ("activation", lambda _: {"activation": "softmax"}),
    "Rescaling": (
        "affine",
        lambda layer: _weights(factor=np.atleast_1d(layer.scale), shift=np.atleast_1d(layer.offset)),
    ),
    "StringLookup": ("words", _words),
    "TextVectorization": ("text", _text),
    "Concatenate": ("join", _none),
    "Isnan": ("missing", _none),
    "Where": ("choose", _none),
    "Add": ("add", _none),
    "Subtract": ("subtract", _none),
    "TrueDivide": ("divide", _none),
    "Multiply": ("multiply", _none),
    "Minimum": ("least", _none),
    "Maximum": ("most", _none),
    "Greater": ("greater", _none),
    "GreaterEqual": ("at_least", _none),
    "Sign": ("sign", _none),
    "Absolute": ("absolute", _none),
    "Log1p": ("log1p", _none),
    "Sin": ("sine", _none),
    "Cos": ("cosine", _none),
    "Cast": ("cast", _none),  # To float32; whole numbers and yes or no are such already.
    "ExpandDims": _PASSES,
    "Reshape": _PASSES,  # Of a row's columns to a row of as many columns.
}


def walked(model: keras.Model) -> tuple[list[Step], dict[str, int]]:
    """The model's steps, and output -> the number of the step that gives it; the only output is called "".

    A layer that has no script, a plug-in's for instance, is a step called "unknown".
    """
    walk = _Walk()
    found = walk.through(model, None)
    return walk.steps, found if isinstance(found, dict) else {"": found}


class _Walk:
    def __init__(self) -> None:
        self.steps: list[Step] = []

    def add(self, step: Step) -> int:
        self.steps.append(step)
        return len(self.steps) - 1

    def through(self, model: Any, given: list[int] | None) -> Any:
        """The numbers of the steps that give the model's outputs, in their structure; without `given` its inputs are
        raw values.
        """
        if given is None:
            raw = model.input if isinstance(model.input, dict) else {tensor.name: tensor for tensor in model.inputs}
            known = {id(tensor): self.add(Step("input", [], [name], {"name": name})) for name, tensor in raw.items()}
        else:
            known = {id(tensor): number for tensor, number in zip(model.inputs, given, strict=True)}
        done = nodes(model)
        if done is None:
            name = type(model).__name__
            unknown = self.add(Step("unknown", list(known.values()), arguments={"name": name}, title=name))
            return keras.tree.map_structure(lambda _: unknown, model.output)
        for node in done:
            if not node.is_input:
                outputs = keras.tree.flatten(self._node(node, known))
                known |= {id(tensor): number for tensor, number in zip(node.outputs, outputs, strict=True)}
        return keras.tree.map_structure(lambda tensor: known[id(tensor)], model.output)

    def _node(self, node: Any, known: dict[int, int]) -> Any:
        operation, given = node.operation, node.arguments.args
        if isinstance(operation, keras.Function):
            flat = keras.tree.flatten(given)
            return self.through(operation, [known[id(tensor)] for tensor in flat])
        if type(operation).__name__ in ("Take", "GetItem"):
            columns = given[1] if type(operation).__name__ == "Take" else given[1][-1]  # Of rows and columns.
            return self._taken(known[id(given[0])], columns)
        reads = [self._read(value, known) for value in keras.tree.flatten(given)]
        own = type(operation).__module__.startswith("keras.")
        name = type(operation).__name__
        try:
            if not own or name not in ROWS:
                raise NoScript(name)
            do, of = ROWS[name]
            step = Step(do, reads, arguments=of(operation), title=name)
        except NoScript as why:
            if own and name == "Dense":  # Its activation is what has no script; the weights can be drawn.
                weights = Step(
                    "dense",
                    reads,
                    arguments={**_weights(kernel=operation.kernel, bias=operation.bias), "activation": "linear"},
                )
                weights.names = _names(weights, [], operation.units)
                reads = [self.add(weights)]
            step = Step("unknown", reads, arguments={"name": str(why)}, title=name)
        if step.do == "pass":
            return reads[0]
        width = int(node.outputs[0].shape[-1] or 1) if len(node.outputs[0].shape) > 1 else 1
        step.names = _names(step, [self.steps[one] for one in reads], width)
        return self.add(step)

    def _read(self, value: Any, known: dict[int, int]) -> int:
        if id(value) in known:
            return known[id(value)]
        array = np.atleast_1d(np.asarray(value))
        array = array if array.dtype == "float64" else array.astype("float32")
        return self.add(Step("constant", [], [""] * len(array), {"value": array}))

    def _taken(self, of: int, columns: int | list[int] | slice) -> int:
        every = self.steps[of].names
        at = np.atleast_1d(np.arange(len(every))[columns]).tolist()
        return self.add(Step("take", [of], [every[one] for one in at], {"at": at}))


def _names(step: Step, reads: list[Step], width: int) -> list[str]:
    """What the columns of a step are called, from those that it reads."""
    of = [one.names for one in reads]
    longest = max(of, key=lambda names: (len(names), any(names)), default=[])
    if step.do == "join":
        return [name for names in of for name in names]
    if step.do == "words":
        known = [f"{of[0][0]} = {word}" if word else f"{of[0][0]} missing" for word in step.arguments["known"]]
        return [f"{of[0][0]} = other", *known] if step.arguments["hot"] else of[0]
    if step.do == "text":
        return [f"{of[0][0]}: other words", *(f"{of[0][0]}: {word}" for word in step.arguments["known"])]
    if step.do == "subtract" and reads[0].do == "constant":  # The first bin: no edge is reached.
        return [f"not {name}" for name in of[1]]
    if step.do == "subtract" and reads[0].do == reads[1].do == "input":
        return [f"{of[0][0]} since {of[1][0]}"]
    if step.do == "at_least":
        return [f"{of[0][0]} from {edge:g}" for edge in reads[1].arguments["value"].tolist()]
    if step.do == "embed":
        return [f"{of[0][0]}, {at + 1}" for at in range(width)]
    if step.do == "choose":
        return of[2]
    if step.do == "missing":
        return [f"{name} missing" for name in of[0]]
    if step.do in ("sine", "cosine"):
        return [f"{name} ({step.do})" for name in of[0]]
    if step.do == "multiply" and reads[0].do == reads[1].do == "take":  # Pairs of words.
        return [f"{first}, {second}" for first, second in zip(*of, strict=True)]
    if step.do == "multiply" and reads[1].do == "constant":  # A date as an angle: of the year, the week or the day.
        days = 2 * math.pi / float(reads[1].arguments["value"][0])
        circle = "day" if days < 2 else "week" if days < 30 else "year"
        return [f"{name}, {circle}" for name in of[0]]
    if step.do == "dense" or len(longest) != width:
        return [f"unit {at + 1}" for at in range(width)]
    return longest


def script(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """The steps as the page reads them."""
    return [
        {"do": step.do, "of": step.of, **{name: _plain(value) for name, value in step.arguments.items()}}
        for step in steps
    ]


def numbers_in(steps: Sequence[Step]) -> int:
    """How many weights and constants they hold."""
    return sum(value.size for step in steps for value in step.arguments.values() if isinstance(value, np.ndarray))


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        name, letters = ("float64", "<f8") if value.dtype == "float64" else ("float32", "<f4")
        return {name: base64.b64encode(value.astype(letters).tobytes()).decode(), "shape": list(value.shape)}
    return value
