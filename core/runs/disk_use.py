"""What runs occupy on the disk, and how old ones occupy less: their weights by epoch are thinned to the first, the best
and the last epoch, that of a restored model and those from which other runs are to start.

disk_use(workspace)              bytes of each run and of the workspace's folders
thin(workspace, run)             the bytes that were freed
"""

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.model.weight_history import keep_only, kept
from core.runs.cleaning import origins
from core.runs.journal import RUN_ID, Journal
from core.runs.playback import PLAYED
from core.runs.run_state import LiveRun


class CannotThin(LookupError):
    """The weights of the run are needed; the message is a sentence for the person."""


@dataclass(frozen=True)
class DiskUse:
    """Bytes of a workspace.

    Attributes:
        runs: Run -> its folder; of that weights: run -> its weights by epoch.
        record: Models, scores and files of all runs, with MLflow's database.
        tables: The uploaded tables and what is prepared of them.
        free: Of the disk.
    """

    runs: dict[str, int]
    weights: dict[str, int]
    record: int
    tables: int
    free: int


def disk_use(workspace: Path) -> DiskUse:
    """What a workspace occupies."""
    runs = {folder.name: _bytes(folder) for folder in (workspace / "runs").glob("*") if RUN_ID.fullmatch(folder.name)}
    weights = {run: _bytes(Journal(workspace, run).weights) for run in runs}
    record = _bytes(workspace / "artifacts") + sum(map(_bytes, workspace.glob("mlflow.db*")))
    return DiskUse(runs, weights, record, _bytes(workspace / "tables"), shutil.disk_usage(workspace).free)


def _bytes(place: Path) -> int:
    """Bytes of a file, or of all files below a folder."""
    return sum(_sizes(place))


def _sizes(place: Path) -> Iterator[int]:
    with contextlib.suppress(OSError):  # It was removed a moment ago.
        if not place.is_dir():
            yield place.stat().st_size
            return
        for entry in os.scandir(place):
            if entry.is_dir(follow_symlinks=False):
                yield from _sizes(Path(entry))
            elif entry.is_file(follow_symlinks=False):
                yield entry.stat().st_size


def thin(workspace: Path, run: str) -> int:
    """Removes the weights of most of a run's epochs, and what was drawn of them; the bytes that were freed.

    Raises CannotThin for a run that goes on or can be resumed, LookupError when there is no such run, OSError.
    """
    journal = Journal(workspace, run)
    state = LiveRun.of(journal)
    if not state.over or journal.worked_on():
        raise CannotThin("This run has not ended. Stop it first.")
    if state.resumable:
        raise CannotThin("This run can be resumed and needs its weights for that. Resume it, or delete it.")
    epochs = kept(journal.weights)
    if not epochs:
        return 0
    before = _bytes(journal.folder)
    needed = {epoch for origin, epoch in origins(workspace / "runs") if origin == run}
    keep_only(journal.weights, {epochs[0], state.best, epochs[-1], _restored(journal), *needed})
    (journal.folder / PLAYED).unlink(missing_ok=True)
    return max(0, before - _bytes(journal.folder))


def _restored(journal: Journal) -> int | None:
    """The epoch that a person put in the place of the run's model."""
    try:
        return json.loads(journal.restored.read_bytes())["epoch"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
