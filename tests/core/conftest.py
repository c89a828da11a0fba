"""What several tests of the core share; Keras is imported only where a fixture needs it."""

import pytest


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
