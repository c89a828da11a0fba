"""Whether whoever has a run still lives: the process that trains it, the engine that submitted it, or the scheduler
that has it queued.

A run names its owners in `submitted.json`: "engine", the lock file that a living engine (or a headless training) holds,
and "owner", the id of the scheduler it was handed to, with that scheduler's "address".
"""

import contextlib
import os
import secrets
import time
from pathlib import Path
from typing import Any

from filelock import lock_descriptor

from core.runs.journal import Journal
from core.workspace import held

_TRUSTED = 5.0  # Seconds for which another scheduler's answer holds.


class EngineLock:
    """A file in the workspace's folder `engines` that is locked for as long as the process lives that holds it, or
    until `release`.
    """

    def __init__(self, workspace: Path) -> None:
        self.name = secrets.token_hex(6)
        self._path = lock_file(workspace, self.name)
        self._file: int | None = None

    def hold(self) -> str:
        """Locks the file, made now if need be, and removes those of engines that are gone; its name. Raises OSError."""
        if self._file is None:
            folder = self._path.parent
            folder.mkdir(parents=True, exist_ok=True)
            for left in folder.glob("*.lock"):
                if not held(left):
                    left.unlink(missing_ok=True)
            # It gets its name when it is locked, so that nobody removes it before.
            fresh = self._path.with_suffix(".new")
            self._file = os.open(fresh, os.O_CREAT | os.O_WRONLY, 0o600)
            lock_descriptor(self._file)
            fresh.rename(self._path)
        return self.name

    def release(self) -> None:
        """Removes the file: the engine is gone."""
        if self._file is not None:
            self._path.unlink(missing_ok=True)
            os.close(self._file)
            self._file = None


def lock_file(workspace: Path, engine: str) -> Path:
    """Where the lock of an engine lies. Raises ValueError for a name that is none."""
    if not engine.isalnum():
        raise ValueError(f"{engine!r} is no engine's name.")
    return workspace / "engines" / f"{engine}.lock"


class Owners:
    """Tells whether a run of the workspace still has a living owner."""

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace
        self._answers: dict[str, tuple[float, str]] = {}  # A scheduler's address: when it was asked, and its id.

    def engine_lives(self, noted: dict[str, Any]) -> bool:
        """Whether the engine lives that submitted a run, or took it over; `noted` is the run's `submitted()`."""
        with contextlib.suppress(ValueError):
            return held(lock_file(self._workspace, str(noted.get("engine", ""))))
        return False

    def live(self, journal: Journal, scheduler: str) -> bool:
        """Whether a run is trained, or waits for someone who lives; `scheduler` is the id of the one that is known to
        live.
        """
        if journal.worked_on():
            return True
        try:
            noted = journal.submitted()
        except LookupError:
            return False
        if self.engine_lives(noted):
            return True
        owner, address = noted.get("owner", ""), noted.get("address", "")
        return bool(owner) and (owner == scheduler or (bool(address) and self._id_at(address) == owner))

    def _id_at(self, address: str) -> str:
        """The id of the scheduler that answers there; "" when none does."""
        asked, found = self._answers.get(address, (-_TRUSTED, ""))
        if time.monotonic() - asked >= _TRUSTED:
            from core.runs import cluster

            found = cluster.id_at(self._workspace, address)
            self._answers[address] = (time.monotonic(), found)
        return found
