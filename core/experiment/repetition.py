"""The same experiment again, with other seeds and on the folds of a cross-validation, each as an experiment.

repetitions(experiment, seeds=[1, 2, 3])               other starting weights and orders of rows, the same split
repetitions(experiment, folds=5)                       each fold tests once, the seed as it is
repetitions(experiment, folds=5, seeds=[0, 1])         each fold with each seed
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.experiment.data import MOST_FOLDS, NO_FOLDS
from core.experiment.fork import from_scratch
from core.experiment.spec import Experiment

MOST_REPETITIONS = 200
_MOST_NAME = 120
_ENDING = re.compile(r": (fold \d+ of \d+)?(, )?(seed \d+)?$")


@dataclass(frozen=True)
class Repetition:
    """One training of several.

    Attributes:
        fold: The fold that tests, from 1; None where the split is the experiment's own.
        seed: Of the starting weights and the order of rows.
        experiment: What is trained.
    """

    fold: int | None
    seed: int
    experiment: Experiment


def repetitions(
    experiment: Experiment, folds: int | None = None, seeds: Sequence[int] | None = None
) -> list[Repetition]:
    """The trainings: all folds with the first seed, then all with the next; without `seeds` with the experiment's own.

    None of them starts from weights of another run: these have seen rows of every fold. Raises ValueError with a
    sentence where there are no such folds.
    """
    split = experiment.data.split
    if folds is not None:
        if split.method == "column":
            raise ValueError(f"{NO_FOLDS} Choose another split on the Data page.")
        if not 2 <= folds <= MOST_FOLDS:
            raise ValueError(f"A cross-validation takes 2 to {MOST_FOLDS} folds, not {folds}.")
    seeds = [experiment.fit.seed] if seeds is None else list(seeds)
    if not 1 <= len(seeds) * (folds or 1) <= MOST_REPETITIONS:
        raise ValueError(f"{len(seeds) * (folds or 1)} trainings are asked for; at most {MOST_REPETITIONS} are made.")
    base = from_scratch(experiment)
    several, made = len(seeds) > 1 or folds is None, []
    for seed in seeds:
        for fold in range(1, folds + 1) if folds else [None]:
            made.append(Repetition(fold, seed, _repeated(base, folds, fold, seed, several)))
    return made


def _repeated(base: Experiment, folds: int | None, fold: int | None, seed: int, several: bool) -> Experiment:
    data = base.data
    if fold:
        split = data.split.model_copy(update={"folds": folds, "fold": fold})
        data = data.model_copy(update={"split": split})
    words = [f"fold {data.split.fold} of {data.split.folds}"] if data.split.folds else []
    words += [f"seed {seed}"] if several else []
    ending = f": {', '.join(words)}"
    name = _ENDING.sub("", base.name)[: _MOST_NAME - len(ending)] + ending
    fit = base.fit.model_copy(update={"seed": seed})
    return base.model_copy(update={"data": data, "fit": fit, "name": name})
