"""Searches, races and cross-validations among the runs of a workspace, as one that is used has them.

write_groups(workspace, [(run, experiment), ...])       of runs of one experiment
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.experiment.spec import Experiment
from core.runs.journal import new_run_id
from core.runs.repeated_runs import GroupFiles, RepeatedRun, RunGroup
from core.runs.search_files import Budget, Search, SearchFolder
from core.search.space import Space
from core.workspace import write_whole

_TRIALS, _RETRAINED, _FOLDS = 40, 12, 5
_RACED = ("Adam", "SGD", "RMSprop")
_SEEDS = (0, 1)


def write_groups(workspace: Path, runs: Sequence[tuple[str, Experiment]]) -> None:
    """Makes a search, races and cross-validations of three quarters of some runs of one experiment; the others are runs
    on their own. Of a few runs none is made.
    """
    base = runs[0][1]
    ids = iter([run for run, _ in runs][: 3 * len(runs) // 4])
    left = 3 * len(runs) // 4
    if left < _TRIALS + _RETRAINED:
        return
    _search(workspace, base, [next(ids) for _ in range(_TRIALS)], [next(ids) for _ in range(_RETRAINED)])
    left -= _TRIALS + _RETRAINED
    raced = len(_RACED) * len(_SEEDS)
    while left >= raced + _FOLDS:
        _race(workspace, base, [next(ids) for _ in range(raced)])
        folds = tuple(RepeatedRun(fold, 0, next(ids)) for fold in range(1, _FOLDS + 1))
        GroupFiles(workspace).write(RunGroup(new_run_id(), base, folds[0].run, _FOLDS, folds))
        left -= raced + _FOLDS


def _search(workspace: Path, base: Experiment, trials: Sequence[str], retrained: Sequence[str]) -> None:
    """A search that has ended: its trials, and the retrainings of some of them."""
    paths = {"layers.0.units": {"low": 8, "high": 256, "log": True}, "fit.batch_size": {"choices": [16, 32, 64]}}
    measure = next(iter(base.logged()))
    budget = Budget(trials=len(trials))
    space, draw = Space.read(paths), np.random.default_rng(0)
    folder = SearchFolder(workspace, new_run_id())
    folder.begin(Search(folder.id, base, space, budget, measure, False, "tpe", "none", 0, 1e9, finalist_seeds=2))
    for number, run in enumerate(trials, start=1):
        values = {"layers.0.units": int(draw.integers(8, 257)), "fit.batch_size": int(draw.choice([16, 32, 64]))}
        folder.say({"trial": number, "run": run, "values": values})
        score = float(draw.uniform(0.2, 0.4))
        folder.say(
            {
                "ended": number,
                "state": "finished",
                "epoch": 60,
                "epochs": 60,
                "latest": score,
                "best": score,
                "best_epoch": 20,
                "importances": dict.fromkeys(paths, 0.5),
            }
        )
    of_trial = {str(number + 1): list(retrained[2 * number : 2 * number + 2]) for number in range(len(retrained) // 2)}
    scores = {number: [float(draw.uniform(0.2, 0.4)) for _ in runs] for number, runs in of_trial.items()}
    folder.plan_finalists({"seeds": [11, 12], "runs": of_trial, "validation": scores})
    folder.say({"state": "finished"})


def _race(workspace: Path, base: Experiment, runs: Sequence[str]) -> None:
    values = [(value, seed) for seed in _SEEDS for value in _RACED]
    handed = [(value, seed, run) for (value, seed), run in zip(values, runs, strict=True)]
    kept = {"setting": "optimizer", "base": base.value(), "runs": handed}
    write_whole(workspace / "races" / f"{new_run_id()}.json", json.dumps(kept))
