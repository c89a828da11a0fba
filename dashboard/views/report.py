"""A run's result as one HTML file, to keep or to send: made when the button is pressed."""

import streamlit as st

from dashboard.services import engine


def report_button(run_id: str) -> None:
    """Draws the button."""
    st.download_button(
        "Report (HTML)",
        lambda: engine().report(run_id).encode(),
        "report.html",
        "text/html",
        key="take-report",
        on_click="ignore",
        icon=":material/download:",
    )
