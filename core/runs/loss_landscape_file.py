"""The file of a loss landscape, of a run (`runs/ID/terrain/KIND.json`) or of a race (`races/ID/KIND-RUN.json`): the
worker writes it, the server reads it.

An object of
    version      of the model at its centre, as that run's journal has it: another model has another landscape
    state        "computing", "ready" or "failed"
    done, says   the share that is done, and a sentence
    ...          and when it is ready, what `core.inspect.loss_landscape` gives, and the best epochs
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.runs.journal import Journal
from core.workspace import write_whole


@dataclass(frozen=True)
class LandscapeFile:
    """Where a landscape is written, and the version of the model at its centre."""

    path: Path
    version: int

    def read(self) -> dict[str, Any]:
        """What the file says of that model; {} when it says nothing."""
        try:
            value: dict[str, Any] = json.loads(self.path.read_bytes())
        except (OSError, ValueError):
            return {}
        return value if value.get("version") == self.version else {}

    def write(self, state: str, done: float, says: str, **more: Any) -> None:
        """Replaces the file. Raises OSError."""
        value = {"version": self.version, "state": state, "done": done, "says": says, **more}
        write_whole(self.path, json.dumps(value, allow_nan=False))


def run_landscape_file(journal: Journal, kind: str) -> LandscapeFile:
    """The landscape of that kind around a run's model."""
    return LandscapeFile(journal.folder / "terrain" / f"{kind}.json", journal.version())


def race_landscape_file(workspace: Path, race: str, best: str, kind: str) -> LandscapeFile:
    """The landscape of that kind around the model of a race's best run. Raises LookupError for no run's name."""
    return LandscapeFile(workspace / "races" / race / f"{kind}-{best}.json", Journal(workspace, best).version())
