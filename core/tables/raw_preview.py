"""The raw cells of a file as they lie in it, before anything is decided: for a person to look at."""

import itertools
from collections import deque
from collections.abc import Iterable
from pathlib import PurePath

from pydantic import BaseModel, ConfigDict

from core.experiment.columns import Sheet
from core.experiment.reading import TableReading
from core.tables.archive import ARCHIVES, file_of_archive
from core.tables.formats import read, reader_of
from core.tables.raw_cells import Cells, text_of
from core.tables.text_file import read_text
from core.tables.text_grid import TextFile
from core.tables.workbook import Workbook, chosen_sheet, read_excel

HEAD_ROWS, TAIL_ROWS = 500, 100
MOST_COLUMNS, LONGEST_CELL = 60, 40


class RawPreview(BaseModel):
    """The first and the last rows of a file or sheet.

    Attributes:
        head: Its first 500 rows, at most 60 cells of each, cut at 40 characters.
        tail: Its last 100 rows, those that are in `head` left out.
        rows, columns: How many rows there are, blank ones counted, and cells in the widest of those shown.
        sheets: Those of a workbook, or the files of an archive with several.
        sheet: The one that is shown.
        encoding, separator: Of a text file, as given or found.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    head: list[list[str]]
    tail: list[list[str]]
    rows: int
    columns: int
    sheets: tuple[Sheet, ...] = ()
    sheet: str | None = None
    encoding: str | None = None
    separator: str | None = None


def raw_preview(name: str, content: bytes, reading: TableReading) -> RawPreview:
    """The preview of a file, with the sheet, the encoding and the separator that were decided. Raises TableError."""
    sheets: tuple[Sheet, ...] = ()
    sheet = None
    if PurePath(name).suffix.lower() in ARCHIVES:
        file = file_of_archive(name, content, reading.sheet)
        name, content, sheet = file.name, file.content, file.member
        sheets = tuple(Sheet(name=member, rows=0, columns=0) for member in file.members if len(file.members) > 1)
    reader = reader_of(name)
    if reader is read_text:
        text = TextFile(name, content, reading)
        shown = _shown(text.rows())
        about = {"encoding": text.encoding.name, "separator": text.separator}
        return shown.model_copy(update={"sheets": sheets, "sheet": sheet, **about})
    if reader is read_excel:
        book = Workbook(name, content)
        sheet = chosen_sheet(book, reading)
        return _shown(book.rows(sheet)).model_copy(update={"sheets": book.sheets, "sheet": sheet})
    frame = read(name, content, reading, cells=True).frame
    rows = itertools.chain([list(frame.columns)], frame.itertuples(index=False, name=None))
    return _shown(rows)


def _shown(rows: Iterable[Cells]) -> RawPreview:
    stream = iter(rows)
    head = [_cut(cells) for cells in itertools.islice(stream, HEAD_ROWS)]
    tail: deque[Cells] = deque(maxlen=TAIL_ROWS)
    more = 0
    for cells in stream:
        tail.append(cells)
        more += 1
    shown = [*head, *map(_cut, tail)]
    width = max((len(cells) for cells in shown), default=0)
    return RawPreview(head=head, tail=shown[len(head) :], rows=len(head) + more, columns=width)


def _cut(cells: Cells) -> list[str]:
    texts = map(text_of, cells[:MOST_COLUMNS])
    return [text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…" for text in texts]
