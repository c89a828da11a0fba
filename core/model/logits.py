"""The logits of a classification in an exported model: where they are computed, what they are, and how they are divided
by a temperature within the file, so that it opens anywhere.
"""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from core.model.keras_internals import nodes
from core.model.preprocessing import tensors

_BLOCK = 8192
_LAST = {"sigmoid", "softmax"}


@dataclass(frozen=True)
class LogitLayer:
    """The Dense layer whose outputs are the logits: only a sigmoid or softmax follows.

    Attributes:
        dense: The layer itself.
        inputs: Models one behind the other, from the raw rows to what the layer reads.
    """

    dense: keras.layers.Dense
    inputs: tuple[keras.Model, ...]

    def logits(self, raw: dict[str, np.ndarray]) -> np.ndarray:
        """(n, units) float64 logits of n raw rows, by the layer's present weights."""
        rows = len(next(iter(raw.values())))
        blocks = [self._read(raw, at) for at in range(0, rows, _BLOCK)]
        kernel, *bias = (np.asarray(weights, "float64") for weights in self.dense.get_weights())
        logits = np.concatenate(blocks).astype("float64") @ kernel
        return logits + bias[0] if bias else logits

    def _read(self, raw: dict[str, np.ndarray], at: int) -> np.ndarray:
        values: Any = tensors({name: cells[at : at + _BLOCK] for name, cells in raw.items()})
        for model in self.inputs:
            values = model(values, training=False)
        return np.asarray(values)

    def divide(self, temperature: float) -> None:
        """Divides the layer's weights, and so its logits."""
        self.dense.set_weights([weights / np.float32(temperature) for weights in self.dense.get_weights()])


def logit_layer(model: keras.Model, output: str = "") -> LogitLayer | None:
    """The layer of a model's logits, of a model with several outputs those of one; None where the output is not the
    sigmoid or softmax of a Dense layer.
    """
    within: Any = model
    tensor = model.output[output] if isinstance(model.output, dict) else model.output
    before: list[keras.Model] = []
    activations: list[str] = []
    while True:
        node = _giving(within, tensor)
        if node is None or node.is_input:
            return None
        operation = node.operation
        if isinstance(operation, keras.Function):
            at = next(at for at, given in enumerate(node.outputs) if given is tensor)
            before.append(keras.Model(within.input, node.arguments.args[0]))
            within, tensor = operation, keras.tree.flatten(operation.output)[at]
            continue
        if isinstance(operation, keras.layers.Dense):
            activations.append(_name(operation.activation))
            if [name for name in activations if name != "linear"] not in ([one] for one in _LAST):
                return None
            return LogitLayer(operation, (*before, keras.Model(within.input, node.arguments.args[0])))
        if isinstance(operation, keras.layers.Softmax):
            activations.append("softmax")
        elif isinstance(operation, keras.layers.Activation):
            activations.append(_name(operation.activation))
        elif not isinstance(operation, keras.layers.Dropout):
            return None
        tensor = node.arguments.args[0]


def _name(activation: Any) -> str:
    name = getattr(activation, "__name__", "")
    return name if getattr(keras.activations, name, None) is activation else "unknown"


def _giving(model: keras.Model, tensor: Any) -> Any:
    """The node of a functional model that gives a tensor; None where Keras does not say."""
    return next((node for node in nodes(model) or [] if any(given is tensor for given in node.outputs)), None)
