"""Marks beside numbers that say whether they are above or below 0: CR and DR, N and S, triangles."""

import re
from collections.abc import Sequence

_FEW = 0.1  # Of the cells so many may have no mark.
# Those of one letter stand behind decimals or degrees.
_SIGNS = (("CR", "DR"), ("Haben", "Soll"), ("H", "S"), ("C", "D"), ("N", "S"), ("E", "W"), ("+", "-"))
_TRIANGLES = (("\u25b2", "\u25bc"), ("\u25b3", "\u25bd"), ("\u2191", "\u2193"))
_BELOW = ("\u25b3", "\u25b2")  # In Japan, where numbers above 0 have no mark.
_DIGITS = r"\d[\d.,'\u2019\s]*"


def signs_of(cells: Sequence[str]) -> tuple[str, str] | None:
    """The marks above and below 0 that nearly all numbers of some cells have behind or before them; None where there
    are none.
    """
    cells = [cell.strip() for cell in cells]
    for pair in _SIGNS:
        alone, marks = len(pair[0]) == 1, "|".join(map(re.escape, pair))
        front = "(?!)" if pair == ("+", "-") else marks  # In front they are plain signs.
        behind = r"[.,]\d\d" if pair in (("H", "S"), ("C", "D")) else r"(?:[.,]\d+\s*°?|°)"
        digits = _DIGITS + (behind if alone else r"(?:[$€£]|EUR|USD|GBP)?")
        money = r"(?:R\$ ?)?" if pair == ("C", "D") else ""  # As in Brazil.
        marked = _marks(rf"(?:({front})\.?\s*)?{money}{digits}\s*(?:({marks})\.?)?", cells)
        if len(marked) > (1 - _FEW) * len(cells) and (not alone or len(set(marked)) == 2):
            return pair
    if not any(sign in cell for cell in cells for pair in _TRIANGLES for sign in pair):
        return None
    for pair in _TRIANGLES:
        marked = _marks(rf"({'|'.join(pair)})\s*{_DIGITS}()%?", cells)
        if len(marked) > (1 - _FEW) * len(cells) and len(set(marked)) == 2:
            return pair
    for below in _BELOW:
        marked = _marks(rf"({below})?\s*{_DIGITS}()%?", cells)
        plain = sum(re.fullmatch(rf"{_DIGITS}%?", cell) is not None for cell in cells)
        if marked and plain and len(marked) + plain > (1 - _FEW) * len(cells):
            return "+", below
    return None


def _marks(form: str, cells: Sequence[str]) -> list[str]:
    """The marks of those cells that have one, of the first or the second group of a regular expression."""
    found = (re.fullmatch(form, cell, re.IGNORECASE) for cell in cells)
    return [mark for parts in found if parts and (mark := (parts[1] or parts[2] or "").lower())]
