"""What is said of a layout: names, rows that were passed over, units."""

from collections.abc import Sequence

from core.experiment.columns import Note, TableInfo
from core.experiment.counts import count, counted, enumerated
from core.experiment.reading import TableReading
from core.tables.layout_names import Names
from core.tables.layout_walk import Layout, Walk
from core.tables.raw_cells import Cells, blank, is_blank_row, is_rule, text_of
from core.tables.reading import listed

_NOTED_ROWS = 100


_LEFT_OUT = {"totals", "footnotes", "second", "blank", "long", "repeated", "rules", "remarks", "headings", "beside"}


def left_out(info: TableInfo) -> list[str]:
    """What is said of rows of a file that were not read, beside its answers."""
    return [note.text for note in info.noted if note.kind in _LEFT_OUT]


def layout_notes(
    layout: Layout, names: Names, walk: Walk, head: Sequence[Cells], line: str, given_row: bool
) -> list[Note]:
    """Notes on the names, the rows that were passed over and the units, which the layout is given. `given_row` says
    that a person decided the first row of values.
    """
    notes = []
    start = min([*layout.header, layout.first_row])
    above = [at for at in range(min(start, len(head))) if not is_blank_row(head[at])]
    if above == [0] and text_of(head[0][0]).lower() == "sep=":  # It is a note of the separator.
        above = []
    if not layout.header:
        shown = listed([text_of(cell) for cell in head[layout.first_row][:3]]) if layout.first_row < len(head) else ""
        text = f"No {line} holds names: the first {line}, {shown}, looks like values. Columns were numbered."
        notes.append(Note(kind="header", text=text, rows=(layout.first_row,), count=1, decision="header"))
    elif names.unsure:
        text = f"The first {line}, {listed(layout.header_cells)}, looks like values: it was read as the column names."
        notes.append(Note(kind="header", text=text, rows=layout.header, count=1, decision="header"))
    elif len(layout.header) > 1:
        numbers = [str(at + 1) for at in layout.header]
        lines = f"{line}s {enumerated(numbers)}"
        text = f"The column names are in {lines} and were joined: {listed(layout.names)}."
        notes.append(Note(kind="header", text=text, rows=layout.header, count=len(layout.header), decision="header"))
    if above:
        where = "The column names were found" if layout.header else "Values begin"
        lines = f"the {counted(len(above), line, f'{len(above)} {line}s')} above"
        text = f"{where} in {line} {start + 1}; {lines} {counted(len(above), 'was', 'were')} passed over."
        notes.append(
            Note(kind="titles", text=text, rows=tuple(above[:_NOTED_ROWS]), count=len(above), decision="header")
        )
    if names.units is not None and names.units < len(head):
        cells = [*([""] if layout.shifted else []), *head[names.units]]
        places = zip(layout.names, cells[layout.first_column :], strict=False)
        layout.units = {name: text_of(cell).strip("[]()") for name, cell in places if not blank(cell)}
        shown = listed(list(layout.units.values()))
        text = f"{line.capitalize()} {names.units + 1} holds units ({shown}), shown beside the columns."
        notes.append(Note(kind="units", text=text, rows=(names.units,), count=1, decision="first_row"))
    if names.number is not None:
        text = f"{line.capitalize()} {names.number + 1} numbers the columns and was left out."
        notes.append(Note(kind="numbers", text=text, rows=(names.number,), count=1, decision="first_row"))
    between = range(layout.header[-1] + 1, layout.first_row) if layout.header and not given_row else ()
    known = (names.units, names.number)
    if passed := [at for at in between if at not in known and not is_blank_row(head[at]) and not is_rule(head[at])]:
        text = "{Rows} between the names and the values {was} passed over."
        notes.append(row_note("titles", passed, line, text, "first_row"))
    named = (
        (
            "repeated",
            walk.repeated,
            "{Rows} {repeats} the names or the lines above them and {was} left out.",
            "skipped",
        ),
        ("remarks", walk.remarks, "{Rows} between the values {holds} notes and {was} left out.", "skipped"),
        ("rules", walk.rules, "{Rows} {holds} only dashes and {was} left out.", None),
        ("long", walk.long, "Lines with more cells than there are column names were left out ({rows}).", "skipped"),
        ("second", walk.like_names, "{Rows} {holds} words above values, like names: kept as values.", "last_row"),
        ("short", walk.short, "{Rows} {has} fewer cells than there are column names: the rest is missing.", None),
    )
    for kind, found, text, decision in named:
        alone = (
            {at for at, _ in walk.headings} if kind == "short" and (len(walk.headings) > 1 or walk.sections) else set()
        )
        alone |= set(walk.remarks) if kind == "short" else set()
        if inside := [at for at in found if at <= layout.last_row and at not in alone]:
            notes.append(row_note(kind, inside, line, text, decision))
    if blanks := [
        at
        for at in sorted({*walk.blank, *([] if layout.keeps_blank else walk.empty)})
        if layout.first_row <= at <= layout.last_row
    ]:
        notes.append(row_note("blank", blanks, line, "{Rows} {is} blank and {was} left out.", None))
    if walk.second is not None:
        reach = f"everything from there to {line} {layout.last + 1} was left out"
        text = f"Another table begins in {line} {walk.second + 1}: {reach}."
        count_of = layout.last - walk.second + 1
        notes.append(Note(kind="second", text=text, rows=(walk.second,), count=count_of, decision="last_row"))
    return notes


def decided_notes(layout: Layout, given: TableReading, line: str) -> list[Note]:
    """Notes on rows that are left out because a person decided so."""
    notes = []
    if given.skipped:
        notes.append(row_note("decided", given.skipped, line, "{Rows} {was} left out, as decided.", "skipped"))
    if given.last_row is not None and layout.last > layout.last_row:
        below = range(layout.last_row + 1, layout.last + 1)
        text = "{Rows} below the last row of values {was} left out, as decided."
        notes.append(row_note("decided", below, line, text, "last_row"))
    names = layout.header[-1] if layout.header else -1
    if given.first_row is not None and layout.next_row < given.first_row and layout.next_row > names:
        between = range(layout.next_row, given.first_row)
        text = "{Rows} above the first row of values {was} left out, as decided."
        notes.append(row_note("decided", between, line, text, "first_row"))
    return notes


_FORMS = {
    "was": ("was", "were"),
    "is": ("is", "are"),
    "has": ("has", "have"),
    "holds": ("holds", "hold"),
    "repeats": ("repeats", "repeat"),
    "begins": ("begins", "begin"),
    "does": ("does", "do"),
}


def row_note(kind: str, rows: Sequence[int], line: str, text: str, decision: str | None) -> Note:
    """A note on rows: "{Rows} {was}" -> "Lines 3, 7 were"."""
    shown = ", ".join(str(at + 1) for at in rows[:5]) + (", ..." if len(rows) > 5 else "")
    many = (
        f"{count(len(rows), line)} ({line} {shown})"
        if len(rows) > 5
        else f"{counted(len(rows), line, f'{line}s')} {shown}"
    )
    forms = {word: counted(len(rows), *pair) for word, pair in _FORMS.items()}
    said = text.format(Rows=many[0].upper() + many[1:], rows=f"{line} {shown}", **forms)
    return Note(kind=kind, text=said, rows=tuple(rows[:_NOTED_ROWS]), count=len(rows), decision=decision)


def heading_note(
    names: Sequence[str],
    rows: Sequence[int],
    line: str,
    left_out: bool,
    makes: tuple[str, ...] = (),
    made: tuple[str, ...] = (),
) -> list[Note]:
    """The note on rows of one word each above groups of rows, and whether they were left out or are columns; none on a
    single row that was kept.

    `makes` are the columns that could be made of them, `made` those that were.
    """
    if len(rows) < 2 and not left_out:
        return []
    words = listed(list(dict.fromkeys(names)))
    text = f"{{Rows}} {{holds}} a name only ({words.replace('{', '{{').replace('}', '}}')}), like headings of groups"
    if made:
        named = listed(list(made)).replace("{", "{{").replace("}", "}}")
        text += f": each row has them in {counted(len(made), 'column', 'columns')} {named}."
        return [row_note("headings", rows, line, text, "heading_columns")]
    text += ", and {was} left out: no column says which group a row belongs to." if left_out else ": kept as values."
    return [row_note("headings", rows, line, text, "skipped").model_copy(update={"makes": makes})]


def below_note(kind: str, rows: Sequence[int], line: str) -> Note:
    says = {
        "totals": "{Rows} {holds} totals and {was} left out.",
        "footnotes": "{Rows} below the table {holds} notes and {was} left out.",
    }
    return row_note(kind, rows, line, says[kind], "last_row")
