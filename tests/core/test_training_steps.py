"""A learning rate that falls over the whole training: its steps follow epochs, rows and batch size, wherever they are
needed.
"""

import ast

import pytest

from core.catalog.schedules import cosine_decay, over_the_whole, rate_at, spread_over
from core.experiment.columns import Column, TableInfo, TableProfile
from core.experiment.fork import fork
from core.experiment.spec import read
from core.experiment.task import Situation, Task
from core.experiment.training_steps import resolved, training_steps
from core.keras_code.parse import stack_of
from core.keras_code.script import program
from core.runs.commands import check_order

WARM = {**cosine_decay(0.001), "warmup_target": 0.01, "warmup_steps": 30}
INFO = TableInfo(ref="file:x", name="points.csv", rows=150, columns=3)
SITUATION = Situation(TableProfile(rows=150, columns=(Column(name="y", kind="number"),)), (Task("regression", "y"),))


@pytest.fixture
def falling(experiment_of):
    """20 epochs in batches of 16 with that learning rate."""
    return lambda rate=None, **more: experiment_of(
        optimizer={"class": "Adam", "learning_rate": rate or cosine_decay(0.1)},
        **{"epochs": 20, "batch_size": 16, **more},
    )


def decay(of) -> int:
    return of.compile.optimizer.value("learning_rate")["decay_steps"]


def test_the_steps_follow_epochs_rows_and_batch_size(falling):
    one = falling()
    assert training_steps(one, 100) == 20 * 7  # 6 batches of 16 rows and one of 4.
    assert decay(resolved(one, 100)) == 140
    assert decay(resolved(falling(batch_size=32), 100)) == 20 * 4
    parts = one.model_copy(update={"fit": one.fit.model_copy(update={"steps_per_epoch": 3})})
    assert decay(resolved(parts, 100)) == 60
    many = one.model_copy(update={"fit": one.fit.model_copy(update={"steps_per_epoch": 500})})
    assert decay(resolved(many, 100)) == 140
    assert decay(resolved(fork(one, "0123456789ab", 7), 100)) == 140  # Its own 20 epochs, after those of the other run.
    assert decay(resolved(falling(WARM), 100)) == 140 - 30  # Keras counts them from the end of the warm-up.
    assert decay(resolved(falling({**WARM, "warmup_steps": 500}), 100)) == 1


def test_only_what_falls_over_the_whole_training_is_resolved(falling):
    for rate in (0.1, {**cosine_decay(0.1), "decay_steps": 50}, {"class": "ExponentialDecay", **EXPONENTIAL}):
        assert not over_the_whole(rate)
        assert resolved(falling(rate), 100) == falling(rate)
        assert spread_over(rate, 10) == rate
    assert over_the_whole({**cosine_decay(0.1), "decay_steps": None})


EXPONENTIAL = {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5}


def test_the_rate_falls_along_half_a_cosine_to_nothing():
    rate = spread_over(cosine_decay(0.1), 200)
    assert [rate_at(rate, step) for step in (0, 100, 200)] == pytest.approx([0.1, 0.05, 0.0])
    assert rate_at(cosine_decay(0.1), 0) == 0.1


def test_a_callback_counts_epochs(experiment_of):
    schedule = {"class": "LearningRateScheduler", "schedule": cosine_decay(0.1)}
    (callback,) = resolved(experiment_of(epochs=20, callbacks=[schedule]), 100).fit.callbacks
    assert callback.value("schedule")["decay_steps"] == 20


@pytest.mark.slow
@pytest.mark.parametrize("rows", [1, 16, 100, 105])
@pytest.mark.parametrize("parts", [None, 3])
@pytest.mark.parametrize("rate", [cosine_decay(0.1), WARM])
def test_the_program_computes_the_same_number(falling, rows, parts, rate):
    one = falling(rate)
    one = fork(one.model_copy(update={"fit": one.fit.model_copy(update={"steps_per_epoch": parts})}), "0123456789ab", 7)
    source = program(one, SITUATION, INFO)
    (line,) = [line for line in source.splitlines() if line.startswith("DECAY_STEPS = ")]
    computed = eval(line.partition("=")[2], {"train": range(rows), "BATCH_SIZE": 16})
    assert computed == decay(resolved(one, rows))
    assert "decay_steps=DECAY_STEPS" in source
    ast.parse(source)


def test_the_program_comes_back_as_a_training_of_any_length(falling):
    parsed = stack_of(program(falling(), SITUATION, INFO))
    assert parsed.left_out == ()
    assert parsed.compile["optimizer"]["learning_rate"] == cosine_decay(0.1)


def test_more_epochs_are_refused_where_the_rate_has_fallen_to_nothing(falling):
    more = {"do": "epochs", "more": 5}
    with pytest.raises(ValueError, match="falls to 0 by epoch 20: more epochs would change nothing"):
        check_order(more, falling(), 20)
    check_order(more, falling({**cosine_decay(0.1), "alpha": 0.1}), 20)
    check_order(more, falling({"class": "PolynomialDecay", "initial_learning_rate": 0.1}), 20)


def test_an_experiment_keeps_what_it_means_through_its_text(falling):
    given = falling({"class": "CosineDecay", "initial_learning_rate": 0.1, "decay_steps": None})
    assert read(given.text()) == given
    assert decay(resolved(read(given.text()), 100)) == 140
