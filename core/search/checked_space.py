"""Whether a search space suits the experiment that it is searched around."""

from dataclasses import replace
from typing import Any

from core.advice.checks import advise, errors
from core.catalog.fields import Field, Number, Whole
from core.experiment.differences import setting_text
from core.experiment.fork import from_scratch
from core.experiment.spec import Experiment, InvalidExperiment
from core.experiment.task import Situation
from core.race.settings import SETTINGS
from core.search.space import Dimension, Space, may_be_replaced
from core.search.varied_fields import field_at

NO_VALIDATION_ROWS = (
    "A search compares validation scores, and this split has no validation rows. Change the split on the Data page."
)
_WHOLE = ("depth", "units", "batch_size")


def checked_space(space: Space, base: Experiment, situation: Situation | None = None) -> Space:
    """The space with each value as its field keeps it: whole numbers where those are meant, numbers where not.

    Each end of a range and each choice is tried alone. Raises ValueError with a sentence for the first that would be no
    experiment; with a situation, also for one that could not be trained.
    """
    if situation and not situation.validated:
        raise ValueError(NO_VALIDATION_ROWS)
    base = from_scratch(base)
    space = Space(tuple(_suited(one, base) for one in space.dimensions))
    paths = space.value()
    for one in space.dimensions:
        for value in one.choices if one.kind == "choice" else (one.low, one.high):
            _try(space, base, one.path, value, situation, conditional=may_be_replaced(one.path, paths))
    return space


def _suited(dimension: Dimension, base: Experiment) -> Dimension:
    path = dimension.path
    if path in SETTINGS and SETTINGS[path].current(base) is None:
        raise ValueError(f"{SETTINGS[path].title}: this experiment has nothing to vary. {SETTINGS[path].help}")
    varied = field_at(base, path)
    if dimension.kind == "choice":
        field = varied.field if varied else None
        return replace(dimension, choices=tuple(_kept(field, choice, path) for choice in dimension.choices))
    whole = path in _WHOLE or (varied is not None and isinstance(varied.field, Whole))
    if varied is not None and not isinstance(varied.field, Whole | Number):
        raise ValueError(f"{path} has no range: give its choices.")
    ends = (dimension.low or 0, dimension.high or 0)
    if whole and not all(float(end).is_integer() for end in ends):
        raise ValueError(f"{path}: got {ends[0]:g} to {ends[1]:g}, expected whole numbers.")
    return Dimension.read(path, replace(dimension, kind="int" if whole else "float").value())


def _kept(field: Field | None, value: Any, path: str) -> Any:
    try:
        return field.check(value) if field else value
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def _try(space: Space, base: Experiment, path: str, value: Any, situation: Situation | None, conditional: bool) -> None:
    try:
        made = space.experiment(base, {path: value})
    except InvalidExperiment as error:
        if conditional:  # Another value of a trial makes room for it.
            return
        raise ValueError(f"{path}: {setting_text(value)} is not possible: {error.problems[0][1]}") from None
    wrong = errors(advise(made, situation)) if situation else []
    if wrong:
        raise ValueError(f"{path}: {setting_text(value)} cannot be trained: {wrong[0].says}")
