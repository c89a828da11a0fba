"""What is found on one way through the rows of a raw grid."""

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.experiment.columns import Note
from core.experiment.reading import TableReading
from core.tables.layout_names import Names
from core.tables.raw_cells import (
    REMARK_STARTS,
    Cells,
    blank,
    filled,
    is_blank_row,
    is_footnote,
    is_lone,
    is_page_break,
    is_remark,
    is_rule,
    look,
    text_of,
    total_label,
)

TAIL_ROWS = 200  # Rows among which the end of the table is looked for.
_MOST_SKIPPED = 10_000  # That an experiment can name.
_RULERS = ("", "-", "=", "_", "+", ":", " ")  # First signs of a line that is drawn.
_LABELS = 3  # Cells of a row in which the label of totals may stand.


@dataclass
class Layout:
    """Where the table lies.

    Attributes:
        names: Of the columns from `first_column` to `last_column`, unique.
        header: Rows of the grid that hold them.
        rows: How many rows hold values.
        last: The last row of the grid that is not blank.
        skipped: Rows between the first and the last of the values that hold none.
        blank: Rows among them without any cell, which `pandas.read_csv` passes over by itself.
        units: Column -> unit, of a row of units.
        header_cells: As they stand in the last row of names.
        width: Cells of a row of the grid that is as wide as the table.
        numeric: The columns of the grid that hold values rather than words.
        words_as_names: Whether the names are different words, as they stand in the grid.
        titles: Whether something stands above the names.
        next_row: The first row below the names that is not blank.
        long: How many rows were left out because they have more cells than there are names.
        surplus: How many columns on the right have no cell in the row of names.
        parted: Whether a column of whole numbers that has no name may be the decimals of the one before it.
        shifted: Whether the values have one column more, on the left, than there are names.
        marked: Whether the names have one cell more, on the left, that holds the sign of a comment.
        headings: The first row of values below a group's headings -> their names, where they become columns.
        keeps_blank: Whether rows of blank cells among the values are read.
        cut: Whether rows have further cells on the right that are not read.
    """

    header: tuple[int, ...]
    first_row: int
    last_row: int
    first_column: int = 0
    last_column: int = 0
    names: list[str] = field(default_factory=list)
    skipped: tuple[int, ...] = ()
    blank: frozenset[int] = frozenset()
    rows: int = 0
    last: int = 0
    units: dict[str, str] = field(default_factory=dict)
    header_cells: list[str] = field(default_factory=list)
    width: int = 0
    numeric: frozenset[int] = frozenset()
    words_as_names: bool = True
    titles: bool = False
    next_row: int = 0
    long: int = 0
    surplus: int = 0
    parted: bool = False
    shifted: bool = False
    marked: bool = False
    cut: bool = False
    headings: dict[int, tuple[str | None, ...]] = field(default_factory=dict)
    keeps_blank: bool = False
    notes: list[Note] = field(default_factory=list)

    def decided(self, given: TableReading) -> TableReading:
        """The decisions as an experiment names them, those that were given among them."""
        made = {
            "header": self.header,
            "first_row": self.first_row,
            "last_row": self.last_row,
            "first_column": self.first_column,
            "last_column": self.last_column,
            "skipped": self.skipped if len(self.skipped) <= _MOST_SKIPPED else None,
        }
        return given.model_copy(update=made)


class Walk:
    """One way through the rows of values: counts them, and notes those that are none."""

    def __init__(self, names: Names, special: Sequence[Cells], width: int, given: TableReading, ragged: bool) -> None:
        self.names, self.width, self._given, self._ragged = names, width, given, ragged
        self._special = {tuple(cells) for cells in special}
        self.firsts = {cells[0] for cells in self._special if cells}  # First cells of the lines above the values.
        numbered = [text_of(cells[0]) for cells in self._special if cells and filled(cells) == 1]
        # "Page 1" above a table comes again as "Page 2".
        numbered = numbered if width > 1 else []  # In a single column "Site 2" below "Site 1" is a row.
        self._numbered = {re.sub(r"\d+", "0", text) for text in numbered if re.match(r"[^\W\d]{3}.*\d", text)}
        self.firsts.update(REMARK_STARTS if width > 2 else ())
        self.firsts |= {text[: text.index("0")] for text in self._numbered if "0" in text}
        self.blank: set[int] = set()
        self.empty: list[int] = []  # Blank, but with separators.
        self.repeated: list[int] = []
        self.rules: list[int] = []
        self.long: list[int] = []
        self.short: list[int] = []
        self.labelled: list[tuple[int, Cells]] = []  # May be totals of the rows above.
        self.headings: list[tuple[int, str]] = []  # Rows of one word, from the first row of values on.
        self.sections: list[int] = []  # Those of them above the names again.
        self.remarks: list[int] = []  # Notes between the values.
        self.grouped = False  # Whether words of one group return in another, or headings stand apart.
        self.beside: set[str] = set()  # Words beside the values, from the first heading on.
        self._words_of: dict[str, int] = {}  # Word beside the values -> the heading above its first row.
        self.tail: deque[tuple[int, Cells]] = deque(maxlen=TAIL_ROWS)
        self.like_names: list[int] = []  # Values that may be the names of another table.
        self.second: int | None = None  # Where another table begins.
        self.last = self.rows = self.cut = 0
        self._pending: int | None = None
        self._gap = False
        self._apart = False  # Whether the row before is a title behind a gap.
        self._others: list[int] = []  # Columns of words that the pending names give values.
        self.first_numeric = min(names.numeric) if len(names.numeric) > 1 else None
        self.labels = [column for column in range(min(_LABELS, width)) if column not in names.numeric or not column]
        self._skipped = None if given.skipped is None else set(given.skipped)
        self._decided = self._skipped is not None or given.last_row is not None

    def see(self, at: int, cells: Cells) -> None:
        """Looks at one row; `at` is its place in the grid."""
        if not (cells and isinstance(cells[0], str) and cells[0][:1].isalnum()) and is_blank_row(cells):
            if len(cells) > 1 or not self._ragged:
                self.empty.append(at)
                self.last = at
            else:
                self.blank.add(at)
            self._gap = True
            return
        self.last = at
        if self.second is not None or (self._given.last_row is not None and at > self._given.last_row):
            return
        if self._skipped is not None:
            if at not in self._skipped:
                self._value(at, cells)
            elif self._given.heading_columns and not self._repeats(cells) and (name := self._lone_name(cells)):
                self.headings.append((at, name))
            return
        apart = self._gap and is_lone(cells)
        if self._repeats(cells):
            self.repeated.append(at)
            if filled(cells) > 1:
                self._begin_section()
        elif self.width > 2 and (
            is_remark(next(cell for cell in cells if not blank(cell)))
            if is_lone(cells)
            else is_page_break(cells, self.width)
        ):
            self.remarks.append(at)
            self._value(at, cells)  # It may stand below the table.
        elif (self._gap or self._apart or self._pending or self._named(cells)) and (
            begin := self._second_table(at, cells)
        ) is not None:
            self.second = begin
            self.long = [row for row in self.long if row != begin]
            if self.tail and self.tail[-1][0] == begin:  # More names than this table has are no row of it.
                self.tail.pop()
                self.rows -= 1
        elif len(cells) > self.width and any(not blank(cell) for cell in cells[self.width :]):
            self.long.append(at)
        elif isinstance(cells[0], str) and cells[0][:1] in _RULERS and is_rule(cells):
            self.rules.append(at)
        else:
            self._value(at, cells)
        self._gap, self._apart = False, apart

    def _repeats(self, cells: Cells) -> bool:
        """Whether a row is one of the lines above the values again."""
        return (cells[0] in self.firsts and tuple(cells) in self._special) or self._numbered_again(cells)

    def _begin_section(self) -> None:
        """Notes the row above the names again as a heading, where it is one of a name alone."""
        at, cells = self.tail[-1] if self.tail else (0, [""])
        if (name := self._lone_name(cells)) and not is_footnote(name):
            self.tail.pop()
            self.sections.append(at)
            if at not in [row for row, _ in self.headings]:
                self.headings.append((at, name))

    def _numbered_again(self, cells: Cells) -> bool:
        """Whether a row is a line above the names with another number in it."""
        return bool(self._numbered) and is_lone(cells) and re.sub(r"\d+", "0", text_of(cells[0])) in self._numbered

    def above(self, at: int, first: int, passed: set[int]) -> bool:
        """Whether a row of values stands above a row."""
        return any(row not in passed and row not in self.blank and row not in self.empty for row in range(first, at))

    @property
    def expects(self) -> bool:
        """Whether the next row is to be looked at, however plain it is."""
        begins = self._gap or self._apart or self._pending is not None or self.second is not None
        return bool(begins or self._decided or self.headings)

    def plain(self, at: int, rows: int, last: Sequence[Cells]) -> None:
        """Counts rows of values from row `at` on, in which there is nothing to see; `last` are the last of them, as
        many as the tail holds.
        """
        self.rows += rows
        self.last = at + rows - 1
        self.tail.extend(zip(range(at + rows - len(last), at + rows), last, strict=True))

    def _heading(self, at: int, cells: Cells) -> None:
        """Notes a row of one word, where the first row of values is such a one; and what tells groups."""
        if name := self._lone_name(cells):
            self.grouped |= bool(self.headings) and (self._gap or (self._ragged and len(cells) < self.width))
            self.headings.append((at, name))
        elif self.headings:
            words = [
                text_of(cells[column])
                for column in self.labels
                if column not in self.names.numeric and column < len(cells) and not blank(cells[column])
            ]
            self.beside.update(words)
            for word in words[:1]:
                self.grouped |= self._words_of.setdefault(word, len(self.headings)) != len(self.headings)

    def _lone_name(self, cells: Cells) -> str:
        """What the only cell of a row holds, words or a year, where it stands in no column of values; else ""."""
        present = [column for column, cell in enumerate(cells[: self.width]) if not blank(cell)]
        lone = len(present) == 1 and present[0] not in self.names.numeric
        lone = lone and look(cells[present[0]]) in ("words", "value")
        return text_of(cells[present[0]]) if lone and not is_remark(cells[present[0]]) else ""

    def _value(self, at: int, cells: Cells) -> None:
        remark = bool(self.remarks) and self.remarks[-1] == at
        if self.names.numeric and self.width > 1 and (self.headings or not self.rows) and not remark:
            self._heading(at, cells)
        self.rows += 1
        self.tail.append((at, cells))
        if self._ragged:
            if len(cells) < self.width:
                self.short.append(at)
            elif len(cells) > self.width:
                self.cut += 1
        for column in self.labels:
            if column < len(cells) and total_label(cells[column]):
                self.labelled.append((at, cells))
                break

    def _named(self, cells: Cells) -> bool:
        """Whether a row has a word where the first of several columns of values has its values."""
        column = self.first_numeric
        if column is None or column >= len(cells):
            return False
        cell = cells[column]
        return isinstance(cell, str) and cell[:1].isalpha() and look(cell) == "words"

    def _second_table(self, at: int, cells: Cells) -> int | None:
        """The row before this one where, behind a gap, it holds the names of another table whose values begin here."""
        pending, self._pending = self._pending, None
        numeric = self.names.numeric
        looks = [look(cells[column]) for column in numeric if column < len(cells)]
        if pending is not None and not self._gap:
            values = [column for column, cell in enumerate(cells) if look(cell) == "value"]
            if values and (not self._others or set(values).intersection(self._others)):
                return pending
        words = [text_of(cell) for cell in cells if look(cell) == "words"]
        named = len(words) >= 2 and len(set(words)) == len(words) == filled(cells)
        gap = self._gap or self._apart
        apart = gap or (self._named(cells) and looks == ["words"] * len(numeric))
        if apart and numeric and self.rows and named and "value" not in looks and (gap or "words" in looks):
            if gap:
                self._pending = at
                # Names above none of the columns of values are told by a value below one of them.
                self._others = [] if "words" in looks else [at for at, cell in enumerate(cells) if not blank(cell)]
            else:
                self.like_names.append(at)
        return None
