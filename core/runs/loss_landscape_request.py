"""Loss landscapes as the page asks for them: one at a time, its progress and its result files of the run's folder."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.inspect.weight_plane import KINDS
from core.runs import worker
from core.runs.journal import Journal
from core.runs.loss_landscape_file import LandscapeFile, race_landscape_file, run_landscape_file
from core.runs.worker_client import submit_question

if TYPE_CHECKING:
    from distributed import Client, Future

_BROKE = (
    "The worker crashed repeatedly on this request, so it was cancelled. Training runs are "
    "unaffected. It may not have enough memory."
)


class LandscapeRequests:
    """The loss landscapes that a server has computed: one at a time, for each takes one of the worker's threads
    for seconds.
    """

    def __init__(self) -> None:
        self._going: tuple[LandscapeFile, Future] | None = None
        self._broken: dict[LandscapeFile, str] = {}
        self._lock = threading.Lock()

    def of_run(
        self, journal: Journal, kind: str, client: "Callable[[], Client]", again: bool = False
    ) -> dict[str, Any]:
        """What the file of a run's landscape says; who asks first has it computed, and with `again` also one that
        failed.

        Raises LookupError for what is no run or no kind of landscape, and what `client` raises.
        """
        _require(kind)
        journal.submitted()
        workspace = str(journal.folder.parents[1])
        return self._ask(
            run_landscape_file(journal, kind), client, again, worker.loss_landscape, journal.run, kind, workspace
        )

    def of_race(
        self,
        workspace: Path,
        race: str,
        runs: Sequence[str],
        best: str,
        kind: str,
        client: "Callable[[], Client]",
        again: bool = False,
    ) -> dict[str, Any]:
        """What the file of a race's landscape says, around the model of its best run; as `of_run` does."""
        _require(kind)
        file, asked = race_landscape_file(workspace, race, best, kind), (race, list(runs), best, kind, str(workspace))
        return self._ask(file, client, again, worker.race_landscape, *asked)

    def _ask(
        self,
        file: LandscapeFile,
        client: "Callable[[], Client]",
        again: bool,
        compute: Callable[..., None],
        *arguments: Any,
    ) -> dict[str, Any]:
        written = file.read()
        if written.get("state") == "ready":
            return written
        with self._lock:
            self._see_to_it()
            if self._going:
                mine = self._going[0] == file
                beginning = {
                    "state": "computing",
                    "done": 0.0,
                    "says": "Waiting for the worker" if mine else "Another loss landscape is computed first",
                }
                return written if mine and written.get("state") == "computing" else beginning
            if again:
                self._broken.pop(file, None)
            elif file in self._broken:
                return {"state": "failed", "done": 0.0, "says": self._broken[file]}
            now = file.read()  # It may have ended since.
            if now.get("state") == "ready" or (now.get("state") == "failed" and not again):
                return now
            self._going = file, submit_question(client(), compute, *arguments, priority=5)
        return {"state": "computing", "done": 0.0, "says": "Waiting for the worker"}

    def _see_to_it(self) -> None:
        """Takes note of one that is over; where the cluster was lost, the next question begins it again."""
        if self._going and self._going[1].done():
            file, future = self._going
            if future.status == "error":
                from distributed import KilledWorker

                error = future.exception()
                self._broken[file] = (
                    _BROKE if isinstance(error, KilledWorker) else f"The loss landscape could not be computed: {error}"
                )
            self._going = None


def _require(kind: str) -> None:
    """Raises LookupError for what is no kind of landscape."""
    if kind not in KINDS:
        raise LookupError(f"There is no loss landscape {kind!r}: choose one of {', '.join(KINDS)}.")
