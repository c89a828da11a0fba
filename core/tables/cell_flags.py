"""Letters behind numbers that are no units but flags, as statistical offices write them: "1234.5 e" is estimated, "7
bp" provisional behind a break. They are told by the plain numbers, of which there are more.
"""

import re
from collections import Counter
from collections.abc import Mapping

LETTERS = "bcdefilnprsuz"  # As Eurostat has them.
_FLAGGED = re.compile(rf"[-+]?\d[\d.,' ]*?(\s*)([{LETTERS}]{{1,4}})")
_ABSENT = re.compile(rf":\s*[{LETTERS}]{{0,4}}")
_PLAIN = re.compile(r"[-+]?\d[\d.,' ]*")
_LETTER = re.compile(r"\d+\s?[a-z]", re.IGNORECASE)
_UNITS = {"d", "s", "l", "f", "c"}  # Alone these are days, seconds, litres and degrees.
_MOST = 0.5
_FEW = 0.1


def flags_of(cells: Mapping[str, int]) -> dict[str, int]:
    """The flags behind the numbers of a column -> how many cells have them; {} where there are none. `cells` is word ->
    how often it comes. 12b beside 12 and 12a is a house, not a number with a flag.
    """
    flags: Counter[str] = Counter()
    plain = flagged = absent = others = apart = decimals = 0
    for cell, often in cells.items():
        text = cell.strip()
        if found := _FLAGGED.fullmatch(text):
            flags[found[2]] += often
            flagged += 1
            apart += bool(found[1])
        elif _PLAIN.fullmatch(text):
            plain += 1
            decimals += "." in text or "," in text
        elif _ABSENT.fullmatch(text):
            absent += 1
        elif _LETTER.fullmatch(text):
            return {}
        else:
            others += 1
    if not flags or plain < _MOST * (plain + flagged) or others > _FEW * len(cells):
        return {}
    if not absent and 2 * apart < flagged and 2 * decimals < plain:
        return {}
    return dict(flags.most_common()) if absent or set(flags) - _UNITS else {}
