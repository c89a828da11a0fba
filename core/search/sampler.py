"""Which values a search tries next, and which of its trials are not worth going on with: optuna, by ask and tell.

study = Study(folder, space, sampler="tpe", pruner="median", seed=0, larger=False, epochs=100)
number, values = study.ask(first)        the first trial has the values that are given
study.rung(number, 25, 0.4)              whether to prune it, at one of `study.rungs`
study.tell(number, 0.31)                 its score; None where it failed
study.importances()                      path -> share of what the good trials have in common

What is drawn follows from the seed, the trial's number and what was told before, and from nothing in the process: a
search that goes on in another process, which restores what was told, tries the values that it would have tried.
"""

import itertools
import json
import math
import random
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.search.space import Dimension, Space

if TYPE_CHECKING:
    import optuna

Values = dict[str, Any]
SAMPLERS = ("tpe", "random", "grid")
PRUNERS = ("median", "hyperband", "none")
GRID_STEPS = 5  # Values of a range in a grid.
STARTUP_TRIALS = 10  # Drawn evenly, before TPE has enough to go by.
_ENDED_BEFORE_PRUNING = 5  # Trials, before the median prunes any.
_ATTEMPTS, _DRAWS = 10, 200  # To find values that were not tried yet; then all combinations in turn.
_HALVINGS, _THIRDS = 4, 3  # Rungs of the median, and of Hyperband, whose brackets keep a third at each.
_FIRST_RUNG = 4  # Epochs: what a network scores before says little.
_JOURNAL = "journal.log"


@dataclass(frozen=True)
class Ended:
    """How a trial ended: with a score, without one (it failed), or pruned."""

    score: float | None
    pruned: bool = False


class Study:
    """The trials of one search.

    Args:
        folder: Where optuna's journal, `journal.log`, is begun anew; None keeps it in memory.
        space: What is varied.
        sampler, pruner: One of `SAMPLERS`, of `PRUNERS`.
        seed: Of what is drawn.
        larger: Whether a larger score is better.
        epochs: Of the longest trial.
    """

    def __init__(
        self,
        folder: Path | None,
        space: Space,
        sampler: str = "tpe",
        pruner: str = "median",
        seed: int = 0,
        larger: bool = False,
        epochs: int = 1,
    ) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._space, self._kind, self._seed = space, sampler, seed
        self._distributions = {one.path: _distribution(one) for one in space.dimensions}
        self._choices = {one.path: {_name(choice): choice for choice in one.choices} for one in space.dimensions}
        self.rungs = rungs(epochs, pruner)
        self._study = optuna.create_study(
            study_name="search",  # Hyperband deals its brackets by this name.
            storage=_journal(folder) if folder else None,
            pruner=_pruner(pruner, epochs),
            direction="maximize" if larger else "minimize",
        )
        self._running: dict[int, optuna.Trial] = {}
        self._made = 0
        self._tried: set[str] = set()

    def ask(self, first: Values | None = None) -> tuple[int, Values] | None:
        """Begins another trial: its number and its values, which no trial had before; None when there are no others.

        Args:
            first: The values of the first trial.
        """
        values: Values | None
        if first and not self._made:
            return self._begin(first)
        if self._kind == "grid":  # Optuna's own grid wants to end a loop that there is not.
            values = self._untried(grid_points(self._space, self._seed))
            return None if values is None else self._begin(values)
        for _ in range(_ATTEMPTS):
            tried = set(self._tried)
            number, values = self._begin()
            if _key(values) not in tried:
                return number, values
            self.tell(number, None)
        draw = random.Random(self._seed + self._made)
        drawn = ({one.path: _drawn(one, draw) for one in self._space.dimensions} for _ in range(_DRAWS))
        values = self._untried(itertools.chain(drawn, _combinations(self._space)))
        return None if values is None else self._begin(values)

    def restore(self, number: int, values: Values, scores: Mapping[int, float], ended: Ended | None = None) -> None:
        """Enters a trial of an earlier process with the scores that it reported at its rungs; one that has not `ended`
        goes on. The trials are entered in the order of their numbers.
        """
        import optuna

        while self._made < number:  # Numbers of trials that would have repeated another.
            self._study.add_trial(optuna.trial.create_trial(state=optuna.trial.TrialState.FAIL))
            self._made += 1
        if ended is None:
            self._begin(values)
            for epoch, score in scores.items():
                self._running[number].report(score, epoch)
            return
        state = _state(ended)
        self._study.add_trial(
            optuna.trial.create_trial(
                state=state,
                value=ended.score if state is optuna.trial.TrialState.COMPLETE else None,
                params=self._named(values),
                distributions=self._distributions,
                intermediate_values=dict(scores),
            )
        )
        self._made += 1
        self._tried.add(_key(values))

    def rung(self, number: int, epoch: int, score: float) -> bool:
        """Reports the score of a trial at a rung; whether the trial is to be pruned."""
        trial = self._running[number]
        trial.report(score, epoch)
        return bool(trial.should_prune())  # NumPy's own, from the pruners.

    def tell(self, number: int, score: float | None, pruned: bool = False) -> None:
        """Ends a trial: with its score, pruned, or failed (None)."""
        from optuna.trial import TrialState

        state = _state(Ended(score, pruned))
        self._study.tell(self._running.pop(number), score if state is TrialState.COMPLETE else None, state)

    def importances(self) -> dict[str, float] | None:
        """Path -> share, the largest first, the shares' sum 1: how much the good trials' values differ from all that
        were tried (PED-ANOVA; Watanabe, Bansal and Hutter, 2023). None where too few trials have ended, or all scores
        are alike.
        """
        from optuna.importance import get_param_importances

        scores = {one.value for one in self._study.get_trials(deepcopy=False) if one.value is not None}
        if len(scores) < len(self._space.dimensions) + 2:
            return None
        found = get_param_importances(self._study)
        return {path: float(share) for path, share in found.items()} if math.isfinite(sum(found.values())) else None

    def _begin(self, values: Values | None = None) -> tuple[int, Values]:
        """A trial with these values, or with those that the sampler draws."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # A value of the experiment on screen may lie outside of its range.
            if values is not None:
                self._study.enqueue_trial(self._named(values))
            self._study.sampler = _sampler(self._kind, self._seed * 1_000_003 + self._made)
            trial = self._study.ask(self._distributions)
        self._running[trial.number], self._made = trial, trial.number + 1
        params = trial.params
        begun = {path: self._choices[path][params[path]] if self._choices[path] else params[path] for path in params}
        self._tried.add(_key(begun))
        return trial.number, begun

    def _named(self, values: Values) -> Values:
        """The values as optuna knows them."""
        return {path: _name(value) if self._choices[path] else value for path, value in values.items()}

    def _untried(self, offered: Iterable[Values]) -> Values | None:
        return next((values for values in offered if _key(values) not in self._tried), None)


def _state(ended: Ended) -> "optuna.trial.TrialState":
    from optuna.trial import TrialState

    return TrialState.PRUNED if ended.pruned else TrialState.FAIL if ended.score is None else TrialState.COMPLETE


def rungs(epochs: int, pruner: str) -> list[int]:
    """The epochs after which a trial may be pruned, before its last: of 100 epochs 6, 12, 25 and 50 by the median, 4,
    11 and 33 by Hyperband.
    """
    if pruner == "none":
        return []
    by, steps = (3, _THIRDS) if pruner == "hyperband" else (2, _HALVINGS)
    found = {round(epochs / by**step) if pruner == "hyperband" else epochs // by**step for step in range(1, steps + 1)}
    return sorted(epoch for epoch in found if _FIRST_RUNG <= epoch < epochs)


def grid_points(space: Space, seed: int = 0) -> list[Values]:
    """Every combination of all choices and of up to `GRID_STEPS` values of each range, shuffled."""
    of_each = [_steps(one) for one in space.dimensions]
    paths = [one.path for one in space.dimensions]
    points = [dict(zip(paths, point, strict=True)) for point in itertools.product(*of_each)]
    random.Random(seed).shuffle(points)
    return points


def _steps(dimension: Dimension) -> list[Any]:
    """Values of a dimension, evenly over its range."""
    if dimension.kind == "choice":
        return list(dimension.choices)
    found = [_within(dimension, step / (GRID_STEPS - 1)) for step in range(GRID_STEPS)]
    return list(dict.fromkeys(found))


def _within(dimension: Dimension, share: float) -> float | int:
    """The value at a share of the way from the lower end of a range to its upper one."""
    low, high = _ends(dimension)
    value = low * (high / low) ** share if dimension.log else low + (high - low) * share
    value = min(max(value, low), high)
    return round(value) if dimension.kind == "int" else value


def _ends(dimension: Dimension) -> tuple[float, float]:
    assert dimension.low is not None
    assert dimension.high is not None
    return float(dimension.low), float(dimension.high)


def _drawn(dimension: Dimension, draw: random.Random) -> Any:
    return draw.choice(dimension.choices) if dimension.kind == "choice" else _within(dimension, draw.random())


def _combinations(space: Space) -> Iterator[Values]:
    """All values of a space without real numbers, in turn; none of another."""
    if any(one.kind == "float" for one in space.dimensions):
        return
    of_each = [one.choices if one.kind == "choice" else _whole(*_ends(one)) for one in space.dimensions]
    for point in itertools.product(*of_each):
        yield dict(zip((one.path for one in space.dimensions), point, strict=True))


def _whole(low: float, high: float) -> range:
    return range(int(low), int(high) + 1)


def _key(values: Values) -> str:
    return json.dumps(values, sort_keys=True)


def _name(choice: Any) -> str:
    """A choice as optuna knows it: its JSON text, by which true and 1 differ."""
    return json.dumps(choice, sort_keys=True)


def _distribution(dimension: Dimension) -> "optuna.distributions.BaseDistribution":
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if dimension.kind == "choice":
        return CategoricalDistribution([_name(choice) for choice in dimension.choices])
    low, high = _ends(dimension)
    if dimension.kind == "int":
        return IntDistribution(int(low), int(high), log=dimension.log)
    return FloatDistribution(low, high, log=dimension.log)


def _sampler(kind: str, seed: int) -> "optuna.samplers.BaseSampler":
    from optuna.samplers import RandomSampler, TPESampler

    seed %= 2**32
    if kind == "tpe":
        return TPESampler(n_startup_trials=STARTUP_TRIALS, multivariate=True, constant_liar=True, seed=seed)
    return RandomSampler(seed)


def _pruner(kind: str, epochs: int) -> "optuna.pruners.BasePruner":
    from optuna.pruners import HyperbandPruner, MedianPruner, NopPruner

    if kind == "median":
        return MedianPruner(n_startup_trials=_ENDED_BEFORE_PRUNING)
    if kind == "hyperband" and (first := rungs(epochs, kind)):
        return HyperbandPruner(min_resource=first[0], max_resource=epochs, reduction_factor=3)
    return NopPruner()


def _journal(folder: Path) -> "optuna.storages.JournalStorage":
    """Optuna's journal in a folder that one process writes: what another left there is in the search's own events."""
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

    file = folder / _JOURNAL
    for left in (file, *folder.glob(f"{_JOURNAL}.*")):
        left.unlink(missing_ok=True)
    return JournalStorage(JournalFileBackend(str(file), JournalFileOpenLock(str(file))))
