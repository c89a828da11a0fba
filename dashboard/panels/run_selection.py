"""The table of runs on the Runs page, whose rows are opened and selected."""

import zlib
from collections.abc import Callable, Mapping, Sequence

import pandas as pd
import streamlit as st

from core.experiment.metric_titles import is_share
from core.runs.run_state import LiveRun
from dashboard.panels.run_families import TableRow
from dashboard.panels.run_table import OPEN, run_rows
from dashboard.panels.table_width import column_width, words_width

_ROW, _ROWS = 34, 12  # Pixels, and rows in sight.
_WIDEST_NAME = 180  # Pixels: on a phone a score stands beside the name. A selected run shows the whole of it.
_TOGGLED, _PICKED, _ARROW = "ld.runs-toggled", "ld.runs-picked", "runs-arrow"


def toggled_parents() -> frozenset[str]:
    """The parent runs whose rows a person opened, or closed."""
    return frozenset(st.session_state.get(_TOGGLED, ()))


def run_selection(
    rows: Sequence[TableRow],
    active: dict[str, LiveRun],
    table_name: Callable[[str], str],
    units: Callable[[str], Mapping[str, str]],
    tested: bool,
) -> list[TableRow]:
    """Draws the table; the rows that are selected. They stay so when rows come, go or are opened."""
    frame, shares = in_percent(run_rows(rows, active, table_name, tested, units))
    scores = [name for name in frame if name.endswith((" (validation)", " (test)"))]
    ids = [row.record.id for row in rows]
    # A selection is one of places: of other rows it would be another one.
    key = f"runs-{zlib.crc32(','.join(ids).encode())}"
    if key not in st.session_state:
        picked = set(st.session_state.get(_PICKED, ()))
        st.session_state[key] = {"selection": {"rows": [at for at, run in enumerate(ids) if run in picked]}}
    found = st.dataframe(
        frame,
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        placeholder="-",
        row_height=_ROW,
        height=_ROW * (min(len(frame), _ROWS) + 1) + 3,  # Known before the table is drawn, else all below it jumps.
        key=key,
        column_config={
            OPEN: st.column_config.ButtonColumn(
                "", width=30, type="tertiary", key=_ARROW, on_click=_toggle, args=(ids,)
            ),
            "": st.column_config.TextColumn("★", width=30),
            **{
                name: st.column_config.TextColumn(width=column_width(frame, name))
                for name in ("Kind", "Table", "Target", "Network")
                if name in frame
            },
            "Name": st.column_config.TextColumn(width=words_width(frame["Name"], _WIDEST_NAME)),
            # Of parent runs it changes, and the width does not change with it.
            "State": st.column_config.TextColumn(
                width=column_width(frame, "State", "Training, 99 of 99 trials" if "Kind" in frame else "Interrupted")
            ),
            "Started": st.column_config.DatetimeColumn("Started", format="distance"),
            "Seconds": st.column_config.NumberColumn(help="Training with validation, compiling included."),
            **{
                name: st.column_config.NumberColumn(format="localized")
                for name in ("Epochs", "Best epoch", "Training rows")
            },
            **{
                name: st.column_config.NumberColumn(format="%.1f%%" if name in shares else "localized")
                for name in scores
            },
        },
    )
    selected = [rows[at] for at in found["selection"]["rows"] if at < len(rows)]
    st.session_state[_PICKED] = [row.record.id for row in selected]
    return selected


def in_percent(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The rows with scores that are shares as percentages, and the columns of these."""
    scores = [name for name in frame if name.endswith((" (validation)", " (test)"))]
    shares = [name for name in scores if is_share(name.rpartition(" (")[0])]
    return frame.assign(**{name: 100 * frame[name] for name in shares}), shares


def _toggle(ids: Sequence[str]) -> None:
    """Opens the parent run whose arrow was pressed, or closes it."""
    pressed = st.session_state.get(_ARROW)
    if pressed is not None and pressed["row"] < len(ids):
        st.session_state[_TOGGLED] = sorted(toggled_parents() ^ {ids[pressed["row"]]})
