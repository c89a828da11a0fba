"""Plug-ins of every family, as a person would write them."""

import keras


@keras.saving.register_keras_serializable(package="plugins")
def bent(x):
    """x for positive numbers, a tenth of it for negative ones."""
    return keras.ops.where(x > 0, x, 0.1 * x)


@keras.saving.register_keras_serializable(package="plugins")
class Widen(keras.layers.Layer):
    """A dense layer without biases."""

    layerdeck = {"width": "units"}

    def __init__(self, units: int, gain: float = 1.0, **kwargs):
        super().__init__(**kwargs)
        self.units, self.gain = units, gain

    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], self.units), name="kernel")

    def call(self, x):
        return self.gain * keras.ops.matmul(x, self.kernel)

    def get_config(self):
        return {**super().get_config(), "units": self.units, "gain": self.gain}


@keras.saving.register_keras_serializable(package="plugins")
class Quartic(keras.losses.Loss):
    """Errors to the fourth power, in tens of thousands."""

    def __init__(self, unit: float = 10_000.0, **kwargs):
        super().__init__(**kwargs)
        self.unit = unit

    def call(self, y_true, y_pred):
        return keras.ops.mean(((y_true - y_pred) / self.unit) ** 4, axis=-1)


@keras.saving.register_keras_serializable(package="plugins")
class WorstError(keras.metrics.Metric):
    """The largest error."""

    layerdeck = {"tasks": ["regression"], "power": 1}

    def __init__(self, name="worst", **kwargs):
        super().__init__(name=name, **kwargs)
        self.worst = self.add_variable(shape=(), initializer="zeros", name="worst")

    def update_state(self, y_true, y_pred, sample_weight=None):  # noqa: ARG002
        self.worst.assign(keras.ops.maximum(self.worst, keras.ops.max(keras.ops.abs(y_true - y_pred))))

    def result(self):
        return self.worst


@keras.saving.register_keras_serializable(package="plugins")
class StopAfter(keras.callbacks.Callback):
    """Stops after so many epochs."""

    def __init__(self, epochs: int = 3):
        super().__init__()
        self.most = epochs

    def on_epoch_end(self, epoch, logs=None):  # noqa: ARG002
        if epoch + 1 >= self.most:
            self.model.stop_training = True

    def get_config(self):
        return {"epochs": self.most}
