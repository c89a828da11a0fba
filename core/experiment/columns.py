"""What is known of a table without holding its rows: filled by `core.tables`, read by checks, shapes and the page."""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from core.experiment.reading import TableReading


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Column(_Value):
    """One column of a table.

    Attributes:
        name: Header, unique in its table.
        kind: The guessed kind, a key of `KINDS`.
        target_kind: The guessed kind if the column is to be predicted (digits: a code), or None if it cannot be.
        left_out: Why the column is not a feature at first ("constant", "all missing", "free text", ...), or None.
        missing: Share of missing cells, 0 to 1. Infinities count as missing.
        distinct: Number of different values, missing cells not counted.
        low, high, median, mean: Over the finite cells of a number, boolean or date (days since 1970-01-01); else None.
        skew: How lopsided the finite cells of a number are: 0 when even, 2 with a long tail above, -2 with one below;
            else None.
        timed: Whether a date's cells are of different times of day.
        same_as: The first column of the table that has the same cells, or None.
        top: The most frequent values and their counts, most frequent first, at most 50; as words.
        picture: Counts of at most 20 equal bins for numbers and dates, else counts of the most frequent values.
    """

    name: str
    kind: str
    target_kind: str | None = None
    left_out: str | None = None
    missing: float = 0.0
    distinct: int = 0
    low: float | None = None
    high: float | None = None
    median: float | None = None
    mean: float | None = None
    skew: float | None = None
    timed: bool = False
    same_as: str | None = None
    top: tuple[tuple[str, int], ...] = ()
    picture: tuple[int, ...] = ()


class Hint(_Value):
    """What a person would see in a table, and the edit that carries it out (`core.experiment.hints`).

    Attributes:
        kind: "sentinel", "zero", "placeholder", "spellings", "encoded twice", "classes", "clock", "time order",
            "repeated rows" or "target".
        text: A sentence for the person, or a question.
        column: The column that it is about; None where it is about rows.
        action: The label of the button that carries it out; "" where there is none.
        fix: The fields of the experiment's `data` that the button changes, as JSON.
    """

    kind: str
    text: str
    column: str | None = None
    action: str = ""
    fix: dict[str, Any] = {}


class TableProfile(_Value):
    """A table in outline: its rows are counted, its columns described in the table's own order.

    Attributes:
        suggested_target: The column that a person most likely wants to predict, a guess; None where there is none.
        notes: Sentences on cells that are not what they seem.
        hints: What a person would see in it, with the edit that carries it out.
    """

    rows: int
    columns: tuple[Column, ...]
    suggested_target: str | None = None
    notes: tuple[str, ...] = ()
    hints: tuple[Hint, ...] = ()

    def column(self, name: str) -> Column | None:
        """The column of that name, or None."""
        return next((column for column in self.columns if column.name == name), None)


class Note(_Value):
    """Something that was noticed or decided while a table was read.

    Attributes:
        kind: What it is about: "unread", "unit", "header", ...
        text: A sentence for the person.
        rows: The first rows that it is about, counted from 0: of the raw grid for the layout of a file, of the table
            for the cells of a column.
        column: The column that it is about, or None.
        count: How many cells or rows it is about.
        cells: Cells that were not read -> how many there are, the most frequent first.
        decision: The field of a `TableReading` that would change it: "header", "columns.price.as"; None where there is
            none.
        makes: Names of the columns that could be made of the rows.
    """

    kind: str
    text: str
    rows: tuple[int, ...] = ()
    column: str | None = None
    count: int = 0
    cells: tuple[tuple[str, int], ...] = ()
    decision: str | None = None
    makes: tuple[str, ...] = ()


class Sheet(_Value):
    """A sheet of a workbook, and the rows and columns that it holds."""

    name: str
    rows: int
    columns: int
    hidden: bool = False


class TableInfo(_Value):
    """Where a table came from and how it was read.

    Attributes:
        ref: `sample:NAME` or `file:SHA256`.
        name: The file's name as its owner knows it ("sales.csv").
        rows, columns: Counts.
        reader: The function that read it: of pandas ("read_csv", "read_fwf", "read_excel", "read_parquet"),
            "json_table", "parquet_table" or "feather_table".
        options: Keyword arguments it was read with, so that a printed program reads the file alike.
        headings: The first row below a group's headings, counted from 0 -> their names, one for each column that was
            made of them after that.
        filled_down: Columns in which empty cells took the value above them after that.
        decided: How the file and the cells of its columns were read, each decision that was given or made.
        units: Column -> its unit, where that is known: "$", "MPa".
        notes: Sentences for the person about what was noticed while reading (semicolons, Latin-1, renamed columns...).
        noted: The same as data, where it is about cells that were counted or a decision that can be changed.
        sheets: Those of a workbook, in its order; tables of a database; lists of records in a JSON file.
    """

    ref: str
    name: str
    rows: int
    columns: int
    reader: str = "read_csv"
    options: dict[str, Any] = {}
    headings: dict[int, tuple[str | None, ...]] = {}
    filled_down: tuple[str, ...] = ()
    decided: TableReading = TableReading()
    units: dict[str, str] = {}
    notes: tuple[str, ...] = ()
    noted: tuple[Note, ...] = ()
    sheets: tuple[Sheet, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _of_earlier_versions(cls, given: Any) -> Any:
        """Earlier versions wrote "amounts": column -> decimal mark, for columns of numbers with a unit."""
        if not isinstance(given, dict) or "amounts" not in given:
            return given
        units = given.get("units", {})
        columns = {
            name: {"as": "number", "decimal": mark} | ({"unit": units[name]} if name in units else {})
            for name, mark in given["amounts"].items()
        }
        rest = {name: value for name, value in given.items() if name != "amounts"}
        return rest | ({"decided": {"columns": columns}} if columns else {})
