"""Runs that differ by their seed alone, asked together: what each predicts for rows, and their mean as one model."""

import tempfile
import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from core.model.exported_model import Predictor
from core.model.mean_model import mean_model
from core.model.outputs import Heads
from core.model.plugins import custom_objects
from core.runs.at_epoch import as_trained
from core.runs.journal import Journal
from core.runs.mlflow_store import Store
from core.runs.predictors import predictor
from core.runs.repeated_runs import MeanOfSeeds
from core.tables.situation import Tables

_AVERAGING = threading.Lock()


def seed_predictions(store: Store, workspace: Path, runs: Sequence[str], rows: pd.DataFrame) -> list[pd.DataFrame]:
    """What each run predicts for raw rows, as `Predictor.predict`. Raises LookupError for a run without a model."""
    return [predictor(store, run, Journal(workspace, run).version()).predict(rows) for run in runs]


def mean_predictor(store: Store, workspace: Path, runs: Sequence[str], run: str) -> Predictor:
    """Predicts the mean of what some runs predict, with the card of `run`, which has its decision thresholds; it stays
    with the worker. Raises LookupError for a run without a model.
    """
    versions = tuple(Journal(workspace, one).version() for one in (*runs, run))
    with _AVERAGING:
        return _averaged(store, tuple(runs), run, versions)


@lru_cache(maxsize=4)
def _averaged(store: Store, runs: tuple[str, ...], run: str, _versions: tuple[int, ...]) -> Predictor:
    own, card = custom_objects(store.plugins(run)), store.card(run)
    models = [Predictor.load(store.path(one, "model.keras"), own, card).model for one in runs]
    return Predictor(mean_model(models), card)


def mean_of_seeds(store: Store, tables: Tables, workspace: Path, runs: Sequence[str]) -> MeanOfSeeds:
    """The mean of the models of runs on the same rows. Raises LookupError for a run without a model or whose plug-ins
    have changed, TableError.
    """
    experiment, tasks = as_trained(store, tables, workspace, runs[0])
    prepared = tables.prepared(experiment)
    heads, asked, scores = Heads(experiment, tasks, prepared), mean_predictor(store, workspace, runs, runs[0]), {}
    for part in [one for one in prepared.filled if one != "train"]:
        raw, _ = prepared.part(part)
        outputs = asked.outputs_of(raw, int(np.size(prepared.parts[part])))
        predicted = {target: values.astype("float64") for target, values in outputs.items()}
        scores[part] = heads.scores(predicted, part)
    with tempfile.TemporaryDirectory() as folder:
        asked.model.save(Path(folder) / "mean.keras")
        return MeanOfSeeds(scores, (Path(folder) / "mean.keras").read_bytes())
