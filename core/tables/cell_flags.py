"""Letters behind numbers that are no units but flags, as statistical offices write them: "1234.5 e" is estimated, "7
bp" provisional behind a break. They are told by the plain numbers, of which there are more.
"""

import itertools
import re
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping

LETTERS = "bcdefilnprsuz"  # As Eurostat has them; rows to predict for may have others than the training rows.
FOOTNOTE, OF_LABORATORIES = "a", "HL"  # A first footnote, behind decimals; above and below the usual range.
_FLAGGED = re.compile(rf"[-+]?\d[\d.,' ]*?\s*([{LETTERS}]{{1,4}})|[-+]?\d[\d' ]*[.,]\d+\s*({FOOTNOTE})")
_OUTSIDE = re.compile(r"(\d[\d.,]*)\s*(HH?|LL?)\*?")
_ABSENT = re.compile(rf":\s*[{LETTERS}]{{0,4}}")
_PLAIN = re.compile(r"[-+]?\d[\d.,' ]*")
_LETTER = re.compile(r"\d+\s?[a-z]", re.IGNORECASE)
_UNITS = {"d", "s", "l", "f", "c"}  # Alone these are days, seconds, litres and degrees.
_MOST, _MOST_BESIDE_COLONS = 0.5, 0.2  # Of the different numbers have no flag.
_FEW = 0.1
_GLANCE = 200
_ORDINAL = re.compile(r"(\d{1,6}) ?(st|nd|rd|th)")
_MANY_ORDINALS = 13  # More than a school has grades.
ENDINGS = "dhnrst"  # The letters of st, nd, rd and th.
_MOST_OUTSIDE = 0.3  # Of the numbers of a laboratory have no flag.
_LARGE = 4  # Digits of a whole number that is no size, floor or grade.


def flags_of(cells: Mapping[str, int], colons: bool = False) -> dict[str, int]:
    """The flags behind the numbers of a column -> how many cells have them; {} where there are none. `cells` is word ->
    how often it comes, and `colons` says that ":" stands in the place of missing ones. 12 b beside 12 and 14 is a
    house, not a number with a flag.
    """
    if outside := _of_laboratories(cells):
        return outside
    flags: Counter[str] = Counter()
    plain = flagged = others = amounts = 0
    for cell, often in cells.items():
        text = cell.strip()
        if found := _FLAGGED.fullmatch(text):
            flags[found[1] or found[2]] += often
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


def are_ordinals(cells: Iterable[str]) -> bool:
    """Whether nearly all of many different cells are ordinals like 21st, and the others plain whole numbers: 1st,
    2nd and 3rd alone are classes.
    """
    looked = [cell.strip().lower() for cell in cells]
    ordinals = [cell for cell in looked if (found := _ORDINAL.fullmatch(cell)) and found[2] == _ending(int(found[1]))]
    plain = sum(cell.isdecimal() for cell in looked)
    return len(ordinals) >= max(_MANY_ORDINALS, plain) and len(ordinals) + plain >= (1 - _FEW) * len(looked)


def _ending(number: int) -> str:
    """The letters of an English ordinal."""
    return "th" if 10 < number % 100 < 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def letters_of(flags: Mapping[str, int]) -> str:
    """The letters that are left out behind the numbers of a column with some flags."""
    if set("".join(flags)) <= set(OF_LABORATORIES):
        return OF_LABORATORIES
    return LETTERS + (FOOTNOTE if FOOTNOTE in flags else "")


def _of_laboratories(cells: Mapping[str, int]) -> dict[str, int]:
    """The flags H and L behind numbers of a laboratory -> how many cells have them, where nearly all with H are above
    most of the others and nearly all with L below; else {}.
    """
    if not any(cell.rstrip("* ")[-1:] in ("H", "L") for cell in itertools.islice(cells, _GLANCE)):
        return {}
    flags: Counter[str] = Counter()
    plain: list[float] = []
    outside: list[tuple[str, float]] = []
    for cell, often in cells.items():
        text = cell.strip()
        found = _OUTSIDE.fullmatch(text)
        number = found[1] if found else text
        if not re.fullmatch(r"\d+(?:[.,]\d+)?", number):
            return {}
        if found:
            flags[found[2]] += often
            outside.append((found[2][0], float(number.replace(",", "."))))
        else:
            plain.append(float(number.replace(",", ".")))
    if len(plain) < max(_MOST_OUTSIDE * len(cells), 5) or not outside:
        return {}
    middle = statistics.median(plain)
    right = sum(number > middle if flag == "H" else number < middle for flag, number in outside)
    return dict(flags.most_common()) if right >= (1 - _FEW) * len(outside) else {}


def is_absent(cell: str) -> bool:
    """Whether a cell is missing as statistical offices write it: ":", ": c"."""
    return _ABSENT.fullmatch(cell.strip()) is not None
