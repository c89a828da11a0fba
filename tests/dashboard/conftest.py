"""Where the tests of views begin."""

import gc
import sys

import pytest


@pytest.fixture(autouse=True)
def _frozen():
    """What was there before the test is not looked through: Streamlit collects all garbage after every run of the page,
    and with TensorFlow in the process that takes longer than most runs do. The app's own process has no TensorFlow in
    it."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A workspace of the test's own, with tables and engine made anew, and without TensorFlow: the page never needs
    it.
    """
    from dashboard import services

    def forget() -> None:
        if services._reader.cache_info().currsize:
            services._reader().close()
        for made in (services._tables, services._engine, services._reader):
            made.cache_clear()

    monkeypatch.setenv("LAYERDECK_HOME", str(tmp_path))
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    forget()
    yield tmp_path
    monkeypatch.undo()
    forget()
