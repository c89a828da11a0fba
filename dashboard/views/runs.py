"""The Runs page: what was trained in this workspace, newest first; any run can be opened again."""

from typing import Any

import pandas as pd
import streamlit as st

from core.tables.errors import TableError
from core.workspace import workspace
from dashboard.services import engine, tables
from dashboard.session import state, training
from dashboard.text import STATE_WORDS, escape


def view() -> None:
    """Draws the page."""
    st.header("Runs")
    try:
        with st.spinner("Loading the runs", show_time=False):
            records = engine().store().records()
    except RuntimeError as error:
        st.info(escape(str(error)))
        return
    active = {run.id: run for run in engine().active()}
    waiting = [run for run in active.values() if run.id not in {record.id for record in records}]
    if not records and not waiting:
        st.info("No runs yet. Press Train on the Build page.")
        return
    ids = [*(run.id for run in reversed(waiting)), *(record.id for record in records)]
    # Any: text, moments and numbers stand side by side in a row.
    rows: list[dict[str, Any]] = [{"Name": "", "State": STATE_WORDS["queued"]} for _ in waiting]
    for record in records:
        live = active.get(record.id)
        rows.append(
            {
                "Name": record.name,
                "State": STATE_WORDS[live.state if live else record.state],
                "Started": pd.Timestamp(record.started, unit="s", tz="UTC"),
                "Table": _table(record.table),
                "Network": record.network,
                "Epochs": live.epoch if live else record.epochs,
                **{f"test {name}": value for name, value in record.test.items()},
            }
        )
    chosen = st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        key="runs",
        column_config={
            "Started": st.column_config.DatetimeColumn("Started", format="distance"),
            **{
                f"test {name}": st.column_config.NumberColumn(format="compact")
                for record in records
                for name in record.test
            },
        },
    )
    picked = [ids[at] for at in chosen["selection"]["rows"] if at < len(ids)]
    if len(picked) > 1:
        st.button(
            "Compare curves",
            type="primary",
            key="together",
            icon=":material/stacked_line_chart:",
            on_click=_together,
            args=(picked,),
        )
        st.caption(
            f"The newest run opens on the Build page, with the faded curves of up to {training.MOST_FAINT} others."
        )
    elif picked:
        run = picked[0]
        with st.container(horizontal=True):
            st.button("Open", type="primary", key="open", on_click=training.open_run, args=(run,))
            if run in active:
                st.button("Stop", key="stop-run", on_click=training.stop, args=(run,))
            elif (found := engine().run(run)) and found.resumable:
                st.button("Resume", key="continue-run", on_click=training.resume, args=(run,))
        if state.run_id() == run:
            st.success("This run is open: see Build, Result and Predict.")
    else:
        st.caption("Select a row to open its run, or several to compare their curves. MLflow shows the same runs:")
        st.code(f"mlflow ui --backend-store-uri sqlite:///{workspace() / 'mlflow.db'}", language="bash")


def _together(runs: list[str]) -> None:
    """Opens the newest of some runs with the others behind it."""
    first, *others = runs
    training.open_run(first)
    training.set_faint(others[: training.MOST_FAINT])


def _table(ref: str) -> str:
    """A table's name for people."""
    try:
        return tables().store.about(ref).name
    except TableError:
        return "a deleted table"
