"""A workspace with many runs, for whoever measures or looks at a long list of them."""

import sqlite3
import uuid
from contextlib import closing
from pathlib import Path

import numpy as np

from benchmarks.many_groups import write_groups
from core.experiment.spec import Experiment, read
from core.runs.journal import Journal, new_run_id
from core.runs.mlflow_store import Store

_TABLES = ("sample:sacramento_homes", "sample:titanic")
_KINDS = 10  # Different experiments; the others repeat them with other scores.


def many_runs(workspace: Path, number: int) -> Store:
    """Writes so many finished runs into the record of a workspace: some by the record's own means, the others as their
    copies, each with scores and a moment of its own. Their journals hold the experiment and the end, not a training.
    Three quarters of them are trials of searches, and runs of races and of cross-validations.
    """
    store, draw = Store(workspace), np.random.default_rng(0)
    kept = [_keep(store, workspace, kind) for kind in range(min(_KINDS, number))]
    with closing(sqlite3.connect(workspace / "mlflow.db")) as database, database:
        made = [[first] for first in kept]
        keys = dict(database.execute("SELECT value, run_uuid FROM tags WHERE key = 'layerdeck.run'").fetchall())
        for at in range(len(kept), number):
            run, experiment = kept[at % len(kept)]
            copy = new_run_id()
            _copy(database, keys[run], uuid.uuid4().hex, copy, at, draw)
            _journal(workspace, copy, experiment)
            made[at % len(kept)].append((copy, experiment))
    for runs in made:
        write_groups(workspace, runs)
    return store


def _keep(store: Store, workspace: Path, kind: int) -> tuple[str, Experiment]:
    experiment, run = _experiment(kind), new_run_id()
    store.begin(run, experiment)
    scores = {"loss": 0.4, "accuracy": 0.8} if kind % 2 else {"loss": 3.5e9, "mae": 41_000.0, "rmse": 59_000.0}
    result = {"test": scores, "best_scores": scores, "best_epoch": 20, "epochs": 60, "seconds": 4.2}
    store.log_epochs(
        run, [(1, {f"{before}{name}": value for name, value in scores.items() for before in ("", "val_")})]
    )
    store.finish(run, "finished", "", None, result, rows=652)
    _journal(workspace, run, experiment)
    return run, experiment


def _journal(workspace: Path, run: str, experiment: Experiment) -> None:
    journal = Journal(workspace, run)
    journal.begin(experiment.text())
    journal.say({"state": "finished", "best": 20, "says": ""})


def _experiment(kind: int) -> Experiment:
    """Of homes and of passengers by turns."""
    target = "survived" if kind % 2 else "price"
    features = {"age": "number", "sex": "category"} if kind % 2 else {"beds": "number", "baths": "number"}
    return read(
        {
            "version": 1,
            "name": f"{'Titanic' if kind % 2 else 'Homes in Sacramento'} {kind}",
            "data": {
                "table": _TABLES[kind % 2],
                "targets": [target],
                "features": features,
            },
            "layers": [
                {"layer": "Dense", "units": 8 * (kind + 1), "activation": "relu"},
                {"layer": "Dense", "units": 1, **({"activation": "sigmoid"} if kind % 2 else {})},
            ],
            "compile": {
                "optimizer": {"class": "Adam", "learning_rate": 10 ** -(1 + kind / 3)},
                "loss": "BinaryCrossentropy" if kind % 2 else "MeanSquaredError",
                "metrics": ["BinaryAccuracy"] if kind % 2 else ["MeanAbsoluteError", "RootMeanSquaredError"],
            },
            "fit": {"epochs": 60},
        }
    )


def _copy(database: sqlite3.Connection, origin: str, key: str, run: str, at: int, draw: np.random.Generator) -> None:
    """Writes a run's rows once more, under another key and id, later, and with scores that differ."""
    for table in ("runs", "params", "tags", "latest_metrics", "metrics"):
        columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
        for row in database.execute(f"SELECT * FROM {table} WHERE run_uuid = ?", (origin,)).fetchall():
            cells = dict(zip(columns, row, strict=True)) | {"run_uuid": key}
            if table == "runs":
                cells |= {"start_time": cells["start_time"] - 60_000 * at, "name": f"{cells['name']} no. {at}"}
            elif cells["key"] == "layerdeck.run":
                cells["value"] = run
            elif table == "latest_metrics":
                cells["value"] *= float(draw.uniform(0.8, 1.2))
            marks = ", ".join("?" * len(cells))
            database.execute(f"INSERT INTO {table} ({', '.join(cells)}) VALUES ({marks})", list(cells.values()))
