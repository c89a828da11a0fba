"""Drafts: what is on a visitor's screen, kept in the workspace under the name that the address carries. No session is needed."""

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.experiment.spec import Experiment, read
from core.runs.journal import RUN_ID
from core.workspace import workspace, write_whole
from dashboard.services import tables

_MOST = 100


@dataclass(frozen=True)
class Draft:
    """What was on screen.

    Attributes:
        experiment: On a table that is there.
        run: The run beside it, or None.
        pins: What was pinned to its network.
    """

    experiment: Experiment
    run: str | None
    pins: dict[str, Any]


def path_of(name: str) -> Path:
    """The file of a draft."""
    return workspace() / "drafts" / f"{name}.json"


def newest() -> list[Path]:
    """The kept drafts, newest first; all but the newest hundred are thrown away."""
    dated = []
    for path in (workspace() / "drafts").glob("*.json"):
        with contextlib.suppress(OSError):  # Another visitor may have thrown it away meanwhile.
            dated.append((path.stat().st_mtime, path))
    dated.sort(reverse=True)
    for _, path in dated[_MOST:]:
        path.unlink(missing_ok=True)
    return [path for _, path in dated]


def load(path: Path) -> Draft | None:
    """A draft; None where it is gone, damaged, or on a table that is gone: no reason not to start."""
    try:
        draft = json.loads(path.read_text(encoding="utf-8"))
        found, run, pins = read(draft["experiment"]), str(draft.get("run") or ""), draft.get("pins")
        tables().store.about(found.data.table)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    return Draft(found, run if RUN_ID.fullmatch(run) else None, pins if isinstance(pins, dict) else {})


def save(name: str, experiment: str, run: str | None, pins: dict[str, Any]) -> None:
    """Keeps a draft; the experiment is JSON text. Raises OSError."""
    write_whole(path_of(name), json.dumps({"experiment": json.loads(experiment), "run": run, "pins": pins}))
