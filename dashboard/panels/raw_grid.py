"""The raw cells of a file as they lie, with what was decided drawn over them. Rows that are chosen there become the
names, the first or the last row of values, or are left out.
"""

import logging
from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from core.experiment.columns import TableInfo
from core.experiment.reading import TableReading
from core.tables.errors import TableError
from core.tables.raw_preview import RawPreview
from dashboard.services import reader, tables
from dashboard.session import state, uploads
from dashboard.text import count, escape

log = logging.getLogger(__name__)
_PREVIEW = "raw-preview"
_NAMES, _LEFT_OUT, _OUTSIDE, _VALUES = "names", "left out", "outside", "values"
_LOOKS = {
    _NAMES: "background-color: rgba(79, 110, 247, 0.3); font-weight: 600",
    _LEFT_OUT: "color: #808080; background-color: rgba(214, 137, 16, 0.18)",
    _OUTSIDE: "color: #808080; background-color: rgba(128, 128, 128, 0.12)",
    _VALUES: "",
}
Decide = Callable[[str, Any], None]


def raw_grid(about: TableInfo, decide: Decide) -> None:
    """Draws the first and the last rows of the file; `decide` takes a field of the reading and its value."""
    preview = _preview(about)
    if preview is None:
        return
    cells, rows = grid(preview)
    hidden = preview.rows - len(rows)
    between = f" {count(hidden, 'row')} between them {'is' if hidden == 1 else 'are'} not shown." if hidden > 0 else ""
    st.caption(f"Blue: names. Orange: left out. Gray: outside the table. Select rows to change this.{between}")
    looks = looks_of(rows, cells.shape[1], about.decided)
    looks = looks.set_axis(cells.index, axis=0).set_axis(cells.columns, axis=1)
    shown: Any = st.dataframe(
        cells.style.apply(lambda _: looks, axis=None),
        height=300,
        placeholder="",
        key=f"raw-cells@{state.revision()}",
        on_select="rerun",
        selection_mode="multi-row",
    )
    _buttons(about.decided, sorted(rows[at] for at in shown.selection.rows if at < len(rows)), decide)


def grid(preview: RawPreview) -> tuple[pd.DataFrame, list[int]]:
    """The cells under letters as a spreadsheet has them, numbered from 1, and the rows of the raw grid that they are,
    counted from 0.
    """
    first_of_tail = max(preview.rows - len(preview.tail), len(preview.head))
    tail = preview.tail[len(preview.tail) - (preview.rows - first_of_tail) :] if preview.rows > first_of_tail else []
    rows = [*range(len(preview.head)), *range(first_of_tail, first_of_tail + len(tail))]
    lines = [*preview.head, *tail]
    width = max(map(len, lines), default=0)
    padded = [[*line, *[""] * (width - len(line))] for line in lines]
    return pd.DataFrame(padded, index=[row + 1 for row in rows], columns=[letters(at) for at in range(width)]), rows


def letters(place: int) -> str:
    """A column's name in a spreadsheet: 0 -> "A", 25 -> "Z", 26 -> "AA"."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def role_of(row: int, decided: TableReading) -> str:
    """What a row of the raw grid is: names, values, left out between them, or outside, above or below them."""
    if row in (decided.header or ()):
        return _NAMES
    if row in (decided.skipped or ()):
        return _LEFT_OUT
    above = decided.first_row is not None and row < decided.first_row
    below = decided.last_row is not None and row > decided.last_row
    return _OUTSIDE if above or below else _VALUES


def looks_of(rows: list[int], width: int, decided: TableReading) -> pd.DataFrame:
    """The style of each cell, a row for each of the rows."""
    first, last = decided.first_column or 0, width - 1 if decided.last_column is None else decided.last_column
    inside = [first <= place <= last for place in range(width)]
    styles = [[_LOOKS[role_of(row, decided)] if held else _LOOKS[_OUTSIDE] for held in inside] for row in rows]
    return pd.DataFrame(styles)


def _buttons(decided: TableReading, rows: list[int], decide: Decide) -> None:
    """Draws what can be made of the chosen rows."""
    skipped = set(decided.skipped or ())
    row = rows[0] if rows else None
    below = row is not None and row > max(decided.header or (-1,))
    offers: tuple[tuple[str, str, Any, bool], ...] = (
        ("Names", "header", tuple(rows[:10]), bool(rows)),
        ("First values", "first_row", row, below),
        ("Last values", "last_row", rows[-1] if rows else None, bool(rows) and rows[-1] >= (decided.first_row or 0)),
        ("Leave out", "skipped", tuple(sorted(skipped | set(rows))), not set(rows) <= skipped),
        ("Keep", "skipped", tuple(sorted(skipped - set(rows))), bool(skipped & set(rows))),
        ("No row holds names", "header", (), decided.header != ()),
    )
    with st.container(horizontal=True, key="tight-raw-rows"):
        for label, field, value, possible in offers:
            st.button(
                label,
                key=f"raw-{label}@{state.revision()}",
                disabled=not possible,
                on_click=decide,
                args=(field, value),
            )


def _preview(about: TableInfo) -> RawPreview | None:
    """The raw cells, once they were read beside the server; until then a line that says so."""
    decided = about.decided
    what = (about.ref, decided.sheet, decided.encoding, decided.separator, decided.quotes)
    kept = st.session_state.get(_PREVIEW)
    if kept is not None and kept[0] == what:
        return kept[1]
    reading = uploads.current(_PREVIEW)
    if reading is None or st.session_state.get(f"{_PREVIEW}-of") != what:
        store, process, given = tables().store, reader(), about.decided
        reading = uploads.begin(
            _PREVIEW, about.name, lambda abandoned: process.preview(store, about.ref, given, abandoned)
        )
        st.session_state[f"{_PREVIEW}-of"] = what
    if not reading.wait(uploads.AT_ONCE):
        uploads.progress(_PREVIEW)
        return None
    uploads.stop(_PREVIEW)
    try:
        st.session_state[_PREVIEW] = (what, reading.outcome())
    except TableError as error:
        st.caption(escape(str(error)))
    except Exception as error:
        log.exception("the raw cells could not be read")
        st.caption(f"The raw cells cannot be shown ({type(error).__name__}).")
    else:
        return st.session_state[_PREVIEW][1]
    return None
