"""The cells of one column, counted once: every question about the column is then asked of its different values."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from core.tables.cell_dates import number_days, number_way
from core.tables.dates import date_formats, moment_text, read_dates

Sort = Literal["bool", "int", "float", "date", "text"]


@dataclass(frozen=True)
class Cells:
    """What a column holds.

    Attributes:
        sort: What the cells are; whole numbers that pandas keeps as floats because some are missing are "int".
        rows: Number of cells, missing ones counted.
        values: The different values in order of appearance: numbers (booleans as 0 and 1, dates as days since
            1970-01-01),
            or words as they stand for text.
        counts: How often each of them comes.
        infinite: Number of infinite cells; they count as missing.
        counted: What the numbers of a column of dates count: "YYYYMMDD", "Unix seconds"; "" where they are no dates.
        no_days: Words that are written like the column's dates but are none (0000-00-00), and how many cells hold one;
            they count as
            missing.
        named: The column's categories were declared as such, so that numbers among them are names.
    """

    sort: Sort
    rows: int
    values: np.ndarray
    counts: np.ndarray
    infinite: int = 0
    counted: str = ""
    named: bool = False
    no_days: tuple[tuple[str, int], ...] = ()

    @classmethod
    def of(cls, series: pd.Series, words: bool = False) -> "Cells":
        """Count the cells of a column of any type that pandas has; with `words` its text is no date, however it is
        written.
        """
        named = isinstance(series.dtype, pd.CategoricalDtype)
        array = series.array
        sort = _sort(series)
        infinite = 0
        if sort in ("int", "float"):
            array = series.to_numpy(dtype=None if sort == "int" and not series.hasnans else float, na_value=np.nan)
            if array.dtype.kind == "f":
                unending = np.isinf(array)
                infinite = int(unending.sum())
                array = np.where(unending, np.nan, array) if infinite else array
        elif sort == "text" and not isinstance(series.dtype, pd.StringDtype | pd.CategoricalDtype):
            array = series.astype(str).where(series.notna()).array
        codes, values = pd.factorize(array)
        counts = np.bincount(codes[codes >= 0], minlength=len(values))

        no_days: tuple[tuple[str, int], ...] = ()
        if sort == "text":
            values = np.asarray(values.astype(str), dtype=object)
            formats = date_formats(values) if not (named or words) else ()
            if len(formats) == 1:
                sort, moments = "date", read_dates(values, formats[0])
                there = moments.notna().to_numpy()
                no_days = tuple(zip(values[~there].tolist(), counts[~there].tolist(), strict=True))
                values, counts = moments[there], counts[there]
        if sort == "date":
            values = _days(pd.DatetimeIndex(pd.to_datetime(values, utc=True)))
        elif sort != "text":
            values = np.asarray(values)
            values = values.astype(float) if sort in ("bool", "float") else values
            whole = sort == "float" and counts.sum() < series.size - infinite and len(values) > 0
            if whole and bool((np.floor(values) == values).all()) and bool((np.abs(values) < 2**53).all()):
                sort, values = "int", values.astype(np.int64)
        return cls(sort, series.size, values, counts, infinite, "", named, no_days)

    def as_codes(self) -> "Cells":
        """Floats that are all whole as whole numbers: of a code 3067.0 is 3067."""
        whole = self.sort == "float" and bool((np.floor(self.values) == self.values).all())
        if not whole or not len(self.values) or float(np.abs(self.values).max()) >= 2**53:
            return self
        return replace(self, sort="int", values=self.values.astype(np.int64))

    def as_dates(self) -> "Cells":
        """The numbers of a column of dates as days since 1970-01-01."""
        values = self.values.astype(float)
        way = number_way(values)
        return replace(self, sort="date", values=number_days(values, way), counted=way or "days since 1970-01-01")

    @cached_property
    def present(self) -> int:
        """Number of cells that are not missing."""
        return int(self.counts.sum())

    @property
    def distinct(self) -> int:
        """Number of different values."""
        return len(self.values)

    @cached_property
    def low(self) -> float:
        """The least value; only of numbers, booleans and dates that are there."""
        return float(self.values.min())

    @cached_property
    def high(self) -> float:
        """The greatest value; only of numbers, booleans and dates that are there."""
        return float(self.values.max())

    @cached_property
    def timed(self) -> bool:
        """Whether the cells are dates of at least three different times of day. Days of a time zone with summer time
        have two.
        """
        return self.sort == "date" and len(np.unique(np.round(self.values % 1 * 86400))) > 2

    def summary(self) -> tuple[float, float, float, float] | None:
        """Low, high, median and mean; None for words and for nothing."""
        if self.sort == "text" or not self.present:
            return None
        order = np.argsort(self.values)
        ends = np.cumsum(self.counts[order])  # the n-th cell in order of size is the first value whose end is above n
        middle = np.searchsorted(ends, [(self.present - 1) // 2, self.present // 2], side="right")
        median = self.values[order[middle]].astype(float).mean()
        mean = float((self.values * (self.counts / self.present)).sum())  # shares first: sums of huge values overflow
        return self.low, self.high, float(median), min(max(mean, self.low), self.high)

    def skew(self) -> float | None:
        """The third moment of the cells in deviations; None for what has no amounts or only one."""
        if self.sort not in ("int", "float") or self.distinct < 2:
            return None
        shares = self.counts / self.present
        off = self.values - float((self.values * shares).sum())
        size = float(np.abs(off).max())
        if not 0 < size < np.inf:  # Huge values overflow.
            return None
        off = off / size
        spread = float((off**2 * shares).sum())
        return float((off**3 * shares).sum() / spread**1.5) if spread > 1e-15 else None

    def bins(self, most: int) -> tuple[int, ...]:
        """Cells in each of at most so many bins of equal width; whole numbers get no more bins than there are numbers
        to fill them.
        """
        if self.sort == "text" or not self.present or not np.isfinite(self.high - self.low):
            return ()
        bins = int(min(most, self.high - self.low + 1)) if self.sort in ("int", "bool") else most
        if self.high == self.low:
            return (self.present,)
        places = ((self.values - self.low) / (self.high - self.low) * bins).astype(int)
        places = np.minimum(places, bins - 1)  # the last bin holds its upper end, as in numpy.histogram
        return tuple(np.bincount(places, weights=self.counts, minlength=bins).astype(int).tolist())

    def common(self, most: int) -> tuple[tuple[str, int], ...]:
        """The most frequent values as words, and their counts."""
        order = np.argsort(-self.counts, kind="stable")[:most]
        return tuple(zip(self._words(self.values[order]), self.counts[order].tolist(), strict=True))

    def _words(self, values: np.ndarray) -> list[str]:
        if self.sort == "text":
            return values.tolist()
        if self.sort == "bool":
            return ["True" if value else "False" for value in values]  # As `raw.codes` has them, too.
        if self.sort == "date":
            return [moment_text(value) for value in values.tolist()]
        return [str(value) for value in values.tolist()]


# What pandas infers of Python's own objects -> how they are read; anything else is text.
_SORTS: dict[str, Sort] = {"boolean": "bool", "decimal": "float", "date": "date", "datetime": "date"}


def _sort(series: pd.Series) -> Sort:
    kind = series.dtype
    types = pd.api.types
    if types.is_bool_dtype(kind):
        return "bool"
    if types.is_integer_dtype(kind):
        return "int"
    if types.is_float_dtype(kind):
        return "float"
    if types.is_datetime64_any_dtype(kind):
        return "date"
    if types.is_object_dtype(kind):
        held = types.infer_dtype(series, skipna=True)
        return _SORTS.get(held, "text")
    return "text"


def _days(moments: pd.DatetimeIndex) -> np.ndarray:
    """Days since 1970-01-01, with the part of the day behind the point."""
    if moments.tz is not None:
        moments = moments.tz_convert("UTC").tz_localize(None)
    return moments.as_unit("s").asi8 / 86400
