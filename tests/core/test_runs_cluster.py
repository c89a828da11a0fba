"""Trainings outlive the app, its scheduler and their workers; every process here is a real one and ends by SIGKILL."""

import io
import os
import random
import signal
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import psutil
import pytest

from core import library_parts
from core.catalog.plugins import register
from core.experiment.spec import Experiment
from core.model.weight_history import epoch_weights
from core.runs import cluster
from core.runs.engine import Engine
from core.runs.journal import Journal, Progress
from core.runs.worker_client import GivenUp
from core.tables.sources import TableStore
from tests.waiting import holder, until
from tests.without_parts import NoParts

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
APP = """
import sys
from pathlib import Path
from core.experiment.spec import read
from core.runs.worker_client import GivenUp
from core.runs.engine import Engine
engine = Engine(Path(sys.argv[1]))
engine.start()
for text in sys.argv[2:]:
    print(engine.submit(read(text)), flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def home(attached):
    """A workspace whose cluster trains one run at a time."""
    with attached() as engine:
        return engine.workspace


@pytest.fixture(autouse=True)
def _short_lived(monkeypatch):
    monkeypatch.setenv("LAYERDECK_LINGER", "2")


@pytest.fixture
def experiment(points_table, experiment_of):
    """A function that makes experiments on it."""
    return lambda **changes: experiment_of(table=points_table, **changes)


@pytest.fixture
def long_experiment(points, experiment_of):
    """A function that makes experiments in a workspace which train long enough to be killed meanwhile: some 30 epochs a
    second, where those of `experiment` train more than 300.
    """
    many = pd.concat([points] * 50).to_csv(index=False).encode()

    def make(home: Path, **changes) -> Experiment:
        return experiment_of(table=TableStore(home).keep("many.csv", many).ref, batch_size=4, **changes)

    return make


@pytest.fixture
def app(home):
    """A function that starts an app which submits experiments; the process and the runs' ids."""
    started = []

    def start(*experiments) -> tuple[subprocess.Popen, list[str]]:
        command = [sys.executable, "-c", APP, str(home), *(one.text() for one in experiments)]
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        started.append(process)
        return process, [process.stdout.readline().strip() for _ in experiments]

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


@pytest.fixture
def shared(attached):
    """A warm engine, whose workers tests may kill."""
    with attached() as engine:
        yield engine


def epoch(home: Path, run: str) -> int:
    """The last epoch that a run told."""
    return Progress(Journal(home, run)).epoch


@pytest.mark.usefixtures("catalog")
def test_a_question_that_kills_its_worker_is_given_up_and_a_training_beside_it_goes_on(
    shared, experiment, points, monkeypatch
):
    engine, home = shared, shared.workspace
    monkeypatch.setenv("LAYERDECK_HOME", str(home))
    assert register(home / "plugins").broken == {}
    layers = [{"layer": "Dense", "units": 1, "activation": "same"}]
    asked = engine.submit(experiment(layers=layers, epochs=2))
    until(lambda: engine.run(asked).over)
    assert engine.run(asked).state == "finished"
    training = engine.submit(experiment(epochs=100_000))
    until(lambda: epoch(home, training) > 5)
    (home / "deadly").touch()
    try:
        start = time.monotonic()
        with pytest.raises(GivenUp, match=r"The worker crashed repeatedly on this request, so it was cancelled"):
            engine.report(asked)
        assert time.monotonic() - start < 60
        then = epoch(home, training)
        until(lambda: epoch(home, training) > then + 5)
        assert engine.run(training).state == "training"
    finally:
        (home / "deadly").unlink()
        engine.stop(training)
    assert len(engine.predict(asked, points.head(1))) == 1
    until(lambda: engine.run(training).over)


@pytest.mark.parametrize(
    ("kills", "epochs"), [(3, 150), pytest.param(20, 1000, marks=pytest.mark.soak)], ids=["3 times", "20 times"]
)
def test_a_worker_that_is_killed_at_random_ends_with_the_same_weights(shared, long_experiment, kills, epochs):
    engine, home = shared, shared.workspace
    draw, pause = random.Random(0), threading.Event()
    layers = [
        {"layer": "Dense", "units": 8, "activation": "relu"},
        {"layer": "Dropout", "rate": 0.1},
        {"layer": "Dense", "units": 1},
    ]
    run, undisturbed = [engine.submit(long_experiment(home, epochs=epochs, layers=layers)) for _ in range(2)]
    until(lambda: engine.snapshot(run)["epoch"] > 20)
    # Any moment: while it starts, imports, prepares or compiles, and now and then while it trains.
    for kill in range(kills):
        if kill % 3 == 2:
            told = epoch(home, run)
            until(lambda told=told: epoch(home, run) > told or engine.run(run).over)
        assert not engine.run(run).over
        pause.wait(draw.uniform(0, 1))
        until(lambda: worker_of(holder(home / "cluster.lock"))).kill()
    until(lambda: engine.run(undisturbed).over)
    assert [engine.run(one).state for one in (run, undisturbed)] == ["finished", "finished"]
    assert engine.run(run).rows == engine.run(undisturbed).rows
    assert [one[0] for one in engine.run(run).rows] == list(range(1, epochs + 1))
    journals = [Journal(home, one) for one in (run, undisturbed)]
    every = list(range(1, epochs + 1))  # None lost and none twice.
    assert journals[0].kept_epochs() == journals[1].kept_epochs() == every
    assert journals[0].weights.stat().st_size == journals[1].weights.stat().st_size
    for at in (1, epochs // 3, epochs * 2 // 3, epochs):
        for mine, theirs in zip(*(epoch_weights(journal.weights, at) for journal in journals), strict=True):
            np.testing.assert_array_equal(mine, theirs)
    assert not journals[0].checkpoint.exists()
    results = [engine.store().value(one, "result.json") for one in (run, undisturbed)]
    assert results[0]["scores"] == results[1]["scores"]
    assert list(results[0]["baselines"]) == ["mean", "linear model", "gradient boosting"]
    assert results[0]["baselines"] == results[1]["baselines"]
    assert engine.snapshot(run)["baselines"] == engine.snapshot(undisturbed)["baselines"]
    models = [
        zipfile.ZipFile(engine.store().path(one, "model.keras")).read("model.weights.h5") for one in (run, undisturbed)
    ]
    assert weights_in(models[0]) == weights_in(models[1])


def worker_of(nanny: int) -> psutil.Process | None:
    """The worker's process, while there is one: forked from the one that has imported what it needs."""
    servers = [one for one in psutil.Process(nanny).children() if "forkserver" in " ".join(one.cmdline())]
    return next((worker for server in servers for worker in server.children()), None)


def weights_in(file: bytes) -> dict[str, bytes]:
    """The arrays of a weights file, by name."""
    found = {}
    with h5py.File(io.BytesIO(file)) as opened:
        opened.visititems(
            lambda name, item: found.update({name: item[()].tobytes()}) if isinstance(item, h5py.Dataset) else None
        )
    assert found
    return found


@pytest.fixture
def _without_parts(tmp_path_factory, monkeypatch):
    """From now on other libraries have no private part that a look-up finds: in this process, and in those it starts,
    which Python has read `sitecustomize.py` for.
    """
    folder = tmp_path_factory.mktemp("without")
    (folder / "sitecustomize.py").write_text(
        f"import sys\nsys.path.append({str(ROOT)!r})\nfrom tests.without_parts import begin\nbegin()\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(folder))
    library_parts._warn.cache_clear()
    monkeypatch.setattr(library_parts, "pkgutil", NoParts)
    yield
    library_parts._warn.cache_clear()


@pytest.mark.usefixtures("_without_parts")
def test_spawned_workers_without_private_parts_of_any_library_give_the_same_numbers(
    tmp_path, monkeypatch, points, shared, experiment, caplog
):
    """As on every system, and with every other version of Keras, Dask and MLflow."""
    layers = [{"layer": "Dense", "units": 6, "activation": "relu"}, {"layer": "Dropout", "rate": 0.2}]
    layers.append({"layer": "Dense", "units": 1})
    stopping = {"class": "EarlyStopping", "patience": 2, "restore_best_weights": True}
    described = experiment(epochs=4, layers=layers, callbacks=[stopping])
    usual = shared.submit(described)
    monkeypatch.setenv("LAYERDECK_START_METHOD", "spawn")
    monkeypatch.setenv("LAYERDECK_LINGER", "0.5")  # Less than its last training takes; the shared engine has set 60.
    assert cluster.start_method() == "spawn"
    TableStore(tmp_path).keep("points.csv", points.to_csv(index=False).encode())
    engine = Engine(tmp_path)  # It makes its record of runs in the plain way.
    try:
        engine.start()
        until(
            engine.warm.is_set
        )  # The plain way to seed layers gives way to other threads that draw, as warming up does.
        run = engine.submit(described)
        until(lambda: engine.snapshot(run)["state"] == "finished", what="a training by a spawned worker")
        until(lambda: shared.run(usual).over)
        for name in ("history.json", "card.json"):
            assert engine.store().value(run, name) == shared.store().value(usual, name)
        results = [one.store().value(key, "result.json") for one, key in ((engine, run), (shared, usual))]
        assert results[0]["scores"] == results[1]["scores"]
        said = (tmp_path / "cluster.log").read_text() + caplog.text
        for part in ("TaskState.suspicious", "start_http_server", "SqlAlchemyStore"):
            assert f"{part} (tried: " in said
        assert "has no DataAdapter of keras.src" in said
        commands = [" ".join(one.cmdline()) for one in psutil.Process(holder(tmp_path / "cluster.lock")).children(True)]
        assert any("spawn_main" in command for command in commands)
        assert not any("forkserver" in command for command in commands)
        left = engine.submit(experiment(epochs=60, layers=layers))
        engine.steer(left, {"do": "speed", "value": 20})  # Epochs a second.
        until(lambda: epoch(tmp_path, left) > 0)
    finally:
        engine.close()
    until(lambda: not cluster.alive(tmp_path))  # When the work that is left is done, the cluster ends.
    assert Journal(tmp_path, left).events().last()["state"] == "finished"
    assert epoch(tmp_path, left) == 60


@pytest.mark.parametrize("visitors", [3, pytest.param(10, marks=pytest.mark.soak)])
def test_trainings_of_many_visitors_finish_in_turn_each_with_its_own_result(shared, experiment, visitors):
    engine, home = shared, shared.workspace
    held = engine.submit(experiment(epochs=100_000))  # So that all of them wait before the first begins.
    until(lambda: engine.snapshot(held)["epoch"] > 0)
    pairs = [(visitor, turn) for visitor in range(visitors) for turn in range(visitors)]
    runs = [
        (visitor, engine.submit(experiment(epochs=1 + turn, seed=visitor), visitor=str(visitor)))
        for visitor, turn in pairs
    ]
    assert [engine.snapshot(run)["ahead"] for _, run in runs[:2]] == [1, 1 + visitors]
    engine.stop(held)
    until(lambda: all(engine.run(run).over for _, run in runs), 300)
    began = sorted((Journal(home, run).events().fresh()[0]["at"], visitor) for visitor, run in runs)
    rounds = [sorted(visitor for _, visitor in began[at : at + visitors]) for at in range(0, visitors**2, visitors)]
    assert rounds == [list(range(visitors))] * visitors
    for visitor in range(visitors):
        mine = [engine.run(run) for owner, run in runs if owner == visitor]
        assert [(run.state, len(run.rows)) for run in mine] == [("finished", 1 + turn) for turn in range(visitors)]
        assert len({tuple(run.rows[0]) for run in mine}) == 1  # The same seed begins alike...
    assert len({tuple(engine.run(run).rows[0]) for _, run in runs}) == visitors  # ...and another one does not.


@pytest.mark.parametrize("trainings", [9, pytest.param(600, marks=pytest.mark.soak)])
def test_trainings_one_after_another_leave_nothing_in_the_workers_memory(shared, experiment, trainings):
    """The long trial takes about ten minutes."""
    sizes = []
    for seed in range(trainings):
        run = shared.submit(experiment(epochs=20, seed=seed))
        until(lambda run=run: shared.run(run).over)
        sizes.append(worker_of(holder(shared.workspace / "cluster.lock")).memory_info().rss / 1e6)
    third = trainings // 3
    middle, last = np.mean(sizes[third : 2 * third]), np.mean(sizes[-third:])
    assert last - middle < 20 + 0.1 * third, sizes


def test_a_run_goes_on_when_the_app_is_killed_and_by_one_click_when_everything_was(
    home, app, attached, experiment, long_experiment
):
    long = [long_experiment(home, epochs=epochs, seed=seed) for epochs, seed in ((60, 3), (20, 4), (60, 3))]
    first, (going, run, waiting, undisturbed) = app(experiment(epochs=100_000), *long)
    until(lambda: epoch(home, going) > 20)
    first.kill()
    first.wait()
    then = epoch(home, going)
    until(lambda: epoch(home, going) > then + 20)
    # The next app shows it moving.
    with attached() as engine:
        assert [one.id for one in engine.active()] == [going, run, waiting, undisturbed]
        seen = engine.snapshot(going)
        assert (seen["state"], seen["rows"][0][0]) == ("training", 1)
        until(lambda: engine.snapshot(going)["epoch"] > seen["epoch"])
        engine.stop(going)
        until(lambda: engine.run(going).state == "stopped")
    # Without an app the work that is left is done.
    until(lambda: epoch(home, run) > 15)
    os.killpg(os.getpgid(holder(home / "cluster.lock")), signal.SIGKILL)
    until(lambda: not Journal(home, run).worked_on())
    with attached(workers=2) as last:  # The tests of several workers go on with that cluster.
        # Once the record of runs was asked whether they had ended.
        until(lambda: [last.snapshot(one)["state"] for one in (run, waiting)] == ["interrupted", "interrupted"])
        assert last.active() == []
        # In the record of runs, too, also those that had not begun.
        expected = {going: "stopped", **dict.fromkeys((run, waiting, undisturbed), "interrupted")}
        until(lambda: {one.id: one.state for one in last.store().records() if one.id in expected} == expected)
        for one in (run, undisturbed, waiting):
            last.resume(one)
        until(lambda: all(last.run(one).over for one in (run, waiting, undisturbed)))
        assert [last.run(one).state for one in (run, waiting, undisturbed)] == ["finished"] * 3
        assert last.run(run).rows == last.run(undisturbed).rows
        assert [one[0] for one in last.run(run).rows] == list(range(1, 61))
        assert [one[0] for one in last.run(waiting).rows] == list(range(1, 21))
        scores = [last.store().value(one, "result.json")["scores"] for one in (run, undisturbed)]
        assert scores[0] == scores[1]
