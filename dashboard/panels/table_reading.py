"""How a file was read: what was noticed, each with a button that decides it otherwise; the raw cells; every decision.

Between the file and the columns on the Data page. Samples, and files that say themselves what they hold, have none.
"""

import logging
from typing import Any

import streamlit as st

from core.catalog.text_files import DECIMALS, DOUBLED, ENCODINGS, QUOTES, SEPARATORS, THOUSANDS
from core.experiment.columns import Note, TableInfo
from core.experiment.reading import TableReading
from core.experiment.reading_edits import alternatives, changed
from core.tables.errors import TableError
from dashboard.panels.column_reading import column_reading
from dashboard.panels.raw_grid import raw_grid
from dashboard.services import reader, tables
from dashboard.session import openings, state, uploads
from dashboard.text import escape

log = logging.getLogger(__name__)
_AGAIN = "read-again"  # The reading of a file by other decisions.
_SHOWN = 5  # Notes that are shown at once.
# Kinds of notes that may be about a mistake, what is most likely one first; of other kinds the person is only told.
_DOUBTFUL = (
    *(
        "formulas",
        "errors",
        "formats",
        "second",
        "doubt",
        "points",
        "mixed",
        "unread",
        "header",
        "encoding",
        "totals",
        "long",
        "repeated",
    ),
    *("footnotes", "titles", "merged", "sheet"),
)
_ICONS = {True: ":orange[:material/help:]", False: ":gray[:material/info:]"}


def table_reading(about: TableInfo) -> None:
    """Draws what was noticed while the file was read, and below it, folded away where nothing is doubtful, its raw
    cells and each decision.
    """
    reading = uploads.current(_AGAIN)
    if reading and reading.wait():
        _take(reading)
        st.rerun()
    _notes(about)
    if not about.ref.startswith("file:") or about.reader in ("read_parquet", "parquet_table"):
        return
    if reading:
        uploads.progress(_AGAIN)
    more = st.expander("How this file is read", key="table-reading", on_change="rerun")
    if more.open:
        with more:
            _decisions(about)


def _notes(about: TableInfo) -> None:
    """Draws a line for each note, the doubtful ones first; those that do not fit are folded away."""
    said = [note.text for note in about.noted]
    plain = [Note(kind="", text=text) for text in about.notes if text not in said]
    notes = sorted([*about.noted, *plain], key=_place)
    shown = len(notes) if len(notes) == _SHOWN + 1 else _SHOWN  # To fold one line away saves no room.
    with st.container(key="tight-notes"):
        for at, note in enumerate(notes[:shown]):
            _note(about, note, at)
    if len(notes) > shown:
        with st.expander(f"{len(notes) - shown} more notes on how the file was read"):
            for at, note in enumerate(notes[shown:], shown):
                _note(about, note, at)


def _place(note: Note) -> int:
    return _DOUBTFUL.index(note.kind) if note.kind in _DOUBTFUL else len(_DOUBTFUL)


def _note(about: TableInfo, note: Note, at: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"tight-note-{at}"):
        st.markdown(f"{_ICONS[note.kind in _DOUBTFUL]} {escape(note.text)}")
        kept = tables().store.has_upload(about.ref)
        for label, reading in alternatives(note, about.decided):
            st.button(
                label,
                type="tertiary",
                key=f"note-{at}-{label}@{state.revision()}",
                on_click=read_again,
                args=(reading,),
                disabled=not kept,
                help=None if kept else _GONE,
            )


_GONE = "The file itself was not kept. Upload it again to read it differently."


def _decisions(about: TableInfo) -> None:
    """Draws the raw cells, and a field for each decision."""
    if not tables().store.has_upload(about.ref):
        st.caption(_GONE)
        return
    decided = about.decided
    _of_the_file(about)
    raw_grid(about, decide_otherwise)
    with st.container(horizontal=True, vertical_alignment="bottom", key="tight-filled-down"):
        names = [column.name for column in state.situation().profile.columns]
        key = f"filled-down@{state.revision()}"
        st.multiselect(
            "Fill down",
            [*names, *(name for name in decided.filled_down or () if name not in names)],
            default=list(decided.filled_down or ()),
            placeholder="no column",
            key=key,
            on_change=_decide_filled,
            args=(key,),
            help="In these columns an empty cell takes the value above it, as merged cells mean it.",
        )
        if decided.heading_columns:
            key = f"heading-columns@{state.revision()}"
            st.text_input(
                "Columns of group headings",
                ", ".join(decided.heading_columns),
                key=key,
                on_change=_decide_headings,
                args=(key,),
                help="Names of the columns that the headings of groups become, the outer ones first.",
            )
        st.button(
            "Decide all automatically",
            icon=":material/restart_alt:",
            key="read-automatically",
            on_click=read_again,
            args=(TableReading(),),
            disabled=not state.experiment().data.reading,
        )
    column_reading(about, read_again)


def _of_the_file(about: TableInfo) -> None:
    """Draws the choices of sheet, or of encoding, separator and marks."""
    decided = about.decided
    with st.container(horizontal=True, key="tight-reading-file"):
        if about.sheets:
            labels = {
                sheet.name: f"{sheet.name} ({sheet.rows:,} x {sheet.columns:,}{', hidden' if sheet.hidden else ''})"
                for sheet in about.sheets
            }
            what = {"read_sql_query": "Table", "json_table": "Records under"}.get(about.reader, "Sheet")
            _choice(what, "sheet", labels, decided.sheet)
        if about.reader in ("read_csv", "read_fwf"):
            _choice("Encoding", "encoding", ENCODINGS, decided.encoding or "utf-8")
            _choice("Separator", "separator", SEPARATORS, decided.separator or ",")
            _choice("Quotation marks within text", "quotes", QUOTES, decided.quotes or DOUBLED)
            _choice("Decimal mark", "decimal", DECIMALS, decided.decimal or ".")
            _choice("Thousands mark", "thousands", {"": "none", **THOUSANDS}, decided.thousands or "")


def _choice(label: str, field: str, rows: dict[str, str], current: str | None) -> None:
    key = f"reading-{field}@{state.revision()}"
    names = list(rows)
    st.selectbox(
        label,
        names,
        index=names.index(current) if current in names else None,
        format_func=lambda name: rows.get(name, name),
        key=key,
        on_change=_decide_field,
        args=(field, key),
        width=220,
    )


def _decide_field(field: str, key: str) -> None:
    decide_otherwise(field, st.session_state[key] or None)


def _decide_filled(key: str) -> None:
    decide_otherwise("filled_down", tuple(st.session_state[key]))


def _decide_headings(key: str) -> None:
    names = [name.strip() for name in st.session_state[key].split(",")]
    decide_otherwise("heading_columns", tuple(filter(None, names)))


def decide_otherwise(field: str, value: Any) -> None:
    """Reads the file again with one field decided by the person; a value that cannot be becomes a sentence."""
    data = state.experiment().data
    try:
        reading = changed(tables().store.about(data.table, data.reading).decided, field, value)
    except (ValueError, TableError) as error:
        log.info("a decision was refused: %s", error)
        state.note("The file cannot be read this way: values must begin below the names, and end after they begin.")
    else:
        read_again(reading)


def read_again(reading: TableReading) -> None:
    """Reads the file again by other decisions; the page waits a moment, and then shows how long it takes."""
    ref, store, process = state.experiment().data.table, tables().store, reader()
    name = store.about(ref).name
    begun = uploads.begin(_AGAIN, name, lambda abandoned: (process.keep_again(store, ref, reading, abandoned), reading))
    if begun.wait(uploads.AT_ONCE):
        _take(begun)


def _take(reading: uploads.Reading) -> None:
    """Puts the table on screen as it was read, or a sentence."""
    uploads.stop(_AGAIN)
    try:
        info, decided = reading.outcome()
        if info.ref == state.experiment().data.table:  # Else another table was chosen meanwhile.
            state.replace(openings.read_otherwise(state.experiment(), decided))
            state.show_run(None)
    except TableError as error:
        state.note(str(error))
    except OSError as error:
        state.note(f"The table could not be kept in the workspace ({error.strerror}): free some space.")
    except Exception as error:  # Whatever a file holds, the page answers with a sentence.
        log.exception("a file could not be read again")
        state.note(f"The file could not be read this way ({type(error).__name__}).")
