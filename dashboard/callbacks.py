"""Callbacks of widgets: none is lost, none is cut short, none is called for a widget that is no longer there.

Streamlit breaks a run of the page off, for a newer request, wherever it draws or touches the session's state; within a callback, too. An
edit would then stay half made, or a press would be forgotten with its run: the message of a component that happens to follow a press is
enough. From its first line to its last a run's callbacks are therefore not asked to stop; the drawing after them still is. The other half
is the setting `runner.fastReruns = false`: one thread a visitor, and requests that wait are merged with their presses, not thrown away.

And a browser that has not heard yet that a widget is gone still sends its value. Streamlit, which has forgotten the widget, takes the value
for a change and calls back: the optimizer of a tab just left would be chosen anew, with the arguments it starts with.
"""

import functools
from typing import Any

from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state import SessionState


def mend() -> None:
    """Makes it so for this process, once: it replaces two methods of Streamlit's, whatever the session."""
    if not hasattr(SafeSessionState.on_script_will_rerun, "__wrapped__"):
        SafeSessionState.on_script_will_rerun = _whole(SafeSessionState.on_script_will_rerun)  # type: ignore[method-assign]
        SessionState._widget_changed = _of_known(SessionState._widget_changed)  # type: ignore[method-assign]


def _whole(streamlits: Any) -> Any:
    @functools.wraps(streamlits)
    def on_script_will_rerun(self: SafeSessionState, *args: Any, **named: Any) -> None:
        asked = self._yield_callback
        object.__setattr__(self, "_yield_callback", _go_on)  # Its own `__setattr__` would write into the session.
        try:
            streamlits(self, *args, **named)
        finally:
            object.__setattr__(self, "_yield_callback", asked)

    return on_script_will_rerun


def _go_on() -> None:
    """What is asked instead of whether to stop."""


def _of_known(streamlits: Any) -> Any:
    @functools.wraps(streamlits)
    def widget_changed(self: SessionState, widget_id: str) -> bool:
        pressed = self._new_widget_state.widget_metadata.get(widget_id)
        kind = (pressed and pressed.value_type) or ""  # A choice that was cleared is sent without a value: Streamlit then forgets its kind.
        known = widget_id in self._old_state or kind.endswith("trigger_value")
        return known and streamlits(self, widget_id)

    return widget_changed
