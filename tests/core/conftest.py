"""What several tests of the core share; Keras is imported only where a fixture needs it."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.core.installation import built_wheel, installed_command

DEADLY = """
import os, pathlib, signal

import keras

if pathlib.Path({marker!r}).exists():
    os.kill(os.getpid(), signal.SIGKILL)


@keras.saving.register_keras_serializable(package="plugins")
def same(x):
    return x
"""


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """The wheel of the source."""
    return built_wheel(tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def command(wheel, tmp_path_factory):
    """The command of the wheel in a fresh environment."""
    return installed_command(wheel, tmp_path_factory.mktemp("environment"))


@pytest.fixture(scope="session")
def mortal(tmp_path_factory, points):
    """A workspace with a table of points, whose clusters tests kill. It has a plug-in that kills its worker while a
    file `deadly` is there.
    """
    from core.runs import cluster
    from core.tables.sources import TableStore
    from tests.records import with_record
    from tests.waiting import holder

    home = with_record(tmp_path_factory.mktemp("mortal"))
    TableStore(home).keep("points.csv", points.to_csv(index=False).encode())
    (home / "plugins").mkdir()
    (home / "plugins" / "deadly.py").write_text(DEADLY.format(marker=str(home / "deadly")))
    yield home
    if cluster.alive(home):
        os.killpg(holder(home / "cluster.lock"), signal.SIGKILL)


@pytest.fixture(scope="session")
def attached(mortal):
    """A function that gives a warm engine on that workspace: attached to the cluster that is there, or to a new one,
    which may train so many small networks at a time. When the engine leaves, the cluster stays for a minute.
    """
    from core.runs.engine import Engine
    from tests.waiting import holder, until

    @contextmanager
    def attach(workers: int = 1) -> Iterator[Engine]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("LAYERDECK_LINGER", "60")
            patch.setenv("LAYERDECK_WORKERS", str(workers))
            engine = Engine(mortal)
            engine.start()
            until(engine.warm.is_set, what="a warm worker")
            if engine.workers() != workers:
                os.kill(holder(mortal / "cluster.lock"), signal.SIGKILL)
                until(lambda: engine.workers() == workers and engine.warm.is_set(), what="another cluster")
            try:
                yield engine
            finally:
                engine.close()

    return attach


@pytest.fixture(scope="session")
def train(points, programs):
    """A function that trains an experiment on `points`. Networks that are alike are compiled once, as in the worker, so
    that the stack of an outcome may be the next training's, too.
    """
    from core.experiment.task import Task
    from core.tables.prepared import prepare
    from core.training.hooks import Hooks
    from core.training.train import learn

    regression = Task("regression", "y")

    def run(experiment, task=regression, kind="number", frame=points, **hooks):
        return learn(experiment, prepare(frame, experiment.data, kind), task, Hooks(**hooks), programs=programs)

    return run
