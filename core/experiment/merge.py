"""Two edits of one experiment, brought together.

merged(base, theirs, ours)    both changes; None where both changed the same thing, or make no experiment together
"""

from typing import Any

from core.experiment.spec import Experiment, InvalidExperiment, read

_GONE = object()  # In place of a value that one side does not have.


class _Conflict(Exception):
    """Both changed the same thing, each in another way."""


def merged(base: Experiment, theirs: Experiment, ours: Experiment) -> Experiment | None:
    """The experiment with what `theirs` and `ours` changed of `base`.

    Fields are brought together by their names. Layers, callbacks and other lists are brought together place by place,
    as long as no side added, removed or moved any; else the whole list counts as one thing.
    """
    try:
        return read(_both(base.value(), theirs.value(), ours.value()))
    except (_Conflict, InvalidExperiment):
        return None


def _both(base: Any, theirs: Any, ours: Any) -> Any:
    if theirs in (base, ours):
        return ours
    if ours == base:
        return theirs
    if all(isinstance(one, dict) for one in (base, theirs, ours)) and _alike(base, theirs, ours):
        names = dict.fromkeys([*ours, *theirs])
        found = {name: _both(*(one.get(name, _GONE) for one in (base, theirs, ours))) for name in names}
        return {name: value for name, value in found.items() if value is not _GONE}
    if all(isinstance(one, list) and len(one) == len(base) for one in (base, theirs, ours)) and not _moved(
        base, theirs, ours
    ):
        return [_both(*each) for each in zip(base, theirs, ours, strict=True)]
    raise _Conflict


def _moved(base: list[Any], *sides: list[Any]) -> bool:
    """Whether a side has the same things in another order."""
    return any(side != base and sorted(map(repr, side)) == sorted(map(repr, base)) for side in sides)


def _alike(*values: dict[str, Any]) -> bool:
    """Whether some values are of one kind: layers, optimizers and callbacks say theirs."""
    return all(len({str(value.get(kind)) for value in values}) == 1 for kind in ("layer", "class"))
