"""Races of a workspace: each a small file, `races/ID.json`, that names its runs. The runs are the engine's, like all
others.

races = Races(engine)
race = races.start(experiment, "optimizer", ["Adam", "SGD"], seeds=3)    hands its runs over
races.start_again({"1. Wide": experiment, ...}, seeds=3)                ... for each of some saved experiments
races.standing(race, "mae")                                            a Lane for each value and seed
races.stop(race)
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.experiment.spec import Experiment, InvalidExperiment, read
from core.experiment.task import Situation
from core.race.comparison import Scores
from core.race.own_variants import OWN_VARIANTS, own_variants, shared_measures
from core.race.settings import SETTINGS, Setting, Value
from core.race.variants import variant, variants
from core.runs.engine import Engine
from core.runs.journal import RUN_ID, new_run_id
from core.runs.run_state import LiveRun
from core.runs.worker_client import NotReady
from core.workspace import write_whole


@dataclass(frozen=True)
class Race:
    """A race as it was begun.

    Attributes:
        id: Twelve hexadecimal digits.
        setting: What is varied; `OWN_VARIANTS` of a race of saved runs.
        base: The experiment whose variants run, or the first of one's own variants.
        runs: (value, seed, run), all values of a seed before those of the next.
        variants: Name -> experiment of a race of saved runs; {} of others.
    """

    id: str
    setting: Setting
    base: Experiment
    runs: tuple[tuple[Value, int, str], ...]
    variants: Mapping[str, Experiment] = field(default_factory=dict)

    def variant(self, value: Value) -> Experiment:
        """What is trained for a value, with the first seed."""
        if self.variants:
            return self.variants[str(value)]
        return variant(self.base, self.setting.name, value)

    @property
    def measures(self) -> list[str]:
        """The logged names by which it can be judged."""
        return shared_measures(self.variants) if self.variants else measures(self.base)

    @property
    def values(self) -> list[Value]:
        """In the order they were given."""
        return list(dict.fromkeys(value for value, *_ in self.runs))

    @property
    def seeds(self) -> list[int]:
        """From the experiment's own on."""
        return list(dict.fromkeys(seed for _, seed, _ in self.runs))


@dataclass(frozen=True)
class Lane:
    """One run of a race, as it stands.

    Attributes:
        epoch, epochs: Completed, and planned.
        latest, best: The measure on the validation rows at the last epoch that has one, and at the best epoch so far:
            Keras's running
            values; of a run that is over the best is the exact score.
        says: A sentence for the person, or "".
    """

    value: Value
    seed: int
    run: str
    state: str
    epoch: int = 0
    epochs: int = 0
    latest: float | None = None
    best: float | None = None
    says: str = ""
    over: bool = False


class Races:
    """What was raced in the engine's workspace."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._folder = engine.workspace / "races"

    def start(
        self,
        base: Experiment,
        setting: str,
        values: Sequence[Value],
        seeds: int,
        visitor: str = "",
        situation: Situation | None = None,
    ) -> str:
        """Hands over a run for each value and seed; the race's id. All or none: what was handed over before a trouble
        is stopped.

        Raises ValueError for what is no race, NotReady when the workspace cannot be written.
        """
        made = variants(base, setting, values, seeds, situation)
        return self._hand_over(made, visitor, setting=setting, base=base.value())

    def start_again(
        self,
        named: Mapping[str, Experiment],
        seeds: int,
        split_seeds: bool = False,
        visitor: str = "",
        situation_of: Callable[[Experiment], Situation] | None = None,
    ) -> str:
        """Hands over a run for each of some named experiments and seed: see `core.race.own_variants`; the race's id.
        Raises as `start` does.
        """
        made = own_variants(named, seeds, split_seeds, situation_of)
        of_first_seed = {name: one.value() for name, seed, one in made if seed == made[0][1]}
        return self._hand_over(
            made, visitor, setting=OWN_VARIANTS.name, base=made[0][2].value(), variants=of_first_seed
        )

    def _hand_over(self, made: Sequence[tuple[Value, int, Experiment]], visitor: str, **kept: Any) -> str:
        """Submits the runs and keeps the race."""
        handed: list[tuple[Value, int, str]] = []
        race = new_run_id()
        try:
            for value, seed, experiment in made:
                handed.append((value, seed, self._engine.submit(experiment, visitor)))
            write_whole(self._folder / f"{race}.json", json.dumps({**kept, "runs": handed}))
        except (OSError, NotReady) as error:
            for *_, run in handed:
                self._engine.stop(run, "nothing")
            if isinstance(error, OSError):
                raise NotReady(f"Could not write the race to the workspace: {error.strerror}.") from error
            raise
        return race

    def find(self, race: str) -> Race:
        """A race of the workspace. Raises LookupError."""
        if not RUN_ID.fullmatch(race):
            raise LookupError("This is not the name of a race.")
        try:
            kept: dict[str, Any] = json.loads((self._folder / f"{race}.json").read_bytes())
            runs = tuple((value, int(seed), str(run)) for value, seed, run in kept["runs"])
            own = {name: read(value) for name, value in kept.get("variants", {}).items()}
            setting = OWN_VARIANTS if own else SETTINGS[kept["setting"]]
            return Race(race, setting, read(kept["base"]), runs, own)
        except (OSError, ValueError, KeyError, TypeError, InvalidExperiment):
            raise LookupError(f"There is no race {race} in this workspace.") from None

    def standing(self, race: str | Race, measure: str = "loss") -> list[Lane]:
        """Each run of a race, by a logged name without `val_`. Raises LookupError for no race; a run that is gone is
        "missing".
        """
        found = self.find(race) if isinstance(race, str) else race
        return [self._lane(value, seed, run, measure) for value, seed, run in found.runs]

    def _lane(self, value: Value, seed: int, run_id: str, measure: str) -> Lane:
        try:
            run = self._engine.find(run_id)
        except (LookupError, RuntimeError) as error:
            return Lane(value, seed, run_id, "missing", says=str(error), over=True)
        numbers = validation_scores(run, measure)
        latest = next((number for _, number in reversed(numbers) if number is not None), None)
        best = dict(numbers).get(run.best) if run.best else None
        best = run.best_scores.get(measure, best)
        return Lane(value, seed, run_id, run.state, run.epoch, run.total, latest, best, run.says, run.over)

    def landscape(self, race: Race, best: str, kind: str, again: bool = False) -> dict[str, Any]:
        """The loss landscape around one of a race's runs with the paths of all, like `Engine.loss_landscape` of a run.
        Raises LookupError, NotReady.
        """
        runs = [run for *_, run in race.runs]
        if best not in runs:
            raise LookupError(f"The run {best} is not part of this race.")
        return self._engine.race_landscape(race.id, runs, best, kind, again)

    def stop(self, race: str) -> None:
        """Ends all its runs, each with its best epoch; those that wait are taken out of the queue. Raises LookupError,
        NotReady.
        """
        # The last first: else a run that waits would begin where one ended.
        for *_, run in reversed(self.find(race).runs):
            self._engine.stop(run)


def validation_scores(run: LiveRun, measure: str) -> list[tuple[int, float | None]]:
    """(epoch, the measure on the validation rows) of each epoch, by a logged name without `val_`."""
    with run.lock:
        at = run.names.index(f"val_{measure}") + 1 if f"val_{measure}" in run.names else None
        return [] if at is None else [(int(row[0] or 0), row[at]) for row in run.rows]


def measures(experiment: Experiment) -> list[str]:
    """The logged names by which a race can be judged: the metrics, and the loss."""
    return [*experiment.logged(), "loss"]


def larger_wins(experiment: Experiment, measure: str) -> bool:
    """Whether a larger value of the measure is better."""
    metric = experiment.logged().get(measure)
    return metric is not None and metric.row.larger


def scores(race: Race, lanes: Sequence[Lane]) -> dict[str, Scores]:
    """Value in words -> the best epoch's number for each seed; None where a run kept none."""
    best = {(lane.value, lane.seed): lane.best for lane in lanes if lane.state in ("finished", "stopped")}
    return {race.setting.words(value): [best.get((value, seed)) for seed in race.seeds] for value in race.values}
