"""Edits: each operation gives a new experiment or says what is wrong with it; the old one stays as it was."""

import pytest

from core.catalog.layers import LAYERS
from core.experiment.edits import apply, place_after
from core.experiment.spec import InvalidExperiment, read

START = read(
    {
        "version": 1,
        "name": "Start",
        "data": {"table": "sample:xor", "targets": ["label"], "features": {"x": "number", "a.b": "number"}},
        "layers": [
            {"layer": "Dense", "units": 8, "kernel_regularizer": {"class": "L2", "l2": 0.1}},
            {"layer": "Dropout", "rate": 0.5},
            {"layer": "Dense", "units": 1},
        ],
        "compile": {"metrics": ["MeanAbsoluteError", "FBetaScore", {"class": "Precision", "thresholds": 0.4}]},
        "fit": {"callbacks": [{"class": "EarlyStopping", "patience": 3}]},
    }
)


def names(experiment):
    return [layer.name for layer in experiment.layers]


def test_set_changes_one_field_and_nothing_else():
    value = START.value()
    value["compile"]["optimizer"]["learning_rate"] = 0.01
    assert apply(START, {"op": "set", "path": "compile.optimizer.learning_rate", "value": 0.01}) == read(value)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("name", "Other"),
        ("data.features", {"x": "category"}),
        ("data.target_kinds.label", "category"),
        ("layers.2.activation", "tanh"),
        ("layers.0.kernel_regularizer.l2", 0.2),
        ("layers.0.kernel_regularizer", None),
        ("layers.1", {"layer": "Softmax"}),
        ("layers", []),
        ("compile.loss", {"class": "Huber", "delta": 2.0}),
        ("compile.metrics.2.thresholds", 0.6),
        ("compile.metrics.1.beta", 2.0),  # A metric without arguments is written as its name alone.
        ("fit.callbacks.0.patience", 7),
        ("fit.epochs", 5),
    ],
)
def test_set_reaches_every_depth(path, value):
    after = apply(START, {"op": "set", "path": path, "value": value}).value()
    for step in path.split("."):
        after = after[int(step)] if isinstance(after, list) else after[step]
    assert after == value


def test_setting_what_is_there_already_changes_nothing():
    assert apply(START, {"op": "set", "path": "fit.epochs", "value": START.fit.epochs}) == START


@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_can_be_added_as_the_form_starts_it(name):
    after = apply(START, {"op": "add", "layer": name, "at": 1})
    first = LAYERS[name].embeds  # An embedding stands before everything else.
    assert names(after) == ([name, "Dense"] if first else ["Dense", name]) + ["Dropout", "Dense"]
    assert after.layers[0 if first else 1].arguments == LAYERS[name].starting_arguments() | (
        {"activation": "relu"} if name == "Dense" else {}
    )


@pytest.mark.parametrize(("at", "expected"), [({}, 3), ({"at": 0}, 0), ({"at": 3}, 3)])
def test_a_layer_is_added_where_asked_or_at_the_end(at, expected):
    assert names(apply(START, {"op": "add", "layer": "Softmax", **at})).index("Softmax") == expected


@pytest.mark.parametrize(
    ("at", "to", "order"),
    # Beyond an end: to that end.
    [
        (0, 2, "BCA"),
        (2, 0, "CAB"),
        (1, 1, "ABC"),
        (0, 1, "BAC"),
        (0, 99, "BCA"),
        (2, -5, "CAB"),
    ],
)
def test_a_layer_is_moved(at, to, order):
    after = apply(START, {"op": "move", "at": at, "to": to})
    assert after.layers == tuple(START.layers["ABC".index(letter)] for letter in order)


def test_a_layer_is_doubled_beside_itself():
    after = apply(START, {"op": "duplicate", "at": 0})
    assert after.layers == (START.layers[0], START.layers[0], *START.layers[1:])
    changed = apply(after, {"op": "set", "path": "layers.0.kernel_regularizer.l2", "value": 9.0})
    assert changed.layers[1] == START.layers[0]


def test_a_layer_is_deleted():
    assert apply(START, {"op": "delete", "at": 1}).layers == (START.layers[0], START.layers[2])


def test_the_whole_can_be_replaced():
    other = START.model_copy(update={"name": "Other"})
    assert apply(START, {"op": "replace", "value": other.value()}) == other


@pytest.mark.parametrize("operation", [{"op": "add", "layer": "Softmax", "at": 1}, {"op": "duplicate", "at": 1}])
def test_delete_takes_back_what_was_added(operation):
    assert apply(apply(START, operation), {"op": "delete", "at": 1}) == START


@pytest.mark.parametrize(
    ("operation", "where"),
    [
        ({}, "op"),
        ({"op": None}, "op"),
        ({"op": "drop"}, "op"),
        ({"op": ["set"]}, "op"),
        ({"op": "set"}, "path"),
        ({"op": "set", "path": "name"}, "value"),
        ({"op": "set", "path": "", "value": 1}, ""),
        ({"op": "set", "path": 7, "value": 1}, "path"),
        ({"op": "set", "path": "nme", "value": "x"}, "nme"),
        ({"op": "set", "path": "fit.epoch", "value": 1}, "fit.epoch"),
        ({"op": "set", "path": "fit.epochs", "value": "many"}, "fit.epochs"),
        ({"op": "set", "path": "fit.epochs.deep", "value": 1}, "fit.epochs.deep"),
        ({"op": "set", "path": "fitt.epochs", "value": 1}, "fitt"),
        ({"op": "set", "path": "name.first", "value": 1}, "name"),
        ({"op": "set", "path": "data.weight.column", "value": 1}, "data.weight.column"),
        ({"op": "set", "path": "data.features.a.b", "value": "number"}, "data.features.a"),
        ({"op": "set", "path": "layers.3.units", "value": 1}, "layers.3"),
        ({"op": "set", "path": "layers.3", "value": {"layer": "Softmax"}}, "layers.3"),
        ({"op": "set", "path": "layers.-1.units", "value": 1}, "layers.-1"),
        ({"op": "set", "path": "layers.one.units", "value": 1}, "layers.one"),
        ({"op": "set", "path": "layers.².units", "value": 1}, "layers.²"),
        ({"op": "set", "path": "layers.0.units", "value": -1}, "layers.0.units"),
        ({"op": "set", "path": "layers.1.units", "value": 1}, "layers.1.units"),
        ({"op": "set", "path": "layers.2.kernel_regularizer.l2", "value": 1}, "layers.2.kernel_regularizer"),
        ({"op": "set", "path": "compile.metrics.0.beta", "value": 1}, "compile.metrics.0.beta"),
        ({"op": "add"}, "layer"),
        ({"op": "add", "layer": "Conv2D"}, "layers.3.layer"),
        ({"op": "add", "layer": ["Dense"]}, "layers.3"),
        ({"op": "add", "layer": "Softmax", "at": 4}, "at"),
        ({"op": "add", "layer": "Softmax", "at": -1}, "at"),
        ({"op": "add", "layer": "Softmax", "at": "1"}, "at"),
        ({"op": "add", "layer": "Softmax", "at": None}, "at"),
        ({"op": "move", "at": 3, "to": 0}, "at"),
        ({"op": "move", "at": -1, "to": 0}, "at"),
        ({"op": "move", "at": 0}, "to"),
        ({"op": "move", "at": 0, "to": "2"}, "to"),
        ({"op": "duplicate", "at": 3}, "at"),
        ({"op": "duplicate"}, "at"),
        ({"op": "delete", "at": 3}, "at"),
        ({"op": "delete", "at": True}, "at"),
        ({"op": "delete", "at": 0.0}, "at"),
        ({"op": "replace"}, "value"),
        ({"op": "replace", "value": None}, ""),
        ({"op": "replace", "value": []}, ""),
    ],
)
def test_an_impossible_operation_is_refused_with_its_place(operation, where):
    before = START.text()
    with pytest.raises(InvalidExperiment) as caught:
        apply(START, operation)
    assert caught.value.problems[0][0] == where
    assert START.text() == before


def test_nothing_can_be_deleted_from_an_empty_stack():
    empty = apply(START, {"op": "set", "path": "layers", "value": []})
    for operation in ("delete", "duplicate", "move"):
        with pytest.raises(InvalidExperiment, match="empty"):
            apply(empty, {"op": operation, "at": 0, "to": 0})
    assert names(apply(empty, {"op": "add", "layer": "Dense"})) == ["Dense"]


def test_an_operation_and_its_value_are_left_alone():
    value = {"layer": "Dense", "units": 3}
    operation = {"op": "set", "path": "layers", "value": [value, value]}
    after = apply(START, operation)
    value["units"] = 99
    assert [layer.value("units") for layer in after.layers] == [3, 3]
    assert names(START) == ["Dense", "Dropout", "Dense"]


def stacked(experiment):
    """The stack, and in brackets the disabled layers where they stand."""
    found = [layer.name for layer in experiment.layers]
    for one in reversed(experiment.aside):
        found.insert(one.at, f"({one.layer.name})")
    return " ".join(found)


def test_a_layer_is_put_aside_and_comes_back_where_it_was(experiment_of):
    layers = [
        {"layer": "Dense", "units": 8},
        {"layer": "Dropout", "rate": 0.3},
        {"layer": "BatchNormalization"},
        {"layer": "Dense", "units": 1},
    ]
    whole = experiment_of(layers=layers)
    without = apply(whole, {"op": "disable", "at": 1})
    assert stacked(without) == "Dense (Dropout) BatchNormalization Dense"
    assert "aside" not in whole.value()
    assert read(without.text()) == without
    both = apply(without, {"op": "disable", "at": 1})
    assert stacked(both) == "Dense (Dropout) (BatchNormalization) Dense"
    assert apply(apply(both, {"op": "enable", "at": 0}), {"op": "enable", "at": 0}) == whole
    assert apply(apply(both, {"op": "enable", "at": 1}), {"op": "enable", "at": 0}) == whole
    assert stacked(apply(both, {"op": "delete disabled", "at": 0})) == "Dense (BatchNormalization) Dense"


def test_what_is_put_aside_stays_between_its_neighbours(experiment_of):
    layers = [
        {"layer": "Dense", "units": 8},
        {"layer": "Dropout", "rate": 0.3},
        {"layer": "Dense", "units": 4},
        {"layer": "Dense", "units": 1},
    ]
    without = apply(experiment_of(layers=layers), {"op": "disable", "at": 1})
    assert stacked(apply(without, {"op": "delete", "at": 0})) == "(Dropout) Dense Dense"
    assert (
        stacked(apply(without, {"op": "add", "layer": "GaussianNoise", "at": 0}))
        == "GaussianNoise Dense (Dropout) Dense Dense"
    )
    assert (
        stacked(apply(without, {"op": "add", "layer": "GaussianNoise", "at": 2}))
        == "Dense (Dropout) Dense GaussianNoise Dense"
    )
    assert stacked(apply(without, {"op": "duplicate", "at": 1})) == "Dense (Dropout) Dense Dense Dense"


@pytest.mark.parametrize(
    "operation",
    [{"op": "disable", "at": 9}, {"op": "enable", "at": 0}, {"op": "delete disabled", "at": 0}, {"op": "disable"}],
)
def test_what_is_not_there_is_neither_put_aside_nor_brought_back(experiment_of, operation):
    with pytest.raises(InvalidExperiment, match="at"):
        apply(experiment_of(), operation)


STACK = read(
    START.value()
    | {
        "layers": [{"layer": "Dense", "units": units} for units in (1, 2, 3, 4)],
        "aside": [
            {"at": 0, "layer": {"layer": "Dense", "units": 10}},
            {"at": 2, "layer": {"layer": "Dense", "units": 11}},
        ],
    }
)


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize(
    "operation",
    [
        {"op": "set", "path": "layers.1.activation", "value": "relu"},
        *({"op": "move", "at": at, "to": to} for at in range(4) for to in (-1, 0, 1, 2, 3, 9)),
        *({"op": kind, "at": at} for kind in ("duplicate", "delete", "disable") for at in range(4)),
        *({"op": "add", "layer": "Dropout", "at": at} for at in range(5)),
        {"op": "add", "layer": "Dropout"},
        {"op": "add", "layer": "Embedding", "at": 3},
        *({"op": kind, "at": at} for kind in ("enable", "delete disabled") for at in (0, 1)),
    ],
    ids=str,
)
def test_a_layer_is_found_again_after_every_operation(operation, place):
    after = apply(STACK, operation)
    units = [layer.value("units") if layer.name == "Dense" else None for layer in after.layers]
    mine = place + 1  # Its units; of a copy, which stands behind it, the first is the layer itself.
    assert place_after(STACK, operation, place) == (units.index(mine) if mine in units else None)
