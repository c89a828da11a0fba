"""Where the tests of views begin."""

import functools
import gc
import sys

import pytest
from streamlit.components.v2 import manifest_scanner

from core.tables.reader_process import Limits, ReaderProcess


@pytest.fixture(scope="session", autouse=True)
def _packages_are_looked_through_once():
    """Each AppTest would look through all packages for components: a fifth of its time. They stay as they are."""
    with pytest.MonkeyPatch.context() as patch:
        scan = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", scan)
        yield


@pytest.fixture(autouse=True)
def _frozen():
    """What was there before the test is not looked through: Streamlit collects all garbage after every run of the page,
    and with TensorFlow in the process that takes longer than most runs do. The app's own process has no TensorFlow in
    it."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def home(tmp_path, monkeypatch, fork_server):
    """A workspace of the test's own, with tables and engine made anew, and without TensorFlow: the page never needs
    it.
    """
    from dashboard import services

    assert fork_server

    def forget() -> None:
        if services._reader.cache_info().currsize:
            services._reader().close()
        if services._searches.cache_info().currsize:
            services._searches().close()
        for made in (
            services._tables,
            services._engine,
            services._parent_runs,
            services._searches,
            services._reader,
        ):
            made.cache_clear()

    monkeypatch.setenv("LAYERDECK_HOME", str(tmp_path))
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    forget()
    yield tmp_path
    monkeypatch.undo()
    forget()


def data_page() -> None:
    """The Data page."""
    import streamlit as st

    from dashboard.session import state
    from dashboard.views import build, data

    state.attach()
    pages = [st.Page(data.view, url_path="data", default=True), st.Page(build.view, url_path="build")]
    shown = st.navigation(pages)
    if told := state.take_note():
        st.warning(told)
    shown.run()


@pytest.fixture
def reader(home, monkeypatch):
    """The reader of uploads, with a process that is ready."""
    from dashboard import services

    reader = ReaderProcess(home / "tables", Limits(seconds=60))
    monkeypatch.setattr(services, "_reader", lambda: reader)
    reader.prepare()
    yield reader
    reader.close()


@pytest.fixture
def at_once(monkeypatch):
    """A page that waits for a file for as long as it takes."""
    from dashboard.session import uploads

    monkeypatch.setattr(uploads, "AT_ONCE", 60.0)
