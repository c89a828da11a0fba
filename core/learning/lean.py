"""What plain `fit` does around each epoch, once: a few milliseconds that a small table's epoch hardly takes itself.

`fit` asks the metrics for their results after our programs have given them, and sets each metric back by a call of its own; callbacks
that keep the best weights read them variable by variable.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import keras
import tensorflow as tf

from core.learning.reading import Handles

_BACK = "_layerdeck_set_back"  # Kept with the model: a kept program's next training need not trace it again.


@contextmanager
def lean(model: keras.Model) -> Iterator[None]:
    """Inside, `fit` and `evaluate` take the logs of the model's train and test functions as they are; metrics and weights are quick."""
    model._get_metrics_result_or_logs = lambda logs: logs
    model.get_weights = Handles(model).read
    if all(type(metric).__module__.startswith("keras.") for metric in model.metrics):  # Another's may not be all variables.
        if _BACK not in vars(model):
            vars(model)[_BACK] = tf.function(lambda: _set_back(model))
        model.reset_metrics = vars(model)[_BACK]
    try:
        yield
    finally:
        for name in ("_get_metrics_result_or_logs", "reset_metrics", "get_weights"):
            vars(model).pop(name, None)


def _set_back(model: keras.Model) -> None:
    for metric in model.metrics:
        metric.reset_state()
