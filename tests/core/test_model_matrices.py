"""A table is made ready once: the next training on the same data begins with it, and computes the same."""

import pytest

from core.experiment.task import Task
from core.model.matrices import Made, Ready
from core.tables.prepared import prepare
from core.training.hooks import Hooks
from core.training.train import learn

pytestmark = pytest.mark.slow
TASK = Task("regression", "y")
FEATURES = {"x0": "number", "x1": "number", "w": "category"}


@pytest.fixture
def reading(points):
    """A function that prepares an experiment's data, and the list of how often it did."""
    done = []

    def of(experiment):
        return lambda: (done.append(1), prepare(points, experiment.data, "number"))[1]

    return of, done


def test_the_second_training_starts_from_what_the_first_one_made(reading, experiment_of):
    of, done = reading
    ready, embedding = Ready(), [{"layer": "Embedding", "output_dim": 2}, {"layer": "Dense", "units": 1}]
    for changes in ({}, {"seed": 3, "epochs": 2}, {"layers": embedding}, {"layers": embedding, "loss": "Huber"}):
        experiment = experiment_of(features=FEATURES, **changes)
        kept = learn(experiment, ready.of(experiment.data, of(experiment)), TASK, Hooks())
        alone = learn(experiment, of(experiment)(), TASK, Hooks())
        assert (kept.history, kept.scores, kept.baselines) == (alone.history, alone.scores, alone.baselines)
    assert len(done) == 1 + 4  # Once for all kept ones, and once for each that stood alone.


def test_other_data_is_made_ready_anew(reading, experiment_of):
    of, done = reading
    ready = Ready()
    first, other = experiment_of(), experiment_of(features={"x0": "number"})
    made = ready.of(first.data, of(first))
    assert ready.of(other.data, of(other)) is not made
    assert ready.of(first.data, of(first)) is made
    assert len(done) == 2


def test_what_finds_no_room_is_not_kept(reading, experiment_of):
    of, done = reading
    experiment = experiment_of()
    room = Made(of(experiment)()).size
    assert room == 2 * 120 * 8  # Two features of 120 float64.
    for ready, times in ((Ready(most=room), 1), (Ready(most=room - 1), 2)):
        done.clear()
        for _ in range(2):
            ready.of(experiment.data, of(experiment))
        assert len(done) == times
