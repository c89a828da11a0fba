"""A race: variants of one setting, a run for each value and seed, all else alike. What can be raced:
`core.race.settings`.

variants(experiment, "optimizer", ["Adam", "SGD"], seeds=3)     [("Adam", 0, Experiment), ("SGD", 0, Experiment),
                                                                ("Adam", 1, ...), ...]

The seed sets the starting weights and the order of rows, the split stays as it is: runs of one seed begin alike where
shapes allow.
"""

import contextlib
from collections.abc import Sequence

from core.advice.checks import advise, errors
from core.catalog.fields import nearest
from core.experiment.counts import counted
from core.experiment.fork import from_scratch
from core.experiment.spec import Experiment, InvalidExperiment
from core.experiment.task import Situation
from core.race.settings import SETTINGS, Setting, Value

FEWEST, MOST, MOST_SEEDS = 2, 6, 5
NO_VALIDATION = (
    "A race compares validation scores, and this split has no validation rows. Change the split on the Data page."
)
_MOST_NAME = 120


def open_to(experiment: Experiment) -> list[Setting]:
    """The settings that the experiment has something to race with."""
    return [setting for setting in SETTINGS.values() if setting.current(experiment) is not None]


def suggestions(experiment: Experiment, setting: Setting) -> list[Value]:
    """Values that are worth a try and can be, the current one among them."""
    found = []
    for value in setting.suggested(experiment):
        with contextlib.suppress(InvalidExperiment):
            setting.apply(experiment, value)
            found.append(value)
    return found


def variant(experiment: Experiment, setting: str, value: Value) -> Experiment:
    """The experiment with that value of the setting, and the same seed; with the value it has, as it is. Raises
    InvalidExperiment.
    """
    row = SETTINGS[setting]
    experiment = from_scratch(experiment)
    same_rates = setting != "learning_rate" or not isinstance(experiment.compile.optimizer.value("learning_rate"), dict)
    return experiment if value == row.current(experiment) and same_rates else row.apply(experiment, value)


def variants(
    experiment: Experiment, setting: str, values: Sequence[Value], seeds: int, situation: Situation | None = None
) -> list[tuple[Value, int, Experiment]]:
    """A run for each value and seed: all values with the first seed, then all with the next. Raises ValueError with a
    sentence.

    Args:
        seeds: How many; they count up from the experiment's own.
        situation: Of the experiment, so that what could not be trained is refused.
    """
    if situation and not situation.validated:
        raise ValueError(NO_VALIDATION)
    row = SETTINGS.get(setting)
    if row is None:
        raise ValueError(f"got {setting!r}, expected one of {', '.join(SETTINGS)}.{nearest(setting, list(SETTINGS))}")
    if not FEWEST <= len(values) <= MOST or len(set(values)) < len(values):
        raise ValueError(
            f"A race needs {FEWEST} to {MOST} different values; {len(set(values))} "
            f"{counted(len(set(values)), 'was', 'were')} given."
        )
    if not 1 <= seeds <= MOST_SEEDS:
        raise ValueError(f"A race takes 1 to {MOST_SEEDS} seeds, not {seeds}.")
    if row.current(experiment) is None:
        raise ValueError(f"{row.title}: this experiment has nothing to vary. {row.help}")
    made = [(value, _sound(experiment, row, value, situation)) for value in values]
    first = experiment.fit.seed
    return [(value, seed, _seeded(one, row, value, seed)) for seed in seeds_of(first, seeds) for value, one in made]


def seeds_of(first: int, seeds: int) -> list[int]:
    """So many seeds from the first one on: 7, 3 -> [7, 8, 9]."""
    return [(first + more) % 2**31 for more in range(seeds)]


def _sound(experiment: Experiment, row: Setting, value: Value, situation: Situation | None) -> Experiment:
    try:
        made = row.begin_alike(row.apply(from_scratch(experiment), value))
    except InvalidExperiment as error:
        raise ValueError(f"{row.words(value)} is not possible: {error.problems[0][1]}") from None
    wrong = errors(advise(made, situation)) if situation else []
    if wrong:
        raise ValueError(f"{row.words(value)} cannot be trained: {wrong[0].says}")
    return made


def _seeded(experiment: Experiment, row: Setting, value: Value, seed: int) -> Experiment:
    ending = f": {row.words(value)}, seed {seed}"
    fit = experiment.fit.model_copy(update={"seed": seed})
    return experiment.model_copy(update={"fit": fit, "name": experiment.name[: _MOST_NAME - len(ending)] + ending})
