"""Workspaces that begin with a record of no runs: MLflow makes the tables of one by all its migrations, which takes
more than a second of work and some of waiting for the disk.
"""

import functools
import tempfile
from pathlib import Path


@functools.cache
def _record() -> bytes:
    """The file as Layerdeck has MLflow make it, once in a process."""
    from core.runs.mlflow_internals import make_database

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "mlflow.db"
        make_database(f"sqlite:///{file}", Path(folder).as_uri())
        return file.read_bytes()


def with_record(workspace: Path) -> Path:
    """The workspace, with a record of its own in which nothing stands yet."""
    (workspace / "mlflow.db").write_bytes(_record())
    return workspace
