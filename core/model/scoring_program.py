"""The compiled programs that score a network on rows: validation between epochs, and the scores at the end."""

from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from core.model.keras_internals import block_numbers

_VALIDATION_BLOCK = 8192


_KEPT_BYTES = 256e6  # Of validation rows that stay with TensorFlow, instead of being copied there in each epoch.


# What a network is to predict, or sample weights: (rows, ...) or, where there are several targets, name -> such an
# array.
Column = np.ndarray | dict[str, np.ndarray]


class Traced:
    """A `tf.function` that is called by the trace which the shapes of its tensors had: TensorFlow's own search for it
    takes longer than the steps of many a small epoch."""

    def __init__(self, function: Any) -> None:
        self._function = function
        self._traces: dict[tuple[Any, ...], Callable[..., Any]] = {}

    def __call__(self, *given: Any) -> Any:
        key = tuple(tuple(one.shape) if tf.is_tensor(one) else one for one in tf.nest.flatten(given))
        if key not in self._traces:
            self._traces[key] = self._function.get_concrete_function(*given)
        return self._traces[key](*given)


def _columns(x: np.ndarray, y: Column, weights: Column | None) -> tuple[Column, ...]:
    return (x, y) if weights is None else (x, y, weights)


_each = tf.nest.map_structure


def sets_back(model: keras.Model) -> bool:
    """Whether the programs set its metrics back where an epoch begins. Another's metric may not be all variables."""
    return all(type(metric).__module__.startswith("keras.") for metric in model.metrics)


def _set_back(model: keras.Model) -> None:
    if sets_back(model):
        for metric in model.metrics:
            metric.reset_state()


class ValidationProgram:
    """A test function for `fit`: each call evaluates one large block of validation rows."""

    def __init__(self, model: keras.Model, x: np.ndarray, y: Column, weights: Column | None = None) -> None:
        self.model = model
        self.begin(x, y, weights)

        @tf.function(reduce_retracing=True)
        def run(columns: Any, anew: bool) -> dict[str, tf.Tensor]:
            if anew:
                _set_back(model)
            model.test_step(columns)
            return model.get_metrics_result()

        self._run = Traced(run)

    def begin(self, x: np.ndarray, y: Column, weights: Column | None) -> None:
        """Other rows of the same shapes."""
        self.x, self.columns = x, _columns(x, y, weights)

    @property
    def columns(self) -> tuple[Column, ...]:
        """Matrix, targets and sample weights."""
        return self._columns

    @columns.setter
    def columns(self, columns: tuple[Column, ...]) -> None:
        self._columns = columns
        small = sum(column.nbytes for column in tf.nest.flatten(columns)) < _KEPT_BYTES
        self._kept: dict[int, Any] | None = {} if small else None

    @property
    def dataset(self) -> Any:
        """What `evaluate` walks through: the numbers of the blocks."""
        return block_numbers(-(-len(self.x) // _VALIDATION_BLOCK))

    def __call__(self, iterator: Iterator[int]) -> dict[str, float]:
        """Evaluates the next block; the model's metrics so far."""
        block = int(next(iterator))
        if self._kept is None:
            return self._evaluate(block, _part(self.columns, block))
        if block not in self._kept:
            self._kept[block] = _part(self.columns, block)
        return self._evaluate(block, self._kept[block])

    def _evaluate(self, block: int, columns: Any) -> dict[str, float]:
        return {name: float(value) for name, value in self._run(columns, block == 0).items()}


def _part(columns: tuple[Column, ...], block: int) -> Any:
    at = block * _VALIDATION_BLOCK
    return _each(lambda column: tf.constant(column[at : at + _VALIDATION_BLOCK]), columns)
