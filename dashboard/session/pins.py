"""Rows and features that a visitor watches, and questions that they keep in sight."""

import json
from collections.abc import Callable
from typing import Any

import streamlit as st

from core.runs.live_view_files import MOST_PINS
from dashboard.services import engine
from dashboard.session import state

_ASKED = "ld.asked"


def _pinned() -> dict[str, Any]:
    """What is pinned to networks over the table on screen: {"table", "rows", "plane"}."""
    found, table = state.pinned(), state.experiment().data.table
    return found if found.get("table") == table else {"table": table, "rows": [], "plane": None}


def pins() -> list[dict[str, str]]:
    """Rows that the visitor watches: feature -> cell."""
    return _pinned()["rows"]


def shown_plane() -> list[str] | None:
    """The two features of the picture; None where none were chosen, [] where there shall be none."""
    return _pinned()["plane"]


def pin(row: dict[str, str]) -> None:
    """Watches one row more."""
    _keep_pinned(lambda rows: [*rows, row][:MOST_PINS])


def unpin(at: Any) -> None:
    """Lets a row go."""
    shown = pins()
    if isinstance(at, int) and 0 <= at < len(shown):
        _keep_pinned(lambda rows: [row for row in rows if row != shown[at]])


def set_plane(features: Any) -> None:
    """Chooses the features of the picture, or none."""
    known = state.experiment().data.features
    wanted = [name for name in features if name in known] if isinstance(features, list) else []
    _keep_pinned(lambda rows: rows, plane=wanted if len(wanted) == 2 else [])


def _keep_pinned(change: Callable[[list[dict[str, str]]], list[dict[str, str]]], **more: Any) -> None:
    state.keep_pinned(lambda: _pinned() | {"rows": change(pins())} | more)


def want(run: str, wanted: dict[str, Any] | None = None) -> None:
    """Has the run show what the visitor watches, or what is given: {"pins", "plane"}."""
    try:
        engine().want(run, **(wanted or {"pins": pins(), "plane": shown_plane()}))
    except RuntimeError as error:
        state.note(str(error))


def saved_predictions(run: str) -> list[dict[str, Any]]:
    """The visitor's saved predictions of a run: raw row and prediction in one, the oldest first."""
    return json.loads(st.session_state.get(_ASKED, "{}")).get(run, [])


def keep_predictions(run: str, rows: list[dict[str, Any]]) -> None:
    """Replaces the saved predictions of a run."""
    kept = json.loads(st.session_state.get(_ASKED, "{}"))
    st.session_state[_ASKED] = json.dumps({**kept, run: rows})
