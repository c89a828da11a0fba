"""Several exported models as one, which predicts the mean of what they predict."""

from collections.abc import Sequence

import keras


def mean_model(models: Sequence[keras.Model]) -> keras.Model:
    """One model of `exported_model.bundle` models with the same features and targets: feature -> (rows, 1) in, the mean
    of their amounts, margins or probabilities out, of several targets by name. The models become parts of it, under
    other names.
    """
    inputs = {
        name: keras.Input(taken.shape[1:], dtype=taken.dtype, name=name) for name, taken in models[0].input.items()
    }
    for at, model in enumerate(models, start=1):
        model.name = f"model_{at}"  # The parts of a model have different names.
    outputs = [model(inputs) for model in models]
    if not isinstance(outputs[0], dict):
        return keras.Model(inputs, _mean(outputs), name="mean")
    return keras.Model(inputs, {name: _mean([one[name] for one in outputs]) for name in outputs[0]}, name="mean")


def _mean(outputs: Sequence[keras.KerasTensor]) -> keras.KerasTensor:
    """In the type of the outputs: float64 of amounts with an offset, whose last digits float32 has not."""
    return keras.layers.Average(dtype=outputs[0].dtype)(outputs)
