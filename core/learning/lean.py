"""What plain `fit` does around each epoch, once: a few milliseconds that a small table's epoch hardly takes itself.

`fit` asks the metrics for their results after our programs have given them, and sets each metric back though our programs do; callbacks
that keep the best weights read them variable by variable.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import keras

from core.learning.blocks import sets_back
from core.learning.reading import Handles


@contextmanager
def lean(model: keras.Model) -> Iterator[None]:
    """Inside, `fit` and `evaluate` leave logs and metrics to the model's train and test functions, which are ours; weights are quick."""
    model._get_metrics_result_or_logs = lambda logs: logs
    model.get_weights = Handles(model).read
    if sets_back(model):
        model.reset_metrics = lambda: None
    try:
        yield
    finally:
        for name in ("_get_metrics_result_or_logs", "reset_metrics", "get_weights"):
            vars(model).pop(name, None)
