"""Amounts written with their signs: $1,234.50, 12 %, 1.234,50 EUR, (1,200). They are numbers, once it is clear what
their marks mean.

    found = amount_columns(frame)                  the columns, their marks and units, and what is to be said
    frame = with_amounts(frame, found.marks)       numbers in their place

The printed program carries `with_amounts` and `amounts`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

from core.tables.reading import columns_hold, number_form

_UNITS = r"US\$|[$€£¥₹₩₽₺]|USD|EUR|GBP|CHF|JPY|CNY|INR|SEK|NOK|DKK|PLN|kr|zł|Fr\."
_AMOUNT = re.compile(
    rf"\(?\s*[-+\u2212]?\s*(?P<before>{_UNITS})?\s*[-+\u2212]?\s*(?P<digits>\d[\d.,'\u2019\s]*)(?<=\d)\s*(?P<after>{_UNITS}|%)?\s*\)?"
)
# As spreadsheets show 0; alone it is a missing cell.
_NOTHING = re.compile(rf"(?P<before>{_UNITS})?\s*[-\u2013\u2014]+\s*(?P<after>{_UNITS}|%)?")
_POINT = re.compile(number_form(r",'\u2019\s", "."))  # 1,234.56
_COMMA = re.compile(number_form(r".'\u2019\s", ","))  # 1.234,56
_WITH_POINT = {"$", "£", "US$", "USD", "GBP"}
_GLANCE = 50


def with_amounts(table: pd.DataFrame, marks: dict[str, str]) -> pd.DataFrame:
    """The table with numbers in the place of amounts; `marks` is column -> decimal mark."""
    return table.assign(**{name: amounts(table[name], mark) for name, mark in marks.items()})


def amounts(column: pd.Series, mark: str) -> pd.Series:
    """Amounts like "$1,234.50", "(12 %)" or "1.234,50 EUR" as numbers; in brackets they are negative, and
    "$ -" is 0.
    """
    text = column.str.replace(r"kr\.?|Fr\.", "", regex=True)
    digits = text.str.replace(rf"[^0-9{mark}]", "", regex=True).str.replace(mark, ".")
    values = pd.to_numeric(digits, errors="coerce").astype("float64")
    values = values.mask((digits == "") & text.str.contains("[^\\s\u2013\u2014-]", na=False), 0.0)
    below = text.str.contains("\\(|[-\u2212]\\D*\\d", na=False)
    return values.where(~below, -values)


@dataclass
class Amounts:
    """What was found out of a table.

    Attributes:
        marks: Column of amounts -> its decimal mark.
        units: Column of amounts -> the sign that its cells have: "$", "%", "kr".
        notes: Sentences for the person.
    """

    marks: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def amount_columns(frame: pd.DataFrame, decimal: str = "") -> Amounts:
    """The columns of words that are amounts of one unit; `decimal` is the mark of the file's other numbers, where that
    is known.
    """
    found, examples = Amounts(), []
    for name, dtype in frame.dtypes.items():
        if isinstance(dtype, pd.StringDtype) and (cells := _cells(frame[name])):
            _look(str(name), cells, decimal, found)
            examples += [next(cell for cell in cells if cells[cell]["digits"])] if str(name) in found.marks else []
    if examples:
        found.notes.append(
            f"{columns_hold(list(found.marks))} amounts like {examples[0]}, read as numbers without their signs."
        )
    return found


def _cells(column: pd.Series) -> dict[str, dict[str, str]]:
    """The different cells of a column and their parts; {} unless all of them are amounts, and some have digits."""
    present = column.dropna()
    if not all(map(amount_parts, present.head(_GLANCE))):
        return {}
    told = {cell.strip(): amount_parts(cell) for cell in present.unique()}
    cells = {cell: parts for cell, parts in told.items() if parts}
    return cells if len(cells) == len(told) and any(parts["digits"] for parts in cells.values()) else {}


def _look(name: str, cells: dict[str, dict[str, str]], decimal: str, found: Amounts) -> None:
    units, digits = (
        {parts["unit"] for parts in cells.values()},
        [parts["digits"] for parts in cells.values() if parts["digits"]],
    )
    if not _written_as_amounts(cells, digits, units):
        return
    if len(units - {""}) > 1 or {"%", ""} <= {parts["unit"] for parts in cells.values() if parts["digits"]}:
        kinds = ", ".join(sorted(unit or "no sign" for unit in units))
        found.notes.append(
            f"Column {name!r} has amounts of different units ({kinds}) and is treated as words: convert it to one unit."
        )
    elif mark := _mark(digits, decimal or ("." if units & _WITH_POINT else "")):
        found.marks[name] = mark
        if unit := max(units):
            found.units[name] = unit
    else:
        cell = next(cell for cell in cells if "," in cell or "." in cell)
        may = "may mean thousands or decimals, and are read as words: write them with a decimal point"
        found.notes.append(f"Column {name!r} holds amounts like {cell}, which {may}.")


def amount_parts(cell: str) -> dict[str, str] | None:
    """The digits of an amount, "" of a lone dash, and its unit; None for what is no amount."""
    cell = cell.strip()
    match = _AMOUNT.fullmatch(cell) or _NOTHING.fullmatch(cell)
    if match is None or cell.startswith("(") != cell.endswith(")") or (match["before"] and match["after"]):
        return None
    return {"digits": match.groupdict().get("digits", ""), "unit": match["before"] or match["after"] or ""}


def _written_as_amounts(cells: Iterable[str], digits: list[str], units: set[str]) -> bool:
    """Whether there is a sign, or brackets or gaps that only amounts have: "(12)" alone may be a footnote, "555 123" a
    telephone.
    """
    bracketed = sum(cell.startswith("(") for cell in cells)
    gaps = any(re.search(r"[\s'\u2019]\d", one) for one in digits) and any(
        re.search(r"[.,]\d{1,2}$", one) for one in digits
    )
    return bool(units - {""}) or 0 < bracketed < len(digits) or gaps


def _mark(digits: list[str], likely: str) -> str:
    """The decimal mark under which all of them are numbers; "" when there is none, or no telling."""
    marks = [mark for mark, form in ((".", _POINT), (",", _COMMA)) if all(map(form.fullmatch, digits))]
    if len(marks) < 2:
        return "".join(marks)
    plain = not any("." in one or "," in one for one in digits)
    return "." if plain else likely
