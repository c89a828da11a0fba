"""The presenter's page: large, only the network, the curves, the pinned rows and what is seen, in words. It runs by itself."""

import time
from pathlib import Path

import streamlit as st

from core.experiment.fork import from_scratch
from core.experiment.spec import Experiment, read
from core.runs.live import LiveRun
from dashboard import driving, state
from dashboard.components.live import live
from dashboard.services import engine
from dashboard.views.board import board, shown_run
from dashboard.views.parts import escape, plots_of, units_of
from dashboard.words import what_is_seen

_REST = 8.0  # Seconds in which the end of a training stands, before it is trained again.
_LOOK = 1.0  # Seconds between two looks.
_STYLE = Path(__file__).parents[2] / "assets" / "presenter.css"


def view() -> None:
    """Draws the page."""
    st.html(_STYLE)
    try:
        run = shown_run()
    except (LookupError, RuntimeError) as error:
        st.info(escape(str(error)))
        return
    if run is None:
        st.info("There is nothing to present yet: train a network on the Build page, and take the presenter's link there.")
        return
    ran = read(run.experiment)
    if from_scratch(ran).layers != state.experiment().layers or ran.data != state.experiment().data:
        state.replace(from_scratch(ran))  # The address names a run of another experiment: that is what is presented.
    st.title(escape(ran.name))
    _words(run.id)
    board(state.situation(), run, ran, height=330)
    live(run.id, plots_of(ran)[:2], key="live", height=250, turn=run.turns)


@st.fragment(run_every=_LOOK)
def _words(run_id: str) -> None:
    """What is seen; and when the training has been over for a while, it begins again."""
    run = engine().run(run_id)
    if run is None:
        return
    ran = read(run.experiment)
    st.markdown(f"### {escape(what_is_seen(run.snapshot(run.epoch), run.rows[-1:], ran, units_of(ran)))}")
    if run.over and _rested(run, ran):
        driving.present_again()
        st.rerun()


def _rested(run: LiveRun, ran: Experiment) -> bool:
    """Whether the end of the training has stood long enough; a fork is not begun again, its origin may be gone."""
    if run.state not in ("finished", "stopped") or ran.start:
        return False
    return time.time() - driving.seen_over(run.id) > _REST
