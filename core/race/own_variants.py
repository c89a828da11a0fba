"""A race of one's own variants: saved runs, or any experiments on one table, each trained with the same seeds.

own_variants({"1. Wide": experiment, "2. Deep": experiment}, seeds=3)     [("1. Wide", 0, Experiment), ...]

Seeds set the initial weights and the order of the rows; split seeds deal the rows anew as well. All variants have the
rows of the first one, so that runs of one seed are pairs.
"""

from collections.abc import Callable, Mapping

from core.advice.checks import advise, errors
from core.experiment.fork import from_scratch
from core.experiment.spec import Experiment
from core.experiment.task import Situation
from core.race.settings import Setting
from core.race.variants import FEWEST, MOST, MOST_SEEDS, NO_VALIDATION, seeds_of

_MOST_NAME = 120
# What the race's panel and file call it; there is no value to be read, and none to be applied.
OWN_VARIANTS = Setting(
    "variants",
    "Saved runs",
    "Each of the runs is trained again with the same seeds, on the rows of the first one.",
    lambda _experiment: None,
    lambda _experiment: (),
    lambda experiment, _value: experiment,
    str,
)


def own_variants(
    variants: Mapping[str, Experiment],
    seeds: int,
    split_seeds: bool = False,
    situation_of: Callable[[Experiment], Situation] | None = None,
) -> list[tuple[str, int, Experiment]]:
    """A run for each variant and seed: all variants with the first seed, then all with the next. Raises ValueError with
    a sentence.

    Args:
        seeds: How many; they count up from the first variant's own.
        split_seeds: Whether each seed also deals the rows into parts anew.
        situation_of: Gives that of an experiment, so that what could not be trained is refused.
    """
    if not FEWEST <= len(variants) <= MOST:
        raise ValueError(f"A race takes {FEWEST} to {MOST} runs, not {len(variants)}.")
    if not 1 <= seeds <= MOST_SEEDS:
        raise ValueError(f"A race takes 1 to {MOST_SEEDS} seeds, not {seeds}.")
    first = next(iter(variants.values()))
    split = first.data.split
    if split_seeds and split.method not in ("random", "group", "table"):
        raise ValueError("A split by time or by a column has no seed. Race with training seeds alone.")
    made = {}
    for name, experiment in variants.items():
        if _question(experiment) != _question(first):
            raise ValueError(f"{name} has another table or target: only runs of one table and target can be raced.")
        data = experiment.data.model_copy(update={"split": split})
        made[name] = _sound(name, from_scratch(experiment).model_copy(update={"data": data}), situation_of)
    if not shared_measures(made):
        raise ValueError("These runs have no metric and no loss in common. Give them one, and train them again.")
    return [
        (name, seed, _seeded(name, experiment, seed, number if split_seeds else 0))
        for number, seed in enumerate(seeds_of(first.fit.seed, seeds))
        for name, experiment in made.items()
    ]


def shared_measures(variants: Mapping[str, Experiment]) -> list[str]:
    """The logged names by which all variants can be judged: metrics, and the loss where it is the same."""
    first, *others = variants.values()
    metrics = [
        name for name, metric in first.logged().items() if all(one.logged().get(name) == metric for one in others)
    ]
    same_loss = all(_loss(one) == _loss(first) for one in others)
    return [*metrics, *(["loss"] if same_loss else [])]


def _question(experiment: Experiment) -> tuple[object, ...]:
    """What runs have in common that can be trained on the same rows."""
    data = experiment.data
    return data.table, data.reading, data.targets, data.target_kinds, data.positive


def _loss(experiment: Experiment) -> tuple[object, ...]:
    """What makes losses comparable; the penalty on weights is not in the scores."""
    transforms = [experiment.data.preparation_of(target).target for target in experiment.data.targets]
    return experiment.compile.loss, experiment.compile.loss_weights, transforms, experiment.data.weight


def _sound(name: str, experiment: Experiment, situation_of: Callable[[Experiment], Situation] | None) -> Experiment:
    if situation_of is None:
        return experiment
    situation = situation_of(experiment)
    if not situation.validated:
        raise ValueError(NO_VALIDATION)
    if wrong := errors(advise(experiment, situation)):
        raise ValueError(f"{name} cannot be trained: {wrong[0].says}")
    return experiment


def _seeded(name: str, experiment: Experiment, seed: int, more: int) -> Experiment:
    ending = f", seed {seed}"
    split = experiment.data.split.model_copy(update={"seed": (experiment.data.split.seed + more) % 2**31})
    return experiment.model_copy(
        update={
            "fit": experiment.fit.model_copy(update={"seed": seed}),
            "data": experiment.data.model_copy(update={"split": split}),
            "name": name[: _MOST_NAME - len(ending)] + ending,
        }
    )
