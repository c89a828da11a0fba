"""What the page asks of a search again and again while it goes on: how it stands, and what is new of its trials."""

import json
from collections.abc import Mapping
from typing import Any

from core.runs.engine import Engine
from core.runs.race import validation_scores
from core.runs.search_files import Search
from core.runs.searches import Searches, Standing, Trial
from core.search.finalists import retrainings
from core.search.search_advice import ScoredTrial, search_advice
from core.search.space import Space

_MOST_POINTS = 200  # Of a curve.


def search_feed(
    searches: Searches, engine: Engine, search: str, known: int, going_on: Mapping[int, int]
) -> dict[str, Any]:
    """How a search stands, as JSON: its trials are those that the page does not know, and those that went on there.
    Raises LookupError.

    Args:
        known: How many trials the page knows: those with numbers up to it.
        going_on: Number of a trial that was not over there -> its last epoch there.
    """
    found = searches.find(search)
    standing = searches.standing(found)
    fresh = [trial for trial in standing.trials if trial.number > known or trial.number in going_on]
    return {
        "state": standing.state,
        "says": standing.says,
        "best": standing.best,
        "left": standing.seconds_left,
        "importances": standing.importances,
        "advice": advice_of(found, standing),
        "again": _again(engine, found, standing),
        "trials": [_trial(found.space, trial) for trial in fresh],
        "curves": {
            trial.number: _curve(engine, found, trial, going_on.get(trial.number, 0)) for trial in fresh if trial.run
        },
    }


def advice_of(search: Search, standing: Standing) -> list[str]:
    """What the trials so far say."""
    scored = [
        ScoredTrial(trial.number, trial.values, trial.best)
        for trial in standing.trials
        if trial.ranked and trial.best is not None
    ]
    return search_advice(search.base, search.space, scored, search.larger, standing.importances)


def _trial(space: Space, trial: Trial) -> dict[str, Any]:
    """A trial; of a choice its number instead of the value, which may be anything."""
    values = {}
    for one in space.dimensions:
        if one.path in trial.values:
            texts = [json.dumps(choice, sort_keys=True) for choice in one.choices]
            value = trial.values[one.path]
            if one.kind != "choice":
                values[one.path] = value
            elif (text := json.dumps(value, sort_keys=True)) in texts:
                values[one.path] = texts.index(text)
    return {
        "number": trial.number,
        "run": trial.run,
        "values": values,
        "state": trial.state,
        "epoch": trial.epoch,
        "epochs": trial.epochs,
        "best": trial.best,
        "bestEpoch": trial.best_epoch,
        "pruned": trial.pruned,
        "ranked": trial.ranked,
        "over": trial.over,
        "says": trial.says,
    }


def _curve(engine: Engine, search: Search, trial: Trial, since: int) -> list[tuple[int, float | None]]:
    """(epoch, score on the validation rows) after an epoch; of a long curve some, the last among them."""
    try:
        scores = validation_scores(engine.find(trial.run), search.measure)
    except (LookupError, RuntimeError):  # It is being submitted, or was deleted.
        return []
    after = [(epoch, score) for epoch, score in scores if epoch > since]
    every = max(1, -(-len(after) // _MOST_POINTS))
    return [point for at, point in enumerate(after) if at % every == 0 or at == len(after) - 1]


def _again(engine: Engine, search: Search, standing: Standing) -> list[int] | None:
    """How many runs with new seeds are over, of the finalists and of those that confirm the best, and how many there
    are; None before they began.
    """
    chosen, confirmed = standing.reevaluation, standing.confirmation
    if chosen is None and confirmed is None:
        return None
    runs = {run for found in (chosen, confirmed) if found for of_each in found.runs.values() for run in of_each}
    to_come = 0 if confirmed else retrainings(len(standing.ranking), 0, search.seeds)[1]
    over = 0
    for run in runs:
        try:
            over += engine.find(run).over
        except (LookupError, RuntimeError):  # Not handed over yet.
            continue
    return [over, len(runs) + to_come]
