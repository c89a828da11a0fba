"""Uploads of a visitor that are being read: in another thread, which waits for the process that reads, while the page
stays free.

begin(key, "sales.csv", work)     work(abandoned) runs in a thread of its own; what the key had begun before is ended
reading = current(key)            that reading, or None
reading.wait(seconds)             whether it is over
progress(key, name)               a line that says how long it has taken, with a button that ends it; reruns the page
                                  when it is over

A reading ends without an outcome when its visitor has gone, brings another file, or cancels.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard.session.streamlit_patches import connected
from dashboard.text import escape

AT_ONCE = 1.0  # Seconds that a page waits for a file, so that an ordinary one is there without a word.
_POLL = 0.5  # Seconds.
_GRACE = 5.0  # Seconds after which a visitor whose connection is gone does not come back.


class Reading:
    """A file that is being read, or was."""

    def __init__(self, name: str, work: Callable[[Callable[[], bool]], Any]) -> None:
        self.name = name
        self._start = time.monotonic()
        self._outcome: Any = None
        self._error: BaseException | None = None
        self._stopped, self._over = threading.Event(), threading.Event()
        gone = _absence()
        threading.Thread(
            target=self._run, args=(work, lambda: self._stopped.is_set() or gone()), name="upload", daemon=True
        ).start()

    def _run(self, work: Callable[[Callable[[], bool]], Any], abandoned: Callable[[], bool]) -> None:
        try:
            self._outcome = work(abandoned)
        except BaseException as error:  # Whoever asks for the outcome gets it.
            self._error = error
        finally:
            self._over.set()

    @property
    def seconds(self) -> float:
        """How long ago it began."""
        return time.monotonic() - self._start

    def wait(self, seconds: float = 0.0) -> bool:
        """Whether the upload has been read, after waiting at most so many seconds."""
        return self._over.wait(seconds)

    def stop(self) -> None:
        """Ends it without an outcome."""
        self._stopped.set()

    def outcome(self) -> Any:
        """What the work gave back, once it is over. Raises what the work raised."""
        if self._error is not None:
            raise self._error
        return self._outcome


def begin(key: str, name: str, work: Callable[[Callable[[], bool]], Any]) -> Reading:
    """Begins to read a file; what the key had begun before is ended."""
    stop(key)
    reading = st.session_state[_key(key)] = Reading(name, work)
    return reading


def current(key: str) -> Reading | None:
    """The reading of that key."""
    return st.session_state.get(_key(key))


def stop(key: str) -> None:
    """Ends the reading of that key, and forgets it."""
    reading = st.session_state.pop(_key(key), None)
    if reading is not None:
        reading.stop()


@st.fragment(run_every=_POLL)
def progress(key: str) -> None:
    """A sign of life of the reading of that key; the page is drawn anew when it is over."""
    reading = current(key)
    if (
        reading is None
    ):  # Cancelled, or taken: what was said of it stays on the page, which a rerun would not say again.
        return
    if reading.wait():
        st.rerun()
    with st.container(key=f"{key}-reading", horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/hourglass_top: Reading {escape(reading.name)}: {reading.seconds:.0f} s", width="stretch"
        )
        st.button("Cancel", key=f"{key}-cancel", on_click=stop, args=(key,))


def _key(key: str) -> str:
    return f"ld.upload.{key}"


def _absence() -> Callable[[], bool]:
    """A function that tells whether the visitor of this thread has gone: closed the tab, or lost the connection for
    good.
    """
    here, seen = connected(), [time.monotonic()]

    def gone() -> bool:
        if here():
            seen[0] = time.monotonic()
        return time.monotonic() - seen[0] > _GRACE

    return gone
