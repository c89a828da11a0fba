"""Pieces that several views show."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.experiment.metric_titles import curve_title, metric_title
from core.experiment.spec import Experiment, Start, read
from core.runs.worker_client import NotReady
from dashboard.navigation import build_page
from dashboard.services import engine, tables
from dashboard.session import state
from dashboard.text import escape as escape

NOTHING = ""  # An option of a select box in place of None, which Streamlit sometimes draws as one that can be cleared.


def units_of(experiment: Experiment) -> dict[str, str]:
    """Target -> its unit, where the table says one: "$", "MPa"."""
    return tables().units(experiment)


def target_choice(card: dict[str, Any], label: str, key: str, label_shown: bool = True) -> dict[str, Any]:
    """The only target of a run's card; of several the one that is chosen here."""
    targets = card["targets"]
    if len(targets) == 1:
        return targets[0]
    names = [target["target"] for target in targets]
    name = st.segmented_control(
        label,
        names,
        default=names[0],
        required=True,
        format_func=escape,
        key=key,
        label_visibility="visible" if label_shown else "collapsed",
    )
    return targets[names.index(name or names[0])]


def metric_choice(names: Sequence[str], experiment: Experiment, key: str) -> str:
    """Draws the choice of one of some logged metrics, by their titles, and gives it."""
    return st.selectbox(
        "Metric",
        names,
        format_func=lambda name: metric_title(name, experiment),
        label_visibility="collapsed",
        key=key,
        width=210,
    )


def with_days(table: pd.DataFrame) -> pd.DataFrame:
    """The table with dates in the place of moments, in columns whose moments are all midnight."""
    moments = [name for name, dtype in table.dtypes.items() if pd.api.types.is_datetime64_any_dtype(dtype)]
    days = [name for name in moments if (table[name].dropna() == table[name].dropna().dt.normalize()).all()]
    return table.assign(**{str(name): table[name].dt.date for name in days}) if days else table


def table_download(label: str, table: pd.DataFrame, name: str, key: str) -> None:
    """Draws the button that downloads a table as CSV, which is made when it is pressed."""
    st.download_button(
        label,
        lambda: table.to_csv(index=False).encode(),
        name,
        "text/csv",
        key=key,
        on_click="ignore",
        icon=":material/download:",
    )


def where_it_starts(start: Start) -> str:
    """What is said of a run that went on from another one's epoch."""
    try:
        name = f' "{read(engine().find(start.run).experiment).name}"'
    except (LookupError, RuntimeError):
        name = ""
    return escape(
        f"Training continued from the weights of epoch {start.epoch} of the run{name} ({start.run}); the optimizer "
        "state was reset."
    )


def to_build() -> None:
    """Goes to the Build page; from a callback, which no other request cuts short."""
    st.switch_page(build_page())


def shown_run() -> tuple[str, Experiment] | None:
    """The run on screen and its experiment, or None with a sentence on screen."""
    run = state.run_id()
    if run is None:
        st.info("No run yet. Press Train on the Build page, or open a run on the Runs page.")
        return None
    try:
        with st.spinner("Opening the run", show_time=False):
            return run, read(engine().find(run).experiment)
    except (LookupError, RuntimeError) as error:
        st.info(escape(str(error)))
        return None


def plots_of(ran: Experiment) -> list[dict[str, str | bool]]:
    """The charts of a run's curves: the loss, and each metric, with its target's unit where it is measured in that, or
    as a share.
    """
    units = units_of(ran)
    in_unit = {
        name: units.get(ran.target_of(name), "") for name, metric in ran.logged().items() if metric.row.power == 1
    }
    shares = {name for name, metric in ran.logged().items() if metric.row.share}
    return [
        {"title": curve_title(name, ran), "key": name, "unit": in_unit.get(name, ""), "share": name in shares}
        for name in ("loss", *ran.logged())
    ]


@st.fragment(run_every=1.0)
def redraw_once_warm() -> None:
    """Draws the page anew as soon as the worker is there."""
    if engine().warm.is_set():
        st.rerun()


def say_for_now(error: Exception) -> None:
    """Draws an error's sentence; where the worker is not there yet, the page is drawn anew when it is."""
    st.info(escape(str(error)))
    if isinstance(error, NotReady) and not engine().trouble:
        redraw_once_warm()
