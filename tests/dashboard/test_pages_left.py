"""What is asked for a fragment of a page that was left meanwhile, and what is sent for one that is drawn once more,
with Streamlit's own runner of pages and its own queue.
"""

from typing import Any

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.scriptrunner.script_runner import ScriptRunnerEvent
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from dashboard.session.streamlit_patches import mend


def _pages() -> None:
    import streamlit as st

    def left() -> None:
        st.fragment(st.text, run_every=1)("It looks again.")

    def gone_to() -> None:
        st.text("The page that was gone to.")

    st.navigation([st.Page(left, default=True), st.Page(gone_to)]).run()


def _asked_as_the_page_is_left(monkeypatch: pytest.MonkeyPatch, *requests: dict[str, Any]) -> list[tuple[str, bool]]:
    """Asks for the first page, then for the other one, and as that begins to be drawn for the fragment of the first.
    Of each run of them: the page's address, and whether it was a run of fragments.
    """
    runs: list[tuple[str, bool]] = []
    made = LocalScriptRunner.__init__

    def init(self: LocalScriptRunner, *args: Any, **named: Any) -> None:
        made(self, *args, **named)

        def on_event(_sender: object, event: ScriptRunnerEvent, **told: Any) -> None:
            pages = list(self._pages_manager.get_pages())
            if event == ScriptRunnerEvent.SCRIPT_STOPPED_WITH_SUCCESS and len(runs) == 1:
                self.request_rerun(RerunData(page_script_hash=pages[1]))
            elif event == ScriptRunnerEvent.SCRIPT_STARTED:
                runs.append((told["page_script_hash"], bool(told["fragment_ids_this_run"])))
                if len(runs) == 2:
                    (fragment,) = self._fragment_storage._fragments
                    for request in requests:
                        usual = {"fragment_id": fragment, "page_script_hash": pages[0]}
                        self.request_rerun(RerunData(**usual | request))

        self.on_event.connect(on_event, weak=False)

    monkeypatch.setattr(LocalScriptRunner, "__init__", init)
    mend(pytest.fail)
    app = AppTest.from_function(_pages).run()
    assert [text.value for text in app.text] == ["The page that was gone to."]
    return runs


def test_a_timer_of_the_page_left_draws_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = _asked_as_the_page_is_left(monkeypatch, {"is_auto_rerun": True})
    assert len(runs) == 2


@pytest.mark.parametrize("timers", [0, 1])
def test_what_was_typed_there_draws_the_page_that_was_gone_to(monkeypatch: pytest.MonkeyPatch, timers: int) -> None:
    timer = {"fragment_id": "another one", "is_auto_rerun": True}
    _, (gone_to, _), *more = _asked_as_the_page_is_left(monkeypatch, {}, *[timer] * timers)
    assert more == [(gone_to, False)]


def _block(fragment: str, *path: int) -> ForwardMsg:
    message = ForwardMsg()
    message.delta.add_block.allow_empty = True
    message.delta.fragment_id = fragment
    message.metadata.delta_path.extend(path)
    return message


def test_what_a_fragment_within_sent_goes_with_what_the_outer_one_sent() -> None:
    mend(pytest.fail)
    queue = ForwardMsgQueue()
    for message in (
        _block("", 0, 0),
        _block("outer", 0, 1),
        _block("inner", 0, 1, 0),
        _block("inner", 0, 1, 0, 2),
        _block("beside", 0, 2),
    ):
        queue.enqueue(message)
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=["outer"])
    assert [list(message.metadata.delta_path) for message in queue.flush()] == [[0, 0], [0, 2]]
    # Where the browser has the outer place already, nothing is lost.
    queue.enqueue(_block("inner", 0, 1, 0))
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=["outer"])
    assert len(queue.flush()) == 1
