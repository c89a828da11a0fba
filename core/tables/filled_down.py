"""Columns whose empty cells take the value above them, as merged cells of a workbook mean it.

The printed program carries `with_filled_down`.
"""

import pandas as pd

from core.experiment.columns import Note

_MOST_FILLED = 0.5  # Of the rows, where a name stands once above its rows.


def with_filled_down(table: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """The table with the value above in each empty cell of the columns."""
    return table.assign(**{name: table[name].ffill() for name in columns})


def sparse_names(table: pd.DataFrame) -> list[Note]:
    """A note on each column of words whose first cell is filled, and few others, each with a word of its own: a name
    that stands once, in the first of its rows.
    """
    notes = []
    for at, name in enumerate(table.columns):
        column = table.iloc[:, at]
        if not isinstance(column.dtype, pd.StringDtype) or not len(column) or pd.isna(column.iloc[0]):
            continue
        there = column.dropna()
        if 2 <= len(there) <= _MOST_FILLED * len(column) and there.is_unique:
            text = (
                f"Column {str(name)!r} is filled in {len(there):,} of {len(column):,} rows only, the first among them."
            )
            notes.append(Note(kind="sparse", text=text, column=str(name), count=len(there), decision="filled_down"))
    return notes
