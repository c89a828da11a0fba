"""One number as a person writes it, read by the marks of the training table: "12e3", "1.234,56", "($1,200)".

writing = number_writing(info)          how the training table's file writes its numbers, a JSON value
NumberText.of(writing, "price").value("612,125")
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import pandas as pd

from core.experiment.columns import TableInfo
from core.experiment.reading import as_json
from core.tables.cell_dates import cell_durations, cell_times
from core.tables.cell_numbers import number_of, number_pattern, plain_cells

_CLOCKS = {"time": 3600, "duration": 1}  # Seconds of 1, where cells are written with colons.
_LONGEST = {"time": 86_400, "duration": 360_000}  # Seconds that are written so.
_LEAST, _MOST = -3e38, 3e38  # Of float32, the network's own numbers.


def number_writing(info: TableInfo) -> dict[str, Any]:
    """The marks of a table's numbers: those of its file, and of columns whose cells are read by themselves their own,
    with their units.
    """
    return {
        "decimal": info.options.get("decimal", "."),
        "thousands": info.options.get("thousands", ""),
        "units": info.units,
        "columns": as_json(info.decided.columns),
    }


@dataclass(frozen=True)
class NumberText:
    """How the numbers of one column are written.

    Attributes:
        decimal: The mark before decimals, "." or ",".
        thousands: The mark between thousands, where the training table shows one, else "".
        unit: The unit that the column's cells may have, "" where there is none.
        amounts: Whether its cells are read by themselves, so that brackets mean a minus.
        censored: What "<0.05" becomes: missing, the bound, or half of it.
        clock: "time" of hours since midnight, "duration" of seconds, both written with colons; "" of other numbers.
        marks: What else stands in its cells, fields of a `ColumnReading`: {"signs": ["CR", "DR"]}, {"flags": "ep"}.
    """

    decimal: str = "."
    thousands: str = ""
    unit: str = ""
    amounts: bool = False
    censored: str = "missing"
    marks: dict[str, Any] = field(default_factory=dict)
    clock: str = ""

    @classmethod
    def of(cls, writing: dict[str, Any], column: str) -> Self:
        """Of a column of the training table; `writing` is as `number_writing` gives it, {} for a model that does not
        tell.
        """
        unit = writing.get("units", {}).get(column, "")
        reading = writing.get("columns", {}).get(column, {})
        mark = writing.get("amounts", {}).get(column, "")  # As models of earlier versions have it.
        if reading.get("as") == "number":
            mark, unit = reading.get("decimal", "."), reading.get("unit", "")
        if mark:
            marks = {one: reading[one] for one in ("signs", "flags", "parts") if reading.get(one)}
            return cls(mark, "," if mark == "." else ".", unit, True, reading.get("censored", "missing"), marks)
        clock = reading["as"] if reading.get("as") in _CLOCKS else ""
        return cls(writing.get("decimal", "."), writing.get("thousands", ""), unit, clock=clock)

    def readings(self, text: str) -> list[float]:
        """The numbers that a text may mean: none, one, or two where a mark may stand before decimals or between
        thousands.

        Text that means two numbers means one where the training table's marks tell: "612,125" is 612.125 beside a
        decimal comma.
        """
        found = self._by_mark(text)
        if len(set(found.values())) < 2:
            return list(found.values())[:1]
        shown = "," if "," in text else "."
        if shown == self.decimal:
            return [found[shown]]
        return [found[self.decimal]] if shown == self.thousands else sorted(found.values())

    def number(self, text: str | None) -> float | None:
        """The number that a field holds, None for an empty field. Raises ValueError, a sentence, for what is no number,
        or may be two.
        """
        if not text or not text.strip():
            return None
        found = self.readings(text)
        if len(found) == 1:
            return found[0]
        if found:
            raise ValueError(
                f"{text!r} may mean {found[0]:.10g} or {found[1]:.10g}. Write it without a thousands separator."
            )
        raise ValueError(
            f"{text[:40]!r} is not a number. Type a number like 1200.5 or 12e3, or leave the field empty if it is "
            "missing."
        )

    def _by_mark(self, text: str) -> dict[str, float]:
        """Decimal mark -> the number that a text then is."""
        if "(" in text and not self.amounts:
            return {}
        if self.clock and ":" in text:
            clock = float((cell_times if self.clock == "time" else cell_durations)([text.strip()], {})[0])
            return {self.decimal: clock} if _LEAST < clock < _MOST else {}
        text = plain_cells([text], self.marks)[0] if self.marks else text
        found = {mark: number_of(text, number_pattern(mark, self.unit), mark, self.censored) for mark in (".", ",")}
        return {mark: value for mark, value in found.items() if _LEAST < value < _MOST}

    def shown_mark(self, text: str) -> str:
        """The decimal mark that a text leaves no doubt of: "," of "80,37", "." of "1,234.5", "" of "80" and of
        "612,125".
        """
        found = self._by_mark(text)
        return next(iter(found)) if len(found) == 1 else ""

    def written(self, value: float) -> str:
        """A number as this column's are written: what `readings` reads back. 1234.5 -> "1234,5" beside a decimal
        comma, 11.75 hours since midnight -> "11:45".
        """
        seconds = value * _CLOCKS.get(self.clock, 0)
        if self.clock and value >= 0 and abs(seconds - round(seconds)) < 1e-4 and seconds < _LONGEST[self.clock]:
            hours, rest = divmod(round(seconds), 3600)
            minutes, rest = divmod(rest, 60)
            return f"{hours:02d}:{minutes:02d}" + (f":{rest:02d}" if rest or self.clock == "duration" else "")
        text = str(int(value)) if value == round(value) and abs(value) < 2**53 else f"{value:.12g}"
        return text.replace(".", self.decimal)


def clock_forms(writing: dict[str, Any]) -> dict[str, NumberText]:
    """How the cells of columns of times of day and of durations are written; `writing` is as `number_writing` gives
    it.
    """
    forms = {name: NumberText.of(writing, name) for name in writing.get("columns", {})}
    return {name: form for name, form in forms.items() if form.clock}


def with_clocks(rows: pd.DataFrame, forms: Mapping[str, NumberText]) -> pd.DataFrame:
    """The rows with times as their table writes them, None where one is missing: 18.75 -> "18:45"."""
    told = {
        name: pd.Series(
            [None if pd.isna(value) else form.written(float(value)) for value in rows[name]], rows.index, object
        )
        for name, form in forms.items()
        if name in rows and pd.api.types.is_numeric_dtype(rows[name])
    }
    return rows.assign(**told) if told else rows
