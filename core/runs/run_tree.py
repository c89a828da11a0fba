"""Which runs were started from the weights of which others: the tree of a run, from its first origin on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from core.runs.run_record import Record

Origin = tuple[str, int]  # The run whose weights another one starts from, and the epoch of these.


@dataclass(frozen=True)
class TreeRow:
    """One run of a tree.

    Attributes:
        run: Its id.
        record: None of a run that was deleted.
        depth: How many runs lie between it and the first, from 0.
        epoch: Of its origin, whose weights it starts from; None of the first.
    """

    run: str
    record: Record | None
    depth: int
    epoch: int | None


def run_tree(records: Sequence[Record], run: str, kept_origin: Callable[[str], Origin | None]) -> list[TreeRow]:
    """The runs that have the first origin of a run in common, each after its own, the earliest first; a run alone is a
    tree of one row.

    Args:
        kept_origin: Gives the origin of a run whose record does not say it: one of an earlier version, or deleted.
    """
    by_id = {record.id: record for record in records}
    origins: dict[str, Origin] = {}
    for record in records:
        origin = record.origin if record.origin_known else kept_origin(record.id)
        if origin is not None:
            origins[record.id] = origin
    first, seen = run, {run}
    while (origin := origins.get(first) or (None if first in by_id else kept_origin(first))) and origin[0] not in seen:
        origins[first] = origin
        first = origin[0]
        seen.add(first)
    children: dict[str, list[str]] = {}
    for one, (of, _) in origins.items():
        children.setdefault(of, []).append(one)
    return _rows(first, by_id, children, origins)


def _rows(
    first: str, by_id: Mapping[str, Record], children: Mapping[str, list[str]], origins: Mapping[str, Origin]
) -> list[TreeRow]:
    rows: list[TreeRow] = []
    waiting, seen = [(first, 0)], set()
    while waiting:
        run, depth = waiting.pop()
        if run in seen:
            continue
        seen.add(run)
        rows.append(TreeRow(run, by_id.get(run), depth, origins[run][1] if depth else None))
        of_run = sorted(children.get(run, ()), key=lambda one: -by_id[one].started if one in by_id else 0.0)
        waiting += [(one, depth + 1) for one in of_run]
    return rows
