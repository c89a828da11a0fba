"""The curves of a run over epochs, steps and seconds of training, as its journal has them.

run_curves(journal)                             of one run
curve_table([curves], names)                    of several, as a table with a row an epoch: the history as CSV
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from core.experiment.spec import Experiment, read
from core.experiment.training_steps import steps_of_an_epoch
from core.runs.journal import Journal
from core.runs.run_state import LiveRun

_MOST_KEPT = 20  # Runs.


@dataclass(frozen=True)
class RunCurves:
    """The curves of one run.

    Attributes:
        run, experiment: Its id; as it was submitted.
        epochs: n epochs, rising.
        values: Logged name ("mae", "val_mae") -> n numbers, None where there are none.
        seconds: n seconds of training up to the end of each epoch, compiling included, without pauses.
        steps: n batches up to the end of each epoch; None where the number of training rows is not known.
        best_epoch: So far, by the score that the training watches; None before the first.
        over: Whether the run has ended.
    """

    run: str
    experiment: Experiment
    epochs: list[int]
    values: dict[str, list[float | None]]
    seconds: list[float]
    steps: list[int] | None
    best_epoch: int | None
    over: bool

    def over_axis(self, axis: str, aligned: bool = False) -> list[float]:
        """n places on an axis ("epoch", "step", "second"); `aligned`: counted from the best epoch."""
        of_axis: dict[str, Sequence[float]] = {"epoch": self.epochs, "step": self.steps or [], "second": self.seconds}
        places = of_axis[axis]
        if not aligned or not places or self.best_epoch not in self.epochs:
            return list(places)
        best = places[self.epochs.index(self.best_epoch)]
        return [place - best for place in places]


def run_curves(journal: Journal) -> RunCurves:
    """The curves so far. Raises LookupError for a run without a journal. Those of a run that is over are kept: a page
    that compares ten runs of many thousand epochs asks for them at every press.
    """
    try:
        written = tuple((journal.folder / name).stat().st_mtime_ns for name in ("submitted.json", "events.jsonl"))
    except OSError:
        return _read(journal)
    return _of_ended(journal.folder.parents[1], journal.run, written) if journal.over() else _read(journal)


@lru_cache(maxsize=_MOST_KEPT)
def _of_ended(workspace: Path, run: str, _written: tuple[int, ...]) -> RunCurves:
    return _read(Journal(workspace, run))


def _read(journal: Journal) -> RunCurves:
    run, events = LiveRun.of(journal), journal.events().fresh()
    experiment, seconds = read(run.experiment), epoch_seconds(events)
    rows = next((event["rows"][0] for event in reversed(events) if "rows" in event), None)
    numbers = {int(row[0] or 0): row[1:] for row in run.rows}  # Each epoch once, the last time it was told.
    epochs = sorted(numbers)
    batches = None if rows is None else steps_of_an_epoch(experiment, rows)
    return RunCurves(
        run.id,
        experiment,
        epochs,
        {name: [numbers[epoch][at] for epoch in epochs] for at, name in enumerate(run.names)},
        [seconds.get(epoch, 0.0) for epoch in epochs],
        None if batches is None else [batches * (epoch - run.before) for epoch in epochs],
        run.best,
        run.over,
    )


def epoch_seconds(events: Iterable[Mapping[str, Any]]) -> dict[int, float]:
    """Epoch -> seconds of training up to its end, from the events of a journal.

    The first epoch begins with the last stage before it, so compiling counts; pauses and the time between a crash and
    the next beginning do not. Epochs that one event tells together are spread evenly over its time.
    """
    found: dict[int, float] = {}
    spent, latest = 0.0, None
    for event in events:
        at = event.get("at")
        if at is None:
            continue
        told = [int(epoch) for epoch, _ in event.get("epochs", ())]
        if told:
            passed = max(0.0, at - (at if latest is None else latest))  # A clock may be set back.
            for number, epoch in enumerate(told, start=1):
                found[epoch] = spent + passed * number / len(told)
            spent += passed
        if told or "stage" in event or "begins" in event:
            latest = at
        elif "paused" in event:
            latest = None if event["paused"] else at
    return found


def curve_table(curves: Sequence[RunCurves], names: Mapping[str, str]) -> pd.DataFrame:
    """A row for each epoch of each run: "run", "name", "epoch", "step", "seconds", and each logged number."""
    tables = []
    for of_run in curves:
        columns: dict[str, Any] = {"run": of_run.run, "name": names[of_run.run], "epoch": of_run.epochs}
        columns["step"] = of_run.steps if of_run.steps is not None else pd.NA
        columns["seconds"] = [round(value, 3) for value in of_run.seconds]
        tables.append(pd.DataFrame(columns | of_run.values))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
