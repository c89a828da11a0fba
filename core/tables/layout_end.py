"""Where a table ends: rows of totals and notes below it, and totals of groups between its rows."""

import itertools
import re
import statistics
from collections import deque
from collections.abc import Callable, Container, Iterable, Sequence
from typing import Any

from core.tables.raw_cells import (
    PLAIN_NUMBER,
    Cells,
    blank,
    filled,
    is_blank_row,
    is_footnote,
    is_rule,
    look,
    text_of,
    total_label,
)

_CLOSE = 1e-3  # Of a total, that rounded parts may be away from it.
_LONG_TEXT = 25  # Characters of a note, at least, where it does not begin as one.
_FEW_ROWS = 5
_FEWEST_FILLED = 3  # Cells of each row above notes that stand apart.
_SMALL = 100  # Whole numbers below it, above and below 0, have such sums by chance.
_FEWEST_PARTS = 2  # Of a total that stands above them.
_MOST_IN_GROUP = 2_000  # Rows below a total that stands above them.
_ALWAYS = 0.95  # Of the rows in which a column is filled.
_NUMBERED_NOTE = re.compile(r"\(?(?:\d{1,2}|[a-z])\)\s*[^\W\d]{3}", re.IGNORECASE)  # "1) unaudited"
_OVERALL = re.compile(r"\*{1,4}|all|overall|\u03a3|alle|gesamt|tous|todos", re.IGNORECASE)  # Of the last row.


def below_kind(cells: Cells, others: Sequence[Cells], numeric: frozenset[int], width: int, gap: bool) -> str:
    """What the last row below a table is: "totals", "footnotes", or "" for values.

    `others` are the rows before it; `gap` says that a blank row stands between.
    """
    if is_rule(cells):
        return "footnotes"
    present = [column for column, cell in enumerate(cells) if not blank(cell)]
    values = [column for column in present if column in numeric and look(cells[column]) == "value"]
    if _is_labelled_total(cells, present, values, others, numeric):
        return "totals"
    first = text_of(cells[present[0]])
    spaced = is_footnote(
        " ".join(text_of(cells[column]) for column in present)
    )  # By white space: "(60 rows affected)".
    is_note = is_footnote(first) or spaced or _NUMBERED_NOTE.match(first) is not None
    words = [column for column in present if look(cells[column]) == "words"]
    if width == 1 or statistics.median(map(filled, others)) <= 1:
        return "footnotes" if numeric.intersection(words) and is_note else ""
    if len(present) == 1:
        return "footnotes" if _is_lone_note(cells, present[0], others, numeric, gap or is_note) else ""
    if values or not numeric:
        loose = len(present) <= width / 3 and width > 3 and gap
        return "footnotes" if (is_note and len(present) <= width / 2 and gap) or loose else ""
    misplaced = [column for column in words if column in numeric]
    return "footnotes" if misplaced and (is_note or gap) and (spaced or len(present) < width) else ""


def notes_behind_gap(tail: deque[tuple[int, Cells]], blanks: Container[int], numeric: frozenset[int]) -> list[int]:
    """The last rows where these, behind a gap, hold one cell each, in the same column, and the rows above it several:
    they are no rows of the table any more, and are taken from `tail`, the last rows with their places.
    """
    lone = list(itertools.takewhile(lambda row: filled(row[1]) == 1, reversed(tail)))
    above = [cells for _, cells in itertools.islice(tail, 0, len(tail) - len(lone))]
    columns = {next(column for column, cell in enumerate(cells) if not blank(cell)) for _, cells in lone}
    if not lone or len(above) < _FEW_ROWS or len(columns) > 1 or columns <= numeric:
        return []
    last, first = tail[len(above) - 1][0], lone[-1][0]
    if not any(at in blanks for at in range(last + 1, first)) or min(map(filled, above)) < _FEWEST_FILLED:
        return []
    for _ in lone:
        tail.pop()
    return [at for at, _ in lone]


def _is_lone_note(cells: Cells, column: int, others: Sequence[Cells], numeric: frozenset[int], told: bool) -> bool:
    """Whether the only cell of a row is a note: words where values stand, or words that stand apart or are long."""
    text, kind = text_of(cells[column]), look(cells[column])
    if kind != "words":
        return told and kind == "value" and column not in numeric
    if column in numeric or told:
        return True
    longest = max((len(text_of(other[column])) for other in others if column < len(other)), default=0)
    return len(text) >= _LONG_TEXT and len(text) > 2 * longest


def _is_labelled_total(
    cells: Cells, present: Sequence[int], values: Sequence[int], others: Sequence[Cells], numeric: frozenset[int]
) -> bool:
    """Whether a row is called a total, the other columns of words being blank."""
    labels = [column for column in present[:3] if total_label(cells[column]) in ("total", "summary")]
    alone = labels == [*present] and total_label(cells[present[0]]) == "total"
    if alone and statistics.median(map(filled, others)) > 1:
        values = labels  # Its formulas were never calculated.
    if not labels or not values:
        return False
    rest = [column for column in present if column not in numeric and column not in labels]
    called = text_of(cells[labels[0]])
    again = sum(labels[0] < len(other) and text_of(other[labels[0]]) == called for other in others)
    return not rest and not again


def is_unlabelled_total(cells: Cells, others: Sequence[Cells], numeric: frozenset[int]) -> bool:
    """Whether a row may be a total without a name: blank where all others are filled, or called by the name of a
    group ("East total").
    """
    if not others:
        return False
    counts: dict[int, int] = {}
    for other in others:
        for column, cell in enumerate(other):
            if not blank(cell):
                counts[column] = counts.get(column, 0) + 1
    always = {column for column, often in counts.items() if often >= _ALWAYS * len(others)}
    open_columns = {column for column in always if column >= len(cells) or blank(cells[column])}
    values = [column for column in numeric if column < len(cells) and look(cells[column]) == "value"]
    words = [column for column, cell in enumerate(cells) if look(cell) == "words"]
    called = any(total_label(cells[column]) or _OVERALL.fullmatch(text_of(cells[column])) for column in words)
    called = called or any(_OVERALL.fullmatch(text_of(cell)) for cell in cells[:3])
    return bool(values) and len(others) > 1 and ((bool(open_columns) and not words) or called)


def is_overall(cells: Cells) -> bool:
    """Whether a row is called by all: "All", "Overall"."""
    return any(_OVERALL.fullmatch(text_of(cell)) for cell in cells[:1])


def may_be_total(cells: Cells, others: Sequence[Cells], numeric: frozenset[int]) -> bool:
    """Whether the last row may hold totals that are no sums, as of visitors: it is blank where all others are filled,
    and most of its numbers are larger than all above.
    """
    if len(others) < _FEW_ROWS or not is_unlabelled_total(cells, others, numeric):
        return False
    larger = []
    for column in numeric:
        last = plain_number(cells[column]) if column < len(cells) else None
        above = [plain_number(other[column]) for other in others if column < len(other)]
        known = [number for number in above if number is not None]
        if last is not None and known:
            larger.append(last > 2 * max(known) > 0)
    return bool(larger) and sum(larger) >= 0.5 * len(larger)


def group_totals(
    rows: Callable[[], Iterable[Cells]],
    candidates: Sequence[tuple[int, Cells]],
    numeric: frozenset[int],
    first_row: int,
    passed: set[int],
    some: bool = False,
) -> list[int]:
    """Those of the candidates whose numbers are the sums or the means of the rows above them, since the total before
    or in all: at least half of their numbers, or one with `some`.
    """
    wanted = dict(candidates)
    last = max(wanted)
    group = dict.fromkeys(numeric, 0.0)
    whole = dict.fromkeys(numeric, 0.0)
    in_group, in_all, found, ended = 0, 0, [], False
    for at, cells in enumerate(rows()):
        if at > last:
            break
        if at < first_row or at in passed or is_blank_row(cells):
            continue
        numbers = _numbers_of(cells, numeric)
        if at in wanted and in_group and (_adds_up(numbers, group, some) or _adds_up(numbers, whole, some)):
            found.append(at)
            ended = True
            continue
        if at in wanted and (_is_mean(cells, numbers, group, in_group) or _is_mean(cells, numbers, whole, in_all)):
            found.append(at)
            ended = True
            continue
        if ended:
            group, in_group, ended = dict.fromkeys(numeric, 0.0), 0, False
        in_group, in_all = in_group + 1, in_all + 1
        for column, number in numbers.items():
            if number is not None:
                group[column] += number
                whole[column] += number
    return found


def is_total_on_top(
    rows: Callable[[], Iterable[Cells]],
    numeric: frozenset[int],
    top: int,
    last_row: int,
    passed: set[int],
    some: bool = False,
) -> bool:
    """Whether the numbers of row `top` are the sums of all rows of values below it; with `some` one that is not small
    is enough.
    """
    total: dict[int, float | None] = {}
    sums = dict.fromkeys(numeric, 0.0)
    count = 0
    for at, cells in enumerate(rows()):
        if at > last_row:
            break
        if at < top or at in passed or is_blank_row(cells):
            continue
        numbers = _numbers_of(cells, numeric)
        if at == top:
            total = numbers
            continue
        count += 1
        for column, number in numbers.items():
            sums[column] += number or 0.0
    if some:
        total = {column: number for column, number in total.items() if number and abs(number) >= _SMALL}
        return count >= _FEW_ROWS and _adds_up(total, sums, some)
    return count > 1 and _adds_up(total, sums)


def _numbers_of(cells: Cells, numeric: frozenset[int]) -> dict[int, float | None]:
    """Column of numbers -> the number in a row's cell; those are left out in which no value stands."""
    return {
        column: plain_number(cells[column])
        for column in numeric
        if column < len(cells) and look(cells[column]) == "value"
    }


def _is_mean(cells: Cells, numbers: dict[int, float | None], sums: dict[int, float], rows: int) -> bool:
    """Whether a row is called a mean, and holds no other words but the means of at least two rows."""
    words = [cell for cell in cells if look(cell) == "words"]
    called = len(words) == 1 and total_label(words[0]) == "summary"
    return called and rows > 1 and _adds_up(numbers, {column: total / rows for column, total in sums.items()})


def totals_above(
    rows: Callable[[], Iterable[Cells]], numeric: frozenset[int], first_row: int, last_row: int, passed: set[int]
) -> list[int]:
    """Rows that are the sums of the rows below them, where all rows of the table are such a total or belong to one, as
    a pivot table in compact form has it; else none. Small numbers add up by chance: a total has a name of its own, and
    of the rows below it at least two are not 0.
    """
    found: list[int] = []
    head: dict[int, float] = {}
    sums: dict[int, float] = {}
    in_group = filled_in_group = 0
    signed, small = False, True
    names: set[str] = set()
    below: set[str] = set()
    for at, cells in enumerate(rows()):
        if at > last_row:
            break
        if at < first_row or at in passed or is_blank_row(cells):
            continue
        name = next(
            (text_of(cell) for column, cell in enumerate(cells) if column not in numeric and not blank(cell)), ""
        )
        numbers = {column: plain_number(cells[column]) or 0.0 for column in numeric if column < len(cells)}
        if not head:
            if not name or name in names:
                return []
            found.append(at)
            names.add(name)
            head, sums, in_group, filled_in_group = numbers, dict.fromkeys(numbers, 0.0), 0, 0
            continue
        in_group += 1
        filled_in_group += any(numbers.values())
        signed = signed or any(number < 0 for number in numbers.values())
        small = small and all(abs(number) < _SMALL and number.is_integer() for number in numbers.values())
        below.add(name)
        sums = {column: sums.get(column, 0.0) + number for column, number in numbers.items()}
        if in_group > 1 and all(
            abs(head.get(column, 0.0) - total) <= _CLOSE * abs(total) for column, total in sums.items()
        ):
            if not any(sums.values()) or filled_in_group < _FEWEST_PARTS:
                return []
            head = {}
        elif in_group > _MOST_IN_GROUP:
            return []
    by_chance = bool(names & below) or (signed and small)
    return found if len(found) > 1 and not head and not by_chance else []


def _adds_up(numbers: dict[int, float | None], sums: dict[int, float], some: bool = False) -> bool:
    known = {column: number for column, number in numbers.items() if number}
    close = [abs(number - sums[column]) <= _CLOSE * abs(number) for column, number in known.items()]
    return any(close) and (some or sum(close) >= 0.5 * len(close))


def plain_number(cell: Any) -> float | None:
    """The number of a cell, however its marks are meant most likely; None where there is none."""
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, int | float):
        return float(cell)
    if not isinstance(cell, str):
        return None
    if PLAIN_NUMBER.fullmatch(cell):
        return float(cell)
    text = re.sub(r"[^0-9.,()\-\u2212]", "", cell)
    below = text.startswith(("-", "\u2212", "(")) or text.endswith("-")
    digits = re.sub(r"[()\-\u2212]", "", text)
    if "," in digits and "." in digits:
        mark = max(",.", key=digits.rfind)
        digits = digits.replace("," if mark == "." else ".", "").replace(mark, ".")
    elif "," in digits:
        digits = digits.replace(",", "" if re.fullmatch(r"[1-9]\d{0,2}(,\d{3})+", digits) else ".")
    try:
        return -float(digits) if below else float(digits)
    except ValueError:
        return None
