"""Rows of the catalog with arguments: the layers, loss, metrics, optimizer and callbacks of an experiment."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, model_serializer, model_validator

from core.catalog.callbacks import CALLBACKS, CallbackRow
from core.catalog.fields import Row, WrongArgument, repeated
from core.catalog.layers import LAYERS, LayerRow
from core.catalog.losses import LOSSES, LossRow
from core.catalog.metric_row import MetricRow
from core.catalog.metrics import METRICS
from core.catalog.optimizers import OPTIMIZERS, OptimizerRow
from core.experiment.values import unknown_name, value_error


class Choice(BaseModel):
    """A row of the catalog with arguments: `{"class": "Adam", "learning_rate": 0.001}`. Arguments left out are Keras's
    defaults.
    """

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
            raise value_error(f'got {repeated(given)}, expected {{"{cls.tag}": NAME, ...}}.')
        name = given[cls.tag]
        row = cls.family.get(name)
        if row is None:
            allowed = list(cls.family)
            raise unknown_name(name, allowed, cls.tag)
        try:
            return {cls.tag: name, **row.check({str(key): value for key, value in given.items() if key != cls.tag})}
        except WrongArgument as error:
            raise value_error(error.says, error.field) from None

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


class Layer(Choice):
    """One card of the stack: `{"layer": "Dense", "units": 64, "activation": "relu"}`."""

    tag: ClassVar[str] = "layer"
    family: ClassVar[Mapping[str, LayerRow]] = LAYERS
    name: str = Field(alias="layer")

    @property
    def row(self) -> LayerRow:
        return LAYERS[self.name]


class Optimizer(Choice):
    """An optimizer of Keras."""

    family: ClassVar[Mapping[str, OptimizerRow]] = OPTIMIZERS

    @property
    def row(self) -> OptimizerRow:
        return OPTIMIZERS[self.name]


class Loss(Choice):
    """A loss of Keras."""

    family: ClassVar[Mapping[str, LossRow]] = LOSSES

    @property
    def row(self) -> LossRow:
        return LOSSES[self.name]


class Metric(Choice):
    """A metric of Keras; just its name when it has no arguments."""

    family: ClassVar[Mapping[str, MetricRow]] = METRICS

    @property
    def row(self) -> MetricRow:
        return METRICS[self.name]

    @model_serializer(mode="wrap")
    def _short(self, handler: Any) -> Any:
        return handler(self) if self.arguments else self.name


class CallbackChoice(Choice):
    """A callback of Keras."""

    family: ClassVar[Mapping[str, CallbackRow]] = CALLBACKS

    @property
    def row(self) -> CallbackRow:
        return CALLBACKS[self.name]
