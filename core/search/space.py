"""A search space: the settings that a search varies, each with its range or its choices.

space = Space.read({"compile.optimizer.learning_rate": {"low": 1e-4, "high": 0.1, "log": true},
                    "layers.0.units": {"low": 8, "high": 256, "log": true},
                    "depth": {"low": 1, "high": 4},
                    "layers.0.activation": {"choices": ["relu", "tanh"]}})
space.value()                              the same JSON value
space.experiment(base, {"depth": 2, ...})  the trial's experiment
space.current(base)                        the values of `base` itself, or the nearest in the space

A dimension is named by the path of an edit (`core.experiment.edits`; of a column's preparation also where it has none
yet), by a setting that can be raced
(`core.race.settings`: "depth", "units", "activation", "dropout", "optimizer", ...), or "features.COLUMN", which is true
where the column is a feature. A whole layer ("layers.1") may be one of several, or null: taken out.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from core.catalog.fields import nearest, repeated
from core.experiment.edits import apply, steps_of
from core.experiment.fork import from_scratch
from core.experiment.spec import Experiment, InvalidExperiment
from core.race.settings import SETTINGS
from core.search.varied_fields import FEATURE, PREPARATION, feature_path, field_at

MOST_DIMENSIONS, MOST_CHOICES = 50, 50
_LONGEST_CHOICE = 2_000  # Characters of its JSON.
_LARGEST = 10**15  # So that whole numbers are exact as floats.
_PATHS = re.compile(
    r"(layers\.\d{1,3}(\..+)?|compile\.(optimizer|loss)(\..+)?|fit\.(epochs|batch_size|class_weight)|"
    r"fit\.callbacks\.\d{1,3}(\..+)?|data\.scaling\.[a-z]+|"
    r"data\.preparation\..+\.(scaling|bins|words|weighting|target)|features\..+)",
    re.DOTALL,
)
# Setting that can be raced -> the paths that it changes, too.
_CHANGED_BY = {
    "optimizer": re.compile(r"compile\.optimizer(\.class)?"),
    "learning_rate": re.compile(r"compile\.optimizer(\.learning_rate(\..+)?)?"),
    "units": re.compile(r"layers\.\d+\.units"),
    "activation": re.compile(r"layers\.\d+\.activation"),
    "batch_size": re.compile(r"fit\.batch_size"),
}
_FIRST = ("optimizer", "learning_rate")  # Before the paths: these replace what the paths change.


@dataclass(frozen=True)
class Dimension:
    """One setting and the values that it may have.

    Attributes:
        path: What it is called in the space.
        low, high: Of a "float" or "int" the ends, both possible; None of a "choice".
        log: Whether the range is searched on a logarithmic scale.
        choices: Of a "choice" its values: JSON values.
    """

    path: str
    kind: Literal["float", "int", "choice"]
    low: float | None = None
    high: float | None = None
    log: bool = False
    choices: tuple[Any, ...] = ()

    @classmethod
    def read(cls, path: str, given: Any) -> Self:
        """From its JSON value. Raises ValueError with a sentence."""
        if path not in SETTINGS and not _PATHS.fullmatch(path):
            raise ValueError(
                f"{repeated(path)} cannot be varied: expected a path like layers.0.units or compile.optimizer.beta_1, "
                f"or one of {', '.join(SETTINGS)}.{nearest(path, list(SETTINGS))}"
            )
        if not isinstance(given, Mapping) or given.keys() not in ({"choices"}, {"low", "high"}, {"low", "high", "log"}):
            raise ValueError(
                f'{path}: got {repeated(given)}, expected {{"low": 1, "high": 9}} or {{"choices": [...]}}.'
            )
        return cls._of_choices(path, given["choices"]) if "choices" in given else cls._of_range(path, **given)

    @classmethod
    def _of_choices(cls, path: str, choices: Any) -> Self:
        if not isinstance(choices, list | tuple) or not 2 <= len(choices) <= MOST_CHOICES:
            raise ValueError(f"{path}: got {repeated(choices)}, expected a list of 2 to {MOST_CHOICES} choices.")
        texts = [_text(choice) for choice in choices]
        if max(map(len, texts)) > _LONGEST_CHOICE:
            raise ValueError(f"{path}: a choice has more than {_LONGEST_CHOICE:,} characters.")
        if len(set(texts)) < len(texts):
            raise ValueError(f"{path}: got {repeated(choices)}, expected different choices.")
        return cls(path, "choice", choices=tuple(choices))

    @classmethod
    def _of_range(cls, path: str, low: Any, high: Any, log: Any = False) -> Self:
        for end in (low, high):
            if isinstance(end, bool) or not isinstance(end, int | float) or not abs(end) <= _LARGEST:
                raise ValueError(f"{path}: got {repeated(end)}, expected a number from -{_LARGEST:g} to {_LARGEST:g}.")
        if not isinstance(log, bool):
            raise ValueError(f"{path}: got {repeated(log)}, expected log to be true or false.")
        if not low < high:
            raise ValueError(f"{path}: low < high must hold, but got low {low:g} and high {high:g}.")
        if log and low <= 0:
            raise ValueError(f"{path}: a logarithmic range starts above 0, but got low {low:g}.")
        whole = isinstance(low, int) and isinstance(high, int)
        return cls(path, "int" if whole else "float", low, high, log)

    def value(self) -> dict[str, Any]:
        """Its JSON value: whole numbers for an "int", numbers with a point for a "float"."""
        if self.kind == "choice":
            return {"choices": list(self.choices)}
        number = int if self.kind == "int" else float
        assert self.low is not None
        assert self.high is not None
        ends: dict[str, Any] = {"low": number(self.low), "high": number(self.high)}
        return {**ends, "log": True} if self.log else ends

    def nearest(self, value: Any) -> Any:
        """The value of the dimension that is nearest; a choice that is none of them is the first."""
        if self.kind == "choice":
            text = _text(value)
            return next((choice for choice in self.choices if _text(choice) == text), self.choices[0])
        assert self.low is not None
        assert self.high is not None
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            value = self.low
        value = min(max(value, self.low), self.high)
        return round(value) if self.kind == "int" else float(value)


@dataclass(frozen=True)
class Space:
    """The dimensions of a search, each path once."""

    dimensions: tuple[Dimension, ...]

    @classmethod
    def read(cls, given: Any) -> Self:
        """From its JSON value, or the text of one. Raises ValueError with a sentence."""
        if isinstance(given, str | bytes):
            try:
                given = json.loads(given)
            except (ValueError, RecursionError) as error:
                raise ValueError(f"This search space is not JSON: {error}.") from None
        if not isinstance(given, Mapping) or not all(isinstance(path, str) for path in given):
            raise ValueError('A search space is a JSON object: {"layers.0.units": {"low": 8, "high": 256}}.')
        if not 1 <= len(given) <= MOST_DIMENSIONS:
            raise ValueError(f"A search varies 1 to {MOST_DIMENSIONS} settings, not {len(given)}.")
        for name, changed in _CHANGED_BY.items():
            twice = next((path for path in given if name in given and changed.fullmatch(path)), None)
            if twice:
                raise ValueError(f"{name} and {twice} change the same setting: leave one of them out.")
        return cls(tuple(Dimension.read(path, one) for path, one in given.items()))

    def value(self) -> dict[str, Any]:
        """Its JSON value."""
        return {dimension.path: dimension.value() for dimension in self.dimensions}

    def dimension(self, path: str) -> Dimension | None:
        """The dimension of that path, or None."""
        return next((one for one in self.dimensions if one.path == path), None)

    def current(self, base: Experiment) -> dict[str, Any]:
        """The values of an experiment: of the search's first trial. A value outside its range is the nearest inside."""
        base = from_scratch(base)
        return {one.path: one.nearest(value_at(base, one.path)) for one in self.dimensions}

    def experiment(self, base: Experiment, values: Mapping[str, Any]) -> Experiment:
        """The experiment with these values; it differs from `base` only where a value does. Raises InvalidExperiment.

        What another value of the trial took away has no effect: an argument of an optimizer that was not chosen, a unit
        of a layer beyond the chosen depth.

        Args:
            values: Path -> value, of some or all dimensions.
        """
        unknown = next((path for path in values if self.dimension(path) is None), None)
        if unknown is not None:
            raise InvalidExperiment([(unknown, "is no setting of this search.")])
        made = from_scratch(base)
        for name in _FIRST:
            made = _with_setting(made, name, values)
        paths = [path for path in values if path not in SETTINGS]
        for path in sorted(paths, key=lambda path: path.count(".")):  # What stands above comes first.
            try:
                made = _with(made, path, values[path])
            except InvalidExperiment:
                if not may_be_replaced(path, values):
                    raise
        for at in sorted((int(path.split(".")[1]) for path in paths if _taken_out(path, values[path])), reverse=True):
            made = apply(made, {"op": "delete", "at": at})
        for name in SETTINGS:
            if name not in _FIRST:
                made = _with_setting(made, name, values)
        if not made.data.features:
            raise InvalidExperiment([("data.features", "No feature is left.")])
        return made


def _text(value: Any) -> str:
    """A JSON value as text, numbers alike whether they have a point; so that values can be compared."""
    if isinstance(value, float) and value.is_integer() and abs(value) <= _LARGEST:
        value = int(value)
    try:
        return json.dumps(value, sort_keys=True, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise ValueError(f"got {repeated(value)}, expected a JSON value.") from None


def value_at(experiment: Experiment, path: str) -> Any:
    """What an experiment has at a path of a space; None where it has nothing."""
    if path in SETTINGS:
        return SETTINGS[path].current(experiment)
    if path.startswith(FEATURE):
        return path in map(feature_path, experiment.data.features)
    if field := field_at(experiment, path):
        return field.value
    value: Any = experiment.value()
    for step in steps_of(path):
        if isinstance(value, list):
            value = value[int(step)] if step.isdecimal() and int(step) < len(value) else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value


def _with_setting(experiment: Experiment, name: str, values: Mapping[str, Any]) -> Experiment:
    if name not in values or _text(values[name]) == _text(value_at(experiment, name)):
        return experiment
    return SETTINGS[name].apply(experiment, values[name])


def _taken_out(path: str, value: Any) -> bool:
    return value is None and re.fullmatch(r"layers\.\d+", path) is not None


def _with(experiment: Experiment, path: str, value: Any) -> Experiment:
    if _taken_out(path, value) or _text(value) == _text(value_at(experiment, path)):
        return experiment  # A layer is taken out later, so that the others keep their places.
    if path.startswith(FEATURE):
        return _with_feature(experiment, path, value)
    if path.startswith("data.scaling."):
        scaling = {**experiment.data.scaling, path.removeprefix("data.scaling."): value}
        return apply(experiment, {"op": "set", "path": "data.scaling", "value": scaling})
    if path.startswith(PREPARATION):
        return _with_preparation(experiment, path, value)
    above, _, argument = path.rpartition(".")
    part = field_at(experiment, above)
    if part is not None and isinstance(part.value, dict):  # It may be Keras's default, which an edit does not find.
        path, value = above, {**part.value, argument: value}
    return apply(experiment, {"op": "set", "path": path, "value": value})


def _with_feature(experiment: Experiment, path: str, used: Any) -> Experiment:
    # A search varies the features that its first experiment has: it knows no kind for another column.
    if used is not False:
        raise InvalidExperiment([(path, f"got {repeated(used)}, expected true or false, and a feature.")])
    features = {name: kind for name, kind in experiment.data.features.items() if path != feature_path(name)}
    return apply(experiment, {"op": "set", "path": "data.features", "value": features})


def _with_preparation(experiment: Experiment, path: str, value: Any) -> Experiment:
    """A setting of a column that is no feature any more, or has no such setting now, has no effect."""
    if field_at(experiment, path) is None:
        return experiment
    column, setting = steps_of(path)[2:]
    kept = experiment.value()["data"].get("preparation", {})
    settings = {name: one for name, one in {**kept.get(column, {}), setting: value}.items() if one is not None}
    others = {name: one for name, one in kept.items() if name != column}
    value = {**others, column: settings} if settings else others
    return apply(experiment, {"op": "set", "path": "data.preparation", "value": value})


def may_be_replaced(path: str, values: Mapping[str, Any]) -> bool:
    """Whether another value of the trial may have replaced what stands above a path."""
    optimizer = path.startswith("compile.optimizer.") and any(name in values for name in _FIRST)
    return optimizer or any(path.startswith(f"{other}.") for other in values)
