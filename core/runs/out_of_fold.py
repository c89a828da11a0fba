"""Out-of-fold predictions: of each row the one of the training that it tests, which never saw it."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.runs.journal import Journal
from core.runs.predictors import predictor
from core.tables.situation import Tables

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from core.runs.mlflow_store import Store
    from core.runs.repeated_runs import RepeatedRun


def out_of_fold(store: "Store", tables: Tables, workspace: "Path", runs: "Sequence[RepeatedRun]") -> pd.DataFrame:
    """The test rows of all the runs with what their models predict, by their place in the table.

    Columns: "row" (its number in the table, from 1), "fold" where the runs have folds, "seed" where there are several,
    "actual T", "predicted T" and the probabilities as a batch prediction has them. Of a table that is read in blocks
    the test rows are the sample that its training held.

    Raises LookupError for a run without a model, TableError when the table is gone.
    """
    found = pd.concat([_tested(store, tables, workspace, one) for one in runs], ignore_index=True)
    if len({one.seed for one in runs}) < 2:
        found = found.drop(columns="seed")
    if found["fold"].isna().all():
        found = found.drop(columns="fold")
    return found.sort_values("row", kind="stable", ignore_index=True)


def _tested(store: "Store", tables: Tables, workspace: "Path", one: "RepeatedRun") -> pd.DataFrame:
    prepared = tables.prepared(store.experiment(one.run))
    asked = predictor(store, one.run, Journal(workspace, one.run).version())
    raw, _ = prepared.part("test")
    at = prepared.parts["test"]
    columns: dict[str, object] = {"row": prepared.rows[at] + 1, "fold": one.fold, "seed": one.seed}
    for target, values in prepared.targets.items():
        actual = values.y_true[at]
        columns[f"actual {target}"] = np.array(values.classes, dtype=object)[actual] if values.classes else actual
    return pd.DataFrame(columns | asked.columns_of(raw, len(at)))
