"""Rows that are no names of columns: of their units or their types, and of values like those below."""

import re
from collections import Counter
from collections.abc import Sequence

from core.tables.raw_cells import Cells, blank, is_unit, look, text_of

_SEVERAL = 3
_TYPE = re.compile(
    r"(?:u?int(?:eger)?|bigint|smallint|float|double(?: precision)?|real|numeric|decimal|number|long)"
    r"(?:\d{1,2}|\([\d, ]+\))?|str(?:ing)?|text|(?:n?var|n)?char(?:\(\d+\))?|date|time|datetime(?:64)?|timestamp|"
    r"bool(?:ean)?|object|category|uuid"
)


def holds_types(cells: Cells) -> bool:
    """Whether a row names the type of each column, as databases and their tools do."""
    words = [text_of(cell).lower() for cell in cells if not blank(cell)]
    return len(set(words)) > 1 and len(words) == len(cells) and all(_TYPE.fullmatch(word) for word in words)


def holds_units(cells: Cells, numeric: frozenset[int]) -> bool:
    """Whether a row names units below the columns of values."""
    texts = [text_of(cells[column]) for column in numeric if column < len(cells) and not blank(cells[column])]
    known = sum(map(is_unit, texts))
    columns = {column for column, cell in enumerate(cells) if not blank(cell)}
    if (
        len(texts) > 1
        and len(set(texts)) == 1
        and columns <= numeric
        and len(columns) < len(cells)
        and look(texts[0]) == "words"
    ):
        return len(texts[0]) <= 16  # ";Anzahl;Anzahl" below the names of two columns.
    return bool(texts) and known >= 0.6 * len(texts) and all(len(text) <= 16 for text in texts)


def come_again(rows: Sequence[Cells], first: int) -> bool:
    """Whether each cell of a row, of which there are several, stands in its own column of several rows below that are
    others: it is one of these, and holds no names.
    """
    cells, below = rows[first], [row for row in rows[first + 1 :] if row != rows[first]]
    if len(cells) < _SEVERAL or any(blank(cell) for cell in cells):
        return False
    seen = [Counter(row[place] for row in below if place < len(row)) for place in range(len(cells))]
    return all(seen[place][cell] >= _SEVERAL for place, cell in enumerate(cells))
