"""How the numbers of a column are written: which mark stands before decimals, which unit behind the digits, and whether
they are numbers at all. A telephone, a zip code and a version are written in digits, too, and stay words.
"""

import itertools
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from core.tables.cell_doubts import doubt_of_fractions, doubt_of_numbers
from core.tables.cell_numbers import (
    cell_numbers,
    fraction_of,
    number_pattern,
    number_text,
    signed_cells,
    unit_spellings,
)
from core.tables.cell_signs import signs_of
from core.tables.different_cells import blocks
from core.tables.raw_cells import CURRENCIES

_FACTORS = r"[kKMB]|bn|mn|[Mm]io|[Mm]rd|[Tt]sd|thousand|million|billion|[Ll]akhs?|[Ll]acs?|[Cc]r(?:ores?)?"
_TENS = "[\u4e07\u842c\ub9cc\u4ebf\u5104\uc5b5\u5343\ucc9c]"  # Of Chinese, Japanese and Korean.
_UNIT = r"(?:[%‰°\"'\u2033\u2032]|[^\W\d_])(?:[^\W\d_]|[./·%°^²³ \"]){0,15}(?:(?<=[^\W\d_])[23])?"
_CELL = re.compile(
    rf"(?P<bound>[<>\u2264\u2265]=?)?\s*(?P<outer>(?:{CURRENCIES})\s*(?=\())?(?P<open>\()?\s*(?P<sign>[-+])?\s*"
    rf"(?P<before>{CURRENCIES}|%)?\.?\s*[-+]?\s*"
    rf"(?:(?P<digits>\d[\d.,'\u2019 ]*(?<=[\d.])|[.,]\d+)(?P<power>[eE][-+]?\d+)?(?P<gap>\s*)"
    rf"(?:(?P<factor>{_TENS}|(?:{_FACTORS})\.?(?![^\W\d_]|/))\s*)?(?P<after>[$€£¥₹₩₽₺₫₴₦₱₪฿](?:/{_UNIT})?|{_UNIT})?\s*-?|-+\s*(?P<last>{CURRENCIES}|%)?)\s*\)?"
)
_WITH_POINT = {"$", "£", "US$", "USD", "GBP", "¥", "JPY", "CNY", "₩", "KRW", "₹", "INR", "Rs", "฿", "THB", "₱", "₪"}
_WITH_POINT |= {"\u5186", "\u5143", "\uc6d0", "A$", "C$", "AU$", "CA$", "HK$", "NZ$", "AUD", "CAD", "HKD", "NZD", "SGD"}
_ORDINALS = {"st", "nd", "rd", "th"}
_CLOCKS = {"uhr"}  # 10.54 Uhr is a time of day.
# Units of measurement, of which a note says that they are mixed; of letters behind digits it says nothing.
_KNOWN = re.compile(
    rf"%|{CURRENCIES}|[kmcµn]?m[²³23]?|[kMGTkm]i?B|[kmµ]?g|t|lbs?|oz|ft|in|mi|yd|[°][CFK]?|[mcd]?l|km/h|mph|m/s|[kMG]?[WVABJ]|[kMG]?Wh|Hz|s|sec|min|h|hrs?|days?|years?"
)
# Words of a column's name whose digits only name something.
CODES = {
    *("phone", "telephone", "tel", "telefon", "mobile", "handy", "fax", "iban", "bic", "swift", "account", "konto"),
    *("zip", "zipcode", "postcode", "postal", "plz", "isbn", "ean", "upc", "gtin", "ssn", "vin", "imei", "sku"),
    *("barcode", "version", "ip", "code", "codes", "serial", "license", "licence"),
}
FEW = 0.1  # Of the different cells so many may be no numbers.
_MOST_OTHERS = 3  # Different words among few different numbers.
_GLANCE, _MOST_LOOKED_AT = 200, 5_000  # Different cells.
_SEVERAL, _MANY = 3, 10
_FEW_UNITS = 6  # Of amounts; more words behind digits are something else.
_FEWEST_UNITS = 0.1  # Of the numbers that have a unit; else those are slips among numbers without one.
_FEWEST_WORDS = 0.5  # Of those with a word that is no known unit: "0.24 Dividend" among prices is none.
_EXACT = 18  # Digits of a whole number.


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


def number_cells(
    cells: Mapping[str, int],
    name: str,
    decimal: str = "",
    chosen: Mapping[str, Any] = {},
    typed: Mapping[str, float] = {},
) -> CellForm:
    """How the numbers of a column of words are written; `cells` is word -> how often it comes, without missing ones.

    `decimal` is the mark of the file's other numbers, where that is known; `chosen` are the fields that a person has
    decided, and with "as": "number" there it is only asked how they are written. `typed` are the cells that are numbers
    in a workbook already: they have no sign, and may be fractions beside percents.

    A column is one of numbers where at most a tenth of its different words, and at most half of its cells, are none;
    or where at most three different words, and a tenth of the cells, are none. So 300 prices and one "TBC", however
    often it comes, are numbers; "1", "2", "C536379" ... are not.
    """
    by_hand = chosen.get("as") == "number"
    glance = list(itertools.islice(cells, _GLANCE))
    if not typed and (signs := chosen.get("signs") or signs_of(glance)):
        return _signed(dict(cells.items()), name, decimal, chosen, tuple(signs))
    if not by_hand and sum(_parts(cell) is not None for cell in glance) < 0.5 * len(glance):
        return CellForm()
    step = len(cells) // _MOST_LOOKED_AT + 1
    looked = dict(itertools.islice(cells.items(), 0, None, step))
    parts = {cell: found for cell in looked if (found := _parts(cell)) and (found["digits"] or found["unit"])}
    if not by_hand and (doubt := doubt_of_fractions(cells)):
        return CellForm(doubt=doubt)
    digits = [found["digits"] for found in parts.values() if found["digits"]]
    if not by_hand and digits and all(found["bound"] for found in parts.values() if found["digits"]):
        return CellForm()  # "<=50K" and ">50K" are classes.
    if not digits or (not by_hand and _names_something(name, parts)):
        return CellForm()
    unit = chosen.get("unit")
    if unit is None:
        unit = _unit({cell: found for cell, found in parts.items() if cell not in typed}, looked)
    letter = len(unit) == 1 and unit.isalpha() and unit.isascii()
    if letter and any(found["factor"] and not found["unit"] for found in parts.values()):
        return CellForm(doubt=_mixed_units(parts, looked))  # Of rooms 100A and 100B the second is no billion.
    beside = _mark_beside([cell for cell in parts if cell not in typed], typed, unit)
    likely, money = decimal or ("." if unit in _WITH_POINT else ""), re.fullmatch(CURRENCIES, unit) is not None
    ours = {cell: found["digits"] for cell, found in parts.items() if found["unit"] in ("", unit) and found["digits"]}
    mark = (
        chosen.get("decimal")
        or beside
        or (typed and _mark([one for cell, one in ours.items() if cell not in typed], likely, money))
        or _mark(list(ours.values()), likely, money)
        or ("." if by_hand else "")
    )
    if not mark:
        cell = next(cell for cell, found in parts.items() if "," in found["digits"] or "." in found["digits"])
        says = f"numbers like {cell}, which may mean thousands or decimals"
        return CellForm(doubt=says, settles="decimal") if _mostly_parts(parts, looked) else CellForm()
    unread: dict[str, int] = {}
    rows = 0
    for block in blocks(cells):
        numbers = cell_numbers(list(block), {"decimal": mark, "unit": unit, "censored": "bound"})
        there = zip(block.items(), numbers.notna().tolist(), strict=True)
        unread |= {cell: often for (cell, often), is_read in there if not is_read and cell not in typed}
        rows += sum(block.values())
    read_rows = rows - sum(unread.values())
    if not by_hand:
        if not nearly_all(len(cells) - len(unread), read_rows, cells):
            return CellForm(doubt=_mixed_units(parts, looked) or _partly(unread, read_rows, rows, cells))
        if doubt := doubt_of_numbers(cells, {*unread, *typed}, parts):
            return CellForm(doubt=doubt)
    how = {"as": "number"} | ({"decimal": mark} if mark != "." else {}) | ({"unit": unit} if unit else {})
    says = ""
    if unit == "%" and typed and max(map(abs, typed.values())) <= 1:
        how["fractions"] = True
        text = next(cell for cell in cells if cell not in unread and cell not in typed)
        number = max(typed, key=lambda cell: typed[cell])
        says = f"number cells like {number} beside text like {text}: the numbers are read as percents, too"
    censored = {cell: looked[cell] for cell, found in parts.items() if found["bound"] and cell not in unread}
    if censored and chosen.get("censored") in (None, "missing"):
        unread |= censored
    return CellForm(how, unread, says=says)


def _signed(
    cells: Mapping[str, int], name: str, decimal: str, chosen: Mapping[str, Any], signs: tuple[str, str]
) -> CellForm:
    """How the numbers of a column are written of which marks say whether they are below 0."""
    plain = dict(zip(cells, signed_cells(list(cells), list(signs)), strict=True))
    counts: Counter[str] = Counter()
    for cell, text in plain.items():
        counts[text] += cells[cell]
    rest = {field: value for field, value in chosen.items() if field != "signs"}
    found = number_cells(counts, name, decimal, {**rest, "as": "number"})
    if found.how is None:
        return found
    unread = {cell: cells[cell] for cell, text in plain.items() if text in found.unread}
    above, below = signs
    says = f"numbers with {above} or {below} beside them: those with {below} are below 0"
    return CellForm({**found.how, "signs": list(signs)}, unread, says=says)


def may_be_number(cell: str) -> bool:
    """Whether a cell is written like a number, with a unit or without one."""
    return _parts(cell) is not None


def _parts(cell: str) -> dict[str, str] | None:
    """Digits, unit, and signs of a cell; None where it is no number with a unit."""
    text = number_text(cell)
    if fraction_of(text) == fraction_of(text):
        return {"digits": "0", "unit": "", "factor": "", "bound": "", "open": "", "sign": "", "power": "", "gap": ""}
    found = _CELL.fullmatch(text)
    if found is None or (found["open"] is not None) != cell.strip().endswith(")"):
        return None
    before, after = (
        (found["outer"] or "").strip() or found["before"] or "",
        (found["after"] or found["last"] or "").strip(),
    )
    if before and after:
        return None
    if after.lower() in _CLOCKS:
        return None
    factor = found["factor"] or ""
    if factor in ("K", "B") and found["gap"] and not before + after:
        factor, after = "", factor  # "293 K" is a temperature, "45K" is not.
    if after == "m" and before:
        factor, after = "m", ""
    return {
        "digits": found["digits"] or "",
        "unit": before or (after.rstrip(".") if re.fullmatch(CURRENCIES, after.rstrip(".")) else after),
        "factor": factor,
        "bound": found["bound"] or "",
        "open": found["open"] or "",
        "sign": found["sign"] or "",
        "power": found["power"] or "",
        "gap": found["gap"] or "",
    }


def _names_something(name: str, parts: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether digits only name something: by the column's name, or by zeros in front of digits of one length,
    or by more digits than a number keeps.
    """
    plain = [cell for cell, found in parts.items() if re.fullmatch(r"\d{2,}", cell.strip())]
    lengths = {len(cell.strip()) for cell in plain}
    padded = any(cell.strip()[0] == "0" for cell in plain)
    if any(len(cell.strip()) > _EXACT for cell in plain):
        return True
    if padded and len(lengths) == 1 and min(lengths) >= 3 and len(plain) > 0.5 * len(parts):
        return True
    unitless = not any(found["unit"] for found in parts.values())
    words = set(re.sub(r"([a-z])([A-Z])", r"\1 \2", name).lower().replace("_", " ").replace("-", " ").split())
    return unitless and bool(words & CODES)


def _unit(parts: Mapping[str, Mapping[str, str]], cells: Mapping[str, int]) -> str:
    """The unit of most cells that have one, as it is written most often; "K" and "B" behind a gap are factors where
    others come, too.
    """
    units: Counter[str] = Counter()
    for cell, found in parts.items():
        if found["unit"] and found["unit"].lower() not in _ORDINALS:
            units[found["unit"]] += cells[cell]
    alone = {unit for unit in units if unit not in ("K", "B")}
    factors = {found["factor"] for found in parts.values()} - {""}
    if not units and factors == {"B"}:
        return "B"
    if not units or (not alone and (len(units) > 1 or factors)):
        return ""
    together: Counter[str] = Counter()
    spelt = {unit: _spelling(unit) for unit in units}
    for unit, count in units.items():
        together[spelt[unit]] += count
    common, often = together.most_common(1)[0]
    share = often / sum(cells[cell] for cell in parts)
    known = _KNOWN.fullmatch(common) or re.fullmatch(CURRENCIES, common, re.IGNORECASE)
    if share < (_FEWEST_UNITS if known else _FEWEST_WORDS) and not re.fullmatch(CURRENCIES, common, re.IGNORECASE):
        return ""
    unit = max((unit for unit in units if spelt[unit] == common), key=lambda unit: units[unit])
    return unit[:-1] if unit.endswith(".") and unit[:-1].isalpha() else unit


def _spelling(unit: str) -> str:
    """One spelling for all that mean the same unit: "km/h" for "kmh", "kg" for "Kg."."""
    return unit_spellings(unit.lower())[-1]


def nearly_all(read: int, rows: int, cells: Mapping[str, int]) -> bool:
    """Whether all cells but a few are read; see `number_cells`. `read` is how many of the different ones are, `rows` in
    how many rows those stand.
    """
    others, share = len(cells) - read, rows / sum(often for _, often in cells.items())
    if others <= FEW * len(cells):
        return share >= 0.5
    return others <= _MOST_OTHERS and share >= 1 - FEW


def _mostly_parts(parts: Mapping[str, Any], cells: Mapping[str, int]) -> bool:
    """Whether all cells but a few have parts of numbers."""
    return nearly_all(len(parts), sum(cells[cell] for cell in parts), cells)


def _mark(digits: list[str], likely: str, money: bool) -> str:
    """The decimal mark under which most of them are numbers; "" when there is no telling.

    14.303, 7.582 and 615 hardly have decimals, nor have prices that all have three of them.
    """
    forms = {mark: number_pattern(mark) for mark in (".", ",")}
    fits = {mark: sum(form.fullmatch(one) is not None for one in digits) for mark, form in forms.items()}
    if fits["."] != fits[","]:
        return max(fits, key=lambda mark: fits[mark])
    thousands = _between_thousands(digits) if any(fits.values()) else ""
    if likely:
        marked = [one for one in digits if "." in one or "," in one]
        threes = all(len(one.split(likely)[-1]) == 3 for one in marked if likely in one)
        doubtful = thousands == likely or (money and threes and any(likely in one for one in marked))
        return "" if doubtful and len(marked) >= _MANY else likely
    if thousands:
        return "." if thousands == "," else ","
    return "" if any("," in one or one.count(".") == 1 for one in digits) else "."


def _mark_beside(texts: Sequence[str], typed: Mapping[str, float], unit: str) -> str:
    """The decimal mark under which text is of the size of the numbers that a workbook has typed in the same column:
    "1,059" beside 1244 is a thousand; "" where there is no telling.
    """
    sizes = np.abs(list(typed.values())) if len(typed) >= _SEVERAL else np.zeros(0)
    if not sizes.any() or not texts:
        return ""
    away, many = {}, set()
    for mark in (".", ","):
        read = np.abs(cell_numbers(list(texts), {"decimal": mark, "unit": unit}).dropna().to_numpy(dtype=float))
        many.add(len(read))
        if not read.any() or len(many) > 1:
            return ""  # Only one of the marks fits.
        away[mark] = abs(np.log10(np.median(read[read > 0]) / np.median(sizes[sizes > 0])))
    near, far = sorted(away, key=lambda mark: away[mark])
    return near if away[near] < 1 <= away[far] - away[near] else ""


def mark_shown(frame: pd.DataFrame, decimals: Mapping[str, str], units: Mapping[str, str]) -> str:
    """The decimal mark that other columns of a file leave no doubt of; "" where they show none, or both.

    `decimals` is column -> the mark by which its text was read, `units` column -> its unit.
    """
    shown = {","} if "," in decimals.values() else set()
    for name, mark in decimals.items():
        if mark == "." and (
            units[name] in _WITH_POINT or frame[name].head(_GLANCE).astype("str").map(_shows_point).any()
        ):
            shown.add(".")
    for name in frame.columns if shown != {".", ","} else ():
        if pd.api.types.is_float_dtype(frame[name]):
            values = frame[name].head(_MOST_LOOKED_AT).dropna()
            if (values % 1 != 0).any() and values.nunique() >= _SEVERAL + 2:
                shown.add(".")
    return shown.pop() if len(shown) == 1 else ""


def _shows_point(cell: str) -> bool:
    """Whether the last mark of a number is a point with one, two or more than three digits behind it."""
    return re.search(r"\d\.(?:\d{1,2}|\d{4,})(?![\d.,])", cell) is not None


def _between_thousands(digits: list[str]) -> str:
    """The mark that stands between thousands only: three digits follow it in each of several numbers, and numbers below
    a thousand are whole; "" where there is no telling.
    """
    marks = {sign for one in digits for sign in one if sign in ".,"}
    marked = [one for one in digits if "." in one or "," in one]
    whole = [one for one in digits if one not in marked]
    small = whole and all(one.isdecimal() and len(one) <= 3 for one in whole)
    return marks.pop() if small and len(marks) == 1 and len(marked) >= _SEVERAL else ""


def _partly(unread: Mapping[str, int], read_rows: int, rows: int, cells: Mapping[str, int]) -> str:
    """What is said of a column of which many cells are numbers, but not enough; "" where few are, or little is lost
    because each word comes often.
    """
    if len(cells) - len(unread) < 0.5 * len(cells) or len(cells) < _MANY:
        return ""
    return f"numbers in {read_rows:,} of {rows:,} cells, and others like {next(iter(unread))[:40]}"


def _mixed_units(parts: Mapping[str, Mapping[str, str]], cells: Mapping[str, int]) -> str:
    """What is said of amounts of different units; "" where there are none."""
    with_digits = [found for found in parts.values() if found["digits"]]
    units = {found["unit"] for found in with_digits if found["unit"]}
    if not _mostly_parts(parts, cells) or not units:
        return ""
    # "12A" and "13B" are names; "12 DR" and "2.5 lakh" are amounts of something.
    amounts = all(found["gap"] or not found["unit"] for found in with_digits) and len(units) <= _FEW_UNITS
    if not amounts and not all(_KNOWN.fullmatch(unit) for unit in units):
        return ""
    none = ["no sign"] if any(not found["unit"] for found in with_digits) else []
    return f"amounts of different units ({', '.join([*sorted(units), *none])})"
