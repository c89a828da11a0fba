"""Where the tests of views begin."""

import sys

import pytest


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A workspace of the test's own, with tables and engine made anew, and without TensorFlow: the page never needs it."""
    from dashboard import services

    def forget() -> None:
        for made in (services._tables, services._engine):
            made.cache_clear()

    monkeypatch.setenv("LAYERDECK_HOME", str(tmp_path))
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    forget()
    yield tmp_path
    forget()
