"""What pydantic finds wrong with an experiment, as the path of a field and a sentence."""

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel

from core.catalog.fields import LONGEST_SENTENCE, nearest, repeated, sentence, shortened

# What pydantic puts into the path of a problem when a value may be of two forms; no column is called so.
ONE, EACH = "\0one", "\0each"
_LONGEST_PATH = 120
MOST_PROBLEMS = 5  # That are said.


def problem(item: dict[str, Any], model: type[BaseModel]) -> tuple[str, str]:
    """One item of `ValidationError.errors()`: where it is, and what was given and what is allowed."""
    where = ".".join(shortened(str(step), _LONGEST_PATH) for step in item["loc"] if step not in (ONE, EACH))
    if item["type"] == "choice":
        given = item["ctx"]
        hint = nearest(given["name"], given["allowed"]) if "name" in given else ""
        return ".".join(filter(None, (where, given["field"]))), f"{given['says']}{hint}"
    if item["type"] == "extra_forbidden":
        allowed = _fields_at(model, item["loc"][:-1])
        known = f"unknown field; allowed are {', '.join(allowed)}." if allowed else "unknown field."
        return where, f"{known}{nearest(str(item['loc'][-1]), allowed)}"
    if item["type"] == "missing":
        return where, "is missing."
    given = repeated(item["input"])
    if where == "version":
        return where, f"got {given}; this program reads version 1."
    return where, f"got {given}: {item['msg'][0].lower()}{item['msg'][1:]}."


def bounded(problems: list[tuple[str, str]], more: int = 0) -> list[tuple[str, str]]:
    """The first of the problems, each with its path in at most 600 characters, and how many more there are, `more`
    besides these.
    """
    said = [_sentence(where, says) for where, says in problems[:MOST_PROBLEMS]]
    more += len(problems) - len(said)
    return said if more <= 0 else [*said, ("", f"{more:,} more {'field is' if more == 1 else 'fields are'} wrong.")]


def _sentence(where: str, says: str) -> tuple[str, str]:
    where = shortened(where, _LONGEST_PATH)
    return where, sentence(says, LONGEST_SENTENCE - len(where) - len(": "))


def half_character(value: Any) -> str:
    """The path of the first text that holds half a character (a lone surrogate); "" when there is none."""
    found: list[tuple[str, Any]] = [("", value)]
    while found:
        where, one = found.pop()
        before = f"{where}." if where else ""
        if isinstance(one, str) and not _is_text(one):
            return where
        if isinstance(one, Mapping):
            for key, item in one.items():
                if not _is_text(str(key)):
                    return f"{before}{repeated(key)[1:-1]}"
                found.append((f"{before}{key}", item))
        elif isinstance(one, list | tuple):
            found += [(f"{before}{place}", item) for place, item in enumerate(one)]
    return ""


def _is_text(letters: str) -> bool:
    try:
        letters.encode()
    except UnicodeError:
        return False
    return True


def _fields_at(model: Any, path: tuple[int | str, ...]) -> list[str]:
    """The fields of the value at a path; [] where they are not of one model."""
    for step in path:
        if isinstance(step, str):  # A number is a place in a list: `_model_in` looks at what the list holds.
            field = getattr(_model_in(model), "model_fields", {}).get(step)
            if field is None:
                return []
            model = field.annotation
    return list(getattr(_model_in(model), "model_fields", {}))


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The first model in an annotation: Start of `Start | None`, Aside of `tuple[Aside, ...]`."""
    if isinstance(annotation, type) and not get_args(annotation):
        return annotation if issubclass(annotation, BaseModel) else None
    return next(filter(None, map(_model_in, get_args(annotation))), None)


def printed(name: str) -> str:
    """A name on one line of a terminal: what is no sign that can be printed becomes a blank."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())
