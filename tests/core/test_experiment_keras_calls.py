"""What follows from an experiment before any library is asked: its Keras calls, its task, its shapes, its
best epoch.
"""

import pytest

from core.experiment.columns import Column, TableProfile
from core.experiment.keras_calls import (
    bounded_below,
    callback_calls,
    layer_calls,
    loss_call,
    metric_calls,
    mixed_layers,
    optimizer_call,
)
from core.experiment.monitored_metric import monitor
from core.experiment.shapes import input_columns, outline
from core.experiment.spec import Experiment, read
from core.experiment.task import MOST_CLASSES, Task, tasks_of

AMOUNT, YES_OR_NO, CLASSES = Task("regression", "y"), Task("binary", "y", 2), Task("multiclass", "y", 3)


def experiment(layers=({"layer": "Dense", "units": 1},), fit=None, data=None, **compiled) -> Experiment:
    value = {"version": 1, "data": {"table": "file:x", "targets": ["y"], **(data or {})}, "layers": list(layers)}
    return read(value | {"compile": compiled, "fit": fit or {}})


def codes(calls) -> list[str]:
    return [call.code() for call in calls]


def test_a_layer_is_called_with_what_was_given_and_nothing_else():
    layer = {
        "layer": "Dense",
        "units": 3,
        "activation": "relu",
        "kernel_regularizer": {"class": "L2", "l2": 0.1},
        "use_bias": False,
    }
    assert codes(layer_calls(experiment([layer]), CLASSES)) == [
        'keras.layers.Dense(units=3, activation="relu", '
        "kernel_regularizer=keras.regularizers.L2(l2=0.1), use_bias=False)"
    ]


def test_mixed_precision_ends_before_the_last_dense_layer():
    mixed = {"dtype_policy": "mixed_bfloat16", "loss": "SparseCategoricalCrossentropy"}
    hidden, norm = {"layer": "Dense", "units": 8, "activation": "relu"}, {"layer": "BatchNormalization"}
    given = experiment([hidden, norm, {"layer": "Dense", "units": 3}, {"layer": "Softmax"}], **mixed)
    assert codes(layer_calls(given, CLASSES)) == [
        'keras.layers.Dense(units=8, activation="relu", dtype="mixed_bfloat16")',
        'keras.layers.BatchNormalization(dtype="mixed_bfloat16")',
        "keras.layers.Dense(units=3)",
        "keras.layers.Softmax()",
    ]
    embedding = {"layer": "Embedding", "output_dim": 2}
    assert mixed_layers(experiment([embedding, hidden, {"layer": "Dense", "units": 3}], **mixed)) == [1]
    assert mixed_layers(experiment([{"layer": "Dense", "units": 3}], **mixed)) == []
    assert mixed_layers(experiment([norm], **mixed)) == []
    penalized = {**hidden, "activity_regularizer": {"class": "L1", "l1": 0.1}}
    outputs = [penalized, {"layer": "ActivityRegularization", "l1": 0.1}, hidden, {"layer": "Dense", "units": 3}]
    assert mixed_layers(experiment(outputs, **mixed)) == [2]
    assert mixed_layers(experiment([hidden, hidden])) == []


@pytest.mark.parametrize(
    ("last", "loss", "step"),
    [
        ({"layer": "Dense", "units": 1}, "MeanSquaredError", "scale=TARGET_SCALE, offset=TARGET_MEAN"),
        # Never below 0.
        (
            {"layer": "Dense", "units": 1, "activation": "relu"},
            "MeanSquaredError",
            "scale=TARGET_SCALE",
        ),
        ({"layer": "Dense", "units": 1, "activation": "softplus"}, "Poisson", "scale=TARGET_SCALE"),
        ({"layer": "Dense", "units": 1}, "Poisson", "scale=TARGET_SCALE"),
        ({"layer": "ReLU"}, "Huber", "scale=TARGET_SCALE"),
        ({"layer": "ReLU", "negative_slope": 0.1}, "Huber", "scale=TARGET_SCALE, offset=TARGET_MEAN"),
        ({"layer": "Activation", "activation": "tanh"}, "Huber", "scale=TARGET_SCALE, offset=TARGET_MEAN"),
    ],
)
def test_an_amount_ends_with_the_step_into_its_own_unit(last, loss, step):
    of = experiment([{"layer": "Dense", "units": 1}, last], loss=loss)
    assert codes(layer_calls(of, AMOUNT))[-1] == f"keras.layers.Rescaling({step})"
    assert codes(layer_calls(of, YES_OR_NO))[-1].startswith(f"keras.layers.{last['layer']}(")


def test_a_relu_with_a_slope_may_go_below_zero():
    assert bounded_below(experiment([{"layer": "ReLU"}]))
    assert not bounded_below(experiment([{"layer": "ReLU", "negative_slope": 0.1}]))


def test_muon_leaves_the_output_layer_to_adam():
    of = experiment([{"layer": "Dense", "units": 8}, {"layer": "Dense", "units": 1}], optimizer="Muon")
    assert codes(layer_calls(of, YES_OR_NO)) == [
        "keras.layers.Dense(units=8)",
        'keras.layers.Dense(units=1, name="output")',
    ]
    assert optimizer_call(of).code() == "keras.optimizers.Muon(exclude_layers=['output'])"


@pytest.mark.parametrize(
    ("loss", "threshold"),
    [
        ("BinaryCrossentropy", ""),
        ({"class": "BinaryCrossentropy", "from_logits": True}, "threshold=0.0, "),
        ("Hinge", "threshold=0.0, "),
    ],
)
def test_raw_scores_and_margins_are_decided_at_zero(loss, threshold):
    of = experiment(loss=loss, metrics=["BinaryAccuracy"])
    assert codes(metric_calls(of, YES_OR_NO)) == [f'keras.metrics.BinaryAccuracy({threshold}name="accuracy")']


def test_a_metric_gets_what_its_task_needs():
    of = experiment(loss="CategoricalCrossentropy", metrics=["AUC", {"class": "FBetaScore", "beta": 2}])
    assert codes(metric_calls(of, CLASSES)) == [
        'keras.metrics.AUC(multi_label=True, name="auc")',
        'keras.metrics.FBetaScore(beta=2.0, average="macro", name="fbeta")',
    ]


@pytest.mark.parametrize(
    ("loss", "watched", "delta"),
    [
        ("MeanSquaredError", "val_loss", "0.5 / TARGET_SCALE**2"),
        ("MeanAbsoluteError", "loss", "0.5 / TARGET_SCALE"),
        ("MeanAbsoluteError", "val_mae", "0.5"),
        ("Poisson", "val_loss", "0.5"),
    ],
)
def test_a_smallest_change_is_given_in_the_unit_of_the_target(loss, watched, delta):
    of = experiment(loss=loss, fit={"callbacks": [{"class": "EarlyStopping", "monitor": watched, "min_delta": 0.5}]})
    assert codes(callback_calls(of)) == [f'keras.callbacks.EarlyStopping(monitor="{watched}", min_delta={delta})']


def test_a_watched_metric_says_whether_larger_is_better():
    """Keras guesses from the name, and refuses to guess for counts."""
    of = experiment(
        loss="BinaryCrossentropy",
        metrics=["TruePositives", "FalsePositives"],
        fit={
            "callbacks": [
                {"class": "EarlyStopping", "monitor": "val_true_positives"},
                {"class": "ReduceLROnPlateau", "monitor": "false_positives"},
            ]
        },
    )
    assert codes(callback_calls(of)) == [
        'keras.callbacks.EarlyStopping(monitor="val_true_positives", mode="max")',
        'keras.callbacks.ReduceLROnPlateau(monitor="false_positives", mode="min")',
    ]


def test_a_loss_is_called_with_its_arguments():
    assert loss_call(experiment(loss={"class": "Huber", "delta": 2})).code() == "keras.losses.Huber(delta=2.0)"


@pytest.mark.parametrize(
    ("watched", "larger"),
    [(None, False), ("val_loss", False), ("val_auc", True), ("accuracy", True), ("val_crossentropy", False)],
)
def test_the_best_epoch_is_judged_by_what_early_stopping_watches(watched, larger):
    callbacks = [{"class": "EarlyStopping", "monitor": watched}] if watched else []
    of = experiment(
        loss="BinaryCrossentropy", metrics=["AUC", "BinaryAccuracy", "BinaryCrossentropy"], fit={"callbacks": callbacks}
    )
    assert monitor(of) == (watched or "val_loss", larger)


def test_words_that_are_embedded_are_a_column_a_feature():
    """Three numbers and two features of 4 and 7 known words: 14 columns one-hot, 3 + 2 as numbers of words, 3 + 2 * 5
    as vectors.
    """
    dense = {"layer": "Dense", "units": 1}
    embedded = experiment([{"layer": "Embedding", "output_dim": 5}, dense])
    assert input_columns(experiment([dense]), 14, (4, 7)) == 14
    assert input_columns(embedded, 14, (4, 7)) == 5
    assert outline(embedded, 14, words=(4, 7))[0].width == 13
    assert input_columns(experiment([]), 14, (4, 7)) == 14


def test_widths_and_weights_follow_the_stack():
    """Dense: 5 x 8 + 8 = 48. Batch normalisation: 2 x 8 learned, 2 x 8 counted. Dense: 8 x 1 + 1 = 9."""
    of = experiment([{"layer": "Dense", "units": 8}, {"layer": "BatchNormalization"}, {"layer": "Dense", "units": 1}])
    found = outline(of, 5)
    assert [(one.width, one.trainable, one.frozen, one.parameters) for one in found] == [
        (8, 48, 0, 48),
        (8, 16, 16, 32),
        (1, 9, 0, 9),
    ]
    assert outline(experiment([]), 5) == []


@pytest.mark.parametrize(
    ("column", "kinds", "task"),
    [
        (Column(name="y", kind="number", target_kind="number", distinct=9, low=0, high=1), {}, AMOUNT),
        (Column(name="y", kind="number", target_kind="number", distinct=3, low=0, high=2), {"y": "code"}, CLASSES),
        (Column(name="y", kind="number", target_kind="code", distinct=3, low=0, high=2), {"y": "number"}, AMOUNT),
        (Column(name="y", kind="category", target_kind="category", distinct=2), {}, YES_OR_NO),
        (Column(name="y", kind="category", target_kind="category", distinct=3), {}, CLASSES),
        # Words are no amounts.
        (
            Column(name="y", kind="category", target_kind="category", distinct=3),
            {"y": "number"},
            None,
        ),
        (Column(name="y", kind="category", target_kind="category", distinct=1), {}, None),
        (Column(name="y", kind="category", target_kind="category", distinct=MOST_CLASSES + 1), {}, None),
        (Column(name="y", kind="date", target_kind=None, distinct=9, low=0, high=1), {}, None),
        (Column(name="y", kind="number", target_kind="number", distinct=9, low=0, high=1), {"y": "date"}, None),
        (Column(name="other", kind="number", target_kind="number", distinct=9, low=0, high=1), {}, None),
    ],
)
def test_the_task_follows_from_the_target(column, kinds, task):
    assert tasks_of(experiment(data={"target_kinds": kinds}), TableProfile(rows=10, columns=(column,))) == (
        (task,) if task else ()
    )


def test_the_units_of_the_output_follow_from_the_task():
    assert (AMOUNT.units, YES_OR_NO.units, CLASSES.units) == (1, 1, 3)
