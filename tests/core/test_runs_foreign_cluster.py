"""A cluster that someone else runs, which DASK_SCHEDULER_ADDRESS names: it serves whatever workspace an app has."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from core.runs import cluster
from core.runs.engine import Engine
from core.runs.worker_client import NotReady
from core.tables.sources import TableStore
from tests.records import with_record
from tests.waiting import until

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
# `dask scheduler` and two of `dask worker`, forked from one process: it has imported for both of them what they need.
THEIRS = """
import os, signal, sys
from dask.cli import cli, run_cli
sys.path.insert(0, sys.argv[1])
file = sys.argv[2]


def start(*arguments):
    if os.fork() == 0:
        sys.argv = ["dask", *arguments, "--scheduler-file", file, "--no-dashboard"]
        run_cli()
        os._exit(0)


start("scheduler", "--host", "127.0.0.1", "--port", "0")
import core.runs.run_training, core.training.train
sys.stdin.readline()
for _ in range(2):
    start("worker", "--nthreads", "4", "--resources", "train=1", "--no-nanny")
signal.pause()
"""


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    """The address of a Dask cluster with two workers, in a folder of its own."""
    folder = tmp_path_factory.mktemp("theirs")
    file = folder / "theirs.json"
    quiet = {"stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    command = [sys.executable, "-c", THEIRS, str(ROOT), str(file)]
    with subprocess.Popen(command, cwd=folder, start_new_session=True, text=True, **quiet) as process:
        try:
            address = until(lambda: address_in(file), what="a scheduler")
            process.stdin.write("\n")  # Its workers read the file.
            process.stdin.flush()
            yield address
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def address_in(file: Path) -> str:
    """The address in a scheduler file, once it is written."""
    try:
        return json.loads(file.read_text())["address"]
    except (FileNotFoundError, ValueError):
        return ""


@pytest.fixture
def engine(tmp_path, points, theirs, monkeypatch):
    """An engine on a workspace of its own with a table of points; the test starts it."""
    TableStore(with_record(tmp_path)).keep("points.csv", points.to_csv(index=False).encode())
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", theirs)
    engine = Engine(tmp_path)
    yield engine
    for run in engine.active():
        engine.stop(run.id)
    until(lambda: not engine.active())
    engine.close()


def test_a_cluster_of_other_peoples_is_used_where_it_is_named(engine, points_table, experiment_of):
    engine.start()
    # Dask gives a run to one of the workers that are there when it is submitted.
    until(lambda: engine.warm.is_set() and engine.workers() == 2, what="two workers")
    runs = [engine.submit(experiment_of(table=points_table, epochs=100_000, seed=seed)) for seed in (1, 2)]
    until(lambda: all(engine.snapshot(run)["epoch"] > 5 for run in runs))  # Side by side: one on each worker.
    assert not cluster.alive(engine.workspace)
    for run in runs:
        engine.stop(run)
    until(lambda: [engine.run(run).state for run in runs] == ["stopped", "stopped"])
    assert len(engine.predict(runs[0], pd.DataFrame({"x0": [0.5], "x1": [0.5]}))) == 1


def test_the_app_starts_with_a_damaged_record_says_so_and_goes_on_when_it_is_mended(
    engine, points_table, experiment_of
):
    home = engine.workspace
    (home / "mlflow.db").write_bytes(b"these are no runs " * 1000)
    engine.start()
    until(lambda: engine.warm.is_set() or engine.trouble)
    assert engine.trouble == ""
    with pytest.raises(NotReady, match=r"is damaged \(file is not a database\)"):
        engine.store()
    with pytest.raises(NotReady, match="or move it away: then a new one is created"):
        engine.submit(experiment_of(table=points_table, epochs=3))
    assert engine.active() == []
    (home / "mlflow.db").rename(home / "damaged.db")

    def submitted() -> str:
        try:
            return engine.submit(experiment_of(table=points_table, epochs=3))
        except NotReady:
            return ""

    run_id = until(submitted)
    assert until(lambda: found if (found := engine.run(run_id)).over else None).state == "finished"
    assert [record.id for record in engine.store().records()] == [run_id]
