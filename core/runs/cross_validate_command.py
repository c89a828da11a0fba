"""`python -m core cross-validate`: trains an experiment on each fold, with each seed; its scores, mean and spread."""

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.advice.checks import advise, errors
from core.evaluation.score_spread import Spread, repeated_scores
from core.experiment.repetition import Repetition, repetitions
from core.experiment.spec import Experiment
from core.race.variants import seeds_of
from core.tables.situation import Tables
from core.workspace import keep_private, workspace

if TYPE_CHECKING:
    from core.runs.repeated_runs import RepeatedRun


def add_cross_validate(commands: Any) -> None:
    """The command and its options, among the others of the command line."""
    command = commands.add_parser("cross-validate", help="train an experiment on each fold, or with several seeds")
    command.add_argument("spec", type=Path)
    command.add_argument("--table", help="a CSV, Parquet or Excel file instead of the experiment's table")
    command.add_argument("--folds", type=int, help="folds of the cross-validation; without it the split stays as it is")
    command.add_argument("--seeds", type=int, default=1, help="seeds of each fold, counted from the experiment's own")
    command.add_argument("--predictions", type=Path, help="write the out-of-fold predictions to this CSV file")
    command.add_argument("--json", action="store_true", help="end with the scores as one line of JSON")


def cross_validate(given: argparse.Namespace, experiment: Experiment, tables: Tables) -> int:
    """Trains all of them, one after the other; 0 when each ended with a model."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if given.folds is None and given.seeds == 1:
        print("Give --folds, --seeds, or both.", file=sys.stderr)
        return 1
    try:
        made = repetitions(experiment, given.folds, seeds_of(experiment.fit.seed, given.seeds))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    for one in made:
        if wrong := errors(advise(one.experiment, tables.situation(one.experiment))):
            print(*(f"{words_of(one)}: {advice.where}: {advice.says}" for advice in wrong), sep="\n", file=sys.stderr)
            return 1
    # Only now: to import MLflow takes seconds.
    from core.runs.journal import new_run_id
    from core.runs.mlflow_store import Store
    from core.runs.out_of_fold import out_of_fold
    from core.runs.repeated_runs import GroupFiles, RepeatedRun, RunGroup
    from core.runs.run_state import plain

    keep_private(workspace())
    store, handed = Store(workspace()), [RepeatedRun(one.fold, one.seed, new_run_id()) for one in made]
    group = RunGroup(new_run_id(), experiment, "", given.folds, tuple(handed))
    GroupFiles(workspace()).write(group)
    results = _trained(made, handed, tables, store, lambda line: print(line, flush=True))
    ended = [(run, result) for run, result in zip(handed, results, strict=True) if "test" in result]
    found = repeated_scores([result for _, result in ended])
    for name, spread in found["scores"].get("test", {}).items():
        beside = [f"{simple} {_short(parts['test'][name])}" for simple, parts in found["baselines"].items()]
        print(f"test {name} {_short(spread)} ({', '.join(beside)})")
    if given.predictions and ended:
        table = out_of_fold(store, tables, workspace(), [run for run, _ in ended])
        table.to_csv(given.predictions, index=False)
    if given.json:
        runs = [
            {
                "run": run.run,
                "fold": run.fold,
                "seed": run.seed,
                "state": result["state"],
                "test": plain(result.get("test", {})),
            }
            for run, result in zip(handed, results, strict=True)
        ]
        print(json.dumps({"group": group.id, "folds": given.folds, "seeds": group.seeds, "runs": runs, **_json(found)}))
    return 0 if len(ended) == len(handed) else 1


def words_of(one: "Repetition | RepeatedRun") -> str:
    """Which training it is: "fold 2, seed 0"."""
    return ", ".join([*([f"fold {one.fold}"] if one.fold else []), f"seed {one.seed}"])


def _trained(
    made: list[Repetition], handed: "list[RepeatedRun]", tables: Tables, store: Any, say: Callable[[str], None]
) -> list[dict[str, Any]]:
    """The result of each training."""
    from core.runs.journal import Journal
    from core.runs.ownership import EngineLock
    from core.runs.run_training import run
    from core.training.worker_pools import Warm

    life, warm, results = EngineLock(workspace()), Warm(), []
    for one, entry in zip(made, handed, strict=True):
        journal = Journal(workspace(), entry.run)
        journal.begin(one.experiment.text(), engine=life.hold())
        result = run(journal, tables, store, warm=warm)
        results.append(result)
        scores = "  ".join(f"{name} {value:.5g}" for name, value in result.get("test", {}).items())
        says = "" if "test" in result else f": {result['says']}"
        say(f"{words_of(one)}: run {entry.run} {result['state']}{says}  {scores}".rstrip())
    life.release()
    return results


def _short(spread: Spread) -> str:
    if spread.mean is None:
        return "not defined"
    return f"{spread.mean:.5g}" + (f" \u00b1 {spread.sd:.2g}" if spread.sd is not None else "")


def _json(found: Any) -> Any:
    """Nested mappings of spreads as a JSON value."""
    return found.value() if isinstance(found, Spread) else {name: _json(one) for name, one in found.items()}
