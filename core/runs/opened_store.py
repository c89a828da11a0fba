"""The record of runs as a server has it: being opened, open, or kept from it by something that a person may mend."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future as Promise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.runs.cleaning import clean, purge
from core.runs.sqlite_guard import StoreBroken
from core.runs.worker_client import NotReady

if TYPE_CHECKING:
    from core.runs.mlflow_store import Store

log = logging.getLogger(__name__)
_REOPEN = 2.0  # Seconds until a record that cannot be opened is tried again.


class OpenedStore:
    """Opens the record of runs of a workspace, and tries again."""

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace
        self._store: Promise[Store] = Promise()
        self._reopens = 0.0

    @property
    def tried(self) -> bool:
        """Whether it was opened, or could not be."""
        return self._store.done()

    @property
    def trouble(self) -> str:
        """Why it is not open; "" when it is, or when it is being opened for the first time."""
        return str(error) if self._store.done() and (error := self._store.exception()) else ""

    def open(self, end_of: Callable[[str], dict[str, Any] | None]) -> None:
        """Opens it unless it is open, and brings it up to date; one that could not be opened a moment ago waits.

        Args:
            end_of: Gives the end of a run that the record takes for unfinished, {"state", "says"}; None while that run
                goes on.
        """
        from core.runs.mlflow_store import Store

        if self.tried and (self.trouble == "" or time.monotonic() < self._reopens):
            return
        opened: Promise[Store] = Promise() if self.tried else self._store
        try:
            opened.set_result(store := Store(self._workspace))
        except Exception as error:
            if not self.tried:
                log.exception("the record of runs could not be opened")
            says = str(error) if isinstance(error, StoreBroken) else f"Could not open the run database: {error}"
            opened.set_exception(NotReady(says))
            self._store, self._reopens = opened, time.monotonic() + _REOPEN
            return
        self._store = opened
        try:
            for run in store.unfinished():
                if end := end_of(run):
                    store.finish(run, end["state"], end["says"])
            purge(self._workspace, store)
            clean(self._workspace, store.deleted())
        except (StoreBroken, OSError):  # It may be read all the same; the next start tries again.
            log.exception("the record of runs could not be brought up to date")

    def end_of(self, run: str) -> dict[str, Any] | None:
        """The end of a run that the record has with what came of it, as an event of its journal; None where it has
        none, or cannot be asked.
        """
        try:
            record = self.get(0).record(run)
        except (LookupError, RuntimeError):
            return None
        if record.state not in ("finished", "stopped"):
            return None
        return {
            "state": record.state,
            "says": record.says,
            "best": record.best_epoch,
            "best_scores": record.validation,
        }

    def refuse(self, why: str) -> None:
        """Whoever waits for it hears why it will not be opened."""
        if not self.tried:
            self._store.set_exception(NotReady(why))

    def allow(self) -> None:
        """Takes back that it will not be opened: whoever asks for it waits again."""
        if self.trouble:
            self._store = Promise()

    def get(self, timeout: float) -> "Store":
        """The record; waits so many seconds until it is open. Raises NotReady."""
        try:
            return self._store.result(timeout)
        except TimeoutError:
            raise NotReady("The run database is still being opened. Try again in a moment.") from None
