"""What plain `fit` does around each epoch, once: a few milliseconds that a small table's epoch hardly takes itself.

`fit` asks the metrics for their results after our programs have given them, and sets each metric back though our
programs do; callbacks that keep the best weights read them variable by variable, and have TensorFlow compare two
numbers.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import keras
import numpy as np

from core.model.keras_internals import Comparison, comparison, logs_kept
from core.model.live_weights import Handles
from core.model.scoring_program import sets_back


@contextmanager
def lean(model: keras.Model, callbacks: Iterable[keras.callbacks.Callback] = ()) -> Iterator[None]:
    """Inside, `fit` and `evaluate` leave logs and metrics to the model's train and test functions, which are ours;
    weights are quick, and those of the callbacks that look for the best epoch find it as they always do, quickly."""
    model.get_weights = Handles(model).read
    if sets_back(model):
        model.reset_metrics = lambda: None
    try:
        with logs_kept(model), comparison(callbacks, _improvement):
            yield
    finally:
        for name in ("reset_metrics", "get_weights"):
            vars(model).pop(name, None)


_QUICKLY = {keras.ops.less: np.less, keras.ops.greater: np.greater}


def _improvement(callback: keras.callbacks.Callback) -> Comparison:
    """Keras's own comparison, of 32-bit numbers."""

    def better(value: float, best: float | None) -> bool:
        compare = _QUICKLY.get(callback.monitor_op, callback.monitor_op)
        return best is None or bool(compare(np.float32(value - callback.min_delta), np.float32(best)))

    return better
