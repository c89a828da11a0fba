"""Searches outlive their server, its scheduler and its worker; every process here is a real one and ends by SIGKILL."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from core.runs import cluster
from core.runs.journal import Journal
from core.runs.mlflow_store import Store
from core.runs.run_state import LiveRun
from core.runs.search_files import SearchFolder
from core.search.space import Space
from tests.waiting import holder, until

pytestmark = pytest.mark.slow
# Networks of two shapes: each is compiled once.
SPACE = Space.read(
    {
        "compile.optimizer.learning_rate": {"low": 1e-6, "high": 0.1, "log": True},
        "layers.0.units": {"choices": [8, 12]},
    }
)
SERVER = """
import sys
from pathlib import Path
from core.experiment.spec import read
from core.runs.engine import Engine
from core.runs.searches import Budget, Searches
from core.search.space import Space
engine = Engine(Path(sys.argv[1]))
engine.start()
searches = Searches(engine)
searches.attend()
for _ in sys.stdin:
    trials = int(sys.argv[4])
    print(searches.start(read(sys.argv[2]), Space.read(sys.argv[3]), Budget(trials), "mae", seeds=1), flush=True)
"""


@pytest.fixture
def home(attached):
    """A workspace whose cluster trains one trial at a time."""
    with attached() as engine:
        return engine.workspace


@pytest.fixture
def server(home, points_table, experiment_of, monkeypatch):
    """A function that starts a server on the workspace, which begins a search of so many trials for each line that it
    is sent; the process.
    """
    monkeypatch.setenv("LAYERDECK_LINGER", "2")
    base = experiment_of(table=points_table, epochs=8, seed=7)
    started = []

    def start(trials: int) -> subprocess.Popen:
        arguments = [str(home), base.text(), json.dumps(SPACE.value()), str(trials)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        root = Path(__file__).parents[2]
        started.append(subprocess.Popen([sys.executable, "-c", SERVER, *arguments], cwd=root, text=True, **pipes))
        return started[-1]

    yield start
    for process in started:
        with process:  # Closes its pipes, and waits for its end.
            process.kill()
    until(lambda: not cluster.alive(home))  # It ends by itself.


def begin(process: subprocess.Popen, home: Path) -> SearchFolder:
    """Has a server begin a search."""
    process.stdin.write("\n")
    process.stdin.flush()
    return SearchFolder(home, process.stdout.readline().strip())


def worker_of(home: Path) -> psutil.Process | None:
    """The worker's process, while there is one."""
    if not cluster.alive(home) or not (scheduler := holder(home / "cluster.lock")):
        return None
    try:
        servers = [one for one in psutil.Process(scheduler).children() if "forkserver" in " ".join(one.cmdline())]
        return next((worker for one in servers for worker in one.children()), None)
    except psutil.NoSuchProcess:
        return None


def kill(part: str, home: Path, process: subprocess.Popen) -> None:
    """Ends a worker, the scheduler or the server by SIGKILL, whatever it does at this moment."""
    if part == "server":
        process.kill()
        process.wait()
    elif part == "scheduler":
        os.kill(until(lambda: cluster.alive(home) and holder(home / "cluster.lock")), signal.SIGKILL)
    else:
        until(lambda: worker_of(home)).kill()


def described(folder: SearchFolder) -> list[tuple]:
    """What must not depend on kills: of a trial that is pruned not the epoch that it has reached when it ends."""
    told = folder.told()
    ended = [(number, told.trials[number]["values"], one) for number, one in sorted(told.ended.items())]
    return [
        (number, values, one["pruned"], one["scores"], None if one["pruned"] else (one["state"], one["best"]))
        for number, values, one in ended
    ]


def known(home: Path) -> tuple[set[str], list[str]]:
    """The runs that have a folder, and those of the record of runs."""
    return {one.name for one in (home / "runs").glob("*")}, sorted(record.id for record in Store(home).records())


@pytest.mark.parametrize(
    ("trials", "kills", "seed"),
    [(4, 1, 1), *(pytest.param(16, 4, seed, marks=pytest.mark.soak) for seed in range(4))],
    ids=["once each", *(f"four times each, {seed}" for seed in range(4))],
)
def test_kills_of_worker_scheduler_and_server_change_nothing_of_a_search(server, home, trials, kills, seed):
    folders, records = known(home)
    draw, pause = random.Random(seed), threading.Event()
    parts = ["worker", "scheduler", "server"] * kills
    draw.shuffle(parts)
    process = server(trials)
    folder = begin(process, home)
    for part in parts:
        told = len(folder.told().trials)
        until(
            lambda told=told: len(folder.told().trials) > told or folder.over(), what=f"a trial to kill the {part} in"
        )
        pause.wait(draw.uniform(0, 1))  # Any moment: while it is submitted, prepared, compiled, trained, scored.
        kill(part, home, process)
        if part == "server":
            process = server(trials)
    until(folder.over, 400, "the end of the search")
    undisturbed = begin(process, home)
    until(undisturbed.over, 200, "the end of a search that nobody kills")
    assert folder.told().state == undisturbed.told().state == "finished"
    assert described(folder) == described(undisturbed)
    ours, theirs = folder.planned(), undisturbed.planned()
    assert (ours["validation"], ours["test"]) == (theirs["validation"], theirs["test"])
    runs = [
        run
        for search, plan in ((folder, ours), (undisturbed, theirs))
        for run in (
            *(one["run"] for one in search.told().trials.values()),
            *(run for of in plan["runs"].values() for run in of),
        )
    ]
    assert len(set(runs)) == len(runs)
    # Nothing twice, also in the record.
    assert known(home) == (folders | set(runs), sorted([*records, *runs]))
    for run in runs:
        rows = LiveRun.of(Journal(home, run)).rows
        assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
