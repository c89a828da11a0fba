"""What runs in the Dask worker: trainings, one at a time, and predictions beside them."""

import contextlib
import os
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from distributed import Event, get_client, get_worker

from core.experiment.spec import read
from core.runs.store import Store
from core.tables.situation import Tables
from core.tables.sources import TableStore

TOPIC = "layerdeck"
_OPENING = threading.Lock()


@cache
def _opened(workspace: str) -> tuple[Store, Tables]:
    return Store(Path(workspace)), Tables(TableStore(Path(workspace)))


def opened(workspace: str) -> tuple[Store, Tables]:
    """The worker's record of runs and its tables, opened once."""
    with _OPENING:
        return _opened(workspace)


def warm_up(workspace: str) -> list[str]:
    """Opens the record of runs and imports TensorFlow, ahead of the first click. The runs that an earlier worker left unfinished."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    store, _ = opened(workspace)
    left = store.interrupt_unfinished()
    from core.learning.training import warm_up

    warm_up()
    return left


def train(run_id: str, experiment_text: str, workspace: str) -> None:
    """Trains and keeps one run; every step is told as an event of the topic `layerdeck`."""
    from core.runs.training import run

    worker = get_worker()
    store, tables = opened(workspace)
    with _StopSign(run_id) as should_stop:
        run(run_id, read(experiment_text), tables, store, lambda event: worker.log_event(TOPIC, {"run": run_id, **event}), should_stop)


class _StopSign:
    """Hears Stop in a thread of its own: asking the scheduler after every epoch would cost more than the epoch."""

    def __init__(self, run_id: str) -> None:
        self._event = Event(stop_name(run_id), client=get_client())
        self._heard, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Callable[[], bool]:
        self._thread.start()
        return self._heard.is_set

    def __exit__(self, *_: object) -> None:
        self._over.set()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):  # The scheduler has ended; so will this process.
            while not self._over.is_set():
                if self._event.wait(timeout="1s"):
                    self._heard.set()
                    return


def stop_name(run_id: str) -> str:
    """Name of the event that stops a run."""
    return f"stop-{run_id}"


def predict(run_id: str, rows: dict[str, list[Any]] | pd.DataFrame, workspace: str) -> pd.DataFrame:
    """Answers for raw rows, beside a training that may be going on. Raises LookupError when the run has no model."""
    from core.runs.prediction import predictor

    store, _ = opened(workspace)
    return predictor(store, run_id).predict(pd.DataFrame(rows))
