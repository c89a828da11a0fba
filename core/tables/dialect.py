"""How a text file writes its table: encoding, separator, decimal mark, where the names stand. Found out from its
beginning.

The answer is a set of options for `pandas.read_csv`, so that a printed program reads the file as the page did.
"""

import codecs
import csv
import io
import itertools
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal

from core.tables.errors import TableError
from core.tables.limits import LONGEST_NAME, MOST_COLUMNS, check_names
from core.tables.reading import number_form

SAMPLE_BYTES = 1 << 18
SAMPLE_ROWS = 200
# Bytes; of longer ones the beginning tells that they are too long.
_LONGEST_HEADER = 4 * max(LONGEST_NAME, 10 * MOST_COLUMNS)

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_ANY_SEPARATOR = f"[{''.join(_SEPARATORS)}]"
# The longer mark first: UTF-32's begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DISGUISES = (
    (b"PK\x03\x04", "a zip archive or an Excel workbook"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"PAR1", "a Parquet file"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f\x1a"))

_ENGLISH = re.compile("[-+]?" + number_form(",", "."))  # 1,234.56
_GERMAN = re.compile("[-+]?" + number_form(".", ","))  # 1.234,56
_DIGITS = re.compile(r"[-+]?\d[\d.,]*")
_ABSENT = {"", "NA", "N/A", "NaN", "nan", "NULL", "null", "None"}


@dataclass(frozen=True)
class Dialect:
    """What was found out.

    Attributes:
        options: Keyword arguments for `pandas.read_csv`, those that differ from its defaults.
        header: The column names as the file writes them.
        notes: Sentences for the person.
    """

    options: dict[str, Any] = field(default_factory=dict)
    header: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Row:
    """Cells of a row and the lines of the file it covers: `first` to `last` - 1, counted from 0."""

    cells: list[str]
    first: int
    last: int


def dialect(name: str, content: bytes) -> Dialect:
    """The dialect of a text file; a `TableError` when it is no text."""
    options: dict[str, Any] = {}
    notes: list[str] = []
    encoding = _encoding(name, content)
    if encoding != "utf-8":
        options["encoding"] = encoding
    if encoding in ("cp1252", "latin-1"):
        notes.append(
            "The file is not UTF-8; it was read as Western European text ("
            + encoding
            + "). Look whether accents came out well."
        )

    size = _sample_bytes(content)
    text = content[:size].decode(encoding, errors="ignore")
    cut = len(content) > size
    separator = _separator(text, cut)
    rows = parsed_rows(text, separator, cut)
    if not rows:
        # A name that is longer than Python's csv reads.
        check_names(name, re.split(_ANY_SEPARATOR, text.lstrip().partition("\n")[0]))
        raise TableError(f"{name} is empty: expected a line of column names and rows of values below it.")
    if separator != ",":
        options["sep"] = separator
        if any(len(row.cells) > 1 for row in rows):
            notes.append(f"The columns are separated by {_SEPARATORS[separator]}.")
    rows = _place_of_header(rows, options, notes)
    header = rows[0].cells
    check_names(name, header)
    if any(cell[:1] == " " for cell in header[1:]):
        options["skipinitialspace"] = True
    _number_marks([row.cells for row in rows[1:]], separator, options, notes)
    return Dialect(options, header, notes)


Quoting = Literal[0, 1, 2, 3]  # `csv.QUOTE_MINIMAL` and its like.


def parsed_rows(
    text: str, separator: str, cut: bool = False, limit: int | None = None, quoting: Quoting = csv.QUOTE_MINIMAL
) -> list[_Row]:
    """The rows of a text without its blank lines; `cut` leaves out the last, which may be half a row."""
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=separator, quoting=quoting)
    rows, first = [], 0
    try:
        for cells in itertools.islice(reader, limit):
            if cells:
                rows.append(_Row(cells, first, reader.line_num))
            first = reader.line_num
    except csv.Error:  # an endless cell, as after a quote that is never closed: what was read so far must do
        pass
    return rows[:-1] if cut and len(rows) > 1 and limit is None else rows


def _encoding(name: str, content: bytes) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            if not _decodes(content, encoding):
                raise TableError(
                    f"{name} begins like {encoding.upper()} text but is broken further on: save it again as CSV in "
                    "UTF-8."
                )
            return encoding
    disguise = next((what for magic, what in _DISGUISES if content.startswith(magic)), None)
    head = content[:SAMPLE_BYTES]
    if disguise or b"\0" in content or len(head) - len(head.translate(None, _CONTROL)) > len(head) / 100:
        what = f"looks like {disguise}" if disguise else "holds bytes that are no text"
        raise TableError(
            f"{name} {what}, but its name promises a text table: save the table as CSV in UTF-8, or give the file "
            "its true ending."
        )
    return next(encoding for encoding in ("utf-8", "cp1252", "latin-1") if _decodes(content, encoding))


def _sample_bytes(content: bytes) -> int:
    """How much of a file is looked at: where its first line is long, that line and some more, as far as a table's names
    may go.
    """
    line = content.find(b"\n") + 1 or len(content)
    return max(SAMPLE_BYTES, min(4 * line, _LONGEST_HEADER))


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeError:
        return False
    return True


def _separator(text: str, cut: bool) -> str:
    """The separator under which most rows are as wide as the header; for a single column one that no cell holds."""
    best, best_score = None, (0.0, 0)
    for separator in _SEPARATORS:
        widths = [len(row.cells) for row in parsed_rows(text, separator, cut, SAMPLE_ROWS)]
        if not widths:
            continue
        usual, often = _usual(widths)
        # a header of one name over rows of two cells: a single column of numbers like 1,5
        if usual == 1 or (usual == 2 and widths[0] == 1):
            continue
        score = (often / len(widths) + (widths[0] == usual), usual)
        if score > best_score:
            best, best_score = separator, score
    return best or next((separator for separator in _SEPARATORS if separator not in text), ",")


def _usual(widths: list[int]) -> tuple[int, int]:
    """The most common width of the rows below the header, and how many rows have it; of equals the greater."""
    return max(Counter(widths[1:] or widths).items(), key=lambda item: (item[1], item[0]))


def _place_of_header(rows: list[_Row], options: dict[str, Any], notes: list[str]) -> list[_Row]:
    """Step over title lines, and make room where the rows are wider than the header; gives the rows from the header
    on.
    """
    usual, _ = _usual([len(row.cells) for row in rows])
    start = next((index for index, row in enumerate(rows) if len(row.cells) >= usual), 0)
    if len(rows[0].cells) < usual - 1 and start + 1 < len(rows):
        options["skiprows"] = rows[start].first
        notes.append(f"The column names were found in line {rows[start].first + 1}; the lines above were passed over.")
        return rows[start:]

    header = rows[0].cells
    wide = [row for row in rows[1:] if len(row.cells) == usual]
    if len(header) == usual - 1 and len(wide) >= 0.9 * (len(rows) - 1):
        if all(row.cells[-1].strip() == "" for row in wide):  # each row ends with a separator
            options |= {"index_col": False, "usecols": list(range(len(header)))}
        else:
            options |= {"names": unique_names(["Unnamed: 0", *header]), "header": 0}
            notes.append(
                "The rows have one cell more than there are column names: the first column was taken for row names."
            )
        return rows
    # pandas takes its width from the first row below the header, however long: such a row would shift all columns
    long = list(itertools.takewhile(lambda row: len(row.cells) > len(header), rows[1:]))
    if long and len(long) == len(rows) - 1:
        options |= surplus_columns(header, len(long[0].cells) - len(header), notes)
    elif long:
        options["skiprows"] = [line for row in long for line in range(row.first, row.last)]
        lines = ", ".join(str(row.first + 1) for row in long)
        notes.append(f"Lines with more cells than there are column names were left out (line {lines}).")
    return rows


def surplus_columns(header: list[str], surplus: int, notes: list[str]) -> dict[str, Any]:
    """Options that give cells beyond the header columns of their own, where pandas would make row names of the first
    cells.
    """
    notes.append("Some rows have more cells than there are column names: the last columns were called Unnamed.")
    return {"names": unique_names([*header, *[""] * surplus]), "header": 0, "index_col": False}


def unique_names(names: list[str]) -> list[str]:
    """Names made different, as pandas does it: "a", "a", "" -> "a", "a.1", "Unnamed: 2"."""
    different: dict[str, None] = {}
    for index, name in enumerate(names):
        word = name or f"Unnamed: {index}"
        new = next(new for count in itertools.count() if (new := f"{word}.{count}" if count else word) not in different)
        different[new] = None
    return list(different)


def _number_marks(rows: list[list[str]], separator: str, options: dict[str, Any], notes: list[str]) -> None:
    """Decimal commas and marks between thousands, where the numbers of the columns leave no doubt."""
    columns = [{cell.strip() for cell in column if cell} - _ABSENT for column in itertools.zip_longest(*rows)]
    columns = [column for column in columns if column and all(_DIGITS.fullmatch(cell) for cell in column)]
    comma = [column for column in columns if any("," in cell for cell in column)]
    if not comma:
        return
    english = [column for column in comma if all(_ENGLISH.fullmatch(cell) for cell in column)]
    german = [column for column in comma if all(_GERMAN.fullmatch(cell) for cell in column)]
    either = [column for column in english if column in german]
    dotted = [cell for column in columns for cell in column if "." in cell]
    points = any(not _GERMAN.fullmatch(cell) and _ENGLISH.fullmatch(cell) for cell in dotted)
    if len(german) > len(either) and len(english) == len(either) and not points:
        options["decimal"] = ","
        notes.append("Numbers are written with a decimal comma.")
        # a dot between thousands is dropped everywhere, which must not make a number of 01.02.2020
        if any("," in cell for cell in dotted) and all(_GERMAN.fullmatch(cell) for cell in dotted):
            options["thousands"] = "."
    elif len(english) == len(comma) and len(german) == len(either) and (separator == "," or len(english) > len(either)):
        options["thousands"] = ","
        notes.append("Commas between thousands were left out of numbers.")
