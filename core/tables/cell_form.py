"""What is found out of the way in which a column's cells are written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_FEW = 0.1  # Of the different cells so many may be of another kind.
_MOST_OTHERS = 3  # Different words among few different numbers.


@dataclass(frozen=True)
class CellForm:
    """How the cells of a column are written.

    Attributes:
        how: The fields of a `ColumnReading` that say so; None where the cells are none of the kind that was looked for,
            or may mean two things.
        unread: Cells that cannot be read so -> how many there are.
        doubt: Why cells that look like that kind stay words, the end of a sentence; "" where nothing needs to be said.
        settles: The field of a `ColumnReading` that settles the doubt: "as" where they may be numbers, "dates" where
            day and month, and "decimal" where decimals and thousands can't be told apart.
        says: What is to be said of how they are read, the end of a sentence.
    """

    how: dict[str, Any] | None = None
    unread: Mapping[str, int] = field(default_factory=dict)
    doubt: str = ""
    settles: str = "as"
    says: str = ""


def nearly_all(read: int, rows: int, cells: Mapping[str, int]) -> bool:
    """Whether all cells but a few are read; see `number_cells`. `read` is how many of the different ones are, `rows` in
    how many rows those stand.
    """
    others, share = len(cells) - read, rows / sum(often for _, often in cells.items())
    if others <= _FEW * len(cells):
        return share >= 0.5
    return others <= _MOST_OTHERS and share >= 1 - _FEW
