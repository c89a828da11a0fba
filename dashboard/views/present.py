"""The presenter's page: large, only the network, the curves, the pinned rows and what is seen, in words; of a search
the curves of its trials and the best so far.

A run that trains is shown as it trains. One that is over is played from its kept epochs, the same for all who look;
nothing trains unless a person presses Train.
"""

from pathlib import Path

import streamlit as st

from core.experiment.fork import from_scratch
from core.experiment.spec import Experiment, read
from core.runs.journal import Journal
from core.runs.playback import played_epochs
from core.runs.run_state import LiveRun
from core.runs.searches import Search
from core.workspace import workspace
from dashboard.components.live import live
from dashboard.components.playback import playback
from dashboard.panels.asked_evaluation import Asked
from dashboard.panels.common import escape, plots_of, units_of
from dashboard.panels.network import board, run_on_screen
from dashboard.panels.run_summary import run_summary
from dashboard.panels.search import search_presented
from dashboard.services import engine, searches
from dashboard.session import search as search_session
from dashboard.session import state, training
from dashboard.text import what_is_seen

_STYLE = Path(__file__).parents[1] / "assets" / "presenter.css"
_LOOK = 1.0  # Seconds between two looks at a run that trains.


def view() -> None:
    """Draws the page."""
    st.html(_STYLE)
    try:
        run = run_on_screen()
        if run is None and (search_id := search_session.shown_search()):
            _search(searches().find(search_id))
            return
    except (LookupError, RuntimeError) as error:
        st.info(escape(str(error)))
        return
    if run is None:
        st.info(
            "There is nothing to present yet. Train a network or begin a search on the Build page; the presenter link "
            "is under Share."
        )
        return
    ran = read(run.experiment)
    if from_scratch(ran).layers != state.experiment().layers or ran.data != state.experiment().data:
        state.replace(from_scratch(ran))  # The address names a run of another experiment: that is what is presented.
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(escape(ran.name), width="stretch")
        if run.over and not ran.start:  # What another run began can only be trained on from there.
            st.button(
                "Train",
                icon=":material/play_arrow:",
                key="present-train",
                on_click=training.present_again,
                args=(run.id,),
            )
    whole = run.state in ("finished", "stopped")
    epochs = played_epochs(Journal(workspace(), run.id).kept_epochs(), run.best) if whole else []
    if epochs:
        playback(run.id, _said(run, ran, epochs), key="playback")
    elif run.over:
        st.markdown(f"### {escape(what_is_seen(run.snapshot(run.epoch), run.rows[-1:], ran, units_of(ran)))}")
    else:
        _words(run.id)
    board(state.situation(), run, ran, height=330, audience=True, played=bool(epochs))
    live(run.id, plots_of(ran)[:2], key="live", name=ran.name, height=250, turn=run.turns, over=run.over)
    if whole:
        run_summary(Asked(run.id, ran, {}, {}, None, ran.data.targets[0]))


def _search(search: Search) -> None:
    st.title(f"Search around {escape(search.base.name)}")
    search_presented(search)


def _said(run: LiveRun, ran: Experiment, epochs: list[int]) -> dict[int, str]:
    """What is said of each epoch."""
    units, snapshot, rows = units_of(ran), run.snapshot(run.epoch), {row[0]: row for row in run.rows}
    return {
        epoch: what_is_seen({**snapshot, "epoch": epoch}, [rows[epoch]], ran, units)
        for epoch in epochs
        if epoch in rows
    }


@st.fragment(run_every=_LOOK)
def _words(run_id: str) -> None:
    """What is seen of a run that trains."""
    run = engine().run(run_id)
    if run is None:
        return
    if run.over:
        st.rerun()  # It is played from now on.
    ran = read(run.experiment)
    st.markdown(f"### {escape(what_is_seen(run.snapshot(run.epoch), run.rows[-1:], ran, units_of(ran)))}")
