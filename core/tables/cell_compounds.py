"""Amounts in two units, a larger and a smaller one: "5 ft 11 in", 5'11", "6 lb 3 oz", "38w5d"."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence

from core.tables.cell_numbers import cells_in_one_unit, degrees_of
from core.tables.different_cells import blocks

_OF_TIME = re.compile(r"time|zeit|temps|pace|lap|split|duration|dauer|dur[e\u00e9]e|durac|runtime", re.IGNORECASE)
_MINUTE = 60  # Seconds.
_DEGREES = ("\u00b0", "'")
_MINUTES = "'\u2032\u2019\u00b4"
_DASHED = re.compile(r"\d+-\d+(?:\.\d+)?")  # 6-11 is a height, a score or a month and a day.
_FEET = re.compile(r"[2-8]-(?:\d|1[01])(?:\.\d+)?")
_OF_HEIGHT = re.compile(
    r"height|gr(?:\u00f6\u00df|o?e?ss)e|stature|taille|altura|(?<![^\W_])(?:hgt|ht)(?![^\W_])", re.I
)
_WITH_PLUS = re.compile(r"\d{1,2}\+[0-6]")  # 38+5 is weeks and days of a pregnancy, or two numbers.
_OF_WEEKS = re.compile(r"gest|pregnan|schwanger|(?<![^\W_])(?:ga|ssw|weeks?|wks?)(?![^\W_])", re.I)
_ANY_OF_THEM = "height in weeks"  # A name under which 6-11 and 38+5 are both amounts.
_PAIRS = (("ft", "in"), ("lb", "oz"), ("st", "lb"), ("m", "cm"), ("kg", "g"), ("km", "m"), ("y", "mo"), ("w", "d"))


def two_units_of(cells: Mapping[str, int], glance: Sequence[str], name: str) -> tuple[str, str] | None:
    """The two units that all cells of a column have; None where some are otherwise. `cells` is word -> how often it
    comes, `glance` are some of the words. In a column called "pace" 5'08" is minutes and seconds.
    """
    if any(_has_minutes(cell) for cell in glance) and all(_all_of(block, *_DEGREES) for block in blocks(cells)):
        return _DEGREES
    if _OF_TIME.search(name):
        return None
    if any(_needs_name(cell, name) for cell in glance):
        return None
    some = [cell for cell in glance if cell[:1].isdigit() and sum(sign.isdigit() for sign in cell) > 1]
    for pair in _PAIRS if some else ():
        both = [cell for cell in some if _is_of(cell, *pair) and not _is_whole(cell, *pair)]
        if pair == ("m", "cm") and not any("cm" in cell.lower() or int(_numbers(cell)[1]) >= _MINUTE for cell in both):
            continue  # 4m35 may be minutes and seconds.
        if 2 * len(both) >= len(some) and all(_all_of(block, *pair) for block in blocks(cells)):
            return pair
    return None


def _has_minutes(cell: str) -> bool:
    """Whether a cell is an angle in degrees and minutes."""
    return any(sign in cell for sign in _MINUTES) and not math.isnan(degrees_of(cell))


def _needs_name(cell: str, name: str) -> bool:
    """Whether a cell is an amount in two units only in a column that is called so, as 6-11 is a height."""
    height = _DASHED.fullmatch(cell) and not (_OF_HEIGHT.search(name) and _FEET.fullmatch(cell))
    return bool(height or (_WITH_PLUS.fullmatch(cell) and not _OF_WEEKS.search(name)))


def is_of_two_units(cell: str, name: str = _ANY_OF_THEM) -> bool:
    """Whether a cell of a column called so is an amount in two units; without a name, of any column that has such."""
    if _needs_name(cell, name):
        return False
    if _has_minutes(cell):
        return True
    if cell.isascii() and not _numbers(cell):  # Most words: the forms of all pairs take long to try.
        return False
    return any(_is_of(cell, *pair) and not _is_whole(cell, *pair) for pair in _PAIRS)


def _is_of(cell: str, first: str, second: str) -> bool:
    return _all_of([cell], first, second)


def _is_whole(cell: str, first: str, second: str) -> bool:
    """Whether a cell has the first unit only."""
    return cells_in_one_unit([cell], first, second)[0].isdecimal() and len(_numbers(cell)) == 1


def _numbers(cell: str) -> list[str]:
    return "".join(sign if sign.isdigit() else " " for sign in cell).split()


def _all_of(cells: Iterable[str], first: str, second: str) -> bool:
    cells = list(cells)
    return all(one is not cell for one, cell in zip(cells_in_one_unit(cells, first, second), cells, strict=True))
