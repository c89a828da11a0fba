"""Words that are written around numbers, and that no reader takes for numbers: a note says so, or the column would be
lost as an identifier without a word.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterable

from core.tables.cell_reading_numbers import CODES

_MANY = 20  # Different cells: fewer are categories, and nothing is lost.
_LOOKED_AT = 500
_SHAPES, _ALL = 5, 0.9  # So many ways of writing make up nearly all cells.
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_RANGE = re.compile(r"(\d+(?:\.\d+)?) ?[-\u2013] ?(\d+(?:\.\d+)?)")


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
    ranges = [(float(found[1]), float(found[2])) for word in words if (found := _RANGE.fullmatch(word))]
    if len(ranges) >= _ALL * len(words) and all(low < high for low, high in ranges):
        return f"ranges like {words[0]}"
    shapes = Counter(re.sub(r"\d+", "0", word) for word in words)
    common = shapes.most_common(_SHAPES)
    if sum(often for _, often in common) < _ALL * len(words):
        return ""
    dates = sum(bool(_YEAR.search(word)) and len(re.findall(r"\d+", word)) > 1 for word in words)
    if dates >= _ALL * len(words):
        return f"text like {words[0]}, which may be dates"
    begins = all(re.match(r"\W*0", shape) for shape, _ in common)
    beside = any(re.search(r"[^\W\d_]|[\u00b1'\"\u00b0\u00d7]", shape) for shape, _ in common)
    return f"numbers within text like {words[0][:40]}" if begins and beside else ""
