"""What a run's features are worth: permutation importance as the page asks for it, of 20 features on 10,000 test rows,
and of 784 features in parts, between which the page is free and says how far it is.
"""

import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.measure import seconds
from core.experiment.spec import read
from core.runs.evaluated_run import evaluation_section
from core.runs.journal import Journal
from core.runs.mlflow_store import Store
from core.runs.run_training import run
from core.tables.situation import Tables
from core.tables.sources import TableStore
from dashboard.panels.feature_section import FEATURES_A_PART

_ROWS, _SHARES = 20_000, {"train": 0.4, "validation": 0.1, "test": 0.5}


def main() -> None:
    """Prints the times of both tables."""
    _importance(20)
    _importance(784)


def _importance(features: int) -> None:
    draw = np.random.default_rng(features)
    values = draw.normal(size=(_ROWS, features)).astype("float32")
    frame = pd.DataFrame(values, columns=[f"x{at}" for at in range(features)])
    names = list(frame)
    frame["y"] = values[:, :5] @ np.arange(1.0, 6.0) + draw.normal(size=_ROWS)
    hidden = {"layer": "Dense", "units": 64, "activation": "relu"}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        store, tables, file = Store(home), Tables(TableStore(home)), home / "table.parquet"
        frame.to_parquet(file)
        ref = tables.store.keep("table.parquet", file.read_bytes()).ref
        experiment = read(
            {
                "version": 1,
                "data": {
                    "table": ref,
                    "targets": ["y"],
                    "features": dict.fromkeys(names, "number"),
                    "split": _SHARES,
                },
                "layers": [hidden, hidden, {"layer": "Dense", "units": 1}],
                "compile": {"metrics": ["MeanAbsoluteError"]},
                "fit": {"epochs": 2},
            }
        )
        journal = Journal(home, "0123456789ab")
        journal.begin(experiment.text())
        run(journal, tables, store, lambda _: None)
        evaluation_section(store, tables, journal)  # The model is loaded, as it is when a section is opened.
        parts = [names[at : at + FEATURES_A_PART] for at in range(0, features, FEATURES_A_PART)]
        times = []
        for part in parts:
            start = time.perf_counter()
            found = evaluation_section(store, tables, journal, None, "importance", {"features": part})
            times.append(time.perf_counter() - start)
    what = f"importance of {features} features on {found['rows']:,} test rows, {found['repeats']} shuffles each"
    seconds(what, sum(times), "5" if features == 20 else "")
    if len(parts) > 1:
        seconds(f"the slowest of its {len(parts)} parts", max(times), "1")
