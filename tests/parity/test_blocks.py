"""An epoch as one XLA program computes what plain Keras computes: the oracle is `model.fit` on `Batches`."""

import math
import random
import threading
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from core.catalog.layers import LAYERS
from core.catalog.optimizers import OPTIMIZERS
from core.experiment.task import Task
from core.model.batches import Batches
from core.model.matrices import TableMatrices
from core.model.network import TargetScale, build, seeded
from core.model.scoring_program import ValidationProgram
from core.runs.run_training import Reporter
from core.tables.prepared import prepare
from core.training.checkpoint import Checkpoint
from core.training.compiled_epoch import BlockProgram
from core.training.fast_fit import lean
from core.training.hooks import Hooks
from core.training.monitor import FollowEpochs, Watch
from core.training.steering import Steering
from core.training.train import learn

pytestmark = pytest.mark.slow
EPOCHS, COLUMNS, SEED = 3, 5, 7


def rows(count: int, classes: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A matrix and a bent truth: amounts, or class numbers."""
    draw = np.random.default_rng(count)
    x = draw.normal(size=(count, COLUMNS)).astype("float32")
    amount = x[:, :1] * x[:, 1:2] + np.sin(x[:, 2:3]) + 0.1 * draw.normal(size=(count, 1))
    if classes:
        return x, np.digitize(amount, np.quantile(amount, np.arange(1, classes) / classes)).astype("int32")
    return x, amount.astype("float32")


def network(
    optimizer: keras.optimizers.Optimizer, l2: float = 0.0, classes: int = 0, dropout: float = 0.0, small: bool = False
) -> keras.Sequential:
    """A compiled stack; the same weights at each call. The smallest has one layer without biases, and no metrics."""
    keras.utils.set_random_seed(SEED)
    price = keras.regularizers.L2(l2) if l2 else None
    model = keras.Sequential(
        [
            keras.Input((COLUMNS,)),
            *([] if small else [keras.layers.Dense(6, activation="tanh", kernel_regularizer=price)]),
            *([keras.layers.Dropout(dropout)] if dropout else []),
            keras.layers.Dense(
                classes or 1, "softmax" if classes else None, not small, kernel_regularizer=price if small else None
            ),
        ]
    )
    if classes:
        model.compile(
            optimizer,
            loss=keras.losses.SparseCategoricalCrossentropy(),
            metrics=[keras.metrics.SparseCategoricalAccuracy()],
        )
    else:
        metrics = [] if small else [keras.metrics.MeanAbsoluteError(name="mae")]
        model.compile(optimizer, loss=keras.losses.MeanSquaredError(), metrics=metrics)
    return model


def by_blocks(model, train, validation, batch, callbacks=(), work=4e9, epochs=EPOCHS):
    """History of `fit` with the two programs, or with the first alone."""
    model.train_function = program = BlockProgram(model, *train, batch, SEED, work)
    scored = None
    if validation is not None:
        model.test_function = test = ValidationProgram(model, *validation)
        scored = test.dataset
    follow = [FollowEpochs(program), *callbacks]
    with lean(model, follow):
        fitted = model.fit(
            program.dataset, validation_data=scored, epochs=epochs, callbacks=follow, verbose=0, shuffle=False
        )
    assert "reset_metrics" not in vars(model)  # Plain Keras again.
    return fitted.history, program


def by_keras(model, train, validation, batch, callbacks=(), epochs=EPOCHS):
    """History of plain `fit`."""
    model.run_eagerly = True  # For 18 steps a graph takes longer to make than to do without.
    return model.fit(
        Batches(*train, batch, SEED),
        validation_data=validation,
        epochs=epochs,
        callbacks=list(callbacks),
        verbose=0,
        shuffle=False,
    ).history


def assert_equal(ours, theirs, history, expected, tolerance=1e-5) -> None:
    """Weights and history are the same numbers."""
    for mine, keras_own in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(mine, keras_own, rtol=0, atol=tolerance)
    assert list(history) == list(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(history[name], values, rtol=tolerance, atol=tolerance, err_msg=name)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_steps_as_in_plain_fit_with_xla_to_the_last_digit(name):
    """With Dropout: XLA draws the same numbers in both. What all optimizers share is tried with Adam alone: hidden
    layers, a metric, a last, smaller batch and validation rows. Muon treats hidden layers and biases otherwise.
    """
    train, validation = (rows(90), rows(40)) if name == "Adam" else (rows(96), None)

    def compiled() -> keras.Sequential:
        optimizer = getattr(keras.optimizers, name)(OPTIMIZERS[name].usual_rate)
        model = network(optimizer, l2=0.01, dropout=0.2, small=name not in ("Adam", "Muon"))
        model.optimizer.build(model.trainable_variables)  # Else Keras traces its steps twice.
        model.jit_compile = True
        return model

    ours, theirs = compiled(), compiled()
    begun = ours.get_weights()
    history, _ = by_blocks(ours, train, validation, 16)
    plain = {"validation_data": validation, "epochs": EPOCHS, "verbose": 0, "shuffle": False}
    expected = theirs.fit(Batches(*train, 16, SEED), **plain).history
    assert_equal(ours, theirs, history, expected, tolerance=1e-6)
    assert len(set(history["loss" if validation is None else "val_loss"])) == EPOCHS
    for old, new in zip(begun, ours.get_weights(), strict=True):
        assert np.isfinite(new).all()
        assert not np.array_equal(old, new)


# A block's work is given in batches of 1e5 operations, the least the program counts for one.
@pytest.mark.parametrize(
    ("optimizer", "count", "batch", "per_block", "cut"),
    [
        pytest.param(
            keras.optimizers.SGD(0.02, momentum=0.9, nesterov=True),
            *(103, 16, 100, (1, 6, 7)),
            id="6 full batches and one of 7 rows",
        ),
        pytest.param(keras.optimizers.Adam(0.01), 10, 64, 100, (1, 1, 0), id="a batch larger than the table"),
        pytest.param(
            keras.optimizers.Nadam(0.01, clipnorm=1.0),
            *(115, 16, 3, (3, 7, 3)),
            id="7 batches in blocks of 3, 3 and 1, then 3 rows",
        ),
    ],
)
def test_every_cut_into_blocks_steps_as_in_plain_fit_without_xla(optimizer, count, batch, per_block, cut):
    train, validation = rows(count), rows(30)
    ours, theirs = (network(optimizer.from_config(optimizer.get_config()), l2=0.01) for _ in range(2))
    history, program = by_blocks(ours, train, validation, batch, work=per_block * 1e5)
    assert (program.blocks, program.steps, program.rest) == cut
    assert_equal(ours, theirs, history, by_keras(theirs, train, validation, batch))
    assert int(ours.optimizer.iterations) == int(theirs.optimizer.iterations)


class OneByOne:
    """A pace that makes one batch at a time, and notes where it may be held."""

    def __init__(self):
        self.parts = []

    def share(self, batches):
        assert batches > 0
        return 1

    def pass_on(self, part):
        self.parts.append(part)


def test_one_batch_at_a_time_is_the_same_epoch_the_smaller_one_too():
    model, (x, y) = network(keras.optimizers.Adam(0.01)), rows(103)
    program = BlockProgram(model, x, y, 16, SEED)
    variables = [*model.variables, *model.optimizer.variables]
    begun = [variable.numpy() for variable in variables]
    whole = program(iter(program.dataset.get_tf_dataset()))
    expected = model.get_weights()
    for variable, value in zip(variables, begun, strict=True):
        variable.assign(value)
    program.pace = pace = OneByOne()
    assert program(iter(program.dataset.get_tf_dataset())) == whole
    for mine, other in zip(model.get_weights(), expected, strict=True):
        np.testing.assert_array_equal(mine, other)
    assert not np.array_equal(expected[0], begun[0])
    assert pace.parts == [made / 7 for made in range(1, 7)]  # Between 6 full batches and one of 7 rows.
    # One compiled program makes the epoch and each of its batches: XLA would compile anew for each border of a Range.
    (trace,) = program._some._traces.values()
    assert "Range" not in {operation.type for operation in trace.graph.get_operations()}


def test_classes_are_learned_as_in_plain_fit():
    train, validation = rows(90, classes=3), rows(30, classes=3)
    ours, theirs = network(keras.optimizers.Adam(0.05), classes=3), network(keras.optimizers.Adam(0.05), classes=3)
    history, _ = by_blocks(ours, train, validation, 16)
    assert_equal(ours, theirs, history, by_keras(theirs, train, validation, 16))


def two_heads() -> keras.Model:
    """An amount and three classes from one trunk, the amount counting double."""
    keras.utils.set_random_seed(SEED)
    inputs = keras.Input((COLUMNS,))
    trunk = keras.layers.Dense(6, activation="tanh")(inputs)
    heads = {"amount": keras.layers.Dense(1)(trunk), "class": keras.layers.Dense(3, activation="softmax")(trunk)}
    model = keras.Model(inputs, heads)
    model.compile(
        keras.optimizers.Adam(0.02),
        loss={"amount": keras.losses.MeanSquaredError(), "class": keras.losses.SparseCategoricalCrossentropy()},
        loss_weights={"amount": 2.0, "class": 1.0},
        metrics={"amount": [keras.metrics.MeanAbsoluteError(name="mae")]},
        weighted_metrics={"class": [keras.metrics.SparseCategoricalAccuracy(name="accuracy")]},
    )
    return model


def test_several_targets_are_learned_as_in_plain_fit():
    x, amount = rows(90)
    y = {"amount": amount, "class": rows(90, classes=3)[1]}
    counts = np.linspace(0.5, 2, 90).astype("float32")
    weights = {"amount": counts, "class": counts[::-1]}
    ours, theirs = two_heads(), two_heads()
    program, test = BlockProgram(ours, x, y, 16, SEED, weights=weights), ValidationProgram(ours, x, y, weights)
    ours.train_function, ours.test_function = program, test
    follow = [FollowEpochs(program)]
    with lean(ours):
        fitted = ours.fit(
            program.dataset, validation_data=test.dataset, epochs=EPOCHS, callbacks=follow, verbose=0, shuffle=False
        )
    theirs.run_eagerly = True
    batches = Batches(x, y, 16, SEED, weights)
    plain = theirs.fit(batches, validation_data=(x, y, weights), epochs=EPOCHS, verbose=0, shuffle=False)
    assert {"loss", "amount_loss", "amount_mae", "class_accuracy"} < set(fitted.history)
    assert_equal(ours, theirs, fitted.history, plain.history)


def test_more_validation_rows_than_one_block_are_scored_whole():
    model, (x, y) = network(keras.optimizers.SGD(0.05)), rows(8192 + 5)
    expected = model.evaluate(x, y, batch_size=64, verbose=0, return_dict=True)
    model.test_function = program = ValidationProgram(model, x, y)
    assert model.evaluate(program.dataset, verbose=0, return_dict=True) == pytest.approx(expected, rel=1e-5)


def test_callbacks_change_the_learning_rate_and_stop_as_in_plain_fit():
    # The loss never falls by 100: the rate is divided by 4 after every epoch, and the third is the last.
    def watchers():
        plateau = keras.callbacks.ReduceLROnPlateau("loss", factor=0.25, patience=1, min_delta=100.0)
        return [plateau, keras.callbacks.EarlyStopping("loss", patience=2, min_delta=100.0)]

    train, validation = rows(64), rows(20)
    ours, theirs = network(keras.optimizers.SGD(0.5)), network(keras.optimizers.SGD(0.5))
    history, _ = by_blocks(ours, train, validation, 16, watchers(), epochs=9)
    expected = by_keras(theirs, train, validation, 16, watchers(), epochs=9)
    assert history["learning_rate"] == pytest.approx([0.5, 0.5, 0.125])
    assert_equal(ours, theirs, history, expected)


@pytest.mark.parametrize("mode", ["min", "max"])
def test_what_counts_as_better_is_keras_own_comparison(mode):
    stopping = keras.callbacks.EarlyStopping("loss", mode=mode, min_delta=0.1)
    stopping._set_monitor_op()
    near = 0.3 + 1e-9  # Another number, but not of 32 bits.
    pairs = [
        (0.3, None),
        (0.2, 0.3),
        (0.2, near),
        (0.4, 0.3),
        (0.1, 0.3),
        (0.5, 0.3),
        (near - 0.1, 0.3),
        (math.nan, 0.3),
        (0.3, math.inf),
    ]
    expected = [bool(stopping._is_improvement(*pair)) for pair in pairs]
    with lean(network(keras.optimizers.SGD(0.5)), [stopping, keras.callbacks.CSVLogger("unused")]):
        assert "_is_improvement" in vars(stopping)
        assert [stopping._is_improvement(*pair) for pair in pairs] == expected
    assert "_is_improvement" not in vars(stopping)
    assert len(set(expected)) == 2


class Unfusable(keras.layers.Layer):
    """Calls Python in the middle of the graph, which XLA cannot compile."""

    def call(self, inputs):
        """The inputs, unchanged."""
        outputs = tf.py_function(lambda values: values, [inputs], tf.float32)
        outputs.set_shape(inputs.shape)
        return outputs


def reported(experiment, ready, task, told=0, recorded=0, kept=None):
    """An outcome, and the epochs that its Reporter passed on to the watchers and to the record of runs."""
    events, entries = [], []
    reporter = Reporter(events.append, entries.extend, told, recorded)
    outcome = learn(experiment, ready, task, Hooks(epoch=reporter.epoch), kept=kept)
    reporter.close()
    said = [epoch for event in events for epoch, _ in event["epochs"]]
    return outcome, said, [epoch for epoch, _ in entries]


def test_a_network_that_xla_refuses_is_trained_by_plain_fit_and_says_so(monkeypatch, experiment_of, points, tmp_path):
    monkeypatch.setitem(LAYERS, "Unfusable", replace(LAYERS["UnitNormalization"], name="Unfusable", module=__name__))
    layers = [{"layer": "Dense", "units": 4, "activation": "relu"}, {"layer": "Dense", "units": 1}]
    odd = experiment_of(layers=[layers[0], {"layer": "Unfusable"}, layers[1]])
    ready, task = TableMatrices(prepare(points, odd.data, "number")), Task("regression", "y")
    outcome, said, recorded = reported(odd, ready, task)
    assert len(outcome.log) == 1
    assert outcome.log[0].startswith("XLA cannot compile this network, so it was trained by plain fit, more slowly: ")
    assert said == recorded == list(range(1, odd.fit.epochs + 1))
    assert outcome.history["val_loss"][-1] < outcome.history["val_loss"][0]
    assert outcome.scores["test"]["loss"] == pytest.approx(outcome.scores["test"]["rmse"] ** 2, rel=1e-5)

    def cut(epoch, _values):
        if epoch == 3:
            raise InterruptedError

    kept = Checkpoint(tmp_path / "checkpoint.npz")
    monkeypatch.setattr(kept, "due", lambda: True)
    with pytest.raises(InterruptedError):
        learn(outcome.experiment, ready, task, Hooks(epoch=cut), kept=kept)  # It does without XLA at once.
    resumed, said, recorded = reported(odd, ready, task, told=2, recorded=1, kept=kept)
    assert said == list(range(3, odd.fit.epochs + 1))
    assert recorded == list(range(2, odd.fit.epochs + 1))
    assert resumed.history == outcome.history


DROPOUT = [
    {"layer": "Dense", "units": 8, "activation": "relu"},
    {"layer": "Dropout", "rate": 0.3},
    {"layer": "Dense", "units": 1},
]


def test_what_other_threads_draw_changes_no_seed(experiment_of):
    over, drawn = threading.Event(), threading.Event()

    def hammer() -> None:
        while not over.is_set():
            random.random()
            drawn.set()

    def started(seed: int = 1) -> list[bytes]:
        stack = build(
            experiment_of(layers=DROPOUT, seed=seed),
            Task("regression", "y"),
            2,
            TargetScale(np.arange(9.0), Task("regression", "y")),
        )
        return [one.numpy().tobytes() for one in stack.variables]  # The state of the dropout's generator among them.

    quiet = started()
    assert started(seed=2) != quiet
    thread = threading.Thread(target=hammer)
    thread.start()
    try:
        drawn.wait()
        assert [started() for _ in range(5)] == [quiet] * 5
    finally:
        over.set()
        thread.join()


def test_seeded_layers_start_as_after_set_random_seed():
    keras.utils.set_random_seed(5)
    expected = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4), keras.layers.Dense(2)]).get_weights()
    random.seed(99)
    before = random.getstate()
    with seeded(5):
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4), keras.layers.Dense(2)])
    assert random.getstate() == before
    for ours, keras_own in zip(model.get_weights(), expected, strict=True):
        np.testing.assert_array_equal(ours, keras_own)


def test_stop_in_the_middle_of_an_epoch_leaves_that_epoch_out():
    # 6 batches in blocks of 2: 3 blocks an epoch. A person is heard before the first, after each block and after each
    # epoch; Stop comes at the tenth of these, after the first block of the third epoch.
    class Stop(Steering):
        blocks = 0

        def look(self) -> None:
            self.blocks += 1
            self.stop = "best" if self.blocks == 10 else ""

    watch = Watch({}, ("val_loss", False), 50, lambda _epoch, _values: None, Stop())
    model = network(keras.optimizers.SGD(0.05))
    history, _ = by_blocks(model, rows(96), rows(20), 16, [watch], work=2e5, epochs=50)
    assert (watch.ended, watch.epochs, len(history["loss"])) == ("stopped", 2, 3)
    assert watch.history["val_loss"] == history["val_loss"][:2]

    shorter = network(keras.optimizers.SGD(0.05))
    by_keras(shorter, rows(96), rows(20), 16, epochs=watch.best_epoch)
    for mine, keras_own in zip(model.get_weights(), shorter.get_weights(), strict=True):
        np.testing.assert_allclose(mine, keras_own, atol=1e-5)
