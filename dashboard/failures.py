"""What a person reads when something of ours fails: a sentence, never Streamlit's red box. The log has the error."""

import logging
import secrets

import streamlit as st

from core.tables.errors import TableError
from dashboard.text import escape

log = logging.getLogger(__name__)


def of_action(error: Exception) -> str:
    """The sentence about a press or an edit that failed."""
    return (
        f"Your last action failed ({type(error).__name__}). The experiment on screen is kept; Undo reverts its last "
        "change."
        if not isinstance(error, TableError)
        else str(error)
    )


def show(error: Exception) -> bool:
    """Draws the sentence about a page, or a part of one, that could not be drawn, where it would have been; True: it
    was drawn.
    """
    if isinstance(error, TableError):
        st.error(escape(str(error)))
        return True
    log.error("the page could not be drawn", exc_info=error)
    with st.container(key=f"broken-{secrets.token_hex(4)}"):
        name = type(error).__name__
        st.error(
            f"This page could not be drawn ({name}). Nothing is lost: undo the last change, or choose another table."
        )
    return True
