"""The runs of a search: ordinary ones, each submitted once under the id that the search has noted for it."""

import contextlib
import threading
from collections import Counter
from collections.abc import Sequence

from core.experiment.spec import Experiment
from core.runs.engine import Engine
from core.runs.journal import Journal
from core.runs.run_state import LiveRun
from core.runs.search_files import Search, SearchFolder

_MOST_NAME = 120
_MOST_RESUMED = 3  # Times that a run which was cut off goes on by itself.
_POLL = 0.2


class SearchRuns:
    """Submits, watches and ends the runs of one search."""

    def __init__(self, engine: Engine, search: Search) -> None:
        self._engine, self._search = engine, search
        self._resumed: Counter[str] = Counter()

    def hand_over(self, run: str, experiment: Experiment, ending: str) -> None:
        """Submits a run, unless that was done before. Raises NotReady.

        Args:
            ending: Of its name, after that of the search's experiment.
        """
        if Journal(self._engine.workspace, run).exists():
            return
        name = experiment.name[: _MOST_NAME - len(ending) - 2]
        named = experiment.model_copy(update={"name": f"{name}: {ending}"})
        self._engine.submit(named, self._search.visitor, run, search=self._search.id)

    def train_again(self, run: str, experiment: Experiment, seed: int, name: str) -> None:
        """Submits a run with another seed of its training, unless that was done before. Raises NotReady."""
        fit = experiment.fit.model_copy(update={"seed": seed})
        self.hand_over(run, experiment.model_copy(update={"fit": fit}), f"{name}, seed {seed}")

    def wait(self, runs: Sequence[str], folder: SearchFolder, closing: threading.Event) -> bool:
        """Waits until runs are over; false, with the runs ended, where a person asks for no more trainings, and false
        when `closing` is set. Raises NotReady.
        """
        while [run for run in runs if not _over(self.look(run))]:
            asked = folder.stopped()
            if asked is not None and not asked["confirm"]:
                for run in reversed(runs):
                    self.stop(run)
                return False
            if closing.wait(_POLL):
                return False
        return True

    def look(self, run: str) -> LiveRun | None:
        """A run as it stands; None when it was deleted. One that was cut off with its server and its worker goes on
        from its last kept epoch. Raises NotReady.
        """
        try:
            found = self._engine.find(run)
        except LookupError:
            return None
        if found.state == "interrupted" and self._resumed[run] < _MOST_RESUMED:
            self._resumed[run] += 1
            self._engine.resume(run)
        return found

    def stop(self, run: str) -> None:
        """Ends a run with its best epoch; one that waits is taken out of the queue, one that is gone stays so. Raises
        NotReady.
        """
        with contextlib.suppress(LookupError):
            self._engine.find(run)  # The engine ends what it has in memory.
            self._engine.stop(run)


def _over(run: LiveRun | None) -> bool:
    return run is None or run.over
