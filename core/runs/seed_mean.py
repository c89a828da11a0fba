"""Runs that differ by their seed alone, asked together: what each predicts for rows, and their mean as one model."""

import tempfile
from collections.abc import Sequence
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


def seed_predictions(store: Store, workspace: Path, runs: Sequence[str], rows: pd.DataFrame) -> list[pd.DataFrame]:
    """What each run predicts for raw rows, as `Predictor.predict`. Raises LookupError for a run without a model."""
    return [predictor(store, run, Journal(workspace, run).version()).predict(rows) for run in runs]


def mean_of_seeds(store: Store, tables: Tables, workspace: Path, runs: Sequence[str]) -> MeanOfSeeds:
    """The mean of the models of runs on the same rows. Raises LookupError for a run without a model or whose plug-ins
    have changed, TableError.
    """
    experiment, tasks = as_trained(store, tables, workspace, runs[0])
    prepared, card = tables.prepared(experiment), store.card(runs[0])
    own = custom_objects(store.plugins(runs[0]))
    model = mean_model([Predictor.load(store.path(run, "model.keras"), own, card).model for run in runs])
    heads, asked, scores = Heads(experiment, tasks, prepared), Predictor(model, card), {}
    for part in [one for one in prepared.filled if one != "train"]:
        raw, _ = prepared.part(part)
        outputs = asked.outputs_of(raw, int(np.size(prepared.parts[part])))
        predicted = {target: values.astype("float64") for target, values in outputs.items()}
        scores[part] = heads.scores(predicted, part)
    with tempfile.TemporaryDirectory() as folder:
        model.save(Path(folder) / "mean.keras")
        return MeanOfSeeds(scores, (Path(folder) / "mean.keras").read_bytes())
