"""Of another Keras, which has none of the private parts that are used, the numbers are the same; the log says so."""

import random
import threading

import keras
import numpy as np
import pytest

from core.experiment.task import Task
from core.inspect.graph import walked
from core.model import keras_internals
from core.model.matrices import TableMatrices
from core.tables.prepared import prepare
from core.training.hooks import Hooks
from core.training.train import learn

pytestmark = pytest.mark.slow
PARTS = (
    "python_random",
    "DataAdapter",
    "_symbolic_build",
    "handle",
    "_get_metrics_result_or_logs",
    "_is_improvement",
)


@pytest.fixture
def without_parts(monkeypatch):
    """A function after which Keras has none of the parts: each look-up of `keras_internals` finds None."""

    def take_away() -> None:
        keras_internals._warn.cache_clear()
        monkeypatch.setattr(keras_internals, "getattr", lambda *_: None, raising=False)

    yield take_away
    keras_internals._warn.cache_clear()


def test_a_training_without_private_parts_gives_the_same_numbers(points, experiment_of, without_parts, caplog):
    layers = [
        {"layer": "Dense", "units": 6, "activation": "relu"},
        {"layer": "Dropout", "rate": 0.2},
        {"layer": "Dense", "units": 1},
    ]
    stopping = {"class": "EarlyStopping", "patience": 2, "restore_best_weights": True}
    optimizer = {"class": "Adam", "learning_rate": 0.05, "use_ema": True}
    experiment = experiment_of(layers=layers, optimizer=optimizer, epochs=6, callbacks=[stopping])
    ready, task = TableMatrices(prepare(points, experiment.data, "number")), Task("regression", "y")
    usual = learn(experiment, ready, task, Hooks())
    weights = usual.stack.get_weights()
    assert not [record for record in caplog.records if record.name == keras_internals.__name__]
    without_parts()
    plain = learn(experiment, ready, task, Hooks())
    assert plain.history == usual.history
    assert plain.scores == usual.scores
    assert all(np.array_equal(*pair) for pair in zip(plain.stack.get_weights(), weights, strict=True))
    said = [record.getMessage() for record in caplog.records if record.name == keras_internals.__name__]
    for part in PARTS:
        (line,) = [line for line in said if f"has no {part} of" in line]
        assert "tried: 3.15" in line


def test_layers_have_the_same_seeds_whatever_other_threads_draw_meanwhile(without_parts):
    def seeds(between) -> list[int]:
        found = []
        with keras_internals.layer_seeds(random.Random(7)):
            for _ in range(3):
                found.append(keras.initializers.GlorotUniform().seed)
                between()
        return found

    def another_thread_draws() -> None:
        thread = threading.Thread(target=lambda: [random.random(), random.randint(0, 9), random.choice("abc")])
        thread.start()
        thread.join()

    usual = seeds(lambda: None)
    assert len(set(usual)) == 3
    without_parts()
    before = random.getstate()
    assert seeds(lambda: None) == usual
    assert random.getstate() == before  # Nobody else's numbers are drawn.
    assert seeds(another_thread_draws) == usual
    assert random.getstate() != before


def test_a_model_without_nodes_is_one_step_that_only_keras_computes(without_parts):
    given = keras.Input((2,), name="x")
    model = keras.Model(given, keras.layers.Dense(1)(given))
    assert "unknown" not in {step.do for step in walked(model)[0]}
    without_parts()
    steps, outputs = walked(model)
    assert [step.do for step in steps] == ["input", "unknown"]
    assert outputs == {"": 1}
