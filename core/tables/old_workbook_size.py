"""How large the sheets of an .xls workbook are, counted record by record before a reader builds anything of them."""

import io
import struct
from collections.abc import Callable

import olefile

_BEGIN, _END = 0x0809, 0x000A  # A sheet's first record, and its last.
# Records of one cell, and of several cells of a row, which end with the last column.
_CELL = {0x0203, 0x0204, 0x00FD, 0x027E, 0x0006, 0x0205, 0x00D6, 0x0201, 0x0003, 0x0004, 0x0002}
_CELLS = {0x00BD, 0x00BE}


def count_old_workbook(content: bytes, refuse: Callable[[str], None], large: int, fewest: float) -> None:
    """Calls `refuse` with why a sheet of at least `large` cells, of which fewer than a share hold something, is too
    large. A broken workbook passes: its reader says why.
    """
    try:
        with olefile.OleFileIO(io.BytesIO(content)) as file:
            name = next((name for name in ("Workbook", "Book") if file.exists(name)), None)
            stream = file.openstream(name).read() if name else b""
    except (OSError, ValueError, struct.error, IndexError, TypeError, OverflowError):
        return
    at = cells = last_row = last_column = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        data, at = at + 4, at + 4 + size
        if kind in (_BEGIN, _END):
            if last_row * last_column > large and cells < fewest * last_row * last_column:
                refuse(f"reaches to row {last_row:,} of column {last_column:,}, but has only {cells:,} cells")
            cells = last_row = last_column = 0
        elif (kind in _CELL or kind in _CELLS) and size >= 6 and at <= len(stream):
            row, column = struct.unpack_from("<HH", stream, data)
            if kind in _CELLS:
                (column,) = struct.unpack_from("<H", stream, at - 2)
            cells += 1
            last_row, last_column = max(last_row, row + 1), max(last_column, column + 1)
