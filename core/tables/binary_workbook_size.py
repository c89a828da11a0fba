"""How large the sheets of an .xlsb workbook are, counted record by record while they are inflated."""

from collections.abc import Callable

MOST_RECORDS = 5_000_000  # Of all sheets; a cell is a record.
_LONGEST = 4_000_000  # Bytes of a record: a cell of a spreadsheet holds 32,767 characters.
_ROW, _CELLS = 0, range(1, 12)  # Kinds of records.


class RecordCounter:
    """Counts the rows and cells of one binary part; `refuse` is called with why it is too large, and raises."""

    def __init__(self, refuse: Callable[[str], None], most_rows: int, most_columns: int, most_cells: int) -> None:
        self._refuse = refuse
        self._most = (most_rows, most_columns, most_cells)
        self._left = b""
        self._records = self._cells = self._row = self._last_row = self._last_column = 0

    def feed(self, chunk: bytes) -> None:
        """Counts on."""
        data, at = self._left + chunk, 0
        while (read := _record(data, at)) is not None:
            kind, start, end = read
            if end - start > _LONGEST:
                self._refuse("holds a record of millions of bytes")
            if end > len(data):
                break
            self._records += 1
            if self._records > MOST_RECORDS:
                self._refuse(f"has more than {MOST_RECORDS:,} cells")
            if kind == _ROW:
                if end - start < 4:
                    self._refuse("holds a row without a number")
                self._row = int.from_bytes(data[start : start + 4], "little") + 1
            elif kind in _CELLS and end - start >= 4:
                self._cell(int.from_bytes(data[start : start + 4], "little") + 1)
            at = end
        self._left = data[at:]

    def _cell(self, column: int) -> None:
        self._cells += 1
        self._last_row, self._last_column = max(self._last_row, self._row), max(self._last_column, column)
        rows, columns, cells = self._most
        if self._last_row > rows or self._last_column > columns:
            self._refuse(f"has a cell in row {self._row:,}, column {column:,}")
        if self._last_row * self._last_column > cells:
            reach = f"row {self._last_row:,} of column {self._last_column:,}"
            self._refuse(f"reaches to {reach}, which is more than {cells:,} cells")

    def end(self, large: int, fewest: float) -> None:
        """Refuses a sheet of at least so many cells of which fewer than that share hold something."""
        area = self._last_row * self._last_column
        if area > large and self._cells < fewest * area:
            reach = f"row {self._last_row:,} of column {self._last_column:,}"
            self._refuse(f"reaches to {reach}, but has only {self._cells:,} cells")


def _record(data: bytes, at: int) -> tuple[int, int, int] | None:
    """The kind of the record at a place, and where its data begins and ends; None where its head is cut off."""
    if at >= len(data):
        return None
    kind = data[at]
    at += 1
    if kind & 128:
        if at >= len(data):
            return None
        kind, at = kind & 127 | data[at] << 7, at + 1
    size = 0
    for place in range(4):
        if at >= len(data):
            return None
        byte, at = data[at], at + 1
        size |= (byte & 127) << (7 * place)
        if not byte & 128:
            break
    return kind, at, at + size
