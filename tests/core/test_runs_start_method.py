"""How processes of a cluster are started."""

import os
import subprocess
import sys

import pytest

from core.runs import cluster


def test_a_start_method_that_is_none_is_not_taken(monkeypatch):
    for named in ("", "fork", "nonsense"):
        monkeypatch.setenv("LAYERDECK_START_METHOD", named)
        assert cluster.start_method() == ("forkserver" if sys.platform == "linux" else "spawn")


def test_a_cluster_is_no_part_of_the_group_of_the_app_that_starts_it():
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, **cluster.own_group())
    try:
        assert os.getpgid(process.pid) == process.pid != os.getpgid(0)
    finally:
        process.communicate(b"\n")


@pytest.mark.slow
def test_the_fork_server_collects_no_garbage_while_it_imports_and_leaves_out_what_it_has_imported():
    first, *imported, last = cluster._IMPORTED
    assert "core.training.train" in imported
    # pandas alone is more than 50,000 objects; of 700 new ones the youngest would be looked through.
    seen = f"""
import gc, {first}
before = gc.get_stats()
import pandas
print(gc.get_stats() == before, gc.isenabled())
import {last}
print(gc.get_freeze_count() > 50_000, gc.isenabled())
"""
    said = subprocess.check_output([sys.executable, "-c", seen], text=True).split()
    assert said == ["True", "False", "True", "True"]


@pytest.mark.slow
def test_a_scheduler_does_without_pandas_until_its_workers_start():
    parts = ", ".join(f"core.runs.{part}" for part in ("private_cluster", "training_queue", "worker_pool"))
    seen = f"import sys, {parts}; print([name in sys.modules for name in ('numpy', 'pandas')])"
    assert subprocess.check_output([sys.executable, "-c", seen], text=True) == "[True, False]\n"
