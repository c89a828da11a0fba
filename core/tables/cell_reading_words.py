"""Words that are written around numbers, and that no reader takes for numbers: a note says so, or the column would be
lost as an identifier without a word.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterable

from core.experiment.currencies import CURRENCIES
from core.tables.cell_reading_numbers import CODES
from core.tables.day_names import month_of

_MANY = 20  # Different cells: fewer are categories, and nothing is lost.
_LOOKED_AT = 500
_SHAPES, _ALL = 5, 0.9  # So many ways of writing make up nearly all cells.
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_BEFORE, _BEHIND = rf"(?:{CURRENCIES})?\s?", r"\s?(?:[kKM%]|[^\W\d_]{1,3}|[$€£¥])?"
_DIGITS = r"(\d[\d,]*(?:\.\d+)?)"
_RANGE = re.compile(rf"{_BEFORE}{_DIGITS}{_BEHIND}\s?[-\u2013]\s?{_BEFORE}{_DIGITS}{_BEHIND}")
_DAY = re.compile(
    r"(?:(?:0?[1-9]|[12]\d|3[01])[./](?:0?[1-9]|1[0-2])\.?|(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01]))"
    r"(?:,? \d{1,2}:\d{2}(?::\d{2})?)?"
)
_PAIR = re.compile(
    r"(?!.*(?<![\d.,])0\d)\d{1,4}(?:[.,]\d{1,9})?\s?[/x\u00d7:+]\s?-?\d{1,4}(?:[.,]\d{1,9})?(?:\s?\([^()]*\))?"
)
# As "12 (34%)", "45.2 (3.1)" and "4.5 [3.9, 5.1]" are written.
_BESIDE = re.compile(r"[-+\u2212]?\d+(?:[.,]\d+)*%?\s?(?:\([^()]*\d[^()]*\)|\[[^\[\]]*\d[^\[\]]*\])")
_BEHIND_WORD = re.compile(r"[^\W\d_]+[.:]? \d+[.,]\d+.{0,10}|[NSEWO] ?\d{1,3}(?:\.\d+|\u00b0).*")
_MONTH = re.compile(r"(?P<day>\d{1,2})[- ](?P<month>[^\W\d_]{3,9})\.?|(?P<name>[^\W\d_]{3,9})\.? (?P<number>\d{1,2})")
_PLACE = re.compile(
    r"\W?-?\d{1,3}\.\d+\s?[,; ]\s?-?\d{1,3}\.\d+\W?|\W?-?\d{1,3},\d+\s?;\s?-?\d{1,3},\d+\W?|"
    r"(?:POINT|LINESTRING|POLYGON) ?\(.*\)",
    re.IGNORECASE,
)
_MONEY = re.compile(rf"(?<![^\W\d_])(?:{CURRENCIES})\.?\s?\d|\d\s?(?:{CURRENCIES})(?![^\W\d_])")


def words_with_figures(cells: Iterable[str], name: str) -> str:
    """What a column of words seems to hold, the end of a sentence: dates, ranges, numbers with something around them;
    "" where it holds words. `cells` are its different cells.

    A name like "phone" says that digits only name something, and so do words that begin with a letter or differ in
    their letters.
    """
    words = list(itertools.islice(cells, _LOOKED_AT))
    called = set(re.sub(r"([a-z])([A-Z])", r"\1 \2", name).lower().replace("_", " ").replace("-", " ").split())
    if len(words) < _MANY or called & CODES:
        return ""
    with_digits = [word for word in words if re.search(r"\d", word)]
    if len(with_digits) < _ALL * len(words):
        return ""
    found = [_RANGE.fullmatch(word) for word in words]
    ranges = [[float(one[end].replace(",", "")) for end in (1, 2)] for one in found if one]
    if len(ranges) >= _ALL * len(words) and all(low < high for low, high in ranges):
        return f"ranges like {words[0]}"
    forms = (
        (_DAY, "days without a year"),
        (_PAIR, "two numbers in each cell,"),
        (_BESIDE, "several numbers in each cell,"),
    )
    for form, what in (*forms, (_BEHIND_WORD, "numbers within text")):
        if sum(form.fullmatch(word) is not None for word in words) >= _ALL * len(words):
            return f"{what} like {words[0]}"
    if sum(_PLACE.fullmatch(word) is not None for word in words) >= _ALL * len(words):
        return f"places like {words[0][:40]}"
    if sum(_is_month(word) for word in words) >= _ALL * len(words):
        return f"text like {words[0]}, a month with a day or with a year of two digits"
    if sum(_MONEY.search(word) is not None for word in words) >= _ALL * len(words):
        return f"amounts within text like {words[0][:40]}"
    shapes = Counter(re.sub(r"\d+", "0", word) for word in words)
    common = shapes.most_common(_SHAPES)
    if sum(often for _, often in common) < _ALL * len(words):
        return ""
    dates = sum(bool(_YEAR.search(word)) and len(re.findall(r"\d+", word)) > 1 for word in words)
    if dates >= _ALL * len(words):
        return f"text like {words[0]}, which may be dates"
    begins = all(re.match(r"\W*0", shape) for shape, _ in common)
    beside = any(
        re.search(r"[^\W\d_]|[\u00b1'\"\u00b0\u00d7\u25b2\u25bc\u25b3\u25bd\u2191\u2193]", shape) for shape, _ in common
    )
    return f"numbers within text like {words[0][:40]}" if begins and beside else ""


def _is_month(word: str) -> bool:
    """Whether a word is a month's name and two digits, which may be a day or a year."""
    found = _MONTH.fullmatch(word)
    return found is not None and month_of(found["month"] or found["name"]) is not None
