"""How a text file writes its table: separator and the marks in its numbers, found out from its beginning."""

import contextlib
import csv
import io
import itertools
import operator
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from core.catalog.text_files import DOUBLE, FIXED_WIDTH, SEPARATORS, WHITE_SPACE, WIDE_SPACE
from core.experiment.columns import Note
from core.experiment.currencies import CURRENCIES
from core.tables.cell_dates import moment_of
from core.tables.cell_decimals import of_other_mark
from core.tables.limits import LONGEST_CELL, LONGEST_NAME, MOST_COLUMNS
from core.tables.raw_cells import is_marked, is_rule, is_unit, look
from core.tables.reading import number_form

csv.field_size_limit(LONGEST_CELL + 1)
SAMPLE_BYTES = 1 << 18
SAMPLE_ROWS = 200
# Bytes; of longer ones the beginning tells that they are too long.
_LONGEST_HEADER = 4 * max(LONGEST_NAME, 10 * MOST_COLUMNS)

_GUESSED = (",", ";", "\t", "|")
_RARE = ("\x01", "^", "~", ":", WIDE_SPACE)
INSTEAD = "\x1f"  # In the place of a separator of two signs, which Python's csv does not know.
_SURE_WIDTH = 3  # Cells of a row, of which two double colons are no accident.
_MOST_TITLES = 5
_ANY_SEPARATOR = re.compile("[,;\t|]")
_SEPARATOR_LINE = re.compile(r'\ufeff?"?sep=(.)"?[ \t]*(?:\r\n|\r|\n)', re.IGNORECASE)
_BROKEN = 0.5  # Of the rows that are broken where quotation marks are doubled, so many less are left.
_EVEN = 0.9  # Of the rows are equally wide where white space separates.

_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|[a-z]{2,8}|#\d{2,5}|#x[0-9a-f]{2,4});", re.IGNORECASE)
_CLOCK_OR_MONTH = re.compile(r"\d:\d\d|[^\W\d_]{3}")
_HALF_DAY = re.compile(r"\d{1,2}(?::\d{2}){1,2} [ap]\.?m\.?", re.IGNORECASE)
_GROUPED = re.compile(r"[-+]?\d{1,3}(?:\s\d{3})+(?:,\d+)?(?:\s?\D{1,4})?")  # 3 906,50
_ONE_NUMBER = re.compile(
    rf"[-+(\u2212]?\s*(?:{CURRENCIES})?\s*[-\u2212]?\s*(?:\d{{1,3}}(?:[\s'\u2019]\d{{3}})+(?:[.,]\d+)?"
    r"|\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:[.,]\d+)?)\s*[^\d\s,;|]{0,6}\s*[-)]?"
)
_ENGLISH = re.compile("[-+]?" + number_form(",", "."))  # 1,234.56
_GERMAN = re.compile("[-+]?" + number_form(".", ","))  # 1.234,56
_DIGITS = re.compile(r"[-+]?\d[\d.,]*")
_ENOUGH, _SEVERAL = 5, 3  # Different numbers of a column, and those with a point among them, that leave a doubt.
_ABSENT = {"", "NA", "N/A", "NaN", "nan", "NULL", "null", "None"}


Quoting = Literal[0, 1, 2, 3]  # `csv.QUOTE_MINIMAL` and its like.


def records(
    text: str | Iterable[str],
    separator: str,
    quoting: Quoting = csv.QUOTE_MINIMAL,
    skip_blanks: bool = False,
    escape: str = "",
) -> Iterator[list[str]]:
    """The rows of a text, or of its lines, as they lie in it, blank lines as []; it ends early where a quote is never
    closed. `escape` is the sign before a quotation mark within quoted text, "" where that is doubled.
    """
    lines = io.StringIO(text, newline=None) if isinstance(text, str) else text
    if separator == WHITE_SPACE:
        lines, separator, skip_blanks = (f"{line.replace(chr(9), ' ').rstrip()}\n" for line in lines), " ", True
    if separator == WIDE_SPACE:
        lines, separator = (re.sub(r"\s{2,}", "\t", line.strip()) + "\n" for line in lines), "\t"
    if separator in DOUBLE:  # Quotation marks are signs like others to pandas, too, where a separator has two signs.
        lines = map(operator.methodcaller("replace", separator, INSTEAD), lines)
        separator, quoting, escape = INSTEAD, csv.QUOTE_NONE, ""
    reader = csv.reader(
        lines, delimiter=separator, quoting=quoting, skipinitialspace=skip_blanks, escapechar=escape or None
    )
    with contextlib.suppress(csv.Error):  # An endless cell.
        yield from reader


def sample_of(content: bytes, encoding: str) -> tuple[str, bool]:
    """The beginning of a text, and whether there is more."""
    size = _sample_bytes(content)
    return content[:size].decode(encoding, errors="ignore"), len(content) > size


def _sample_bytes(content: bytes) -> int:
    """How much of a file is looked at: where its first line is long, that line and some more, as far as a table's names
    may go.
    """
    line = content.find(b"\n") + 1 or len(content)
    return max(SAMPLE_BYTES, min(4 * line, _LONGEST_HEADER))


def lines_with(content: bytes, sign: str, encoding: str) -> str:
    """The first 200 lines of a file that hold some signs; "" of an encoding of several bytes a letter."""
    found: list[str] = []
    at = -1 if encoding.startswith(("utf-16", "utf-32")) else content.find(sign.encode())
    while at >= 0 and len(found) < SAMPLE_ROWS:
        start, end = content.rfind(b"\n", 0, at) + 1, content.find(b"\n", at) + 1 or len(content)
        found.append(content[start:end].decode(encoding, errors="ignore"))
        at = content.find(sign.encode(), end)
    return "".join(found)


def names_in(text: str) -> list[str]:
    """What may be the names in a text that Python's csv cannot read."""
    return _ANY_SEPARATOR.split(text.lstrip().partition("\n")[0])


def separator_line(text: str) -> str | None:
    """The separator that a first line "sep=;" names, as Excel writes and heeds it."""
    match = _SEPARATOR_LINE.match(text)
    return match[1] if match and match[1] in SEPARATORS else None


def is_escaped(text: str, separator: str) -> bool:
    """Whether a backslash stands before the quotation marks within quoted text, "He said \\"no\\"": with it fewer rows
    have something behind a closing mark.
    """
    if '\\"' not in text or separator in (WHITE_SPACE, WIDE_SPACE, FIXED_WIDTH, *DOUBLE):
        return False
    broken = dict.fromkeys(("", "\\"), 0)
    for escape in broken:
        lines = io.StringIO(text, newline=None)
        reader = csv.reader(lines, delimiter=separator, escapechar=escape or None, strict=True)
        done = False
        while not done:
            try:
                done = next(reader, None) is None
            except csv.Error:
                broken[escape] += 1
    return broken["\\"] < _BROKEN * broken[""]


def is_single_quoted(text: str) -> bool:
    """Whether text stands in single quotation marks, 'a, b', in nearly all lines, and no other ones are there."""
    if '"' in text or text.count("'") < _ENOUGH:
        return False
    lines = [line for line in text.splitlines()[:SAMPLE_ROWS] if line.strip()]
    quoted = [re.search(r"(?:^|[,;\t|])'(?:[^']|'')*'(?=$|[,;\t|])", line.strip()) for line in lines]
    return len(lines) >= _ENOUGH and sum(found is not None for found in quoted) >= _EVEN * len(lines)


def separator_of(text: str, cut: bool, escape: str = "") -> str:
    """The separator under which most rows are equally wide; for a single column one that no cell holds."""
    if "\x01" in text and (hive := _rare_separator(text, cut, ("\x01",))):
        return hive  # It stands in no text.
    if alone := _separator_of_one_column(text):
        return alone
    if double := _double_separator(text, cut):
        return double
    best, best_score = None, (0.0, 0)
    text = _ENTITY.sub(lambda entity: entity[0][:-1], text) if "&" in text else text
    inside = _decimal_comma_beside(text)
    for separator in (*_GUESSED, WHITE_SPACE):
        rows = [cells for cells in itertools.islice(records(text, separator, escape=escape), SAMPLE_ROWS) if cells]
        rows = rows[:-1] if cut and 1 < len(rows) < SAMPLE_ROWS else rows
        if len(rows) > 1 and is_marked(rows[0], rows[1:2]):
            rows[0] = rows[0][1:]
        widths = [len(cells) for cells in rows]
        if not widths or (separator == "," and inside) or (separator == WHITE_SPACE and best not in (None, ",")):
            continue
        usual, often = _usual(widths)
        if (
            usual == 1
            or (_halved(rows, usual) and not (separator == WHITE_SPACE and _are_numbered(rows[1:])))
            or _is_one_column(rows, usual, separator)
            or (separator == WHITE_SPACE and not _spaced(rows, usual))
        ):
            continue
        score = (often / len(widths) + (widths[0] == usual), usual)
        if score > best_score:
            best, best_score = separator, score
    if best == "\t" and _tabs_are_blanks(text, cut):
        return WHITE_SPACE
    if best == WHITE_SPACE and best_score[0] < 1 and (wide := _rare_separator(text, cut, (WIDE_SPACE,))):
        return wide  # The names have fewer parts than the rows, as "Ann Lee" has two.
    return best or _rare_separator(text, cut) or next((one for one in _GUESSED if one not in text), ",")


def _tabs_are_blanks(text: str, cut: bool) -> bool:
    """Whether tabs part columns as other white space does: of a table that is aligned by blanks and by tabs, or in
    which some cells have several tabs between them, all rows are equally wide by white space alone.
    """
    rows = {}
    for separator in ("\t", WHITE_SPACE):
        found = [cells for cells in itertools.islice(records(text, separator), SAMPLE_ROWS) if cells]
        rows[separator] = found[:-1] if cut and len(found) > 1 else found
    tabs, widths = rows["\t"], {len(cells) for cells in rows[WHITE_SPACE]}
    if len(widths) > 1 or len(tabs) < _ENOUGH:
        return False
    usual, often = _usual([len(cells) for cells in tabs])
    several = often < len(tabs) and widths == {usual} and not any(" " in cell.strip() for row in tabs for cell in row)
    aligned = sum(any(re.search(r"\S {2,}\S", cell) for cell in cells) for cells in tabs)
    return several or (aligned >= _EVEN * len(tabs) and max(widths) > usual + 1)


def is_even(text: str, separator: str, cut: bool) -> bool:
    """Whether all rows of the beginning of a text are equally wide, and wider than one cell."""
    widths = [len(cells) for cells in records(text, separator) if cells]
    widths = widths[:-1] if cut and len(widths) > 1 else widths
    return len(set(widths)) == 1 and widths[0] > 1


def _separator_of_one_column(text: str) -> str:
    """A separator that no cell has, of a single column of numbers in which commas and blanks are theirs, below a name
    without any: "€ 1 234,50"; "" of all else.
    """
    lines = [line.strip().strip('"') for line in text.splitlines()[: SAMPLE_ROWS + 1] if line.strip()]
    name, cells = lines[0] if lines else "", [line for line in lines[1:] if look(line) != "absent"]
    marked = [cell for cell in cells if re.search(r"[\s,]", cell)]
    if not marked or len(cells) < _ENOUGH or re.search(r"[\s,;|]", name):
        return ""
    others = [cell for cell in cells if not _ONE_NUMBER.fullmatch(cell)]
    if len(others) > (1 - _EVEN) * len(cells) or any(re.search(r"[\s,;|]", cell) for cell in others):
        return ""
    if _are_numbered([cell.split() for cell in cells]):
        return ""
    return next((one for one in _GUESSED if one not in text), "")


def _rare_separator(text: str, cut: bool, separators: Sequence[str] = _RARE) -> str | None:
    """A separator that few files have, under which nearly all rows are as wide as the first one; None where there is
    none. Colons that stand in times or behind a name part no columns.
    """
    for separator in separators:
        rows = [cells for cells in itertools.islice(records(text, separator), SAMPLE_ROWS) if cells]
        rows = [cells for cells in (rows[:-1] if cut and len(rows) > 1 else rows) if not is_rule(cells)]
        usual, often = _usual([len(cells) for cells in rows] or [0])
        if len(rows) < 2 or usual < 2 or len(rows[0]) != usual or often < _EVEN * (len(rows) - 1):
            continue
        clock = separator == ":" and (usual < 3 or re.search(r"\d:\d\d\b", text))
        if not clock and (separator != WIDE_SPACE or _spaced(rows, usual)):
            return separator
    return None


def _double_separator(text: str, cut: bool) -> str | None:
    """A separator of two signs, 1::1193::5, that nearly all rows have equally often, and of whose sign nearly none
    stands alone; None where there is none. Cells in quotation marks, and blank ones between two signs, are no such
    file's.
    """
    for separator in DOUBLE:
        if separator not in text or f'"{separator}' in text or f'{separator}"' in text:
            continue
        rows = [cells for cells in itertools.islice(records(text, separator), SAMPLE_ROWS) if cells]
        rows = rows[:-1] if cut and len(rows) > 1 else rows
        titles = sum(1 for _ in itertools.takewhile(lambda cells: len(cells) == 1, rows))
        rows = rows[titles:] if titles <= _MOST_TITLES else []
        usual, often = _usual([len(cells) for cells in rows] or [0])
        named = usual == 2 and not titles and look(rows[0][-1]) == "words"
        if len(rows) < 2 or len(rows[0]) != usual or often < _EVEN * (len(rows) - 1):
            continue
        others = [one for one in _GUESSED if one not in separator]
        widths = [{len(cells) for cells in records(text, one) if cells} for one in others]
        even = max((min(width) for width in widths if len(width) == 1), default=1)
        alone = separator == "||" and any("|" in cell for cells in rows for cell in cells)
        if (usual >= _SURE_WIDTH or named) and usual > even and not alone:
            return separator
    return None


def _usual(widths: list[int]) -> tuple[int, int]:
    """The most common width of the rows below the header, and how many rows have it; of equals the greater."""
    return max(Counter(widths[1:] or widths).items(), key=lambda item: (item[1], item[0]))


def _decimal_comma_beside(text: str) -> bool:
    """Whether most lines that have a comma have it between digits, and another separator as well."""
    lines = [line for line in text.splitlines()[:SAMPLE_ROWS] if "," in line]
    both = [line for line in lines if re.search(r"\d,\d", line) and re.search(r"[;\t|]", line)]
    loose = [line for line in both if re.search(r",(?!\d)|(?<!\d),", line)]
    return len(both) > 0.6 * len(lines) and len(loose) < 0.1 * len(both)


def _are_numbered(rows: Sequence[Sequence[str]]) -> bool:
    """Whether each row begins with its number, as R writes the names of rows."""
    firsts = [int(cells[0]) for cells in rows if len(cells) > 1 and re.fullmatch(r"\d{1,9}", cells[0])]
    return len(firsts) == len(rows) > 1 and all(after - before == 1 for before, after in itertools.pairwise(firsts))


def _halved(rows: Sequence[Sequence[str]], usual: int) -> bool:
    """Whether a single column of numbers like 1,5 or € 1.200,50 stands below one name."""
    two = [cells for cells in rows if len(cells) == usual == 2]
    digits = [re.fullmatch(r"\D{0,4}[\d.]*\d", cells[0]) and re.fullmatch(r"\d+\D{0,4}", cells[1]) for cells in two]
    return bool(two) and len(rows[0]) == 1 and all(digits)


def _is_one_column(rows: Sequence[Sequence[str]], usual: int, separator: str) -> bool:
    """Whether values of one column stand below one name, and blanks or commas are theirs: "31.2 kg", "3 906,50",
    "1 Jan 2023", "01.02.2023 10:00". Numbers from 1 on before them are the names of rows.
    """
    below = [cells for cells in rows[1:] if len(cells) == usual]
    if len(rows[0]) != 1 or separator not in (",", WHITE_SPACE) or len(below) < max(1, _EVEN * (len(rows) - 1)):
        return False
    if _are_numbered(below):
        return False
    texts = [(" " if separator == WHITE_SPACE else separator).join(cells).strip() for cells in below]
    moments = sum(bool(_CLOCK_OR_MONTH.search(text) and (moment_of(text) or moment_of(text, True))) for text in texts)
    moments += sum(_HALF_DAY.fullmatch(text) is not None for text in texts)
    grouped = sum(_GROUPED.fullmatch(text) is not None for text in texts)
    same = [cells[0] for cells in zip(*below, strict=True) if len(set(cells)) == 1]
    if usual == 2 and len(texts) > 1 and any(look(cell) == "words" for cell in same):  # "Site 1", "Site 2".
        return True
    unit = any(is_unit(cell) or re.fullmatch(CURRENCIES, cell) for cell in same)
    amounts = sum(look(text) == "value" for text in texts) if unit else 0
    return max(moments, grouped, amounts) >= _EVEN * len(texts)


def _spaced(rows: Sequence[Sequence[str]], usual: int) -> bool:
    """Whether rows are columns that white space separates: equally wide, with values, and no other separator."""
    rows = [cells for cells in rows if not is_rule(cells)]
    even = [cells for cells in rows if len(cells) == usual]
    if len(even) < max(2, _EVEN * len(rows)):
        return False
    if any(re.search(r"[;|]|,(?!\d)|(?<!\d),", cell) for cells in even for cell in cells):
        return False
    commas = sorted("".join(cells).count(",") for cells in even)[len(even) // 2]
    # In a row of names that has as many commas as the others, but not as many blanks, the commas part the columns.
    if commas and any("".join(cells).count(",") == commas for cells in rows if len(cells) != usual):
        return False
    below = even[1:]
    values = [sum(look(cells[column]) in ("value", "absent") for cells in below) for column in range(usual)]
    return max(values, default=0) >= max(1, _EVEN * len(below))


def number_marks(rows: Sequence[Sequence[str]], separator: str) -> tuple[dict[str, str], list[Note]]:
    """Decimal commas and marks between thousands, where the numbers of the columns leave no doubt."""
    columns = [{cell.strip() for cell in column if cell} - _ABSENT for column in itertools.zip_longest(*rows)]
    columns = [column for column in columns if column and all(_DIGITS.fullmatch(cell) for cell in column)]
    comma = [column for column in columns if any("," in cell for cell in column)]
    if any(of_other_mark(column, mark)[0] for column in comma for mark in ".,"):
        return {}, []  # Each column is read by itself, and says so.
    if not comma:
        return {}, _three_decimals(columns, separator)
    english = [column for column in comma if all(_ENGLISH.fullmatch(cell) for cell in column)]
    german = [column for column in comma if all(_GERMAN.fullmatch(cell) for cell in column)]
    either = [column for column in english if column in german]
    dotted = [cell for column in columns for cell in column if "." in cell]
    points = any(not _GERMAN.fullmatch(cell) and _ENGLISH.fullmatch(cell) for cell in dotted)
    if len(german) > len(either) and len(english) == len(either) and not points:
        marks = {"decimal": ","}
        # a dot between thousands is dropped everywhere, which must not make a number of 01.02.2020
        if any("," in cell for cell in dotted) and all(_GERMAN.fullmatch(cell) for cell in dotted):
            marks["thousands"] = "."
        return marks, [_mark_note("Numbers are written with a decimal comma.", "decimal")]
    if len(english) == len(comma) and len(german) == len(either) and (separator == "," or len(english) > len(either)):
        return {"thousands": ","}, [
            _mark_note("Commas that separate thousands were removed from the numbers.", "thousands")
        ]
    return {}, []


def _three_decimals(columns: Sequence[set[str]], separator: str) -> list[Note]:
    """The note on numbers like 12.500 in a file that may be written with points between thousands."""
    found = [pointed for column in columns if (pointed := _like_thousands(column, separator))]
    if not found:
        return []
    text = f"Numbers like {max(found[0])} were read with a decimal point; the point may separate thousands instead."
    return [Note(kind="points", text=text, count=len(found), decision="decimal")]


def _like_thousands(column: set[str], separator: str) -> set[str]:
    """The numbers with a point of a column in which three digits follow each point, while the others are whole and
    below a thousand, as 615 is beside 14.303; empty for another column. Beside commas there must be such others: a
    file whose commas part its cells hardly has decimal commas.
    """
    pointed = {cell for cell in column if "." in cell}
    others = column - pointed
    if len(column) < _ENOUGH or len(pointed) < _SEVERAL or (separator == "," and not others):
        return set()
    threes = all(re.fullmatch(r"[-+]?[1-9]\d{0,2}\.\d{3}", cell) for cell in pointed)
    return pointed if threes and all(re.fullmatch(r"[-+]?\d{1,3}", cell) for cell in others) else set()


def _mark_note(text: str, field: str) -> Note:
    return Note(kind=field, text=text, decision=field)
