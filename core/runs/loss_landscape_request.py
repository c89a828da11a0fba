"""Loss landscapes as the page asks for them: one at a time, its progress and its result files of the run's folder."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from core.inspect.weight_plane import KINDS
from core.runs import worker
from core.runs.journal import Journal
from core.runs.loss_landscape_file import written_landscape

if TYPE_CHECKING:
    from distributed import Client, Future

_BROKE = (
    "The worker crashed repeatedly on this request, so it was cancelled. Training runs are unaffected. Its memory may "
    "not suffice."
)


class Terrains:
    """The terrains that a server has computed: one at a time, for each takes one of the worker's threads
    for seconds.
    """

    def __init__(self) -> None:
        self._going: tuple[tuple[str, str, int], Future] | None = None
        self._broken: dict[tuple[str, str, int], str] = {}
        self._lock = threading.Lock()

    def ask(self, journal: Journal, kind: str, client: "Callable[[], Client]", again: bool = False) -> dict[str, Any]:
        """What the file of a run's terrain says; who asks first has it computed, and with `again` also one that failed.

        Raises LookupError for what is no run or no kind of terrain, and what `client` raises.
        """
        if kind not in KINDS:
            raise LookupError(f"There is no loss landscape {kind!r}: choose one of {', '.join(KINDS)}.")
        journal.submitted()
        key, found = (journal.run, kind, journal.version()), written_landscape(journal, kind)
        if found.get("state") == "ready":
            return found
        with self._lock:
            self._see_to_it()
            if self._going:
                mine = self._going[0] == key
                beginning = {
                    "state": "computing",
                    "done": 0.0,
                    "says": "Waiting for the worker" if mine else "Another loss landscape is computed first",
                }
                return found if mine and found.get("state") == "computing" else beginning
            if again:
                self._broken.pop(key, None)
            elif key in self._broken:
                return {"state": "failed", "done": 0.0, "says": self._broken[key]}
            now = written_landscape(journal, kind)  # It may have ended since.
            if now.get("state") in ("ready", "failed"):
                return now
            self._begin(journal, kind, client(), key)
        return {"state": "computing", "done": 0.0, "says": "Waiting for the worker"}

    def _begin(self, journal: Journal, kind: str, client: "Client", key: tuple[str, str, int]) -> None:
        workspace = str(journal.folder.parents[1])
        self._going = key, client.submit(worker.terrain, journal.run, kind, workspace, pure=False, priority=5)

    def _see_to_it(self) -> None:
        """Takes note of one that is over; where the cluster was lost, the next question begins it again."""
        if self._going and self._going[1].done():
            key, future = self._going
            if future.status == "error":
                from distributed import KilledWorker

                error = future.exception()
                self._broken[key] = (
                    _BROKE if isinstance(error, KilledWorker) else f"The loss landscape could not be computed: {error}"
                )
            self._going = None
