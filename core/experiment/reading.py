"""How a table's file is read, where a person decided it: the layout of the file and the cells of its columns.

TableReading()                                          everything is decided by the reader
TableReading(sheet="2024", header=(3,), last_row=120)   names in the fourth row, values down to row 120 (counted from 0)

A row's number is its place in the raw grid: the rows of the file or sheet as they lie, counted from 0.
"""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from core.catalog.text_files import DECIMALS, ENCODINGS, QUOTES, SEPARATORS, THOUSANDS
from core.experiment.values import MOST_COLUMNS, ColumnName, Value, at_most, unknown_name, value_error

MOST_ROWS = 100_000_000
_MOST_SKIPPED = 10_000
_MOST_WORDS = 1_000  # Of one column, that are missing, kept or spelt otherwise.


def _one_of(known: dict[str, str]) -> AfterValidator:
    def check(value: str) -> str:
        if value not in known:
            raise unknown_name(value, list(known))
        return value

    return AfterValidator(check)


Encoding = Annotated[str, _one_of(ENCODINGS)]
Separator = Annotated[str, _one_of(SEPARATORS)]
Quotes = Annotated[str, _one_of(QUOTES)]
Decimal = Annotated[str, _one_of(DECIMALS)]
Thousands = Annotated[str, _one_of(THOUSANDS)]
_Row = Annotated[int, Field(ge=0, lt=MOST_ROWS, strict=True)]
Place = Annotated[int, Field(ge=0, lt=MOST_COLUMNS, strict=True)]  # Of a column, counted from 0.
Cell = Annotated[str, Field(max_length=200)]
Mark = Annotated[str, Field(min_length=1, max_length=20)]
SheetName = Annotated[str, Field(min_length=1, max_length=255)]
DateFormat = Annotated[str, Field(min_length=1, max_length=60)]
CLOCK_DIGITS = ("HHMM", "HHMMSS", "HH.MM")  # Formats in which times of day are written in digits alone.
CellKind = Literal["number", "date", "duration", "time", "boolean", "text"]


class _Decisions(Value):
    """A value whose undecided fields are not written."""

    @model_serializer(mode="wrap")
    def _short(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        if not self:
            return {}
        undecided, names = _undecided(type(self))
        return {
            key: value
            for key, value in handler(self).items()
            if getattr(self, names.get(key, key)) != getattr(undecided, names.get(key, key))
        }

    def __bool__(self) -> bool:
        """Whether anything was decided."""
        return self != _undecided(type(self))[0]


@cache
def _undecided(of: type[_Decisions]) -> tuple[_Decisions, dict[str, str]]:
    """Decisions of which none is made, and the name in JSON of each field -> its own."""
    return of(), {field.alias or name: name for name, field in of.model_fields.items()}


class ColumnReading(_Decisions):
    """How the cells of one column become values; what is None or empty is decided by the cells.

    Attributes:
        as_: What the cells are; "as" in JSON.
        unit: What is stripped from the cells and shown beside their numbers.
        dates: Names of the ways in which a date is written, in the order in which they are tried.
        missing: Cells, without blanks around them, that mean "missing": "TBC", "-", "-999".
        kept: Words that would be missing but are words here: "None", "NA".
        same: Spelling of a cell -> the spelling that it becomes: "east" -> "East".
        censored: What "<0.05" becomes: missing, the bound 0.05, or half of it.
        signs: Marks behind or before numbers, of those above 0 and of those below it: ("CR", "DR"), ("N", "S").
        flags: Letters behind numbers that are no units, as statistics have them: "bep" of "12.3 e" and "7 bp".
        parts: Units of which each cell has two: ("ft", "in") of "5 ft 11 in".
        whole: Whether digits among words lose the .0 that a number has beside missing cells: "3067.0" is "3067".
        fractions: Whether the number cells of a workbook are fractions of 1 in a column of percents: 0.15 is 15 %.
    """

    as_: CellKind | None = Field(None, alias="as")
    decimal: Decimal | None = None
    thousands: Thousands | None = None
    unit: Cell | None = None
    dates: Annotated[tuple[DateFormat, ...], at_most(50)] = ()
    missing: Annotated[tuple[Cell, ...], at_most(_MOST_WORDS)] = ()
    kept: Annotated[tuple[Cell, ...], at_most(_MOST_WORDS)] = ()
    same: Annotated[dict[Cell, Cell], at_most(_MOST_WORDS)] = {}
    censored: Literal["missing", "bound", "half"] | None = None
    signs: tuple[Mark, Mark] | None = None
    flags: Annotated[str, Field(min_length=1, max_length=26)] | None = None
    parts: tuple[Mark, Mark] | None = None
    whole: Annotated[bool, Field(strict=True)] | None = None
    fractions: Annotated[bool, Field(strict=True)] | None = None

    def with_decisions(self, others: "ColumnReading | None") -> "ColumnReading":
        """The reading with the fields that another one decides in the place of its own."""
        if others is None:
            return self
        decided = {field: getattr(others, field) for field in others.model_fields_set}
        return self.model_copy(update=decided)


class TableReading(_Decisions):
    """How a file is read; what is None is decided by the reader.

    Attributes:
        sheet: A workbook's sheet, the one file in an archive, a table of a database, or the keys of a JSON file that
            lead to its records, with points between them.
        encoding: A row of `ENCODINGS`.
        separator: A row of `SEPARATORS`.
        quotes: How a quotation mark is written within quoted text, a row of `QUOTES`.
        decimal, thousands: Marks in the numbers of the whole file.
        header: Rows that hold the names; those of two rows are joined with a blank, and () means that no row does.
        first_row, last_row: The first and the last row of values.
        first_column, last_column: The first and the last column of the table.
        skipped: Rows between the first and the last that are no rows of the table: units, repeated names, totals.
        filled_down: Columns in which an empty cell takes the value above it.
        heading_columns: Columns that are made of the headings of groups, rows of a name alone, the outer level first.
        drop_duplicates: Whether rows that repeat another one in all columns are left out.
        columns: Column -> how its cells are read.
    """

    sheet: SheetName | None = None
    encoding: Encoding | None = None
    separator: Separator | None = None
    quotes: Quotes | None = None
    decimal: Decimal | None = None
    thousands: Thousands | None = None
    header: Annotated[tuple[_Row, ...], at_most(10)] | None = None
    first_row: _Row | None = None
    last_row: _Row | None = None
    first_column: Place | None = None
    last_column: Place | None = None
    skipped: Annotated[tuple[_Row, ...], at_most(_MOST_SKIPPED)] | None = None
    filled_down: Annotated[tuple[ColumnName, ...], at_most(MOST_COLUMNS)] | None = None
    heading_columns: Annotated[tuple[ColumnName, ...], at_most(10)] = ()
    drop_duplicates: Annotated[bool, Field(strict=True)] = False
    columns: Annotated[dict[ColumnName, ColumnReading], at_most(MOST_COLUMNS)] = {}

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for first, last in (("first_row", "last_row"), ("first_column", "last_column")):
            start, end = getattr(self, first), getattr(self, last)
            if start is not None and end is not None and start > end:
                raise value_error(f"got {end}, expected at least {first}, which is {start}.", last)
        if self.header and self.first_row is not None and max(self.header) >= self.first_row:
            raise value_error(
                f"got {self.first_row}, expected a row below the names in row {max(self.header)}.", "first_row"
            )
        if self.decimal is not None and self.decimal == self.thousands:
            raise value_error(f"got {self.thousands!r}, which is also the decimal mark.", "thousands")
        return self

    def carried(self) -> "TableReading":
        """What holds for another file of the same origin, too: not the places of rows and columns."""
        kept = {field: getattr(self, field) for field in _CARRIED}
        return TableReading(**kept, header=() if self.header == () else None)

    def of_columns(self) -> "TableReading":
        """What holds for another file even where that has other sheets, or is written otherwise."""
        kept = {field: getattr(self, field) for field in ("filled_down", "heading_columns", "columns", "header")}
        return TableReading(**kept)


UNDECIDED = TableReading()
_CARRIED = (
    "sheet",
    "encoding",
    "separator",
    "quotes",
    "decimal",
    "thousands",
    "filled_down",
    "heading_columns",
    "columns",
)


def as_json(columns: Mapping[str, ColumnReading]) -> dict[str, dict[str, Any]]:
    """The readings of columns as `core.tables.cell_values.with_values` and a printed program take them."""
    return {name: column.model_dump(mode="json", by_alias=True) for name, column in columns.items()}
