"""Search spaces: read from JSON and written back, and the experiment of each trial."""

import json
import re

import pytest

from core.experiment.edits import apply
from core.experiment.spec import InvalidExperiment
from core.search.checked_space import checked_space
from core.search.space import MOST_CHOICES, Dimension, Space
from tests.core import advised

GIVEN = {
    "compile.optimizer.learning_rate": {"low": 1e-4, "high": 0.1, "log": True},
    "layers.0.units": {"low": 8, "high": 256, "log": True},
    "depth": {"low": 1, "high": 4},
    "dropout": {"low": 0.0, "high": 1.0},
    "layers.0.activation": {"choices": ["relu", "tanh", None]},
    "layers.0.kernel_regularizer": {"choices": [None, {"class": "L2", "l2": 0.01}]},
    "features.x1": {"choices": [True, False]},
}


def test_a_space_is_read_and_written_back():
    space = Space.read(GIVEN)
    assert space.value() == GIVEN
    assert Space.read(json.dumps(space.value())) == space
    kinds = {one.path: one.kind for one in space.dimensions}
    assert kinds["layers.0.units"] == kinds["depth"] == "int"
    assert kinds["dropout"] == kinds["compile.optimizer.learning_rate"] == "float"
    assert kinds["layers.0.activation"] == "choice"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([], "A search space is a JSON object"),
        ({}, "A search varies 1 to 50 settings, not 0."),
        ("{", "This search space is not JSON"),
        ({"data.split.seed": {"low": 1, "high": 2}}, "'data.split.seed' cannot be varied"),
        ({"fit.seed": {"low": 1, "high": 2}}, "'fit.seed' cannot be varied"),
        ({"data.targets": {"choices": [["a"], ["b"]]}}, "cannot be varied"),
        ({"compile.metrics": {"choices": [[], ["AUC"]]}}, "cannot be varied"),
        ({"depht": {"low": 1, "high": 2}}, 'Did you mean "depth"?'),
        ({"depth": 3}, "depth: got 3, expected"),
        ({"depth": {"low": 1}}, "depth: got {'low': 1}, expected"),
        ({"depth": {"low": 1, "high": 2, "choices": [1]}}, "expected"),
        ({"depth": {"low": 3, "high": 1}}, "depth: low < high must hold, but got low 3 and high 1."),
        ({"depth": {"low": 1, "high": 1}}, "low < high must hold"),
        ({"depth": {"low": True, "high": 2}}, "got True, expected a number"),
        ({"depth": {"low": "1", "high": 2}}, "got '1', expected a number"),
        ({"depth": {"low": 1, "high": float("inf")}}, "got inf, expected a number from -1e+15 to 1e+15"),
        ({"depth": {"low": float("nan"), "high": 1}}, "got nan, expected a number"),
        ({"depth": {"low": 1, "high": 10**400}}, "expected a number"),
        ({"dropout": {"low": 0, "high": 0.5, "log": True}}, "a logarithmic range starts above 0, but got low 0."),
        ({"depth": {"low": 1, "high": 2, "log": 1}}, "expected log to be true or false"),
        ({"activation": {"choices": "relu"}}, "expected a list of 2 to 50 choices"),
        ({"activation": {"choices": ["relu"]}}, "expected a list of 2 to 50 choices"),
        ({"depth": {"choices": list(range(MOST_CHOICES + 1))}}, "expected a list of 2 to 50 choices"),
        ({"depth": {"choices": [1, 2, 1.0]}}, "expected different choices"),
        ({"activation": {"choices": ["x" * 3000, "relu"]}}, "a choice has more than 2,000 characters"),
        ({"activation": {"choices": [float("nan"), "relu"]}}, "expected a JSON value"),
        (
            {"units": {"low": 8, "high": 64}, "layers.2.units": {"low": 8, "high": 64}},
            "units and layers.2.units change the same setting",
        ),
        (
            {"learning_rate": {"low": 0.1, "high": 1}, "compile.optimizer.learning_rate": {"low": 0.1, "high": 1}},
            "change the same setting",
        ),
    ],
)
def test_what_is_no_space_is_refused_with_a_sentence(given, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        Space.read(given)


def test_the_first_trial_is_the_experiment_itself(experiment_of):
    base = experiment_of(optimizer={"class": "Adam", "learning_rate": 0.02})
    space = Space.read({**GIVEN, "optimizer": {"choices": ["SGD", "Adam"]}, "depth": {"low": 1, "high": 4}})
    values = space.current(base)
    assert values == {
        "compile.optimizer.learning_rate": 0.02,
        "layers.0.units": 8,
        "depth": 1,
        "dropout": 0.0,
        "layers.0.activation": "relu",
        "layers.0.kernel_regularizer": None,
        "features.x1": True,
        "optimizer": "Adam",
    }
    assert space.experiment(base, values) == base
    outside = Space.read(
        {"layers.0.units": {"low": 16, "high": 64}, "compile.optimizer.learning_rate": {"low": 1e-5, "high": 1e-3}}
    )
    assert outside.current(base) == {"layers.0.units": 16, "compile.optimizer.learning_rate": 0.001}
    no_number = Space.read({"compile.optimizer.weight_decay": {"low": 1e-5, "high": 0.1, "log": True}})
    assert no_number.current(base) == {"compile.optimizer.weight_decay": 1e-5}


def test_a_trial_has_the_values_and_nothing_else_differs(experiment_of):
    base = experiment_of(callbacks=[{"class": "EarlyStopping", "patience": 3}])
    space = Space.read(
        {
            **GIVEN,
            "fit.batch_size": {"choices": [16, 64]},
            "fit.callbacks.0.patience": {"low": 1, "high": 9},
            "data.scaling.number": {"choices": ["standard", "robust"]},
        }
    )
    made = space.experiment(
        base,
        {
            "compile.optimizer.learning_rate": 0.003,
            "layers.0.units": 32,
            "depth": 2,
            "layers.0.activation": "tanh",
            "layers.0.kernel_regularizer": {"class": "L2", "l2": 0.01},
            "features.x1": False,
            "fit.batch_size": 64,
            "fit.callbacks.0.patience": 7,
            "data.scaling.number": "robust",
        },
    )
    hidden = {"layer": "Dense", "units": 32, "activation": "tanh", "kernel_regularizer": {"class": "L2", "l2": 0.01}}
    expected = base.value()
    expected["layers"] = [hidden, hidden, {"layer": "Dense", "units": 1}]
    expected["compile"]["optimizer"]["learning_rate"] = 0.003
    expected["fit"] |= {"batch_size": 64, "callbacks": [{"class": "EarlyStopping", "patience": 7}]}
    expected["data"] |= {"features": {"x0": "number"}, "scaling": {"number": "robust"}}
    assert made.value() == expected


def test_single_columns_are_prepared_in_other_ways(experiment_of):
    base = experiment_of(features={"x.0": "number", "x1": "number", "w": "category"})
    base = apply(base, {"op": "set", "path": "data.preparation", "value": {"x1": {"scaling": "min-max"}}})
    space = Space.read(
        {
            "data.scaling.number": {"choices": ["standard", "robust"]},
            "data.preparation.x\\.0.scaling": {"choices": ["standard", "log", "quantile bins"]},
            "data.preparation.x\\.0.bins": {"low": 4, "high": 40, "log": True},
            "data.preparation.x1.scaling": {"choices": ["min-max", "log"]},
            "data.preparation.w.words": {"low": 2, "high": 100, "log": True},
            "data.preparation.y.target": {"choices": [None, "log1p"]},
            "features.x1": {"choices": [True, False]},
        }
    )
    assert space.experiment(base, space.current(base)) == base
    values = {
        "data.scaling.number": "robust",
        "data.preparation.x\\.0.scaling": "quantile bins",
        "data.preparation.x\\.0.bins": 7,
        "data.preparation.w.words": 3,
        "data.preparation.y.target": "log1p",
    }
    made = space.experiment(base, {**values, "data.preparation.x1.scaling": "log"})
    prepared = {"x.0": {"scaling": "quantile bins", "bins": 7}, "w": {"words": 3}, "y": {"target": "log1p"}}
    assert made.value()["data"]["preparation"] == {"x1": {"scaling": "log"}, **prepared}
    # A column keeps what was chosen for it where those of its kind are scaled otherwise.
    made = space.experiment(base, {**values, "data.preparation.x\\.0.scaling": "standard"})
    assert made.value()["data"]["preparation"]["x.0"] == {"scaling": "standard"}, "it has no bins"
    without = space.experiment(base, {**values, "data.preparation.x1.scaling": "log", "features.x1": False})
    assert list(without.data.features) == ["x.0", "w"]
    assert without.data.preparation_of("x1").scaling == "min-max"
    undone = apply(base, {"op": "set", "path": "data.preparation", "value": {"y": {"target": "log"}}})
    choice = Space.read({"data.preparation.y.target": {"choices": ["log", None]}})
    assert "preparation" not in choice.experiment(undone, {"data.preparation.y.target": None}).value()["data"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"data.preparation.area.colour": {"choices": [1, 2]}}, "cannot be varied"),
        ({"data.preparation.area.scaling": {"choices": ["standard", "cubes"]}}, "expected one of standard, min-max"),
        ({"data.preparation.area.scaling": {"low": 1, "high": 2}}, "has no range: give its choices"),
    ],
)
def test_preparations_that_are_none_are_refused(given, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        checked_space(Space.read(given), advised.experiment(), advised.situation(advised.experiment()))


def test_the_learning_rate_is_the_trials_own_with_another_optimizer_too(experiment_of):
    base = experiment_of(optimizer={"class": "Adam", "learning_rate": 0.02})
    space = Space.read(
        {
            "optimizer": {"choices": ["Adam", "SGD"]},
            "compile.optimizer.learning_rate": {"low": 1e-4, "high": 0.1, "log": True},
            "compile.optimizer.beta_1": {"low": 0.5, "high": 0.99},
        }
    )
    values = {"optimizer": "SGD", "compile.optimizer.learning_rate": 0.02, "compile.optimizer.beta_1": 0.7}
    chosen = space.experiment(base, values).compile.optimizer
    assert (chosen.name, chosen.arguments) == ("SGD", {"learning_rate": 0.02})  # SGD has no beta_1.
    adam = space.experiment(base, {**values, "optimizer": "Adam"}).compile.optimizer
    assert adam.arguments == {"learning_rate": 0.02, "beta_1": 0.7}


def test_an_argument_of_what_is_not_chosen_has_no_effect(experiment_of):
    space = Space.read(
        {
            "layers.0.kernel_regularizer": {"choices": [None, {"class": "L2"}]},
            "layers.0.kernel_regularizer.l2": {"low": 1e-5, "high": 0.1, "log": True},
        }
    )
    base = experiment_of()
    strength = {"layers.0.kernel_regularizer.l2": 0.05}
    assert space.experiment(base, {"layers.0.kernel_regularizer": None, **strength}) == base
    made = space.experiment(base, {"layers.0.kernel_regularizer": {"class": "L2"}, **strength})
    assert made.layers[0].arguments["kernel_regularizer"] == {"class": "L2", "l2": 0.05}


def test_a_layer_is_another_one_or_taken_out_and_the_others_keep_their_places(experiment_of):
    dropout = {"layer": "Dropout", "rate": 0.2}
    base = experiment_of(
        layers=[
            {"layer": "Dense", "units": 8},
            dropout,
            {"layer": "Dense", "units": 4},
            dropout,
            {"layer": "Dense", "units": 1},
        ]
    )
    space = Space.read(
        {
            "layers.1": {"choices": [dropout, {"layer": "GaussianDropout", "rate": 0.1}, None]},
            "layers.2.units": {"low": 2, "high": 64},
            "layers.3": {"choices": [dropout, None]},
        }
    )
    made = space.experiment(base, {"layers.1": None, "layers.2.units": 16, "layers.3": None})
    assert [layer.arguments.get("units") for layer in made.layers] == [8, 16, 1]
    made = space.experiment(base, {"layers.1": {"layer": "GaussianDropout", "rate": 0.1}, "layers.3": dropout})
    assert [layer.name for layer in made.layers] == ["Dense", "GaussianDropout", "Dense", "Dropout", "Dense"]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"layers.1.units": 3}, "is no setting of this search"),
        ({"features.x0": False, "features.x1": False}, "No feature is left."),
        ({"layers.0.activation": "rellu"}, 'Did you mean "relu"?'),
        ({"layers.0.units": 10**9}, "expected a whole number"),
    ],
)
def test_values_that_make_no_experiment_are_refused(experiment_of, values, says):
    space = Space.read(
        {**GIVEN, "features.x0": {"choices": [True, False]}, "layers.0.units": {"low": 1, "high": 10**9}}
    )
    with pytest.raises(InvalidExperiment) as refused:
        space.experiment(experiment_of(), values)
    assert says in str(refused.value)


def test_columns_with_dots_in_their_names_can_be_left_out(experiment_of):
    base = experiment_of(features={"sq.ft": "number", "x": "number"})
    space = Space.read({"features.sq\\.ft": {"choices": [True, False]}})
    assert list(space.experiment(base, {"features.sq\\.ft": False}).data.features) == ["x"]


def test_a_range_takes_the_type_of_its_field():
    base = advised.experiment(layers=[advised.HIDDEN, {"layer": "Dropout", "rate": 0.2}, advised.OUTPUT["price"]])
    given = {
        "layers.1.rate": {"low": 0, "high": 0.5},
        "compile.optimizer.clipnorm": {"low": 1, "high": 10},
        "layers.0.units": {"low": 8.0, "high": 64.0},
    }
    kinds = {one.path: one.kind for one in checked_space(Space.read(given), base).dimensions}
    assert kinds == {"layers.1.rate": "float", "compile.optimizer.clipnorm": "float", "layers.0.units": "int"}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"layers.7.units": {"low": 8, "high": 64}}, "layers.7.units: 8 is not possible"),
        (
            {"layers.0.rate": {"low": 0.1, "high": 0.5}},
            "layers.0.rate: 0.1 is not possible: Dense has no argument 'rate'",
        ),
        ({"layers.0.units": {"low": 0.5, "high": 2.5}}, "layers.0.units: got 0.5 to 2.5, expected whole numbers."),
        (
            {"layers.0.units": {"low": 0, "high": 64}},
            "layers.0.units: 0 is not possible: got 0, expected a whole number",
        ),
        ({"layers.0.activation": {"low": 1, "high": 2}}, "layers.0.activation has no range: give its choices."),
        ({"layers.0.activation": {"choices": ["relu", "tahn"]}}, 'Did you mean "tanh"?'),
        ({"layers.1.units": {"low": 1, "high": 3}}, "layers.1.units: 3 cannot be trained"),
        ({"features.x9": {"choices": [True, False]}}, "features.x9: yes is not possible"),
        ({"optimizer": {"choices": ["Adam", "Adan"]}}, "optimizer"),
    ],
)
def test_a_space_that_does_not_suit_the_experiment_is_refused(given, says):
    base = advised.experiment()
    with pytest.raises(ValueError, match=re.escape(says)):
        checked_space(Space.read(given), base, advised.situation(base))


def test_a_split_without_validation_rows_is_refused():
    base = advised.experiment()
    with pytest.raises(ValueError, match="no validation rows"):
        checked_space(Space.read({"depth": {"low": 1, "high": 2}}), base, advised.situation(base, rows=(700, 0, 150)))


def test_the_nearest_value_of_a_dimension():
    units = Dimension("layers.0.units", "int", 8, 64)
    assert [units.nearest(value) for value in (3, 9.6, 100, None, "x", float("nan"))] == [8, 10, 64, 8, 8, 8]
    assert Dimension("activation", "choice", choices=("relu", "tanh")).nearest("elu") == "relu"
