"""Drives one search: asks for values, hands trials over as ordinary runs, prunes and ends them, confirms the best.

A thread of the engine's process, one for each search. All that it knows lies in the search's folder, and each step is
noted before it is taken: a trial with the id of its run before that run is submitted, the end of one that is pruned
before its run is stopped. Whoever goes on with a search whose process was killed submits what was noted and is not
there, ends what was pruned and still trains, and so loses or doubles nothing.
"""

import logging
import threading
from dataclasses import dataclass, field
from typing import Any

from core.experiment.spec import InvalidExperiment
from core.runs.engine import Engine
from core.runs.journal import new_run_id
from core.runs.race import validation_scores
from core.runs.run_state import LiveRun
from core.runs.search_confirmation import confirm
from core.runs.search_files import Search, SearchFolder
from core.runs.search_runs import SearchRuns
from core.runs.sqlite_guard import StoreBroken
from core.runs.worker_client import NotReady
from core.search.sampler import Ended, Study, Values
from core.workspace import locked

log = logging.getLogger(__name__)
_POLL = 0.2  # Seconds between two looks at the trials.
_RETRY = 2.0  # Seconds until a workspace that could not be written is tried again.
MOST_FAILURES = 10  # Trials in a row without a score, after which a search is given up.


class SearchDriver:
    """Drives the search of a folder until it is over or `closing` is set."""

    def __init__(self, engine: Engine, folder: SearchFolder, closing: threading.Event) -> None:
        self._engine, self._folder, self._closing = engine, folder, closing
        self._thread = threading.Thread(target=self._drive, name=f"search {folder.id}", daemon=True)

    def start(self) -> None:
        """Begins, unless another process drives this search."""
        self._thread.start()

    def join(self, seconds: float) -> None:
        """Waits for its end."""
        self._thread.join(seconds)

    @property
    def alive(self) -> bool:
        """Whether it still drives."""
        return self._thread.is_alive()

    def _drive(self) -> None:
        try:
            search = self._folder.search()
            with locked(self._folder.lock, wait=False):
                while self._engine.opening and not self._closing.wait(_POLL):
                    pass  # To wait in `store` would hold up whoever closes.
                while not self._closing.is_set() and not self._folder.over():
                    self._go_on(search)
        except (OSError, LookupError) as error:  # Another process holds it, or its folder has been removed.
            log.info("search %s: %s", self._folder.id, error)

    def _go_on(self, search: Search) -> None:
        try:
            if self._folder.told().state == "running":
                Trials(self._engine, self._folder, search, self._closing).drive()
            else:
                confirm(self._engine, self._folder, search, self._closing)
        except (OSError, NotReady, StoreBroken) as error:
            # Whether it was written is not known: all is read again.
            log.warning("search %s waits: %s", self._folder.id, error)
            self._closing.wait(_RETRY)
        except Exception as error:
            log.exception("search %s failed", self._folder.id)
            self._folder.say({"state": "failed", "says": f"The search failed: {error}"})


@dataclass
class _Running:
    """A trial whose end is waited for."""

    number: int
    asked: int  # Its number in the study, where those that would have repeated a trial count, too.
    run: str
    scores: dict[int, float] = field(default_factory=dict)  # At the rungs.


class Trials:
    """The trials of a search, from where an earlier process left them until the budget is spent."""

    def __init__(self, engine: Engine, folder: SearchFolder, search: Search, closing: threading.Event) -> None:
        self._engine, self._folder, self._search, self._closing = engine, folder, search, closing
        self._runs = SearchRuns(engine, search)
        engine.store().begin_search(search.id, f"{search.base.name}: search")
        folder.say({"drives": True})
        self._told = folder.told()
        fit = search.base.fit
        self._study = Study(
            folder.folder, search.space, search.sampler, search.pruner, fit.seed, search.larger, fit.epochs
        )
        self._running: list[_Running] = []
        self._exhausted = False
        self._restore()

    def drive(self) -> None:
        """Tries values until the budget is spent or a person stops the search; then it is "confirming", or
        "failed".
        """
        stopping = False
        while not self._closing.is_set():
            for trial in list(self._running):
                self._look(trial)
            if why := self._hopeless():
                self._stop_all()
                self._say({"state": "failed", "says": why})
                return
            if not stopping and (self._folder.stopped() is not None or self._time_is_up()):
                stopping = True
                self._stop_all()
            while not stopping and self._wants_another():
                self._begin()
            if not self._running and (stopping or self._spent()):
                self._say({"state": "confirming"})
                return
            self._closing.wait(_POLL)

    def _restore(self) -> None:
        """Enters what is noted, and sees to it that it is so."""
        for number, begun in sorted(self._told.trials.items()):
            asked, ended = begun["asked"], self._told.ended.get(number)
            scores = {int(epoch): score for epoch, score in (ended or {}).get("scores", {}).items()}
            if ended is None:
                self._study.restore(asked, begun["values"], scores)
                self._running.append(trial := _Running(number, asked, begun["run"], scores))
                self._submit(trial, begun["values"])
                continue
            good = ended["state"] in ("finished", "stopped")
            told = Ended(ended.get("best") if good else None, ended.get("pruned", False))
            self._study.restore(asked, begun["values"], scores, told)
            if told.pruned:
                self._runs.stop(begun["run"])

    def _wants_another(self) -> bool:
        return len(self._running) < self._engine.workers() and not self._spent() and not self._engine.trouble

    def _spent(self) -> bool:
        """Whether no other trial is begun."""
        most = self._search.budget.trials
        return self._exhausted or (most is not None and len(self._told.trials) >= most)

    def _time_is_up(self) -> bool:
        minutes = self._search.budget.minutes
        return minutes is not None and self._told.seconds() >= 60 * minutes

    def _hopeless(self) -> str:
        """Why the search is given up: its last trials all failed. A sentence, or ""."""
        ended = sorted(self._told.ended.items())[-MOST_FAILURES:]
        if len(ended) < MOST_FAILURES or any(one["state"] != "failed" for _, one in ended):
            return ""
        return f"The last {MOST_FAILURES} trials failed. {ended[-1][1].get('says', '')}".strip()

    def _begin(self) -> None:
        """Begins a trial: notes it, then submits its run."""
        asked = self._study.ask(self._search.space.current(self._search.base))
        if asked is None:
            self._exhausted = True
            return
        trial = _Running(len(self._told.trials) + 1, asked[0], new_run_id())
        self._say({"trial": trial.number, "asked": trial.asked, "run": trial.run, "values": asked[1]})
        self._running.append(trial)
        self._submit(trial, asked[1])

    def _submit(self, trial: _Running, values: Values) -> None:
        """Hands its run over, unless that was done; values that make no experiment end it."""
        try:
            experiment = self._search.experiment(trial.number, values)
        except InvalidExperiment as error:
            self._end(trial, None, {"state": "failed", "says": error.problems[0][1]})
            return
        self._runs.hand_over(trial.run, experiment, f"trial {trial.number}")

    def _look(self, trial: _Running) -> None:
        """Asks at each rung that its run has passed whether it is pruned, and ends it with its run.

        A run that ended before anybody looked is pruned by the same rule, so that what becomes of a trial follows from
        its numbers alone.
        """
        run = self._runs.look(trial.run)
        if run is None:
            self._end(trial, None, {"state": "missing", "says": "The run of this trial was deleted."})
            return
        numbers, over = validation_scores(run, self._search.measure), run.over
        for rung in self._study.rungs:
            if rung in trial.scores or rung > run.epoch or (over and rung == run.epoch):
                continue
            score = self._best([number for epoch, number in numbers if epoch <= rung])
            if score is None:
                continue
            trial.scores[rung] = score
            if self._study.rung(trial.asked, rung, score):
                self._end(trial, None, self._described(run, numbers), pruned=True)
                self._runs.stop(trial.run)
                return
        if over and run.state != "interrupted":
            described = self._described(run, numbers)
            good = run.state in ("finished", "stopped") and described["best"] is not None
            self._end(
                trial, described["best"] if good else None, described if good else {**described, "state": "failed"}
            )

    def _best(self, numbers: "list[float | None]") -> float | None:
        there = [number for number in numbers if number is not None]
        return (max if self._search.larger else min)(there, default=None)

    def _described(self, run: LiveRun, numbers: list[tuple[int, float | None]]) -> dict[str, Any]:
        """What is noted of a run at its end."""
        measure, known = self._search.measure, dict(numbers)
        return {
            "state": run.state if run.over else "stopped",
            "says": run.says if run.over else "",
            "epoch": run.epoch,
            "epochs": run.total,
            "latest": next((number for _, number in reversed(numbers) if number is not None), None),
            "best": run.best_scores.get(measure, known.get(run.best) if run.best else None),
            "best_epoch": run.best,
        }

    def _end(self, trial: _Running, score: float | None, described: dict[str, Any], pruned: bool = False) -> None:
        """Ends a trial in the study and in the search's events."""
        self._study.tell(trial.asked, score, pruned)
        self._running.remove(trial)
        importances = self._study.importances() if score is not None else None
        noted = {"scores": trial.scores, "pruned": pruned, **({"importances": importances} if importances else {})}
        self._say({"ended": trial.number, **described, **noted})

    def _stop_all(self) -> None:
        """Ends the trials that go on, each with its best epoch; the last first, so that none that waits begins."""
        for trial in reversed(self._running):
            self._runs.stop(trial.run)

    def _say(self, event: dict[str, Any]) -> None:
        self._told.take(self._folder.say(event))
