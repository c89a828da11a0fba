"""The experiment: one frozen value that the screen edits, the worker trains, the script is printed from and the run stores.

read('{"version": 1, ...}')   text -> Experiment, or InvalidExperiment with the path of every wrong field
read({"version": 1, ...})     the same from a mapping
experiment.text()             Experiment -> canonical JSON text
"""

import json
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_serializer, model_validator
from pydantic_core import PydanticCustomError

from core.experiment.callbacks import CALLBACKS
from core.experiment.fields import Row, WrongArgument, nearest
from core.experiment.kinds import KINDS
from core.experiment.layers import LAYERS
from core.experiment.losses import LOSSES
from core.experiment.metrics import METRICS
from core.experiment.optimizers import OPTIMIZERS

MOST_LAYERS = 200


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Choice(BaseModel):
    """A row of the catalog with arguments: `{"class": "Adam", "learning_rate": 0.001}`. Arguments left out are Keras's defaults."""

    model_config = ConfigDict(frozen=True, extra="allow", populate_by_name=True)
    tag: ClassVar[str] = "class"
    family: ClassVar[Mapping[str, Row]]

    name: str = Field(alias="class")

    @model_validator(mode="before")
    @classmethod
    def _from_catalog(cls, given: Any) -> Any:
        if isinstance(given, Choice):
            return given
        if isinstance(given, str):
            given = {cls.tag: given}
        if not isinstance(given, Mapping) or not isinstance(given.get(cls.tag), str):
            raise _refusal(f'got {given!r}, expected {{"{cls.tag}": NAME, ...}}.')
        name = given[cls.tag]
        row = cls.family.get(name)
        if row is None:
            allowed = list(cls.family)
            raise _refusal(f"got {name!r}, expected one of {', '.join(allowed)}.{nearest(name, allowed)}", cls.tag)
        try:
            return {cls.tag: name, **row.check({str(key): value for key, value in given.items() if key != cls.tag})}
        except WrongArgument as error:
            raise _refusal(error.says, error.field) from None

    @classmethod
    def of(cls, name: str, **arguments: Any) -> Self:
        """The choice of that name: `Layer.of("Dense", units=3)`."""
        return cls.model_validate({cls.tag: name, **arguments})

    @property
    def row(self) -> Row:
        """The row of the catalog."""
        return self.family[self.name]

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments that were given, by their Keras names."""
        return dict(self.model_extra or {})

    def value(self, name: str) -> Any:
        """An argument as given, or Keras's default."""
        return self.row.value(self.arguments, name)


def _refusal(says: str, field: str = "") -> PydanticCustomError:
    return PydanticCustomError("choice", "{says}", {"says": says, "field": field})


class Layer(Choice):
    """One card of the stack: `{"layer": "Dense", "units": 64, "activation": "relu"}`."""

    tag: ClassVar[str] = "layer"
    family: ClassVar[Mapping[str, Row]] = LAYERS
    name: str = Field(alias="layer")


class Optimizer(Choice):
    """An optimizer of Keras."""

    family: ClassVar[Mapping[str, Row]] = OPTIMIZERS


class Loss(Choice):
    """A loss of Keras."""

    family: ClassVar[Mapping[str, Row]] = LOSSES


class Metric(Choice):
    """A metric of Keras; just its name when it has no arguments."""

    family: ClassVar[Mapping[str, Row]] = METRICS

    @model_serializer(mode="wrap")
    def _short(self, handler: Any) -> Any:
        return handler(self) if self.arguments else self.name


class CallbackChoice(Choice):
    """A callback of Keras."""

    family: ClassVar[Mapping[str, Row]] = CALLBACKS


def _kind(value: str) -> str:
    if value not in KINDS:
        raise _refusal(f"got {value!r}, expected one of {', '.join(KINDS)}.{nearest(value, list(KINDS))}")
    return value


KindName = Annotated[str, AfterValidator(_kind)]
ColumnName = Annotated[str, Field(max_length=10_000)]  # A bound also has pydantic refuse half a character, which no file can hold.
Share = Annotated[float, Field(gt=0, lt=1)]
Seed = Annotated[int, Field(ge=0, lt=2**31, strict=True)]


class Split(_Value):
    """How rows are dealt into training, validation and test: shuffled by the seed and, for classes, stratified."""

    method: Literal["random"] = "random"
    train: Share = 0.7
    validation: Share = 0.15
    test: Share = 0.15
    seed: Seed = 0

    @model_validator(mode="after")
    def _whole(self) -> Self:
        total = self.train + self.validation + self.test
        if abs(total - 1) > 1e-6:
            raise _refusal(f"the shares add up to {total:g}, expected 1 (for instance 0.7, 0.15 and 0.15).")
        return self


class Data(_Value):
    """Which rows, which column is predicted, from which columns.

    Attributes:
        table: `sample:NAME`, `file:SHA256`, or a path (headless only).
        targets: The columns to be predicted; one, for now.
        features: Column -> kind, in the order of the network's inputs.
        target_kinds: Kinds of targets where they differ from the guess.
    """

    table: str = Field(min_length=1)
    targets: tuple[ColumnName, ...] = ()
    features: dict[ColumnName, KindName] = {}
    target_kinds: dict[ColumnName, KindName] = {}
    weight: None = None
    split: Split = Split()


class Compile(_Value):
    """What `model.compile` is given."""

    optimizer: Optimizer = Optimizer.of("Adam")
    loss: Loss = Loss.of("MeanSquaredError")
    metrics: tuple[Metric, ...] = ()
    weighted_metrics: tuple[()] = ()
    loss_weights: None = None


class Fit(_Value):
    """What `model.fit` is given."""

    epochs: int = Field(100, ge=1, le=100_000, strict=True)
    batch_size: int = Field(32, ge=1, le=1_000_000, strict=True)
    steps_per_epoch: None = None
    validation_steps: None = None
    class_weight: None = None
    callbacks: tuple[CallbackChoice, ...] = ()
    seed: Seed = 0


class Experiment(_Value):
    """Everything that decides a run's numbers."""

    version: Literal[1] = 1
    name: str = Field("Untitled", max_length=120)
    data: Data
    layers: tuple[Layer, ...] = Field((), max_length=MOST_LAYERS)
    compile: Compile = Compile()
    fit: Fit = Fit()

    def text(self) -> str:
        """Canonical JSON text: equal experiments have equal texts."""
        return json.dumps(self.value(), ensure_ascii=False)

    def value(self) -> dict[str, Any]:
        """Plain JSON value."""
        return self.model_dump(mode="json", by_alias=True)

    def callback(self, name: str) -> CallbackChoice | None:
        """The callback of that class, or None."""
        return next((callback for callback in self.fit.callbacks if callback.name == name), None)


class InvalidExperiment(ValueError):
    """An experiment that cannot be read.

    Attributes:
        problems: (path of the field, what was given and what is allowed), one each.
    """

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__("\n".join(f"{where}: {says}" if where else says for where, says in problems))
        self.problems = problems


def read(given: str | bytes | Mapping[str, Any]) -> Experiment:
    """An experiment from its JSON text or mapping. Raises InvalidExperiment."""
    if isinstance(given, str | bytes):
        try:
            given = json.loads(given)
        except ValueError as error:
            raise InvalidExperiment([("", f"This is not JSON: {error}.")]) from None
        except RecursionError:
            raise InvalidExperiment([("", "This is not an experiment: its brackets are nested too deeply.")]) from None
    if not isinstance(given, Mapping):
        raise InvalidExperiment([("", "An experiment is a JSON object with version, name, data, layers, compile and fit.")])
    try:
        return Experiment.model_validate(dict(given))
    except ValidationError as error:
        raise InvalidExperiment([_problem(dict(item)) for item in error.errors()]) from None


def _problem(item: dict[str, Any]) -> tuple[str, str]:
    where = ".".join(str(step) for step in item["loc"])
    context = item.get("ctx", {})
    if item["type"] == "choice":
        return ".".join(filter(None, (where, context["field"]))), context["says"]
    if item["type"] == "extra_forbidden":
        allowed = _fields_at(item["loc"][:-1])
        return where, f"unknown field; allowed are {', '.join(allowed)}.{nearest(str(item['loc'][-1]), allowed)}"
    if item["type"] == "missing":
        return where, "is missing."
    if where == "version":
        return where, f"got {item['input']!r}; this program reads version 1."
    return where, f"got {item['input']!r}: {item['msg'][0].lower()}{item['msg'][1:]}."


def _fields_at(path: tuple[int | str, ...]) -> list[str]:
    model: Any = Experiment
    for step in path:
        model = model.model_fields[step].annotation
    return list(model.model_fields)
