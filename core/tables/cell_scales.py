"""Ratings on a scale: "4.1/5", "4.5 out of 5 stars", "85/100"."""

import re
from collections.abc import Sequence

_RATING = re.compile(
    r"(?P<number>\d{1,3}(?:[.,]\d+)?)\s*(?P<scale>(?P<of>/|out of|of|von|sur|de|su|van|av) ?(?P<most>5|10|20|100)"
    r"(?: (?:stars?|points?|pts|sternen?|punkten?|\u00e9toiles?|estrellas?|stelle))?)",
    re.IGNORECASE,
)
_DATES = ("5", "10")  # 3/10 alone may be a day and a month.
_FEW, _OTHERS = 0.1, 3  # Of the cells so many may be none.


def is_rating(cell: str) -> bool:
    """Whether a cell is a rating on a scale."""
    return cell[:1].isdigit() and _RATING.fullmatch(cell) is not None


def scale_of(cells: Sequence[str]) -> str:
    """What stands behind the numbers of ratings on one scale, "/5" of "4.1/5" and "3/5"; "" where cells are none, or
    may be dates or fractions.
    """
    found = [one for one in map(_RATING.fullmatch, cells) if one]
    others = len(cells) - len(found)
    if (
        len(found) <= others
        or (others > _OTHERS and others > _FEW * len(cells))
        or len({one["scale"] for one in found}) > 1
    ):
        return ""
    scale, of, most = found[0]["scale"], found[0]["of"], found[0]["most"]
    numbers = [one["number"].replace(",", ".") for one in found]
    if max(map(float, numbers)) > float(most):
        return ""
    plain = of == "/" and most in _DATES and not any("." in number for number in numbers)
    return "" if plain else scale
