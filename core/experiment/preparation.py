"""How single columns become the network's numbers, where that differs from what their kind does."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_serializer

from core.catalog.date_parts import DATE_PARTS, USUAL_PARTS
from core.catalog.scalings import SCALINGS, Scaling
from core.experiment.values import ScalingName

MOST_WORDS = 10_000
MOST_BINS = 100
USUAL_BINS = 10
USUAL_WORDS = 100
USUAL_TEXT_WORDS = 1_000
Part = Literal["trend", "season", "weekday", "hour"]


class Preparation(BaseModel):
    """The settings of one column. A setting that is left out is the default of the column's kind, and one that belongs
    to another kind has no effect.

    Attributes:
        scaling: Of a number, boolean or date: how it is scaled, in place of its kind's scaling.
        bins: Of a number in quantile bins: how many.
        parts: Of a date: what the network sees of it; in any order, each once.
        words: Of a category, code or text: how many of the most frequent words of the training rows are known.
        weighting: Of a text: what stands in a word's column.
        target: Of a target that is an amount: the logarithm that is learned in its place.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    scaling: ScalingName | None = None
    bins: Annotated[int, Field(ge=2, le=MOST_BINS, strict=True)] | None = None
    parts: Annotated[tuple[Part, ...], Field(min_length=1, max_length=8)] | None = None
    words: Annotated[int, Field(ge=1, le=MOST_WORDS, strict=True)] | None = None
    weighting: Literal["multi-hot", "tf-idf"] | None = None
    target: Literal["log", "log1p"] | None = None

    @model_serializer(mode="wrap")
    def _short(self, handler: Any) -> dict[str, Any]:
        """Only the settings that are given."""
        return {name: value for name, value in handler(self).items() if value is not None}

    def scaled_by(self, kind: str, by_kind: Mapping[str, str]) -> Scaling:
        """The scaling of a column of that kind; `by_kind` are those of whole kinds."""
        for name in (self.scaling, by_kind.get(kind)):
            if name is not None and kind in SCALINGS[name].kinds:
                return SCALINGS[name]
        return SCALINGS["standard"]

    @property
    def most_bins(self) -> int:
        """How many bins a number is put into at most."""
        return self.bins or USUAL_BINS

    @property
    def date_parts(self) -> tuple[str, ...]:
        """The parts of a date in the order of the catalog."""
        chosen = self.parts or USUAL_PARTS
        return tuple(name for name in DATE_PARTS if name in chosen)

    @property
    def known_words(self) -> int:
        """How many words of a category or code are known at most."""
        return self.words or USUAL_WORDS

    @property
    def text_words(self) -> int:
        """How many words of a text have a column at most."""
        return self.words or USUAL_TEXT_WORDS

    @property
    def text_weighting(self) -> str:
        """What stands in the column of a text's word: a name of the catalog."""
        return self.weighting or "multi-hot"


DEFAULT = Preparation()
