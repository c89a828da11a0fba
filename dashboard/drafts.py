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
from dashboard.visitors import NAME

_MOST = 100


@dataclass(frozen=True)
class Draft:
    """What was on screen.

    Attributes:
        experiment: On a table that is there.
        run: The run beside it, or None.
        pins: What was pinned to its network.
        browser: The name of the browser that began it, or "".
    """

    experiment: Experiment
    run: str | None
    pins: dict[str, Any]
    browser: str = ""


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


def newest_of(browser: str) -> Draft | None:
    """The newest draft that a browser began; None where it began none that can be loaded, or has no name."""
    begin = _begin(browser).encode()
    for path in newest() if browser else ():
        with contextlib.suppress(OSError), path.open("rb") as file:
            if file.read(len(begin)) == begin and (draft := load(path)):
                return draft
    return None


def _begin(browser: str) -> str:
    """How the file of a browser's draft begins: a hundred files are told apart without reading them."""
    return f'{{"browser": "{browser}", '


def load(path: Path) -> Draft | None:
    """A draft; None where it is gone, damaged, or on a table that is gone: no reason not to start."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        found, run, pins = read(kept["experiment"]), str(kept.get("run") or ""), kept.get("pins")
        tables().store.about(found.data.table)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    browser = str(kept.get("browser", ""))
    return Draft(
        found, run if RUN_ID.fullmatch(run) else None, pins if isinstance(pins, dict) else {}, browser if NAME.fullmatch(browser) else ""
    )


def save(name: str, experiment: str, run: str | None, pins: dict[str, Any], browser: str) -> None:
    """Keeps a draft; the experiment is JSON text. Raises OSError."""
    kept = json.dumps({"experiment": json.loads(experiment), "run": run, "pins": pins})
    write_whole(path_of(name), _begin(browser) + kept.removeprefix("{"))
