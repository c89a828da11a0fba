"""The way back from what Keras itself writes: signatures, configurations and files, over the whole catalog."""

import importlib
import inspect
import json
import struct
import zipfile

import keras
import numpy as np
import pytest

from core.catalog.fields import Row
from core.catalog.layer_parts import ACTIVATIONS, CONSTRAINTS, INITIALIZERS, REGULARIZERS
from core.catalog.layers import LAYERS
from core.catalog.losses import LOSSES
from core.catalog.metrics import METRICS
from core.catalog.optimizers import OPTIMIZERS
from core.catalog.schedules import SCHEDULES, spread_over
from core.experiment.spec import Layer, read
from core.keras_code.parse import NotReadable, stack_of, stack_of_file, with_stack
from core.keras_code.parsing_names import COMPILE, FAMILIES, FIT, order, row_of

pytestmark = pytest.mark.slow

ROWS = [
    pytest.param(row, id=f"{family}-{name}")
    for family, rows in FAMILIES.items()
    if family != "activation"
    for name, row in rows.items()
]


def positional(function) -> list[str]:
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [
        name for name, one in inspect.signature(function).parameters.items() if one.kind in kinds and name != "self"
    ]


def made(row: Row, **given):
    """The object that a row stands for."""
    return getattr(importlib.import_module(row.module), row.name)(**given)


@pytest.mark.parametrize("row", ROWS)
def test_the_order_of_arguments_is_that_of_keras(row):
    assert order(row) == positional(getattr(importlib.import_module(row.module), row.name).__init__)


def test_the_order_of_compile_and_fit_is_that_of_keras():
    assert positional(keras.Model.compile) == COMPILE
    assert positional(keras.Model.fit) == FIT


SPACES = {
    "activation": (keras.activations, ACTIVATIONS),
    "initializer": (keras.initializers, INITIALIZERS),
    "regularizer": (keras.regularizers, REGULARIZERS),
    "constraint": (keras.constraints, CONSTRAINTS),
    "loss": (keras.losses, LOSSES),
    "metric": (keras.metrics, METRICS),
    "optimizer": (keras.optimizers, OPTIMIZERS),
}


@pytest.mark.parametrize("family", SPACES)
def test_short_names_mean_what_keras_says(family):
    """Every name that Keras resolves to a class of the catalog is read as that class."""
    space, rows = SPACES[family]
    known = importlib.import_module(
        space.__name__.replace("keras", "keras.src", 1) if ".src" not in space.__name__ else space.__name__
    )
    names = getattr(known, "ALL_OBJECTS_DICT", {})
    checked = 0
    for name, object_ in names.items():
        meant = (
            object_.__name__
            if inspect.isclass(object_)
            else (row.name if (row := row_of(family, object_.__name__)) else "")
        )
        if meant in rows:
            found = row_of(family, name)
            assert found is not None, name
            assert found.name == meant, name
            checked += 1
    assert checked >= len(rows) / 2


def experiment(**more):
    data = {"table": "file:x", "targets": ["y"], "features": {"a": "number"}}
    return read({"version": 1, "data": data, "layers": [{"layer": "Dense", "units": 99}], **more})


def built(layers: list[Layer]) -> keras.Sequential:
    """A stack as Keras makes it."""
    objects = [keras.Input((3,))]
    for layer in layers:
        arguments = {
            name: made(
                layer.row.field(name).rows()[value["class"]],
                **{key: one for key, one in value.items() if key != "class"},
            )
            if isinstance(value, dict)
            else value
            for name, value in layer.arguments.items()
        }
        objects.append(made(layer.row, **arguments))
    return keras.Sequential(objects)


STACK = [
    Layer.of(
        "Dense",
        units=8,
        activation="gelu",
        kernel_regularizer={"class": "L1L2", "l1": 0.001},
        kernel_initializer="HeNormal",
    ),
    *(Layer.of(name, **row.starting_arguments()) for name, row in LAYERS.items() if name not in ("Dense", "Embedding")),
    Layer.of(
        "Dense", units=2, use_bias=False, bias_constraint="NonNeg", activity_regularizer={"class": "L2", "l2": 0.02}
    ),
]


def test_every_layer_comes_back_from_to_json():
    parsed = stack_of(built(STACK).to_json())
    assert (list(parsed.layers), parsed.left_out) == (STACK, ())


def test_get_config_is_read_too():
    parsed = stack_of(json.dumps(built(STACK).get_config()))
    assert (list(parsed.layers), parsed.left_out) == (STACK, ())


PARTS = {
    "kernel_initializer": INITIALIZERS,
    "kernel_regularizer": REGULARIZERS,
    "kernel_constraint": CONSTRAINTS,
}


@pytest.mark.parametrize("argument", PARTS)
def test_every_part_comes_back_from_to_json(argument):
    wanted = [Layer.of("Dense", units=2, **{argument: {"class": name}}) for name in PARTS[argument]]
    parsed = stack_of(built(wanted).to_json())
    usual = [
        Layer.of("Dense", units=2) if layer.arguments[argument]["class"] == "GlorotUniform" else layer
        for layer in wanted
    ]
    assert (list(parsed.layers), parsed.left_out) == (usual, ())


def test_every_activation_comes_back_from_to_json():
    wanted = [Layer.of("Dense", units=2, activation=name) for name in ACTIVATIONS if name != "linear"]
    parsed = stack_of(built(wanted).to_json())
    assert (list(parsed.layers), parsed.left_out) == (wanted, ())


def compiled(optimizer=None, loss=None, metrics=()):
    model = built([Layer.of("Dense", units=2)])
    model.compile(optimizer=optimizer or "sgd", loss=loss or "mse", metrics=list(metrics))
    return stack_of(model.to_json())


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_comes_back_from_to_json(name):
    parsed = compiled(optimizer=made(OPTIMIZERS[name], learning_rate=0.003, clipnorm=1.5))
    assert (parsed.compile["optimizer"], parsed.left_out) == (
        {"class": name, "learning_rate": 0.003, "clipnorm": 1.5},
        (),
    )


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule_comes_back_from_to_json(name):
    schedule = spread_over({"class": name, **SCHEDULES[name].starting_arguments()}, 1000)
    given = {
        key: list(value) if isinstance(value, tuple) else value for key, value in schedule.items() if key != "class"
    }
    parsed = compiled(optimizer=keras.optimizers.Adam(made(SCHEDULES[name], **given)))
    rate = with_stack(experiment(), parsed).compile.optimizer.value("learning_rate")
    assert (rate, parsed.left_out) == (schedule, ())


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_comes_back_from_to_json(name):
    parsed = compiled(loss=made(LOSSES[name]))
    assert (parsed.compile["loss"], parsed.left_out) == ({"class": name}, ())


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_comes_back_from_to_json(name):
    starting = METRICS[name].starting_arguments()
    parsed = compiled(metrics=[made(METRICS[name], **starting)])
    assert (parsed.compile["metrics"], parsed.left_out) == ([{"class": name, **starting} if starting else name], ())


def test_a_functional_chain_is_read_and_one_that_branches_is_not():
    begin = keras.Input((3,))
    x = keras.layers.Dense(4, "relu")(begin)
    part = keras.Sequential([keras.layers.Dropout(0.2), keras.layers.Dense(1)], name="part")
    chain = keras.Model(begin, part(x))
    wanted = [Layer.of("Dense", units=4, activation="relu"), Layer.of("Dropout", rate=0.2), Layer.of("Dense", units=1)]
    assert list(stack_of(chain.to_json()).layers) == wanted
    forked = keras.Model(begin, keras.layers.Add()([x, keras.layers.Dense(4)(x)]))
    with pytest.raises(NotReadable, match="branches"):
        stack_of(forked.to_json())
    tail = keras.Model(begin, part(keras.layers.Add()([x, keras.layers.Dense(4)(x)])))
    parsed = stack_of(tail.to_json())
    assert list(parsed.layers) == wanted[1:]
    assert parsed.left_out == ("The model branches: what comes before 'part' was left out.",)


def test_a_keras_file_is_read_without_its_weights(tmp_path):
    model = built(STACK)
    model.compile("adam", "mse", metrics=["mae"])
    model.save(tmp_path / "model.keras")
    parsed = stack_of_file((tmp_path / "model.keras").read_bytes(), "model.keras")
    assert (list(parsed.layers), parsed.left_out) == (STACK, ())
    assert parsed.compile["metrics"] == ["MeanAbsoluteError"]


def test_what_a_stack_is_read_as_computes_what_the_stack_does():
    """The layers that came back, given the same weights, answer alike: an oracle for what was read."""
    keras.utils.set_random_seed(3)
    theirs = built(STACK)
    ours = built(list(stack_of(theirs.to_json()).layers))
    ours.set_weights(theirs.get_weights())
    rows = np.random.default_rng(0).normal(size=(5, 3)).astype("float32")
    np.testing.assert_array_equal(ours(rows), theirs(rows))


def test_callbacks_are_read_by_position():
    parsed = stack_of(
        "m = Sequential([Dense(1)])\nm.fit(x, callbacks=[EarlyStopping('val_loss', 0.1, 7), "
        "ReduceLROnPlateau('loss', 0.5, 3)])"
    )
    assert parsed.fit["callbacks"] == [
        {"class": "EarlyStopping", "monitor": "val_loss", "patience": 7, "min_delta": 0.1},
        {"class": "ReduceLROnPlateau", "monitor": "loss", "factor": 0.5, "patience": 3},
    ]


def archive(path, name="config.json", content=b"{}") -> bytes:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, content)
    return path.read_bytes()


def test_a_hostile_file_is_refused_in_words(tmp_path):
    path = tmp_path / "x.keras"
    bomb = archive(path, content=b" " * 50_000_000)
    assert len(bomb) < 75_000
    whole = archive(path)
    at = whole.rfind(b"PK\x05\x06")
    many = whole[: at + 12] + struct.pack("<I", 10**9) + whole[at + 16 :]
    lying = bytearray(archive(path, content=b"x" * 6_000_000))
    at = lying.rfind(b"PK\x01\x02")
    lying[at + 24 : at + 28] = struct.pack("<I", 10)  # It says that it holds ten bytes.
    texts = {
        "larger than 5 MB": bomb,
        "has no config.json": archive(path, "../../config.json"),
        "is damaged": many,
        "damaged ": whole[:-30],
        "old .h5 format": b"\x89HDF\r\n\x1a\n" + b"\0" * 100,
        "no model": whole,
    }
    for told, content in texts.items():
        with pytest.raises(NotReadable, match=told.strip()):
            stack_of_file(content, "model.keras")
    with pytest.raises(NotReadable):
        stack_of_file(bytes(lying), "model.keras")
    with pytest.raises(NotReadable, match="no text"):
        stack_of_file(b"\xff\xfe\xff", "model.py")
