"""A training that goes on from another run's epoch, as a value, and what its program says of that."""

import ast

import pytest

from core.experiment.columns import Column, TableInfo, TableProfile
from core.experiment.fork import fork, from_scratch, why_not
from core.experiment.spec import MOST_EPOCHS, InvalidExperiment, Layer, Start, read
from core.experiment.task import Situation, Task
from core.keras_code.script import program

RUN = "0123456789ab"


def test_its_epochs_are_counted_on_from_there_and_it_comes_back(experiment_of):
    experiment = experiment_of(epochs=100)
    forked = fork(experiment, RUN, 37)
    assert (forked.start, forked.fit.initial_epoch, forked.fit.epochs) == (Start(run=RUN, epoch=37), 37, 137)
    assert read(forked.text()) == forked
    assert from_scratch(forked) == experiment == from_scratch(experiment)
    assert fork(experiment, RUN, MOST_EPOCHS - 10).fit.epochs == MOST_EPOCHS


@pytest.mark.parametrize(
    ("changes", "where", "says"),
    [
        (
            {"fit": {"epochs": 5, "initial_epoch": 5}},
            "fit.initial_epoch",
            "got 5, expected less than epochs, which is 5.",
        ),
        ({"start": {"run": "../../etc/passwd", "epoch": 1}}, "start.run", "got '../../etc/passwd'"),
        ({"start": {"run": RUN, "epoch": 0}}, "start.epoch", "got 0"),
    ],
)
def test_a_start_that_can_not_be_is_refused(experiment_of, changes, where, says):
    with pytest.raises(InvalidExperiment) as error:
        read({**experiment_of().value(), **changes})
    assert error.value.problems[0][0] == where
    assert error.value.problems[0][1].startswith(says)


def test_other_settings_and_layers_without_weights_are_no_hindrance(experiment_of):
    origin = experiment_of()
    assert why_not(origin, experiment_of(optimizer="SGD", epochs=7, batch_size=3, loss="Huber", seed=9), 2) == ""
    dropout = [origin.layers[0], Layer.of("Dropout", rate=0.2), origin.layers[1]]
    assert why_not(origin, origin.model_copy(update={"layers": tuple(dropout)}), 2) == ""


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        # 2 inputs x 8 units + 8 biases = 24 weights; 2 x 5 + 5 = 15.
        (
            {"layers": [{"layer": "Dense", "units": 5}, {"layer": "Dense", "units": 1}]},
            "other shapes: layer 1 with weights is Dense 5 (15 weights), in this run Dense 8 (24 weights).",
        ),
        (
            {"layers": [{"layer": "Dense", "units": 8}]},
            "The network on screen has 1 layer with weights, this run has 2.",
        ),
        ({"features": {"x0": "number"}}, "The experiment on screen uses other data than this run"),
        ({"target": "x1"}, "The experiment on screen uses other data than this run"),
    ],
)
def test_why_a_run_cannot_go_on_with_the_experiment_on_screen(experiment_of, changes, says):
    assert says in why_not(experiment_of(), experiment_of(**changes), 2)


def test_the_program_says_where_it_starts_and_takes_the_weights_before_it_fits(experiment_of):
    situation = Situation(
        TableProfile(rows=100, columns=(Column(name="y", kind="number"),)), (Task("regression", "y"),)
    )
    info = TableInfo(ref="file:x", name="points.csv", rows=100, columns=3)
    forked = program(fork(experiment_of(epochs=10), RUN, 37), situation, info)
    assert (
        f"It starts from the weights of epoch 37 of the run {RUN}, in the file Points-initial.npz beside it"
        in ast.get_docstring(ast.parse(forked))
    )
    assert forked.index("model.compile(") < forked.index("model.set_weights(") < forked.index("model.fit(")
    assert "    initial_epoch=37,\n" in forked
    assert "batches.epoch += 37" in forked
    assert "    epochs=47,\n" in forked
    plain = program(experiment_of(epochs=10), situation, info)
    for word in ("initial.npz", "initial_epoch", "batches.epoch", "set_weights"):
        assert word not in plain
