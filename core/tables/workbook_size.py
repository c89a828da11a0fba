"""How large an Excel workbook is, counted while it is inflated and parsed as a stream, before a reader builds anything
of it.

A workbook of a few kilobytes can hold billions of cells: two far corners, zeros that pack a thousandfold, entities that
expand. Sizes that the file itself states are not believed.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from functools import cache, reduce
from typing import NoReturn
from xml.parsers import expat

from core.tables.binary_workbook_size import RecordCounter
from core.tables.errors import TableError
from core.tables.limits import OF_XML, check_growth
from core.tables.old_workbook_size import count_old_workbook

MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384  # Of a sheet, by the format.
MOST_CELLS = 20_000_000  # Of a sheet, the empty ones between the others too: each is an object while it is read.
MOST_BYTES = 1_000_000_000  # Of all parts, inflated.
_LARGE = 1_000_000  # Cells of a sheet from which on
_FEWEST = 0.02  # so many of them must hold something.
_LONGEST_TEXT = 4_000_000  # Bytes without a new element: a cell of a spreadsheet holds 32,767 characters.
_CHUNK = 1 << 18
_OLE = b"\xd0\xcf\x11\xe0"  # An .xls file.
_LOCAL_HEADER = 30  # Bytes of a part's header in the archive, before its name and its extra field.
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,9})")
# A row as most programs write it: counted by its bytes, several times as fast as by its elements. Nothing stands in it
# but its own cells, each with a short text or number or none.
_TEXT = rb"[^<>&]{0,300}"
_PLAIN_ROW = re.compile(
    rb'<row r="([1-9]\d{0,6})"(?: [\w:]{1,30}="[^"<>&]{0,60}")*>'
    rb'(?:<c r="[A-Z]{1,3}\1"(?: [a-z]{1,4}="\w{0,10}")*(?:/>|>(?:<f>'
    + _TEXT
    + rb"</f>)?(?:<v ?/>|<v>"
    + _TEXT
    + rb"</v>|"
    rb'<is><t(?: xml:space="preserve")?>' + _TEXT + rb"</t></is>)?</c>))*</row>\s{0,99}"
)
_PLAIN_CELL = re.compile(rb'<c r="([A-Z]{1,3})')
_LONGEST_ROW = 1 << 18  # Bytes of a plain row.


def check_size(name: str, content: bytes) -> None:
    """Raises TableError as soon as a workbook passes a limit, or holds what no workbook has.

    A broken archive passes: its reader says why.
    """
    if content.startswith(_OLE):
        count_old_workbook(content, _BinaryCounter(name).refuse, _LARGE, _FEWEST)
        return
    left = MOST_BYTES
    try:
        for part in zipfile.ZipFile(io.BytesIO(content)).infolist():
            counter = _counter(name, part.filename.lower())
            for chunk in _inflated(content, part):
                left -= len(chunk)
                if left < 0:
                    raise TableError(
                        f"{name} unpacks to more than {MOST_BYTES:,} bytes: save its table as CSV or Parquet."
                    )
                check_growth(name, len(content), MOST_BYTES - left, OF_XML)
                if counter:
                    counter.feed(chunk)
            if counter:
                counter.end()
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
    ) as error:
        if isinstance(error, TableError):
            raise


def _counter(name: str, part: str) -> "_Counter | _BinaryCounter | None":
    """What counts the cells of a part; None for a part that is neither XML nor a binary sheet."""
    if part.endswith((".xml", ".rels")):
        return _Counter(name, part)
    return _BinaryCounter(name) if part.endswith(".bin") else None


class _BinaryCounter:
    """Counts the records of a part of an .xlsb workbook. Raises TableError."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._counter = RecordCounter(self.refuse, MOST_ROWS, MOST_COLUMNS, MOST_CELLS)

    def feed(self, chunk: bytes) -> None:
        """Counts on."""
        self._counter.feed(chunk)

    def end(self) -> None:
        """Refuses a sheet that is large only because of a few cells far apart."""
        self._counter.end(_LARGE, _FEWEST)

    def refuse(self, why: str) -> NoReturn:
        """Raises TableError with why the workbook is too large."""
        raise _too_large(self._name, why)


def _too_large(name: str, why: str) -> TableError:
    return TableError(f"A sheet of {name} {why}: delete the cells far outside the table, or save it as CSV or Parquet.")


def _inflated(content: bytes, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """A part's bytes to their end, whatever length the archive states for it."""
    start = part.header_offset + _LOCAL_HEADER
    start += sum(struct.unpack_from("<HH", content, part.header_offset + _LOCAL_HEADER - 4))
    packed = memoryview(content)[start : start + part.compress_size]
    inflater = None if part.compress_type == zipfile.ZIP_STORED else zlib.decompressobj(-zlib.MAX_WBITS)
    for at in range(0, len(packed), _CHUNK):
        piece: bytes | memoryview = packed[at : at + _CHUNK]
        if inflater is None:
            yield bytes(piece)
        while inflater is not None and piece and not inflater.eof:
            yield inflater.decompress(piece, _CHUNK)
            piece = inflater.unconsumed_tail


class _Counter:
    """Counts rows and cells of one part, as they are parsed. Raises TableError."""

    def __init__(self, name: str, part: str) -> None:
        self._name, self._part = name, part
        self._elements = self._quiet = 0
        self._rows = self._row = self._column = 0  # Row elements; the place of the last cell.
        self._cells = self._last_row = self._last_column = 0
        self._times = 0  # How many rows the last one of an .ods workbook stands for.
        self._held = b""  # The beginning of a row whose end was not seen yet.
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.StartDoctypeDeclHandler = self._declares

    def feed(self, chunk: bytes) -> None:
        """Counts on."""
        chunk = self._held + chunk
        end = chunk.rfind(b"</row>") + len(b"</row>")
        if len(b"</row>") <= end and len(chunk) - end < _LONGEST_ROW:
            chunk, self._held = chunk[:end], chunk[end:]
        else:
            self._held = b""
        self._parse(_PLAIN_ROW.sub(self._plain_row, chunk))
        self._check_cells()

    def _plain_row(self, found: re.Match[bytes]) -> bytes:
        """Counts a row that is as most programs write it, and takes it from what is parsed. One within a comment is
        counted, too: that is too many, never too few.
        """
        columns = _PLAIN_CELL.findall(found[0])
        self._rows += 1
        self._row, self._column = max(self._row, int(found[1])), 0
        self._check_rows()
        if columns:
            self._cells += len(columns)
            self._last_row = max(self._last_row, self._row)
            self._last_column = max(self._last_column, *(column_number(letters.decode()) for letters in set(columns)))
        return b""

    def _parse(self, chunk: bytes) -> None:
        before = self._elements
        try:
            self._parser.Parse(chunk, False)
        except expat.ExpatError as error:
            raise TableError(
                f"{self._name} can't be read as an Excel workbook (its part {self._part[:80]} is broken: {error}): "
                "save it again as .xlsx, or as CSV."
            ) from None
        self._quiet = 0 if self._elements != before else self._quiet + len(chunk)
        if self._quiet > _LONGEST_TEXT:
            where = f" in row {self._row:,}" if self._row else ""
            raise TableError(
                f"{self._name} has a text of more than {_LONGEST_TEXT:,} bytes{where}: shorten it, or save the table "
                "as CSV."
            )

    def end(self) -> None:
        """Refuses a sheet that is large only because of a few cells far apart."""
        self._parse(self._held)
        area = self._last_row * self._last_column
        if area > _LARGE and self._cells < _FEWEST * area:
            self.refuse(
                f"reaches to row {self._last_row:,} of column {self._last_column:,}, but has only {self._cells:,} cells"
            )

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if tag == "v":  # Of every second element there is nothing to count.
            return
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        if tag == "c":
            self._cell(attributes.get("r"))
        elif tag == "row":
            self._rows += 1
            number = attributes.get("r", "")
            self._row = int(number) if number.isdecimal() and len(number) < 10 else self._row + 1
            self._column = 0
            self._check_rows()
        elif tag == "table":
            self._row = self._column = self._times = 0
        elif tag == "table-row":  # Of an .ods workbook, where a row stands for several alike.
            self._row, self._column = self._row + self._times, 0
            self._times = _repeats(attributes, "number-rows-repeated")
        elif tag in ("table-cell", "covered-table-cell"):
            self._repeated_cell(attributes)

    def _repeated_cell(self, attributes: dict[str, str]) -> None:
        """A cell of an .ods workbook counts for all that it stands for; empty ones only move the next."""
        times = _repeats(attributes, "number-columns-repeated")
        self._column += times
        if any(name.endswith("value-type") for name in attributes):
            self._cells += times * self._times
            row = self._row + self._times
            self._last_row, self._last_column = max(row, self._last_row), max(self._column, self._last_column)
            if self._last_row > MOST_ROWS or self._last_column > MOST_COLUMNS:
                self.refuse(f"has a cell in row {row:,}, column {self._column:,}")
            if max(self._cells, self._last_row * self._last_column) > MOST_CELLS:
                reach = f"row {self._last_row:,} of column {self._last_column:,}"
                self.refuse(f"reaches to {reach}, which is more than {MOST_CELLS:,} cells")

    def _cell(self, place: str | None) -> None:
        """A cell stands where it says, or else right of the one before it."""
        named = _CELL.fullmatch(place) if place else None
        if named:
            self._column, self._row = column_number(named[1]), int(named[2])
        else:
            self._column += 1
        self._cells += 1
        if self._row > self._last_row or self._column > self._last_column or self._cells > MOST_CELLS:
            self._last_row, self._last_column = max(self._row, self._last_row), max(self._column, self._last_column)
            self._check_cells()

    def _check_rows(self) -> None:
        if max(self._rows, self._row) > MOST_ROWS:
            self.refuse(f"has row {max(self._rows, self._row):,}, and a sheet ends at row {MOST_ROWS:,}")

    def _check_cells(self) -> None:
        if self._last_row > MOST_ROWS or self._last_column > MOST_COLUMNS:
            end = f"row {MOST_ROWS:,} and column {MOST_COLUMNS:,}"
            self.refuse(f"has a cell in row {self._row:,}, column {self._column:,}, and a sheet ends at {end}")
        if self._last_row * self._last_column > MOST_CELLS:
            reach = f"row {self._last_row:,} of column {self._last_column:,}"
            self.refuse(f"reaches to {reach}, which is more than {MOST_CELLS:,} cells")
        if self._cells > MOST_CELLS:
            self.refuse(f"has more than {MOST_CELLS:,} cells")

    def refuse(self, why: str) -> NoReturn:
        """Raises TableError with why the workbook is too large."""
        raise _too_large(self._name, why)

    def _declares(self, *_: object) -> None:
        raise TableError(
            f"{self._name} declares a document type in its part {self._part[:80]}, which no workbook does: "
            "save it again as .xlsx, or as CSV."
        )


def _repeats(attributes: dict[str, str], what: str) -> int:
    """How many rows or cells an element stands for."""
    number = next((value for name, value in attributes.items() if name.rpartition(":")[2] == what), "1")
    return min(int(number), MOST_CELLS) if number.isdecimal() and len(number) < 10 else 1


@cache
def column_number(letters: str) -> int:
    """The number of a column's letters: A -> 1, Z -> 26, AA -> 27."""
    return reduce(lambda number, letter: 26 * number + ord(letter) - 64, letters, 0)
