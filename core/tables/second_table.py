"""How a second table, of validation rows, is read: as the training table is, where its own cells leave a doubt. "1.200"
alone is 1.2, but a thousand and more where the training table writes 1.200,50; 3:15 is a time of day or a duration as
it is there.
"""

import math
from collections.abc import Collection, Mapping

import pandas as pd

from core.experiment.columns import Column, TableInfo, TableProfile
from core.experiment.reading import ColumnReading, TableReading
from core.tables.cell_dates import cell_dates
from core.tables.cell_numbers import unit_spellings
from core.tables.cell_values import CELL_READERS, cell_values
from core.tables.number_text import NumberText, number_writing
from core.tables.prediction_marks import cells_of_file
from core.tables.prediction_rows import number_forms

_CLOCKS = ("time", "duration")
_WORDS = ("category", "code", "text")
# Units that mean the same in two spellings, in small letters.
_SAME_UNITS: tuple[set[str], ...] = (
    *({"€", "eur", "euro"}, {"$", "usd", "us$", "dollar", "dollars"}, {"£", "gbp"}, {"¥", "jpy", "yen"}),
    *({"s", "sec", "secs", "seconds"}, {"min", "mins", "minutes"}, {"h", "hr", "hrs", "hours"}),
    *({"lb", "lbs"}, {"°c", "c"}, {"°f", "f"}, {"pcs", "pc", "pieces"}),
)


def reading_as_first(
    first: TableInfo,
    outline: TableProfile,
    second: TableInfo,
    frame: pd.DataFrame,
    content: bytes | None,
    given: TableReading,
) -> TableReading:
    """How the second table is read; `given` where its cells alone say the same.

    `first` and `outline` are of the training table, `frame` holds the second one's rows as `given` reads them, and
    `content` is its file, None where that is gone.
    """
    if content is None:
        return given
    columns = {column.name: column for column in outline.columns if column.name in frame}
    numbers = {name: column for name, column in columns.items() if _is_number(column)}
    cells = _doubtful_cells(first, numbers, second, frame, content)
    found = {
        name: how
        for name in columns
        if name not in numbers and (how := _otherwise(name, columns[name], first, second, frame, cells))
    } | _numbers(first, numbers, second, frame, cells)
    if not found:
        return given
    decided = {name: how.with_decisions(given.columns.get(name)) for name, how in found.items()}
    return given.model_copy(update={"columns": {**given.columns, **decided}})


def _is_number(column: Column) -> bool:
    return column.low is not None and column.kind not in ("date", "boolean")


def _doubtful_cells(
    first: TableInfo, numbers: Collection[str], second: TableInfo, frame: pd.DataFrame, content: bytes
) -> dict[str, pd.Series]:
    """The cells, as the file has them, of columns that the training table may have otherwise."""
    writing, here, there = number_writing(first), first.decided.columns, second.decided.columns
    doubtful = [
        name
        for name in frame
        if here.get(name) != there.get(name) or (name in numbers and NumberText.of(writing, name).decimal == ",")
    ]
    return cells_of_file(frame, second, content, doubtful)


def _numbers(
    first: TableInfo,
    columns: Mapping[str, Column],
    second: TableInfo,
    frame: pd.DataFrame,
    cells: dict[str, pd.Series],
) -> dict[str, ColumnReading]:
    """The columns of numbers that the training table's marks and units read otherwise -> how they are read."""
    found: dict[str, ColumnReading] = {}
    here, there = first.decided.columns, second.decided.columns
    own_marks = "decimal" in second.options or "thousands" in second.options  # The file leaves no doubt of its numbers.
    text = pd.DataFrame({name: column for name, column in cells.items() if name in columns})
    forms = number_forms(text, number_writing(first))
    for name, form in forms.items():
        how, own = here.get(name, ColumnReading()), there.get(name, ColumnReading())
        if how.as_ in _CLOCKS:
            if own.as_ != how.as_ or own.dates != how.dates:
                found[name] = ColumnReading.model_validate({"as": how.as_, "unit": how.unit, "dates": how.dates})
            continue
        if own_marks and own.as_ is None and pd.api.types.is_numeric_dtype(frame[name]):
            continue
        same = _same_unit(how.unit, own.unit)
        fields = {
            "as": "number",
            "decimal": own.decimal if own_marks and own.as_ == "number" else form.decimal,
            "unit": own.unit or how.unit if same else how.unit,
            "fractions": own.fractions,
            "missing": how.missing,
            "censored": how.censored,
            **{field: getattr(how, field) or getattr(own, field) for field in ("signs", "flags", "parts")},
        }
        reading = ColumnReading.model_validate({field: value for field, value in fields.items() if value})
        if own.as_ not in (None, "number") or not same or _is_nearer(reading, cells[name], frame, columns[name]):
            found[name] = reading
    return found


def _is_nearer(reading: ColumnReading, cells: pd.Series, frame: pd.DataFrame, column: Column) -> bool:
    """Whether a reading makes other numbers of cells than their own file does, which are nearer to those of the
    training table's column: of 1.125 beside 1,5 and 2,25 it does not make 1125.
    """
    values = pd.to_numeric(cell_values(cells, reading.model_dump(mode="json", by_alias=True), CELL_READERS))
    read = frame[column.name]
    if not pd.api.types.is_numeric_dtype(read):
        return bool(values.notna().any())
    other = values.notna() & (values != read)
    sizes = [float(one[other].abs().median()) for one in (values, read)]
    usual = max(abs(column.low or 0), abs(column.high or 0)) if not column.median else abs(column.median)
    if not other.any() or not all(sizes) or not usual:
        return bool(other.any())
    by_training, by_file = (abs(math.log(size / usual)) for size in sizes)
    return by_training <= by_file


def _same_unit(one: str | None, other: str | None) -> bool:
    """Whether two units are not certainly different ones."""
    if not one or not other:
        return True
    first, second = one.lower().removesuffix("."), other.lower().removesuffix(".")
    if first == second or any({first, second} <= same for same in _SAME_UNITS):
        return True
    return second in map(str.lower, unit_spellings(first))


def _otherwise(
    name: str,
    column: Column,
    first: TableInfo,
    second: TableInfo,
    frame: pd.DataFrame,
    cells: dict[str, pd.Series],
) -> ColumnReading | None:
    """How a column is read that holds no numbers in the training table; None where its own cells say the same."""
    how = first.decided.columns.get(name, ColumnReading())
    own = second.decided.columns.get(name, ColumnReading())
    text = pd.api.types.is_string_dtype(frame[name]) and own.as_ in (None, "text")
    if column.kind == "date" and how.as_ is None and text and (order := _order_within(column, frame[name])):
        return ColumnReading.model_validate({"as": "date", "dates": [order]})
    if how.as_ == "date":
        text = pd.api.types.is_string_dtype(frame[name]) or own.as_ == "date"
        doubt = how.dates and text and own.dates != how.dates and (own.dates or own.as_ != "date")
        return how if doubt and name in cells and _reads_as_many(how, own, cells[name]) else None
    if how.as_ == "boolean":
        return how if own.as_ != "boolean" and pd.api.types.is_string_dtype(frame[name]) else None
    if column.kind in _WORDS and column.low is None and (own.as_ not in (None, "text") or how.kept != own.kept):
        fields = {field: getattr(how, field) for field in ("missing", "kept", "same", "whole")}
        return ColumnReading.model_validate({"as": "text"} | {field: one for field, one in fields.items() if one})
    return None


def _order_within(column: Column, cells: pd.Series) -> str:
    """The order of day and month under which more of the cells lie within the training table's dates, which moments of
    a workbook or a Parquet file do not write; "" where both do alike.
    """
    words = [word for word in cells.dropna().unique() if isinstance(word, str)]
    within = {}
    for order in ("day first", "month first"):
        days = (cell_dates(words, {"dates": [order]}) - pd.Timestamp(0)) / pd.Timedelta(days=1)
        within[order] = int(days.between(column.low or 0, column.high or 0).sum())
    best, other = sorted(within, key=lambda order: -within[order])
    return best if within[best] > within[other] else ""


def _reads_as_many(how: ColumnReading, own: ColumnReading, cells: pd.Series) -> bool:
    """Whether the training table's order of day and month reads as many of the cells as their own."""
    words = [word for word in cells.dropna().unique() if isinstance(word, str)]
    orders = (how.dates, own.dates or how.dates)
    here, there = (cell_dates(words, {"dates": list(order)}).notna().sum() for order in orders)
    return bool(words) and here >= there
