"""How the numbers of a column are written: which mark stands before decimals, which unit behind the digits, and whether
they are numbers at all. A telephone, a zip code and a version are written in digits, too, and stay words.
"""

import itertools
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.experiment.counts import count
from core.experiment.currencies import CURRENCIES
from core.tables.cell_compounds import is_of_two_units, two_units_of
from core.tables.cell_decimals import WITH_POINT, decimal_mark, mark_beside, mark_of_thousands
from core.tables.cell_doubts import doubt_of_fractions, doubt_of_numbers, is_open
from core.tables.cell_flags import ENDINGS, are_ordinals, flags_of, is_absent, letters_of
from core.tables.cell_form import CellForm, nearly_all
from core.tables.cell_numbers import (
    cell_numbers,
    fraction_of,
    number_text,
    plain_cells,
    unit_spellings,
)
from core.tables.cell_scales import is_rating, scale_of
from core.tables.cell_signs import signs_of
from core.tables.different_cells import blocks

_FACTORS = (
    r"[kKMB]|bn|mn|[Mm]io|[Mm]rd|[Tt]sd|thousand|million|billion|[Ll]akhs?|[Ll]acs?|[Cc]r(?:ores?)?|Mds?(?=\s?\u20ac)"
)
_TENS = "[\u4e07\u842c\ub9cc\u4ebf\u5104\uc5b5\u5343\ucc9c]"  # Of Chinese, Japanese and Korean.
_UNIT = r"(?:[%‰°¢\"'\u2033\u2032]|[^\W\d_])(?:[^\W\d_]|[./·%°^²³ \"]){0,15}(?:(?<=[^\W\d_])[23]|(?<=/)100 ?km)?"
_CELL = re.compile(
    rf"(?P<bound>[<>\u2264\u2265]=?)?\s*(?P<outer>(?:{CURRENCIES})\s*(?=\())?(?P<open>\()?\s*(?P<sign>[-+])?\s*"
    rf"(?P<before>{CURRENCIES}|%)?\.?\s*[-+]?\s*"
    rf"(?:(?P<digits>\d[\d.,'\u2019 ]*(?<=[\d.])|\d{{1,3}}(?:_\d{{3}})+|[.,]\d+)(?P<power>[eE][-+]?\d+)?(?P<gap>\s*)"
    rf"(?:(?P<factor>{_TENS}|(?:{_FACTORS})\.?(?![^\W\d_]|/))\s*)?(?P<after>[$€£¥₹₩₽₺₫₴₦₱₪฿](?:/{_UNIT})?|{_UNIT})?\s*-?|-+\s*(?P<last>{CURRENCIES}|%)?)\s*\)?"
)
_WITHOUT_CENTS = {"Rp", "IDR", "\u20ab", "VND", "\u20a9", "KRW", "\u00a5", "JPY", "CLP", "Ft", "HUF", "ISK", "PYG"}
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
_GLANCE, _MOST_LOOKED_AT = 200, 5_000  # Different cells.
_MANY = 10
_FEW_UNITS = 6  # Of amounts; more words behind digits are something else.
_FEWEST_UNITS = 0.1  # Of the numbers that have a unit; else those are slips among numbers without one.
_FEWEST_WORDS = 0.5  # Of those with a word that is no known unit: "0.24 Dividend" among prices is none.
_FEWEST_OPEN = 10  # Different numbers that all have an open end, as installations of programs have: 10,000+.
_EXACT = 18  # Digits of a whole number.


def number_cells(
    cells: Mapping[str, int],
    name: str,
    decimal: str = "",
    chosen: Mapping[str, Any] = {},
    typed: Mapping[str, float] = {},
    colons: bool = False,
) -> CellForm:
    """How the numbers of a column of words are written; `cells` is word -> how often it comes, without missing ones.

    `decimal` is the mark of the file's other numbers, where that is known; `chosen` are the fields that a person has
    decided, and with "as": "number" there it is only asked how they are written. `typed` are the cells that are numbers
    in a workbook already: they have no sign, and may be fractions beside percents. `colons` says that ":" stands in the
    place of missing ones.

    A column is one of numbers where at most a tenth of its different words, and at most half of its cells, are none;
    or where at most three different words, and a tenth of the cells, are none. So 300 prices and one "TBC", however
    often it comes, are numbers; "1", "2", "C536379" ... are not.
    """
    by_hand = chosen.get("as") == "number"
    glance = list(itertools.islice(cells, _GLANCE))
    if not typed and (signs := chosen.get("signs") or signs_of(glance)):
        return _signed(dict(cells.items()), name, decimal, chosen, tuple(signs))
    if not typed and (pair := chosen.get("parts") or two_units_of(cells, glance, name)):
        return _in_one_unit(dict(cells.items()), name, chosen, tuple(pair))
    if not typed and (scale := scale_of(glance)) and chosen.get("unit") in (None, scale):
        return _on_scale(dict(cells.items()), name, decimal, chosen, scale)
    if not by_hand and sum(_parts(cell) is not None for cell in glance) < 0.5 * len(glance):
        return CellForm()
    step = len(cells) // _MOST_LOOKED_AT + 1
    looked = dict(itertools.islice(cells.items(), 0, None, step))
    if not typed and are_ordinals(looked):
        return _ordinal(dict(cells.items()), name, decimal, chosen)
    if flags_of(looked, colons):
        return _flagged(dict(cells.items()), name, decimal, chosen, typed, flags_of(cells, True))
    parts = {cell: found for cell in looked if (found := _parts(cell)) and (found["digits"] or found["unit"])}
    if not by_hand and (doubt := doubt_of_fractions(cells)):
        return CellForm(doubt=doubt)
    digits = [found["digits"] for found in parts.values() if found["digits"]]
    opened = {cell: often for cell, often in looked.items() if cell in parts and is_open(cell)}
    if opened and not chosen.get("flags") and _are_lowest(parts):
        both = _plainly(dict(cells.items()), {"flags": "+-"}, name, decimal, chosen, typed)
        return replace(both, says=f"numbers with an open end like {next(iter(opened))}, read without their sign")
    ends = [cell for cell, found in parts.items() if found["digits"] and (found["bound"] or cell in opened)]
    if not by_hand and digits and len(ends) == len(digits) and len(opened) < _FEWEST_OPEN:
        return CellForm()  # "<=50K" and ">50K" are classes, and so are "13+" and "18+".
    if not by_hand and opened and len(digits) < _FEWEST_OPEN:
        return CellForm()  # "0", "1", "2" and "3+" are classes, too.
    if not digits or (not by_hand and _names_something(name, parts)):
        return CellForm()
    unit = chosen.get("unit")
    if unit is None:
        unit = _unit({cell: found for cell, found in parts.items() if cell not in typed}, looked)
    letter = len(unit) == 1 and unit.isalpha() and unit.isascii()
    if letter and any(found["factor"] and not found["unit"] for found in parts.values()):
        return CellForm(doubt=_mixed_units(parts, looked))  # Of rooms 100A and 100B the second is no billion.
    beside = mark_beside([cell for cell in parts if cell not in typed], typed, unit)
    likely, money = decimal or ("." if unit in WITH_POINT else ""), re.fullmatch(CURRENCIES, unit) is not None
    ours = {cell: found["digits"] for cell, found in parts.items() if found["unit"] in ("", unit) and found["digits"]}
    mark = (
        chosen.get("decimal")
        or beside
        or (_of_powers(parts) and ",")
        or (typed and decimal_mark([one for cell, one in ours.items() if cell not in typed], likely, money))
        or decimal_mark(list(ours.values()), likely, money)
        or (unit in _WITHOUT_CENTS and mark_of_thousands(list(ours.values())))
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
    inner: list[str] = []
    if opened and not by_hand and (inner := _inner(opened, parts, mark, unit)):
        unread |= {cell: cells[cell] for cell in inner}
    read_rows = rows - sum(unread.values())
    if not by_hand:
        if not nearly_all(len(cells) - len(unread), read_rows, cells):
            return CellForm(doubt=_mixed_units(parts, looked) or _partly(unread, read_rows, rows, cells))
        if doubt := doubt_of_numbers(cells, {*unread, *typed}, parts, bool(typed)):
            return CellForm(doubt=doubt)
    how = {"as": "number"} | ({"decimal": mark} if mark != "." else {}) | ({"unit": unit} if unit else {})
    how |= {"missing": inner} if inner else {}
    says = ""
    if unit == "%" and typed and max(map(abs, typed.values())) <= 1:
        how["fractions"] = True
        text = next(cell for cell in cells if cell not in unread and cell not in typed)
        number = max(typed, key=lambda cell: typed[cell])
        says = f"number cells like {number} beside text like {text}: the numbers are read as percentages, too"
    opened = {cell: often for cell, often in opened.items() if cell not in unread}
    if opened:
        cell = next(iter(opened))
        value = cell_numbers([cell], how).iloc[0]
        open_ends = (
            f"numbers with an open end like {cell} in {count(sum(opened.values()), 'cell')}, read as {value:,.10g}"
        )
        says = f"{says}; {open_ends}" if says else open_ends
    censored = {cell: looked[cell] for cell, found in parts.items() if found["bound"] and cell not in unread}
    if censored and chosen.get("censored") in (None, "missing"):
        unread |= censored
    return CellForm(how, unread, says=says)


def _signed(
    cells: Mapping[str, int], name: str, decimal: str, chosen: Mapping[str, Any], signs: tuple[str, str]
) -> CellForm:
    """How the numbers of a column are written of which marks say whether they are below 0."""
    found = _plainly(cells, {"signs": list(signs)}, name, decimal, {**chosen, "as": "number"})
    above, below = signs
    return replace(found, says=f"numbers with {above} or {below} beside them: those with {below} are negative")


def _in_one_unit(cells: Mapping[str, int], name: str, chosen: Mapping[str, Any], pair: tuple[str, str]) -> CellForm:
    """How the amounts of a column are written that are in two units each."""
    found = _plainly(cells, {"parts": list(pair)}, name, ".", {"unit": pair[0], **chosen, "as": "number"})
    first = next(filter(is_of_two_units, cells), next(iter(cells)))
    value = cell_numbers([first], found.how or {}).iloc[0]
    return replace(found, says=f"amounts in two units like {first}, read as one number in {pair[0]} ({value:.6g})")


def _on_scale(cells: Mapping[str, int], name: str, decimal: str, chosen: Mapping[str, Any], scale: str) -> CellForm:
    """How the ratings of a column are written that all end with the same scale."""
    plain = {cell: cell.removesuffix(scale).rstrip() for cell in cells}
    counts: Counter[str] = Counter()
    for cell, text in plain.items():
        counts[text] += cells[cell]
    found = number_cells(counts, name, decimal, {field: one for field, one in chosen.items() if field != "unit"})
    if found.how is None:
        return found
    unread = {cell: cells[cell] for cell, text in plain.items() if text in found.unread}
    return replace(found, how={**found.how, "unit": scale}, unread=unread)


def _ordinal(cells: Mapping[str, int], name: str, decimal: str, chosen: Mapping[str, Any]) -> CellForm:
    """How the numbers of a column are written that are ordinals."""
    found = _plainly(cells, {"flags": ENDINGS}, name, decimal, chosen)
    first = next(cell for cell in cells if cell[:1].isdecimal())
    says = f"ordinals like {first}, read as numbers"
    return replace(found, says=says) if found.how is not None else found


def _flagged(
    cells: Mapping[str, int],
    name: str,
    decimal: str,
    chosen: Mapping[str, Any],
    typed: Mapping[str, float],
    flags: Mapping[str, int],
) -> CellForm:
    """How the numbers of a column are written of which some have flags behind them."""
    absent = {cell: often for cell, often in cells.items() if is_absent(cell)}
    there = {cell: often for cell, often in cells.items() if cell not in absent}
    found = _plainly(there, {"flags": letters_of(flags)}, name, decimal, chosen, typed)
    shown = ", ".join(f"{flag} in {often:,}" for flag, often in list(flags.items())[:_FEW_UNITS])
    many = sum(flags.values())
    says = f"numbers followed by flags in {count(many, 'cell')} ({shown}), which are left out"
    return replace(found, says=says, unread={**found.unread, **absent}) if found.how is not None else found


def _plainly(
    cells: Mapping[str, int],
    marks: dict[str, Any],
    name: str,
    decimal: str,
    chosen: Mapping[str, Any],
    typed: Mapping[str, float] = {},
) -> CellForm:
    """How the numbers of a column are written without their marks, signs or flags; `marks` is the field of a
    `ColumnReading` that says what these are.
    """
    plain = dict(zip(cells, plain_cells(list(cells), marks), strict=True))
    counts: Counter[str] = Counter()
    for cell, text in plain.items():
        counts[text] += cells[cell]
    rest = {field: value for field, value in chosen.items() if field not in marks}
    found = number_cells(counts, name, decimal, rest, typed)
    if found.how is None:
        return found
    unread = {cell: cells[cell] for cell, text in plain.items() if text in found.unread}
    return replace(found, how={**found.how, **marks}, unread=unread)


def may_be_number(cell: str) -> bool:
    """Whether a cell is written like a number, with a unit or without one."""
    return _parts(cell) is not None or is_rating(cell)


def _parts(cell: str) -> dict[str, str] | None:
    """Digits, unit, and signs of a cell; None where it is no number with a unit."""
    text = number_text(cell)
    if fraction_of(text) == fraction_of(text):
        unit = "" if text[-1:].isdigit() else '"' if text[-1] in '"\u2033\u201d' else "in"
        return {"digits": "0", "unit": unit, "factor": "", "bound": "", "open": "", "sign": "", "power": "", "gap": ""}
    found = _CELL.fullmatch(text)
    if found is None or (found["open"] is not None) != cell.strip().endswith(")"):
        return None
    before, after = (
        (found["outer"] or "").strip() or found["before"] or "",
        (found["after"] or found["last"] or "").strip(),
    )
    money = after in ("m", "T", "tn", "trillion") and re.fullmatch(CURRENCIES, before) is not None
    if before and after and not money:
        return None
    if after.lower() in _CLOCKS:
        return None
    factor = after if money else found["factor"] or ""
    after = "" if money else after
    if factor in ("K", "B") and found["gap"] and not before + after:
        factor, after = "", factor  # "293 K" is a temperature, "45K" is not.
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


def _are_lowest(parts: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether a minus behind a number says "or less", as in the tables of a census beside "250,000+": none has one in
    front, and those that have one behind are below all others.
    """
    less = [cell for cell in parts if re.fullmatch(r"\D*\d[\d.,]*\s?-", cell.strip())]
    if not less or any(found["sign"] or found["open"] for found in parts.values()):
        return False
    numbers = cell_numbers([cell.strip().rstrip("- ") for cell in less], {})
    others = cell_numbers([cell for cell in parts if cell not in less], {})
    return bool(numbers.max() < others.min())


def _inner(opened: Mapping[str, int], parts: Mapping[str, Mapping[str, str]], mark: str, unit: str) -> list[str]:
    """The numbers with an open end beside which others are greater, as 3+ is beside 10: these are something else."""
    how = {"decimal": mark, "unit": unit, "censored": "bound"}
    closed = cell_numbers([cell for cell in parts if cell not in opened], how)
    ends = cell_numbers(list(opened), how)
    return [cell for cell, end in zip(opened, ends, strict=True) if end < closed.max()]


def _of_powers(parts: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether numbers with powers of ten are written with a decimal comma: 6,659E-06 has one digit in front of it."""
    digits = [found["digits"] for found in parts.values() if found["power"]]
    return any("," in one for one in digits) and all(re.fullmatch(r"\d(?:,\d+)?", one) for one in digits)


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
    cents = sum(re.search(r"\d[.,]\d\d$", found["digits"]) is not None for found in parts.values())
    words = set(re.sub(r"([a-z])([A-Z])", r"\1 \2", name).lower().replace("_", " ").replace("-", " ").split())
    if cents > 0.5 * len(parts) and not words & {"version", "ip"}:  # What is on an account is no number of one.
        return False
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
    for unit, times in units.items():
        together[spelt[unit]] += times
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


def _mostly_parts(parts: Mapping[str, Any], cells: Mapping[str, int]) -> bool:
    """Whether all cells but a few have parts of numbers."""
    return nearly_all(len(parts), sum(cells[cell] for cell in parts), cells)


def _partly(unread: Mapping[str, int], read_rows: int, rows: int, cells: Mapping[str, int]) -> str:
    """What is said of a column of which many cells are numbers, but not enough; "" where few are, or little is lost
    because each word comes often.
    """
    if len(cells) - len(unread) < 0.5 * len(cells) or len(cells) < _MANY:
        return ""
    return f"numbers in {read_rows:,} of {rows:,} cells, and text like {next(iter(unread))[:40]} in others"


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
