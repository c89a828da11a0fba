"""Predictions of kept runs; a model is loaded once and stays with the worker."""

import threading
from functools import lru_cache
from typing import TYPE_CHECKING

import keras

from core.learning.bundle import Predictor

if TYPE_CHECKING:
    from core.runs.store import Store

_LOADING = threading.Lock()


def predictor(store: "Store", run: str) -> Predictor:
    """The run's predictor. Raises NoSuchRun when there is no such run or it has no model."""
    with _LOADING:
        return _load(store, run)


@lru_cache(maxsize=16)
def _load(store: "Store", run: str) -> Predictor:
    return Predictor(keras.models.load_model(store.path(run, "model.keras")), store.value(run, "card.json"))
