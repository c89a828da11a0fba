"""Callbacks run to their end whatever is asked meanwhile, and only for widgets that are there. Streamlit's own session, no browser."""

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.scriptrunner_utils.exceptions import StopException
from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState
from streamlit.runtime.state.common import ValueFieldName, WidgetMetadata
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state import SessionState

from dashboard.callbacks import mend

mend()
_ID = "$$ID-0123456789abcdef0123456789abcdef-it"


class _Page:
    """A session with one widget, in which a newer request always waits."""

    def __init__(self, kind: ValueFieldName, drawn: object, callback: Callable[["_Page"], None]) -> None:
        self.state = SessionState()
        self.session = SafeSessionState(self.state, self._asked)
        self.asked = 0
        self.state._set_widget_metadata(
            WidgetMetadata(_ID, lambda value: value, lambda value: value, kind, callback=lambda: callback(self))
        )
        self.state._new_widget_state.set_from_value(_ID, drawn)

    def _asked(self) -> None:
        self.asked += 1
        raise StopException

    def sends(self, **value: object) -> None:
        """A request with the widget's value."""
        ThreadState.initialize()  # As Streamlit's thread does for a run of the page.
        states = WidgetStates()
        states.widgets.add(id=_ID, **value)
        self.session.on_script_will_rerun(states)


def test_a_press_is_carried_out_whole_although_a_newer_request_waits() -> None:
    def pressed(page: _Page) -> None:
        page.session["first"] = 1
        page.session["second"] = page.session["first"] + 1

    page = _Page("trigger_value", False, pressed)
    page.sends(trigger_value=True)
    assert page.state["second"] == 2
    assert page.asked == 0
    with pytest.raises(StopException):  # The drawing that follows stops as ever.
        page.session["drawn"] = True


def test_asked_again_after_a_callback_that_failed() -> None:
    def fails(_: _Page) -> None:
        raise ValueError

    page = _Page("trigger_value", False, fails)
    with pytest.raises(ValueError):
        page.sends(trigger_value=True)
    with pytest.raises(StopException):
        page.session["drawn"] = True


def test_a_widget_that_is_gone_calls_no_more() -> None:
    called = []
    page = _Page("double_value", 0.5, lambda _: called.append("changed"))
    page.sends(double_value=0.25)
    assert called == ["changed"]
    page.state._old_state.clear()  # As after a drawing without it.
    page.state._new_widget_state.clear()
    page.sends(double_value=0.25)  # From a browser that has not heard of it.
    assert called == ["changed"]


def test_a_choice_that_was_cleared_and_is_gone_calls_no_more() -> None:
    called = []
    page = _Page("string_value", "A", lambda _: called.append("changed"))
    page.sends()  # Without a value.
    assert called == ["changed"]
    page.state._old_state.clear()
    page.state._new_widget_state.clear()
    page.sends()
    assert called == ["changed"]


def test_requests_that_wait_are_merged() -> None:
    config = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text())
    assert config["runner"]["fastReruns"] is False
