"""What is done to the cards of the stack, and which of them is open."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.experiment.edits import place_after
from dashboard.session import state

_ACK, _SHOWN = "ld.ack", "ld.shown"


def operate(operations: Any) -> None:
    """Carries out what was done to the cards since the last time; what was sent again is not done again, what is no
    operation is left.
    """
    session = st.session_state
    for one in operations if isinstance(operations, list) else []:
        number = one.get("seq") if isinstance(one, dict) else None
        if not isinstance(number, int) or number <= acknowledged():
            continue
        session[_ACK] = number
        operation = {name: value for name, value in one.items() if name != "seq"}
        if operation.get("op") == "open":
            at = operation.get("at")
            show_layer(at if at != shown_layer() and isinstance(at, int) else None)
        else:
            edit_layer(operation)


def edit_layer(operation: Mapping[str, Any]) -> None:
    """Does an operation on the stack; the editor stays with the layer that it shows, wherever that stands now, and is
    closed when the layer is taken out.
    """
    before, shown = state.experiment(), shown_layer()
    state.edit(operation)
    if shown is not None and state.experiment() != before:
        show_layer(place_after(before, operation, shown))


def acknowledged() -> int:
    """The last operation on the cards that was carried out."""
    return st.session_state.get(_ACK, 0)


def shown_layer() -> int | None:
    """The layer whose arguments are open."""
    shown = st.session_state.get(_SHOWN)
    return shown if shown is not None and 0 <= shown < len(state.experiment().layers) else None


def show_layer(at: int | None) -> None:
    """Opens a layer's arguments, or closes them."""
    st.session_state[_SHOWN] = at
