"""Hints about a table, each with the edit of the experiment's data that carries it out.

for hint in open_hints(data, profile): ...     those that matter to an experiment and are not carried out yet
data = apply_hint(data, hint)
"""

from collections.abc import Mapping
from typing import Any

from core.experiment.columns import Hint, TableProfile
from core.experiment.data import Data

_OF_TARGETS = ("target", "classes", "time order")


def apply_hint(data: Data, hint: Hint) -> Data:
    """The data as the hint's fix has it: mappings are merged, words are added to a column's words, all else is
    replaced; None takes an entry out of a mapping.
    """
    value = data.model_dump(mode="json", by_alias=True)
    return Data.model_validate(_merged(value, hint.fix))


def _merged(value: Mapping[str, Any], fix: Mapping[str, Any], within: str = "") -> dict[str, Any]:
    merged = dict(value)
    for key, new in fix.items():
        old = merged.get(key)
        if new is None and within == "features":
            merged.pop(key, None)
        elif isinstance(new, Mapping) and key != "split":
            merged[key] = _merged(old if isinstance(old, Mapping) else {}, new, key)
        elif key in ("missing", "kept") and isinstance(old, list):
            merged[key] = list(dict.fromkeys([*old, *new]))
        else:
            merged[key] = new
    return merged


def open_hints(data: Data, profile: TableProfile) -> tuple[Hint, ...]:
    """The hints that matter to these targets, features and split, and whose fix would change something."""
    used = {*data.targets, *data.features}
    # Digits with zeros in front are words that tell rows apart, until they are read as dates.
    apart = {column.name for column in profile.columns if column.left_out == "identifier"}
    found = []
    for hint in profile.hints:
        if hint.kind in _OF_TARGETS and hint.column not in data.targets:
            continue
        if hint.column is not None and hint.column not in (used | apart if hint.kind == "date" else used):
            continue
        if hint.kind == "target" and data.targets != (hint.column,):
            continue
        if hint.kind == "time order" and data.split.method != "random":
            continue
        if hint.kind == "classes" and hint.column in data.target_kinds:
            continue
        if not hint.fix or apply_hint(data, hint) != data:
            found.append(hint)
    return tuple(found)
