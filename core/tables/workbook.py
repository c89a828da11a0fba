"""Workbooks, read by `pandas.read_excel` with python-calamine: .xlsx, .xlsm, .xls, .xlsb and .ods."""

import io
from pathlib import PurePath
from typing import Any

import pandas as pd
from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from core.experiment.columns import Note, Sheet
from core.experiment.counts import count, counted
from core.experiment.reading import TableReading
from core.tables.cell_numbers import cell_text
from core.tables.errors import TableError
from core.tables.filled_down import sparse_names, with_filled_down
from core.tables.group_headings import with_headings
from core.tables.kept_cells import is_losable, kept_cells
from core.tables.layout import decide
from core.tables.layout_walk import Layout
from core.tables.raw_cells import Cells, blank, is_blank_row
from core.tables.reading import Reading, listed, reason_of
from core.tables.workbook_cells import unsure_cells
from core.tables.workbook_rows import frame_of_rows, sheet_rows
from core.tables.workbook_size import check_size
from core.tables.workbook_thousands import thousands_as_text

_ZIP = b"PK\x03\x04"  # What .xlsx, .xlsb and .ods files are underneath.
_OLE = b"\xd0\xcf\x11\xe0"  # An .xls file, or any workbook behind a password.
_ENGINE = {"engine": "calamine"}  # Nine times faster than openpyxl, and safe code: Rust.
_SMALL, _TIMES = 20, 10  # A sheet of fewer cells is passed over for one of so many times more.


class Workbook:
    """A workbook as raw grids, one a sheet.

    Attributes:
        sheets: All of them, in the workbook's order; those that hold no cells, like charts, are left out.
        first: The name of the first one, charts counted: pandas reads that one where none is named.
    """

    def __init__(self, name: str, content: bytes) -> None:
        self.name = name
        _check_form(name, content)
        check_size(name, content)
        try:
            book = CalamineWorkbook.from_filelike(io.BytesIO(content))
            self.first = next((sheet.name for sheet in book.sheets_metadata), "")
            about = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
            self._merged: dict[str, list[tuple[tuple[int, int], tuple[int, int]]]] = {}
            self._rows = {sheet.name: self._read(book, sheet.name) for sheet in about}
        except TableError:
            raise
        except Exception as error:  # Whatever zip, XML and calamine raise on a broken workbook.
            raise broken(name, error) from None
        self.sheets = tuple(
            Sheet(
                name=sheet.name,
                rows=sum(not is_blank_row(cells) for cells in self._rows[sheet.name]),
                columns=max((_width(cells) for cells in self._rows[sheet.name]), default=0),
                hidden=sheet.visible != SheetVisibleEnum.Visible,
            )
            for sheet in about
        )

    def _read(self, book: CalamineWorkbook, sheet: str) -> list[list[Any]]:
        found = book.get_sheet_by_name(sheet)
        self._merged[sheet] = [(first, last) for first, last in found.merged_cell_ranges or [] if first != last]
        return sheet_rows(found)

    def rows(self, sheet: str) -> list[list[Any]]:
        """The rows of a sheet from its first cell on, cells as they are typed."""
        return self._rows[sheet]

    def merged(self, sheet: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
        """The merged cells of a sheet: first (row, column) and last, counted from 0."""
        return self._merged[sheet]


def read_excel(name: str, content: bytes, given: TableReading, cells: bool = False) -> Reading:
    """Read a sheet of a workbook: the one that was chosen, or the first visible one that holds a table."""
    book = Workbook(name, content)
    sheet, layout = _sheet(book, given, cells)
    chosen = next(one for one in book.sheets if one.name == sheet)
    if layout is None or layout.rows == 0:
        others = [one.name for one in book.sheets if one.name != sheet]
        more = f" The other sheets are {', '.join(others[:20])}." if others else ""
        raise TableError(f"The sheet {sheet!r} of {name} has no rows below its names: choose another one.{more}")
    options = {
        **_ENGINE,
        **_options(layout, len(book.rows(sheet))),
        **({} if sheet == book.first else {"sheet_name": sheet}),
    }
    filled, merged_notes = _filled_down(book, sheet, layout, given)
    told = _sheet_notes(book, chosen)
    rows, sheets = book.rows(sheet), book.sheets
    texts = _LosableTexts(rows, layout)
    named = [*thousands_as_text(rows, layout)]
    # Of text like 1.200 pandas makes 1.2 before anyone sees its marks.
    named += [name for name in layout.names if name in given.columns and given.columns[name].decimal == ","]
    typed = {"dtype": dict.fromkeys(named, "object")} if named else {}
    options |= typed
    del book  # The cells of its other sheets.
    frame = _parsed(name, rows, options)
    kept = kept_cells(frame, texts.of, given.columns)
    if kept.options:
        options |= kept.options
        options |= {"dtype": typed["dtype"] | kept.options.get("dtype", {})} if typed else {}
        frame = _parsed(name, rows, options)
    del rows, texts
    noted = [*told, *layout.notes, *kept.notes]
    frame = with_headings(frame, list(given.heading_columns), layout.headings) if layout.headings else frame
    frame = with_filled_down(frame, list(filled)) if filled else frame
    merged_notes += [] if given.filled_down is not None else sparse_names(frame)
    noted += [*merged_notes, *unsure_cells(content, sheet, layout)]
    decided = layout.decided(given).model_copy(update={"sheet": sheet, "filled_down": filled})
    return Reading(
        frame,
        "read_excel",
        options,
        noted,
        units=layout.units,
        decided=decided,
        headings=layout.headings,
        filled_down=filled,
        columns=kept.columns,
        sheets=sheets,
    )


def broken(name: str, error: Exception) -> TableError:
    """The sentence for a workbook that cannot be read."""
    return TableError(
        f"{name} can't be read as an Excel workbook ({reason_of(error)}): save it again as .xlsx, or as CSV."
    )


def _check_form(name: str, content: bytes) -> None:
    old = PurePath(name).suffix.lower() == ".xls"
    if content.startswith(_OLE) and not old:
        raise TableError(
            f"{name} is an old or a protected Excel workbook: open it in Excel and save it without a password as .xlsx."
        )
    if not content.startswith((_ZIP, _OLE)):
        raise TableError(
            f"{name} is not what its extension says, and can't be read as an Excel workbook: save it again as "
            ".xlsx, or as CSV."
        )


def _width(cells: Cells) -> int:
    return next((place for place in range(len(cells), 0, -1) if not blank(cells[place - 1])), 0)


def _sheet(book: Workbook, given: TableReading, cells: bool = False) -> tuple[str, Layout | None]:
    """The sheet that is read, and its layout."""
    if not book.sheets:
        raise TableError(f"{book.name} holds no sheet with cells: save the table as CSV.")
    if given.sheet is not None:
        names = [sheet.name for sheet in book.sheets]
        if given.sheet not in names:
            raise TableError(f"{book.name} has no sheet {given.sheet!r}: choose one of {listed(names, 20)}.")
        return given.sheet, _layout(book, given.sheet, given, cells)
    visible = [sheet for sheet in book.sheets if not sheet.hidden] or list(book.sheets)
    largest = max(sheet.rows * sheet.columns for sheet in visible)
    for sheet in visible:
        size = sheet.rows * sheet.columns
        if sheet.rows < 2 or (size < _SMALL and size * _TIMES <= largest):
            continue
        layout = _layout(book, sheet.name, given, cells)
        if layout is not None and layout.rows and (len(layout.names) > 1 or layout.numeric):
            return sheet.name, layout
    first = next((sheet.name for sheet in visible if sheet.rows > 1), visible[0].name)
    return first, _layout(book, first, given, cells)


def chosen_sheet(book: Workbook, given: TableReading) -> str:
    """The sheet that is read: the one that was chosen, or the first visible one that holds a table."""
    return _sheet(book, given)[0]


def _layout(book: Workbook, sheet: str, given: TableReading, cells: bool) -> Layout | None:
    rows = book.rows(sheet)
    return decide(lambda: rows, given, book.merged(sheet), line="row", ragged=False, keep_blank=cells)


def _options(layout: Layout, rows: int) -> dict[str, Any]:
    """What `pandas.read_excel` is told of the layout of a sheet of so many rows: nothing of a plain one."""
    ordinary = (
        len(layout.header) == 1
        and not layout.skipped
        and layout.first_column == 0
        and layout.last_column == layout.width - 1
        and layout.last_row >= layout.last
        and layout.first_row == layout.header[0] + 1
        and layout.words_as_names
    )
    if ordinary:
        return {"skiprows": layout.header[0]} if layout.header[0] else {}
    options: dict[str, Any] = {"header": None, "names": layout.names}
    # Of a sheet, pandas counts rows with and without those that it skips: what lies below is skipped, too.
    skipped = [at for at in layout.skipped if at >= layout.first_row] + list(range(layout.last_row + 1, rows))
    if layout.first_row or skipped:
        options["skiprows"] = [*range(layout.first_row), *skipped] if skipped else layout.first_row
    if layout.first_column > 0 or layout.last_column < layout.width - 1:
        options["usecols"] = list(range(layout.first_column, layout.last_column + 1))
    return options


class _LosableTexts:
    """The columns of a sheet in which text stands that pandas may lose, with their cells as text."""

    def __init__(self, rows: list[list[Any]], layout: Layout) -> None:
        skipped = set(layout.skipped)
        within = range(layout.first_row, min(layout.last_row + 1, len(rows)))
        self._rows = [rows[at] for at in within if at not in skipped]
        places = range(layout.first_column, layout.last_column + 1)
        self._places = dict(zip(layout.names, places, strict=True))

    def of(self, names: list[str]) -> dict[str, pd.Series]:
        """Those among some columns with their cells as text, "" where nothing stands."""
        found = {}
        for name in names:
            place = self._places.get(name)
            if place is None:
                continue
            cells = [cells[place] if place < len(cells) else None for cells in self._rows]
            if any(map(is_losable, cells)):
                found[name] = pd.Series(["" if cell is None else cell_text(cell) for cell in cells], dtype="str")
        return found


def _parsed(name: str, rows: list[list[Any]], options: dict[str, Any]) -> pd.DataFrame:
    try:
        return frame_of_rows(rows, options)
    except Exception as error:
        raise broken(name, error) from None


def _sheet_notes(book: Workbook, chosen: Sheet) -> list[Note]:
    if len(book.sheets) < 2:
        return []
    which = "first sheet" if chosen == book.sheets[0] else "sheet"
    hidden = sum(sheet.hidden for sheet in book.sheets)
    told = f", of which {hidden} {counted(hidden, 'is', 'are')} hidden" if hidden else ""
    text = f"The {which}, {chosen.name!r}, was read; the workbook has {len(book.sheets)} sheets{told}."
    return [Note(kind="sheet", text=text, count=len(book.sheets), decision="sheet")]


def _filled_down(book: Workbook, sheet: str, layout: Layout, given: TableReading) -> tuple[tuple[str, ...], list[Note]]:
    """The columns whose merged cells are filled down: as given, or those of which nothing else is blank."""
    if given.filled_down is not None:
        return tuple(name for name in given.filled_down if name in layout.names), []
    rows, notes = book.rows(sheet), []
    skipped = set(layout.skipped)
    filled: list[str] = []
    for place, name in zip(range(layout.first_column, layout.last_column + 1), layout.names, strict=True):
        covered = {
            at
            for (top, left), (bottom, _) in book.merged(sheet)
            if left == place and bottom > top and bottom >= layout.first_row
            for at in range(max(top + 1, layout.first_row), bottom + 1)
        }
        if not covered:
            continue
        values = [at for at in range(layout.first_row, layout.last_row + 1) if at not in skipped]
        others = [at for at in values if at not in covered and (place >= len(rows[at]) or blank(rows[at][place]))]
        within = [at for at in values if at in covered]
        if others:
            what = f"Column {name!r} has merged cells and {count(len(others), 'other blank cell')}"
            text = f"{what}: none were filled with the value above."
        else:
            filled.append(name)
            are = counted(len(within), "is", "are")
            text = f"{count(len(within), 'cell')} of {name!r} {are} merged with the cell above and took its value."
        rows_of = tuple((others or within)[:100])
        notes.append(
            Note(kind="merged", text=text, rows=rows_of, column=name, count=len(rows_of), decision="filled_down")
        )
    return tuple(filled), notes
