"""The race on screen."""

import streamlit as st

from core.race.settings import Value
from core.tables.errors import TableError
from dashboard.services import races, tables
from dashboard.session import state


def shown_race() -> str | None:
    """The race on screen."""
    return st.session_state[state.RACE]


def start(setting: str, values: list[Value], seeds: int) -> None:
    """Hands a race of the experiment on screen to the engine, and shows it."""
    if state.overtaken():
        return
    try:
        wanted, visitor = state.experiment(), state.draft()
        st.session_state[state.RACE] = races().start(
            wanted, setting, values, seeds, visitor, tables().situation(wanted)
        )
    except (ValueError, RuntimeError, TableError) as error:
        state.note(str(error))


def stop(race: str) -> None:
    """Ends all runs of a race."""
    try:
        races().stop(race)
    except (LookupError, RuntimeError) as error:
        state.note(str(error))


def leave() -> None:
    """Puts no race on screen; its runs stay among the others."""
    st.session_state[state.RACE] = None
    st.query_params.pop("race", None)
