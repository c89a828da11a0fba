"""The finalists of a search: its best trials and its start are trained again with new seeds, by whose validation scores
the best is named. The test rows are not asked.

The runs are noted before they are submitted, and their scores when all are over; whoever goes on with a search whose
process was killed submits what is not there.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from core.experiment.counts import count
from core.experiment.metric_titles import metric_title
from core.experiment.score_words import score
from core.race.variants import seeds_of
from core.runs.engine import Engine
from core.runs.journal import new_run_id
from core.runs.search_files import MOST_SEEDS, Search, SearchFolder, Trial
from core.runs.search_runs import SearchRuns
from core.search.finalists import START_TRIAL, finalists, reranked


@dataclass(frozen=True)
class Reevaluation:
    """The finalists of a search.

    Attributes:
        seeds: Neither the search's own nor those of its confirmation.
        runs: Trial -> a run for each seed.
        validation: Trial -> the measure of each run on the validation rows at its best epoch; None while they train.
        ranking: The trials that have a score, the best first; () while they train.
        sentence: What came of it; "" while they train.
    """

    seeds: list[int]
    runs: dict[int, list[str]]
    validation: dict[int, list[float | None]] | None = None
    ranking: tuple[int, ...] = ()
    sentence: str = ""


def ranking(trials: Sequence[Trial], larger: bool) -> list[Trial]:
    """The trials that have a score and were not pruned, the best first; of equal ones the earlier."""
    ranked = [trial for trial in trials if trial.ranked]
    return sorted(ranked, key=lambda trial: -_number(trial.best) if larger else _number(trial.best))


def _number(value: float | None) -> float:
    assert value is not None
    return value


def judged_ranking(search: Search, trials: Sequence[Trial], made: Reevaluation | None) -> list[Trial]:
    """The ranked trials: the finalists by their new scores where they have been trained again, then the others."""
    ranked = ranking(trials, search.larger)
    again = made.ranking if made else ()
    places = {trial: place for place, trial in enumerate(again)}
    return sorted(ranked, key=lambda trial: places.get(trial.number, len(places)))


def reevaluate(
    engine: Engine, folder: SearchFolder, search: Search, ranked: Sequence[Trial], closing: threading.Event
) -> bool:
    """Trains and scores the finalists, unless that was done; false when a person did not wait, or `closing` was set.

    Args:
        ranked: The trials that have a score, the best first.
    """
    numbers = finalists([trial.number for trial in ranked])
    if not search.finalist_seeds or len(numbers) < 2:
        return True
    plan = folder.planned_finalists()
    if plan is None:
        seeds = seeds_of(search.base.fit.seed + 1 + MOST_SEEDS, search.finalist_seeds)
        plan = {"seeds": seeds, "runs": {str(number): [new_run_id() for _ in seeds] for number in numbers}}
        folder.plan_finalists(plan)
    if "validation" in plan:
        return True
    runs, of_number = SearchRuns(engine, search), {trial.number: trial for trial in ranked}
    for at, seed in enumerate(plan["seeds"]):
        for number, of_trial in plan["runs"].items():
            experiment = search.experiment(int(number), of_number[int(number)].values)
            runs.train_again(of_trial[at], experiment, seed, f"trial {number}")
    if not runs.wait([run for of_trial in plan["runs"].values() for run in of_trial], folder, closing):
        return False
    scores = {
        number: [_score(engine, search.measure, run) for run in of_trial] for number, of_trial in plan["runs"].items()
    }
    folder.plan_finalists({**plan, "validation": scores})
    return True


def _score(engine: Engine, measure: str, run: str) -> float | None:
    """On the validation rows at the best epoch; None of a run that failed or was deleted."""
    try:
        live = engine.find(run)
    except LookupError:
        return None
    return live.best_scores.get(measure) if live.state in ("finished", "stopped") else None


def reevaluation(search: Search, folder: SearchFolder) -> Reevaluation | None:
    """As it stands; None before it has begun, and of a search without it."""
    plan = folder.planned_finalists()
    if plan is None:
        return None
    runs = {int(number): of_trial for number, of_trial in plan["runs"].items()}
    if "validation" not in plan:
        return Reevaluation(plan["seeds"], runs)
    validation = {int(number): scores for number, scores in plan["validation"].items()}
    again = tuple(reranked(validation, search.larger))
    return Reevaluation(plan["seeds"], runs, validation, again, _sentence(search, plan["seeds"], validation, again))


def _sentence(
    search: Search, seeds: Sequence[int], validation: dict[int, list[float | None]], again: Sequence[int]
) -> str:
    """What came of it, for the person."""
    others = len(set(validation) - {START_TRIAL})
    who = f"The {f'{others} best trials' if others > 1 else 'best trial'}"
    who += " and the start" if START_TRIAL in validation else ""
    said = f"{who} were trained again with {count(len(seeds), 'new seed')}"
    if not again:
        return f"{said}: no run ended with a score, so the trials' own scores count."

    def mean(trial: int) -> str:
        there = [one for one in validation[trial] if one is not None]
        return score(search.measure, fmean(there), search.base, search.units)

    title = metric_title(search.measure, search.base)
    if again[0] != START_TRIAL:
        beside = f", the start {mean(START_TRIAL)}" if START_TRIAL in again else ""
        return f"{said}: trial {again[0]} is the best of them, mean validation {title} {mean(again[0])}{beside}."
    better = [trial for trial in again[1:] if _before(search, validation, trial)]
    why = "no trial was better" if not better else "no trial was better by more than the spread of the seeds"
    return f"{said}: {why}, so the start stays the best, mean validation {title} {mean(START_TRIAL)}."


def _before(search: Search, validation: dict[int, list[float | None]], trial: int) -> bool:
    """Whether the mean of a trial is better than that of the start."""
    ours, start = (fmean(one for one in validation[of] if one is not None) for of in (trial, START_TRIAL))
    return ours > start if search.larger else ours < start
