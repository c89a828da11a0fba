"""Searches of a workspace as files: what each was begun with, and what became of it.

The folder `searches/ID` of the workspace holds
    search.json         what it was begun with
    events.jsonl        what became of it, a JSON object a line: all that a process needs that goes on with it
    finalists.json      which runs train its best trials again with new seeds, and their validation scores: they name
                        the best
    confirmation.json   which runs train the best trials again, to be judged by the test rows
    journal.log         the trials in optuna's words, for optuna's own tools
    stop                what a person asked: {"confirm": true or false}
    lock                held by the process that drives it
"""

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.experiment.fork import from_scratch
from core.experiment.spec import Experiment, InvalidExperiment, read
from core.runs.journal import RUN_ID, Lines
from core.runs.sound_lines import is_plan, is_search_event, is_stop
from core.search.sampler import Values
from core.search.space import Space
from core.workspace import held, write_whole

OVER = ("finished", "stopped", "failed")
MOST_SEEDS = 10


@dataclass(frozen=True)
class Budget:
    """When a search ends by itself: after so many trials, after so many minutes, whichever comes first; without
    either only when a person stops it.
    """

    trials: int | None = None
    minutes: float | None = None


@dataclass(frozen=True)
class Search:
    """A search as it was begun.

    Attributes:
        id: Twelve hexadecimal digits.
        base: The experiment that is varied, which the first trial is.
        measure: The logged name, without `val_`, of the score on the validation rows by which trials are judged.
        larger: Whether a larger score is better.
        sampler, pruner: See `core.search.sampler`.
        seeds: With how many new seeds the best trials are confirmed at the end; 0 does without.
        finalist_seeds: With how many other new seeds the finalists are trained again, before the best is named; 0, as
            in searches of earlier versions, names the trial with the best score.
        begun: Seconds since 1970.
        visitor: Who began it.
        units: Target -> its unit, as the sentences for people write it.
    """

    id: str
    base: Experiment
    space: Space
    budget: Budget
    measure: str
    larger: bool
    sampler: str
    pruner: str
    seeds: int
    begun: float
    visitor: str = ""
    units: Mapping[str, str] = field(default_factory=dict)
    finalist_seeds: int = 0

    def experiment(self, number: int, values: Values) -> Experiment:
        """What a trial trains: the first the base as it is. Raises InvalidExperiment."""
        return from_scratch(self.base) if number == 1 else self.space.experiment(self.base, values)

    def value(self) -> dict[str, Any]:
        """Its JSON value."""
        return {
            "base": self.base.value(),
            "space": self.space.value(),
            "trials": self.budget.trials,
            "minutes": self.budget.minutes,
            **{name: getattr(self, name) for name in _PLAIN},
            "finalist_seeds": self.finalist_seeds,
        }


_PLAIN = ("measure", "larger", "sampler", "pruner", "seeds", "begun", "visitor", "units")


@dataclass(frozen=True)
class Trial:
    """A trial of a search, as it stands.

    Attributes:
        number: From 1, which is the experiment that the search began with.
        run: Its run; "" where its values make no experiment.
        values: Path -> value.
        state: Of its run; "failed" where it has none, "missing" where the run was deleted.
        epoch, epochs: Completed, and planned.
        latest, best: The measure on the validation rows at the last epoch that has one, and at the best epoch so far:
            of a run that came to its end the exact score.
        best_epoch: From 1.
        pruned: Whether the search ended it early.
        says: Why it failed, or "".
        over: Whether the search waits no longer for it.
    """

    number: int
    run: str
    values: Values
    state: str
    epoch: int = 0
    epochs: int = 0
    latest: float | None = None
    best: float | None = None
    best_epoch: int | None = None
    pruned: bool = False
    says: str = ""
    over: bool = False

    @property
    def ranked(self) -> bool:
        """Whether it may be the best: it has a score and was neither pruned nor lost."""
        return self.over and not self.pruned and self.best is not None


@dataclass
class Told:
    """What the events of a search tell.

    Attributes:
        trials: Number -> what was noted as it began.
        ended: Number -> what was noted as it ended.
        state: "running", "confirming" or one of `OVER`.
        spent: Seconds in which a process drove its trials, up to the last event.
        latest: When the last event was noted, while trials are driven; None after that.
        importances: Path -> share, after the last trial.
    """

    trials: dict[int, dict[str, Any]] = field(default_factory=dict)
    ended: dict[int, dict[str, Any]] = field(default_factory=dict)
    state: str = "running"
    says: str = ""
    spent: float = 0.0
    latest: float | None = None
    importances: dict[str, float] | None = None

    def take(self, event: Mapping[str, Any]) -> None:
        """Notes an event."""
        at = float(event["at"])
        if self.state == "running":
            if self.latest is not None and "drives" not in event:
                self.spent += max(0.0, at - self.latest)
            self.latest = at
        if "trial" in event:
            self.trials.setdefault(event["trial"], dict(event))
        elif "ended" in event:
            self.ended.setdefault(event["ended"], dict(event))
            self.importances = event.get("importances") or self.importances
        elif "state" in event:
            self.state, self.says = event["state"], event.get("says", "")
            self.latest = None

    def seconds(self) -> float:
        """For how long processes have driven its trials."""
        return self.spent + (max(0.0, time.time() - self.latest) if self.latest is not None else 0.0)

    def trial(self, number: int) -> Trial:
        """A trial as the events have it."""
        begun, ended = self.trials[number], self.ended.get(number)
        known = {name: ended[name] for name in _OF_ENDED if name in ended} if ended else {"state": "queued"}
        return Trial(number, begun["run"], begun["values"], over=ended is not None, **known)


_OF_ENDED = ("state", "epoch", "epochs", "latest", "best", "best_epoch", "pruned", "says")


class SearchFolder:
    """One search's folder. Raises LookupError for what is no name of a search."""

    def __init__(self, workspace: Path, search: str) -> None:
        if not RUN_ID.fullmatch(search):
            raise LookupError("This is not the name of a search.")
        self.id = search
        self.folder = workspace / "searches" / search

    def begin(self, search: Search) -> None:
        """Notes what a search begins with. Raises OSError."""
        write_whole(self.folder / "search.json", json.dumps(search.value()))

    def search(self) -> Search:
        """What it was begun with. Raises LookupError."""
        try:
            kept: dict[str, Any] = json.loads((self.folder / "search.json").read_bytes())
            budget = Budget(kept["trials"], kept["minutes"])
            plain = {name: kept[name] for name in _PLAIN}
            again = kept.get("finalist_seeds", 0)
            return Search(self.id, read(kept["base"]), Space.read(kept["space"]), budget, **plain, finalist_seeds=again)
        except (OSError, ValueError, KeyError, TypeError, InvalidExperiment):
            raise LookupError(f"There is no search {self.id} in this workspace.") from None

    @property
    def lock(self) -> Path:
        """Held by the process that drives it."""
        return self.folder / "lock"

    def driven(self) -> bool:
        """Whether a process drives it at this moment."""
        return held(self.lock)

    def say(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Adds what became of it; the event with its time. Raises OSError."""
        timed = {"at": time.time(), **event}
        self._events().append(timed)
        return timed

    def _events(self) -> Lines:
        return Lines(self.folder / "events.jsonl", is_search_event)

    def told(self) -> Told:
        """What became of it so far."""
        told = Told()
        for event in self._events().fresh():
            told.take(event)
        return told

    def over(self) -> bool:
        """Whether nothing more will come."""
        last = self._events().last()
        return "ended" not in last and last.get("state") in OVER  # The end of a trial has the state of its run.

    def names(self, run: str) -> bool:
        """Whether a run was made for it."""
        word = f'"{run}"'.encode()
        for name in ("events.jsonl", "finalists.json", "confirmation.json"):
            with contextlib.suppress(OSError):
                if word in (self.folder / name).read_bytes():
                    return True
        return False

    def stop(self, confirm: bool) -> None:
        """Notes that a person ends it. Raises OSError."""
        write_whole(self.folder / "stop", json.dumps({"confirm": confirm}))

    def stopped(self) -> dict[str, bool] | None:
        """What a person asked: {"confirm"}; None when nobody has stopped it."""
        return self._value("stop", is_stop)

    def plan(self, runs: Mapping[str, Any]) -> None:
        """Notes which runs confirm its best trials. Raises OSError."""
        write_whole(self.folder / "confirmation.json", json.dumps(runs))

    def planned(self) -> dict[str, Any] | None:
        """Which runs confirm its best trials, and what came of them."""
        return self._value("confirmation.json", is_plan)

    def plan_finalists(self, runs: Mapping[str, Any]) -> None:
        """Notes which runs train its finalists again, and what came of them. Raises OSError."""
        write_whole(self.folder / "finalists.json", json.dumps(runs))

    def planned_finalists(self) -> dict[str, Any] | None:
        """Which runs train its finalists again, and what came of them."""
        return self._value("finalists.json", is_plan)

    def _value(self, name: str, sound: Callable[[Any], bool]) -> Any:
        try:
            value = json.loads((self.folder / name).read_bytes())
        except (OSError, ValueError):
            return None
        return value if sound(value) else None


def search_folders(workspace: Path) -> Iterator[SearchFolder]:
    """The searches of a workspace."""
    for file in (workspace / "searches").glob("*/search.json"):
        if RUN_ID.fullmatch(file.parent.name):
            yield SearchFolder(workspace, file.parent.name)
