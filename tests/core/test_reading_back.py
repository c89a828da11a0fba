"""The way back: programs and configurations that others wrote become stacks again."""

import json
import textwrap

import pytest

from core.experiment.spec import Experiment, read
from core.keras_code.parse import NotReadable, stack_of, with_stack

DENSE = {"layer": "Dense", "units": 4, "activation": "relu"}


def experiment(targets=("y",), **more) -> Experiment:
    data = {"table": "file:x", "targets": list(targets), "features": {"a": "number", "w": "category"}}
    return read({"version": 1, "name": "A test", "data": data, "layers": [DENSE], **more})


def layers(source: str) -> list[dict]:
    """The stack of a program, as an experiment writes it."""
    return [layer.model_dump(mode="json", by_alias=True) for layer in stack_of(source).layers]


WANTED = [
    {"layer": "Dense", "units": 64, "activation": "relu"},
    {"layer": "Dropout", "rate": 0.5},
    {"layer": "Dense", "units": 10, "activation": "softmax"},
]


@pytest.mark.parametrize(
    "source",
    [
        """
        import tensorflow as tf
        model = tf.keras.Sequential([
            tf.keras.layers.Dense(64, activation=tf.nn.relu),
            tf.keras.layers.Dropout(0.5),
            tf.keras.layers.Dense(10, activation=tf.keras.activations.softmax),
        ])""",
        """
        from keras.models import Sequential
        from keras.layers import Dense, Dropout
        hidden, classes = 64, 10
        model = Sequential()
        model.add(Dense(hidden, activation="relu", input_shape=(8,)))
        model.add(Dropout(rate=0.5))
        model.add(Dense(classes, "softmax"))""",
        """
        from tensorflow import keras
        from tensorflow.keras import layers as L
        inputs = keras.Input(shape=(8,), name="rows")
        x = L.Dense(64, "relu")(inputs)
        x = L.Dropout(1 / 2)(x)
        outputs = L.Dense(10, activation="softmax")(x)
        model = keras.Model(inputs=inputs, outputs=outputs)""",
        """
        def build(units=32, rate=0.1, classes=10):
            stack = [keras.layers.Flatten(input_shape=(2, 4))]
            for width in [units]:
                stack += [keras.layers.Dense(width, activation="relu"), keras.layers.Dropout(rate)]
            stack.append(keras.layers.Dense(classes, activation="softmax"))
            return keras.Sequential(stack)
        if __name__ == "__main__":
            model = build(units=2 ** 6, rate=0.5)""",
        """
        config = {"units": 64, "rates": (0.1, 0.5)}
        with strategy.scope():
            base = keras.Sequential([*[keras.layers.Dense(config["units"], "relu") for _ in range(1)]])
            head = [keras.layers.Dense(10, "softmax")]
            model = keras.Sequential([base, keras.layers.Dropout(config["rates"][-1])] + head)""",
        """
        def make_model():
            model = keras.models.Sequential()
            model.add(keras.layers.Dense(64))
            model.pop()
            model.add(keras.layers.Dense(64, activation="ReLU"))
            model.add(keras.layers.Dropout(.5))
            model.add(keras.layers.Dense(10, activation="softmax"))
            return model""",
        """
        ```python
        !pip install keras
        hidden = keras.layers.Dense(64, "relu")
        model = keras.Sequential([hidden, keras.layers.Dropout(.5), keras.layers.Dense(10, "softmax")])
        ```""",
        """
        >>> model = keras.Sequential([
        ...     keras.layers.Dense(64, "relu"), keras.layers.Dropout(.5), keras.layers.Dense(10, "softmax")])
        """,
    ],
)
def test_a_stack_is_read_however_it_is_written(source):
    assert layers(textwrap.dedent(source)) == WANTED
    assert stack_of(textwrap.dedent(source)).left_out == ()


def test_long_chains_of_calls_around_a_model_are_passed_over():
    around = "frame = pd.read_csv('x.csv')" + "".join(f".step{n}(a={n})" for n in range(25))
    assert layers(f"{around}\nmodel = keras.Sequential([keras.layers.Dense(1)])") == [{"layer": "Dense", "units": 1}]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("'l2'", {"class": "L2"}),
        ("keras.regularizers.L2(0.02)", {"class": "L2", "l2": 0.02}),
        ("regularizers.l2(l2=0.02)", {"class": "L2", "l2": 0.02}),
        ("regularizers.l2(l=0.02)", {"class": "L2", "l2": 0.02}),
        ("tf.keras.regularizers.l1_l2(1e-5, 1e-4)", {"class": "L1L2", "l1": 1e-5, "l2": 1e-4}),
        ("keras.regularizers.get('l1')", {"class": "L1"}),
        ("None", None),
    ],
)
def test_regularizers_are_read_in_all_their_spellings(written, expected):
    assert (
        layers(f"keras.Sequential([keras.layers.Dense(3, kernel_regularizer={written})])")[0].get("kernel_regularizer")
        == expected
    )


def test_initializers_constraints_and_old_names_are_read():
    source = """keras.Sequential([
    Dense(3, None, False, 'he_normal', keras.initializers.Zeros, kernel_constraint=max_norm(3.)),
    LeakyReLU(alpha=0.1), Dense(2, activation=LeakyReLU(0.2)), BatchNormalization(-1, 0.9)])"""
    assert layers(source) == [
        {
            **{
                "layer": "Dense",
                "units": 3,
                "activation": None,
                "use_bias": False,
                "kernel_initializer": {"class": "HeNormal"},
            },
            **{"bias_initializer": {"class": "Zeros"}, "kernel_constraint": {"class": "MaxNorm", "max_value": 3.0}},
        },
        {"layer": "LeakyReLU", "negative_slope": 0.1},
        {"layer": "Dense", "units": 2},
        {"layer": "LeakyReLU", "negative_slope": 0.2},
        {"layer": "BatchNormalization", "momentum": 0.9},
    ]


def test_compile_and_fit_of_a_usual_program_are_taken():
    parsed = stack_of(
        """
lr = 1e-2
model = Sequential([Dense(1)])
metrics = ["mae", keras.metrics.RootMeanSquaredError(name="r")]
model.compile(optimizer=keras.optimizers.SGD(lr, momentum=0.9), loss="mse", metrics=metrics)
stop = keras.callbacks.EarlyStopping("val_root_mean_squared_error", patience=5, restore_best_weights=True, mode="min")
tf.random.set_seed(7)
history = model.fit(x_train, y_train, 16, 30, callbacks=[stop], validation_data=(x_val, y_val), verbose=0)
"""
    )
    assert parsed.left_out == ()
    assert parsed.compile == {
        "optimizer": {"class": "SGD", "learning_rate": 0.01, "momentum": 0.9},
        "loss": {"class": "MeanSquaredError"},
        "metrics": ["MeanAbsoluteError", "RootMeanSquaredError"],
    }
    stopping = {"class": "EarlyStopping", "monitor": "val_rmse", "patience": 5, "restore_best_weights": True}
    assert parsed.fit == {"epochs": 30, "batch_size": 16, "seed": 7, "callbacks": [stopping]}


@pytest.mark.parametrize(
    "source",
    [
        # As Keras's guide has it, as it was said before, and layer by layer.
        """
keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
inputs = keras.Input((8,))
x = layers.Dense(4, activation="relu")(inputs)
outputs = layers.Activation("softmax", dtype="float32")(layers.Dense(3)(x))
model = keras.Model(inputs, outputs)""",
        'tf.keras.mixed_precision.set_global_policy("mixed_bfloat16")\nmodel = Sequential([Dense(4), Dense(3)])',
        'model = Sequential([Dense(4, dtype="mixed_bfloat16"), Dense(3)])',
        'half = keras.DTypePolicy("mixed_bfloat16")\nSequential([Dense(4, dtype=half), Dense(3, dtype="float32")])',
    ],
)
def test_mixed_precision_is_read_of_the_whole_or_of_a_layer(source):
    parsed = stack_of(source)
    assert (parsed.left_out, parsed.compile) == ((), {"dtype_policy": "mixed_bfloat16"})


def test_another_policy_is_named_and_none_changes_nothing():
    (told,) = stack_of('Sequential([Dense(4, dtype="mixed_float16"), Dense(3)])').left_out
    assert told == ("Line 1: the dtype policy mixed_float16 is left out: Layerdeck has float32 and mixed_bfloat16.")
    assert stack_of('Sequential([Dense(4, dtype="float32")])').compile == {"dtype_policy": "float32"}
    assert stack_of("Sequential([Dense(4)])").compile == {}


@pytest.mark.parametrize(
    ("loss", "metric"),
    [
        ("binary_crossentropy", "BinaryAccuracy"),
        ("sparse_categorical_crossentropy", "SparseCategoricalAccuracy"),
        ("categorical_crossentropy", "CategoricalAccuracy"),
    ],
)
def test_accuracy_means_what_the_loss_says(loss, metric):
    parsed = stack_of(f"m = Sequential([Dense(3)])\nm.compile('adam', '{loss}', metrics=['accuracy'])")
    assert (parsed.compile["metrics"], parsed.left_out) == ([metric], ())


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("Conv2D(32, 3, activation='relu')", "Conv2D is left out: it is for pictures, sound or sequences"),
        ("LSTM(64)", "Use Dense layers in its place."),
        ("Lambda(lambda x: x**2)", "Lambda is left out: it takes a function: write a plug-in"),
        ("Normalization()", "Choose the kind of a column on the Data page."),
        ("Mine(3)", "Mine (ours.Mine) is left out: it is no layer that Layerdeck has."),
        ("Dens(3)", 'Did you mean "Dense"?'),
        ("Dense(n_units)", "Dense is left out: units"),
        ("Dense(0)", "got 0, expected a whole number from 1"),
        ("Dense(3, activation='sparsemax')", "sparsemax is left out: it is wrong in Keras"),
        ("Dense(3, activation=mystery)", "mystery is left out"),
        ("Dense(3, lora_rank=4)", "lora_rank of Dense is left out: Layerdeck has no such setting."),
        (
            "Dense(3, kernel_regularizer=OrthogonalRegularizer(mode='columns'))",
            "mode of OrthogonalRegularizer is left out",
        ),
        ("Dropout(1.5)", "got 1.5, expected a number from 0 and below 1"),
        ("Dense", "Dense is left out: it is not called."),
    ],
)
def test_what_cannot_be_represented_is_named_with_its_line(line, told):
    parsed = stack_of(f"from ours import Mine\nmodel = Sequential([\n    Dense(2),\n    {line},\n    Dense(1),\n])")
    assert [layer.value("units") for layer in parsed.layers if layer.name == "Dense"][0::99] == [2]
    assert any(told in sentence for sentence in parsed.left_out), parsed.left_out
    assert all(sentence.startswith("Line 4: ") for sentence in parsed.left_out if line != "Dense")


def test_what_is_said_to_fit_and_has_another_place_is_named():
    parsed = stack_of(
        "m = Sequential([Dense(1)])\nm.fit(x, y, epochs=n, validation_split=0.2, class_weight={0: 1, 1: 5})"
    )
    assert parsed.fit == {}
    assert [sentence.split(" is left out")[0] for sentence in parsed.left_out] == [
        "Line 2: epochs",
        "Line 2: validation_split",
        "Line 2: class_weight",
    ]


def chain_of(layers: int) -> str:
    """The configuration of a functional model."""
    dense = [
        {
            "class_name": "Dense",
            "name": f"d{at}",
            "config": {"units": 1},
            "inbound_nodes": [[[f"d{at - 1}", 0, 0, {}]]] if at else [],
        }
        for at in range(layers)
    ]
    return json.dumps(
        {"class_name": "Functional", "config": {"layers": dense, "input_layers": [], "output_layers": []}}
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "There is no Keras model in this text."),
        ("print('hello')", "Expected model = keras.Sequential([...])"),
        ("model = Sequential(", "Line 1 is no Python"),
        ("import torch.nn as nn\nmodel = nn.Sequential(nn.Linear(3, 1))", "There is no Keras model"),
        ("model = keras.Sequential(make_layers())", "make_layers()"),
        ('{"a": 1}', "This JSON is no model"),
        ('{"class_name": ', "is not JSON"),
        ('{"class_name": "Dense", "config": {}}', "configuration of 'Dense'"),
        (chain_of(3000), "The model has more than 1,000 layers."),
        ("x = 1\n" * 300_000, "paste only the lines that build the model"),
    ],
)
def test_a_text_without_a_stack_is_refused_with_a_sentence(text, told):
    with pytest.raises(NotReadable) as refused:
        stack_of(text)
    assert told in str(refused.value)


def test_a_stack_replaces_layers_and_leaves_what_was_not_said():
    given = experiment(fit={"epochs": 40, "initial_epoch": 30, "seed": 3}, compile={"optimizer": "SGD"})
    after = with_stack(given, stack_of("m = Sequential([Dense(2)])\nm.fit(x, epochs=10)"))
    assert [layer.arguments for layer in after.layers] == [{"units": 2}]
    assert (after.fit.epochs, after.fit.initial_epoch, after.fit.seed) == (10, 0, 3)
    assert (after.data, after.compile) == (given.data, given.compile)


def test_a_stack_without_a_usable_layer_leaves_the_layers():
    parsed = stack_of("m = Sequential([LSTM(3)])")
    assert (parsed.layers, len(parsed.left_out)) == ((), 1)
    assert with_stack(experiment(), parsed) == experiment()


def test_a_configuration_without_lines_is_read_alike():
    value = {"name": "s", "layers": [{"class_name": "Dense", "config": {"units": 3, "activation": "tanh"}}]}
    assert layers(json.dumps(value)) == [{"layer": "Dense", "units": 3, "activation": "tanh"}]


CONFIG = {
    "class_name": "Functional",
    "config": {
        "layers": [
            {"class_name": "InputLayer", "name": "a", "config": {"batch_shape": [None, 3]}, "inbound_nodes": []},
            {
                "class_name": "Dense",
                "name": "b",
                "config": {
                    "units": 2,
                    "kernel_regularizer": {"class_name": "L2", "config": {"l2": 0.009999999776482582}},
                },
                "inbound_nodes": [
                    {
                        "args": [{"class_name": "__keras_tensor__", "config": {"keras_history": ["a", 0, 0]}}],
                        "kwargs": {},
                    }
                ],
            },
            {
                "class_name": "Sequential",
                "name": "c",
                "config": {"layers": [{"class_name": "Dense", "config": {"units": 1, "activation": "linear"}}]},
                "inbound_nodes": [[["b", 0, 0, {}]]],
            },
        ],
        "input_layers": [["a", 0, 0]],
    },
    "compile_config": {
        "optimizer": {"class_name": "Adam", "config": {"learning_rate": 0.0010000000474974513, "clipnorm": 1.0}},
        "loss": {"class_name": "Huber", "config": {"delta": 2.0}},
        "metrics": ["mae", {"class_name": "RootMeanSquaredError", "config": {"name": "x"}}],
    },
}


def test_a_functional_configuration_is_read_as_keras_2_and_keras_3_write_it():
    parsed = stack_of(json.dumps(CONFIG))
    assert parsed.left_out == ()
    assert [layer.arguments for layer in parsed.layers] == [
        {"units": 2, "kernel_regularizer": {"class": "L2"}},
        {"units": 1},
    ]
    assert parsed.compile == {
        "optimizer": {"class": "Adam", "clipnorm": 1.0},
        "loss": {"class": "Huber", "delta": 2.0},
        "metrics": ["MeanAbsoluteError", "RootMeanSquaredError"],
    }
