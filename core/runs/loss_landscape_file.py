"""The file of a run's loss landscape, `terrain/KIND.json`: the worker writes it, the server reads it.

An object of
    version      of the run's model, as its journal has it: another model has another landscape
    state        "computing", "ready" or "failed"
    done, says   the share that is done, and a sentence
    ...          and when it is ready, what `core.inspect.loss_landscape` gives, and the best epoch
"""

import json
from pathlib import Path
from typing import Any

from core.runs.journal import Journal


def landscape_path(journal: Journal, kind: str) -> Path:
    """Where the landscape of that kind is written."""
    return journal.folder / "terrain" / f"{kind}.json"


def written_landscape(journal: Journal, kind: str) -> dict[str, Any]:
    """What the file says of the run's model; {} when it says nothing."""
    try:
        found: dict[str, Any] = json.loads(landscape_path(journal, kind).read_bytes())
    except (OSError, ValueError):
        return {}
    return found if found.get("version") == journal.version() else {}
