"""Situations that many tests start from."""

import gc
import os
import re
import sys
from collections.abc import Generator
from functools import partial
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # Before anything imports TensorFlow.
os.environ.setdefault("LAYERDECK_LINGER", "1")  # Clusters end soon after the engine that started them.
# One worker does all: a second one costs its start, and few tests need it.
os.environ.setdefault("LAYERDECK_WORKERS", "1")
# Compiling is most of what the tests compute: XLA compiles in half the time without its MLIR emitters and without
# optimizing, and in four fifths of that where it does not cut a program into parts for many cores. Each process of the
# tests does so; `make soak` holds the parity of programs with XLA as it is shipped.
os.environ.setdefault(
    "XLA_FLAGS",
    "--xla_cpu_use_fusion_emitters=false --xla_backend_optimization_level=0 --xla_cpu_parallel_codegen_split_count=1",
)
# Several processes compute beside each other, and their networks are small: more threads each only wait for each other.
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
import pytest

from core.catalog.callbacks import CALLBACKS
from core.catalog.layer_parts import ACTIVATIONS
from core.catalog.layers import LAYERS
from core.catalog.losses import LOSSES
from core.catalog.metrics import METRICS
from core.experiment.spec import Experiment, read
from core.tables.reader_fork_server import FORK_SERVER
from tests.records import with_record
from tests.waiting import until

QUICK = "not browser and not slow and not soak"  # What `make check` runs.


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """The quick tests (make check) do without the files that say of themselves that all of theirs are slow: these
    import TensorFlow.
    """
    if config.option.markexpr != QUICK or not collection_path.name.startswith("test_"):
        return None
    said = r"^pytestmark = (pytest\.mark\.slow$|\[[^\]]*\bmark\.slow\b)"
    return bool(re.search(said, collection_path.read_text(), re.MULTILINE)) or None


# Of two processes that share the tests one begins with those of the browser, which wait more than they work, and one
# with those that compute: two Chromiums beside clusters are more than two cores carry within the tests' limits. After
# them the files that take longest come first, so that both processes end at about the same time.
_LONG = (
    "browser",
    "test_runs_cluster",
    "test_program",
    "test_runs_foreign_cluster",
    "test_runs_engine",
    "test_advice_helps",
    "test_blocks",
    "test_lessons",
    "test_headless",
    "test_training_streaming",
    "test_training",
    "test_epochs",
    "test_defaults",
    "test_borders",
    "test_splits_trained",
    "test_catalog_layers",
    "test_catalog_training",
    "test_examples",
    "test_inspect_nan_cause",
    "test_loss_landscape",
    "test_runs_database",
    "test_training_programs",
)
# Files that share a process, in this order: those that share the engine and its cluster; those of the workspace whose
# clusters are killed, where what one file leaves alive serves the next; those that share the syntax of all sources;
# those of an installation; and those whose programs a clean interpreter runs, which imports TensorFlow once for all.
_TOGETHER = (
    ("test_runs_engine", "test_runs_race", "test_runs_loss_landscape", "test_runs_search", "test_server"),
    ("test_runs_cluster", "test_training_workers", "test_search_kills"),
    ("test_private_parts", "test_names"),
    ("test_headless", "test_command"),
    (
        *("test_program", "test_downloads", "test_runs_travel", "test_plugins", "test_plugins_installed"),
        *("test_run_settings", "test_recalibration", "test_model_predictor"),
    ),
)


def _files(path: Path) -> tuple[str, ...]:
    """The files of a test's group."""
    return next((files for files in _TOGETHER if path.stem in files), (path.stem,))


def _group(path: Path) -> str:
    """The tests that share a process: those of a file or some, and all of the browser's, with one server and one
    Chromium.
    """
    return "browser" if "browser" in (path.parent.name, path.parent.parent.name) else _files(path)[0]


def _place(path: Path) -> tuple[int, int]:
    """That of a file's group, and its own in that."""
    group = _group(path)
    within = 0 if group == "browser" else _files(path).index(path.stem)
    return _LONG.index(group) if group in _LONG else len(_LONG), within


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """No garbage is looked for while all files are imported, and what they are made of is never looked through again:
    that is a fifth of the time that collecting the tests takes.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long files come first, and of the others those with slow tests."""
    items.sort(key=lambda item: (_place(item.path), item.get_closest_marker("slow") is None))


def pytest_collection_finish(session: pytest.Session) -> None:
    """To import TensorFlow takes each process longer than most files of quick tests."""
    if session.config.option.markexpr == QUICK and sys.modules.get("tensorflow"):
        raise pytest.UsageError("A file of quick tests imports TensorFlow: its slow tests can do so themselves.")


@pytest.fixture(scope="session", autouse=True)
def _quick_tests_do_without_tensorflow(request):
    """Also what they call: the page's process has none, and to import it takes longer than most files of tests."""
    yield
    if request.config.option.markexpr == QUICK:
        assert not sys.modules.get("tensorflow"), "A quick test imported TensorFlow, or something that it calls did."


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Groups of tests are handed to the processes whole."""
    from xdist.scheduler import LoadScopeScheduling

    class ByGroup(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return _group(Path(nodeid.partition("::")[0]))

    return ByGroup(config, log)


@pytest.fixture(scope="session")
def points() -> pd.DataFrame:
    """120 rows: y = 3 x0 - 2 x1 + a bend, in tens of thousands; a word w and a yes-or-no z that follow
    from x0 and x1.
    """
    draw = np.random.default_rng(0)
    x0, x1 = draw.normal(size=(2, 120))
    return pd.DataFrame(
        {
            "x0": x0,
            "x1": x1,
            "w": np.where(x0 > 0.5, "high", np.where(x0 > -0.5, "middle", "low")),
            "z": np.where(x0 + x1 > 0, "yes", "no"),
            "y": 10_000 * (3 * x0 - 2 * x1 + x0 * x1) + 50_000 + 1000 * draw.normal(size=120),
        }
    )


@pytest.fixture(scope="session")
def experiment_of():
    """A function that makes a small experiment on `points`; its arguments change one thing each."""

    def make(
        target="y",
        features=None,
        layers=None,
        optimizer=None,
        loss="MeanSquaredError",
        metrics=("MeanAbsoluteError", "RootMeanSquaredError"),
        epochs=5,
        batch_size=14,  # It divides the 84 training rows of `points`: no smaller batch is compiled.
        callbacks=(),
        seed=0,
        table="points.csv",
        name="Points",
    ) -> Experiment:
        return read(
            {
                "version": 1,
                "name": name,
                "data": {
                    "table": str(table),
                    "targets": [target],
                    "features": features or {"x0": "number", "x1": "number"},
                },
                "layers": layers
                or [{"layer": "Dense", "units": 8, "activation": "relu"}, {"layer": "Dense", "units": 1}],
                "compile": {
                    "optimizer": optimizer or {"class": "Adam", "learning_rate": 0.02},
                    "loss": loss,
                    "metrics": list(metrics),
                },
                "fit": {"epochs": epochs, "batch_size": batch_size, "callbacks": list(callbacks), "seed": seed},
            }
        )

    return make


@pytest.fixture(scope="session")
def long_table() -> pd.DataFrame:
    """6,000 rows, sorted by x0: what is not mixed shows. Targets y (an amount), z (yes or no), w (three words), some of
    them unknown.
    """
    draw, rows = np.random.default_rng(3), 6000
    x0, x1 = draw.normal(size=(2, rows))
    frame = pd.DataFrame(
        {
            "x0": x0,
            "x1": x1,
            "w": draw.choice(["a", "b", "c"], rows, p=[0.6, 0.3, 0.1]),
            "many": draw.integers(1, 5, rows).astype(float),
            "z": np.where(x0 + x1 > 0, "yes", "no"),
            "part": draw.choice(["train", "validation", "Test "], rows, p=[0.6, 0.2, 0.2]),
            "day": (pd.Timestamp("2020-01-01") + pd.to_timedelta(draw.integers(0, 900, rows), unit="D")).strftime(
                "%d.%m.%Y"
            ),
            "free": [f"row {number} of the table, in words" for number in range(rows)],
        }
    )
    frame["y"] = 1000 * (3 * x0 - 2 * x1 + x0 * x1 + 2 * (frame["w"] == "b")) + 5000 + 100 * draw.normal(size=rows)
    frame = frame.sort_values("x0", ignore_index=True)
    frame.loc[5::50, "y"] = None
    frame.loc[::40, "x1"] = None
    frame.loc[7::90, "z"] = None
    return frame


@pytest.fixture(scope="session")
def long_file(long_table, tmp_path_factory):
    """The rows as a Parquet file of 12 row groups."""
    path = tmp_path_factory.mktemp("long") / "long.parquet"
    long_table.to_parquet(path, index=False, row_group_size=500)
    return path


@pytest.fixture(scope="session")
def fork_server():
    """The process that readers of uploads are forked from, kept from test to test: each reader that is closed would end
    it, were nobody else to need it.
    """
    FORK_SERVER.join()
    yield FORK_SERVER
    FORK_SERVER.leave()


@pytest.fixture
def catalog():
    """The catalog, as before when the test is over: plug-ins may join it meanwhile."""
    families = (LAYERS, ACTIVATIONS, LOSSES, METRICS, CALLBACKS)
    kept = [dict(family) for family in families]
    yield
    for family, before in zip(families, kept, strict=True):
        family.clear()
        family.update(before)


@pytest.fixture(scope="session")
def workspace(tmp_path_factory):
    """A workspace that the tests of runs share; its name has a blank, as people's folders have."""
    return with_record(tmp_path_factory.mktemp("our workspace"))


@pytest.fixture(scope="session")
def store(workspace):
    """The workspace's record of runs, in a SQLite file."""
    from core.runs.mlflow_store import Store

    return Store(workspace)


@pytest.fixture(scope="session")
def points_table(workspace, points):
    """The ref under which the workspace keeps `points`."""
    from core.tables.sources import TableStore

    return TableStore(workspace).keep("points.csv", points.to_csv(index=False).encode()).ref


@pytest.fixture(scope="session")
def programs():
    """The compiled programs of this process's trainings. Runs that the tests train find them, too, as a worker's do:
    networks that are alike are compiled once.
    """
    from core.training import compiled_pool, worker_pools

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled_pool, "_MOST", 100)
        shared = compiled_pool.Programs()
        patch.setattr(worker_pools, "Warm", partial(worker_pools.Warm, programs=shared))
        yield shared


@pytest.fixture(scope="session")
def kept(workspace, store, points_table, experiment_of, programs):  # noqa: ARG001
    """A run as an earlier process left it: its result, what it said, and the experiment."""
    from core.runs.journal import Journal
    from core.runs.run_training import run
    from core.tables.situation import Tables
    from core.tables.sources import TableStore

    said = []
    experiment = experiment_of(
        table=points_table,
        features={"x0": "number", "x1": "number", "w": "category"},
        epochs=8,
        name="Kept",
        layers=None,
    )
    journal = Journal(workspace, "0123456789ab")
    journal.begin(experiment.text())
    result = run(journal, Tables(TableStore(workspace)), store, said.append)
    return result, said, experiment


LEFT = "00000000dead"  # A run that an earlier worker left unfinished.


@pytest.fixture(scope="session")
def engine(workspace, store, kept, experiment_of):
    """A warm engine, with one cluster for all tests that leave its scheduler alone, on the workspace in which an
    earlier process kept one run and left another unfinished.
    """
    from core.runs.engine import Engine
    from core.runs.journal import Journal

    assert kept
    Journal(workspace, LEFT).begin(experiment_of(name="Left").text())
    store.begin(LEFT, experiment_of(name="Left"))
    engine = Engine(workspace)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAYERDECK_LINGER", "0.5")
        engine.start()
        until(lambda: engine.warm.is_set() or engine.trouble)
    assert engine.trouble == ""
    yield engine
    engine.close()
