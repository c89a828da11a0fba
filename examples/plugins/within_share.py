"""A plug-in: copy this file to the folder `plugins` of the workspace, and the metric is on the Build page."""

import keras


@keras.saving.register_keras_serializable(package="plugins")
class WithinShare(keras.metrics.Metric):
    """The share of rows whose prediction is off by at most this share of the true value."""

    layerdeck = {"tasks": ["regression"]}

    def __init__(self, share: float = 0.1, name="within_share", **kwargs):
        super().__init__(name=name, **kwargs)
        self.share = share
        self.rows = self.add_weight(name="rows", initializer="zeros")
        self.near = self.add_weight(name="near", initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_true = keras.ops.cast(keras.ops.reshape(y_true, (-1,)), self.dtype)
        y_pred = keras.ops.cast(keras.ops.reshape(y_pred, (-1,)), self.dtype)
        near = keras.ops.cast(keras.ops.abs(y_pred - y_true) <= self.share * keras.ops.abs(y_true), self.dtype)
        weights = keras.ops.ones_like(near)
        if sample_weight is not None:
            weights = keras.ops.cast(keras.ops.reshape(sample_weight, (-1,)), self.dtype)
        self.rows.assign_add(keras.ops.sum(weights))
        self.near.assign_add(keras.ops.sum(weights * near))

    def result(self):
        return keras.ops.divide_no_nan(self.near, self.rows)

    def get_config(self):
        return {**super().get_config(), "share": self.share}
