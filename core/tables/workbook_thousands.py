"""Numbers of a workbook that are typed as text with points between thousands: 1.100 beside the number 1105."""

import re
import statistics
from typing import Any

from core.tables.layout_walk import Layout

_POINTED = re.compile(r"\s*[-+]?[1-9]\d{0,2}(?:\.\d{3})+\s*")
_TIMES = 100  # The numbers beside such text are as much larger than it is with decimals.


def thousands_as_text(rows: list[list[Any]], layout: Layout) -> list[str]:
    """The columns in which the size of the numbers tells that 1.100 is a thousand and more: pandas would make 1.1 of
    it before anyone sees the text.
    """
    skipped = set(layout.skipped)
    values = [rows[at] for at in range(layout.first_row, layout.last_row + 1) if at not in skipped and at < len(rows)]
    return [
        name
        for place, name in zip(range(layout.first_column, layout.last_column + 1), layout.names, strict=True)
        if any(place < len(cells) and isinstance(cells[place], str) for cells in values)
        and _tells([cells[place] for cells in values if place < len(cells)])
    ]


def _tells(cells: list[Any]) -> bool:
    texts = [cell for cell in cells if isinstance(cell, str) and cell.strip()]
    pointed = [text for text in texts if _POINTED.fullmatch(text)]
    numbers = [abs(cell) for cell in cells if isinstance(cell, int | float) and not isinstance(cell, bool) and cell]
    if not pointed or len(numbers) < 3 or any("." in text for text in set(texts).difference(pointed)):
        return False
    smallest = [abs(float(text)) for text in pointed if text.count(".") == 1]
    return not smallest or statistics.median(numbers) >= _TIMES * statistics.median(smallest)
