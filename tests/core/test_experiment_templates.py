"""Starting points train as they are, for every task; what follows from the task is mended when the task changes."""

import pytest

from core.advice.checks import advise, errors
from core.catalog.losses import LOSSES, losses_for
from core.catalog.metrics import metrics_for
from core.experiment.columns import Column, TableProfile
from core.experiment.shapes import outline
from core.experiment.spec import Compile, Layer, Loss, Metric, read
from core.experiment.task import Situation, Task
from core.experiment.templates import TEMPLATES, output_layer, stack, starting_experiment, suit

TASKS = {
    "regression": Task("regression", "y"),
    "binary": Task("binary", "y", 2),
    "multiclass": Task("multiclass", "y", 3),
    "many classes": Task("multiclass", "y", 40),
}
PAIRS = [(task, loss) for task in TASKS for loss in losses_for(TASKS[task].kind)]
BARE = read({"version": 1, "data": {"table": "sample:xor", "targets": ["y"], "features": {"x": "number"}}})


def situation(task: Task) -> Situation:
    target = Column(name="y", kind="number", target_kind="number", distinct=task.classes or 500, low=0.0, high=1.0)
    return Situation(
        TableProfile(rows=1000, columns=(Column(name="x", kind="number", distinct=9), target)),
        (task,),
        5,
        (700, 150, 150),
    )


def built(template: str, task: Task, loss: Loss):
    experiment = BARE.model_copy(update={"layers": tuple(stack(template, task, loss)), "compile": Compile(loss=loss)})
    return suit(experiment, task)


@pytest.mark.parametrize(("task", "loss"), PAIRS)
@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_is_free_of_errors_for_every_task_and_loss(template, task, loss):
    experiment = built(template, TASKS[task], Loss.of(loss))
    assert [advice.code for advice in advise(experiment, situation(TASKS[task])) if advice.level != "hint"] == []
    assert read(experiment.text()) == experiment
    assert outline(experiment, 5)[-1].width == TASKS[task].units


@pytest.mark.parametrize("task", TASKS)
def test_a_first_experiment_is_free_of_errors(task):
    experiment = starting_experiment("sample:xor", "First", "y", {"x": "number"}, TASKS[task])
    assert [advice.code for advice in advise(experiment, situation(TASKS[task])) if advice.level != "hint"] == []
    assert read(experiment.text()) == experiment


@pytest.mark.parametrize(("task", "loss"), PAIRS)
def test_what_suits_already_is_left_as_it_is(task, loss):
    for template in TEMPLATES:
        experiment = built(template, TASKS[task], Loss.of(loss))
        assert suit(experiment, TASKS[task]) == experiment


@pytest.mark.parametrize(("task", "loss"), PAIRS)
@pytest.mark.parametrize("new", TASKS)
def test_changing_the_task_mends_loss_metrics_and_output(task, loss, new):
    for template in TEMPLATES:
        before = built(template, TASKS[task], Loss.of(loss))
        after = suit(before, TASKS[new])
        assert [advice.code for advice in advise(after, situation(TASKS[new])) if advice.level != "hint"] == []
        assert suit(after, TASKS[new]) == after
        assert after.layers[:-1] == before.layers[:-1]
        assert (after.data, after.fit, after.compile.optimizer) == (before.data, before.fit, before.compile.optimizer)


@pytest.mark.parametrize("activation", ["softmax", "log_softmax", "sigmoid", "tanh"])
def test_a_regression_does_not_inherit_an_output_between_bounds(activation):
    experiment = BARE.model_copy(update={"layers": (Layer.of("Dense", units=1, activation=activation),)})
    assert suit(experiment, TASKS["regression"]).layers == (Layer.of("Dense", units=1),)


@pytest.mark.parametrize("activation", [None, "linear", "relu", "softplus", "leaky_relu"])
def test_an_output_that_a_regression_can_use_is_kept(activation):
    experiment = BARE.model_copy(update={"layers": (Layer.of("Dense", units=1, activation=activation),)})
    assert suit(experiment, TASKS["regression"]).layers == experiment.layers


@pytest.mark.parametrize(
    ("task", "layers"),
    [
        ("multiclass", [Layer.of("Dense", units=3), Layer.of("Softmax")]),
        ("binary", [Layer.of("Dense", units=1), Layer.of("Activation", activation="sigmoid")]),
        ("regression", [Layer.of("Dense", units=1), Layer.of("Dropout", rate=0.1)]),
        ("regression", [Layer.of("Dense", units=1), Layer.of("ReLU")]),
    ],
)
def test_an_output_of_two_layers_that_fits_is_kept(task, layers):
    experiment = BARE.model_copy(update={"layers": tuple(layers)})
    after = suit(experiment, TASKS[task])
    assert after.layers == experiment.layers
    assert errors(advise(after, situation(TASKS[task]))) == []


@pytest.mark.parametrize(
    ("task", "layers", "expected"),
    [
        ("binary", [Layer.of("Dense", units=3), Layer.of("Softmax")], ["Dense"]),
        (
            "multiclass",
            [Layer.of("Dense", units=8), Layer.of("Activation", activation="relu")],
            ["Dense", "Activation", "Dense"],
        ),
        ("regression", [Layer.of("Dropout", rate=0.1)], ["Dropout", "Dense"]),
        ("multiclass", [Layer.of("Softmax")], ["Dense"]),
    ],
)
def test_an_output_layer_is_added_or_put_in_place(task, layers, expected):
    after = suit(BARE.model_copy(update={"layers": tuple(layers)}), TASKS[task])
    assert [layer.name for layer in after.layers] == expected
    assert after.layers[-1] == output_layer(TASKS[task], after.compile.loss)


def test_a_mended_output_keeps_its_other_arguments():
    output = Layer.of("Dense", units=1, use_bias=False, kernel_regularizer={"class": "L2", "l2": 0.5})
    after = suit(BARE.model_copy(update={"layers": (output,)}), TASKS["multiclass"])
    assert after.layers == (
        Layer.of("Dense", units=3, activation="softmax", use_bias=False, kernel_regularizer={"class": "L2", "l2": 0.5}),
    )


def test_fitting_metrics_are_kept_and_others_dropped():
    metrics = (Metric.of("MeanAbsoluteError"), Metric.of("AUC"))
    experiment = BARE.model_copy(update={"compile": Compile(loss=Loss.of("BinaryCrossentropy"), metrics=metrics)})
    assert suit(experiment, TASKS["binary"]).compile.metrics == (Metric.of("AUC"),)
    assert suit(experiment, TASKS["regression"]).compile.metrics == (Metric.of("MeanAbsoluteError"),)


def test_raw_scores_want_no_activation():
    loss = Loss.of("BinaryCrossentropy", from_logits=True)
    assert output_layer(TASKS["binary"], loss) == Layer.of("Dense", units=1)


def test_each_task_has_losses_and_each_loss_has_metrics():
    for task in ("regression", "binary", "multiclass"):
        assert losses_for(task)
        for loss in losses_for(task):
            assert metrics_for(task, LOSSES[loss].target)
