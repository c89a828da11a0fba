"""The race on screen."""

import streamlit as st

from core.experiment.spec import Experiment
from core.race.settings import Value
from core.tables.errors import TableError
from dashboard.navigation import build_page
from dashboard.services import races, tables
from dashboard.session import state


def shown_race() -> str | None:
    """The race on screen."""
    return st.session_state[state.RACE]


def show_race(race: str) -> None:
    """Puts a race on screen, on the Build page."""
    st.session_state[state.RACE] = race
    st.session_state[state.BELOW] = "Race"
    st.switch_page(build_page())


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


def start_again(named: dict[str, Experiment], seeds: int, split_seeds: bool) -> None:
    """Hands some saved experiments to the engine, each with the same seeds, and shows their race on the Build page."""
    try:
        made = races().start_again(named, seeds, split_seeds, state.draft(), lambda one: tables().situation(one))
    except (ValueError, RuntimeError, TableError) as error:
        state.note(str(error))
        return
    show_race(made)


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
