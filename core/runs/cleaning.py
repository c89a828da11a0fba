"""What deleted runs leave in the workspace is removed: weights, scenes, journal, all of the run's folder.

A run is deleted when a person discarded it, when it was taken out of the queue before it began, or when its record was
deleted. Kept is what is alive, here or on another server, and what another run is still to start from.
"""

import json
import logging
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from core.runs.commands import Orders
from core.runs.journal import RUN_ID, Journal

if TYPE_CHECKING:
    from core.runs.mlflow_store import Store
    from core.runs.run_record import Record

log = logging.getLogger(__name__)
_GOING = ".deleted"  # Ends the name of a folder that is being removed.


def discarded(journal: Journal) -> bool:
    """Whether the run ended because a person discarded it."""
    return journal.events().last().get("state") == "stopped" and Orders(journal).stop == "nothing"


def remove(journal: Journal) -> bool:
    """Removes a run's folder, unless a process works in it or another run starts from it; whether it is gone."""
    if journal.worked_on() or journal.run in {run for run, _ in origins(journal.folder.parent)}:
        return False
    try:
        # At once: half of a folder is never a run.
        going = journal.folder.rename(journal.folder.with_name(f"{journal.run}{_GOING}"))
    except OSError:
        return False
    shutil.rmtree(going, ignore_errors=True)
    return True


def purge(workspace: Path, store: "Store") -> "list[Record]":
    """Removes what is left of runs whose deletion can no longer be undone; those whose deletion can be. Raises
    StoreBroken.
    """
    purged = store.purge()
    for run in purged.gone:
        remove(Journal(workspace, run))
    return purged.undeletable


def clean(workspace: Path, deleted: Collection[str]) -> list[str]:
    """Removes what deleted runs have left; the ids of those that are gone now. `deleted`: runs whose record was
    deleted.
    """
    runs, gone = workspace / "runs", []
    for left in runs.glob(f"*{_GOING}"):
        shutil.rmtree(left, ignore_errors=True)
    for folder in sorted(runs.glob("*")):
        if (
            RUN_ID.fullmatch(folder.name)
            and _is_deleted(journal := Journal(workspace, folder.name), deleted)
            and remove(journal)
        ):
            gone.append(folder.name)
    if gone:
        log.info("removed what %s deleted runs had left", len(gone))
    return gone


def _is_deleted(journal: Journal, deleted: Collection[str]) -> bool:
    if not journal.over():
        return False
    return journal.run in deleted or discarded(journal) or _never_began(journal)


def _never_began(journal: Journal) -> bool:
    """Whether the run was taken out of the queue: its end is its only event."""
    told = journal.events().fresh()
    return bool(told) and told[-1].get("state") == "stopped" and not any("begins" in event for event in told)


def origins(runs: Path) -> Iterator[tuple[str, int]]:
    """The runs, and their epochs, whose weights other runs are still to take: once begun, these have them in a file of
    their own.
    """
    for folder in runs.glob("*"):
        if not RUN_ID.fullmatch(folder.name):
            continue
        journal = Journal(runs.parent, folder.name)
        if journal.initial.exists() or journal.events().last().get("state") in ("finished", "stopped"):
            continue
        try:
            start = json.loads(journal.submitted()["experiment"])["start"]
            origin = str(start["run"]), int(start["epoch"])
        except (LookupError, ValueError, TypeError):  # It starts afresh, or cannot be read.
            continue
        yield origin
