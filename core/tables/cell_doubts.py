"""Why cells that could be read as numbers may be none: notes in brackets, telephone numbers, scores and dates."""

import re
from collections.abc import Iterable, Mapping

from core.tables.cell_numbers import cell_text, closed_text, fraction_of, number_text

_ROUND = 0.5  # Of prices so many end in 0; of telephone numbers a tenth.


def doubt_of_numbers(
    cells: Iterable[str], without: set[str], parts: Mapping[str, Mapping[str, str]], typed: bool = False
) -> str:
    """Why numbers that could be read may be none: the end of a sentence, or "" where there is no doubt. The numbers are
    all cells but those without which it is looked at. Beside numbers that a workbook has `typed`, brackets mean a minus
    unless they hold small whole numbers, as notes have.
    """
    found = [one for cell, one in parts.items() if cell not in without]
    if not found:
        return ""
    if any(one["unit"] or one["factor"] for one in found):
        share = sum(not one["unit"] and bool(one["digits"]) for one in found) / len(found)
        percent = any(one["unit"] == "%" for one in found)
        return "amounts of different units (%, no sign)" if percent and share else ""
    amounts = typed and any(re.search(r"\d[.,]\d|\d{3}", one["digits"]) for one in found)
    if all(one["open"] for one in found) and not amounts:
        return "numbers that are all in brackets, which may be notes"
    spaced = (cell for cell in cells if (" " in cell or not cell.isascii()) and cell not in without)
    first = next((cell for cell in spaced if re.search(r"\d \d", number_text(cell))), "")
    if not first:
        return ""
    shape = re.sub(r"\d", "0", number_text(first))
    if not re.fullmatch(r"[+]?0{3}( 0{3})+|[+]0+( 000)+", shape):
        return ""
    read = rounded = 0
    for cell in cells:
        if cell not in without:
            if re.sub(r"\d", "0", number_text(cell)) != shape:
                return ""
            read += 1
            rounded += cell.strip().endswith("0")
    return f"numbers like {first}, which may be telephone numbers" if rounded < _ROUND * read else ""


def doubt_of_fractions(cells: Mapping[str, int]) -> str:
    """Why fractions may be none: 3/4 alone may be a score, or a day and a month. Halves to sixty-fourths, as inches
    have them, and whole numbers before fractions are plain.
    """
    first, inches = "", True
    for cell in cells:
        if "/" in cell:
            first = first or cell
            text = number_text(cell)
            if fraction_of(text) == fraction_of(text):
                if re.search(r"\d[ -]\d", text):
                    return ""
                inches = inches and int(text.rpartition("/")[2]) in (2, 4, 8, 16, 32, 64)
    return "" if inches else f"fractions like {first}, which may be scores or dates"


def is_open(cell: str) -> bool:
    """Whether a number has an open end: "90+", "10+ years", "85 and over"."""
    text = cell_text(cell)
    closed = closed_text(text)
    return closed != text and closed[:1] not in "<>"
