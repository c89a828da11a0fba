"""An answer of the worker that is computed beside the page: the page is drawn without it, and anew when it is there."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.runs.worker_client import NotReady
from core.tables.errors import TableError
from dashboard.panels.asked_evaluation import Asked
from dashboard.services import engine

_LOOK = 0.5  # Seconds between two looks.


@dataclass(frozen=True)
class AnswerBeside:
    """What there is of an answer.

    Attributes:
        value: The answer; None as long as it is not there.
        says: Why it will not be there, a sentence; "" where it is there or being computed.
        waits: Whether it will be there.
    """

    value: Any
    says: str
    waits: bool


def answer_beside(asked: Asked, section: str, **options: Any) -> AnswerBeside:
    """What the worker says in a section, without waiting for it."""
    try:
        found = asked.answer_when_ready(section, **options)
    except NotReady as error:
        return AnswerBeside(None, engine().trouble and str(error), not engine().trouble)
    except (LookupError, RuntimeError, TableError) as error:
        if type(error) in (KeyError, IndexError):
            raise
        return AnswerBeside(None, str(error), False)
    return AnswerBeside(found, "", found is None)


def drawn_anew_once_there(answer: AnswerBeside, asked: Asked, section: str, **options: Any) -> None:
    """Draws the page anew as soon as an answer that was waited for is there, or will not be."""
    # Always there: what comes after it keeps its place.
    st.fragment(_look, run_every=_LOOK if answer.waits else None)(answer.waits, asked, section, options)


def _look(waited: bool, asked: Asked, section: str, options: dict[str, Any]) -> None:
    if waited and not answer_beside(asked, section, **options).waits:
        st.rerun()
