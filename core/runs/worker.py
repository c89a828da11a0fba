"""What runs in the Dask worker: trainings, one at a time, and predictions beside them.

The engine hands these functions to Dask, so the server imports this module, too: what only the worker needs (MLflow,
TensorFlow) is imported where it is used.
"""

import contextlib
import os
import threading
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from core.runs.journal import Journal
from core.runs.released_memory import release_memory
from core.runs.sqlite_guard import StoreBroken
from core.tables.reader_process import reread
from core.tables.situation import Tables
from core.tables.sources import TableStore, is_path
from core.workspace import workspace as home

if TYPE_CHECKING:
    from core.evaluation.paired_scores import RunsCompared
    from core.runs.mlflow_store import Store
    from core.runs.repeated_runs import MeanOfSeeds, RepeatedRun
    from core.runs.unshared_training import Parcel, ReturnedRun
    from core.training.worker_pools import Warm

_OPENING, _WARMING = threading.Lock(), threading.Lock()
_AT_WORK = threading.Event()  # A training has begun.


@cache
def _store(workspace: str) -> "Store":
    from core.runs.mlflow_store import Store

    return Store(Path(workspace))


@cache
def _tables(workspace: str) -> Tables:
    return Tables(TableStore(Path(workspace), reread), trains=True)


@cache
def _tables_and_paths(workspace: str) -> Tables:
    return Tables(tables(workspace).store, paths=True)


def record(workspace: str) -> "Store":
    """The worker's record of runs, opened once. Raises StoreBroken; then the next one who asks tries again."""
    with _OPENING:
        return _store(workspace)


def tables(workspace: str) -> Tables:
    """The worker's tables, opened once."""
    with _OPENING:
        return _tables(workspace)


def tables_of(runs: Sequence[str], workspace: str) -> Tables:
    """The worker's tables for questions about runs that are recorded. One that the command line trained may name a file
    by its path, which is read for it; whoever asks from a browser names runs, and no run that a browser began names a
    path.
    """
    for run in runs:
        with contextlib.suppress(LookupError):  # Whoever needs the run says so.
            if _names_a_path(run, workspace):
                return _tables_and_paths(workspace)
    return tables(workspace)


@lru_cache(1000)
def _names_a_path(run: str, workspace: str) -> bool:
    # Its value as it was written: what a plug-in of it is called, a worker that has just begun does not know yet.
    data = record(workspace).value(run, "experiment.json")["data"]
    return is_path(data["table"]) or is_path((data.get("split") or {}).get("table") or "")


def dask_setup(_worker: object) -> None:
    """Called by Dask when a worker starts: it warms up beside its first tasks, also one that replaces another."""
    # When memory runs out, the kernel shall end the worker and neither the app nor another program.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")
    threading.Thread(target=warm_up, args=(str(home()),), daemon=True).start()


def warm_up(workspace: str) -> None:
    """Opens the record of runs and imports TensorFlow, ahead of the first click. A training that has begun already is
    not held up.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if sees(workspace):
        with contextlib.suppress(StoreBroken):  # Whoever needs it hears of it.
            record(workspace)
    with _WARMING:
        if not _AT_WORK.is_set():
            _warmed()


@cache
def _warm() -> "Warm":
    from core.training.worker_pools import Warm

    return Warm()


@cache
def _warmed() -> None:
    from core.training.train import warm_up

    warm_up()
    release_memory()


def sees(workspace: str, file: str = "") -> bool:
    """Whether this worker sees an engine's workspace, and a file in it; not where LAYERDECK_HOME names another one."""
    same = "LAYERDECK_HOME" not in os.environ or home() == Path(workspace).absolute()
    return same and Path(workspace, file).exists()


def train(run_id: str, workspace: str, parcel: "Parcel | None" = None) -> "dict[str, Any] | ReturnedRun":
    """Trains and keeps one run, or goes on with it; its last event, should its journal not have taken it. Where the
    worker does not see the workspace, the outcome of the run in the parcel; {"state": UNSEEN} without one.
    """
    _AT_WORK.set()
    try:
        return _train(run_id, workspace, parcel)
    finally:
        release_memory()


def _train(run_id: str, workspace: str, parcel: "Parcel | None") -> "dict[str, Any] | ReturnedRun":
    from core.runs.run_training import patiently, refuse, run
    from core.runs.unshared_training import UNSEEN, train_unshared

    if not sees(workspace, f"runs/{run_id}"):
        return {"state": UNSEEN} if parcel is None else train_unshared(run_id, parcel, tables(str(home())), _warm())
    journal = Journal(Path(workspace), run_id)
    try:
        store = patiently(lambda: record(workspace))
    except StoreBroken as error:
        return refuse(journal, str(error))
    result = run(journal, tables(workspace), store, warm=_warm())
    return {name: result.get(name) for name in ("state", "says")}


def predict(run_id: str, rows: dict[str, list[Any]] | pd.DataFrame, workspace: str) -> pd.DataFrame:
    """Predictions for raw rows, beside a training that may be going on. Raises LookupError when the run has no model,
    StoreBroken.
    """
    from core.runs.predictors import predictor

    return predictor(record(workspace), run_id, Journal(Path(workspace), run_id).version()).predict(pd.DataFrame(rows))


def look(run_id: str, epoch: int, rows: pd.DataFrame | None, workspace: str) -> dict[str, Any]:
    """A run at one of its epochs, beside a training that may be going on. Raises LookupError, TableError,
    StoreBroken.
    """
    from core.runs import at_epoch

    return at_epoch.look(
        record(workspace), tables_of([run_id], workspace), Journal(Path(workspace), run_id), epoch, rows
    )


def evaluate_section(run_id: str, epoch: int | None, section: str, options: dict[str, Any], workspace: str) -> Any:
    """What a section says of how a run predicts, beside a training that may be going on: see `core.runs.evaluated_run`.
    Raises LookupError, TableError, StoreBroken.
    """
    from core.runs.evaluated_run import evaluation_section

    journal = Journal(Path(workspace), run_id)
    return evaluation_section(record(workspace), tables_of([run_id], workspace), journal, epoch, section, options)


def held_out(runs: "list[RepeatedRun]", workspace: str) -> pd.DataFrame:
    """The test rows of some runs with what each predicts for its own, beside a training that may be going on. Raises
    LookupError, TableError, StoreBroken.
    """
    from core.runs.out_of_fold import out_of_fold

    return out_of_fold(record(workspace), tables_of([one.run for one in runs], workspace), Path(workspace), runs)


def scores_on_shared_rows(runs: list[str], workspace: str) -> "RunsCompared":
    """Several runs on the test rows that they have in common, beside a training that may be going on. Raises
    StoreBroken.
    """
    from core.runs.shared_test_rows import paired_scores

    return paired_scores(record(workspace), tables_of(runs, workspace), Path(workspace), runs)


def rows_predicted_differently(runs: list[str], workspace: str) -> list[tuple[str, pd.DataFrame]]:
    """The test rows on which several runs differ most, beside a training that may be going on. Raises StoreBroken."""
    from core.runs.prediction_differences import prediction_differences

    return prediction_differences(record(workspace), tables_of(runs, workspace), Path(workspace), runs)


def validation_scores_cross_fitted(run_id: str, workspace: str) -> dict[str, Any]:
    """The validation scores of a run by rows that did not choose the epoch, beside a training that may be going on.
    Raises LookupError, TableError, StoreBroken.
    """
    from core.runs.cross_fitted_scores import cross_fitted_scores
    from core.runs.evaluated_run import evaluated_run

    journal = Journal(Path(workspace), run_id)
    with evaluated_run(record(workspace), tables_of([run_id], workspace), journal) as asked:
        return cross_fitted_scores(asked, journal)


def seed_predictions(runs: list[str], rows: pd.DataFrame, workspace: str) -> list[pd.DataFrame]:
    """What each of some runs predicts for raw rows, beside a training that may be going on. Raises LookupError,
    StoreBroken.
    """
    from core.runs import seed_mean

    return seed_mean.seed_predictions(record(workspace), Path(workspace), runs, rows)


def predict_mean(run_id: str, runs: list[str], rows: pd.DataFrame, workspace: str) -> pd.DataFrame:
    """The mean of what some runs predict for raw rows, with the card of `run_id`, beside a training that may be going
    on. Raises LookupError, StoreBroken.
    """
    from core.runs import seed_mean

    return seed_mean.mean_predictor(record(workspace), Path(workspace), runs, run_id).predict(rows)


def mean_of_seeds(runs: list[str], workspace: str) -> "MeanOfSeeds":
    """The mean of some runs' models as one, beside a training that may be going on. Raises LookupError, TableError,
    StoreBroken.
    """
    from core.runs import seed_mean

    return seed_mean.mean_of_seeds(record(workspace), tables_of(runs, workspace), Path(workspace), runs)


def explain(run_id: str, rows: pd.DataFrame, seeds: list[str], workspace: str) -> tuple[pd.DataFrame, list[str]]:
    """Columns of contributions beside rows to predict, by the run or the mean of seeds: see
    `core.runs.contributions_section`. Raises as `evaluate_section` does.
    """
    from core.runs.contributions_section import contribution_columns
    from core.runs.evaluated_run import evaluated_run

    of = record(workspace), tables_of([run_id], workspace), Journal(Path(workspace), run_id)
    with evaluated_run(*of, seeds=seeds) as asked:
        return contribution_columns(asked, rows)


def report(run_id: str, workspace: str) -> dict[str, Any]:
    """What a run's report shows, beside a training that may be going on. Raises LookupError when the run has no model,
    StoreBroken.
    """
    from core.runs import report_data

    return report_data.report(record(workspace), tables_of([run_id], workspace), Journal(Path(workspace), run_id))


def restore(run_id: str, epoch: int | None, workspace: str) -> None:
    """Puts an epoch, or what the training ended with, in the place of a run's model. Raises LookupError, TableError,
    StoreBroken.
    """
    from core.runs import at_epoch
    from core.runs.run_settings import clear_temperatures, renew

    of = record(workspace), tables_of([run_id], workspace), Journal(Path(workspace), run_id)
    clear_temperatures(*of)
    at_epoch.restore(*of, epoch)
    renew(*of)


def set_threshold(
    run_id: str, target: str, threshold: float | None, worth: dict[str, float] | None, workspace: str
) -> None:
    """Keeps a threshold with a run: see `core.runs.run_settings`. Raises LookupError, TableError, StoreBroken."""
    from core.runs.run_settings import keep_threshold

    journal = Journal(Path(workspace), run_id)
    keep_threshold(record(workspace), tables_of([run_id], workspace), journal, target, threshold, worth)


def recalibrate(run_id: str, target: str, on: bool, workspace: str) -> None:
    """Recalibrates a target of a run, or takes that back: see `core.runs.run_settings`. Raises as `set_threshold`."""
    from core.runs.run_settings import keep_temperature

    keep_temperature(record(workspace), tables_of([run_id], workspace), Journal(Path(workspace), run_id), target, on)


def loss_landscape(run_id: str, kind: str, workspace: str) -> None:
    """Computes the loss around a run's weights, beside a training that may be going on. Raises StoreBroken, OSError."""
    from core.runs.loss_landscape import chart

    chart(record(workspace), tables_of([run_id], workspace), Journal(Path(workspace), run_id), kind)


def race_landscape(race: str, runs: list[str], best: str, kind: str, workspace: str) -> None:
    """Computes the loss around the weights of a race's best run, with the paths of its runs. Raises as `loss_landscape`
    does.
    """
    from core.runs.loss_landscape import chart_race

    chart_race(record(workspace), tables_of(runs, workspace), Path(workspace), race, runs, best, kind)


def play(run_id: str, best: int | None, workspace: str) -> None:
    """Draws the network of a run at its kept epochs, `best` among them. Raises LookupError, TableError, StoreBroken,
    OSError.
    """
    from core.runs import at_epoch

    at_epoch.play(record(workspace), tables_of([run_id], workspace), Journal(Path(workspace), run_id), best)


def show(run_id: str, workspace: str) -> None:
    """Draws the network of a run that is over as it is wanted now; a run that cannot be drawn is not."""
    from core.runs import at_epoch

    at_epoch.show(record(workspace), tables_of([run_id], workspace), Journal(Path(workspace), run_id))
