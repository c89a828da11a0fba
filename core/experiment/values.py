"""What the parts of an experiment are made of: frozen values, bounded names and lists, and refusals in sentences."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from core.catalog.fields import repeated
from core.catalog.kinds import KINDS
from core.catalog.scalings import SCALINGS

MOST_COLUMNS = 50_000


class Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def value_error(says: str, field: str = "") -> PydanticCustomError:
    return PydanticCustomError("choice", "{says}", {"says": says, "field": field})


def unknown_name(name: str, allowed: list[str], field: str = "") -> PydanticCustomError:
    """Of a name that is none of the allowed; which one is near is looked for when it is said, since there may be
    thousands of them.
    """
    context = {
        "says": f"got {repeated(name)}, expected one of {', '.join(allowed)}.",
        "field": field,
        "name": name,
        "allowed": allowed,
    }
    return PydanticCustomError("choice", "{says}", context)


def at_most(most: int) -> BeforeValidator:
    """Refuses a longer list or mapping, the items of its lists counted, before any of them is looked at."""

    def check(given: Any) -> Any:
        items = given.values() if isinstance(given, Mapping) else given if isinstance(given, list | tuple) else ()
        count = sum(len(item) if isinstance(item, list | tuple) else 1 for item in items)
        if count > most:
            raise value_error(f"has {count:,} items, expected at most {most:,}.")
        return given

    return BeforeValidator(check)


def _kind(value: str) -> str:
    if value not in KINDS:
        raise unknown_name(value, list(KINDS))
    return value


def _scaling(value: str) -> str:
    if value not in SCALINGS:
        raise unknown_name(value, list(SCALINGS))
    return value


ScalingName = Annotated[str, AfterValidator(_scaling)]
KindName = Annotated[str, AfterValidator(_kind)]
LONGEST_NAME = 10_000  # Signs of a column's name.
# A bound also has pydantic refuse half a character, which no file can hold.
ColumnName = Annotated[str, Field(max_length=LONGEST_NAME)]
ClassName = Annotated[str, Field(max_length=LONGEST_NAME)]
TableName = Annotated[str, Field(min_length=1, max_length=4096)]  # As long as a path may be.
Share = Annotated[float, Field(gt=0, lt=1)]
Seed = Annotated[int, Field(ge=0, lt=2**31, strict=True)]
