"""Text files whose columns are of fixed width, with blank cells among them: the borders stand where each line is blank.

borders = borders_of_table(lines)     [(0, 10), (10, 15)], places of letters in a line; [] where there are none
cells_at(line, borders)               ["Ann", "12"]

A border is found by all lines of a file, the names among them; a line of dashes below the names tells it by itself.
Text is never parted where its lines are blank by chance: each part needs a name above it, and one of them numbers.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from core.tables.raw_cells import look

_FEWEST, _LONGEST = 10, 2_000  # Lines, and signs in one.
_HEAD = 5  # Lines in which the line of dashes is looked for.
_RULER = re.compile(r"\s*[-=]{2,}(?: +[-=]+)+\s*")
_LINE = re.compile(r"\s*[-=_]{3,}\s*")
_MOST_NOTES = 3  # Lines below the table.
_BLOCK = 10_000  # Lines that are looked at together.
_NEARLY, _SOME = 0.9, 3  # Of the cells of a column of numbers, and so many of them.
_LOOKED_AT = 2_000  # Lines whose cells are looked at.

Borders = list[tuple[int, int]]


def borders_of_table(lines: Sequence[str], sure: bool = True) -> Borders:
    """Where each column begins and ends, of lines of which the first hold names, or a title above them, and the last
    may be notes; without `sure` also where few lines tell it.
    """
    lines = [line for line in lines if line.strip() and not _LINE.fullmatch(line)]
    for notes in range(_MOST_NOTES + 1):
        found = []
        for titles in range(min(_HEAD, len(lines))):
            if titles == 0 or not re.search(r"\d", lines[titles]):  # Names, not values.
                found.append(column_borders(lines[titles : len(lines) - notes], sure))
        if best := max(found, key=len, default=[]):
            return best
    return []


def column_borders(lines: Sequence[str], sure: bool = True) -> Borders:
    """Where each column begins and ends, of lines of which the first holds names; without `sure` also where few lines
    tell it.
    """
    lines = [line.rstrip() for line in lines if line.strip()]
    if len(lines) < (_FEWEST if sure else 2) or any("\t" in line or len(line) > _LONGEST for line in lines):
        return []
    for ruler in lines[1:_HEAD]:
        if _RULER.fullmatch(ruler):
            return _of_ruler(ruler)
    borders = _with_names(lines, _runs(lines))
    if len(borders) < 2 or (sure and not _holds_numbers(lines[1 : _LOOKED_AT + 1], borders)):
        return []
    return borders


def cells_at(line: str, borders: Borders) -> list[str]:
    """The cells of a line without blanks around them; a line that stands across borders is one cell."""
    if any(line[end - 1 : end].strip() and line[end : end + 1].strip() for _, end in borders[:-1]):
        return [line.strip()]
    return [line[start:end].strip() for start, end in borders] if line.strip() else []


def rows_at(lines: Iterable[str], borders: Borders) -> Iterator[list[str]]:
    """The rows of a text, blank lines as []."""
    return (cells_at(line.rstrip("\r\n"), borders) for line in lines)


def _of_ruler(ruler: str) -> Borders:
    starts = [found.start() for found in re.finditer(r"[-=]+", ruler)]
    return list(zip([0, *starts[1:]], [*starts[1:], _LONGEST], strict=True))


def _runs(lines: Sequence[str]) -> list[tuple[int, int]]:
    """The places between those at which each line is blank."""
    width = max(map(len, lines))
    used = np.zeros(width, dtype=bool)
    for start in range(0, len(lines), _BLOCK):
        block = "".join(line.ljust(width) for line in lines[start : start + _BLOCK])
        used |= (np.array(list(block)).reshape(-1, width) != " ").any(axis=0)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], used.astype(int), [0]))))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _with_names(lines: Sequence[str], runs: list[tuple[int, int]]) -> Borders:
    """The columns of which each has a name: a part without one belongs to the column before it, and a name without
    values, one blank from another name, is a part of that.
    """
    below = lines[1 : _LOOKED_AT + 1]
    columns: list[tuple[int, int]] = []
    empty = False  # Whether the last column has no values.
    for start, end in runs:
        named = bool(lines[0][start:end].strip())
        filled = any(line[start:end].strip() for line in below)
        near = bool(columns) and start - columns[-1][1] == 1
        if not named and not columns:
            return []
        if not named or (near and (empty or not filled)):
            columns[-1] = (columns[-1][0], end)
            empty = empty and not filled
        else:
            columns.append((start, end))
            empty = not filled
    if any("  " in lines[0][start:end].strip() for start, end in columns):  # Names that stand beside their columns.
        return []
    starts = [0, *(start for start, _ in columns[1:])]
    return list(zip(starts, [*starts[1:], _LONGEST], strict=True))


def _holds_numbers(lines: Sequence[str], borders: Borders) -> bool:
    """Whether nearly all cells of some column are values."""
    for start, end in borders:
        cells = [cell for line in lines if (cell := line[start:end].strip())]
        values = sum(look(cell) in ("value", "absent") for cell in cells)
        if len(cells) >= _SOME and values >= _NEARLY * len(cells):
            return True
    return False
