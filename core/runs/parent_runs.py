"""Runs that were trained together: the trials and retrainings of a search, the runs of a race, the folds and the seeds
that repeat a run. As in MLflow each of these is a parent run, and its trainings are the child runs.

parents = ParentRuns(engine)
parents.list()              a ParentRun for each search, race and repetition whose file can be read

Nothing is kept for it: the files of searches, races and repetitions name the child runs.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from core.experiment.counts import count
from core.runs.engine import Engine
from core.runs.journal import RUN_ID
from core.runs.race import Race, Races, larger_wins
from core.runs.repeated_runs import GroupFiles, RunGroup
from core.runs.search_files import SearchFolder, search_folders
from core.runs.search_reevaluation import judged_ranking, reevaluation

SEARCH, RACE, REPETITION = "search", "race", "repetition"
_OF_SEARCH = ("search.json", "events.jsonl", "finalists.json", "confirmation.json", "stop")

Stamps = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class ParentRun:
    """What several runs were trained for.

    Attributes:
        id: Of the search, the race or the repetition.
        kind: "search", "race" or "repetition".
        name: Of the experiment that is varied or repeated.
        title: "Search", "Race: optimizer", "Cross-validation" or "Seeds".
        what: The same with its size: "Search: 40 trials, 16 retrainings", "Race: optimizer, 6 runs", "5-fold
            cross-validation", "5 seeds".
        children: Run -> what it is of the whole: "Trial 7", "Retraining", "SGD, seed 1", "Fold 2", "Seed 5".
        measure: The logged name of the score on the validation rows by which one of the runs is best; "" where none of
            them is chosen, so that their mean counts.
        larger: Whether a larger score is better.
        state: Of a search as its events tell it, or "stopping"; "" of what has no state but that of its runs.
        trials: Of a search: those that have ended, and how many it makes, None without such a limit.
        best: Of a search: the run of the best trial so far, "" before there is one.
        pruned: The trials that the search ended early.
        origin: The run that is repeated; "" where there is none.
    """

    id: str
    kind: str
    name: str
    title: str
    what: str
    children: Mapping[str, str]
    measure: str = ""
    larger: bool = False
    state: str = ""
    trials: tuple[int, int | None] = (0, None)
    best: str = ""
    pruned: frozenset[str] = field(default_factory=frozenset)
    origin: str = ""


class ParentRuns:
    """The parent runs of the engine's workspace. A file is read again only when it was written: a list of runs is drawn
    at every press.
    """

    def __init__(self, engine: Engine) -> None:
        self._workspace = engine.workspace
        self._races, self._groups = Races(engine), GroupFiles(engine.workspace)
        self._known: dict[Path, tuple[Stamps, ParentRun | None]] = {}

    def list(self) -> list[ParentRun]:
        """All of them. A file that cannot be read is none."""
        found = [
            self._read(folder.folder, _OF_SEARCH, partial(_of_search, folder))
            for folder in search_folders(self._workspace)
        ]
        for where, make in (("races", self._race), ("repetitions", self._repetition)):
            found += [
                self._read(file, ("",), partial(make, file.stem))
                for file in (self._workspace / where).glob("*.json")
                if RUN_ID.fullmatch(file.stem)
            ]
        return [one for one in found if one is not None]

    def _race(self, name: str) -> ParentRun:
        return _of_race(self._races.find(name))

    def _repetition(self, name: str) -> ParentRun:
        return _of_group(self._groups.find(name))

    def _read(self, place: Path, names: tuple[str, ...], make: Callable[[], ParentRun]) -> ParentRun | None:
        """What `make` reads from some files of a place, or from the place itself; as it was before while their stamps
        are the same.
        """
        stamps = tuple(map(_stamp, (place / name if name else place for name in names)))
        known = self._known.get(place)
        if known is None or known[0] != stamps:
            made = None
            with suppress(LookupError, ValueError, TypeError, OSError):
                made = make()
            known = self._known[place] = stamps, made
        return known[1]


def _stamp(file: Path) -> tuple[int, int]:
    """When a file was written, and how large it is; zeros where there is none."""
    try:
        found = file.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def _of_search(folder: SearchFolder) -> ParentRun:
    search, told = folder.search(), folder.told()
    trials = [told.trial(number) for number in sorted(told.trials)]
    children = {trial.run: f"Trial {trial.number}" for trial in trials if trial.run}
    tried = len(children)
    for plan in (folder.planned_finalists(), folder.planned()):
        runs = [run for of_variant in plan["runs"].values() for run in of_variant] if plan else []
        children |= {run: "Retraining" for run in runs if run not in children}
    retrained = len(children) - tried
    again = f", {count(retrained, 'retraining')}" if retrained else ""
    ranked = judged_ranking(search, trials, reevaluation(search, folder))
    stopping = told.state == "running" and folder.stopped() is not None
    return ParentRun(
        search.id,
        SEARCH,
        search.base.name,
        "Search",
        f"Search: {count(tried, 'trial')}{again}",
        children,
        search.measure,
        search.larger,
        "stopping" if stopping else told.state,
        (len(told.ended), search.budget.trials),
        ranked[0].run if ranked else "",
        frozenset(trial.run for trial in trials if trial.pruned),
    )


def _of_race(race: Race) -> ParentRun:
    measure = race.measures[0]
    words, seeds = race.setting.words, len(race.seeds) > 1
    children = {run: f"{words(value)}{f', seed {seed}' if seeds else ''}" for value, seed, run in race.runs}
    title = f"Race: {race.setting.title.lower()}"
    what = f"{title}, {count(len(children), 'run')}"
    return ParentRun(race.id, RACE, race.base.name, title, what, children, measure, larger_wins(race.base, measure))


def _of_group(group: RunGroup) -> ParentRun:
    seeds = count(len(group.seeds), "seed")
    what = f"{group.folds}-fold cross-validation" if group.folds else seeds
    if group.folds and len(group.seeds) > 1:
        what += f", {seeds}"
    children = {}
    for one in group.runs:
        parts = [f"fold {one.fold}"] if one.fold else []
        parts += [f"seed {one.seed}"] if not one.fold or len(group.seeds) > 1 else []
        children[one.run] = ", ".join(parts).capitalize()
    title = "Cross-validation" if group.folds else "Seeds"
    return ParentRun(group.id, REPETITION, group.base.name, title, what, children, origin=group.origin)
