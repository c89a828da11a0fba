"""A network as columns of units: the layers that have units of their own, and what stands between them.

Dense layers make columns; the others, like Dropout or BatchNormalization, pass the units on and are counted to the
column before them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np

from core.model.outputs import Heads


@dataclass
class LayerColumn:
    """Units that are drawn above each other.

    Attributes:
        layers: Dense layers whose units they are: one, or of several targets one for each.
        after: Layers behind it that only pass its units on.
        output: What the next column sees of them, symbolic, (rows, units).
        bounds: (low, high) between which its activation keeps its outputs, or None; silent: whether units can be silent
            for ever.
    """

    layers: list[keras.layers.Dense]
    after: list[keras.Layer] = field(default_factory=list)
    output: Any = None
    bounds: tuple[float, float] | None = None
    silent: bool = False

    @property
    def units(self) -> int:
        """How many they are."""
        return sum(layer.units for layer in self.layers)

    def weights(self, values: Mapping[int, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """(units before, units) kernel and (units,) bias, of the values of all weights by the `id` of
        their variables.
        """
        kernels = [values[id(layer.kernel)] for layer in self.layers]
        biases = [
            np.zeros(layer.units, "float32") if layer.bias is None else values[id(layer.bias)] for layer in self.layers
        ]
        return np.concatenate(kernels, axis=1), np.concatenate(biases)


_BOUNDS = {
    "tanh": (-1.0, 1.0),
    "sigmoid": (0.0, 1.0),
    "hard_sigmoid": (0.0, 1.0),
    "softsign": (-1.0, 1.0),
    "hard_tanh": (-1.0, 1.0),
}
_SILENT = ("relu", "relu6")


def columns_of(heads: Heads, stack: keras.Model) -> tuple[Any, Any, list[LayerColumn]]:
    """What the first column sees and what the network predicts, both symbolic, and the columns."""
    dense = [layer for layer in stack.layers if isinstance(layer, keras.layers.Dense)]
    own = dense[-len(heads.all) :] if heads.several and dense else []
    found: list[LayerColumn] = []
    for layer in stack.layers:
        if isinstance(layer, keras.layers.Dense) and layer not in own:
            found.append(LayerColumn([layer], output=layer.output))
        elif found and layer not in own and _passes(layer, found[-1]):
            found[-1].after.append(layer)
            found[-1].output = layer.output
    if own:
        found.append(LayerColumn(own, output=[_output(stack)[head.name] for head in heads.all]))
    elif found and not heads.several:
        found[-1].output = _output(stack)
    for column in found:
        names = [getattr(layer, "activation", None) for layer in (*column.layers[:1], *column.after)]
        named = [getattr(name, "__name__", "") for name in names] + [
            type(layer).__name__.lower() for layer in column.after
        ]
        column.bounds = next((_BOUNDS[name] for name in named if name in _BOUNDS), None)
        column.silent = any(name in _SILENT for name in named)
    first = dense[0].input if dense else stack.inputs[0]
    return first, _output(stack), found


def _output(stack: keras.Model) -> Any:
    return stack.layers[-1].output if isinstance(stack, keras.Sequential) else stack.output


def _passes(layer: keras.Layer, column: LayerColumn) -> bool:
    output = getattr(layer, "output", None)
    return output is not None and not isinstance(output, list | dict) and output.shape[-1] == column.units
