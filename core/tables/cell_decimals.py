"""Which mark stands before the decimals of a column's numbers, and which between thousands."""

import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from core.tables.cell_numbers import cell_numbers, number_pattern

# Signs of money whose countries write a decimal point.
WITH_POINT = {"$", "£", "US$", "USD", "GBP", "¥", "JPY", "CNY", "₩", "KRW", "₹", "INR", "Rs", "฿", "THB", "₱", "₪"}
WITH_POINT |= {"\u5186", "\u5143", "\uc6d0", "A$", "C$", "AU$", "CA$", "HK$", "NZ$", "AUD", "CAD", "HKD", "NZD", "SGD"}
_GLANCE, _MOST_LOOKED_AT = 200, 5_000  # Different cells.
_SEVERAL, _MANY = 3, 10
_NEARLY = 0.9


def decimal_mark(digits: list[str], likely: str, money: bool) -> str:
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


def mark_of_thousands(digits: list[str]) -> str:
    """The mark before decimals where the other one stands before three digits in each number that has one, of money
    that has no cents: "," of 30.500 rupiah; "" where some have both or others.
    """
    marks = {sign for one in digits for sign in one if sign in ".,"}
    groups = all(re.fullmatch(r"\d{1,3}(?:[.,]\d{3})*", one) for one in digits)
    return ({".": ",", ",": "."}[marks.pop()]) if len(marks) == 1 and groups else ""


def mark_beside(texts: Sequence[str], typed: Mapping[str, float], unit: str) -> str:
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


def of_other_mark(cells: Iterable[str], decimal: str) -> tuple[list[str], str]:
    """Numbers of a column that may have the other decimal mark, 6.620 among 2,810 and 0,457, and one of the others: all
    numbers with decimals have three of them and none has thousands, so that 6.620 is hardly six thousand.
    """
    other = "," if decimal == "." else "."
    marked, grouped = [], []
    for cell in cells:
        digits = "".join(re.findall(r"[\d.,]", cell))
        if decimal in digits:
            if not re.fullmatch(rf"\d{{1,3}}{re.escape(decimal)}\d{{3}}", digits):
                return [], ""
            marked.append(cell)
        elif re.fullmatch(rf"\d{{1,3}}{re.escape(other)}\d{{3}}", digits):
            grouped.append(cell)
        elif len(digits) > 3:
            return [], ""
    return (grouped, marked[0]) if len(marked) >= max(_SEVERAL, len(grouped)) else ([], "")


def both_marks(cells: Sequence[str]) -> tuple[list[str], list[str]]:
    """The numbers of a column with a decimal comma and those with a decimal point, where nearly all are one of these or
    whole, and no mark may stand between thousands; else none.
    """
    commas = [cell for cell in cells if re.fullmatch(r"\D*\d+,(?:\d{1,2}|\d{4,})\D*", cell)]
    points = [cell for cell in cells if re.fullmatch(r"\D*\d+\.(?:\d{1,2}|\d{4,})\D*", cell)]
    whole = sum(re.fullmatch(r"\D*\d+\D*|\D*\d+[.,]\d{3}\D*", cell) is not None for cell in cells)
    enough = commas and points and len(commas) + len(points) + whole >= _NEARLY * len(cells)
    return (commas, points) if enough and len(commas) + len(points) > whole else ([], [])


def mark_shown(frame: pd.DataFrame, decimals: Mapping[str, str], units: Mapping[str, str]) -> str:
    """The decimal mark that other columns of a file leave no doubt of; "" where they show none, or both.

    `decimals` is column -> the mark by which its text was read, `units` column -> its unit.
    """
    shown = {","} if "," in decimals.values() else set()
    for name, mark in decimals.items():
        if mark == "." and (
            units[name] in WITH_POINT or frame[name].head(_GLANCE).astype("str").map(_shows_point).any()
        ):
            shown.add(".")
    for name in frame.columns if shown != {".", ","} else ():
        if pd.api.types.is_float_dtype(frame[name]):
            values = frame[name].head(_MOST_LOOKED_AT).dropna()
            if (values % 1 != 0).any() and values.nunique() >= _SEVERAL + 2:
                shown.add(".")
    return shown.pop() if len(shown) == 1 else ""


def _shows_point(cell: str) -> bool:
    """Whether the last mark of a number is a point with one, two or more than three digits behind it, or a 0 alone
    before it.
    """
    return re.search(r"\d\.(?:\d{1,2}|\d{4,})(?![\d.,])|(?<![\d.,])0\.\d", cell) is not None


def _between_thousands(digits: list[str]) -> str:
    """The mark that stands between thousands only: three digits follow it in each of several numbers, and numbers below
    a thousand are whole; "" where there is no telling.
    """
    marks = {sign for one in digits for sign in one if sign in ".,"}
    marked = [one for one in digits if "." in one or "," in one]
    whole = [one for one in digits if one not in marked]
    small = whole and all(one.isdecimal() and len(one) <= 3 for one in whole)
    return marks.pop() if small and len(marks) == 1 and len(marked) >= _SEVERAL else ""
