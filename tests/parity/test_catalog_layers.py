"""Every layer, activation, initializer and regularizer of the catalog: as the page draws it, as Keras builds, trains
and keeps it.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf

from core.catalog.layer_parts import ACTIVATIONS, INITIALIZERS, REGULARIZERS
from core.catalog.layers import LAYERS
from core.experiment.shapes import outline
from core.experiment.spec import Experiment, read
from core.experiment.task import Task
from core.model.batches import Batches
from core.model.network import TargetScale, build, y_true_for
from core.training.compiled_epoch import BlockProgram

pytestmark = pytest.mark.slow

TASK = Task("regression", "y")
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(24, 5)).astype("float32")
TRUTH = RANDOM.normal(3, 2, size=24)

# Arguments that are not the defaults, and change shapes or weights.
VARIANTS = {
    "Dense": [
        {"units": 7, "use_bias": False},
        {"units": 7, "activation": "tanh", "activity_regularizer": {"class": "L2"}},
    ],
    "BatchNormalization": [
        {"scale": False},
        {"center": False},
        {"scale": False, "center": False, "momentum": 0.5, "epsilon": 0.01},
    ],
    "LayerNormalization": [{"scale": False}, {"center": False}, {"scale": False, "center": False}],
    "ActivityRegularization": [{"l1": 0.1, "l2": 0.1}],
    "ReLU": [{"max_value": 2.0, "negative_slope": 0.1, "threshold": 0.5}],
    "LeakyReLU": [{"negative_slope": 0.0}],
    "ELU": [{"alpha": 0.5}],
    "Dropout": [{"rate": 0.0}, {"rate": 0.9}],
}
LAYER_CASES = [
    pytest.param({"layer": name, **row.starting_arguments(), **more}, id=f"{name}-{index}")
    for name, row in LAYERS.items()
    if not row.embeds  # Those stand elsewhere and see words: below.
    for index, more in enumerate([{}, *VARIANTS.get(name, [])])
]


def experiment(*layers: dict) -> Experiment:
    stack = [{"layer": "Dense", "units": 4}, *layers, {"layer": "Dense", "units": 1}]
    return read({"version": 1, "data": {"table": "file:x", "targets": ["y"]}, "layers": stack})


def built(of: Experiment) -> keras.Sequential:
    return build(of, TASK, X.shape[1], TargetScale(TRUTH, TASK))


def train(of: Experiment, model: keras.Sequential) -> dict[str, list[float]]:
    """One epoch as the worker trains it: one XLA program, batches of 8."""
    y = y_true_for(of, TASK, TRUTH)
    program = BlockProgram(model, X, y, 8, seed=0)
    model.train_function = program
    return model.fit(program.dataset, epochs=1, verbose=0, shuffle=False).history


def train_plainly(of: Experiment, model: keras.Sequential) -> dict[str, list[float]]:
    """One step of plain `fit`: it need not be compiled, which takes long for a stack of fifty layers."""
    model.run_eagerly = True
    return model.fit(X, y_true_for(of, TASK, TRUTH), batch_size=len(X), epochs=1, verbose=0).history


def kept(model: keras.Sequential, path) -> keras.Model:
    """The model after a journey through its file; safe mode is Keras's default."""
    plain = keras.Sequential([keras.Input((X.shape[1],)), *model.layers])
    plain.save(path)
    return keras.models.load_model(path)


@pytest.fixture(scope="module", params=LAYER_CASES)
def alone(request) -> tuple[dict, Experiment, keras.Sequential]:
    """A layer between two Dense ones: as the form has it, the experiment, and what Keras makes of it."""
    of = experiment(request.param)
    return request.param, of, built(of)


def test_the_page_draws_the_shapes_and_weights_that_keras_builds(alone):
    _, of, model = alone
    for drawn, real in zip(outline(of, X.shape[1]), model.layers, strict=False):
        assert drawn.width == real.output.shape[-1]
        assert drawn.trainable == sum(int(np.prod(weight.shape)) for weight in real.trainable_weights)
        # Seeds of random layers are states, not weights: Keras does not count them either.
        assert drawn.parameters == real.count_params()


def test_a_layer_that_says_it_is_random_is_and_no_other(alone):
    layer, _, model = alone
    made = model.layers[1]
    with_noise = [np.asarray(made(np.ones((50, 4), "float32"), training=True)) for _ in range(2)]
    differs = not np.array_equal(*with_noise)
    assert differs == (LAYERS[layer["layer"]].random and layer.get("rate") != 0)


def test_a_layer_leaves_rows_alone_when_asked_for_predictions(alone):
    _, _, model = alone
    together = np.asarray(model(X, training=False))
    each = np.concatenate([np.asarray(model(X[row : row + 1], training=False)) for row in range(4)])
    np.testing.assert_allclose(together[:4], each, rtol=1e-5, atol=1e-5)


@pytest.fixture(scope="module")
def every_layer():
    """All layers in one stack, trained for an epoch by one XLA program."""
    of = experiment(
        *({"layer": name, **row.starting_arguments()} for name, row in LAYERS.items() if not row.embeds),
        {"layer": "LayerNormalization"},
    )
    model = built(of)
    return of, model, train(of, model)


@pytest.fixture(scope="module")
def every_activation():
    """All activations in one stack, each after a normalisation, trained for an epoch."""
    stack = []
    for name in ACTIVATIONS:
        stack += [{"layer": "Dense", "units": 4, "activation": name}, {"layer": "LayerNormalization"}]
    of = experiment(*stack)
    model = built(of)
    return of, model, train_plainly(of, model)


@pytest.mark.parametrize("family", ["every_layer", "every_activation"])
def test_all_train_with_finite_numbers(family, request):
    _, model, history = request.getfixturevalue(family)
    assert np.isfinite(history["loss"]).all()
    for weight in model.weights:
        assert np.isfinite(np.asarray(weight)).all(), weight.path


@pytest.mark.parametrize("family", ["every_layer", "every_activation"])
def test_all_learn_something(family, request):
    of, model, _ = request.getfixturevalue(family)
    fresh = built(of)
    changed = [
        not np.array_equal(one, other) for one, other in zip(model.get_weights(), fresh.get_weights(), strict=True)
    ]
    assert np.mean(changed) > 0.9


@pytest.mark.parametrize("family", ["every_layer", "every_activation"])
def test_all_survive_their_file_and_predict_the_same(family, request, tmp_path):
    _, model, _ = request.getfixturevalue(family)
    again = kept(model, tmp_path / "model.keras")
    assert [type(layer).__name__ for layer in again.layers] == [type(layer).__name__ for layer in model.layers]
    np.testing.assert_array_equal(np.asarray(again(X)), np.asarray(model(X)))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_range_of_an_activation_is_as_stated(name):
    row, far = ACTIVATIONS[name], np.linspace(-30, 30, 600, dtype="float32").reshape(-1, 3)
    values = np.asarray(getattr(keras.activations, name)(far))
    if row.low is not None:
        assert values.min() >= row.low - 1e-6
    else:
        assert values.min() < 0
    if row.high is not None:
        assert values.max() <= row.high + 1e-6
    elif name != "linear":
        assert values.max() > 1


def test_activations_and_their_slopes_can_be_compiled():
    """All in one XLA program, with the numbers that they have uncompiled."""
    sums = np.linspace(-4, 4, 30, dtype="float32").reshape(-1, 3)

    def values(sums):
        sums = tf.convert_to_tensor(sums)
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(sums)
            found = {name: getattr(keras.activations, name)(sums) for name in ACTIVATIONS}
        return found, {name: tape.gradient(value, sums) for name, value in found.items()}

    for plain, compiled in zip(values(sums), tf.function(values, jit_compile=True)(sums), strict=True):
        for name, value in plain.items():
            np.testing.assert_allclose(compiled[name], value, rtol=1e-4, atol=1e-5, err_msg=name)


def test_an_activation_in_a_layer_is_the_function_of_keras(every_activation):
    in_dense = [layer for layer in every_activation[1].layers if isinstance(layer, keras.layers.Dense)][1:-1]
    stack = built(experiment(*({"layer": "Activation", "activation": name} for name in ACTIVATIONS)))
    for layers in (in_dense, stack.layers[1 : 1 + len(ACTIVATIONS)]):
        assert [layer.activation for layer in layers] == [getattr(keras.activations, name) for name in ACTIVATIONS]


@pytest.fixture(scope="module")
def every_part(tmp_path_factory):
    """Dense layers that try all initializers and regularizers, trained for an epoch; and the same after its file."""
    stack = [{"layer": "Dense", "units": 4, "kernel_initializer": {"class": name}} for name in INITIALIZERS]
    stack += [{"layer": "Dense", "units": 4, "kernel_regularizer": {"class": name}} for name in REGULARIZERS]
    stack += [
        {
            "layer": "Dense",
            "units": 4,
            "bias_regularizer": {"class": "L1"},
            "bias_initializer": {"class": "RandomNormal"},
        }
    ]
    of = experiment(*stack)
    model = built(of)
    history = train_plainly(of, model)
    return of, model, history, kept(model, tmp_path_factory.mktemp("parts") / "model.keras")


def test_initializers_and_regularizers_train_with_finite_numbers(every_part):
    _, model, history, again = every_part
    assert np.isfinite(history["loss"]).all()
    assert all(np.isfinite(weight).all() for weight in model.get_weights())
    np.testing.assert_array_equal(np.asarray(again(X)), np.asarray(model(X)))


@pytest.mark.parametrize("index", range(len(INITIALIZERS)), ids=INITIALIZERS)
def test_an_initializer_arrives_with_its_arguments(every_part, index):
    of, model, _, again = every_part
    name = of.layers[index + 1].value("kernel_initializer")["class"]
    row = INITIALIZERS[name]
    for holder in (model, again):
        made = holder.layers[index + 1].kernel_initializer
        assert type(made) is getattr(keras.initializers, name)
        assert {field.name: made.get_config()[field.name] for field in row.fields} == {
            field.name: field.default for field in row.fields
        }


@pytest.mark.parametrize("name", REGULARIZERS)
def test_a_regularizer_charges_as_much_as_it_says(name):
    """For a 2 x 2 matrix of ones: |w| sums to 4, w squared to 4; two rows at an angle of 0 degrees."""
    arguments = {field.name: 0.5 for field in REGULARIZERS[name].fields}
    of = read({"version": 1, "data": {"table": "file:x", "targets": ["y"]}, "layers": [
        {
            "layer": "Dense",
            "units": 2,
            "kernel_initializer": "Ones",
            "kernel_regularizer": {"class": name, **arguments},
        },
        {"layer": "Dense", "units": 1},
    ]})  # fmt: skip
    model = build(of, TASK, 2, TargetScale(TRUTH, TASK))
    # L1: 0.5 x 4. L2: 0.5 x 4. Both: 2 + 2. Orthogonal: 0.5 x the one pair's |cosine| of 1.
    assert float(sum(model.losses)) == pytest.approx(
        {"L1": 2, "L2": 2, "L1L2": 4, "OrthogonalRegularizer": 0.5}[name], rel=1e-5
    )


WORDS = (3, 6)  # Known words of two features: the last two columns are their numbers, 0 for an unknown word.
NUMBERED = np.column_stack([X, RANDOM.integers(0, 4, 24), RANDOM.integers(0, 7, 24)]).astype("float32")
EMBEDDED = [
    {"layer": "Embedding", "output_dim": 2},
    {
        "layer": "Embedding",
        "output_dim": 5,
        "embeddings_initializer": "RandomNormal",
        "embeddings_regularizer": "L2",
        "embeddings_constraint": "NonNeg",
    },
]


def embedding(layer: dict) -> tuple[Experiment, keras.Model]:
    of = read(
        {**experiment().value(), "layers": [layer, {"layer": "Dense", "units": 4}, {"layer": "Dense", "units": 1}]}
    )
    return of, build(of, TASK, NUMBERED.shape[1], TargetScale(TRUTH, TASK), WORDS)


@pytest.mark.parametrize("layer", EMBEDDED)
def test_an_embedding_has_the_shape_and_the_weights_that_are_drawn(layer):
    """Of 5 + 3 + 6 columns 5 stay, and two vectors come; each has one for unknown words, too: (3 + 1 + 6 + 1) x
    output_dim weights.
    """
    of, model = embedding(layer)
    drawn = outline(of, X.shape[1] + sum(WORDS), (TASK,), WORDS)
    dim = layer["output_dim"]
    assert (drawn[0].width, drawn[0].trainable) == (5 + 2 * dim, 11 * dim)
    assert sum(one.parameters for one in drawn) == model.count_params()
    made = next(one for one in model.layers if isinstance(one, keras.layers.Embedding))
    assert type(made.embeddings_initializer).__name__ == layer.get("embeddings_initializer", "RandomUniform")


@pytest.mark.parametrize("layer", EMBEDDED)
def test_an_embedding_trains_as_in_plain_keras_and_survives_its_file(layer, tmp_path):
    of, model = embedding(layer)
    y = y_true_for(of, TASK, TRUTH)
    program = BlockProgram(model, NUMBERED, y, 8, seed=0)
    model.train_function = program
    model.fit(program.dataset, epochs=1, verbose=0, shuffle=False)
    _, plain = embedding(layer)
    plain.run_eagerly = True
    plain.fit(Batches(NUMBERED, y, 8, 0), epochs=1, verbose=0, shuffle=False)
    for ours, theirs in zip(model.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
    keras.Model(model.input, model.output).save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(np.asarray(again(NUMBERED)), np.asarray(model(NUMBERED)))


def test_an_unknown_word_counts_as_nothing():
    _, model = embedding(EMBEDDED[0])
    unknown = NUMBERED.copy()
    unknown[:, -2:] = 0
    joined = next(one for one in model.layers if isinstance(one, keras.layers.Concatenate))
    seen = keras.Model(model.input, joined.output)(unknown)
    np.testing.assert_array_equal(np.asarray(seen)[:, 5:], 0.0)
    np.testing.assert_array_equal(np.asarray(seen)[:, :5], X)
