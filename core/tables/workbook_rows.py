"""The rows of a sheet as objects of Python, and the frame that pandas makes of them: a sheet is parsed once.

rows = sheet_rows(sheet)                 a value that many cells have is held once
frame = frame_of_rows(rows, options)     as `pandas.read_excel(file, engine="calamine", **options)`
"""

import datetime
from collections import defaultdict
from typing import Any

import pandas as pd
from pandas.errors import EmptyDataError
from pandas.io.parsers import TextParser
from python_calamine import CalamineSheet

_OF_FILES = ("engine", "sheet_name")  # Options that say where the rows come from.
_MOST_HELD = 10_000  # Values of a type: where there are more, few cells have the same.


class _Pool:
    """One object for equal values of a type: True, 1 and 1.0 are equal."""

    def __init__(self) -> None:
        self._held: defaultdict[type, dict[Any, Any]] = defaultdict(dict)

    def one(self, cell: Any) -> Any:
        """A cell, or the object that an equal one was before it."""
        held = self._held[type(cell)]
        return held.setdefault(cell, cell) if len(held) < _MOST_HELD else held.get(cell, cell)


def sheet_rows(sheet: CalamineSheet) -> list[list[Any]]:
    """The rows of a sheet from its first cell on, as `sheet.to_python(skip_empty_area=False)` gives them."""
    before = [""] * (sheet.start[1] if sheet.start else 0)
    pool = _Pool()
    return [[*before, *map(pool.one, cells)] for cells in sheet.iter_rows()]


def frame_of_rows(rows: list[list[Any]], options: dict[str, Any]) -> pd.DataFrame:
    """The frame of the rows of a sheet. Raises what pandas raises."""
    if not rows:
        return pd.DataFrame()
    pool = _Pool()
    told = {option: value for option, value in options.items() if option not in _OF_FILES}
    told = {"header": 0, "index_col": None, **told}
    try:
        cells_of_pandas = [[pool.one(_of_pandas(cell)) for cell in cells] for cells in rows]
        return TextParser(cells_of_pandas, **told, skip_blank_lines=False).read()
    except EmptyDataError:
        return pd.DataFrame()


def _of_pandas(cell: Any) -> Any:
    """A cell as pandas takes it from python-calamine: whole numbers and days in types of their own."""
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() else cell
    if isinstance(cell, datetime.date) and not isinstance(cell, datetime.datetime):
        return datetime.datetime(cell.year, cell.month, cell.day)
    return cell
