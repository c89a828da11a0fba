"""Drafts: what is on a visitor's screen, kept in the workspace under the name that the address carries. No session is
needed.
"""

import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.experiment.spec import Experiment, read
from core.runs.journal import RUN_ID
from core.workspace import locked, workspace, write_whole
from dashboard.services import tables
from dashboard.session.visitors import NAME

_MOST = 100
MOST_STEPS = 100  # Of undo, and of redo...
_MOST_SIGNS = 300_000  # ...and so long in all.
Stamp = tuple[int, int, int]  # Of a file: another one after each time it was written.


@dataclass(frozen=True)
class Draft:
    """What was on screen.

    Attributes:
        experiment: On a table that is there.
        run: The run beside it, or None.
        pins: What was pinned to its network.
        browser: The name of the browser that began it, or "".
        revision: How often its experiment was changed.
        undo, redo: Experiments as JSON text, the nearest last.
    """

    experiment: Experiment
    run: str | None
    pins: dict[str, Any]
    browser: str = ""
    revision: int = 0
    undo: tuple[str, ...] = ()
    redo: tuple[str, ...] = ()


def path_of(name: str) -> Path:
    """The file of a draft."""
    return workspace() / "drafts" / f"{name}.json"


def alone() -> contextlib.AbstractContextManager[None]:
    """Keeps every other writer of drafts waiting, of this process and of others. Raises OSError."""
    return locked(workspace() / "drafts" / ".lock")


def stamp(name: str) -> Stamp | None:
    """Tells whether a draft was written since; None where there is none."""
    try:
        about = path_of(name).stat()
    except OSError:
        return None
    return about.st_ino, about.st_mtime_ns, about.st_size


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
        tables().store.about(found.data.table, found.data.reading)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    browser, revision = str(kept.get("browser", "")), kept.get("revision")
    return Draft(
        found,
        run if RUN_ID.fullmatch(run) else None,
        pins if isinstance(pins, dict) else {},
        browser if NAME.fullmatch(browser) else "",
        revision if isinstance(revision, int) else 0,
        _steps(kept.get("undo")),
        _steps(kept.get("redo")),
    )


def _steps(kept: Any) -> tuple[str, ...]:
    return tuple(one for one in kept if isinstance(one, str)) if isinstance(kept, list) else ()


def save(name: str, draft: Draft) -> Stamp | None:
    """Keeps a draft, as many of its steps as there is room for; its stamp. For who is `alone`. Raises OSError."""
    kept = {
        "experiment": draft.experiment.value(),
        "run": draft.run,
        "pins": draft.pins,
        "revision": draft.revision,
        "undo": _bounded(draft.undo),
        "redo": _bounded(draft.redo),
    }
    write_whole(path_of(name), _begin(draft.browser) + json.dumps(kept).removeprefix("{"))
    return stamp(name)


def _bounded(steps: Sequence[str]) -> list[str]:
    """The nearest steps."""
    kept: list[str] = []
    for step in reversed(steps[-MOST_STEPS:]):
        if sum(map(len, kept)) + len(step) > _MOST_SIGNS:
            break
        kept.insert(0, step)
    return kept
