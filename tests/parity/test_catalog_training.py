"""Every optimizer, loss and metric of the catalog is built from an experiment and trains as one XLA program."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn import metrics as sklearn

from core.catalog.fields import Field, Flag, Whole
from core.catalog.losses import LOSSES, losses_for
from core.catalog.metrics import METRICS, metrics_for
from core.catalog.optimizers import OPTIMIZERS, clipping_conflict
from core.experiment.keras_calls import metric_calls, optimizer_call
from core.experiment.spec import Experiment, Loss, read
from core.experiment.task import Task
from core.experiment.templates import output_layer
from core.model.network import TargetScale, build, make, y_true_for
from core.model.scoring_program import ValidationProgram
from core.training.compiled_epoch import BlockProgram

pytestmark = pytest.mark.slow

TASKS = {
    "regression": Task("regression", "y"),
    "binary": Task("binary", "y", 2),
    "multiclass": Task("multiclass", "y", 3),
}
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(48, 4)).astype("float32")
TRUTH = {
    "regression": RANDOM.gamma(2, 3, size=48),
    "binary": (X[:, 0] + RANDOM.normal(size=48) > 0).astype("int64"),
    "multiclass": np.arange(48) % 3,
}
PAIRS = [(task, loss) for task in TASKS for loss in losses_for(task)]
BARE = read({"version": 1, "data": {"table": "file:x", "targets": ["y"]}, "layers": [{"layer": "Dense", "units": 1}]})


def other_than_default(field: Field):
    """A value the field accepts that is not its default."""
    candidates = (
        [not field.default] if isinstance(field, Flag) else [3] if isinstance(field, Whole) else [0.3, 0.05, 1.5, -0.3]
    )
    for value in candidates:
        try:
            field.check(value)
        except ValueError:
            continue
        if value != field.default:
            return value
    raise AssertionError(field)


def experiment(task: str, loss: dict, metrics=(), optimizer="Adam", hidden=()) -> Experiment:
    output = output_layer(TASKS[task], Loss.model_validate(loss)).model_dump(mode="json", by_alias=True)
    value = BARE.value() | {
        "layers": [*hidden, output],
        "compile": {"optimizer": optimizer, "loss": loss, "metrics": list(metrics)},
    }
    return read(value)


def trained(of: Experiment, task: str) -> tuple[keras.Sequential, dict[str, float], np.ndarray]:
    """The model, its numbers of one epoch by an XLA program, and the truth as its loss reads it."""
    model = build(of, TASKS[task], X.shape[1], TargetScale(TRUTH[task], TASKS[task]))
    y = y_true_for(of, TASKS[task], TRUTH[task])
    program = BlockProgram(model, X, y, 16, seed=0)
    model.train_function = program
    history = model.fit(program.dataset, epochs=1, verbose=0, shuffle=False).history
    return model, {name: values[-1] for name, values in history.items()}, y


def test_what_all_optimizers_share_trains_as_one_program_like_plain_fit():
    more = {"use_ema": True, "gradient_accumulation_steps": 2, "weight_decay": 0.01, "global_clipnorm": 0.5}
    of = experiment("binary", {"class": "BinaryCrossentropy"}, optimizer={"class": "SGD", "learning_rate": 0.1, **more})
    model, _, y = trained(of, "binary")
    plain = build(of, TASKS["binary"], X.shape[1], TargetScale(y, TASKS["binary"]))
    rows = np.random.default_rng([0, 0]).permutation(len(X))
    plain.run_eagerly = True  # For 3 steps a graph takes longer to make than to do without.
    plain.fit(X[rows], y[rows], batch_size=16, epochs=1, shuffle=False, verbose=0)
    for one, other in zip(model.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


OPTIMIZER_FIELDS = [
    pytest.param(name, field, id=f"{name}-{field.name}") for name, row in OPTIMIZERS.items() for field in row.fields
]


@pytest.mark.parametrize(("name", "field"), OPTIMIZER_FIELDS)
def test_every_argument_of_an_optimizer_arrives_and_steps(name, field):
    """How each optimizer trains: test_blocks."""
    values = [other_than_default(field), *([None] if field.optional else [])]
    for value in values:
        given = {"class": name, field.name: value}
        optimizer = make(optimizer_call(experiment("binary", {"class": "BinaryCrossentropy"}, optimizer=given)), {})
        assert type(optimizer) is getattr(keras.optimizers, name)
        arrived = optimizer.learning_rate if field.name == "learning_rate" else optimizer.get_config()[field.name]
        assert arrived == value if value is None else float(arrived) == pytest.approx(float(value))
        weight = keras.Variable(np.ones((2, 2), "float32"))
        for _ in range(2):
            optimizer.apply([np.full((2, 2), 0.5, "float32")], [weight])
        assert np.isfinite(np.asarray(weight)).all()


@pytest.mark.parametrize("given", list(itertools.product([None, 1.0], repeat=3)))
def test_keras_refuses_exactly_the_clippings_that_the_checks_call_a_conflict(given):
    arguments = dict(zip(("clipnorm", "clipvalue", "global_clipnorm"), given, strict=True))
    try:
        keras.optimizers.SGD(**arguments)
        refused = False
    except ValueError:
        refused = True
    assert bool(clipping_conflict(arguments)) == refused


@pytest.mark.parametrize(("task", "loss"), PAIRS)
def test_a_loss_trains_with_finite_numbers(task, loss):
    of = experiment(task, {"class": loss})
    model = build(of, TASKS[task], X.shape[1], TargetScale(TRUTH[task], TASKS[task]))
    before = model.get_weights()
    model.run_eagerly = True
    history = model.fit(X, y_true_for(of, TASKS[task], TRUTH[task]), batch_size=len(X), epochs=1, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    for old, new in zip(before, model.get_weights(), strict=True):
        assert np.isfinite(new).all()
        assert not np.array_equal(old, new)


@pytest.mark.parametrize("task", TASKS)
def test_losses_and_their_gradients_can_be_compiled_and_count_as_they_do_uncompiled(task):
    """All losses of a task in one XLA program, of outputs that are probabilities or amounts."""
    outputs = np.random.default_rng(1).uniform(0.05, 0.95, size=(len(X), TASKS[task].units)).astype("float32")
    experiments = [experiment(task, {"class": loss}) for loss in losses_for(task)]

    def numbers(outputs):
        outputs = tf.convert_to_tensor(outputs)
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(outputs)
            losses = [
                tf.reduce_mean(make_loss(of)(y_true_for(of, TASKS[task], TRUTH[task]), outputs)) for of in experiments
            ]
        return losses, [tape.gradient(loss, outputs) for loss in losses]

    plain, compiled = numbers(outputs), tf.function(numbers, jit_compile=True)(outputs)
    for (one, slope), (other, other_slope) in zip(zip(*plain, strict=True), zip(*compiled, strict=True), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4)
        np.testing.assert_allclose(slope, other_slope, rtol=1e-3, atol=1e-6)
        assert np.isfinite(slope).all()
        assert np.abs(slope).max() > 0


# They weigh a whole batch.
@pytest.mark.parametrize(("task", "loss"), [pair for pair in PAIRS if pair[1] not in ("Dice", "Tversky")])
def test_the_loss_of_a_batch_is_the_mean_of_the_losses_of_its_rows(task, loss):
    of = experiment(task, {"class": loss})
    y = y_true_for(of, TASKS[task], TRUTH[task])[:6]
    outputs = np.random.default_rng(1).uniform(0.05, 0.95, size=(6, TASKS[task].units)).astype("float32")
    rows = [float(make_loss(of)(y[row : row + 1], outputs[row : row + 1])) for row in range(6)]
    assert float(make_loss(of)(y, outputs)) == pytest.approx(np.mean(rows), rel=1e-5)


LOSS_FIELDS = [(task, loss, field) for task, loss in PAIRS for field in LOSSES[loss].fields]


@pytest.mark.parametrize(
    ("task", "loss", "field"), [pytest.param(*case, id=f"{case[1]}-{case[2].name}") for case in LOSS_FIELDS]
)
def test_every_argument_of_a_loss_changes_its_number(task, loss, field):
    balancing = {"apply_class_balancing": True} if loss == "BinaryFocalCrossentropy" and field.name == "alpha" else {}
    of = experiment(task, {"class": loss, **balancing})
    changed = read(
        of.value() | {"compile": {"loss": of.value()["compile"]["loss"] | {field.name: other_than_default(field)}}}
    )
    y = y_true_for(of, TASKS[task], TRUTH[task])
    outputs = np.random.default_rng(1).uniform(0.1, 0.9, size=(len(y), TASKS[task].units)).astype("float32") + 3 * (
        task == "regression"
    )
    numbers = [float(np.mean(make_loss(one)(y, outputs))) for one in (of, changed)]
    assert np.isfinite(numbers).all()
    assert numbers[0] != pytest.approx(numbers[1], rel=1e-6)


def make_loss(of: Experiment):
    loss = of.compile.loss
    return getattr(keras.losses, loss.name)(**loss.arguments)


@pytest.mark.parametrize("loss", [name for name, row in LOSSES.items() if row.power])
def test_a_loss_of_the_difference_grows_with_the_power_it_states(loss):
    """Small errors for Huber and large ones for log-cosh, which are squares and sizes only there."""
    y, error = np.zeros((4, 1), "float32"), np.full((4, 1), 0.01 if loss == "Huber" else 200, "float32")
    one, tenfold = (float(getattr(keras.losses, loss)()(y, error * factor)) for factor in (1, 10))
    assert tenfold == pytest.approx(one * 10 ** LOSSES[loss].power, rel=0.01)


# Metrics are tried in groups that one loss can feed, so that each group is compiled once.
GROUPS = [
    ("regression", {"class": "Poisson"}),
    ("binary", {"class": "BinaryCrossentropy"}),
    ("binary", {"class": "BinaryCrossentropy", "from_logits": True}),
    ("binary", {"class": "Hinge"}),
    ("multiclass", {"class": "SparseCategoricalCrossentropy"}),
    ("multiclass", {"class": "CategoricalCrossentropy"}),
]


def group_metrics(task: str, loss: dict) -> list[dict]:
    raw_scores = loss.get("from_logits") or LOSSES[loss["class"]].margin
    names = [
        name
        for name in metrics_for(task, LOSSES[loss["class"]].target)
        if not (raw_scores and METRICS[name].probability)
    ]
    return [{"class": name, **METRICS[name].starting_arguments()} for name in names]


@pytest.fixture(scope="module", params=GROUPS, ids=lambda group: "-".join(map(str, [group[0], *group[1].values()])))
def group(request):
    """All metrics a loss can feed, after an epoch with steps so small that nothing moves."""
    task, loss = request.param
    of = experiment(task, loss, group_metrics(task, loss), optimizer={"class": "SGD", "learning_rate": 1e-30})
    return task, of, *trained(of, task)


def test_metrics_train_as_one_program_and_count_as_keras_does(group):
    task, of, model, numbers, y = group
    outputs = np.asarray(model(X))
    for call in metric_calls(of, TASKS[task]):
        metric = make(call, {})
        metric.update_state(y, outputs)
        short = call.arguments["name"]
        assert numbers[short] == pytest.approx(float(metric.result()), rel=2e-5, abs=1e-6), call.name


def test_metrics_of_validation_rows_are_counted_alike(group):
    _, _, model, numbers, y = group
    model.test_function = program = ValidationProgram(model, X, y)
    assert model.evaluate(program.dataset, verbose=0, return_dict=True) == pytest.approx(numbers, rel=2e-5, abs=1e-6)


def test_metrics_agree_with_scikit_learn(group):
    task, of, model, numbers, _ = group
    outputs, truth, loss = np.asarray(model(X), "float64"), TRUTH[task], of.compile.loss
    if task == "regression":
        oracle = {
            "mae": sklearn.mean_absolute_error(truth, outputs),
            "rmse": sklearn.root_mean_squared_error(truth, outputs),
            "mse": sklearn.mean_squared_error(truth, outputs),
            "r2": sklearn.r2_score(truth, outputs),
            "mape": 100 * sklearn.mean_absolute_percentage_error(truth, outputs),
        }
    elif task == "binary":
        threshold = 0.0 if loss.value("from_logits") or loss.row.margin else 0.5
        said = outputs[:, 0] > threshold
        oracle = {"accuracy": sklearn.accuracy_score(truth, said)}
        if threshold:
            oracle |= {
                "precision": sklearn.precision_score(truth, said),
                "recall": sklearn.recall_score(truth, said),
                "f1": sklearn.f1_score(truth, said),
                "fbeta": sklearn.fbeta_score(truth, said, beta=1),
                "crossentropy": sklearn.log_loss(truth, outputs[:, 0]),
                "hinge": sklearn.hinge_loss(truth, outputs[:, 0]),
                "false_positives": sklearn.confusion_matrix(truth, said)[0, 1],
                "false_negatives": sklearn.confusion_matrix(truth, said)[1, 0],
            }
            # 200 thresholds.
            assert numbers["auc"] == pytest.approx(sklearn.roc_auc_score(truth, outputs[:, 0]), abs=0.02)
    else:
        said = outputs.argmax(axis=1)
        oracle = {
            "accuracy": sklearn.accuracy_score(truth, said),
            "crossentropy": sklearn.log_loss(truth, outputs / outputs.sum(axis=1, keepdims=True)),
            "top_k": 1.0,  # Five guesses for three classes.
        }
        if "f1" in numbers:
            oracle["f1"] = sklearn.f1_score(truth, said, average="macro")
            assert numbers["auc"] == pytest.approx(sklearn.roc_auc_score(truth, outputs, multi_class="ovr"), abs=0.02)
    assert {name: numbers[name] for name in oracle} == pytest.approx(oracle, rel=1e-4, abs=1e-6)


def test_every_metric_is_in_a_group():
    assert {metric["class"] for task, loss in GROUPS for metric in group_metrics(task, loss)} == set(METRICS)


@pytest.mark.parametrize(("task", "loss"), PAIRS)
def test_every_metric_the_form_offers_can_read_what_the_loss_reads(task, loss):
    """Every metric beside every loss it is offered for: a few plain steps, no program."""
    of = experiment(task, {"class": loss}, group_metrics(task, {"class": loss}))
    y = y_true_for(of, TASKS[task], TRUTH[task])
    outputs = np.random.default_rng(1).uniform(0.05, 0.95, size=(len(y), TASKS[task].units)).astype("float32")
    for call in metric_calls(of, TASKS[task]):
        metric = make(call, {})
        metric.update_state(y, outputs)
        assert np.isfinite(float(metric.result())), call.name


def test_short_names_differ_among_the_metrics_of_a_task_and_loss():
    for task, loss in PAIRS:
        names = [METRICS[metric["class"]].short for metric in group_metrics(task, {"class": loss})]
        assert len(set(names)) == len(names)


METRIC_FIELDS = [
    pytest.param(name, field, id=f"{name}-{field.name}") for name, row in METRICS.items() for field in row.fields
]


@pytest.mark.parametrize(("name", "field"), METRIC_FIELDS)
def test_every_argument_of_a_metric_arrives(name, field):
    row, value = METRICS[name], other_than_default(field)
    for task in row.tasks:
        loss = "CategoricalCrossentropy" if "integer" not in row.target else "SparseCategoricalCrossentropy"
        loss = loss if task == "multiclass" else "BinaryCrossentropy"
        arguments = row.starting_arguments() | {field.name: value}
        (call,) = metric_calls(experiment(task, {"class": loss}, [{"class": name, **arguments}]), TASKS[task])
        assert make(call, {}).get_config()[field.name] in (value, [value])
