"""A run in four plain sentences, computed beside the page from what its sections say."""

import streamlit as st

from dashboard.panels.answer_beside import answer_beside, drawn_anew_once_there
from dashboard.panels.asked_evaluation import Asked
from dashboard.panels.common import units_of
from dashboard.text import escape

SECTION = "summary"


def run_summary(asked: Asked) -> None:
    """Draws the summary of the run's model, a line first that it is being computed."""
    units = units_of(asked.experiment)
    answer = answer_beside(asked, SECTION, units=units)
    with st.container(key="run-summary"):
        if answer.value is not None:
            draw_summary(answer.value)
        else:
            st.caption(escape(f"There is no summary. {answer.says}" if answer.says else "Computing the summary."))
    drawn_anew_once_there(answer, asked, SECTION, units=units)


def draw_summary(told: dict[str, list[str]]) -> None:
    """Draws the sentences of each target."""
    for target, sentences in told.items():
        heading = f"**{escape(target)}:** " if len(told) > 1 else ""
        st.markdown(heading + " ".join(escape(sentence) for sentence in sentences))
