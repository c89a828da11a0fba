"""The values and ranges of columns, and how good a run predicts for the rows of each, as values;
`core.evaluation.slices` computes them with SciPy, which the page does without.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.evaluation.residuals import quantile_groups
from core.tables.number_text import NumberText

RANGES = 4  # Of a column of numbers or dates: quarters.
MOST_VALUES = 20  # Of a column of words, the most frequent ones.
LEVEL = 0.05
LEAST_ROWS = 10  # Of a slice, and of the rest, that is compared.
_BY_DAYS = pd.Timedelta(days=7)


@dataclass(frozen=True)
class Slice:
    """The rows of one value or range of a column.

    Attributes:
        column, value: Which; "12 to 40", "Condo", "(missing)".
        rows: How many rows it has.
        error, rest: Mean error of its rows, and of the others.
        low, high: 95 % interval of `error` (normal; of shares Wilson's).
        p: Holm-adjusted p-value of the difference to the rest; NaN where it is not compared.
    """

    column: str
    value: str
    rows: int
    error: float
    low: float
    high: float
    rest: float
    p: float

    @property
    def worse(self) -> bool:
        """Whether the error is larger than that of the rest by more than chance explains."""
        return self.p < LEVEL and self.error > self.rest


def column_slices(values: pd.Series, clock: NumberText | None = None) -> list[tuple[str, np.ndarray]]:
    """The values or ranges of a column, each with n marks of its rows; missing cells are one of them. Of times, as
    `clock` writes them.
    """
    missing = values.isna().to_numpy() | (values == "").to_numpy()
    found = [("(missing)", missing)] if missing.any() else []
    dated = pd.api.types.is_datetime64_any_dtype(values)
    if dated or (pd.api.types.is_numeric_dtype(values) and values.nunique() > RANGES):
        numbers = values.astype("int64").to_numpy("float64") if dated else values.to_numpy("float64")
        groups = quantile_groups(np.where(missing, np.nan, numbers), RANGES)
        for group in range(groups.max(initial=-1) + 1):
            there = groups == group
            found.append((_range_text(values[there].min(), values[there].max(), clock), there))
        return found
    known = values[~missing]
    for value in known.value_counts().index[:MOST_VALUES]:
        found.append((_text(value, clock), (values == value).to_numpy() & ~missing))
    return found


def _range_text(low: Any, high: Any, clock: NumberText | None) -> str:
    """A range by its ends; of some days by its days, whatever the hours."""
    if isinstance(low, pd.Timestamp) and high - low >= _BY_DAYS:
        return f"{low:%Y-%m-%d} to {high:%Y-%m-%d}"
    ends = (_text(low, clock), _text(high, clock))
    return " to ".join(dict.fromkeys(ends))


def _text(value: object, clock: NumberText | None) -> str:
    if clock and isinstance(value, int | float | np.number):
        return clock.written(float(value))
    if isinstance(value, pd.Timestamp):
        return value.isoformat(sep=" ").removesuffix(" 00:00:00").removesuffix(":00")
    return f"{value:.6g}" if isinstance(value, float | np.floating) else str(value)
