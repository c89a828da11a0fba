"""Headings of groups, rows of a name alone above their rows: they become columns on the left of the table.

The printed program carries `with_headings`.
"""

import re
from collections.abc import Sequence

import pandas as pd

from core.tables.reading import unique_names


def with_headings(table: pd.DataFrame, columns: list[str], headings: dict[int, tuple[str | None, ...]]) -> pd.DataFrame:
    """The table with the headings above each row in columns on its left.

    `headings` is the first row of a group, counted from 0 -> its names, one for each of the columns. Rows above the
    first heading have none.
    """
    names = pd.DataFrame.from_dict(headings, orient="index", columns=columns, dtype="str").sort_index()
    above = names.reindex(range(len(table)), method="ffill").set_axis(table.index)
    return pd.concat([above, table], axis=1)


def headings_by_row(
    headings: Sequence[tuple[int, str]], passed: Sequence[int], first_row: int, levels: int
) -> dict[int, tuple[str | None, ...]]:
    """The first row of a group among the rows of values -> the names of its headings, the outer level first.

    `headings` are rows of the grid and what they hold, `passed` all rows of the grid that hold no values. Of headings
    that follow each other the last is of the innermost level; fewer than `levels` of them leave the outer ones as they
    were. A heading may stand above the names, before the first row of values.
    """
    without = set(passed)
    found: dict[int, tuple[str | None, ...]] = {}
    current: list[str | None] = [None] * levels
    at, value = first_row, 0  # A row of the grid, and how many rows of values lie above it.
    together: list[str] = []  # Headings above row `value`.
    for row, name in sorted(headings):
        before = sum(place not in without for place in range(at, row))
        together = [*together, name] if not before else [name]
        at, value = max(at, row), value + before
        inner = together[-levels:]
        found[value] = (*current[: levels - len(inner)], *inner)
        current = list(found[value])
    return found


def heading_levels(headings: Sequence[tuple[int, str]], passed: Sequence[int]) -> int:
    """How many headings follow each other at most, with no row of values between them."""
    without = set(passed)
    most = together = 0
    last = None
    for row, _ in sorted(headings):
        follows = last is not None and all(place in without for place in range(last + 1, row))
        together = together + 1 if follows else 1
        most, last = max(most, together), row
    return most


def heading_names(headings: Sequence[str], levels: int, columns: Sequence[str]) -> tuple[str, ...]:
    """Names for the columns, other than those of the table: the word that all headings begin with, as "Region North"
    and "Region South" do, else "Group".
    """
    firsts = {re.split(r"[\s:]", heading.strip(), maxsplit=1)[0] for heading in headings}
    alike = len(firsts) == 1 and len(set(headings)) > 1 and levels == 1
    first = firsts.pop() if alike else ""
    name = first if re.fullmatch(r"[^\W\d]\w*", first) else "Group"
    wanted = [name] if levels == 1 else [f"{name} {level + 1}" for level in range(levels)]
    return tuple(unique_names([*columns, *wanted])[len(columns) :])
