"""Dates and durations of a table to predict for, where the training table's file has moments and durations: these do
not tell how they are written, so text says by itself whether the day or the month is first, and numbers what they
count.
"""

from typing import Any

import numpy as np
import pandas as pd

from core.tables.cell_dates import cell_dates, cell_durations, moment_of, number_days, number_way
from core.tables.cell_reading_dates import order_of_clock
from core.tables.raw import day_way, numbers

_MOST_LOOKED_AT = 5_000  # Different cells in which the order of day and month is looked for.


def dates_of_typed(column: pd.Series, usual: float | None = None) -> tuple[pd.Series, list[str]]:
    """The column with moments in the place of text and of numbers that are no days since 1970, and what is to be said
    of it; what is no date stays as it is. `usual` is the training rows' usual date in days since 1970.
    """
    if pd.api.types.is_datetime64_any_dtype(column) or pd.api.types.is_bool_dtype(column):
        return column, []
    if pd.api.types.is_numeric_dtype(column):
        return _of_numbers(column, usual)
    if not pd.api.types.is_string_dtype(column):
        return column, []
    texts = [text for text in column.dropna().unique() if isinstance(text, str)]
    both = [(text, moment_of(text), moment_of(text, True)) for text in texts[:_MOST_LOOKED_AT]]
    doubtful = [text for text, one, other in both if one and other and one != other]
    if not doubtful:
        return column, []  # Each is read in one way only.
    decided = [text for text, one, other in both if (one is None) != (other is None)]
    order = day_way(column) or "day first"
    values = cell_dates(texts, {"dates": [order]})
    moments = pd.Series(values.to_numpy(), index=texts).reindex(column).set_axis(column.index)
    unread = moments.isna() & column.notna()
    dates = moments.astype(object).where(~unread, column) if unread.any() else moments
    if decided or all("." in text for text in doubtful):
        return dates.rename(column.name), []
    first = order.removesuffix(" first")
    return dates.rename(column.name), [
        f"{column.name!r} holds dates like {doubtful[0]}, in which day and month can't be told apart: the {first} was "
        "read first."
    ]


def _of_numbers(column: pd.Series, usual: float | None) -> tuple[pd.Series, list[str]]:
    values = numbers(column)
    way = number_way(values)
    if way is None:
        return column, []
    days = number_days(values, way)
    if usual is not None and abs(np.nanmedian(values) - usual) <= abs(np.nanmedian(days) - usual):
        return column, []  # They are days since 1970.
    moments = pd.Series(pd.to_datetime(np.round(days * 86_400), unit="s", errors="coerce"), index=column.index)
    there = column[moments.notna()]
    if not len(there):
        return column, []
    example = f"{there.iloc[0]:.15g} as {moments[moments.notna()].iloc[0].isoformat(sep=' ').removesuffix(' 00:00:00')}"
    return moments.rename(column.name), [f"The numbers of {column.name!r} were read as dates: {example}."]


def with_order(reading: dict[str, Any], column: pd.Series) -> dict[str, Any]:
    """A column's reading of dates that does not say whether the day or the month is first, as of 2024-03-01, with what
    the column's own text says.
    """
    if reading.get("as") != "date" or reading.get("dates") or not pd.api.types.is_string_dtype(column):
        return reading
    return {**reading, "dates": [day_way(column) or "day first"]}


def with_unit_of_clock(
    reading: dict[str, Any], column: pd.Series, usual: float | None
) -> tuple[dict[str, Any], list[str]]:
    """A column's reading of durations that does not say whether 3:15 is minutes or hours, as of durations that a
    workbook types, with the one that is nearer to `usual`, the training rows' in seconds; and what is to be said of it.
    """
    if reading.get("as") != "duration" or reading.get("dates") or pd.api.types.is_numeric_dtype(column):
        return reading, []
    order, first = order_of_clock([cell for cell in column.dropna().unique() if isinstance(cell, str)], usual)
    if not order:
        return reading, []
    read = float(cell_durations([first], {"dates": [order]}).iloc[0])
    parts = "hours and minutes" if order == "hours first" else "minutes and seconds"
    says = (
        f"{first!r} of {column.name!r} was read as {parts}, "
        f"{read:,.10g} seconds, which is nearer to the training rows' durations."
    )
    return {**reading, "dates": [order]}, [says]
