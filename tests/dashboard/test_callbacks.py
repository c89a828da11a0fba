"""Callbacks run to their end whatever is asked meanwhile, with the value that was sent, and only for widgets that are
there.

Streamlit's own session and its own runner of the page, no browser.
"""

import tomllib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.components.v2.bidi_component.serialization import deserialize_trigger_list
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.media_file_storage import MediaFileStorageError
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.runtime.scriptrunner_utils.exceptions import StopException
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests
from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState
from streamlit.runtime.state.common import ValueFieldName, WidgetMetadata
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state import SessionState
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from core import library_parts
from dashboard import failures
from dashboard.session import streamlit_patches as callbacks
from dashboard.session.streamlit_patches import mend

_ID = "$$ID-0123456789abcdef0123456789abcdef-it"


@pytest.fixture(autouse=True)
def failed(monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """What callbacks raised; whoever was told before the test is told again after it."""
    raised: list[Exception] = []
    monkeypatch.setattr(callbacks, "_failed", callbacks._failed)
    mend(raised.append)
    return raised


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
        self.session = SafeSessionState(self.state, self._asked)  # Each run has its own.
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


def test_asked_again_after_a_callback_that_failed(failed: list[Exception]) -> None:
    def fails(_: _Page) -> None:
        raise ValueError

    page = _Page("trigger_value", False, fails)
    page.sends(trigger_value=True)
    assert [type(error) for error in failed] == [ValueError]
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


def test_what_was_typed_as_a_widget_went_is_a_change(monkeypatch: pytest.MonkeyPatch) -> None:
    called = []
    page = _Page("double_value", 0.5, lambda _: called.append("changed"))

    def goes() -> None:
        # As when another page is gone to; without a run Streamlit forgets nothing here.
        page.session.on_script_finished(frozenset())
        page.state._old_state.clear()
        page.state._new_widget_state.clear()

    goes()
    page.sends(double_value=0.5)  # As it was.
    assert called == []
    page.state._old_state.clear()
    page.sends(double_value=0.75)
    assert called == ["changed"]
    goes()
    monkeypatch.setattr(callbacks, "_LATEST", -1.0)
    page.session.on_script_finished(frozenset())
    page.sends(double_value=0.25)  # Too late for what was typed as the page was left.
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
    config = tomllib.loads((Path(__file__).parents[2] / "dashboard" / ".streamlit" / "config.toml").read_text())
    assert config["runner"]["fastReruns"] is False


def _value(widget_id: str, **value: object) -> WidgetStates:
    states = WidgetStates()
    states.widgets.add(id=widget_id, **value)
    return states


def test_of_requests_that_wait_a_value_is_kept_that_the_newer_does_not_name(failed: list[Exception]) -> None:
    waiting = ScriptRequests()
    waiting.request_rerun(RerunData(widget_states=_value("Name", string_value="typed"), page_script_hash="build"))
    waiting.request_rerun(RerunData(widget_states=WidgetStates(), page_script_hash="data"))  # A link names no widget.
    merged = waiting.on_scriptrunner_ready().rerun_data
    assert (merged.page_script_hash, merged.widget_states) == ("data", _value("Name", string_value="typed"))
    waiting.request_rerun(RerunData(widget_states=_value("Name", string_value="older")))
    waiting.request_rerun(RerunData(widget_states=_value("Name", string_value="newer")))
    assert waiting.on_scriptrunner_ready().rerun_data.widget_states == _value("Name", string_value="newer")
    waiting.request_rerun(RerunData(widget_states=_value("Button", trigger_value=False)))  # No press.
    waiting.request_rerun(RerunData(widget_states=WidgetStates()))
    assert waiting.on_scriptrunner_ready().rerun_data.widget_states == WidgetStates()
    assert failed == []


class _Session:
    """A visitor who was sent on from the Build page to a result, and what is asked for him."""

    page_script_hash = "result"
    _pages_manager = SimpleNamespace(current_page_script_hash="result")
    _client_state = ClientState(query_string="run=7")
    has_fragment = staticmethod("there".__eq__)

    def request_rerun(self, client_state: ClientState) -> None:
        self.asked = (client_state.fragment_id, client_state.page_script_hash, client_state.query_string)


@pytest.mark.parametrize(("timer", "asked"), [(False, ("", "result", "run=7")), (True, ("gone", "build", "draft=1"))])
def test_what_was_typed_into_a_fragment_of_the_page_left_is_sent_to_the_whole_page(
    timer: bool, asked: tuple[str, str, str]
) -> None:
    session = _Session()
    request = callbacks._of_the_page_gone_to(_Session.request_rerun)
    there = ClientState(fragment_id="there", page_script_hash="result", is_auto_rerun=timer)
    request(session, there)
    assert session.asked == ("there", "result", "")
    gone = ClientState(fragment_id="gone", page_script_hash="build", query_string="draft=1", is_auto_rerun=timer)
    request(session, gone)
    assert session.asked == asked


# ---------------------------------------------------------------- what a component sends


class _Component(_Page):
    """A session with a component that has sent its triggers, as JSON, and is not drawn any more: the page was left."""

    def __init__(self, callback: Callable[["_Page"], None]) -> None:
        super().__init__("json_trigger_value", None, callback)
        callbacks = {"one": lambda: callback(self), "other": lambda: callback(self)}
        self.state._set_widget_metadata(
            WidgetMetadata(
                _ID, deserialize_trigger_list, lambda value: value, "json_trigger_value", callbacks=callbacks
            )
        )
        self.state._old_state.clear()


def test_a_component_that_is_gone_still_hands_over_what_it_sent() -> None:
    seen = []
    page = _Component(lambda _: seen.append(callbacks.sent("a key that is gone", "one")))
    page.sends(
        json_trigger_value='[{"event": "one", "value": [1]}, {"event": "one", "value": [2]}, '
        '{"event": "strange", "value": 3}]'
    )
    assert seen == [[1], [2]]


@pytest.mark.parametrize("text", ['"word"', "[]", "[1, null]", "{}", '{"event": 7, "value": 1}', '[{"value": 1}]'])
def test_what_is_no_trigger_is_taken_for_none(text: str, failed: list[Exception]) -> None:
    seen: list[object] = []
    _Component(lambda _: seen.append(callbacks.sent("cards", "one"))).sends(json_trigger_value=text)
    assert (seen, failed) == ([], [])


def test_without_the_private_method_values_come_from_the_session(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    library_parts._warn.cache_clear()  # It is said once in a process.
    monkeypatch.delattr(SessionState, "_dispatch_trigger_callbacks")
    mend(callbacks._failed)
    assert "SessionState._dispatch_trigger_callbacks (tried: 1.67): the plain way is taken" in caplog.text

    def page() -> None:
        import streamlit as st

        from dashboard.session.streamlit_patches import sent

        st.session_state["cards"] = {"one": [4]}
        st.session_state["read"] = (sent("cards", "one"), sent("cards", "other"), sent("gone", "one"))

    app = AppTest.from_function(page).run()
    assert app.session_state["read"] == ([4], None, None)


# ---------------------------------------------------------------- what fails


def _failing_page() -> None:
    import streamlit as st

    from core.tables.errors import TableError
    from dashboard.session import state

    def fail(error: Exception) -> None:
        st.session_state["before"] = True
        raise error

    state.attach()
    st.button("Ours", key="ours", on_click=fail, args=(TableError("The table *a.csv* is gone."),))
    st.button("Other", key="other", on_click=fail, args=(KeyError("secret"),))
    failed, told = state.take_failed(), state.take_note()
    st.session_state["told"] = (failed, told)
    st.markdown("The page is drawn.")


def test_a_callback_that_fails_becomes_a_sentence_and_the_page_is_drawn(home: Path) -> None:
    assert home
    from dashboard.session import state

    mend(state._action_failed)
    app = AppTest.from_function(_failing_page, default_timeout=30).run()
    for key, expected in (
        (
            "other",
            (
                True,
                "Your last action failed (KeyError). The experiment on screen is kept; Undo reverts its last change.",
            ),
        ),
        ("ours", (False, "The table *a.csv* is gone.")),
    ):
        app.button(key=key).click().run()
        assert not app.exception
        assert app.session_state["told"] == expected
        assert app.markdown[0].value == "The page is drawn."


def test_a_part_of_the_page_that_fails_alone_is_said_in_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """As `st.App(on_script_error=...)` has it: an error of a fragment passes no frame of ours on its way to Streamlit's
    box.
    """

    def page() -> None:
        import streamlit as st

        @st.fragment
        def part() -> None:
            st.checkbox("Fail", key="fail")
            if st.session_state["fail"]:
                raise KeyError("secret")

        part()

    made = LocalScriptRunner.__init__

    def init(self: LocalScriptRunner, *args: object, **named: object) -> None:
        made(self, *args, **named)
        self._on_script_error = failures.show

    monkeypatch.setattr(LocalScriptRunner, "__init__", init)
    app = AppTest.from_function(page).run()
    app.checkbox(key="fail").check().run()
    assert not app.exception
    assert [error.value for error in app.error] == [
        "This page could not be drawn (KeyError). Nothing is lost: undo the last change, or choose another table."
    ]


def test_a_download_is_built_when_its_button_was_drawn_anew_as_it_was_pressed(monkeypatch):
    storage = MemoryMediaFileStorage("/media")
    files, now = MediaFileManager(storage), [1000.0]
    monkeypatch.setattr(callbacks.time, "monotonic", lambda: now[0])

    def drawn() -> str:
        files.clear_session_refs("a visitor")
        files._files_by_session_and_coord["a visitor"]["0/1"] = pressed = files.add_deferred(
            lambda: b"rows", None, "0/1"
        )
        files.remove_orphaned_files()
        return pressed

    first = drawn()
    now[0] += 30
    assert drawn() != first
    assert storage.get_file(files.execute_deferred(first).rpartition("/")[2]).content == b"rows"
    now[0] += 30
    newest = drawn()
    files.execute_deferred(first)
    now[0] += 60
    files.remove_orphaned_files()
    with pytest.raises(MediaFileStorageError):
        files.execute_deferred(first)
    files.execute_deferred(newest)  # Its button stands on the page, however long.


def test_a_download_that_was_built_waits_for_the_browser_while_pages_are_drawn(monkeypatch):
    storage = MemoryMediaFileStorage("/media")
    files, now = MediaFileManager(storage), [1000.0]
    monkeypatch.setattr(callbacks.time, "monotonic", lambda: now[0])

    def built() -> str:
        return files.execute_deferred(files.add_deferred(lambda: b"rows", None, "0/1")).rpartition("/")[2]

    def pages_drawn() -> None:
        for _ in range(3):
            files.clear_session_refs("dontcare")
            files.remove_orphaned_files()

    address = built()
    pages_drawn()
    assert storage.get_file(address).content == b"rows"
    now[0] += 59
    pages_drawn()
    assert built() == address  # The same rows again: their minute begins anew.
    now[0] += 59
    pages_drawn()
    assert storage.get_file(address).content == b"rows"
    now[0] += 61
    pages_drawn()
    with pytest.raises(MediaFileStorageError):
        storage.get_file(address)
