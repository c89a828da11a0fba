"""Cells to numbers, however they are written: "1 234.5", "(1,200)", "12-", "45.1K", "31.2 kg", "<0.05".

The printed program carries the source of the functions it needs.
"""

import math
import re
import unicodedata
from typing import Any

import numpy as np
import pandas as pd


def cell_numbers(cells: list[Any], how: dict[str, Any]) -> pd.Series:
    """Floats; whole numbers where every cell is a plain whole number."""
    cells = plain_cells(cells, how)
    values = ordinary_numbers(cells, how.get("decimal", "."), how.get("unit", ""))
    form, after = number_pattern(how.get("decimal", "."), how.get("unit", "")), how.get("censored", "missing")
    for at in np.flatnonzero(np.isnan(values)).tolist():
        cell = cells[at]
        if isinstance(cell, str):
            values[at] = number_of(cell, form, how.get("decimal", "."), after)
        elif isinstance(cell, int | float | np.number) and not isinstance(cell, bool | np.bool_):
            values[at] = float(cell) * (100 if how.get("fractions") else 1)
    if cells and all(isinstance(cell, str) and re.fullmatch("-?[0-9]{1,18}", cell.strip()) for cell in cells):
        return pd.Series([int(cell) for cell in cells], dtype="int64")
    return pd.Series(values, dtype="float64")


def plain_cells(cells: list[Any], how: dict[str, Any]) -> list[Any]:
    """Cells with one number each: with signs in the place of marks, without flags, and of two units in the first."""
    cells = signed_cells(cells, how["signs"]) if how.get("signs") else cells
    cells = cells_without_flags(cells, how["flags"]) if how.get("flags") else cells
    return cells_in_one_unit(cells, *how["parts"]) if how.get("parts") else cells


def cells_without_flags(cells: list[Any], flags: str) -> list[Any]:
    """Cells without the letters behind their number: of "bep" "1234.5 e" becomes "1234.5", "7bp" "7"."""
    form = re.compile(rf"([-+]?[0-9][0-9.,' ]*?)\s*[{re.escape(flags)}]{{1,4}}")
    found = [form.fullmatch(cell_text(cell)) if isinstance(cell, str) else None for cell in cells]
    return [parts[1] if parts else cell for cell, parts in zip(cells, found, strict=True)]


def cells_in_one_unit(cells: list[Any], first: str, second: str) -> list[Any]:
    """Cells of two units as numbers in the first one: of ("ft", "in") "5 ft 6 in", 5'6" and 5-6 become "5.5", of
    ("w", "d") "38w5d", "38+5" and "38 5/7" weeks and days, of ("°", "'") 53°30'18"S becomes "-53.505".
    """
    if first == "\u00b0":
        degrees = [degrees_of(cell_text(cell)) if isinstance(cell, str) else math.nan for cell in cells]
        return [cell if one != one else f"{one:.12g}" for cell, one in zip(cells, degrees, strict=True)]
    names = {
        "ft": "(?:ft|feet|foot|['\u2032\u2019])-?|-",
        "in": "in|inch(?:es)?|[\"\u2033\u201d]|''",
        "st": "st|stones?",
    }
    names |= {"y": "y|yrs?|years?|j|jahre?|ans?|a\u00f1os?", "mo": "m|mos?|mths?|months?|mon|monate?|mois|mes(?:es)?"}
    names |= {"w": r"w|wks?|weeks?|ssw|\+|(?=[0-6]/7)", "d": "d|days?|/7"}
    names |= {"lb": "lbs?|pounds?", "oz": "oz|ounces?", "m": "m", "cm": "cm", "kg": "kg", "g": "g", "km": "km"}
    sizes = {("ft", "in"): 12, ("lb", "oz"): 16, ("st", "lb"): 14, ("m", "cm"): 100, ("kg", "g"): 1000}
    size = (sizes | {("km", "m"): 1000, ("y", "mo"): 12, ("w", "d"): 7})[first, second]
    # 5'11, 5 ft 11, 5-11, 1m80 and 38+5 have no second unit; ft2 is an area, 2020M04 a month.
    short = {("ft", "in"): r"(?<=['\u2032\u2019 -])[0-9]{1,2}(?:\.[0-9]{1,2})?", ("m", "cm"): "(?<=[m ])[0-9]{2}"}
    short |= {("w", "d"): r"(?<=\+)[0-6]"}
    bare = rf"|(?P<bare>{short[first, second]})" if (first, second) in short else ""
    smaller = "[0-9]+(?:[.,][0-9]+)?|(?:[0-9]+[ -])?[0-9]{1,2}/[0-9]{1,2}"
    form = re.compile(
        rf"(?P<sign>-?)(?P<large>[0-9]+)\s*(?:{names[first]})\.?"
        rf"(?:[\s,]*(?:(?P<small>{smaller})\s*(?:{names[second]})\.?{bare}))?",
        re.IGNORECASE,
    )
    values: list[Any] = []
    for cell in cells:
        found = form.fullmatch(number_text(cell).strip()) if isinstance(cell, str) else None
        short_part = found["bare"] if found and bare else None
        if found is None or (short_part and first == "m" and len(found["large"]) > 1):
            values.append(cell)
            continue
        small_part = (found["small"] or short_part or "0").replace(",", ".")
        small = fraction_of(small_part) if "/" in small_part else float(small_part)
        amount = f"{found['sign']}{float(found['large']) + small / size:.15g}"
        values.append(amount if small < size else cell)
    return values


def degrees_of(text: str) -> float:
    """The degrees of "53°11'22.5\"N", "S 12° 5.25'" or "-53.2°", below 0 in the south and west; NaN for all else."""
    minute, second = "['\u2032\u2019\u00b4]", "(?:[\"\u2033\u201d\u201c]|''|\u2032\u2032|\u2019\u2019)"
    found = re.fullmatch(
        rf"(?:([NSEW])\s*)?([-+\u2212]?)(\d{{1,3}}(?:[.,]\d+)?)\s*[\u00b0\u00ba\u02da]\s*"
        rf"(?:(\d{{1,2}}(?:[.,]\d+)?)\s*{minute}\s*(?:(\d{{1,2}}(?:[.,]\d+)?)\s*{second}\s*)?)?(?:([NSEW])\.?)?",
        text,
        re.IGNORECASE,
    )
    if found is None or (found[1] and found[6]) or (found[2] and (found[1] or found[6])):
        return math.nan
    degrees, minutes, seconds = (float((part or "0").replace(",", ".")) for part in found.group(3, 4, 5))
    finer = (found[4] and degrees % 1) or (found[5] and minutes % 1)
    if finer or minutes >= 60 or seconds >= 60 or degrees > 360:
        return math.nan
    below = found[2] in ("-", "\u2212") or (found[1] or found[6] or "").upper() in ("S", "W")
    value = degrees + minutes / 60 + seconds / 3600
    return -value if below else value


def signed_cells(cells: list[Any], signs: list[str]) -> list[Any]:
    """Cells with a sign in the place of a mark behind or before their number: of ("CR", "DR") "1,200 DR" becomes
    "-1,200", of ("N", "S") "53.11°S" "-53.11°".
    """
    marks = "|".join(map(re.escape, signs))
    form = re.compile(
        rf"(?:(?P<before>{marks})\.?\s*)?(?P<number>[^-(]*?\d[^-(]*?)\s*(?P<behind>(?:{marks})\.?)?", re.I
    )
    found = [form.fullmatch(cell_text(cell)) if isinstance(cell, str) else None for cell in cells]
    below, signed = signs[1].lower(), []
    for cell, parts in zip(cells, found, strict=True):
        mark = (parts["before"] or parts["behind"] or "").rstrip(".").lower() if parts else ""
        both = parts and parts["before"] and parts["behind"]
        signed.append(cell if parts is None or not mark or both else f"{'-' if mark == below else ''}{parts['number']}")
    return signed


def ordinary_numbers(cells: list[Any], decimal: str, unit: str) -> np.ndarray:
    """The numbers of text in the most usual form, "1,234.5 kg", all read at once; NaN for all else."""
    texts = pd.Series([cell if isinstance(cell, str) else None for cell in cells], dtype="str")
    group, of = re.escape("," if decimal == "." else "."), f"({re.escape(unit)})?" if unit else ""
    form = rf"-?{of}([1-9][0-9]{{0,2}}({group}[0-9]{{3}})+|[0-9]+)({re.escape(decimal)}[0-9]+)? ?{of}"
    usual = texts.str.fullmatch(form).fillna(False).astype(bool)
    digits = texts.where(usual)
    digits = digits.str.replace(unit, "", regex=False) if unit else digits  # The 2 of m2 is no digit of the number.
    digits = digits.str.replace(rf"[^0-9{re.escape(decimal)}-]", "", regex=True)
    digits = digits.str.replace(decimal, ".", regex=False)
    return pd.to_numeric(digits, errors="coerce").to_numpy(dtype="float64", na_value=np.nan, copy=True)


def number_pattern(decimal: str = ".", unit: str = "") -> re.Pattern[str]:
    """The regular expression of a number: one mark between thousands, `decimal` before decimals, the unit behind its
    digits or before them.
    """
    point, other = re.escape(decimal), re.escape("," if decimal == "." else ".")
    group = rf"[ '\u2019_{other}]"
    whole = (
        rf"(?:[1-9]\d{{0,2}}(?P<group>{group})\d{{3}}(?:(?P=group)\d{{3}})*|[1-9]\d?(?:{other}\d\d)+{other}\d{{3}}|\d+)"
    )
    digits = rf"(?:{whole}(?:{point}\d*)?|{point}\d+)(?:[eE][-+]?\d+)?"
    factors = r"[kKMB]|bn|mn|[Mm]io|[Mm]rd|[Tt]sd|thousand|million|billion|[Ll]akhs?|[Ll]acs?|[Cc]r(?:ores?)?"
    factors += "|Mds?(?=\\s?\u20ac)"
    factors += "|[\u4e07\u842c\ub9cc\u4ebf\u5104\uc5b5\u5343\ucc9c]"
    signs = "$\u20ac\u00a3\u00a5\u20b9\u20a9\u20bd\u20ba"
    is_unit = re.fullmatch(factors, unit, re.IGNORECASE) is not None
    factors = "(?!)" if is_unit else factors + ("|m|T|tn|trillion" if unit and unit[-1] in signs else "")
    several = "|".join(map(re.escape, unit_spellings(unit)))
    if len(unit) > 2 and unit.endswith("s") and unit.isalpha():
        several = f"{re.escape(unit[:-1])}s?"
    of = rf"(?i:{several})\.?" if unit else "(?!)"
    return re.compile(
        rf"(?P<bound>[<>\u2264\u2265]=?)?\s*(?P<outer>{of})?\s*(?P<open>\()?\s*(?P<sign>[-+])?\s*(?P<before>{of})?\s*"
        rf"(?P<inner>[-+])?\s*"
        rf"(?:(?P<digits>{digits})\s*(?P<factor>(?:{factors})\.?(?![a-z]))?\s*(?P<after>{of})?\s*(?P<behind>-)?"
        rf"|(?P<nothing>-+)\s*(?P<last>{of})?)\s*(?P<close>\))?"
    )


def unit_spellings(unit: str) -> list[str]:
    """The spellings of a unit that certainly mean the same, without a last point and in small letters but for the
    unit's own; the longest first: "sq. ft." -> "sq. ft", "sq ft", "sq.ft", "sqft", "ft^2", "ft2", "ft²".
    """
    own = unit.removesuffix(".") if unit[:-1].isalpha() else unit
    speeds = ("km/h", "kmh", "km/hr", "kph"), ("mph", "mi/h"), ("m/s", "m/sec")
    plain = unit.lower().removesuffix(".")
    same = next((list(speed) for speed in speeds if plain in speed), [])
    for length in ("mm", "cm", "km", "m", "in", "ft", "yd", "mi"):
        area = [f"{length}2", f"{length}²", f"{length}^2"]
        if length in ("m", "ft", "in", "yd", "mi", "km"):
            area += [f"sq. {length}", f"sq.{length}", f"sq {length}", f"sq{length}"]
        volume = [f"{length}3", f"{length}³", f"{length}^3"]
        same = next((one for one in (area, volume) if plain in one), same)
    return sorted({own, *same}, key=lambda one: (-len(one), one))


def number_of(cell: str, form: re.Pattern[str], decimal: str = ".", censored: str = "missing") -> float:
    """The number that a cell means, NaN where it means none.

    "1 234.5" -> 1234.5, "(1,200)" -> -1200, "12-" -> -12, "45.1K" -> 45100, "$ -" -> 0, "1 1/2" -> 1.5; of
    "<0.05" the bound or half of it, as `censored` says.
    """
    text = number_text(cell)
    found = form.fullmatch(text)
    if found is None and "/" in text:
        return fraction_of(text)
    if found is None or (found["open"] is None) != (found["close"] is None):
        return math.nan
    unit = found["outer"] or found["before"] or found["after"] or found["last"]
    if found["digits"] is None:  # As spreadsheets show 0; alone it is a missing cell.
        return 0.0 if unit else math.nan
    signs = [found[sign] for sign in ("sign", "inner", "behind") if found[sign]]
    if len(signs) + (found["open"] is not None) > 1 or (found["bound"] and censored == "missing"):
        return math.nan
    digits = re.sub(rf"[^0-9eE+\-{decimal}]", "", found["digits"]).replace(decimal, ".")
    value = float(digits)
    if found["factor"]:
        zeros = dict.fromkeys(("k", "tsd", "thousand", "\u5343", "\ucc9c"), 3)
        zeros |= dict.fromkeys(("b", "bn", "mrd", "billion"), 9) | dict.fromkeys(("\u4ebf", "\u5104", "\uc5b5"), 8)
        zeros |= dict.fromkeys(("\u4e07", "\u842c", "\ub9cc"), 4) | dict.fromkeys(("lakh", "lac"), 5)
        zeros |= dict.fromkeys(("t", "tn", "trillion"), 12)
        zeros |= dict.fromkeys(("cr", "crore"), 7) | dict.fromkeys(("md", "mds"), 9)
        name = found["factor"].rstrip(".").lower()
        power = zeros.get(name, zeros.get(name.removesuffix("s"), 6))
        value = float(f"{digits}e{power}") if "e" not in digits.lower() else value * 10**power  # 8.2e6 is exact.
    if found["bound"] and found["bound"][0] in "<\u2264" and censored == "half":
        value /= 2
    return -value if found["open"] or "-" in signs else value


def number_text(cell: str) -> str:
    """A cell in ASCII where it writes digits, minus signs, blanks, points and fractions of another script, without what
    may stand around a number: "~5.5*" -> "5.5", "1'200.\u2013" and "1.200,- €" (no cents) -> "1'200" and "1.200 €";
    signs as wide as Chinese ones become narrow, and the one sign \u2103 becomes "°C".
    """
    text = cell_text(cell)
    if not text.isascii():
        marks = {
            "\u2212": "-",
            "\u2013": "-",
            "\u2014": "-",
            "\uff0d": "-",
            "\u066b": ".",
            "\u066c": "'",
            "\u02bc": "'",
        }
        marks |= {"\u2044": "/", "\u2248": "~"}
        text = re.sub(
            "(?<=10)[\u207a\u207b]?[\u2070\u00b9\u00b2\u00b3\u2074-\u2079]+$",
            lambda power: "^" + unicodedata.normalize("NFKC", power[0]),
            text,
        )
        text = re.sub("[\u00bc-\u00be\u2150-\u215e]", lambda sign: " " + unicodedata.normalize("NFKC", sign[0]), text)
        text = re.sub(
            "[\u2103\u2109\u3371-\u33df\uff01-\uff5e\uffe0-\uffe6]",
            lambda sign: unicodedata.normalize("NFKC", sign[0]),
            text,
        )
        text = re.sub(r"(?<=\d)(?<!\b10)[\u00b9\u00b2\u00b3\u2074-\u2079]$", "", text.strip())
        text = "".join(
            str(unicodedata.decimal(sign)) if sign.isdecimal() else " " if sign.isspace() else marks.get(sign, sign)
            for sign in text
        )
    if "D" in text:  # As Fortran writes powers of ten.
        text = re.sub(r"(?<=\d)D(?=[-+]\d{2,3}$)", "e", text)
    if text[-1:].isalpha() and any(sign in text for sign in "$\u20ac\u00a3"):
        text = rate_text(text)
    if "10^" in text:
        text = re.sub(r"(?<=\d)\s*[x*\u00d7\u00b7]\s*10\^\(?([-+]?\d{1,2})\)?$", r"e\1", text)
    if text[:1] == "\u00a5":  # The last sign of ¥1,234- ends the amount.
        text = re.sub(r"(?<=\d)\s*[-\u30fc\u2015]$", "", text)
    if text[:1] == "'":  # As a spreadsheet marks text.
        text = text[1:]
    if text[:1] in "fad\u00e0" and any(sign in text for sign in "$\u20ac\u00a3"):  # The least of several prices.
        text = re.sub(r"^(?:from|ab|\u00e0 partir de|a partir de|desde|da)\s+(?=[$\u20ac\u00a3\d])", "", text)
    if text[:1] in "~caeAE":
        text = re.sub(
            r"^(?:~|ca?\.|ca(?= )|(?i:approx\.?|about|around|etwa|env\.|environ)(?= ))\s*(?=[-+\d.,])", "", text
        )
    if text[-1:].islower() or "+" in text or text[:1].isalpha():
        text = closed_text(text)
    if text[-1:] in "*\u2020\u2021]":
        text = re.sub(r"(?<=[\w%)])\s*(?:\*+|[\u2020\u2021]+|\[(?:\d{1,2}|[a-z])\])$", "", text)
    if ".-" in text or ",-" in text or "/-" in text:
        text = re.sub(r"(?<=\d)(?:[.,]-{1,2}|/-)(?![\d-])", "", text)
    return text


def closed_text(text: str) -> str:
    """The least number of an open range, "90+", "10+ years", "85 and over", "$1M+" -> "90", "10 years", "85", "$1M";
    "less than 5" becomes "<5", "over 60" ">60". All else stays as it is.
    """
    more = r"(?:and|or|&) (?:over|older|above|more|up)|plus|und (?:mehr|\u00e4lter)|oder (?:mehr|\u00e4lter)"
    more += r"|et (?:plus|\+)|y m[a\u00e1]s|e pi\u00f9|en (?:meer|ouder)|of meer"
    text = re.sub(rf"(?<=\d)\s?\+(?=$| [^\W\d_]{{2,}}\.?$)|(?<=\d[kKMm])\+$|(?<=\w\w)\+$|(?<=\w) (?:{more})$", "", text)
    less = r"under|less than|fewer than|below|unter|weniger als|moins de|menos de|meno di|minder dan"
    text = re.sub(rf"(?i)^(?:{less}) (?=[$\u20ac\u00a3\d])", "<", text)
    return re.sub(
        r"(?i)^(?:over|more than|above|\u00fcber|mehr als|plus de|m[a\u00e1]s de|meer dan) (?=[$\u20ac\u00a3\d])",
        ">",
        text,
    )


def rate_text(text: str) -> str:
    """An amount of money for a time or a piece, its sign behind it: "$370 / night", "$370 per night" -> "370 $/night",
    "\u20ac3,177 pcm" -> "3,177 \u20ac/pcm".
    """
    of = r"(?:(?:/ ?|(?:per|pro|par|al|a) )([^\W\d_]{1,10})|(p[cpw]?[mwa]))"
    return re.sub(
        rf"^([-+]?)((?:US|AU|CA|NZ)?[$\u20ac\u00a3]) ?(\d[\d.,]*) ?{of}$",
        lambda found: f"{found[1]}{found[3]} {found[2]}/{found[4] or found[5]}",
        text,
    )


def fraction_of(text: str) -> float:
    """The number that "1 1/2", "3/4", "1 1/2\"" or "-2 3/8" means; NaN for other text, and for "120/80" or "1/1"."""
    found = re.fullmatch(
        r"(-)?(?:(\d+)[ -])?(\d{1,2})/(\d{1,2})(?: ?(?:[\"\u2033\u201d]|in\.?|inch(?:es)?))?", text.strip()
    )
    if (
        found is None
        or not 0 < int(found[3]) < int(found[4])
        or int(found[4]) not in (2, 3, 4, 5, 6, 8, 10, 12, 16, 32, 64)
    ):
        return math.nan
    value = int(found[2] or 0) + int(found[3]) / int(found[4])
    return -value if found[1] else value


def cell_text(cell: Any) -> str:
    """A cell as text without blanks around it: 7.0, as a workbook has it, is "7"."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    if isinstance(cell, str) and cell[:2] == '="' and cell[-1:] == '"':  # Text as a spreadsheet's formula.
        cell = cell[2:-1]
    text = str(cell).strip()
    text = text.strip("\0 ") if "\0" in text else text  # Zeros fill up fields of fixed length.
    return text if text.isascii() else text.strip("\ufeff\u200b\u200e\u200f").strip()
