"""A run's result as one HTML file, to keep or to send: made when the button is pressed."""

import streamlit as st

from core.experiment.file_names import file_name
from dashboard.services import engine


def report_button(run_id: str, name: str) -> None:
    """Draws the button; `name` is the run's."""
    st.download_button(
        "Report (HTML)",
        lambda: engine().report(run_id).encode(),
        file_name(name, "report", "html"),
        "text/html",
        key="take-report",
        on_click="ignore",
        icon=":material/download:",
    )
