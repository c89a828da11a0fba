"""All private parts of MLflow that Layerdeck uses, in this file alone, a function for each. Tried with MLflow 3.17.

make_database("sqlite:///mlflow.db", place)     the tables of a database that has none yet
delete_artifacts("file:///artifacts/1")         the files of a run, as `mlflow gc` deletes them
recorded_runs(file, "1", 1000)                  the newest runs, read from the tables of the database
recorded_place(file, "1", "layerdeck.run", "…")  where the files of one run lie, read likewise

Where another MLflow has not such a part, the plain way is taken, and the log says so, once: a fresh process makes the
tables, some seconds later; the files of a deleted run stay until `mlflow gc` is run; a list of runs takes seconds.
"""

import logging
import math
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from core.library_parts import library_part

log = logging.getLogger(__name__)
TRIED = "3.17"
_PATIENCE = 5.0  # Seconds for a database that another program holds.
_SECONDS = 120  # For a process that imports MLflow and makes the tables.
_CLIENT = "import sys; from mlflow import MlflowClient; MlflowClient(tracking_uri=sys.argv[1]).search_experiments()"


def make_database(address: str, artifacts: str | None) -> None:
    """Makes the tables of a database, also of one that was moved away while this process had it open: MLflow's client
    makes them once in a process only, so the plain way asks a client in another process.

    Args:
        address: SQLAlchemy's, "sqlite:///workspace/mlflow.db".
        artifacts: Where the files of runs without a place of their own are kept.

    Raises MLflow's and SQLAlchemy's errors; the plain way writes them to the log, and the first question raises them.
    """
    store = library_part("mlflow.store.tracking.sqlalchemy_store.SqlAlchemyStore", TRIED)
    if store is not None:
        store(address, artifacts)
        return
    done = subprocess.run(
        [sys.executable, "-c", _CLIENT, address], capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    if done.returncode:
        log.error("the database of runs could not be made: %s", done.stderr[-2000:])


def delete_artifacts(place: str) -> None:
    """Deletes the files of a run. A failure is written to the log: a server may allow no one to delete files."""
    repository = library_part("mlflow.store.artifact.artifact_repository_registry.get_artifact_repository", TRIED)
    if repository is None:
        return
    try:
        repository(place).delete_artifacts()
    except Exception:
        log.exception("the files at %s could not be removed", place)


_NEWEST = (
    "SELECT run_uuid FROM runs WHERE experiment_id = ? AND lifecycle_stage = 'active' "
    "ORDER BY start_time DESC, run_uuid LIMIT ?"
)


def recorded_runs(file: Path, experiment: str, limit: int) -> list[Any] | None:
    """The newest runs of an experiment that are not deleted, with what `MlflowClient.search_runs` gives of `info`
    (run_id, run_name, start_time) and `data` (params, tags, metrics): MLflow makes an object of every cell, which takes
    seconds for a thousand runs.

    Args:
        file: The SQLite file.
        experiment: Its id.

    None where the tables are not those that are known, or cannot be read.
    """
    asked = (int(experiment), limit)
    try:
        with _database(file) as database:
            runs = database.execute(
                f"SELECT run_uuid, name, start_time FROM runs WHERE run_uuid IN ({_NEWEST}) "
                "ORDER BY start_time DESC, run_uuid",
                asked,
            ).fetchall()
            params, tags = (
                database.execute(f"SELECT run_uuid, key, value FROM {table} WHERE run_uuid IN ({_NEWEST})", asked)
                for table in ("params", "tags")
            )
            metrics = database.execute(
                f"SELECT run_uuid, key, value, is_nan FROM latest_metrics WHERE run_uuid IN ({_NEWEST})", asked
            )
            found = {
                key: SimpleNamespace(
                    info=SimpleNamespace(run_id=key, run_name=name, start_time=started),
                    data=SimpleNamespace(params={}, tags={}, metrics={}),
                )
                for key, name, started in runs
            }
            for key, name, value in params:
                found[key].data.params[name] = value
            for key, name, value in tags:
                found[key].data.tags[name] = value
            for key, name, value, is_nan in metrics:
                found[key].data.metrics[name] = math.nan if is_nan else value
    except (sqlite3.Error, KeyError) as error:  # A run that began meanwhile has cells, and no row.
        log.warning(_NOT_READ, TRIED, error)
        return None
    return list(found.values())


_OF_TAG = (
    "SELECT runs.run_uuid, runs.artifact_uri FROM tags JOIN runs USING (run_uuid) "
    "WHERE tags.key = ? AND tags.value = ? AND experiment_id = ? AND lifecycle_stage = 'active' LIMIT 1"
)


def recorded_place(file: Path, experiment: str, tag: str, value: str) -> Any:
    """What `MlflowClient.search_runs` gives of `info` (run_id, artifact_uri) of the run of an experiment that is not
    deleted and has a tag; None where there is none, where the tables are not those that are known, or cannot be read.
    """
    try:
        with _database(file) as database:
            found = database.execute(_OF_TAG, (tag, value, int(experiment))).fetchone()
    except sqlite3.Error as error:
        log.warning(_NOT_READ, TRIED, error)
        return None
    return found and SimpleNamespace(run_id=found[0], artifact_uri=found[1])


_NOT_READ = "the database of runs was not read directly (tried: MLflow %s): %s"


def _database(file: Path) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=_PATIENCE))
