"""What pydantic finds wrong with an experiment, as the path of a field and a sentence."""

from typing import Any

from pydantic import BaseModel

from core.experiment.fields import nearest, shortened

# What pydantic puts into the path of a problem when a value may be of two forms; no column is called so.
ONE, EACH = "\0one", "\0each"
_LONGEST = 80  # Letters of a value that a sentence repeats.


def problem(item: dict[str, Any], model: type[BaseModel]) -> tuple[str, str]:
    """One item of `ValidationError.errors()`: where it is, and what was given and what is allowed."""
    where = ".".join(str(step) for step in item["loc"] if step not in (ONE, EACH))
    if item["type"] == "choice":
        return ".".join(filter(None, (where, item["ctx"]["field"]))), item["ctx"]["says"]
    if item["type"] == "extra_forbidden":
        allowed = _fields_at(model, item["loc"][:-1])
        return where, f"unknown field; allowed are {', '.join(allowed)}.{nearest(str(item['loc'][-1]), allowed)}"
    if item["type"] == "missing":
        return where, "is missing."
    given = shortened(repr(item["input"]), _LONGEST)
    if where == "version":
        return where, f"got {given}; this program reads version 1."
    return where, f"got {given}: {item['msg'][0].lower()}{item['msg'][1:]}."


def _fields_at(model: Any, path: tuple[int | str, ...]) -> list[str]:
    for step in path:
        model = model.model_fields[step].annotation
    return list(model.model_fields)
