"""Callbacks of widgets: each is carried out whole, with the value that was sent, whatever page is drawn; a failure
becomes a sentence.

Streamlit breaks a run of the page off, for a newer request, wherever it draws or touches the session's state; within a
callback, too. An edit would then stay half made, or a press would be forgotten with its run: the message of a component
that happens to follow a press is enough. From its first line to its last a run's callbacks are therefore not asked to
stop; the drawing after them still is. The other half is the setting `runner.fastReruns = false`: one thread a visitor,
and requests that wait are merged with their presses, not thrown away.

A browser that has not heard yet that a widget is gone still sends its value. Streamlit, which has forgotten the widget,
takes the value for a change and calls back: the optimizer of a tab just left would be chosen anew, with the arguments
it starts with. So the values of widgets that are gone are remembered for a minute, and only another value is a change:
what was typed as the page was left.

Requests that wait are merged, and of two Streamlit takes the newer one's values. One that goes to another page carries
none: what was typed as the page was left would be lost wherever its request still waited. So a value that the newer
request does not name is kept. A request for a fragment that the page gone to has not is thrown away by Streamlit, with
what was typed; here it becomes one for the whole page.

What a component sends as its page is left arrives with the next page's request or behind it. By then Streamlit has
emptied the session's place for the value: `sent` reads it from the request itself. And such a request still names the
page that was left and its address, so that this one would be drawn once more instead of the one that was gone to.

Streamlit draws an error of a callback itself, in place of the whole page. Here it is handed to whom `mend` names, and
the page is drawn.

A file that is built when its button is pressed has an id, which Streamlit forgets as soon as the button is drawn anew:
a press at that moment would do nothing. Here such an id is forgotten a minute later. The file itself Streamlit
removes at the end of the second run after it, of whichever visitor: pages that follow a training run often, and the
browser would find no file at the address that it was given. It, too, is removed a minute later.

All of this replaces private methods of Streamlit's, in this file alone. Tried with 1.67. Where one has another name, a
line in the log says so and Streamlit does as it does: values are then read from the session, and errors are told by
`dashboard.failures`.
"""

import functools
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import streamlit as st

from core.library_parts import library_part

if TYPE_CHECKING:
    from streamlit.proto.ClientState_pb2 import ClientState
    from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
    from streamlit.runtime.app_session import AppSession
    from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
    from streamlit.runtime.media_file_manager import MediaFileManager, MediaFileMetadata
    from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
    from streamlit.runtime.scriptrunner_utils.script_requests import RerunData
    from streamlit.runtime.state.safe_session_state import SafeSessionState
    from streamlit.runtime.state.session_state import SessionState

log = logging.getLogger(__name__)
TRIED = "1.67"
_VALUES: ContextVar[dict[str, list[Any]] | None] = ContextVar("values of the trigger that is dispatched", default=None)
# The default is never written to.
_GONE: ContextVar[dict[str, tuple[float, Any]]] = ContextVar("widgets that are gone", default={})  # noqa: B039
_GONE_KEY = "layerdeck_gone"  # In the visitor's state.
# Seconds in which what was typed into a widget that is gone still arrives: a page may take long to be drawn.
_LATEST = 60.0
# Of a session: the page that was left, the one that was gone to, and its query.
_WAY, _NO_WAY = "layerdeck_way", ("", "", "")
_failed: Callable[[Exception], None] = lambda error: log.error("a callback failed", exc_info=error)  # noqa: E731


def mend(failed: Callable[[Exception], None]) -> None:
    """Replaces the methods, once in a process, whatever the session; `failed` is told what a callback raises, from now
    on.
    """
    global _failed
    _failed = failed
    for path, better in REPLACED.items():
        method = part(path)
        if method is not None and not hasattr(method, "__wrapped__"):
            owner, _, name = path.rpartition(".")
            setattr(part(owner), name, functools.wraps(method)(better(method)))


def part(path: str) -> Any:
    """A part of Streamlit by its path, "streamlit.runtime.app_session.AppSession"; None, and a line in the log, where
    there is none.
    """
    return library_part(path, TRIED)


def connected() -> Callable[[], bool]:
    """A function that tells whether the visitor for whom this is called still has the page open; always true where
    Streamlit does not say, so that nothing is ended early.
    """
    get_context, exists = part("streamlit.runtime.scriptrunner.get_script_run_ctx"), part("streamlit.runtime.exists")
    context = get_context() if get_context and exists and exists() else None
    if context is None:
        return lambda: True
    server, session = part("streamlit.runtime.get_instance")(), context.session_id
    return lambda: bool(server.is_active_session(session))


def sent(key: str, event: str) -> Any:
    """In a component's callback: the value that its trigger carries; None when it carries none."""
    values = _VALUES.get()
    if values is not None:
        return values[event].pop(0) if values.get(event) else None
    return (st.session_state.get(key) or {}).get(event)


def _whole(streamlits: Any) -> Any:
    def on_script_will_rerun(self: "SafeSessionState", *args: Any, **named: Any) -> None:
        asked = self._yield_callback
        object.__setattr__(self, "_yield_callback", _go_on)  # Its own `__setattr__` would write into the session.
        token = _GONE.set(_gone(self))
        try:
            streamlits(self, *args, **named)
        finally:
            _GONE.reset(token)
            object.__setattr__(self, "_yield_callback", asked)

    return on_script_will_rerun


def _go_on() -> None:
    """What is asked instead of whether to stop."""


def _gone(session: "SafeSessionState") -> dict[str, tuple[float, Any]]:
    """Of a session's widgets that are not drawn any more: when that was, in seconds of the monotonic clock, and their
    last value.
    """
    state = session._state  # A run has a `session` of its own, the visitor has one state.
    if _GONE_KEY not in state:
        state[_GONE_KEY] = {}
    gone: dict[str, tuple[float, Any]] = state[_GONE_KEY]
    return gone


def _remembering(streamlits: Any) -> Any:
    def on_script_finished(self: "SafeSessionState", widget_ids_this_run: frozenset[str], **named: Any) -> None:
        state, now, gone = self._state, time.monotonic(), _gone(self)
        for widget_id in [
            one for one, (since, _) in gone.items() if now - since > _LATEST or one in widget_ids_this_run
        ]:
            del gone[widget_id]
        for widget_id in {*state._old_state, *state._new_widget_state.states} - widget_ids_this_run:
            if widget_id in state._new_widget_state.widget_metadata:
                gone[widget_id] = (now, state._new_widget_state.get(widget_id, state._old_state.get(widget_id)))
        streamlits(self, widget_ids_this_run, **named)

    return on_script_finished


def _of_known(streamlits: Any) -> Any:
    def widget_changed(self: "SessionState", widget_id: str) -> bool:
        pressed = self._new_widget_state.widget_metadata.get(widget_id)
        # A choice that was cleared is sent without a value: Streamlit then forgets its kind.
        kind = (pressed and pressed.value_type) or ""
        if widget_id in self._old_state or kind.endswith("trigger_value"):
            return streamlits(self, widget_id)
        gone = _GONE.get().get(widget_id)
        return gone is not None and bool(gone[1] != self._new_widget_state.get(widget_id))

    return widget_changed


def _with_values(streamlits: Any) -> Any:
    def dispatch(self: "SessionState", votes: Any, widget_id: str, *args: Any) -> None:
        with _dispatched(self._new_widget_state.get(widget_id)):
            streamlits(self, votes, widget_id, *args)

    return dispatch


@contextmanager
def _dispatched(payloads: Any) -> Iterator[None]:
    """Keeps a trigger's payloads, {"event", "value"} each, at hand for its callbacks, which Streamlit calls in the same
    order.
    """
    values: dict[str, list[Any]] = {}
    for payload in payloads if isinstance(payloads, list) else [payloads]:
        if isinstance(payload, dict) and isinstance(payload.get("event"), str):
            values.setdefault(payload["event"], []).append(payload.get("value"))
    token = _VALUES.set(values)
    try:
        yield
    finally:
        _VALUES.reset(token)


def _caught(streamlits: Any) -> Any:
    def run_callback(self: "SessionState", votes: Any, run: Callable[[], None]) -> None:
        def caught() -> None:
            try:
                run()
            except Exception as error:  # `st.rerun` and `st.stop` raise what is no Exception.
                _failed(error)

        streamlits(self, votes, caught)

    return run_callback


def _of_the_page_gone_to(streamlits: Any) -> Any:
    def request_rerun(self: "AppSession", client_state: "ClientState | None") -> None:
        if client_state is not None:
            left, gone_to, query = getattr(self, _WAY, _NO_WAY)
            page = client_state.page_script_hash
            # So a link or the browser's own buttons ask.
            if not client_state.widget_states.widgets and not client_state.fragment_id:
                setattr(self, _WAY, (self.page_script_hash, page, client_state.query_string))
            elif page != left:  # The browser has heard of the new page.
                setattr(self, _WAY, _NO_WAY)
            elif gone_to and page != gone_to:
                client_state = _changed(client_state, page_script_hash=gone_to, query_string=query)
            fragment = client_state.fragment_id
            if fragment and not client_state.is_auto_rerun and not self.has_fragment(fragment):
                client_state = _changed(client_state, fragment_id="")
                # Without its fragments a page is left for good, also where it sent the visitor on itself.
                if (drawn := self._pages_manager.current_page_script_hash) != client_state.page_script_hash:
                    query = self._client_state.query_string
                    client_state = _changed(client_state, page_script_hash=drawn, query_string=query)
        streamlits(self, client_state)

    return request_rerun


def _of_the_page_drawn(streamlits: Any) -> Any:
    def run_script(self: "ScriptRunner", request: "RerunData") -> None:
        fragments, drawn = request.fragment_id_queue, self._pages_manager.current_page_script_hash
        if fragments and request.page_script_hash != drawn:
            if request.is_auto_rerun and len(fragments) == 1:
                return
            # Something was typed or pressed as its page was left.
            query = self._get_script_run_ctx().query_string
            request = replace(request, fragment_id_queue=[], page_script_hash=drawn, query_string=query)
        streamlits(self, request)

    return run_script


def _changed(client_state: "ClientState", **fields: str) -> "ClientState":
    """A copy of a request with other fields."""
    copy = type(client_state)()
    copy.CopyFrom(client_state)
    for name, value in fields.items():
        setattr(copy, name, value)
    return copy


def _of_both(streamlits: Any) -> Any:
    def coalesce(older: "WidgetStates | None", newer: "WidgetStates | None") -> "WidgetStates | None":
        merged: WidgetStates | None = streamlits(older, newer)
        if older is None or newer is None or merged is None:
            return merged
        named = {one.id for one in merged.widgets}
        both = type(merged)()
        both.CopyFrom(merged)
        both.widgets.extend(one for one in older.widgets if one.id not in named and not _is_trigger(one))
        return both

    return coalesce


def _is_trigger(state: "WidgetState") -> bool:
    """Whether it is a press or a message: Streamlit keeps those that are not carried out yet, and drops the others
    rightly.
    """
    kind = state.WhichOneof("value") or ""
    return kind.endswith("trigger_value") or kind == "chat_input_value"


def _late_presses(_method: Callable[..., None]) -> Callable[..., None]:
    """A download that is built on a press stays for a while when its button is drawn anew, under another id: the press
    may be on its way.
    """
    unused: dict[str, float] = {}  # Id -> since when no button on a page has it.

    def removed(self: "MediaFileManager") -> None:
        shown = {one for files in self._files_by_session_and_coord.values() for one in files.values()}
        now = time.monotonic()
        for one in [one for one in unused if one in shown or one not in self._deferred_callables]:
            del unused[one]
        for one in [one for one in self._deferred_callables if one not in shown]:
            if now - unused.setdefault(one, now) > _LATEST:
                self._drop_deferred_id(one)
                del unused[one]

    return removed


def _late_downloads(inactive: Callable[..., set[str]]) -> Callable[..., set[str]]:
    """A file that was built on a press, to which no page refers, stays for a while, too: the browser learns its address
    and then fetches it, whatever pages are drawn meanwhile.
    """
    unused: WeakKeyDictionary[MediaFileMetadata, float] = WeakKeyDictionary()  # Since when.

    def orphaned(self: "MediaFileManager") -> set[str]:
        now, late = time.monotonic(), set()
        for one in inactive(self):
            file = self._file_metadata[one]
            if file.kind.value != "downloadable" or now - unused.setdefault(file, now) > _LATEST:
                late.add(one)
        return late

    return orphaned


def _with_fragments_within(streamlits: Any) -> Any:
    def clear(
        self: "ForwardMsgQueue", retain_lifecycle_msgs: bool = False, fragment_ids_this_run: list[str] | None = None
    ) -> None:
        if retain_lifecycle_msgs and fragment_ids_this_run:
            going = {
                tuple(message.metadata.delta_path)
                for message in self._queue
                if message.delta.fragment_id in fragment_ids_this_run and message.delta.HasField("add_block")
            }
            self._queue = [message for message in self._queue if not _within(message.metadata.delta_path, going)]
        streamlits(self, retain_lifecycle_msgs, fragment_ids_this_run)

    return clear


def _within(path: Sequence[int], places: set[tuple[int, ...]]) -> bool:
    """Whether a place on the page lies in one of these."""
    return any(tuple(path[:depth]) in places for depth in range(1, len(path)))


# What is replaced -> what makes the better one of it.
REPLACED: dict[str, Callable[[Any], Any]] = {
    "streamlit.runtime.state.safe_session_state.SafeSessionState.on_script_will_rerun": _whole,
    "streamlit.runtime.state.safe_session_state.SafeSessionState.on_script_finished": _remembering,
    "streamlit.runtime.state.session_state.SessionState._widget_changed": _of_known,
    "streamlit.runtime.state.session_state.SessionState._dispatch_trigger_callbacks": _with_values,
    "streamlit.runtime.state.session_state.SessionState._run_callback_and_record_rerun": _caught,
    "streamlit.runtime.app_session.AppSession.request_rerun": _of_the_page_gone_to,
    "streamlit.runtime.media_file_manager.MediaFileManager._remove_orphaned_deferred_callables": _late_presses,
    "streamlit.runtime.media_file_manager.MediaFileManager._get_inactive_file_ids": _late_downloads,
    "streamlit.runtime.forward_msg_queue.ForwardMsgQueue.clear": _with_fragments_within,
    "streamlit.runtime.scriptrunner_utils.script_requests._coalesce_widget_states": _of_both,
    "streamlit.runtime.scriptrunner.script_runner.ScriptRunner._run_script": _of_the_page_drawn,
}
