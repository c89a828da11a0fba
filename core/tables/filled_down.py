"""Columns whose empty cells take the value above them, as merged cells of a workbook mean it.

The printed program carries `with_filled_down`.
"""

import pandas as pd


def with_filled_down(table: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """The table with the value above in each empty cell of the columns."""
    return table.assign(**{name: table[name].ffill() for name in columns})
