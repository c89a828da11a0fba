"""Where the table comes from: a sample, a file that is chosen, dropped or pasted, or one that was uploaded before."""

import logging
import time
from collections.abc import Callable
from functools import lru_cache

import streamlit as st

from core.tables.database import database_table, database_tables
from core.tables.errors import TableError
from core.tables.formats import ENDINGS
from core.tables.samples import SAMPLES
from dashboard.components.drop import drop_target
from dashboard.panels.split import recent_tables
from dashboard.services import reader, tables
from dashboard.session import openings, state, uploads
from dashboard.text import escape

log = logging.getLogger(__name__)
_UPLOAD = "upload"
_PASTED = "pasted-table"
_MINUTE = 60.0  # Seconds.
_LONGEST_PASTE = 5_000_000  # Characters.


def take_what_was_read() -> None:
    """Puts a table on screen that took longer to read than the press that brought it, or that was read while another
    page was on screen.
    """
    reading = uploads.current(_UPLOAD)
    if reading and reading.wait():
        _take_read(reading)
        st.rerun()


def table_source() -> None:
    """Draws the choices."""
    with st.container(border=True, key="tight-source"):
        st.subheader("Table")
        current = state.experiment().data.table
        _samples(current)
        reader().prepare()
        st.file_uploader(
            "Upload a table",
            type=[ending.removeprefix(".") for ending in ENDINGS],
            key=_UPLOAD,
            on_change=_take_upload,
            help="Drop it anywhere on this page. Up to 200 MB: " + ", ".join(ENDINGS) + ".",
        )
        drop_target(_UPLOAD, "Drop the table here")
        if uploads.current(_UPLOAD):
            uploads.progress(_UPLOAD)
        with st.popover("Paste a table", icon=":material/content_paste:"):
            st.text_area(
                "Cells copied from a spreadsheet, with their names in the first row",
                key=_PASTED,
                height=160,
                max_chars=_LONGEST_PASTE,
            )
            st.button("Use these cells", key="use-pasted", on_click=_take_pasted)
        _recent(current)
        _database()


def _samples(current: str) -> None:
    names, key = list(SAMPLES), f"sample-{state.revision()}"
    at = names.index(current.removeprefix("sample:")) if current.removeprefix("sample:") in names else None
    st.selectbox(
        "Sample table",
        names,
        index=at,
        format_func=lambda name: SAMPLES[name].title,
        placeholder="Choose a sample table",
        key=key,
        on_change=_take_sample,
        args=(key,),
    )
    if at is not None:
        sample = SAMPLES[names[at]]
        st.caption(f"{sample.what} Source: {sample.source} ({sample.licence}).")


def _recent(current: str) -> None:
    labels, key = recent_tables(), f"recent-{state.revision()}"
    if labels:
        refs = list(labels)
        st.selectbox(
            "Uploaded tables",
            refs,
            index=refs.index(current) if current in refs else None,
            format_func=lambda ref: labels[ref],
            placeholder="Choose a table",
            key=key,
            on_change=_take_recent,
            args=(key,),
        )


def _database() -> None:
    """Draws the tables of the database that the server's owner configured, where there is one."""
    names, trouble = tables_of_database(int(time.monotonic() // _MINUTE))
    if trouble:
        st.caption(escape(trouble))
    if names:
        key = f"database-{state.revision()}"
        st.selectbox(
            "Table of the server's database",
            names,
            index=None,
            placeholder="Choose a table",
            key=key,
            on_change=_take_of_database,
            args=(key,),
            help="It is copied as it is now, like an upload.",
        )


@lru_cache(1)
def tables_of_database(_minute: int) -> tuple[tuple[str, ...], str]:
    """The database's tables, and why there are none; it is asked once a minute at most."""
    try:
        return database_tables(), ""
    except TableError as error:
        return (), str(error)


def _take_of_database(key: str) -> None:
    if table := st.session_state[key]:
        _read(f"{table}.parquet", lambda: database_table(table))


def _take(ref: str) -> None:
    uploads.stop(_UPLOAD)
    try:
        experiment, refused = openings.shown_on(ref)
        state.replace(experiment)
        state.show_run(None)
        if refused:
            state.note(refused)
    except TableError as error:
        state.note(str(error))
    except Exception as error:  # Whatever a table holds, the page answers with a sentence.
        log.exception("the table %s could not be taken", ref)
        state.note(
            f"This table could not be understood ({type(error).__name__}): save it as a plain CSV with short column "
            "names."
        )


def _take_sample(key: str) -> None:
    if st.session_state[key]:
        _take(f"sample:{st.session_state[key]}")


def _take_recent(key: str) -> None:
    if st.session_state[key]:
        _take(st.session_state[key])


def _take_upload() -> None:
    upload = st.session_state[_UPLOAD]
    if upload is None:
        uploads.stop(_UPLOAD)
    else:
        _read(upload.name, upload.getvalue)


def _take_pasted() -> None:
    """Reads cells that were pasted, as a text file of theirs would be read."""
    text = st.session_state[_PASTED]
    if not text.strip():
        state.note("Nothing was pasted: copy the cells of a table, with their names, and paste them.")
        return
    _read("pasted.txt", lambda: text.encode("utf-8"))
    st.session_state[_PASTED] = ""


def _read(name: str, content: Callable[[], bytes]) -> None:
    """Has a file read beside the server; the page waits a moment, and then shows how long it takes."""
    store, process = tables().store, reader()
    reading = uploads.begin(_UPLOAD, name, lambda abandoned: process.keep(store, name, content(), abandoned))
    if reading.wait(uploads.AT_ONCE):
        _take_read(reading)


def _take_read(reading: uploads.Reading) -> None:
    """Puts the table on screen that a file has become, or a sentence."""
    uploads.stop(_UPLOAD)
    try:
        info = reading.outcome()
    except TableError as error:
        state.note(str(error))
    except OSError as error:
        state.note(
            f"The table could not be kept in the workspace ({error.strerror}). Free some space or choose another "
            "workspace."
        )
    except Exception as error:  # As in `_take`: a callback that fails would leave a traceback on the page.
        log.exception("an upload could not be kept")
        state.note(f"This table could not be kept ({type(error).__name__}): save it as a plain CSV and upload that.")
    else:
        _take(info.ref)
