"""Predictions of kept runs; a model is loaded once and stays with the worker."""

import threading
from functools import lru_cache
from typing import TYPE_CHECKING

from core.model.exported_model import Predictor
from core.model.plugins import custom_objects

if TYPE_CHECKING:
    from core.runs.mlflow_store import Store

_LOADING = threading.Lock()


def predictor(store: "Store", run: str, version: int = 0) -> Predictor:
    """The run's predictor; another `version` is another model. Raises NoSuchRun when there is no such run or it has no
    model.
    """
    with _LOADING:
        return _load(store, run, version)


@lru_cache(maxsize=16)
def _load(store: "Store", run: str, _version: int) -> Predictor:
    own = custom_objects(store.plugins(run))  # As they were when the run was made.
    return Predictor.load(store.path(run, "model.keras"), own, store.card(run))
