"""CSV and its relatives, read by `pandas.read_csv`."""

import csv
import io
import itertools
import logging
import re
from collections import Counter
from typing import Any

import pandas as pd

from core.catalog.text_files import (
    BACKSLASH,
    DOUBLE,
    ENCODINGS,
    FIXED_WIDTH,
    SEPARATORS,
    SINGLE,
    WHITE_SPACE,
    WIDE_SPACE,
)
from core.experiment.columns import Note
from core.experiment.counts import count, counted
from core.experiment.reading import ColumnReading, TableReading
from core.tables.dialect import (
    Quoting,
    names_in,
    number_marks,
    records,
)
from core.tables.different_cells import free_memory
from core.tables.errors import TableError
from core.tables.filled_down import sparse_names, with_filled_down
from core.tables.fixed_width import column_borders
from core.tables.group_headings import with_headings
from core.tables.kept_cells import Kept, kept_cells, may_be_lost, may_be_powers
from core.tables.layout import HEAD_ROWS, decide
from core.tables.layout_walk import Layout
from core.tables.limits import check_names
from core.tables.reading import Reading, listed, objects_in, reason_of
from core.tables.text_grid import TextFile
from core.tables.text_parts import read_csv_in_parts

log = logging.getLogger(__name__)
_MANY = 1 << 20  # bytes; in fewer there are never so many cells that pandas guesses types piece by piece
# Separators as regular expressions; what has one takes pandas's slower parser.
_EXPRESSIONS = {WHITE_SPACE: r"\s+", WIDE_SPACE: r"\s{2,}", "||": r"\|\|"}
_FEW_BORDERS = 12
_NULL_ROWS = 50_000  # In which \N is looked for.
_MARKED_ROWS = 200  # Rows of values in which the marks of numbers are looked for.


def read_text(name: str, content: bytes, given: TableReading, cells: bool = False) -> Reading:
    """Read a text file of any common dialect."""
    try:
        return _read(name, content, given, csv.QUOTE_MINIMAL, cells)
    except _OpenQuote:
        reading = _read(name, content, given, csv.QUOTE_NONE, cells)
        text = "A quotation mark is never closed, so quotation marks were read as ordinary characters."
        reading.noted.append(Note(kind="quotes", text=text))
        return reading


class _OpenQuote(Exception):
    """A quotation mark is never closed."""


def _read(name: str, content: bytes, given: TableReading, quoting: Quoting, cells: bool) -> Reading:
    file = TextFile(name, content, given, quoting)
    layout = decide(file.rows, given, keep_blank=cells, see=file.see)
    if layout is None:
        check_names(name, names_in(file.beginning))  # A name that is longer than Python's csv reads.
        raise TableError(f"{name} is empty: expected a line of column names and rows of values below it.")
    _refuse_disorder(name, layout)
    free_memory()
    check_names(name, layout.names)
    marks, noted = _marks(file, layout, given)
    places = _layout_options(layout)
    if file.padded:  # Zeros below the last row would be one more.
        places["nrows"] = layout.rows
    if (
        places
        and file.separator not in (FIXED_WIDTH, *DOUBLE)
        and "\r" in file.beginning
        and "\n" not in file.beginning
    ):
        places["lineterminator"] = "\r"  # Behind lines that it skips, pandas loses an empty first cell.
    options = {**_file_options(file, len(content)), **places, **marks}
    if _is_always_double(file):  # As blank cells between single signs, of which pandas's fast parser knows.
        options |= {"sep": file.separator[0], "quoting": int(csv.QUOTE_NONE)}
        options["usecols"] = [2 * at for at in options.get("usecols", range(layout.width))]
    frame = _parsed(name, content, options, layout.rows)
    if len(frame) != layout.rows:
        log.warning("%d rows were read of %s, where %d were seen", len(frame), name, layout.rows)
        text = f"{count(len(frame), 'row')} {counted(len(frame), 'was', 'were')} read, but {layout.rows:,} were seen."
        noted.append(Note(kind="count", text=text, count=abs(len(frame) - layout.rows)))
    words = [*objects_in(frame), *_marked_otherwise(frame, given, options.get("decimal", "."))]
    if words:  # Whole numbers beyond 64 bits, and columns whose marks pandas was not told.
        options["dtype"] = dict.fromkeys(words, "str")
        frame = _parsed(name, content, options, layout.rows)
    kept = Kept()
    if may_be_lost(content, file.encoding.name) or may_be_powers(frame):
        kept = kept_cells(frame, lambda names: _cells(name, content, options, names, layout.rows), given.columns)
    if file.escape and rb"\N" in content and (nulls := _nulls(file, layout)):
        kept.columns.update(nulls)
        text = rf"Cells like \N of {listed(list(nulls))} are missing, as a database writes missing values."
        noted.append(Note(kind="kept", text=text, count=len(nulls)))
    if kept.options:
        options |= kept.options | {"dtype": options.get("dtype", {}) | kept.options.get("dtype", {})}
        options = {option: value for option, value in options.items() if value != {}}
        frame = _parsed(name, content, options, layout.rows)
    frame = with_headings(frame, list(given.heading_columns), layout.headings) if layout.headings else frame
    filled = tuple(column for column in given.filled_down or () if column in frame)
    frame = with_filled_down(frame, list(filled)) if filled else frame
    noted += [] if given.filled_down is not None else sparse_names(frame)
    decided = layout.decided(given).model_copy(
        update={
            "filled_down": filled or None,
            "encoding": file.encoding.name,
            "separator": file.separator,
            "quotes": BACKSLASH if file.escape else SINGLE if file.single else None,
            "decimal": options.get("decimal"),
            "thousands": options.get("thousands"),
        }
    )
    noted = [*_file_notes(file, layout), *noted, *_layout_notes(file, layout), *_name_notes(layout), *kept.notes]
    return Reading(
        frame,
        "read_fwf" if file.borders else "read_csv",
        options,
        noted,
        decided=decided,
        units=layout.units,
        headings=layout.headings,
        filled_down=filled,
        columns=kept.columns,
    )


def _file_options(file: TextFile, size: int) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if file.encoding.name != "utf-8":
        options["encoding"] = file.encoding.name
    if file.borders:
        return {**options, "colspecs": file.borders}
    if file.separator != ",":
        options["sep"] = _EXPRESSIONS.get(file.separator, file.separator)
    if file.separator == WIDE_SPACE or (file.separator in DOUBLE and not _is_always_double(file)):
        options["engine"] = "python"  # The other one knows no separator of several signs.
    if file.skip_blanks:
        options["skipinitialspace"] = True
    if file.escape:
        options["escapechar"] = file.escape
    if file.single:
        options["quotechar"] = "'"
    if file.quoting != csv.QUOTE_MINIMAL:
        options["quoting"] = int(file.quoting)
    if size > _MANY and "engine" not in options:
        options["low_memory"] = False  # else pandas guesses types piece by piece, and one column gets several
    return options


def _is_always_double(file: TextFile) -> bool:
    """Whether a separator of two signs parts the cells, and its sign stands nowhere else in the file."""
    content, sign = file.content, file.separator[:1].encode()
    if file.separator not in DOUBLE or file.encoding.name.startswith(("utf-16", "utf-32")):
        return False
    return content.count(sign) == 2 * content.count(2 * sign) and 3 * sign not in content


def _marked_otherwise(frame: pd.DataFrame, given: TableReading, decimal: str) -> list[str]:
    """The columns that pandas takes for numbers by the file's decimal mark, where a person has decided another one."""
    decided = [name for name, column in given.columns.items() if column.decimal not in (None, decimal)]
    return [name for name in decided if name in frame and pd.api.types.is_numeric_dtype(frame[name])]


def _nulls(file: TextFile, layout: Layout) -> dict[str, ColumnReading]:
    """The columns with cells like \\N, as databases write missing ones: where a backslash stands before quotation
    marks, N is left of them.
    """
    lines = io.TextIOWrapper(io.BytesIO(file.content), file.encoding.name, newline=None)
    found: set[int] = set()
    for cells in itertools.islice(records(lines, file.separator), _NULL_ROWS):
        if len(cells) == layout.width:
            found.update(at for at, cell in enumerate(cells) if cell == r"\N")
    names = dict(enumerate(layout.names, layout.first_column))
    return {names[at]: ColumnReading(missing=("N",)) for at in sorted(found) if at in names}


def _layout_options(layout: Layout) -> dict[str, Any]:
    """What `pandas.read_csv` is told of the layout: nothing of a plain file, the lines above the names of one that has
    a title, and all there is to say of others.
    """
    ordinary = (
        len(layout.header) == 1
        and not (layout.skipped or layout.shifted or layout.marked or layout.cut)
        and layout.first_column == 0
        and layout.last_column == layout.width - 1
        and not layout.surplus
        and layout.last_row >= layout.last
        and layout.first_row == layout.next_row
    )
    if ordinary:
        return {"skiprows": layout.header[0]} if layout.titles else {}
    passed = list(range(layout.first_row))
    skipped = [at for at in layout.skipped if at not in layout.blank and at >= layout.first_row]
    options: dict[str, Any] = {"header": None, "names": layout.names}
    if passed or skipped:
        options["skiprows"] = [*passed, *skipped] if skipped else len(passed)
    if layout.last_row < layout.last:
        options["nrows"] = layout.rows
    if layout.cut or layout.first_column > 0 or layout.last_column < layout.width - 1:
        options["usecols"] = list(range(layout.first_column, layout.last_column + 1))
    return options


def _marks(file: TextFile, layout: Layout, given: TableReading) -> tuple[dict[str, str], list[Note]]:
    """The decimal mark and the mark between thousands, as given or found."""
    told = {field: getattr(given, field) for field in ("decimal", "thousands")}
    if told["thousands"] == "." and told["decimal"] is None:
        told["decimal"] = ","  # One mark cannot be both.
    if any(told.values()):
        return {field: mark for field, mark in told.items() if mark and (field, mark) != ("decimal", ".")}, []
    rows: list[list[str]] = []
    skipped = set(layout.skipped)
    decided = {at for at, name in enumerate(layout.names) if name in given.columns and given.columns[name].decimal}
    for at, cells in enumerate(file.rows()):
        if at > layout.last_row or len(rows) == _MARKED_ROWS or at > HEAD_ROWS:
            break
        if at >= layout.first_row and at not in skipped and cells:
            within = cells[layout.first_column : layout.last_column + 1]
            rows.append(["" if place in decided else cell for place, cell in enumerate(within)] if decided else within)
    return number_marks(rows, file.separator)


def _parsed(name: str, content: bytes, options: dict[str, Any], rows: int) -> pd.DataFrame:
    """pandas's reading of a file of about so many rows."""
    try:
        if "colspecs" in options:
            return pd.read_fwf(io.BytesIO(content), **options)
        return read_csv_in_parts(content, rows, options)
    except pd.errors.EmptyDataError:
        raise TableError(f"{name} is empty: expected a line of column names and rows of values below it.") from None
    except (ValueError, UnicodeError) as error:
        if "EOF inside string" in str(error) and "quoting" not in options:
            raise _OpenQuote from None
        raise TableError(
            f"{name} can't be read as a table ({reason_of(error)}): save it again as CSV in UTF-8."
        ) from None


def _cells(name: str, content: bytes, options: dict[str, Any], columns: list[str], rows: int) -> pd.DataFrame:
    """Columns with their cells as text, "" where nothing stands."""
    some = {} if "usecols" in options or "names" in options else {"usecols": columns}
    return _parsed(name, content, {**options, **some, "dtype": "str", "keep_default_na": False, "na_values": []}, rows)


def _refuse_disorder(name: str, layout: Layout) -> None:
    """Raises TableError where most lines have more cells than there are names."""
    if layout.long * 2 > layout.rows + layout.long:
        raise TableError(
            f"{name} has {count(len(layout.names), 'column name')}, but {layout.long:,} of its "
            f"{count(layout.rows + layout.long, 'line')} {counted(layout.long, 'holds', 'hold')} more cells: "
            "give each column a name, and put quotation marks around text that contains the separator."
        )


def _file_notes(file: TextFile, layout: Layout) -> list[Note]:
    notes = []
    encoding = file.encoding
    if encoding.guessed:
        text = (
            f"The file does not say its encoding and is not UTF-8. {ENCODINGS[encoding.name]} "
            f"({encoding.name}) is a guess: check that accented letters look right."
        )
        notes.append(Note(kind="encoding", text=text, decision="encoding"))
    if file.separator != "," and layout.width > 1:
        text = f"The columns are separated by {SEPARATORS[file.separator]}."
        if file.borders:
            starts = ", ".join(str(start + 1) for start, _ in file.borders[:_FEW_BORDERS])
            more = ", ..." if len(file.borders) > _FEW_BORDERS else ""
            text = f"The columns are of fixed width: they begin at places {starts}{more} of each line."
        text += " The first line says so." if file.named == file.separator else ""
        notes.append(Note(kind="separator", text=text, decision="separator"))
    if file.single:
        text = "Text is in single quotation marks, 'text', which are not part of it."
        notes.append(Note(kind="quotes", text=text, decision="quotes"))
    if file.escape:
        text = 'Quotation marks within text are escaped by a backslash: \\".'
        notes.append(Note(kind="quotes", text=text, decision="quotes"))
    if layout.width == 1 and (borders := column_borders(file.beginning.splitlines()[:_MARKED_ROWS], sure=False)):
        text = (
            f"The lines look like {len(borders)} columns of fixed width with blank cells among them, and were read as "
            "one column: save the table with a separator between its columns."
        )
        notes.append(Note(kind="doubt", text=text, decision="separator"))
    if (layout.shifted or layout.surplus or layout.long) and re.search(r"[\u201c\u201e\u00ab]", file.beginning):
        text = (
            "Text is in typographic quotation marks, which do not protect a separator within it: put straight ones "
            '(") around such text.'
        )
        notes.append(Note(kind="quotes", text=text))
    lines = [line.strip() for line in file.beginning.splitlines()[1:_MARKED_ROWS] if line.strip()]
    quoted = [line for line in lines if re.fullmatch(r'"(?:[^"]|"")*[,;\t|](?:[^"]|"")*"', line)]
    if layout.width == 1 and lines and len(quoted) >= 0.9 * len(lines):
        text = (
            f"Each line, like {quoted[0][:40]}, is enclosed in quotation marks, so it is a single "
            "cell: remove the quotation marks."
        )
        notes.append(Note(kind="doubt", text=text))
    return notes


def _layout_notes(file: TextFile, layout: Layout) -> list[Note]:
    """The notes on the layout; of lines with blanks between their cells nobody can see which one is missing."""
    if file.separator not in (WHITE_SPACE, WIDE_SPACE):
        return list(layout.notes)
    other = "the last ones are missing, and if others are blank, their values stand in the wrong columns."
    text = "the rest is missing."
    return [
        note.model_copy(update={"text": note.text.replace(text, other)}) if note.kind == "short" else note
        for note in layout.notes
    ]


def _name_notes(layout: Layout) -> list[Note]:
    """Notes on column names that are blank or come twice, and on columns without one."""
    if not layout.header:
        return []
    notes = []
    if layout.shifted:
        text = "The rows have one cell more than there are column names: the first column was taken for row names."
        notes.append(Note(kind="names", text=text, count=1))
    elif layout.surplus:
        text = "Some rows have more cells than there are column names: the last columns were called Unnamed."
        text += " Decimal commas outside quotation marks split numbers in this way." if layout.parted else ""
        notes.append(Note(kind="names", text=text, count=layout.surplus))
    header = layout.header_cells if len(layout.header) == 1 else [re.sub(r"\.\d+$", "", name) for name in layout.names]
    unnamed = sum(not name for name in layout.header_cells) - layout.surplus - layout.shifted
    if unnamed > 0 and len(layout.header) == 1:
        have = "column has no name, and is" if unnamed == 1 else "columns have no name, and are"
        notes.append(Note(kind="names", text=f"{unnamed} {have} called Unnamed and a number.", count=unnamed))
    twice = [name for name, often in Counter(header).items() if often > 1 and name]
    if twice and len(set(layout.names)) != len(set(header)):
        text = f"Several columns are called {listed(twice)}: the later ones were numbered ({twice[0]}.1)."
        notes.append(Note(kind="names", text=text, count=len(twice)))
    return notes
