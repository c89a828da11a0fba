"""A plug-in for Layerdeck: a layer, an activation, a loss and a metric of your own.

Save this file in the plug-in folder, change it, and reload the page: what is decorated below is then in the lists of
layers, activations, losses and metrics. Remove what you do not need. The page parses the file; the worker runs it.
"""

import keras


@keras.saving.register_keras_serializable(package="plugins")
class ScaledDense(keras.layers.Layer):
    """A dense layer with a trained factor for each unit."""  # The help text on the page.

    layerdeck = {"width": "units"}  # The argument that is the number of outputs.

    # Arguments with a default of type int, float or bool become fields of the form.
    def __init__(self, units: int = 16, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], self.units), name="kernel")
        self.factor = self.add_weight(shape=(self.units,), initializer="ones", name="factor")

    def call(self, inputs):
        return self.factor * keras.ops.matmul(inputs, self.kernel)

    def get_config(self):
        return {**super().get_config(), "units": self.units}


@keras.saving.register_keras_serializable(package="plugins")
def squared_relu(x):
    """The square of ReLU."""
    return keras.ops.square(keras.ops.relu(x))


@keras.saving.register_keras_serializable(package="plugins")
class AsymmetricError(keras.losses.Loss):
    """The absolute error that weights underestimates more. Choose it when they are costly."""

    layerdeck = {"tasks": ["regression"]}

    def __init__(self, factor: float = 2.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, y_true, y_pred):
        error = y_true - y_pred
        return keras.ops.mean(keras.ops.maximum(self.factor * error, -error), axis=-1)

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


@keras.saving.register_keras_serializable(package="plugins")
class LargestError(keras.metrics.Metric):
    """The largest absolute error of an epoch, in the target's unit."""

    layerdeck = {"tasks": ["regression"], "power": 1}  # It grows like the target: shown in its unit.

    def __init__(self, name="largest_error", **kwargs):
        super().__init__(name=name, **kwargs)
        self.largest = self.add_variable(shape=(), initializer="zeros", name="largest")

    def update_state(self, y_true, y_pred, sample_weight=None):  # noqa: ARG002
        self.largest.assign(keras.ops.maximum(self.largest, keras.ops.max(keras.ops.abs(y_true - y_pred))))

    def result(self):
        return self.largest
