"""Cells to raw values: what the network's inputs are fed. The printed program carries the source of the functions it
needs.

Every function takes a column (pandas.Series of n cells) and returns n values: float64 with NaN for a missing cell, or
text with "".
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from core.tables.cell_dates import cell_dates, number_days, number_way


def numbers(column: pd.Series) -> np.ndarray:
    """Cells as floats; what is no finite number of float32, the network's own, is NaN."""
    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype="float64", na_value=np.nan, copy=True)
    values[~(np.abs(values) < 3e38) | column.isna().to_numpy()] = np.nan
    return values


def words(column: pd.Series) -> np.ndarray:
    """Cells as text; missing cells are "". A table with gaps holds 7.0 where one without holds 7: in both it is "7"."""
    text = column.astype("string").fillna("").to_numpy(dtype=object, copy=True)
    if pd.api.types.is_float_dtype(column):
        values = column.to_numpy(dtype="float64", na_value=np.nan)
        whole = (np.floor(values) == values) & (np.abs(values) < 2**53)
        text[whole] = [str(int(value)) for value in values[whole]]
        text[~np.isfinite(values)] = ""
    return text


def codes(column: pd.Series) -> np.ndarray:
    """Whole numbers as text without a fraction ("7.0" is "7"), other cells as they are, True and False, too; missing
    cells are "".
    """
    text = words(column)
    if pd.api.types.infer_dtype(column, skipna=True) == "boolean":
        return text
    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
    whole = (np.floor(values) == values) & (np.abs(values) < 2**53) & (text != "")  # Beyond 2**53 floats are not exact.
    text[whole] = [str(int(value)) for value in values[whole]]
    return text


def booleans(column: pd.Series) -> np.ndarray:
    """Yes, true and 1 as 1.0, no, false and 0 as 0.0, everything else as NaN."""
    known = {
        "1": 1.0,
        "true": 1.0,
        "yes": 1.0,
        "y": 1.0,
        "t": 1.0,
        "0": 0.0,
        "false": 0.0,
        "no": 0.0,
        "n": 0.0,
        "f": 0.0,
    }
    # Few different ones; -1 for a missing cell.
    which, cells = pd.factorize(words(column) if column.dtype == object else column)
    return np.array(
        [*(known.get(text.strip().lower(), np.nan) for text in codes(pd.Series(cells))), np.nan], dtype="float64"
    )[which]


def day_way(column: pd.Series) -> str | None:
    """What is to be known of a column to read its dates: whether the day or the month is first in its text, what its
    numbers count; None where cells are moments already, or numbers of days.
    """
    if pd.api.types.is_numeric_dtype(column):
        return number_way(numbers(column))
    if not pd.api.types.is_string_dtype(column):
        return None
    cells = column.dropna().unique().tolist()
    orders = ("day first", "month first")  # The first of equals.
    return max(orders, key=lambda order: cell_dates(cells, {"dates": [order]}).notna().sum())


def days(column: pd.Series, way: str | None = None) -> np.ndarray:
    """Dates as days since 1970-01-01; what is no date is NaN. `way` is how the training rows write dates, as `day_way`
    gives it, or a format of an earlier version: "%m/%d/%Y".
    """
    if pd.api.types.is_numeric_dtype(column):
        return number_days(numbers(column), way)
    if not pd.api.types.is_datetime64_any_dtype(column):
        order = "month first" if (way or "").startswith(("month", "%m", "%B")) else "day first"
        order = "year first" if way == "year first" else order
        which, cells = pd.factorize(column)
        dates = cell_dates([*cells, None], {"dates": [order]}).iloc[which].to_numpy(dtype="datetime64[us]")
        return (dates - np.datetime64(0, "D")) / np.timedelta64(1, "D")
    dates = column.dt.tz_convert(None) if column.dt.tz is not None else column
    moments = dates.to_numpy(dtype=dates.dtype)  # In the column's own unit, which reaches as far as its dates.
    return (moments - np.datetime64(0, "D")) / np.timedelta64(1, "D")


# Kind of a feature -> how its cells are read.
READERS: dict[str, Callable[[pd.Series], np.ndarray]] = {
    "number": numbers,
    "category": words,
    "code": codes,
    "text": words,
    "boolean": booleans,
    "date": days,
}
