"""Searches and cross-validations outlive their server, its scheduler and its workers; every process here is a real one
and ends by SIGKILL.
"""

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
from core.runs.repeated_runs import GroupFiles
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
from core.runs.repeated_runs import RepeatedRuns
from core.runs.searches import Budget, Searches
from core.search.space import Space
engine = Engine(Path(sys.argv[1]))
engine.start()
searches = Searches(engine)
searches.attend()
base, space, (trials, sampler, pruner) = read(sys.argv[2]), Space.read(sys.argv[3]), sys.argv[4:]
for line in sys.stdin:
    if line == "folds\\n":
        begun = RepeatedRuns(engine).start(base, folds=2)
    else:
        begun = searches.start(base, space, Budget(int(trials)), "mae", sampler, pruner, seeds=1, finalist_seeds=1)
    print(begun, flush=True)
"""


@pytest.fixture
def workers(request):
    """How many small networks train at a time."""
    return request.param


@pytest.fixture
def home(attached, workers):
    """A workspace whose cluster trains so many trials at a time."""
    with attached(workers) as engine:
        return engine.workspace


@pytest.fixture
def server(home, workers, points_table, experiment_of, monkeypatch):
    """A function that starts a server on the workspace, which begins a search of so many trials, or a cross-validation,
    as it is told; the process. Where several trials train at a time the next one's values follow from chance alone, for
    which of them ends first does.
    """
    monkeypatch.setenv("LAYERDECK_LINGER", "2")
    monkeypatch.setenv("LAYERDECK_WORKERS", str(workers))
    base = experiment_of(table=points_table, epochs=8, seed=7)
    method = ["tpe", "median"] if workers == 1 else ["random", "none"]
    started = []

    def start(trials: int) -> subprocess.Popen:
        arguments = [str(home), base.text(), json.dumps(SPACE.value()), str(trials), *method]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        root = Path(__file__).parents[2]
        started.append(subprocess.Popen([sys.executable, "-c", SERVER, *arguments], cwd=root, text=True, **pipes))
        return started[-1]

    yield start
    for process in started:
        with process:  # Closes its pipes, and waits for its end.
            process.kill()
    until(lambda: not cluster.alive(home))  # It ends by itself.


def begin(process: subprocess.Popen, what: str) -> str:
    """Has a server begin a "search" or a cross-validation, "folds"; its id."""
    process.stdin.write(f"{what}\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


def workers_of(home: Path) -> list[psutil.Process]:
    """The workers' processes, while there are any."""
    if not cluster.alive(home) or not (scheduler := holder(home / "cluster.lock")):
        return []
    try:
        servers = [one for one in psutil.Process(scheduler).children() if "forkserver" in " ".join(one.cmdline())]
        return [worker for one in servers for worker in one.children()]
    except psutil.NoSuchProcess:
        return []


def kill(part: str, home: Path, process: subprocess.Popen, draw: random.Random) -> None:
    """Ends one of the workers, the scheduler or the server by SIGKILL, whatever it does at this moment."""
    if part == "server":
        process.kill()
        process.wait()
    elif part == "scheduler":
        os.kill(until(lambda: cluster.alive(home) and holder(home / "cluster.lock")), signal.SIGKILL)
    else:
        draw.choice(until(lambda: workers_of(home))).kill()


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


def folds_of(home: Path, group: str) -> list[LiveRun]:
    """The runs of a cross-validation, as they stand."""
    return [LiveRun.of(Journal(home, one.run)) for one in GroupFiles(home).find(group).runs]


@pytest.mark.parametrize(
    ("workers", "trials", "kills", "seed"),
    [
        (2, 4, 1, 1),
        *(pytest.param(workers, 16, 4, seed, marks=pytest.mark.soak) for workers in (1, 2) for seed in range(4)),
    ],
    ids=[
        "once each, two at a time",
        *(f"four times each, {workers} at a time, {seed}" for workers in (1, 2) for seed in range(4)),
    ],
    indirect=["workers"],
)
def test_kills_of_worker_scheduler_and_server_change_nothing_of_a_search_and_its_folds(
    server, home, trials, kills, seed
):
    folders, records = known(home)
    draw, pause = random.Random(seed), threading.Event()
    parts = ["worker", "scheduler", "server"] * kills
    draw.shuffle(parts)
    process = server(trials)
    folder, group = SearchFolder(home, begin(process, "search")), begin(process, "folds")
    for part in parts:
        told = len(folder.told().trials)
        until(
            lambda told=told: len(folder.told().trials) > told or folder.over(), what=f"a trial to kill the {part} in"
        )
        pause.wait(draw.uniform(0, 1))  # Any moment: while it is submitted, prepared, compiled, trained, scored.
        kill(part, home, process, draw)
        if part == "server":
            process = server(trials)
    until(lambda: folder.over() and all(run.over for run in folds_of(home, group)), 400, "the end of the search")
    undisturbed, same = SearchFolder(home, begin(process, "search")), begin(process, "folds")
    until(lambda: undisturbed.over() and all(run.over for run in folds_of(home, same)), 200, "what nobody kills")
    assert folder.told().state == undisturbed.told().state == "finished"
    assert described(folder) == described(undisturbed)
    again, same_again = folder.planned_finalists(), undisturbed.planned_finalists()
    assert (again["seeds"], again["validation"]) == (same_again["seeds"], same_again["validation"])
    ours, theirs = folder.planned(), undisturbed.planned()
    assert (ours["validation"], ours["test"]) == (theirs["validation"], theirs["test"])
    folds, others = folds_of(home, group), folds_of(home, same)
    assert [(run.state, run.best, run.rows) for run in folds] == [(run.state, run.best, run.rows) for run in others]
    assert {run.state for run in folds} == {"finished"}
    runs = [
        *(
            run
            for search, plan, of_finalists in ((folder, ours, again), (undisturbed, theirs, same_again))
            for run in (
                *(one["run"] for one in search.told().trials.values()),
                *(run for one in (plan, of_finalists) for of in one["runs"].values() for run in of),
            )
        ),
        *(run.id for run in (*folds, *others)),
    ]
    assert len(set(runs)) == len(runs)
    # Nothing twice, also in the record.
    assert known(home) == (folders | set(runs), sorted([*records, *runs]))
    for run in runs:
        rows = LiveRun.of(Journal(home, run)).rows
        assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
        assert Store(home).last_epoch(run) == len(rows)
