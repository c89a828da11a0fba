"""What all visitors share is made once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from dashboard import services


@pytest.mark.parametrize("shared", ["engine", "tables"])
def test_visitors_who_ask_in_the_same_moment_share_one(monkeypatch, tmp_path, shared):
    monkeypatch.setenv("LAYERDECK_HOME", str(tmp_path))
    make = getattr(services, f"_{shared}")
    make.cache_clear()
    together = threading.Barrier(8)

    def ask(_: int) -> object:
        together.wait(10)
        return getattr(services, shared)()

    with ThreadPoolExecutor(8) as visitors:
        assert len({id(one) for one in visitors.map(ask, range(8))}) == 1
    make.cache_clear()
