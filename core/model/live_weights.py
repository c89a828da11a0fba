"""A network's weights as arrays, read in the middle of a training: those with which it would answer if the training
ended now.
"""

import keras
import numpy as np
import tensorflow as tf

from core.model.keras_internals import averaged, resource


class Handles:
    """Reads and writes all weights of a network, in the order of `model.weights`, by TensorFlow's own operations.

    `model.get_weights` and `set_weights` take five times as long, which short epochs and those who watch them would
    feel.
    """

    def __init__(self, model: keras.Model) -> None:
        self._weights = list(model.weights)
        handles = [(resource(weight), weight.value.dtype) for weight in self._weights]
        self._handles = None if any(handle is None for handle, _ in handles) else handles

    def read(self) -> list[np.ndarray]:
        """The arrays; no one else's to change."""
        if self._handles is None:
            return [weight.numpy() for weight in self._weights]
        return [tf.raw_ops.ReadVariableOp(resource=handle, dtype=kind).numpy() for handle, kind in self._handles]

    def write(self, weights: list[np.ndarray]) -> None:
        """Puts arrays of the variables' shapes in their place."""
        if self._handles is None:
            for variable, weight in zip(self._weights, weights, strict=True):
                variable.assign(weight)
            return
        for (handle, kind), weight in zip(self._handles, weights, strict=True):
            tf.raw_ops.AssignVariableOp(resource=handle, value=tf.constant(weight, kind))


class WeightReading:
    """Reads them at each call, in the order of `model.weights`: the moving statistics of BatchNormalization are among
    them.

    An optimizer that averages the weights puts the average in their place when `fit` ends; here it is done for a
    moment.
    """

    def __init__(self, model: keras.Model, callbacks: list[keras.callbacks.Callback]) -> None:
        self._model, self._callbacks = model, callbacks
        self._handles = Handles(model)

    def __call__(self) -> list[np.ndarray]:
        """The arrays; no one else's to change."""
        optimizer = self._model.optimizer
        if any(map(averaged, self._callbacks)) or not getattr(optimizer, "use_ema", False):
            return self._handles.read()
        as_they_are = self._handles.read()
        optimizer.finalize_variable_values(self._model.trainable_weights)
        found = self._handles.read()
        self._handles.write(as_they_are)
        return found
