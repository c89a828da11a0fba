"""What Layerdeck prints comes back as it was, over the whole catalog."""

import pytest

from core.catalog.callbacks import CALLBACKS
from core.catalog.layer_parts import ACTIVATIONS, CONSTRAINTS, INITIALIZERS, REGULARIZERS
from core.catalog.layers import LAYERS
from core.catalog.losses import LOSSES, losses_for
from core.catalog.metrics import METRICS, metrics_for
from core.catalog.optimizers import OPTIMIZERS
from core.catalog.plugins import register
from core.catalog.schedules import SCHEDULES, spread_over
from core.experiment.columns import Column, TableInfo, TableProfile
from core.experiment.preparation import Preparation
from core.experiment.spec import Experiment, read
from core.experiment.targets import suited
from core.experiment.task import Situation, Task
from core.experiment.templates import suit
from core.keras_code.parse import stack_of, unfitting, with_stack
from core.keras_code.script import program

TASKS = {
    "regression": Task("regression", "y"),
    "binary": Task("binary", "y", 2),
    "multiclass": Task("multiclass", "y", 3),
}
BOTH = (TASKS["regression"], Task("regression", "z"))
TABLE = TableProfile(rows=100, columns=(Column(name="y", kind="number"),))
INFO = TableInfo(ref="file:x", name="table.csv", rows=100, columns=3)
DENSE = {"layer": "Dense", "units": 4, "activation": "relu"}


def experiment(targets=("y",), **more) -> Experiment:
    data = {"table": "file:x", "targets": list(targets), "features": {"a": "number", "w": "category"}}
    return read({"version": 1, "name": "A test", "data": data, "layers": [DENSE], **more})


def blank(given: Experiment) -> Experiment:
    """The same question with nothing built for it yet."""
    return read(
        {"version": 1, "name": given.name, "data": given.value()["data"], "layers": [{"layer": "Dense", "units": 99}]}
    )


def printed(given: Experiment, tasks: tuple[Task, ...]) -> str:
    return program(given, Situation(TABLE, tasks), INFO)


def came_back(given: Experiment, task: str = "regression") -> Experiment:
    """What the printed program is read as; nothing of it may be left out."""
    parsed = stack_of(printed(given, (TASKS[task],)))
    assert (parsed.left_out, parsed.notes) == ((), ())
    assert unfitting(given, parsed) == ()
    return with_stack(blank(given), parsed)


def every(row) -> dict:
    """Every argument of a row: as it starts, or as Keras has it."""
    return {field.name: field.default for field in row.fields if field.default is not None} | row.starting_arguments()


@pytest.mark.parametrize("logarithm", ["log", "log1p"])
def test_a_target_that_is_learned_by_its_logarithm(logarithm):
    given = suit(experiment(), TASKS["regression"])
    data = given.data.model_copy(update={"preparation": {"y": Preparation(target=logarithm)}})
    given = given.model_copy(update={"data": data})
    assert f"keras.ops.{logarithm}" in printed(given, (TASKS["regression"],))
    assert came_back(given) == given
    several = suited(given.model_copy(update={"data": data.model_copy(update={"targets": ("y", "z")})}), BOTH)
    assert f"keras.ops.{logarithm}" in printed(several, BOTH)
    parsed = stack_of(printed(several, BOTH))
    assert (parsed.left_out, parsed.notes) == ((), ())
    assert with_stack(blank(several), parsed).layers == several.layers


@pytest.mark.parametrize("full", [False, True])
def test_every_layer_comes_back_from_the_printed_program(full):
    def layer(name: str) -> dict:
        return {"layer": name, **(every(LAYERS[name]) if full else LAYERS[name].starting_arguments())}

    embedding = [name for name, row in LAYERS.items() if row.embeds]
    others = [layer(name) for name in LAYERS if name not in embedding]
    for layers in ([DENSE, *others, {"layer": "Dense", "units": 1}], *([layer(name), DENSE] for name in embedding)):
        given = experiment(layers=layers)
        assert came_back(given) == given


def test_mixed_precision_comes_back_for_one_target_and_for_several():
    layers = [DENSE, DENSE, {"layer": "Dense", "units": 1}]
    given = experiment(layers=layers, compile={"dtype_policy": "mixed_bfloat16"})
    assert came_back(given) == given
    several = given.model_copy(update={"data": given.data.model_copy(update={"targets": ("y", "z")})})
    parsed = stack_of(printed(several, BOTH))
    assert (parsed.left_out, parsed.compile["dtype_policy"]) == ((), "mixed_bfloat16")
    assert with_stack(blank(several), parsed).layers == several.layers


PARTS = {
    "kernel_initializer": INITIALIZERS,
    "bias_initializer": INITIALIZERS,
    "kernel_regularizer": REGULARIZERS,
    "activity_regularizer": REGULARIZERS,
    "kernel_constraint": CONSTRAINTS,
}


@pytest.mark.parametrize("argument", PARTS)
def test_every_part_of_a_layer_comes_back(argument):
    layers = [
        {**DENSE, argument: {"class": name, **given}}
        for name, row in PARTS[argument].items()
        for given in ({}, every(row))
    ]
    given = experiment(layers=layers)
    assert came_back(given) == given


def test_every_activation_comes_back():
    layers = [{**DENSE, "activation": name} for name in ACTIVATIONS] + [
        {"layer": "Activation", "activation": name} for name in ACTIVATIONS
    ]
    given = experiment(layers=layers)
    assert came_back(given) == given


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_comes_back(name):
    for arguments in (every(OPTIMIZERS[name]), {"clipnorm": 1.5, "use_ema": True}):
        given = experiment(compile={"optimizer": {"class": name, **arguments}})
        assert came_back(given) == given


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule_comes_back_in_an_optimizer_and_by_epoch(name):
    schedule = {"class": name, **every(SCHEDULES[name])}
    # It counts epochs, and the program prints how many.
    by_epoch = {
        "class": "LearningRateScheduler",
        "schedule": spread_over(schedule, 100),
    }
    more = {"compile": {"optimizer": {"class": "SGD", "learning_rate": schedule}}, "fit": {"callbacks": [by_epoch]}}
    given = experiment(**more)
    assert came_back(given) == given


@pytest.mark.parametrize(("task", "loss"), [(task, loss) for task in TASKS for loss in losses_for(task)])
def test_every_loss_and_metric_comes_back(task, loss):
    for arguments in ({}, every(LOSSES[loss])):
        metrics = metrics_for(task, LOSSES[loss].target)
        compiled = {"loss": {"class": loss, **arguments}, "metrics": [], "weighted_metrics": []}
        rows = [{"class": name, **METRICS[name].starting_arguments()} for name in metrics]
        compiled |= {"metrics": rows, "weighted_metrics": rows[:2]}
        given = suit(experiment(compile=compiled), TASKS[task])
        assert given.compile.loss.name == loss
        assert came_back(given, task) == given


@pytest.mark.parametrize("full", [False, True])
def test_every_callback_comes_back(full):
    callbacks = [
        {"class": name, **(every(row) if full else row.starting_arguments())} for name, row in CALLBACKS.items()
    ]
    given = experiment(fit={"callbacks": callbacks})
    assert came_back(given) == given


def test_all_that_is_said_to_fit_comes_back():
    fit = {
        **{"epochs": 70, "initial_epoch": 7, "batch_size": 9, "seed": 11, "steps_per_epoch": 5, "validation_steps": 3},
        **{
            "validation_freq": 2,
            "callbacks": [{"class": "EarlyStopping", "monitor": "val_accuracy", "min_delta": 0.01}],
        },
    }
    for weight in (None, "balanced", {"a": 2.0, "b": 0.5}):
        given = suit(experiment(fit={**fit, "class_weight": weight}), TASKS["binary"])
        assert came_back(given, "binary") == given


def test_several_targets_come_back_as_the_same_program():
    given = experiment(
        ("cost", "kind of it", "ok"),
        layers=[{"layer": "Embedding", "output_dim": 3}, DENSE, {"layer": "Dense", "units": 1}],
        compile={
            "loss": {
                "cost": "Huber",
                "kind of it": "CategoricalCrossentropy",
                "ok": {"class": "BinaryCrossentropy", "from_logits": True},
            },
            "metrics": {
                "cost": ["MeanAbsoluteError"],
                "kind of it": ["CategoricalAccuracy", "F1Score"],
                "ok": ["BinaryAccuracy"],
            },
            "weighted_metrics": {"cost": ["RootMeanSquaredError"]},
            "loss_weights": {"cost": 2.0},
        },
    )
    tasks = (Task("regression", "cost"), Task("multiclass", "kind of it", 3), Task("binary", "ok", 2))
    source = printed(given, tasks)
    parsed = stack_of(source)
    assert parsed.left_out == ()
    assert printed(with_stack(blank(given), parsed), tasks) == source
    alone = experiment()
    assert with_stack(alone, parsed).compile.loss == alone.compile.loss
    assert "loss, metrics" in unfitting(alone, parsed)[0]


@pytest.mark.usefixtures("catalog")
def test_plug_ins_come_back(tmp_path):
    (tmp_path / "ours.py").write_text(
        "import keras\n\n"
        "@keras.saving.register_keras_serializable(package='plugins')\n"
        "class Scale(keras.layers.Layer):\n    'Scales.'\n    def __init__(self, start: float = 1.0, **kwargs):\n    "
        "    pass\n\n"
        "@keras.saving.register_keras_serializable(package='plugins')\n"
        "def quartic(x):\n    'x^4.'\n    return x**4\n"
    )
    assert not register(tmp_path).broken
    given = experiment(layers=[{**DENSE, "activation": "quartic"}, {"layer": "Scale", "start": 2.0}])
    parsed = stack_of(program(given, Situation(TABLE, (TASKS["regression"],)), INFO, tmp_path))
    assert parsed.left_out == ()
    assert with_stack(blank(given), parsed) == given


@pytest.mark.parametrize("targets", [("y",), ("y", "z")])
def test_a_program_that_takes_the_targets_mean_away_comes_back(targets):
    loss = "MeanSquaredError" if len(targets) == 1 else dict.fromkeys(targets, "MeanSquaredError")
    given = experiment(targets=targets, layers=[DENSE, {"layer": "Dense", "units": 1}], compile={"loss": loss})
    tasks = tuple(Task("regression", name) for name in targets)
    text = program(given, Situation(TABLE, tasks, offsets=dict.fromkeys(targets, 1e9)), INFO)
    assert "TARGET_OFFSET" in text
    assert "TARGET_OFFSET" not in printed(given, tasks)
    parsed = stack_of(text)
    assert (parsed.left_out, parsed.notes) == ((), ())


@pytest.mark.parametrize("several", [False, True])
def test_a_program_with_a_temperature_comes_back_without_it(several):
    """It is a setting of the run, not of the experiment."""
    tasks = (TASKS["regression"], Task("binary", "z", 2)) if several else (TASKS["binary"],)
    given = suited(experiment(targets=[task.target for task in tasks]), tasks)
    text = program(given, Situation(TABLE, tasks), INFO, temperatures={tasks[-1].target: 1.5})
    assert "1.5" in text
    parsed, plain = stack_of(text), stack_of(printed(given, tasks))
    assert (parsed.left_out, parsed.notes) == (plain.left_out, plain.notes) == ((), ())
    assert with_stack(blank(given), parsed) == with_stack(blank(given), plain)
