"""`python -m core search`: varies settings of an experiment, trial by trial, and trains the best again at its end."""

import argparse
import json
import os
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.experiment.metric_titles import in_sentence, metric_title
from core.experiment.reading import UNDECIDED, TableReading
from core.experiment.score_words import score
from core.experiment.spec import Experiment
from core.runs.searches import FINALIST_SEEDS, Budget, Search, Searches, Standing
from core.runs.worker_client import NotReady
from core.search.finalists import trainings_words
from core.search.sampler import PRUNERS, SAMPLERS
from core.search.space import Space
from core.tables.errors import TableError
from core.tables.situation import Tables
from core.tables.sources import TableStore, file_bytes
from core.workspace import keep_private, workspace

_POLL = 0.3


def add_search_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command and its options, among the others of the command line."""
    command = commands.add_parser("search", help="search for better settings of an experiment")
    command.add_argument("spec", type=Path)
    command.add_argument("space", type=Path, help='a JSON file: {"layers.0.units": {"low": 8, "high": 256}, ...}')
    command.add_argument("--table", help="a CSV, Parquet or Excel file instead of the experiment's table")
    command.add_argument("--trials", type=int, help="end after this many trials")
    command.add_argument("--minutes", type=float, help="end after this many minutes")
    command.add_argument(
        "--measure", default="loss", help="compare trials by this validation score (default: the loss)"
    )
    command.add_argument("--sampler", choices=SAMPLERS, default="tpe")
    command.add_argument("--pruner", choices=PRUNERS, default="median")
    command.add_argument("--seeds", type=int, default=5, help="confirm the best trial with this many new seeds")
    command.add_argument(
        "--finalist-seeds",
        type=int,
        default=FINALIST_SEEDS,
        help="train the best trials again with this many new seeds to choose among them",
    )
    command.add_argument("--json", action="store_true", help="end with the result as one line of JSON")


def search_settings(given: argparse.Namespace, experiment: Experiment) -> int:
    """Searches, a line a trial; 0 when a trial has a score. Interrupted, it ends with the best trial so far."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from core.runs.engine import Engine

    if given.trials is None and given.minutes is None:
        print("Give --trials, --minutes, or both.", file=sys.stderr)
        return 1
    keep_private(workspace())
    store = TableStore(workspace())
    experiment = with_kept_tables(experiment, store)
    tables, engine = Tables(store), Engine(workspace())
    searches = Searches(engine)
    try:
        begun = searches.start(
            experiment,
            Space.read(given.space.read_bytes()),
            Budget(given.trials, given.minutes),
            given.measure,
            given.sampler,
            given.pruner,
            given.seeds,
            situation=tables.situation(experiment),
            units=tables.units(experiment),
            finalist_seeds=given.finalist_seeds,
        )
        engine.start()
        search = searches.find(begun)
        print(f"search {begun}", flush=True)
        if said := trainings_words(given.trials, given.finalist_seeds, given.seeds):
            print(said, flush=True)
        standing = _followed(searches, search, _Lines(search))
    except (ValueError, NotReady) as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        searches.close()
        engine.close()
    _print_end(search, standing)
    if given.json:
        print(json.dumps(search_json(search, standing)))
    return 0 if standing.best is not None else 1


def with_kept_tables(experiment: Experiment, store: TableStore) -> Experiment:
    """The experiment with its files in the workspace: a worker reads no paths. Raises TableError."""

    data = experiment.data

    def kept(ref: str, reading: TableReading) -> str:
        if ref.startswith(("sample:", "file:")):
            return ref
        return store.keep(Path(ref).name, file_bytes(ref), reading).ref

    data = data.model_copy(update={"table": kept(data.table, data.reading)})
    if data.split.method == "table":
        validation = str(data.split.table)
        try:
            ref = kept(validation, UNDECIDED)  # Other decisions read it again.
        except TableError:
            ref = kept(validation, data.reading.carried())
        split = data.split.model_copy(update={"table": ref})
        data = data.model_copy(update={"split": split})
    return experiment.model_copy(update={"data": data})


class _Lines:
    """Prints a line for each trial that has ended, in the order of their ends."""

    def __init__(self, search: Search) -> None:
        self._search, self._printed, self._confirming = search, set[int](), False

    def show(self, standing: Standing) -> None:
        """Prints what is new."""
        for trial in standing.trials:
            if not trial.over or trial.number in self._printed:
                continue
            self._printed.add(trial.number)
            values = "  ".join(f"{path}={_short(value)}" for path, value in trial.values.items())
            scored = (
                ""
                if trial.best is None
                else f"  {score(self._search.measure, trial.best, self._search.base, self._search.units)}"
            )
            why = f": {trial.says}" if trial.state == "failed" else ""
            word = "pruned" if trial.pruned else trial.state
            print(f"trial {trial.number}: run {trial.run or 'none'} {word}{scored}  {values}{why}", flush=True)
        if standing.state == "confirming" and not self._confirming:
            self._confirming = True
            if self._search.seeds or self._search.finalist_seeds:
                print("training the best again with new seeds", flush=True)


def _followed(searches: Searches, search: Search, lines: _Lines) -> Standing:
    """How it stands when it is over."""
    pause = threading.Event()
    while True:
        try:
            standing = searches.standing(search)
            lines.show(standing)
            if standing.over:
                return standing
            pause.wait(_POLL)
        except KeyboardInterrupt:
            print("stopping: the best trial is kept", file=sys.stderr)
            searches.stop(search.id, confirm=False)


def _print_end(search: Search, standing: Standing) -> None:
    if standing.says:
        print(standing.says, file=sys.stderr)
    if standing.best is None:
        return
    best = standing.trial(standing.best)
    title = in_sentence(metric_title(search.measure, search.base), search.measure, search.base)
    scored = score(search.measure, best.best, search.base, search.units)
    print(f"best: trial {best.number}, run {best.run}, validation {title} {scored}")
    for path, share in (standing.importances or {}).items():
        print(f"importance {path} {share:.0%}")
    for found in (standing.reevaluation, standing.confirmation):
        if found and found.sentence:
            print(found.sentence)


def search_json(search: Search, standing: Standing) -> dict[str, Any]:
    """A search as one JSON value: trials, best, importances, and what its confirmation found."""
    best, again, confirmed = standing.best, standing.reevaluation, standing.confirmation
    return {
        "search": search.id,
        "state": standing.state,
        "measure": search.measure,
        "larger": search.larger,
        "trials": [asdict(trial) for trial in standing.trials],
        "best": best,
        "experiment": None if best is None else search.experiment(best, standing.trial(best).values).value(),
        "importances": standing.importances,
        "seconds": standing.seconds,
        "reevaluation": None if again is None else asdict(again),
        "confirmation": None if confirmed is None else {**asdict(confirmed), "better": confirmed.better},
    }


def _short(value: Any) -> str:
    return (
        f"{value:.4g}"
        if isinstance(value, float)
        else str(value)
        if isinstance(value, str | int)
        else json.dumps(value)
    )
