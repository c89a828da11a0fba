"""Where the names of a table stand in its raw grid, and where its values begin."""

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.tables.layout_units import come_again, holds_types, holds_units
from core.tables.names_above import Merged, is_named_throughout, numbering_row, with_third_names, with_upper_names
from core.tables.raw_cells import Cells, blank, filled, is_blank_row, is_rule, look, text_of

_ENOUGH = 0.6  # Of a column's cells, from its first value on, are values.
_AT_LEAST = 0.3  # Of all its cells.
_YEARS = (1800, 2200)
_ANSWERS = {"response", "open-ended response", "antwort", "offene antwort", "r\u00e9ponse", "respuesta"}  # Of surveys.
_ANNOTATIONS = {"#group", "#datatype", "#default"}  # Of InfluxDB, above the names.
_LOGGERS = {"TOA5"}  # The first cell of a data logger's file: names, units and "Avg" or "Max" stand in the next rows.
_REACH = 30  # Rows above the first values among which the names are looked for.


@dataclass(frozen=True)
class Names:
    """Where the names stand.

    Attributes:
        header: Their rows, counted from 0; () when no row holds names.
        first_row: The first row of values.
        units: The row of units between them, or None.
        numeric: Columns of which most cells are values rather than words.
        unsure: Whether the names look like values.
        number: The row that numbers the columns, or None.
    """

    header: tuple[int, ...]
    first_row: int
    numeric: frozenset[int]
    units: int | None = None
    unsure: bool = False
    number: int | None = None


def find_names(rows: Sequence[Cells], merged: Merged = (), header: tuple[int, ...] | None = None) -> Names:
    """The names of a table from the first rows of its grid; `header` when that is decided already."""
    usual = usual_width(rows)
    present = [at for at, cells in enumerate(rows) if not is_blank_row(cells) and not is_rule(cells)]
    numeric = numeric_columns([rows[at] for at in present])
    ids = _import_ids(rows, present)
    if header is None and ids:
        below = present[present.index(ids) + 1 :] or [ids + 1]
        return Names((present[0],), below[0], numeric_columns([rows[at] for at in below]))
    if header is None and present and text_of(rows[present[0]][0]) in _ANNOTATIONS:
        named = [at for at in present if not text_of(rows[at][0]).startswith("#")]
        return find_names(rows, merged, (named[0],)) if named else Names((), present[0], numeric)
    if header is None and len(present) > 4 and text_of(rows[present[0]][0]) in _LOGGERS:
        top = present[0]
        return Names((top + 1,), top + 4, numeric_columns(rows[top + 4 :]), top + 2)
    if header is not None:
        start = (
            max(*header, ids) + 1 if header else min(_first_values(rows, present, numeric), _first_whole(rows, usual))
        )
        below = [at for at in present if at >= start]
        units = below[0] if header and len(below) > 1 and holds_units(rows[below[0]], numeric) else None
        first = below[1] if units is not None else below[0] if below else start
        return Names(header, first, numeric, units)
    if present and come_again(rows, present[0]):
        return Names((), present[0], numeric)
    if not numeric:
        return _names_of_words(rows, present, usual, merged)
    if (below_facts := _below_facts(rows, present, usual)) is not None:
        return find_names(rows, merged, (below_facts,))
    start = _first_values(rows, present, numeric)
    if len(two := _years_above_names(rows, present, start, numeric)) > 1:
        below = [other for other in present if other > two[1]]
        if len(below) > 1 and is_named_throughout(rows[below[0]], numeric):
            return Names((*two, below[0]), below[1], numeric)
        return Names(two, below[0] if below else two[1] + 1, numeric)
    above = [at for at in present if start - _REACH <= at < start]
    if start in present and above and _years_as_names(rows, present, start, above[-1], numeric):
        below = [other for other in present if other > start]
        return Names((start,), below[0] if below else start + 1, numeric)
    for share in (0.5, 0.0):  # First a row with words above most of the values, else any row that may hold names.
        for place in range(len(above) - 1, -1, -1):
            at = above[place]
            apart = any(is_blank_row(cells) for cells in rows[at + 1 : start])
            if place and holds_types(rows[at]) and _like_names(rows[above[place - 1]], numeric, usual, rows):
                continue
            if not _like_names(rows[at], numeric, usual, rows, share, apart):
                continue
            if (
                place
                and _returns_below(rows, present, at, numeric)
                and _like_names(rows[above[place - 1]], numeric, usual, rows)
            ):
                continue
            if place and holds_units(rows[at], numeric) and _like_names(rows[above[place - 1]], numeric, usual, rows):
                place -= 1
            below = [other for other in present if other > above[place]] or [above[place] + 1]
            header = with_upper_names(rows, above, place, merged)
            if (
                below[0] < start
                and len(below) > 1
                and _names_below([rows[other] for other in header], rows[below[0]], numeric)
            ):
                return Names((*header, below[0]), below[1], numeric)
            units = below[0] if len(below) > 1 and below[0] < start and holds_units(rows[below[0]], numeric) else None
            header = with_third_names(rows, header, merged)
            if units is None and len(below) > 1 and len(header) == 1 and holds_types(rows[below[0]]):
                return Names(header, below[1], numeric)
            number = numbering_row(rows, below, numeric) if units is None else None
            below = below if number is None else below[1:]
            if units is None and below[0] == header[-1] + 1 and _more_names(rows[below[0]], numeric):
                header, below = (*header, below[0]), below[1:] or [below[0] + 1]
            return Names(header, below[0] if units is None else below[1], numeric, units, number=number)
    if start in present and _numbers_as_names(rows, present, start, numeric):
        below = [other for other in present if other > start] or [start + 1]
        units = below[0] if len(below) > 1 and holds_units(rows[below[0]], numeric) else None
        return Names((start,), below[0] if units is None else below[1], numeric, units, unsure=True)
    if above and _whole_names(rows[above[-1]], numeric, _typical(rows, present)):
        return Names((above[-1],), start, numeric, unsure=True)
    return Names((), start, numeric)


def _below_facts(rows: Sequence[Cells], present: Sequence[int], usual: int) -> int | None:
    """The row of names below some lines of facts about the table, "Account;DE123", "From;01.01.2021", each with fewer
    cells than the table has columns; None where no such lines stand above it.
    """
    typical = _typical(rows, present)
    facts = list(
        itertools.takewhile(lambda at: len(rows[at]) < usual or filled(rows[at]) < typical, present[: _REACH + 1])
    )
    if typical < 3 or not facts or len(facts) > _REACH or len(facts) == len(present):
        return None
    at = present[len(facts)]
    names = [text_of(cell) for cell in rows[at] if not blank(cell)]
    named = all(look(cell) in ("words", "") for cell in rows[at]) and len(set(names)) == len(names) >= typical
    told = any(look(cell) == "value" and not _is_year(cell) for fact in facts for cell in rows[fact][1:])
    below = [filled(rows[other]) >= 0.5 * typical for other in present[len(facts) + 1 :]]
    return at if named and told and below and sum(below) >= 0.9 * len(below) else None


def _is_year(cell: Any) -> bool:
    number = _number(cell)
    return number is not None and number.is_integer() and _YEARS[0] <= number <= _YEARS[1]


def usual_width(rows: Sequence[Cells]) -> int:
    """The most common number of cells of the rows below the first; of equals the greater."""
    widths = [len(cells) for cells in rows if not is_blank_row(cells)]
    return max(Counter(widths[1:] or widths or [0]).items(), key=lambda item: (item[1], item[0]))[0]


def numeric_columns(rows: Sequence[Cells]) -> frozenset[int]:
    """The columns whose cells are mostly values, once the first value has come: what stands above may be a title."""
    seen: dict[int, list[int]] = {}  # Column -> how many values, how many words since the first value, and before it.
    for cells in rows:
        for column, cell in enumerate(cells):
            kind = look(cell)
            counts = seen.setdefault(column, [0, 0, 0])
            if kind == "value":
                counts[0] += 1
            elif kind == "words":
                counts[1 if counts[0] else 2] += 1
    return frozenset(
        column
        for column, (values, after, before) in seen.items()
        if values and values >= _ENOUGH * (values + after) and values >= _AT_LEAST * (values + after + before)
    )


def _typical(rows: Sequence[Cells], present: Sequence[int]) -> int:
    """How many cells a row usually has that are not blank, in the lower two thirds of the rows."""
    counts = Counter(filled(rows[at]) for at in present[len(present) // 3 :])
    return max(counts.items(), key=lambda item: (item[1], item[0]))[0] if counts else 0


def _first_values(rows: Sequence[Cells], present: Sequence[int], numeric: frozenset[int]) -> int:
    """The first row in which a table's columns of values hold values."""
    typical = _typical(rows, present)
    for at in present:
        looks = Counter(look(rows[at][column]) for column in numeric if column < len(rows[at]))
        enough = filled(rows[at]) >= 0.5 * typical and looks["value"] >= max(1, len(numeric) / 3)
        if enough and looks["value"] > looks["words"] and not _is_above_names(rows, at, present, typical):
            return at
    return present[0] if present else 0


def _is_above_names(rows: Sequence[Cells], at: int, present: Sequence[int], typical: int) -> bool:
    """Whether a row of fewer cells than usual is a title that a separator parts, "January 1, 2024", above a row of
    different words in each column.
    """
    below = next((other for other in present if other > at), None)
    if below is None or filled(rows[at]) >= typical:
        return False
    names = [text_of(cell) for cell in rows[below] if not blank(cell)]
    return len(set(names)) == len(names) >= typical and all(look(name) == "words" for name in names)


def _first_whole(rows: Sequence[Cells], usual: int) -> int:
    return next((at for at, cells in enumerate(rows) if len(cells) >= usual and not is_blank_row(cells)), 0)


def _like_names(
    cells: Cells,
    numeric: frozenset[int],
    usual: int,
    rows: Sequence[Cells],
    share: float = 0.0,
    apart: bool = False,
) -> bool:
    """Whether a row has words where the table has values, in that share of them at least; `apart`: a gap lies below."""
    looks = Counter(look(cells[column]) for column in numeric if column < len(cells))
    words = filled(cells)
    if looks["value"] or (looks["absent"] and not looks["words"]) or not words or looks["words"] < share * len(numeric):
        return False
    used = _columns_in_use(rows, usual)
    lone = words == 1 and next(column for column, cell in enumerate(cells) if not blank(cell)) == min(used, default=0)
    short = len(cells) < usual - 1 and 2 * words < len(used)
    title = lone and (len(used) > 2 or (apart and len(used) > 1))
    return not short and not title


def _returns_below(rows: Sequence[Cells], present: Sequence[int], at: int, numeric: frozenset[int]) -> bool:
    """Whether a row is one of values that could not be read: its words above a column of values, "refused", return in
    this column, in rows that are not the same.
    """
    words = {column: text_of(rows[at][column]) for column in numeric if column < len(rows[at])}
    texts = [text_of(cell) for cell in rows[at]]
    return any(
        text and column < len(rows[other]) and text_of(rows[other][column]) == text
        for other in present
        if other > at and [text_of(cell) for cell in rows[other]] != texts
        for column, text in words.items()
    )


def _whole_names(cells: Cells, numeric: frozenset[int], typical: int) -> bool:
    """Whether a row has a name in each column, words above some values and numbers above others: "place", "n", 2021."""
    names = [text_of(cell) for cell in cells if not blank(cell)]
    words = any(look(cells[column]) == "words" for column in numeric if column < len(cells))
    return words and len(names) >= max(typical, 2) and len(set(names)) == len(names)


def _more_names(cells: Cells, numeric: frozenset[int]) -> bool:
    """Whether a row below the names has words above columns of values, and nothing else: the name of an index."""
    present = {column for column, cell in enumerate(cells) if not blank(cell)}
    return (
        present <= numeric and len(present) < len(numeric) and all(look(cells[column]) == "words" for column in present)
    )


def _names_below(header: Sequence[Cells], cells: Cells, numeric: frozenset[int]) -> bool:
    """Whether the row below the names goes on with them: it names columns that have none, as pandas writes the names of
    an index, or the answers below the questions of a survey, and holds no value in any column of values.
    """
    present = [column for column, cell in enumerate(cells) if not blank(cell)]
    texts = [text_of(cells[column]) for column in present]
    nameless = [column for column in present if all(column >= len(row) or blank(row[column]) for row in header)]
    if not present or not all(look(cells[column]) == "words" for column in present):
        return False
    if len(header) > 1:
        return nameless == present
    answers = any(text.lower() in _ANSWERS for text in texts)
    return (answers or (bool(nameless) and len(nameless) < len(present))) and len(numeric.difference(present)) > 1


def _import_ids(rows: Sequence[Cells], present: Sequence[int]) -> int:
    """The row of a survey in which each question has its {"ImportId": ...}, below names and questions; 0 where there is
    none.
    """
    for at in present[1:4]:
        marked = sum(text_of(cell).startswith('{"ImportId"') for cell in rows[at])
        if marked and marked >= 0.5 * filled(rows[at]):
            return at
    return 0


def _columns_in_use(rows: Sequence[Cells], usual: int) -> set[int]:
    return {column for cells in rows if len(cells) >= usual for column, cell in enumerate(cells) if not blank(cell)}


def _number(cell: Any) -> float | None:
    try:
        return float(cell) if not isinstance(cell, bool) else None
    except (TypeError, ValueError):
        return None


def _numbers_as_names(rows: Sequence[Cells], present: Sequence[int], at: int, numeric: frozenset[int]) -> bool:
    """Whether numbers are names: years or a running number in a row, above values of another kind."""
    cells = rows[at]
    columns = [column for column in sorted(numeric) if column < len(cells) and not blank(cells[column])]
    if any(hasattr(cells[column], "year") for column in columns):
        below = [
            rows[other][column] for other in present if other > at for column in columns if column < len(rows[other])
        ]
        return not any(hasattr(cell, "year") for cell in below)
    numbers = [_number(cells[column]) for column in columns]
    if columns and numbers == [None] * len(numbers):  # Days in words above numbers.
        below = [
            _number(rows[other][column])
            for other in present
            if other > at
            for column in columns
            if column < len(rows[other])
        ]
        known = [number for number in below if number is not None]
        return len(known) > 1 and len(known) >= 0.8 * len(below)
    found = (
        [number for number in numbers if number is not None and number == int(number)]
        if all(number is not None and abs(number) < 1e15 for number in numbers)
        else []
    )
    if not found or len(found) < len(numbers) or len(set(found)) < len(found):
        return False
    steps = {after - before for before, after in itertools.pairwise(found)}
    if len(found) >= 2 and steps == {1.0}:
        return True
    if not all(_YEARS[0] <= number <= _YEARS[1] for number in found):
        return False
    below = [
        _number(rows[other][column])
        for other in present
        if other > at
        for column in columns
        if column < len(rows[other])
    ]
    years = [number for number in below if number is not None and _YEARS[0] <= number <= _YEARS[1]]
    return len(years) <= 0.2 * len(below)


def _years_as_names(
    rows: Sequence[Cells], present: Sequence[int], at: int, before: int, numeric: frozenset[int]
) -> bool:
    """Whether a row names columns by years and words ("Row Labels", 2022, 2023, "Grand Total") below a line that names
    fewer, as a pivot table has it.
    """
    looks = {column: look(cell) for column, cell in enumerate(rows[at])}
    years = frozenset(column for column in numeric if looks.get(column) == "value")
    words = [column for column, kind in looks.items() if kind == "words"]
    if len(years) < 2 or not words or filled(rows[before]) >= filled(rows[at]):
        return False
    numbers = [_number(rows[at][column]) for column in years]
    if not all(number is not None and _YEARS[0] <= number <= _YEARS[1] for number in numbers):
        return False
    below = [other for other in present if other > at]
    again = any(
        text_of(rows[other][column]) == text_of(rows[at][column])
        for other in below
        for column in words
        if column < len(rows[other])
    )
    return not again and _numbers_as_names(rows, present, at, years)


def _years_above_names(
    rows: Sequence[Cells], present: Sequence[int], at: int, numeric: frozenset[int]
) -> tuple[int, ...]:
    """The row of years or days and the row of names right below it, each above the names of several columns; () where
    the rows are none.
    """
    if at not in present or at + 1 not in present:
        return ()
    upper = {column: cell for column, cell in enumerate(rows[at]) if not blank(cell)}
    lower = {column: text_of(cell) for column, cell in enumerate(rows[at + 1]) if not blank(cell)}
    years = [column for column, cell in upper.items() if _is_year(cell) or hasattr(cell, "year")]
    others = [cell for column, cell in upper.items() if column not in years]
    named = len(lower) >= 2 and all(look(rows[at + 1][column]) == "words" for column in lower)
    over = len(years) >= 2 and len(set(lower.values())) < len(lower) and numeric <= set(lower)
    return (at, at + 1) if named and over and all(look(cell) == "words" for cell in others) else ()


def _names_of_words(rows: Sequence[Cells], present: Sequence[int], usual: int, merged: Merged) -> Names:
    """Where all columns hold words, the first row as wide as the others, unless the words of its cells return below."""
    typical = _typical(rows, present)
    at = next(
        (at for at in present if len(rows[at]) >= usual - 1 and filled(rows[at]) >= 0.5 * typical),
        present[0] if present else 0,
    )
    below = [other for other in present if other > at]
    columns = [column for column, cell in enumerate(rows[at]) if not blank(cell)] if present else []
    words = {
        column: {text_of(rows[other][column]) for other in below if column < len(rows[other])} for column in columns
    }
    return_below = [text_of(rows[at][column]) in words[column] for column in columns]
    if len(columns) >= 2 and len(below) >= 4 and all(return_below):
        return Names((), at, frozenset())
    place = present.index(at) if present else 0
    header = with_upper_names(rows, present, place, merged) if present else ()
    return Names(header, below[0] if below else at + 1, frozenset())
