"""Letters behind numbers that are no units but flags, as statistical offices write them: "1234.5 e" is estimated, "7
bp" provisional behind a break. They are told by the plain numbers, of which there are more.
"""

import re
from collections import Counter
from collections.abc import Mapping

LETTERS = "bcdefilnprsuz"  # As Eurostat has them; rows to predict for may have others than the training rows.
_FLAGGED = re.compile(rf"[-+]?\d[\d.,' ]*?\s*([{LETTERS}]{{1,4}})")
_ABSENT = re.compile(rf":\s*[{LETTERS}]{{0,4}}")
_PLAIN = re.compile(r"[-+]?\d[\d.,' ]*")
_LETTER = re.compile(r"\d+\s?[a-z]", re.IGNORECASE)
_UNITS = {"d", "s", "l", "f", "c"}  # Alone these are days, seconds, litres and degrees.
_MOST, _MOST_BESIDE_COLONS = 0.5, 0.2  # Of the different numbers have no flag.
_FEW = 0.1
_LARGE = 4  # Digits of a whole number that is no size, floor or grade.


def flags_of(cells: Mapping[str, int], colons: bool = False) -> dict[str, int]:
    """The flags behind the numbers of a column -> how many cells have them; {} where there are none. `cells` is word ->
    how often it comes, and `colons` says that ":" stands in the place of missing ones. 12 b beside 12 and 14 is a
    house, not a number with a flag.
    """
    flags: Counter[str] = Counter()
    plain = flagged = others = amounts = 0
    for cell, often in cells.items():
        text = cell.strip()
        if found := _FLAGGED.fullmatch(text):
            flags[found[1]] += often
            flagged += 1
        elif _PLAIN.fullmatch(text):
            plain += 1
            amounts += "." in text or "," in text or sum(map(str.isdigit, text)) >= _LARGE
        elif _ABSENT.fullmatch(text):
            colons = True
        elif _LETTER.fullmatch(text):
            return {}
        else:
            others += 1
    least = _MOST_BESIDE_COLONS if colons and len(flags) > 1 else _MOST
    if not flags or plain < least * (plain + flagged) or others > _FEW * len(cells):
        return {}
    if not colons and (2 * amounts < plain or set(flags) <= _UNITS):
        return {}
    return dict(flags.most_common())


def is_absent(cell: str) -> bool:
    """Whether a cell is missing as statistical offices write it: ":", ": c"."""
    return _ABSENT.fullmatch(cell.strip()) is not None
