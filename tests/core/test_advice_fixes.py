"""What advice offers to change: the layer that gives the answers stays as it is, and what is there already is not
added.
"""

import pytest

from core.advice.fixes import early_stopping, faster, larger, larger_parts, slower, with_regularization
from core.experiment.spec import Experiment, read

SOFTMAX = [{"layer": "Dense", "units": 3}, {"layer": "Softmax"}]
HIDDEN = {"layer": "Dense", "units": 40, "activation": "relu"}


def experiment(layers=(), rate=0.001, callbacks=(), **data) -> Experiment:
    return read(
        {
            "version": 1,
            "data": {"table": "file:x", "targets": ["y"], "features": {"x": "number"}, **data},
            "layers": list(layers),
            "compile": {"optimizer": {"class": "Adam", "learning_rate": rate}},
            "fit": {"callbacks": list(callbacks)},
        }
    )


def stack(of: Experiment) -> list[tuple]:
    return [
        (layer.name, *(layer.arguments[name] for name in ("units",) if name in layer.arguments)) for layer in of.layers
    ]


def test_a_larger_network_has_the_same_answers():
    grown, button = larger(experiment([HIDDEN, *SOFTMAX]))
    assert (stack(grown), button) == ([("Dense", 80), ("Dense", 3), ("Softmax",)], "Widen the hidden layers")
    grown, button = larger(experiment(SOFTMAX))
    assert (stack(grown), button) == ([("Dense", 64), ("Dense", 3), ("Softmax",)], "Add a hidden layer of 64")
    assert larger(experiment([{**HIDDEN, "units": 512}, *SOFTMAX])) == (None, "")  # Wide enough.


def test_dropout_never_stands_behind_the_answers():
    held, button = with_regularization(experiment([HIDDEN, *SOFTMAX]))
    assert (stack(held), button) == (
        [("Dense", 40), ("Dropout",), ("Dense", 3), ("Softmax",)],
        "Add Dropout and early stopping",
    )
    assert with_regularization(experiment(SOFTMAX)) == (None, "")
    assert with_regularization(held) == (None, "")


def test_early_stopping_keeps_what_it_watches_and_the_other_callbacks():
    before = experiment(callbacks=[{"class": "EarlyStopping", "monitor": "loss", "patience": 2}, "TerminateOnNaN"])
    after = early_stopping(before, 30)
    assert [one.name for one in after.fit.callbacks] == ["TerminateOnNaN", "EarlyStopping"]
    assert after.callback("EarlyStopping").arguments == {
        "monitor": "loss",
        "patience": 30,
        "restore_best_weights": True,
    }


@pytest.mark.parametrize(
    ("change", "rate", "expected"),
    [
        (slower, 1.0, 0.001),  # The usual one, as a check of the rate offers, too.
        (slower, 0.01, 0.001),
        (faster, 0.0001, 0.001),
        (faster, 0.01, 0.03),
        (faster, 0.02, None),
        (faster, 1e-7, 1e-4),
    ],
)
def test_a_learning_rate_stays_within_what_is_usual(change, rate, expected):
    found = change(experiment(rate=rate), 10)
    assert (found and found.compile.optimizer.value("learning_rate")) == expected


def test_what_a_callback_or_a_schedule_sets_is_left_alone():
    schedule = {"class": "CosineDecay", "initial_learning_rate": 0.01, "decay_steps": 100}
    assert slower(experiment(rate=schedule), 10) is None
    assert slower(experiment(callbacks=[{"class": "LearningRateScheduler", "schedule": schedule}]), 10) is None


@pytest.mark.parametrize(
    ("rows", "expected"),
    [(100, (0.5, 0.25, 0.25)), (80, (0.4, 0.3, 0.3)), (1000, (0.7, 0.15, 0.15)), (60, None), (0, None)],
)
def test_parts_are_as_large_as_a_score_needs(rows, expected):
    found = larger_parts(experiment(), rows)
    assert (found and (found.data.split.train, found.data.split.validation, found.data.split.test)) == expected
    assert larger_parts(experiment(split={"method": "time", "column": "day"}), 100) is None
