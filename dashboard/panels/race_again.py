"""Saved runs trained again with the same seeds, as a race on the Build page; a section of the comparison of runs."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.experiment.spec import Experiment
from core.race.variants import FEWEST, MOST, MOST_SEEDS
from core.runs.run_record import Record
from dashboard.session import race as race_session
from dashboard.text import count

_USUAL_SEEDS = 3


def race_again(records: Sequence[Record], experiments: Mapping[str, Experiment], names: Mapping[str, str]) -> None:
    """Draws the seeds and the button."""
    fits = FEWEST <= len(records) <= MOST
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seeds = int(
            st.number_input(
                "Seeds",
                1,
                MOST_SEEDS,
                _USUAL_SEEDS,
                key="again-seeds",
                width=110,
                help="Each run is trained once per seed. A test needs at least two seeds.",
            )
        )
        split_seeds = st.toggle(
            "Split seeds, too",
            key="again-split",
            help="Each seed also splits the rows into training, validation and test rows again: the "
            "differences then hold for other rows, too.",
        )
        st.button(
            "Race again",
            type="primary",
            key="race-again",
            icon=":material/sports_score:",
            on_click=race_session.start_again,
            args=({names[record.id]: experiments[record.id] for record in records}, seeds, split_seeds),
            disabled=not fits,
        )
    if not fits:
        st.caption(f"Select {FEWEST} to {MOST} runs to race them again.")
        return
    st.caption(
        f"{count(len(records) * seeds, 'training')} on the rows of the first run; the Build page "
        "shows them as a race. Runs of one seed are compared as pairs."
    )
