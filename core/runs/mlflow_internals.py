"""All private parts of MLflow that Layerdeck uses, in this file alone, a function for each. Tried with MLflow 3.17.

make_database("sqlite:///mlflow.db", place)     the tables of a database that has none yet
delete_artifacts("file:///artifacts/1")         the files of a run, as `mlflow gc` deletes them

Where another MLflow has not such a part, the plain way is taken, and the log says so, once: a fresh process makes the
tables, some seconds later; the files of a deleted run stay until `mlflow gc` is run.
"""

import logging
import subprocess
import sys

from core.library_parts import library_part

log = logging.getLogger(__name__)
TRIED = "3.17"
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
