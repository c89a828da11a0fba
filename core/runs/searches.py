"""Searches of a workspace: each varies settings of an experiment, trial by trial, and trains the best again at its end.

searches = Searches(engine)
search = searches.start(experiment, Space.read({...}), Budget(trials=40))      begins to drive it
searches.standing(search)                       its trials, the best so far, and what is left
searches.stop(search)                           ends it with the best
searches.attend()                               goes on with those that no living process drives

The trials are ordinary runs of the engine. Whatever process is killed, another goes on: see `core.runs.search_driver`.
"""

import contextlib
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from core.advice.checks import advise, errors
from core.catalog.fields import nearest
from core.experiment.fork import from_scratch
from core.experiment.spec import Experiment
from core.experiment.task import Situation
from core.runs.engine import Engine
from core.runs.journal import new_run_id
from core.runs.race import larger_wins, measures, validation_scores
from core.runs.search_confirmation import Confirmation, confirmation
from core.runs.search_driver import SearchDriver
from core.runs.search_files import MOST_SEEDS, OVER, Budget, Search, SearchFolder, Told, Trial, search_folders
from core.runs.search_reevaluation import Reevaluation, judged_ranking, reevaluation
from core.runs.worker_client import NotReady
from core.search.checked_space import checked_space
from core.search.finalists import retrainings
from core.search.proposals import changes_loss
from core.search.sampler import PRUNERS, SAMPLERS
from core.search.space import Space

MOST_TRIALS, MOST_MINUTES = 10_000, 60 * 24 * 30
FINALIST_SEEDS = 2  # When nobody says otherwise.
_OTHER_LOSSES = (
    "The search varies the loss, its penalties or its class weights, so the losses of trials are not "
    "comparable: compare trials by a metric."
)
_LOOK = 2.0  # Seconds between two looks for searches that nobody drives.


@dataclass(frozen=True)
class Standing:
    """A search as it stands.

    Attributes:
        state: "running", "stopping", "confirming", "finished", "stopped" or "failed".
        says: A sentence for the person, or "".
        trials: In the order in which they began.
        ranking: The numbers of the trials that have ended with a score, the best first: by the new scores of the
            finalists once they have been trained again.
        seconds: In which its trials were driven.
        seconds_left: Until its trials are done and its best ones trained again, as they went so far; None where that is
            not known.
        importances: Path -> share, the largest first, their sum 1; None as long as too few trials have ended.
        reevaluation: The finalists, trained again to name the best; None before that and without it.
        confirmation: The best trials, trained again for their test scores; None before that.
    """

    state: str
    says: str
    trials: tuple[Trial, ...]
    ranking: tuple[int, ...]
    seconds: float
    seconds_left: float | None
    importances: dict[str, float] | None
    reevaluation: Reevaluation | None
    confirmation: Confirmation | None

    @property
    def best(self) -> int | None:
        """The number of the best trial that has ended; None as long as there is none."""
        return self.ranking[0] if self.ranking else None

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in OVER

    def trial(self, number: int) -> Trial:
        """The trial of a number."""
        return next(one for one in self.trials if one.number == number)


class Searches:
    """The searches of the engine's workspace. One object for a process: its drivers are threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._drivers: dict[str, SearchDriver] = {}
        self._over: set[str] = set()
        self._attending: threading.Thread | None = None

    def start(
        self,
        base: Experiment,
        space: Space,
        budget: Budget,
        measure: str = "loss",
        sampler: str = "tpe",
        pruner: str = "median",
        seeds: int = 5,
        visitor: str = "",
        situation: Situation | None = None,
        units: Mapping[str, str] = {},
        finalist_seeds: int = FINALIST_SEEDS,
    ) -> str:
        """Begins a search; its id. Raises ValueError with a sentence for what is no search, NotReady when the workspace
        cannot be written.

        Args:
            measure: A logged name, without `val_`.
            seeds: New seeds with which the best trials are confirmed at the end, 0 to `MOST_SEEDS`.
            situation: Of the experiment, so that what could not be trained is refused.
            units: Target -> its unit, for the sentences.
            finalist_seeds: Other new seeds with which the finalists are trained again before the best is named, 0 to
                `MOST_SEEDS`.
        """
        _check(base, budget, measure, sampler, pruner, seeds, finalist_seeds)
        space = checked_space(space, base, situation)
        if measure == "loss" and changes_loss(base, space):
            raise ValueError(_OTHER_LOSSES)
        if situation and (wrong := errors(advise(from_scratch(base), situation))):
            raise ValueError(f"The experiment cannot be trained: {wrong[0].says}")
        folder = SearchFolder(self._engine.workspace, new_run_id())
        judged = (measure, larger_wins(base, measure), sampler, pruner, seeds)
        made = Search(folder.id, base, space, budget, *judged, time.time(), visitor, dict(units), finalist_seeds)
        try:
            folder.begin(made)
        except OSError as error:
            raise NotReady(f"Could not write the search to the workspace: {error.strerror}.") from error
        self._drive(folder)
        return folder.id

    def find(self, search: str) -> Search:
        """A search of the workspace. Raises LookupError."""
        return self._folder(search).search()

    def list(self) -> list[Search]:
        """The searches of the workspace, the newest first."""
        found = []
        for folder in search_folders(self._engine.workspace):
            with contextlib.suppress(LookupError):  # A damaged file is no search.
                found.append(folder.search())
        return sorted(found, key=lambda search: search.begun, reverse=True)

    def of(self, run: str) -> Search | None:
        """The search that a run was made for, as a trial or at its end; None where it was made for none."""
        for folder in search_folders(self._engine.workspace):
            if folder.names(run):
                with contextlib.suppress(LookupError):
                    return folder.search()
        return None

    def standing(self, search: str | Search) -> Standing:
        """How a search stands. Raises LookupError."""
        found = self.find(search) if isinstance(search, str) else search
        folder = self._folder(found.id)
        told = folder.told()
        trials = tuple(self._trial(found, told, number) for number in sorted(told.trials))
        again = reevaluation(found, folder)
        ranked = judged_ranking(found, trials, again)
        asked = folder.stopped()
        state = "stopping" if asked is not None and told.state == "running" else told.state
        return Standing(
            state,
            told.says or ("" if told.state in OVER else self._engine.trouble),
            trials,
            tuple(trial.number for trial in ranked),
            told.seconds(),
            seconds_left(found.budget, trials, told.seconds(), _retrainings(found)) if state == "running" else None,
            told.importances,
            again,
            confirmation(found, folder, next(iter(ranked), None)),
        )

    def stop(self, search: str, confirm: bool = True) -> None:
        """Ends a search with the best of its trials, those that still train with their best epochs. Raises LookupError,
        NotReady.

        Args:
            confirm: Whether the best trials are then trained again with new seeds; false ends that, too, where it has
                begun.
        """
        folder = self._folder(search)
        folder.search()
        if folder.over():
            return
        try:
            folder.stop(confirm)
        except OSError as error:
            raise NotReady(f"Could not write to the workspace: {error.strerror}.") from error

    def attend(self) -> None:
        """From now on goes on with the searches that no living process drives, once the engine's worker is there."""
        with self._lock:
            if self._attending is None:
                self._attending = threading.Thread(target=self._attend, name="searches", daemon=True)
                self._attending.start()

    def close(self) -> None:
        """Leaves the searches to whoever attends to them next; their trials go on."""
        self._closing.set()
        for driver in list(self._drivers.values()):
            driver.join(10)

    def _attend(self) -> None:
        while not self._closing.wait(_LOOK):
            if not self._engine.warm.is_set():
                continue
            for folder in search_folders(self._engine.workspace):
                if folder.id in self._over or folder.driven():
                    continue
                if folder.over():
                    self._over.add(folder.id)
                else:
                    self._drive(folder)

    def _drive(self, folder: SearchFolder) -> None:
        with self._lock:
            driver = self._drivers.get(folder.id)
            if self._closing.is_set() or (driver is not None and driver.alive):
                return
            self._drivers[folder.id] = SearchDriver(self._engine, folder, self._closing)
            self._drivers[folder.id].start()

    def _folder(self, search: str) -> SearchFolder:
        return SearchFolder(self._engine.workspace, search)

    def _trial(self, search: Search, told: Told, number: int) -> Trial:
        """A trial; of one that goes on what its run tells."""
        trial = told.trial(number)
        if trial.over or not trial.run:
            return trial
        try:
            run = self._engine.find(trial.run)
        except (LookupError, RuntimeError):  # It is being submitted.
            return trial
        numbers = validation_scores(run, search.measure)
        return replace(
            trial,
            state=run.state,
            epoch=run.epoch,
            epochs=run.total,
            latest=next((one for _, one in reversed(numbers) if one is not None), None),
            best=dict(numbers).get(run.best) if run.best else None,
            best_epoch=run.best,
            says=run.says,
        )


def _check(
    base: Experiment, budget: Budget, measure: str, sampler: str, pruner: str, seeds: int, finalist_seeds: int
) -> None:
    """Raises ValueError with a sentence for what is no search."""
    for what, value, known in (
        ("measure", measure, measures(base)),
        ("sampler", sampler, SAMPLERS),
        ("pruner", pruner, PRUNERS),
    ):
        if value not in known:
            raise ValueError(f"{what}: got {value!r}, expected one of {', '.join(known)}.{nearest(value, list(known))}")
    if budget.trials is not None and not 1 <= budget.trials <= MOST_TRIALS:
        raise ValueError(f"A search runs 1 to {MOST_TRIALS:,} trials, not {budget.trials:,}.")
    if budget.minutes is not None and not 0 < budget.minutes <= MOST_MINUTES:
        raise ValueError(f"A search takes more than 0 and up to {MOST_MINUTES:,} minutes, not {budget.minutes:g}.")
    if not 0 <= seeds <= MOST_SEEDS:
        raise ValueError(f"The best trials are trained again with 0 to {MOST_SEEDS} seeds, not {seeds}.")
    if not 0 <= finalist_seeds <= MOST_SEEDS:
        raise ValueError(f"The finalists are trained again with 0 to {MOST_SEEDS} seeds, not {finalist_seeds}.")


def _retrainings(search: Search) -> int:
    """How many trainings follow the trials of a search at most."""
    return sum(retrainings(search.budget.trials, search.finalist_seeds, search.seeds))


def seconds_left(budget: Budget, trials: Sequence[Trial], spent: float, again: int = 0) -> float | None:
    """Until the trials are done and the best ones trained again: as many trials as are left at the pace so far, within
    the minutes, and then the trainings that follow, each as long as a trial that was not pruned; None where neither
    trials nor minutes tell. A trial that trains counts by its epochs, of as many as those had that have ended.

    Args:
        spent: Seconds in which the trials were driven.
        again: How many trainings follow the trials.
    """
    left = []
    epochs = [trial.epoch for trial in trials if trial.over]
    whole = [trial.epoch for trial in trials if trial.over and not trial.pruned]
    usual = max(1.0, fmean(epochs)) if epochs else 1.0
    made = len(epochs) + sum(min(1.0, trial.epoch / usual) for trial in trials if not trial.over)
    if budget.trials is not None and epochs:
        left.append(spent / made * (budget.trials - made))
    if budget.minutes is not None:
        left.append(60 * budget.minutes - spent)
    if not left:
        return None
    return max(0.0, min(left)) + (spent / made * fmean(whole) / usual * again if whole else 0.0)
