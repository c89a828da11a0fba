"""A text file as a raw grid: rows of cells as they lie in it."""

import csv
import io
import re
from collections.abc import Iterable
from typing import Any

from core.catalog.text_files import BACKSLASH, DOUBLE, FIXED_WIDTH, SINGLE, WHITE_SPACE, WIDE_SPACE
from core.experiment.reading import TableReading
from core.tables.dialect import (
    INSTEAD,
    Quoting,
    is_escaped,
    is_even,
    is_single_quoted,
    lines_with,
    records,
    sample_of,
    separator_line,
    separator_of,
)
from core.tables.encoding import encoding_of, padded_with_zeros
from core.tables.fixed_width import Borders, borders_of_table, rows_at
from core.tables.layout import HEAD_ROWS, see_each
from core.tables.layout_walk import Walk
from core.tables.limits import MOST_COLUMNS, check_names
from core.tables.raw_cells import Cells, blank
from core.tables.text_walk import is_walkable, walk_lines

_GLANCE = 200  # Lines.
_BACKSLASH = "\\"
_EXCHANGED = str.maketrans({"'": '"', '"': "'"})


class TextFile:
    """A text file as a raw grid: its encoding and separator, as given or found, and its rows as they lie."""

    def __init__(self, name: str, content: bytes, given: TableReading, quoting: Quoting = csv.QUOTE_MINIMAL) -> None:
        self.name = name
        self.encoding = encoding_of(name, content, given.encoding)
        text, cut = sample_of(content, self.encoding.name)
        self.padded = padded_with_zeros(content, self.encoding.name)
        text = text.replace("\0", "") if self.padded else text
        # Rows to predict for may be quoted otherwise than the training table that they are read as.
        told = given.quotes == SINGLE and '"' not in text
        self.single = told or (given.quotes is None and is_single_quoted(text))
        text = text.translate(_EXCHANGED) if self.single else text
        self.beginning = text
        self.content = content
        self.named = separator_line(text)
        self.separator = given.separator or self.named or separator_of(text, cut)
        self.quoting = quoting
        self.borders = self._borders(given, text, cut)
        if self.borders:
            self.separator, self.escape, self.single, self.skip_blanks = FIXED_WIDTH, "", False, False
            return
        self.separator = "," if self.separator == FIXED_WIDTH else self.separator
        minimal = quoting == csv.QUOTE_MINIMAL and not self.single
        self.escape = self._escape(given, text, cut) if minimal else ""
        first = next((cells for cells in records(text, self.separator, quoting, escape=self.escape) if cells), [])
        if len(first) > MOST_COLUMNS:
            check_names(name, first)
        self.skip_blanks = False
        for cells in self.rows():
            if len(cells) > 1 and any(not blank(cell) for cell in cells):
                spaced = self.separator in (WHITE_SPACE, WIDE_SPACE)
                self.skip_blanks = any(cell[:1] == " " for cell in cells[1:]) and not spaced
                break

    def _borders(self, given: TableReading, text: str, cut: bool) -> Borders:
        """Where the columns of fixed width begin and end, as decided or, where no separator parts all lines alike, as
        the lines have it; [] of all other files.
        """
        told = given.separator == FIXED_WIDTH
        if not told and (given.separator or self.named or "  " not in text or is_even(text, self.separator, cut)):
            return []
        if not told and not borders_of_table(text.splitlines()[:_GLANCE]):
            return []
        return borders_of_table(self.content.decode(self.encoding.name, "replace").splitlines(), sure=not told)

    def _escape(self, given: TableReading, text: str, cut: bool) -> str:
        """The sign before quotation marks within quoted text, as given or found; with it the separator is looked for
        again.
        """
        if given.quotes is not None:
            return _BACKSLASH if given.quotes == BACKSLASH else ""
        if '\\"' not in text:  # It may come behind the beginning.
            lines = lines_with(self.content, '\\"', self.encoding.name)
            return _BACKSLASH if is_escaped(lines, self.separator) else ""
        separator = given.separator or self.named or separator_of(text, cut, _BACKSLASH)
        for likely in (self.separator, separator):
            if is_escaped(text, likely):
                self.separator = likely
                return _BACKSLASH
        return ""

    def rows(self) -> Any:
        """The rows from the first one, blank lines as []."""
        lines: Iterable[str] = io.TextIOWrapper(io.BytesIO(self.content), self.encoding.name, newline=None)
        if self.borders:
            return rows_at(lines, self.borders)
        if self.padded:  # As pandas does it, whose strings end at a zero.
            lines = (line.replace("\0", "") for line in lines)
        if self.single:  # As if they were the other ones.
            exchanged = (line.translate(_EXCHANGED) for line in lines)
            rows = records(exchanged, self.separator, self.quoting, self.skip_blanks)
            return ([cell.translate(_EXCHANGED) for cell in cells] for cells in rows)
        if self.escape:  # \N of a database is a missing cell, not the letter that the backslash leaves.
            null = re.compile(rf"(^|{re.escape(self.separator)})\\N(?=$|{re.escape(self.separator)})")
            without = (null.sub(r"\1", line) for line in lines)
            return records(without, self.separator, self.quoting, self.skip_blanks, self.escape)
        return records(lines, self.separator, self.quoting, self.skip_blanks)

    def see(self, walk: Walk, rows: Iterable[Cells], at: int) -> None:
        """Has a walk look at the rows that are left, the first of which is row `at`."""
        if at < HEAD_ROWS:  # There are no more.
            return
        plain = not self.borders and not self.skip_blanks and not self.escape and not self.padded and not self.single
        if plain and is_walkable(self.content, self.encoding.name, self.separator):
            content, separator, quoting = self.content, self.separator, self.quoting
            if separator in DOUBLE:
                content, separator, quoting = content.replace(separator.encode(), INSTEAD.encode()), INSTEAD, 3
            walk_lines(walk, content, self.encoding.name, separator, quoting, at)
        else:
            see_each(walk, rows, at)
