"""The honest end of a search: the finalists are trained again to name the best of them (`search_reevaluation`); then
the best, the runner-up and the experiment that the search began with are trained with other new seeds, and only then
judged by the test rows.

The best was chosen by its validation scores, which are therefore too kind; and a part of every difference is the luck
of a few seeds. Neither these seeds nor the test rows had a part in the choice.
"""

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

from core.experiment.counts import count
from core.experiment.fork import from_scratch
from core.experiment.metric_titles import metric_title
from core.experiment.score_words import interval_words, score
from core.experiment.spec import Experiment
from core.race.comparison import Compared, compare
from core.race.variants import seeds_of
from core.runs.engine import Engine
from core.runs.journal import new_run_id
from core.runs.search_files import Search, SearchFolder, Trial
from core.runs.search_reevaluation import judged_ranking, ranking, reevaluate, reevaluation
from core.runs.search_runs import SearchRuns
from core.runs.worker_client import GivenUp
from core.tables.errors import TableError

log = logging.getLogger(__name__)
START, BEST, SECOND = "start", "best", "second"
_NAMES = {START: "start", BEST: "best", SECOND: "runner-up"}
_NONE = "No trial has a score."

Scores = dict[str, list[float | None]]


@dataclass(frozen=True)
class Confirmation:
    """The best trials of a search, trained again.

    Attributes:
        runs: "start", "best" and, where there is one, "second" -> a run for each seed; where the best trial is the
            start, "best" are the same runs.
        seeds: None of them is the search's own or one of the finalists'.
        validation, test: Variant -> the measure of each run at its best epoch; None while they train. Without test rows
            `test` is empty.
        intervals: Variant -> {"value", "low", "high"} of the mean of `test`, 95 %: where other test rows would put it.
        compared: "start" and "best", by the paired t-test of a race, on the test rows where there are any.
        sentence: What came of it; "" while they train.
    """

    runs: dict[str, list[str]]
    seeds: list[int]
    validation: Scores | None = None
    test: Scores | None = None
    intervals: dict[str, dict[str, float | None]] | None = None
    compared: dict[str, Compared] | None = None
    sentence: str = ""

    @property
    def better(self) -> bool:
        """Whether the best trial is significantly better than the start."""
        return self.compared is not None and self.compared[BEST].verdict == "better"


def confirm(engine: Engine, folder: SearchFolder, search: Search, closing: threading.Event) -> None:
    """Trains them, unless a person does without, and ends the search."""
    asked = folder.stopped()
    end = "finished" if asked is None else "stopped"
    told = folder.told()
    ranked = ranking([told.trial(number) for number in told.trials], search.larger)
    if not ranked:
        folder.say({"state": end if asked else "failed", "says": _NONE})
        return
    if asked is None or asked["confirm"]:
        waited = reevaluate(engine, folder, search, ranked, closing)
        best = judged_ranking(search, ranked, reevaluation(search, folder))
        if not waited or (search.seeds and not _confirmed(engine, folder, search, best, closing)):
            if closing.is_set():
                return  # Another process goes on with it.
            end = "stopped"
    found = judged_ranking(search, ranked, reevaluation(search, folder))[0].best
    assert found is not None  # It is ranked.
    engine.store().finish_search(search.id, {search.measure: found})
    folder.say({"state": end})


def _confirmed(
    engine: Engine, folder: SearchFolder, search: Search, best: Sequence[Trial], closing: threading.Event
) -> bool:
    """Trains and judges them; false when a person did not wait, or `closing` was set."""
    variants = _variants(search, best)
    plan = folder.planned()
    if plan is None:
        seeds = seeds_of(search.base.fit.seed + 1, search.seeds)
        plan = {"seeds": seeds, "runs": {name: [new_run_id() for _ in seeds] for name in variants}}
        folder.plan(plan)
    runs = SearchRuns(engine, search)
    for at, seed in enumerate(plan["seeds"]):
        for name, experiment in variants.items():
            runs.train_again(plan["runs"][name][at], experiment, seed, _NAMES[name])
    if not runs.wait([run for of_variant in plan["runs"].values() for run in of_variant], folder, closing):
        return False
    folder.plan({**plan, **_scores(engine, search, plan["runs"])})
    return True


def _variants(search: Search, best: Sequence[Trial]) -> dict[str, Experiment]:
    """What is trained again: nothing twice."""
    made = {START: from_scratch(search.base)}
    for name, trial in zip((BEST, SECOND), best, strict=False):
        experiment = search.experiment(trial.number, trial.values)
        if experiment not in made.values():
            made[name] = experiment
    return made


def _scores(engine: Engine, search: Search, runs: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The scores of the runs on the validation and test rows, as they are noted."""
    validation: Scores = {}
    test: Scores = {}
    intervals: dict[str, list[dict[str, float | None]]] = {}
    rows = 0
    for name, of_variant in runs.items():
        found = [_scored(engine, search.measure, run) for run in of_variant]
        validation[name] = [one["validation"] for one in found]
        test[name] = [one["test"] for one in found]
        intervals[name] = [one["interval"] for one in found if one["interval"]]
        rows = max([rows, *(one["rows"] for one in found)])
    return {
        "validation": validation,
        "test": test if any(one is not None for of in test.values() for one in of) else {},
        "intervals": {name: _mean_interval(found) for name, found in intervals.items() if found},
        "rows": rows,
    }


def _scored(engine: Engine, measure: str, run: str) -> dict[str, Any]:
    found: dict[str, Any] = {"validation": None, "test": None, "interval": None, "rows": 0}
    try:
        live = engine.find(run)
        if live.state not in ("finished", "stopped"):
            return found
        found["validation"] = live.best_scores.get(measure)
        found["test"] = engine.store().result(run)["test"].get(measure)
        told = engine.evaluate(run, "intervals")
    except (LookupError, TableError, GivenUp):  # It failed, or was deleted, or its rows are too many for the worker.
        return found
    found["interval"] = told["scores"].get("test", {}).get(measure)
    found["rows"] = told["evaluated"].get("test", {}).get("rows", 0)
    return found


def _mean_interval(found: Sequence[Mapping[str, float | None]]) -> dict[str, float | None]:
    """Of the mean of several networks' scores on the same rows: the means of their ends. The scores rise and fall with
    the rows together; as far as they do not, the interval of the mean is narrower.
    """
    ends = {end: [one[end] for one in found] for end in ("value", "low", "high")}
    return {end: fmean(there) if (there := [v for v in of if v is not None]) else None for end, of in ends.items()}


def confirmation(search: Search, folder: SearchFolder, best: Trial | None) -> Confirmation | None:
    """As it stands; None before it has begun."""
    plan = folder.planned()
    if plan is None:
        return None

    def of_each(part: str) -> dict[str, Any]:
        """By variant; where the best trial is the start, of both."""
        same = BEST not in plan["runs"] and START in plan[part]
        return {**plan[part], BEST: plan[part][START]} if same else plan[part]

    made = Confirmation(of_each("runs"), plan["seeds"])
    if "validation" not in plan:
        return made
    validation, test, intervals = (of_each(part) for part in ("validation", "test", "intervals"))
    share = search.base.logged().get(search.measure)
    step = 1 / plan["rows"] if share and share.row.share and plan["rows"] else 0.0
    judged = test or validation
    compared = compare({START: judged[START], BEST: judged[BEST]}, search.larger, step)
    made = replace(made, validation=validation, test=test, intervals=intervals, compared=compared)
    return replace(made, sentence=_sentence(search, made, best))


def _sentence(search: Search, made: Confirmation, best: Trial | None) -> str:
    """What came of it, for the person."""
    assert made.compared is not None
    start, found = made.compared[START], made.compared[BEST]
    title, rows = metric_title(search.measure, search.base), "test" if made.test else "validation"
    if start.mean is None or found.mean is None:
        return "The best trial could not be trained again: no run ended with a score."

    def write(value: float) -> str:
        return score(search.measure, value, search.base, search.units)

    def named(variant: str, mean: float) -> str:
        return f"{write(mean)}{_interval(search, made, variant)}"

    seeds = count(len(made.seeds), "new seed")
    if made.runs[BEST] == made.runs[START]:
        return f"No trial is better than where you started: {rows} {title} {named(START, start.mean)}, mean of {seeds}."
    trial = f"Trial {best.number}" if best else "The best trial"
    beside = f"{rows} {title} {named(BEST, found.mean)} against {write(start.mean)} at the start, means of {seeds}"
    if found.verdict == "better":
        return f"{trial} is better than where you started: {beside}."
    if start.verdict == "better":
        return f"{trial} is worse than where you started: {beside}. Its validation score was partly luck."
    if len(made.seeds) < 2:
        return f"{trial}: {beside}. A test needs at least two seeds."
    return f"{trial} is not significantly better than where you started: {beside}."


def _interval(search: Search, made: Confirmation, variant: str) -> str:
    """The interval of a test score in brackets, or ""."""
    found = (made.intervals or {}).get(variant)
    if not found or found["low"] is None:
        return ""
    return f" ({interval_words(search.measure, found, search.base, search.units, points=False)})"
