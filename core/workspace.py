"""The one folder that holds what people made: uploads, drafts, runs. `LAYERDECK_HOME` names another than `workspace/`."""

import os
import tempfile
from pathlib import Path


def workspace() -> Path:
    """The workspace's absolute path."""
    return Path(os.environ.get("LAYERDECK_HOME", "workspace")).absolute()


def write_whole(path: Path, content: str | bytes) -> None:
    """Writes a file so that no one ever reads half of it. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
