"""The formats by which an .xlsx workbook shows its numbers, and columns whose numbers it shows in different units."""

import html
import io
import itertools
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence

from core.experiment.columns import Note
from core.experiment.reading import TableReading
from core.tables.layout_walk import Layout
from core.tables.workbook_size import column_number

NUMBER_CELL = re.compile(
    rb'<(?:\w+:)?c (?=[^>]*\br="([A-Z]{1,3})(\d{1,7})")(?![^>]*\bt="[^n"])(?:(?=[^>]*\bs="(\d{1,5})"))?[^>]*[^/>]>'
)
_MOST_CELLS = 200_000  # That are looked at.
_PERCENTS = {"9": "0%", "10": "0.00%"}  # Numbers of formats that no workbook writes out.
_QUOTED = re.compile(r'"([^"]*)"')
_CURRENCY = re.compile(r"\[\$([^\]-]+)[^\]]*\]|([$€£¥₹₩₽])")
_SCALED = re.compile(r"[0#?],+(?![0#?,])")  # Shown in thousands or millions: the cells are as large as they are.


def cell_formats(content: bytes) -> list[str]:
    """The format of numbers of each style of cells, "" where that is none of the workbook's own."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            styles = archive.read("xl/styles.xml").decode("utf-8", errors="replace")
    except (KeyError, zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError):
        return []
    tags = re.findall(r"<(?:\w+:)?numFmt\b[^>]*>", styles)
    forms = _PERCENTS | {attribute_of(tag, "numFmtId"): attribute_of(tag, "formatCode") for tag in tags}
    used = re.search(r"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", styles, re.DOTALL)
    numbers = [attribute_of(tag, "numFmtId") for tag in re.findall(r"<(?:\w+:)?xf\b[^>]*>", used[0] if used else "")]
    return [forms.get(number, "") for number in numbers]


def different_units(formats: Sequence[str], cells: Iterable[re.Match[bytes]], layout: Layout) -> list[Note]:
    """The notes on columns whose numbers a sheet shows in several units, or some as percents and some not: what is read
    is what is stored, without units. The first 200,000 numbers are looked at.
    """
    units = [shown_unit(form) for form in formats]
    if not any(units):
        return []
    shown = _units_by_column(units, cells, layout.first_row, layout.last_row, layout.skipped)
    notes = []
    for column, name in enumerate(layout.names, layout.first_column):
        counts = shown.get(column, Counter())
        named = [unit for unit in counts if unit]
        if len(named) > 1:
            text = (
                f"The sheet shows the numbers of {name!r} in different units ({', '.join(named)}): read without them."
            )
            notes.append(Note(kind="formats", text=text, column=name, count=sum(counts[unit] for unit in named)))
        elif named == ["%"] and counts[""]:
            shows = f"The sheet shows {counts['%']:,} numbers of {name!r} as percentages and {counts['']:,} not"
            text = f"{shows}: they are read as stored, 15 % as 0.15."
            notes.append(Note(kind="formats", text=text, column=name, count=counts["%"]))
    return notes


def percent_columns(formats: Sequence[str], cells: Iterable[re.Match[bytes]], decided: TableReading) -> set[int]:
    """The places of columns, counted from 0, of which the sheet shows all numbers as percents."""
    units = [shown_unit(form) for form in formats]
    if "%" not in units or decided.first_row is None or decided.last_row is None:
        return set()
    shown = _units_by_column(units, cells, decided.first_row, decided.last_row, decided.skipped or ())
    return {column for column, counts in shown.items() if set(counts) == {"%"}}


def _units_by_column(
    units: Sequence[str], cells: Iterable[re.Match[bytes]], first_row: int, last_row: int, skipped: Sequence[int]
) -> dict[int, Counter[str]]:
    """Place of a column -> the units in which its numbers are shown, and how many in each."""
    passed = set(skipped)
    shown: dict[int, Counter[str]] = {}
    for cell in itertools.islice(cells, _MOST_CELLS):
        row, style = int(cell[2]) - 1, int(cell[3] or 0)
        if first_row <= row <= last_row and row not in passed and style < len(units):
            shown.setdefault(column_number(cell[1].decode()) - 1, Counter())[units[style]] += 1
    return shown


def shown_unit(form: str) -> str:
    """The unit that a format of numbers shows: "%", a currency, or a text in quotes like "kg"; "" where it shows none.

    '0.0 "kg"' -> "kg", '[$€-407] #,##0' -> "€", '0.0,"K"' -> "", 'yyyy"年"m"月"' -> ""
    """
    form = form.split(";")[0]
    plain = re.sub(r"\\.|_.|\*.", "", _QUOTED.sub("", form))
    if _SCALED.search(plain) or not re.search(r"[0#?]", plain):
        return ""
    if re.search(r"[ymdhs]", re.sub(r"\[[^\]]*\]", "", plain), re.IGNORECASE):
        return ""
    if "%" in plain:
        return "%"
    if found := _CURRENCY.search(form):
        return (found[1] or found[2]).strip()
    texts = [text.strip() for text in _QUOTED.findall(form)]
    return next((text for text in texts if any(sign.isalpha() for sign in text)), "")


def attribute_of(tag: str, name: str) -> str:
    """The value of an attribute of a tag; "" where it has none."""
    found = re.search(rf'\s{name}="([^"]*)"', tag)
    return html.unescape(found[1]) if found else ""
