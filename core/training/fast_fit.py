"""What plain `fit` does around each epoch, once: a few milliseconds that a small table's epoch hardly takes itself.

`fit` asks the metrics for their results after our programs have given them, and sets each metric back though our
programs do; callbacks that keep the best weights read them variable by variable, and have TensorFlow compare two
numbers.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import keras
import numpy as np

from core.model.live_weights import Handles
from core.model.scoring_program import sets_back


@contextmanager
def lean(model: keras.Model, callbacks: Iterable[keras.callbacks.Callback] = ()) -> Iterator[None]:
    """Inside, `fit` and `evaluate` leave logs and metrics to the model's train and test functions, which are ours;
    weights are quick, and those of the callbacks that look for the best epoch find it as they always do, quickly."""
    keras_own = keras.callbacks.EarlyStopping._is_improvement
    comparing = [callback for callback in callbacks if getattr(type(callback), "_is_improvement", None) is keras_own]
    model._get_metrics_result_or_logs = lambda logs: logs
    model.get_weights = Handles(model).read
    if sets_back(model):
        model.reset_metrics = lambda: None
    for callback in comparing:
        callback._is_improvement = _improvement(callback)
    try:
        yield
    finally:
        for callback in comparing:
            del callback._is_improvement
        for name in ("_get_metrics_result_or_logs", "reset_metrics", "get_weights"):
            vars(model).pop(name, None)


_QUICKLY = {keras.ops.less: np.less, keras.ops.greater: np.greater}


def _improvement(callback: keras.callbacks.Callback) -> Callable[[float, float | None], bool]:
    """Keras's own comparison, of 32-bit numbers."""

    def better(value: float, best: float | None) -> bool:
        compare = _QUICKLY.get(callback.monitor_op, callback.monitor_op)
        return best is None or bool(compare(np.float32(value - callback.min_delta), np.float32(best)))

    return better
