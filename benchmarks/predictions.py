"""Predictions: one row through a real worker, and a table of a million rows against the matrix multiplies of its
network.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import tensorflow as tf

from benchmarks.measure import medians, ratio, seconds
from benchmarks.start import EXPERIMENT
from core.experiment.spec import Experiment, read
from core.experiment.task import Task
from core.model.exported_model import Predictor
from core.model.preprocessing import tensors
from core.runs.engine import Engine
from core.tables.prepared import prepare, raw_values
from core.training.hooks import Hooks
from core.training.train import learn

_MANY, _BLOCK = 1_000_000, 8192
_PAUSE = 0.05  # Seconds between two questions: a person's are further apart.


def _table(rows: int) -> pd.DataFrame:
    draw = np.random.default_rng(rows)
    frame = pd.DataFrame(draw.normal(size=(rows, 4)), columns=["a", "b", "c", "y"])
    return frame.assign(word=draw.choice(["one", "two", "three"], rows), agreed=draw.choice(["yes", "no"], rows))


def _experiment(units: int) -> Experiment:
    kinds = {"a": "number", "b": "number", "c": "number", "word": "category", "agreed": "boolean"}
    hidden = {"layer": "Dense", "units": units, "activation": "relu"}
    return read(
        {
            "version": 1,
            "data": {"table": "file:none", "targets": ["y"], "features": kinds},
            "layers": [hidden, hidden, {"layer": "Dense", "units": 1}],
            "fit": {"epochs": 2},
        }
    )


def main() -> None:
    """A regression on numbers, words and a yes-or-no."""
    _one()
    for units in (64, 512):
        _table_of_many(units)


def _one() -> None:
    """As the page asks it: client, scheduler, worker and back."""
    with tempfile.TemporaryDirectory() as folder:
        engine, row = (
            Engine(Path(folder)),
            pd.DataFrame({"sqft": [1500.0], "beds": [3.0], "type": ["Residential"], "city": ["GALT"]}),
        )
        try:
            engine.start()
            _wait(lambda: engine.warm.is_set() or bool(engine.trouble))
            run = engine.submit(read(EXPERIMENT))
            _wait(lambda: engine.run(run).over)
            nothing = lambda: engine._client.submit(len, row, pure=False, priority=10).result(10)  # noqa: E731
            ways = {"one": lambda: engine.predict(run, row), "nothing": nothing}
            found, at_once = medians(ways, 40, pause=_PAUSE), medians(ways, 40)
        finally:
            engine.close()
    seconds("one prediction through the worker", found["one"], "0.020")
    ratio("one prediction through the worker / a task of Dask's that does nothing", found["one"], found["nothing"])
    seconds("the same without a pause: Dask gathers a client's messages for 10 ms", at_once["one"])


def _wait(there: Callable[[], bool]) -> None:
    end = time.monotonic() + 180
    while not there():
        if time.monotonic() > end:
            raise TimeoutError("the worker did not come up")
        time.sleep(0.05)


def _table_of_many(units: int) -> None:
    experiment = _experiment(units)
    outcome = learn(experiment, prepare(_table(500), experiment.data, "number"), Task("regression", "y"), Hooks())
    predictor, many = Predictor(outcome.bundle, outcome.card), _table(_MANY)
    kernels = [layer.kernel for layer in outcome.stack.layers if hasattr(layer, "kernel")]
    x = tf.random.normal((_MANY, kernels[0].shape[0]))
    raw = raw_values(many, predictor.kinds, {})

    @tf.function(reduce_retracing=True)
    def multiply(rows: tf.Tensor) -> tf.Tensor:
        for kernel in kernels:
            rows = rows @ kernel
        return rows

    ways = {
        "ours": lambda: predictor.predict(many),
        "keras": lambda: outcome.bundle.predict(tensors(raw), batch_size=_BLOCK, verbose=0),
        "multiplies": lambda: [multiply(x[at : at + _BLOCK]).numpy() for at in range(0, _MANY, _BLOCK)],
    }
    found = medians(ways, 3)
    what = f"a million rows, {units}-{units}-1:"
    ratio(f"{what} Layerdeck, cells and notes included / bare multiplies", found["ours"], found["multiplies"], "near 1")
    ratio(f"{what} model.predict on cells read before / Layerdeck", found["keras"], found["ours"])
