"""Where a table lies in its raw grid: names, values, and what stands above, between and below.

layout = decide(rows, given)     rows: a function that gives the rows of the grid, each a list of cells

What a person has decided is taken as it is; the rest is decided here, and each decision is a note that names the field
of `TableReading` that changes it.
"""

import itertools
from collections.abc import Callable, Iterable, Sequence

from core.experiment.columns import Note
from core.experiment.counts import counted, enumerated
from core.experiment.reading import TableReading
from core.tables.group_headings import heading_levels, heading_names, headings_by_row
from core.tables.layout_end import (
    below_kind,
    group_totals,
    is_overall,
    is_total_on_top,
    is_unlabelled_total,
    may_be_total,
    notes_behind_gap,
    totals_above,
)
from core.tables.layout_names import Names, find_names, usual_width
from core.tables.layout_notes import below_note, decided_notes, heading_note, layout_notes, row_note
from core.tables.layout_walk import Layout, Walk
from core.tables.names_above import Merged
from core.tables.raw_cells import (
    Cells,
    blank,
    filled,
    is_blank_row,
    is_footnote,
    is_marked,
    is_rule,
    text_of,
    total_label,
)
from core.tables.reading import unique_names

HEAD_ROWS = 500
_MOST_GROUPED = 20_000  # Rows of a table in which totals above their rows are looked for.
_FEW_ROWS = 5
_FEW_FACTS, _MANY_MORE = 3, 5  # Rows of a table of facts, and how many times as many the table below it has.
_BESIDE = 0.8  # Of the rows of the larger table: with fewer, a block of columns is another table.
_HEAD_CELLS = 200_000  # Of very wide tables fewer rows are looked at.
Rows = Callable[[], Iterable[Cells]]


def see_each(walk: Walk, rows: Iterable[Cells], at: int) -> None:
    """Looks at the rows that are left, the first of which is row `at`."""
    for place, cells in enumerate(rows, at):
        walk.see(place, cells)


def decide(
    rows: Rows,
    given: TableReading,
    merged: Merged = (),
    line: str = "line",
    ragged: bool = True,
    keep_blank: bool = False,
    see: Callable[[Walk, Iterable[Cells], int], None] = see_each,
) -> Layout | None:
    """The layout of a grid; None when nothing stands in it.

    `line` is what a row is called in notes; in a `ragged` grid, of a text file, rows have as many cells as were
    written. With `keep_blank` a row of blank cells among the values is one of them: to predict for, each row counts.
    `see` has the walk look at the rows behind the first 500.
    """
    stream = iter(rows())
    head = list(itertools.islice(stream, HEAD_ROWS))
    width = max(map(len, head), default=0)
    most = max(20, _HEAD_CELLS // max(width, 1))
    glance = head[:most]
    if all(map(is_blank_row, glance)) and given.header is None:
        return None
    names = find_names(glance, merged, given.header)
    if given.first_row is not None:
        names = Names(names.header, given.first_row, names.numeric, names.units, names.unsure)
    layout = Layout(names.header, names.first_row, names.first_row)
    header = list(head[names.header[-1]]) if names.header and names.header[-1] < len(head) else []
    body = [cells for cells in glance[names.first_row :] if not is_blank_row(cells)]
    layout.marked = ragged and len(names.header) == 1 and is_marked(header, body)
    header = header[1:] if layout.marked else header
    width = _width(layout, header, body, ragged)
    special = [head[at] for at in range(min(names.first_row, len(head))) if not is_blank_row(head[at])]
    walk = Walk(names, special, width, given, ragged)
    layout.keeps_blank = keep_blank
    see_each(walk, head[names.first_row :], names.first_row)
    see(walk, stream, len(head))
    decided = (given.header, given.first_row, given.last_row) != (None, None, None)
    if not decided and walk.second is not None and _is_small(walk):
        told = given.model_copy(update={"header": (walk.second,)})
        return decide(rows, told, merged, line, ragged, keep_blank, see)
    walk.last = max(walk.last, names.first_row - 1 if not walk.rows else 0)
    start = names.header[-1] + 1 if names.header else names.first_row
    layout.next_row = next((at for at in range(start, len(head)) if not is_blank_row(head[at])), names.first_row)
    layout.titles = any(not is_blank_row(cells) for cells in head[: min([*names.header, names.first_row])])
    layout.width, layout.long, layout.numeric = width, len(walk.long), names.numeric
    layout.words_as_names = all(isinstance(cell, str) for cell in header)
    layout.surplus = 0 if layout.shifted or not header else max(0, width - len(header))
    _end(layout, walk, rows, given, line)
    within = itertools.islice(glance, names.first_row, layout.last_row + 1)
    _columns(layout, head, [cells for cells in within if not is_blank_row(cells) and not is_rule(cells)], width, given)
    _group_columns(layout, walk, head, given, line)
    layout.notes[:0] = layout_notes(layout, names, walk, head, line, given.first_row is not None)
    layout.notes += decided_notes(layout, given, line)
    return layout


def _is_small(walk: Walk) -> bool:
    """Whether the table above another one says only a few things about it, as of the place of measurements."""
    below = walk.last - (walk.second or 0)
    return walk.rows <= _FEW_FACTS and below >= max(_FEW_ROWS, _MANY_MORE * walk.rows)


def _width(layout: Layout, header: Cells, body: Sequence[Cells], ragged: bool) -> int:
    """How many cells a row of the table has at most; a header may be one name shorter than the rows."""
    if not ragged:
        return max([len(header), *map(len, body)])
    usual = usual_width([header, *body]) if body else len(header)
    if not header or usual <= len(header):
        return max(usual, len(header))
    wide = [cells for cells in body if len(cells) == usual]
    if len(wide) < 0.9 * len(body):
        return len(header)
    if all(blank(cell) for cells in wide for cell in cells[len(header) :]):
        layout.cut = True  # Each row ends with separators.
        return len(header)
    layout.shifted = usual == len(header) + 1 and any(not isinstance(cell, str) or cell.strip() for cell in header[:1])
    layout.shifted = layout.shifted and len(body) > 1
    firsts = [text_of(cells[0]) for cells in wide]
    if layout.shifted and len(set(firsts)) < len(firsts):  # They are no names of rows.
        layout.shifted = False
        layout.parted = all(text_of(cell).lstrip("+-").isdecimal() for cells in wide for cell in cells[-2:])
    return usual


def _end(layout: Layout, walk: Walk, rows: Rows, given: TableReading, line: str) -> None:
    """The last row of values, and the rows between that hold none."""
    numeric = walk.names.numeric
    below: dict[str, list[int]] = {}
    if given.last_row is None and given.skipped is None:
        notes = notes_behind_gap(walk.tail, walk.blank.union(walk.empty), numeric)
        if notes:
            below["footnotes"] = notes
            walk.rows -= len(notes)
    while given.last_row is None and given.skipped is None and walk.rows > 1 and len(walk.tail) > 1:
        at, cells = walk.tail[-1]
        before = walk.tail[-2][0]
        gap = any(other in walk.blank or other in walk.empty for other in range(before + 1, at))
        others = [other for _, other in itertools.islice(walk.tail, 0, len(walk.tail) - 1)]
        kind = below_kind(cells, others, numeric, walk.width, gap)
        if not kind and is_unlabelled_total(cells, others, numeric):
            total = group_totals(rows, [(at, cells)], numeric, layout.first_row, {*walk.long, *walk.repeated})
            kind = "totals" if total else ""
        likely = not kind and may_be_total(cells, others, numeric)
        if likely or (not kind and len(others) > _FEW_ROWS and _is_called_total(cells)):
            named = [row for row in walk.tail if _is_called_total(row[1])]
            totals_of = {**dict(named), at: cells}
            passed = {*walk.long, *walk.repeated}
            found = group_totals(rows, list(totals_of.items()), numeric, layout.first_row, passed, some=True)
            kind = "totals" if at in found else ""
        if likely and not kind:
            text = "{Rows} has no name and larger numbers than all rows above: it may hold totals and was kept."
            layout.notes.append(row_note("totals", [at], line, text, "last_row"))
        if not kind:
            break
        below.setdefault(kind, []).append(at)
        walk.tail.pop()
        walk.rows -= 1
    layout.last_row = walk.tail[-1][0] if walk.tail else layout.first_row
    layout.last = walk.last
    if given.last_row is not None:
        layout.last_row = max(layout.first_row, min(given.last_row, max(walk.last, layout.first_row)))
    walk.rows -= 0 if given.skipped is not None else sum(at <= layout.last_row for at in walk.remarks)
    labelled = [
        (at, cells) for at, cells in walk.labelled if at <= layout.last_row and any(map(total_label, cells[:3]))
    ]
    totals: list[int] = []
    headings: list[int] = []
    passed = {*walk.long, *walk.repeated, *walk.rules, *walk.remarks}
    if given.skipped is None and (numeric or walk.sections):
        headings = _headings(layout, walk, given)
        if labelled:
            totals = group_totals(rows, labelled, numeric, layout.first_row, {*passed, *headings})
        walk.rows -= len(totals) + len(headings)
    above: list[int] = []
    top = [at for at, _ in labelled if at not in totals][:1]
    bare = False  # Whether the first row may be a total without a name.
    if not top and given.skipped is None and numeric:
        cells = next(itertools.islice(rows(), layout.first_row, None), [])
        bare = is_unlabelled_total(cells, [row for _, row in walk.tail], numeric)
        top = [layout.first_row] if bare or is_overall(cells) else []
    first = given.skipped is None and numeric and top and not walk.above(top[0], layout.first_row, passed)
    if first and is_total_on_top(rows, numeric, top[0], layout.last_row, {*passed, *totals, *headings}, bare):
        totals = sorted([*totals, *top])
        walk.rows -= 1
    if given.skipped is None and numeric and len(numeric) < walk.width and not headings and walk.rows <= _MOST_GROUPED:
        above = totals_above(rows, numeric, layout.first_row, layout.last_row, {*passed, *totals})
        walk.rows -= len(above)

    def inside(found: Iterable[int]) -> list[int]:
        return [at for at in found if layout.first_row <= at <= layout.last_row]

    if given.skipped is not None:
        layout.skipped = tuple(sorted({*given.skipped, *([] if layout.keeps_blank else inside(walk.empty))}))
    else:
        empty = [] if layout.keeps_blank else walk.empty
        parts = (empty, walk.repeated, walk.rules, walk.remarks, walk.long, totals, headings, above)
        layout.skipped = tuple(sorted({at for part in parts for at in inside(part)}))
    layout.blank = frozenset(inside(walk.blank))
    layout.rows = walk.rows + (len(inside(walk.empty)) if layout.keeps_blank else 0)
    layout.cut = layout.cut or bool(walk.cut)
    for kind, found in below.items():
        layout.notes.append(below_note(kind, sorted(found), line))
    if above:
        text = "{Rows} {holds} totals of the rows below and {was} left out: no column holds their names."
        layout.notes.append(row_note("totals", above, line, text, "skipped"))
    if totals:
        layout.notes.append(
            row_note(
                "totals",
                totals,
                line,
                f"{{Rows}} {{holds}} totals or means of the rows {_where(totals, top)} and {{was}} left out.",
                "skipped",
            )
        )
    if unsure := [at for at, cells in labelled if at not in totals and any(total_label(c) == "total" for c in cells)]:
        text = "{Rows} {begins} like totals, but {does} not add up: kept as values."
        layout.notes.append(row_note("totals", unsure, line, text, "skipped"))


def _is_called_total(cells: Cells) -> bool:
    """Whether one of the first cells of a row says that it is a total."""
    return any(total_label(cell) in ("total", "group") for cell in cells[:3])


def _where(totals: Sequence[int], top: Sequence[int]) -> str:
    """Where the rows are that totals are of."""
    if not set(top) & set(totals):
        return "above"
    return "below" if len(totals) == 1 else "above, the first of those below,"


def _headings(layout: Layout, walk: Walk, given: TableReading) -> list[int]:
    """Rows of one word each above groups of rows, where a person said so, or it is plain that they are: the names
    follow again, or the first row of values is one, the last is none, no row of values has one of the words, and
    the words of one group return in another, or a gap or a short line tells them.
    """
    found = [at for at, _ in walk.headings if at <= layout.last_row]
    if given.heading_columns or walk.sections:
        return found if given.heading_columns else walk.sections
    again = any(name in walk.beside for _, name in walk.headings)  # A word of the rows, whose values are missing.
    plain = walk.grouped and not again and 1 < len(found) <= 0.5 * walk.rows and found[-1] < layout.last_row
    return found if plain else []


def _group_columns(layout: Layout, walk: Walk, head: Sequence[Cells], given: TableReading, line: str) -> None:
    """The headings of groups as columns, where a person wants them so, and what is said of them."""
    passed = {*layout.skipped, *layout.blank}
    left_out = [(at, name) for at, name in walk.headings if at in passed]
    seen = left_out or walk.headings
    if not seen or (given.skipped is not None and not left_out):
        return
    rows = [at for at, _ in seen]
    above = any(at not in passed for at in range(layout.first_row, rows[0]))
    if above and left_out and (title := _title(layout, head)):
        seen = [title, *seen]  # It is the heading of the first group.
    names, columns = [name for _, name in seen], given.heading_columns
    if columns and left_out and not set(columns) & set(layout.names):
        layout.headings = headings_by_row(seen, [*passed], layout.first_row, len(columns))
        layout.notes += heading_note(names, rows, line, True, made=columns)
    elif given.skipped is None:
        levels = heading_levels(seen, [*passed, *rows])
        makes = heading_names(names, levels, layout.names)
        layout.notes += heading_note(names, rows, line, bool(left_out), makes)


def _title(layout: Layout, head: Sequence[Cells]) -> tuple[int, str] | None:
    """The row right above the names, where it holds a name alone, and that name."""
    above = [at for at in range(layout.header[0] if layout.header else 0) if not is_blank_row(head[at])]
    if not above or filled(head[above[-1]]) > 1:
        return None
    name = next(text_of(cell) for cell in head[above[-1]] if not blank(cell))
    return None if is_footnote(name) else (above[-1], name)


def _columns(layout: Layout, head: Sequence[Cells], body: Sequence[Cells], width: int, given: TableReading) -> None:
    """The first and the last column and their names."""
    cells_of = [_plain(head, at, width, layout) for at in layout.header if at < len(head)]
    used = {column for cells in [*cells_of, *body] for column, cell in enumerate(cells[:width]) if not blank(cell)} or {
        0
    }
    layout.first_column = min(used) if given.first_column is None else min(given.first_column, max(width - 1, 0))
    layout.last_column = max(used) if given.last_column is None else min(given.last_column, max(width - 1, 0))
    layout.last_column = max(layout.last_column, layout.first_column)
    _one_block(layout, [*cells_of, *body], given)
    places = range(layout.first_column, layout.last_column + 1)
    if not layout.header:
        layout.names = [f"Column {place - layout.first_column + 1}" for place in places]
        return
    uppers = _groups(cells_of)
    layout.header_cells = [text_of(cells_of[-1][place]) if place < len(cells_of[-1]) else "" for place in places]
    joined = []
    for place in places:
        parts = [text_of(cells[place]) if place < len(cells) else "" for cells in [*uppers, cells_of[-1]]]
        joined.append(" ".join(dict.fromkeys(filter(None, parts))))
    layout.names = unique_names(joined)


def _one_block(layout: Layout, rows: Sequence[Cells], given: TableReading) -> None:
    """Leaves out a smaller table that stands beside the table, behind a column without any cell, where it has fewer
    rows.
    """
    first, last = layout.first_column, layout.last_column
    if given.first_column is not None or given.last_column is not None or len(rows) < _FEW_ROWS:
        return
    used = {column for cells in rows for column in range(first, min(last + 1, len(cells))) if not blank(cells[column])}
    gaps = [column for column in range(first, last + 1) if column not in used]
    blocks = [(a + 1, b - 1) for a, b in itertools.pairwise([first - 1, *gaps, last + 1]) if b - a > 1]
    if len(blocks) < 2:
        return
    counts = [sum(any(not blank(cell) for cell in cells[start : end + 1]) for cells in rows) for start, end in blocks]
    largest = max(range(len(blocks)), key=lambda at: (counts[at], -at))
    others = [at for at in range(len(blocks)) if counts[at] > _BESIDE * counts[largest]]
    if len(others) == len(blocks) or len(others) > 1:  # Blank columns part one table, or two that stand side by side.
        if all(end > start for start, end in blocks):
            beside = [place + 1 for place in gaps if any(place == start - 1 for start, _ in blocks[1:])]
            which = f"{counted(len(beside), 'Column', 'Columns')} {', '.join(map(str, beside))} of the file"
            are = counted(len(beside), "is", "are")
            text = f"{which} {are} blank: the cells on both sides were read as one table, row by row."
            layout.notes.append(Note(kind="parted", text=text, count=len(beside)))
        return
    layout.first_column, layout.last_column = blocks[largest]
    layout.cut = True
    left = [f"{start + 1} to {end + 1}" for start, end in blocks if (start, end) != blocks[largest]]
    text = f"Columns {enumerated(left)} of the file lie apart from the table, hold fewer rows, and were left out."
    field = "last_column" if blocks[largest][0] == first else "first_column"
    layout.notes.append(Note(kind="beside", text=text, count=len(left), decision=field))


def _plain(head: Sequence[Cells], at: int, width: int, layout: Layout) -> list[object]:
    cells = [*([""] if layout.shifted else []), *head[at][layout.marked :]]
    return cells[:width] if layout.shifted else cells


def _uppermost(rows: Sequence[Sequence[object]]) -> list[object]:
    """In each column the first cell that is not blank."""
    columns = itertools.zip_longest(*rows, fillvalue="")
    return [next((cell for cell in cells if not blank(cell)), "") for cells in columns]


def _groups(names: Sequence[Sequence[object]]) -> list[Sequence[object]]:
    """The rows of names but the last: the first with its names carried on, of three the second, too, where it names
    groups within those of the first.
    """
    if len(names) < 2:
        return []
    first = _carried(names[0], _uppermost(names[1:]))
    if len(names) != 3 or not any(blank(cell) and not blank(first[place]) for place, cell in enumerate(names[1])):
        return [first, *names[1:-1]]
    second = _carried(names[1], names[-1])
    starts = {place for place, cell in enumerate(names[0]) if not blank(cell)}
    for place in range(len(second)):  # A group of the second row ends where one of the first begins.
        if place in starts and place < len(names[1]) and blank(names[1][place]):
            rest = range(place, len(second))
            for behind in itertools.takewhile(lambda at: at >= len(names[1]) or blank(names[1][at]), rest):
                second[behind] = ""
    return [first, second]


def _carried(upper: Sequence[object], lower: Sequence[object]) -> list[object]:
    """Names of groups of columns, each carried on over the blank cells to its right."""
    carried: list[object] = []
    current: object = ""
    for place, cell in enumerate(upper):
        below = lower[place] if place < len(lower) else ""
        if not blank(cell):
            current = "" if blank(below) else cell
            carried.append(cell)
        else:
            carried.append("" if blank(below) else current)
    return carried
