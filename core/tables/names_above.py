"""Rows beside the row of a table's names that belong to them: names of groups of columns, numbers of columns."""

from collections.abc import Sequence

from core.tables.raw_cells import Cells, blank, filled, look, text_of

_COMMENTS = ("#", "//", "%", ";", "--")  # How a line begins that is about the table.
Merged = Sequence[tuple[tuple[int, int], tuple[int, int]]]  # (first row, first column), (last row, last column).


def with_upper_names(rows: Sequence[Cells], above: Sequence[int], place: int, merged: Merged) -> tuple[int, ...]:
    """The row of names, and with it the row right above it where that names groups of columns."""
    at = above[place]
    if place == 0 or above[place - 1] != at - 1:
        return (at,)
    upper, lower = rows[at - 1], rows[at]
    if filled(upper) < 2:  # A title, however wide it is merged.
        return (at,)
    if any(look(cell) == "value" and not isinstance(cell, str) for cell in upper) and not _whole(upper):
        return (at,)
    wide = any(top == at - 1 and right > left and right - left + 1 < len(upper) for (top, left), (_, right) in merged)
    below = [text_of(cell) for cell in lower if not blank(cell)]
    twice = len(set(below)) < len(below)
    gaps = any(blank(cell) and not blank(lower[column]) for column, cell in enumerate(upper) if column < len(lower))
    first = next(text_of(cell) for cell in upper if not blank(cell))
    if first.startswith(_COMMENTS) or any(text_of(cell).endswith(":") for cell in upper if not blank(cell)):
        return (at,)
    open_names = any(
        blank(cell) and column < len(upper) and not blank(upper[column]) for column, cell in enumerate(lower)
    )
    whole = filled(upper) >= 0.5 * filled(lower)
    return (at - 1, at) if wide or twice or gaps or open_names or whole else (at,)


def with_third_names(rows: Sequence[Cells], header: tuple[int, ...], merged: Merged) -> tuple[int, ...]:
    """Two rows of names, and with them the row above that names groups of the groups: cells of all three are merged
    over several columns, but none over the whole table.
    """
    at = header[0] - 1
    if len(header) < 2 or at < 0 or filled(rows[at]) < 2 or not all(isinstance(cell, str | None) for cell in rows[at]):
        return header
    wide = {
        top: [right - left + 1 for (up, left), (_, right) in merged if up == top and left < right]
        for top in (at, header[0])
    }
    whole = max(filled(rows[header[-1]]), 2)
    return (at, *header) if wide[at] and wide[header[0]] and max(wide[at]) < whole else header


def _whole(cells: Cells) -> bool:
    """Whether all numbers of a row are whole, as years above columns are."""
    return all(not isinstance(cell, float) or cell.is_integer() for cell in cells)


def numbering_row(rows: Sequence[Cells], below: Sequence[int], numeric: frozenset[int]) -> int | None:
    """The row below the names that numbers the columns, "(1)", "(2)", "(3)"; plain numbers only where one of them
    stands above words; None where there is none.
    """
    if len(below) < 3:
        return None
    cells = [text_of(cell) for cell in rows[below[0]]]
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) < 3 or [cell.strip("()[]") for cell in cells] != [str(at) for at in range(1, len(cells) + 1)]:
        return None
    bracketed = all(cell[:1] in "([" for cell in cells)
    others = [column for column in range(len(cells)) if column not in numeric]
    words = any(look(rows[at][column]) == "words" for at in below[1:] for column in others if column < len(rows[at]))
    return below[0] if bracketed or words else None


def is_named_throughout(cells: Cells, numeric: frozenset[int]) -> bool:
    """Whether a row has words above all columns of values: names, or their units beside names."""
    return all(column < len(cells) and look(cells[column]) == "words" for column in numeric)
