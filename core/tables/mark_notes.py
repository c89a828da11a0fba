"""What is said of columns whose numbers have different decimal marks."""

import itertools
from collections.abc import Mapping

from core.experiment.columns import Note
from core.experiment.counts import count, counted
from core.tables.cell_decimals import both_marks, of_other_mark
from core.tables.cell_form import CellForm
from core.tables.cell_numbers import cell_numbers
from core.tables.cell_places import Places, first_rows

_LOOKED_AT = 1_000  # Different cells.


def note_on_marks(name: str, counts: Mapping[str, int], found: CellForm, where: Places) -> list[Note]:
    """The note on numbers that may have another decimal mark than the others of their column."""
    decimal = (found.how or {}).get("decimal", ".")
    odd, usual = of_other_mark((cell for cell in counts if cell not in found.unread), decimal)
    if not odd:
        return []
    rows = where.of_words(odd)
    read = cell_numbers([odd[0]], found.how or {}).iloc[0]
    was = counted(len(rows), "was", "were")
    says = (
        f"{count(len(rows), 'cell')} of {name!r} like {odd[0]}{where.text_of(rows)} {was} read as {read:.10g}, beside "
        f"numbers like {usual}: {odd[0]} may have another decimal mark."
    )
    decision = f"columns.{name}.as"
    return [Note(kind="marks", text=says, column=name, count=len(rows), rows=first_rows(rows), decision=decision)]


def doubt_of_marks(counts: Mapping[str, int], where: Places) -> str:
    """What is said of a column some of whose numbers have a decimal comma and some a point; "" of all others."""
    commas, points = both_marks(list(itertools.islice(counts, _LOOKED_AT)))
    if not commas:
        return ""
    few = min(commas, points, key=len)
    many = points if few is commas else commas
    return (
        f"numbers with a decimal comma and with a point: {few[0]}{where.text_of(where.of_words(few))} beside {many[0]}"
    )
