"""Where the files of a run lie."""

from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname


def artifact_folder(address: str) -> Path | None:
    """The folder in which a run's files lie; None where a server keeps them.

    Files are read there: MLflow's `download_artifacts` makes a copy in a new temporary folder at each call, which
    nobody removes, and takes four times as long.

    Args:
        address: MLflow's `artifact_uri` of the run.
    """
    parts = urlsplit(address)
    return Path(url2pathname(parts.path)) if parts.scheme == "file" else None
