"""The search on screen, and what the form of the next one says."""

import json
from typing import Any

import streamlit as st

from core.experiment.spec import InvalidExperiment
from core.runs.searches import FINALIST_SEEDS, Budget
from core.search.checked_space import checked_space
from core.search.space import Space
from core.tables.errors import TableError
from dashboard.services import searches, tables
from dashboard.session import state

_FORM = "ld.search.form"
USUAL_FORM: dict[str, Any] = {
    "space": None,  # None: what is usual for the experiment on screen.
    "trials": 40,
    "minutes": None,
    "measure": None,  # None: the first metric.
    "sampler": "tpe",
    "pruner": "median",
    "seeds": 5,
    "finalist_seeds": FINALIST_SEEDS,
}


def shown_search() -> str | None:
    """The search on screen."""
    return st.session_state[state.SEARCH]


def show_search(search: str | None) -> None:
    """Puts a search on screen, or none; its runs stay among the others."""
    st.session_state[state.SEARCH] = search
    st.session_state[state.BELOW] = "Search"
    if search is None:
        st.query_params.pop("search", None)


def form() -> dict[str, Any]:
    """What the form says, with what nobody touched as it is usual."""
    return {**USUAL_FORM, **json.loads(st.session_state.get(_FORM, "{}"))}


def keep_in_form(**changes: Any) -> None:
    """Keeps what a person chose: the widgets' own keys are gone when another tab is looked at."""
    st.session_state[_FORM] = json.dumps({**form(), **changes})


def start(measure: str, space: dict[str, Any]) -> None:
    """Hands a search around the experiment on screen to the engine, and shows it."""
    if state.overtaken():
        return
    asked = form()
    try:
        base = state.experiment()
        situation = tables().situation(base)
        found = searches().start(
            base,
            checked_space(Space.read(space), base, situation),
            Budget(asked["trials"], asked["minutes"]),
            measure,
            asked["sampler"],
            asked["pruner"],
            asked["seeds"],
            state.draft(),
            situation,
            units=tables().units(base),
            finalist_seeds=asked["finalist_seeds"],
        )
    except (ValueError, RuntimeError, TableError) as error:
        state.note(str(error))
        return
    show_search(found)


def stop(search: str, confirm: bool) -> None:
    """Ends a search with its best trial.

    Args:
        confirm: Whether the best trials are then trained again with new seeds.
    """
    try:
        searches().stop(search, confirm)
    except (LookupError, RuntimeError) as error:
        state.note(str(error))


def open_trial(search: str, number: int | None = None) -> None:
    """Puts the experiment of a trial on screen; without a number that of the best one so far."""
    try:
        found = searches().find(search)
        standing = searches().standing(found)
        number = standing.best if number is None else number
        trial = next((one for one in standing.trials if one.number == number), None)
        if trial is None:
            state.note("No trial has ended with a score yet.")
            return
        state.replace(found.space.experiment(found.base, trial.values))
    except (LookupError, RuntimeError, InvalidExperiment) as error:
        state.note(str(error))
