"""Several targets: what each has of its own follows from its task, and edits of one leave the others alone."""

import ast

import pytest

from core.experiment.edits import apply, step_of
from core.experiment.keras_calls import head_calls
from core.experiment.shapes import outline
from core.experiment.spec import Experiment, read
from core.experiment.targets import facet, facets, suited, with_facet
from core.experiment.task import Situation, Task
from core.keras_code.script import program
from tests.core.test_keras_code_script import HOSTILE, INFO, TABLE, constants, problems

PRICE, TOWN, SOLD = Task("regression", "price"), Task("multiclass", "town", 4), Task("binary", "sold", 2)
TASKS = (PRICE, TOWN, SOLD)
STACK = [
    {"layer": "Dense", "units": 8, "activation": "relu"},
    {"layer": "Dense", "units": 1, "kernel_regularizer": "L2"},
]


def experiment(targets=("price", "town", "sold"), layers=STACK, **compiled) -> Experiment:
    return read(
        {
            "version": 1,
            "data": {"table": "file:x", "targets": list(targets), "features": {"area": "number", "street": "category"}},
            "layers": list(layers),
            "compile": compiled,
        }
    )


def test_each_target_gets_the_output_layer_loss_and_metrics_of_its_task():
    found = suited(experiment(), TASKS)
    assert {name: loss.name for name, loss in found.compile.loss.items()} == {
        "price": "MeanSquaredError",
        "town": "SparseCategoricalCrossentropy",
        "sold": "BinaryCrossentropy",
    }
    last = [one.layers[-1] for one in facets(found, TASKS)]
    assert [(layer.value("units"), layer.value("activation")) for layer in last] == [
        (1, None),
        (4, "softmax"),
        (1, "sigmoid"),
    ]
    # What the last layer was given, all have.
    assert all(layer.value("kernel_regularizer") == {"class": "L2"} for layer in last)
    assert found.layers == experiment().layers
    assert read(found.text()) == found
    assert suited(found, TASKS) == found
    # 2 x 8 + 8 shared; 8 + 1, 8 x 4 + 4 and 8 + 1 of the outputs.
    assert [(one.width, one.trainable) for one in outline(found, 2, TASKS)] == [(8, 24), (6, 54)]


def test_what_is_given_once_is_for_all():
    given = experiment(targets=("price", "area"), loss={"class": "Huber", "delta": 2.0}, metrics=["MeanAbsoluteError"])
    assert [given.compile.of(target).loss.value("delta") for target in ("price", "area")] == [2.0, 2.0]
    assert list(given.logged()) == ["price_mae", "area_mae"]


def test_a_change_of_one_target_leaves_the_others_alone():
    found = suited(experiment(loss_weights={"town": 0.5}), TASKS)
    changed = apply(facet(found, PRICE), {"op": "set", "path": "compile.loss", "value": {"class": "Huber"}})
    after = with_facet(found, TASKS, changed)
    assert after.compile.loss["price"].name == "Huber"
    assert (after.compile.loss["town"], after.compile.metrics) == (found.compile.loss["town"], found.compile.metrics)
    assert (after.layers, after.data, after.compile.loss_weights) == (
        found.layers,
        found.data,
        {"price": 1.0, "town": 0.5, "sold": 1.0},
    )


def test_one_target_more_or_less_keeps_the_rest():
    both = suited(experiment(targets=("price", "sold")), (PRICE, SOLD))
    alone = suited(both.model_copy(update={"data": both.data.model_copy(update={"targets": ("price",)})}), (PRICE,))
    assert alone.compile.loss.name == "MeanSquaredError"
    assert isinstance(alone.compile.metrics, tuple)
    again = suited(alone.model_copy(update={"data": both.data}), (PRICE, SOLD))
    assert again.compile.loss["sold"].name == "BinaryCrossentropy"


def test_a_positive_output_stays_positive_for_amounts_only():
    stack = [STACK[0], {"layer": "Dense", "units": 1, "activation": "softplus"}]
    losses = {"price": "Poisson", "town": "SparseCategoricalCrossentropy", "sold": "BinaryCrossentropy"}
    found = facets(experiment(layers=stack, loss=losses), TASKS)
    assert [one.layers[-1].value("activation") for one in found] == ["softplus", "softmax", "sigmoid"]


def test_keras_wants_each_name_once():
    trunk, heads = head_calls(suited(experiment(optimizer="Muon"), TASKS), TASKS)
    assert len(trunk) == 1
    assert [calls[0].arguments["name"] for calls in heads.values()] == ["output_0", "output_1", "output_2"]


def test_outputs_are_named_as_their_columns_in_letters_that_tensorflow_allows():
    names = experiment(targets=("price", "km/h", "km h", "größe", "", "_x", "Price")).outputs()
    assert list(names.values()) == ["price", "km_h", "km_h_3", "gr__e", "target", "target_x", "Price_7"]


@pytest.mark.parametrize("targets", [("a", "a_b"), ("a_b", "a"), ("val", "val_x")])
def test_a_logged_name_is_of_one_target(targets):
    found = experiment(targets=targets, metrics=["MeanAbsoluteError"])
    assert [found.target_of(name) for name in (*found.losses(), *found.logged())] == ["", *targets, *targets]


@pytest.mark.parametrize("text", [*HOSTILE, "a.b", "..."])
def test_a_path_leads_to_a_target_of_any_name(text):
    found = experiment(targets=("price", text), loss={"price": "Huber", text: "Huber"})
    after = apply(found, {"op": "set", "path": f"compile.loss.{step_of(text)}.delta", "value": 3.0})
    assert (after.compile.of(text).loss.value("delta"), after.compile.of("price").loss.value("delta")) == (3.0, 1.0)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_targets_stay_names_in_the_program(text, tmp_path):
    tasks = (Task("regression", text), Task("multiclass", text + "y", 3))
    given = suited(experiment(targets=(text, text + "y"), loss_weights={text: 2.0}), tasks)
    source = program(given, Situation(TABLE, tasks, 2, (7, 2, 1)), INFO)
    assert problems([source], tmp_path) == "All checks passed!"
    assert list(constants(ast.parse(source))["TARGETS"].values()) == [text, text + "y"]
