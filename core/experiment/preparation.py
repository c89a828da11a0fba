"""How single columns become the network's numbers, where that differs from what their kind does."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_serializer

from core.catalog.date_parts import DATE_PARTS, USUAL_PARTS

Part = Literal["trend", "season", "weekday", "hour"]


class Preparation(BaseModel):
    """The settings of one column. A setting that is left out is the default of the column's kind, and one that belongs
    to another kind has no effect.

    Attributes:
        parts: Of a date: what the network sees of it; in any order, each once.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    parts: Annotated[tuple[Part, ...], Field(min_length=1, max_length=8)] | None = None

    @model_serializer(mode="wrap")
    def _short(self, handler: Any) -> dict[str, Any]:
        """Only the settings that are given."""
        return {name: value for name, value in handler(self).items() if value is not None}

    @property
    def date_parts(self) -> tuple[str, ...]:
        """The parts of a date in the order of the catalog."""
        chosen = self.parts or USUAL_PARTS
        return tuple(name for name in DATE_PARTS if name in chosen)


DEFAULT = Preparation()
