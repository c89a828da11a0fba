"""What several tests of the core share; Keras is imported only where a fixture needs it."""

import pytest

LEFT = "00000000dead"  # A run that an earlier worker left unfinished.


@pytest.fixture(scope="session")
def engine(workspace, store, kept, experiment_of):
    """A warm engine, with one cluster for all tests that leave its scheduler alone, on the workspace in which an
    earlier process kept one run and left another unfinished.
    """
    from core.runs.engine import Engine
    from core.runs.journal import Journal
    from tests.waiting import until

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


@pytest.fixture(scope="session")
def train(points):
    """A function that trains an experiment on `points`. Networks that are alike are compiled once, as in the worker, so
    that the stack of an outcome may be the next training's, too.
    """
    from core.experiment.task import Task
    from core.tables.prepared import prepare
    from core.training.compiled_pool import Programs
    from core.training.hooks import Hooks
    from core.training.train import learn

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.training.compiled_pool._MOST", 100)
        programs = Programs()
    regression = Task("regression", "y")

    def run(experiment, task=regression, kind="number", frame=points, **hooks):
        return learn(experiment, prepare(frame, experiment.data, kind), task, Hooks(**hooks), programs=programs)

    return run
