"""Streamlit's settings, without which the page does not keep what a person does: `.streamlit/config.toml` beside the
server's script, which Streamlit reads wherever it is started. A flag or an environment variable can set another value.
"""

import streamlit as st


def settings_problem() -> str:
    """A sentence where Streamlit throws presses away that come while a page is drawn, else ""."""
    if st.get_option("runner.fastReruns"):
        return (
            "Streamlit runs with runner.fastReruns = true, so edits and presses can be lost. Start the page with the "
            "command layerdeck, and without STREAMLIT_RUNNER_FAST_RERUNS."
        )
    return ""
