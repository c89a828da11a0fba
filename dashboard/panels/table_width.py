"""How wide the columns of a table are drawn, by the words in them: the page's font, which the server does not have."""

import unicodedata
from collections.abc import Iterable

import pandas as pd

_EDGES, _WIDEST = 18, 340  # Pixels: beside the words, of a column.
_NARROW, _WIDE = frozenset("iIjlftr.,:;'|!()[]- "), frozenset("mwMW@%—")


def text_width(text: str) -> float:
    """Pixels of a text in a table's cell, rather more than less: "ill" 12, "CITY" 27."""
    return sum(map(_letter_width, text))


def _letter_width(letter: str) -> float:
    if letter in _NARROW:
        return 4.0
    if letter in _WIDE:
        return 11.5
    if unicodedata.east_asian_width(letter) in "WF":
        return 14.5
    return 8.2 if letter.isupper() else 6.9


def words_width(words: Iterable[str], most: int = _WIDEST) -> int:
    """Pixels of a column in which each of these stands whole, at most so many."""
    return min(most, round(_EDGES + max(map(text_width, words), default=0.0)))


def column_width(frame: pd.DataFrame, column: str, least: str = "") -> int | None:
    """Pixels that the longest words of a column and its heading need, and `least`; None where there is no such column.
    A column without a width is measured by its first rows alone.
    """
    if column not in frame:
        return None
    return words_width([least, column, *frame[column].dropna().astype(str).unique()])
