"""The experiment's calls, made: a compiled `keras.Sequential` and its callbacks."""

import contextlib
import importlib
import random
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from core.catalog.losses import LOSSES
from core.catalog.plugins import PREFIX
from core.catalog.target_transforms import TargetTransform
from core.experiment.keras_calls import (
    ByEpoch,
    Call,
    Own,
    Place,
    Scaled,
    Symbol,
    callback_calls,
    embedding_call,
    layer_calls,
    loss_call,
    loss_power,
    metric_calls,
    optimizer_call,
)
from core.experiment.spec import Experiment
from core.experiment.task import Task
from core.model.keras_internals import layer_seeds
from core.model.plugins import plugged
from core.model.preprocessing import embedded
from core.tables.statistics import target_offset

_ONE_AT_A_TIME = threading.Lock()


@contextlib.contextmanager
def seeded(seed: int) -> Iterator[None]:
    """The same seeds for layers as after `keras.utils.set_random_seed(seed)`, whatever other threads draw meanwhile.

    Keras draws the seed of each initializer and random layer from Python's global generator, which the worker's other
    threads use too; here it draws from one of its own.
    """
    with _ONE_AT_A_TIME, layer_seeds(random.Random(seed)):
        yield


class TargetScale:
    """Mean and deviation of the training targets; 0 and 1 for classes.

    Args:
        y_true: n training amounts, or n class numbers.
        shift_invariant: Whether the loss and the metrics allow an offset
            (`core.experiment.keras_calls.shift_invariant`).
        transform: The logarithm that is learned in place of amounts: mean and scale are of logarithms.

    Attributes:
        offset: What is taken away from the target, in float64, before the network learns it, and given back to its
            predictions: 0.0 but
            for amounts whose differences float32 would lose.
        mean, scale: Of the target without the offset, in the target's unit.
    """

    def __init__(
        self, y_true: np.ndarray, task: Task, shift_invariant: bool = False, transform: TargetTransform | None = None
    ) -> None:
        self.transform = transform if task.kind == "regression" else None
        y_true = self.transformed(y_true)
        regression = task.kind == "regression"
        self.offset = target_offset(y_true) if regression and shift_invariant else 0.0
        self.mean = float(y_true.mean()) - self.offset if regression else 0.0
        self.scale = (float(y_true.std()) or 1.0) if regression else 1.0

    def transformed(self, values: np.ndarray) -> np.ndarray:
        """Amounts as the network learns them: their logarithms, where those are learned."""
        if self.transform is None:
            return values
        logarithm = {"log": np.log, "log1p": np.log1p}[self.transform.name]
        return np.asarray(logarithm(np.maximum(values, self.transform.least)))

    def symbols(self) -> dict[str, float]:
        """The numbers by the names the calls use."""
        return {"TARGET_MEAN": self.mean, "TARGET_SCALE": self.scale}


def make(value: Any, symbols: dict[str, float]) -> Any:
    """A call's object; symbols become numbers."""
    if isinstance(value, Own):
        return plugged(value.module, value.name)
    if isinstance(value, Call):
        own = value.module.startswith(PREFIX)
        factory = (
            plugged(value.module, value.name) if own else getattr(importlib.import_module(value.module), value.name)
        )
        return factory(**{name: make(argument, symbols) for name, argument in value.arguments.items()})
    if isinstance(value, ByEpoch):
        schedule = make(value.schedule, symbols)
        return lambda epoch: float(schedule(epoch))
    if isinstance(value, Scaled):
        return value.number / symbols["TARGET_SCALE"] ** value.exponent
    return symbols[value.name] if isinstance(value, Symbol) else value


def build(
    experiment: Experiment, task: Task, inputs: int, target: TargetScale, words: Sequence[int] = ()
) -> keras.Model:
    """The compiled stack for a matrix of `inputs` columns; its output is in the target's own unit.

    A Sequential, unless it begins with an embedding: then the last columns are the numbers of words, of which `words`
    are known. Raises ValueError with Keras's own words when a layer or argument cannot be.
    """
    symbols = target.symbols()
    with seeded(experiment.fit.seed):
        if embedding_call(experiment) is None:
            model = keras.Sequential(
                [keras.Input((inputs,)), *(make(call, symbols) for call in layer_calls(experiment, task))]
            )
        else:
            begin, output = beginning(experiment, inputs, words)
            for call in layer_calls(experiment, task):
                output = make(call, symbols)(output)
            model = keras.Model(begin, output)
    model.compile(
        optimizer=make(optimizer_call(experiment), symbols),
        loss=loss_of(experiment, target),
        metrics=metrics_of(experiment, task, target),
        weighted_metrics=metrics_of(experiment, task, target, weighted=True),
    )
    return model


def beginning(experiment: Experiment, inputs: int, words: Sequence[int]) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """The network's input, and what its layers see of it: words as vectors where there is an embedding."""
    begin, call = keras.Input((inputs,)), embedding_call(experiment)
    if call is None:
        return begin, begin
    return begin, embedded(
        begin, words, lambda known: make(Call(call.module, call.name, {"input_dim": known + 1, **call.arguments}), {})
    )


def loss_of(experiment: Experiment, target: TargetScale) -> Any:
    """The loss as Keras is given it: of `y_true` and `y_pred` in deviations of the target, where that is its unit."""
    loss = make(loss_call(experiment), target.symbols())
    return scaled(loss, target) if loss_power(experiment) else loss


def metrics_of(
    experiment: Experiment, task: Task, target: TargetScale, weighted: bool = False
) -> list[keras.metrics.Metric]:
    """The metrics, or those that heed the rows' weights."""
    return [make(call, target.symbols()) for call in metric_calls(experiment, task, weighted)]


def scaled(loss: keras.losses.Loss, target: TargetScale) -> Any:
    """The loss of `y_true` and `y_pred`, or of their logarithms, divided by the target's deviation: gradients of the
    size optimizers are made for.
    """
    scale, transform = target.scale, target.transform
    if transform is not None:
        logarithm = {"log": keras.ops.log, "log1p": keras.ops.log1p}[transform.name]

        def scaled_logarithms_loss(y_true: Any, y_pred: Any) -> Any:
            y_true, y_pred = (logarithm(keras.ops.maximum(values, transform.least)) for values in (y_true, y_pred))
            return loss.call(y_true / scale, y_pred / scale)

        return scaled_logarithms_loss

    def scaled_loss(
        y_true: Any, y_pred: Any
    ) -> Any:  # A function with a name: Keras can write it down, a lambda it refuses.
        return loss.call(y_true / scale, y_pred / scale)

    return scaled_loss


def callbacks(experiment: Experiment, target: TargetScale, folder: Path) -> list[keras.callbacks.Callback]:
    """The experiment's own callbacks; what they write lies in the folder. `target` is of the only or first one."""
    calls = callback_calls(experiment, printed=False)
    for call in calls:
        call.arguments.update(
            {name: str(folder / value.name) for name, value in call.arguments.items() if isinstance(value, Place)}
        )
    return [make(call, target.symbols()) for call in calls]


def loss_unit(experiment: Experiment, target: TargetScale) -> float:
    """What a logged loss is multiplied by to be in the target's own unit (squared errors: dollars squared)."""
    return target.scale ** (loss_power(experiment) or 0)


def y_true_for(experiment: Experiment, task: Task, y_true: np.ndarray, floats: str = "float32") -> np.ndarray:
    """A target's values as the loss reads them: (rows, 1) floats or class numbers, or (rows, classes) one-hot."""
    kind = LOSSES[experiment.compile.single_loss.name].target
    if kind == "onehot":
        return np.eye(task.classes, dtype=floats)[y_true]
    return y_true.reshape(-1, 1).astype("int32" if kind == "integer" else floats)
