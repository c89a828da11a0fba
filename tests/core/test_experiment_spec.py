"""The experiment's JSON: read and written without loss, refused with path, what was given, what is allowed and the
nearest name.
"""

import copy
import json
import math

import pytest
from pydantic import ValidationError

from core.catalog.callbacks import CALLBACKS
from core.catalog.kinds import KINDS
from core.catalog.layers import LAYERS
from core.catalog.losses import LOSSES
from core.catalog.metrics import METRICS
from core.catalog.optimizers import OPTIMIZERS
from core.experiment.share_link import packed, unpacked
from core.experiment.spec import CallbackChoice, Experiment, InvalidExperiment, Layer, Loss, Metric, Optimizer, read

# The example of the design, word for word: headless users and saved runs depend on it.
EXAMPLE = """
{"version": 1, "name": "House prices",
 "data": {"table": "sample:sacramento_homes", "targets": ["price"],
          "features": {"sqft": "number", "beds": "number", "type": "category"}, "weight": null,
          "split": {"method": "random", "train": 0.7, "validation": 0.15, "test": 0.15, "seed": 0}},
 "layers": [{"layer": "Dense", "units": 64, "activation": "relu"}, {"layer": "Dropout", "rate": 0.2},
            {"layer": "Dense", "units": 1}],
 "compile": {"optimizer": {"class": "Adam", "learning_rate": 0.001}, "loss": {"class": "MeanSquaredError"},
             "metrics": ["MeanAbsoluteError", "RootMeanSquaredError"], "weighted_metrics": [], "loss_weights": null},
 "fit": {"epochs": 100, "batch_size": 32, "steps_per_epoch": null, "validation_steps": null, "class_weight": null,
         "callbacks": [{"class": "EarlyStopping", "patience": 10, "restore_best_weights": true}], "seed": 0}}
"""
FAMILIES = {Layer: LAYERS, Optimizer: OPTIMIZERS, Loss: LOSSES, Metric: METRICS, CallbackChoice: CALLBACKS}
MINIMAL = {"version": 1, "data": {"table": "sample:xor"}}


def changed(path: str, value: object) -> dict:
    """The example with one field set."""
    given = json.loads(EXAMPLE)
    at = given
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in steps:
        at = at[step]
    at[last] = value
    return given


def refusal(given: object) -> tuple[str, str]:
    """Path and words of the one thing that is wrong."""
    with pytest.raises(InvalidExperiment) as caught:
        read(given)
    assert len(caught.value.problems) == 1, caught.value.problems
    return caught.value.problems[0]


def test_the_example_of_the_design_is_read_and_written_back_without_loss():
    given, value = json.loads(EXAMPLE), read(EXAMPLE).value()
    # The fields the example leaves out.
    added = {
        "target_kinds": {},
        "positive": {},
        "split": given["data"]["split"] | {"column": None, "table": None},
    }
    fit = given["fit"] | {"validation_freq": 1, "initial_epoch": 0, "minutes": None}
    assert value == given | {"data": given["data"] | added, "fit": fit, "start": None}


def test_text_to_value_to_text_is_the_same_text():
    text = read(EXAMPLE).text()
    assert read(text).text() == text
    assert read(text) == read(EXAMPLE) == read(json.loads(EXAMPLE)) == read(EXAMPLE.encode())


def test_what_is_left_out_takes_the_defaults_and_survives_the_round_trip():
    experiment = read(MINIMAL)
    assert (experiment.name, experiment.layers, experiment.compile.optimizer.name) == ("Untitled", (), "Adam")
    assert read(experiment.text()) == experiment


def test_a_dtype_policy_is_written_where_it_is_another_than_before_there_was_a_choice():
    assert "dtype_policy" not in read(EXAMPLE).text()
    mixed = read(changed("compile.dtype_policy", "mixed_bfloat16"))
    assert mixed.value()["compile"]["dtype_policy"] == "mixed_bfloat16"
    assert read(mixed.text()) == unpacked(packed(mixed)) == mixed != read(EXAMPLE)
    assert read(changed("compile.dtype_policy", "float32")) == read(EXAMPLE)


@pytest.mark.parametrize(("choice", "name"), [(choice, name) for choice, family in FAMILIES.items() for name in family])
def test_every_row_with_every_argument_survives_the_round_trip(choice, name):
    row = choice.family[name]
    for arguments in (row.starting_arguments(), {field.name: field.default for field in row.fields}):
        first = choice.of(name, **arguments)
        again = choice.model_validate(json.loads(json.dumps(first.model_dump(mode="json", by_alias=True))))
        assert again == first
        assert again.arguments == arguments


@pytest.mark.parametrize(("choice", "name"), [(choice, name) for choice, family in FAMILIES.items() for name in family])
def test_an_argument_that_is_left_out_has_the_value_of_keras(choice, name):
    row = choice.family[name]
    bare = choice.of(name, **row.starting_arguments())
    assert {field.name: bare.value(field.name) for field in row.fields} == {
        field.name: field.default for field in row.fields
    }


def test_equal_experiments_have_equal_texts_in_whatever_order_arguments_came():
    one = read(changed("layers.0", {"layer": "Dense", "units": 64, "activation": "relu"}))
    other = read(changed("layers.0", {"activation": "relu", "units": 64.0, "layer": "Dense"}))
    assert one == other
    assert one.text() == other.text()


def test_names_in_any_script_stay_readable_in_the_text():
    experiment = read(changed("name", 'Größe "π" \\ 住宅 \n'))
    assert "Größe" in experiment.text()
    assert read(experiment.text()).name == 'Größe "π" \\ 住宅 \n'


@pytest.mark.parametrize(
    ("path", "value", "where", "words"),
    [
        ("nme", "x", "nme", ["unknown field", "version, name, data", 'Did you mean "name"?']),
        ("data.target", ["price"], "data.target", ["unknown field", "targets", 'Did you mean "targets"?']),
        ("data.split.sed", 1, "data.split.sed", ["unknown field", "seed", 'Did you mean "seed"?']),
        ("fit.epoch", 1, "fit.epoch", ["unknown field", "epochs", 'Did you mean "epochs"?']),
        ("compile.metric", [], "compile.metric", ["unknown field", "metrics", 'Did you mean "metrics"?']),
        ("version", 2, "version", ["got 2", "version 1"]),
        ("version", "1", "version", ["got '1'", "version 1"]),
        (
            "layers.1",
            {"layer": "Dropuot", "rate": 0.1},
            "layers.1.layer",
            ["'Dropuot'", "Dense, Embedding, Activation", 'Did you mean "Dropout"?'],
        ),
        ("compile.optimizer", {"class": "adam"}, "compile.optimizer.class", ["'adam'", "SGD", 'Did you mean "Adam"?']),
        (
            "compile.loss",
            "MeanSquareError",
            "compile.loss.class",
            ["'MeanSquareError'", "Huber", 'Did you mean "MeanSquaredError"?'],
        ),
        (
            "compile.metrics.1",
            "R2Skore",
            "compile.metrics.1.class",
            ["'R2Skore'", "R2Score, MeanSquaredError", 'Did you mean "R2Score"?'],
        ),
        (
            "fit.callbacks.0",
            "EarlyStoping",
            "fit.callbacks.0.class",
            ["ReduceLROnPlateau", 'Did you mean "EarlyStopping"?'],
        ),
        (
            "data.features.sqft",
            "nummer",
            "data.features.sqft",
            ["'nummer'", ", ".join(KINDS), 'Did you mean "number"?'],
        ),
        ("data.target_kinds", {"price": "prose"}, "data.target_kinds.price", ["'prose'", ", ".join(KINDS)]),
        (
            "layers.0.unit",
            3,
            "layers.0.unit",
            ["Dense has no argument 'unit'", "units, activation", 'Did you mean "units"?'],
        ),
        ("layers.0.activation", "rellu", "layers.0.activation", ["'rellu'", "linear, relu", 'Did you mean "relu"?']),
        ("layers.0.units", 0, "layers.0.units", ["got 0", "a whole number from 1 to 16384"]),
        ("layers.0.units", 1.5, "layers.0.units", ["got 1.5", "a whole number"]),
        ("layers.0.units", True, "layers.0.units", ["got True", "a whole number"]),
        ("layers.0", {"layer": "Dense"}, "layers.0.units", ["Dense needs units", "32"]),
        (
            "layers.0.kernel_regularizer",
            {"class": "L2", "l2": -1},
            "layers.0.kernel_regularizer.l2",
            ["got -1", "from 0 and up to 100"],
        ),
        (
            "layers.0.kernel_regularizer",
            {"class": "L2", "l1": 0.1},
            "layers.0.kernel_regularizer.l1",
            ["no argument 'l1'", "it takes l2"],
        ),
        ("layers.0.kernel_regularizer", "L3", "layers.0.kernel_regularizer", ["'L3'", "L1, L2"]),
        ("layers.0.kernel_regularizer", 3, "layers.0.kernel_regularizer", ["got 3", '{"class": NAME, ...}', "or null"]),
        ("layers.1.rate", 1, "layers.1.rate", ["got 1", "from 0 and below 1"]),
        ("compile.optimizer.learning_rate", 0, "compile.optimizer.learning_rate", ["got 0", "above 0 and up to 1000"]),
        ("compile.optimizer.learning_rate", math.inf, "compile.optimizer.learning_rate", ["got inf", "a number"]),
        ("compile.optimizer.learning_rate", 10**400, "compile.optimizer.learning_rate", ["got 1000", "a number"]),
        ("compile.optimizer.amsgrad", 1, "compile.optimizer.amsgrad", ["got 1", "true or false"]),
        ("fit.callbacks.0.monitor", "Val Loss", "fit.callbacks.0.monitor", ["got 'Val Loss'", "val_loss"]),
        ("fit.epochs", 0, "fit.epochs", ["got 0", "greater than or equal to 1"]),
        ("fit.batch_size", None, "fit.batch_size", ["got None", "integer"]),
        ("fit.minutes", 0, "fit.minutes", ["got 0", "greater than 0"]),
        ("fit.minutes", math.inf, "fit.minutes", ["got inf"]),
        ("fit.steps_per_epoch", 0, "fit.steps_per_epoch", ["got 0", "greater than or equal to 1"]),
        ("data.weight", 7, "data.weight", ["got 7", "string"]),
        (
            "data.scaling",
            {"number": "rubust"},
            "data.scaling.number",
            ["'rubust'", "standard, min-max", 'Did you mean "robust"?'],
        ),
        ("data.scaling", {"boolean": "log"}, "data.scaling.boolean", ["'log'", "standard, min-max, robust, none"]),
        ("data.scaling", {"code": "robust"}, "data.scaling.code", ["'code'", "number, boolean, date"]),
        ("data.split.train", 1.5, "data.split.train", ["got 1.5", "less than 1"]),
        ("data.split.train", math.nan, "data.split.train", ["got nan"]),
        ("data.split.train", 0.5, "data.split", ["add up to 0.8", "expected 1"]),
        ("data.split.method", "fold", "data.split.method", ["got 'fold'", "random"]),
        ("data.split.method", "table", "data.split.table", ["needs a table of validation rows"]),
        ("data.table", "", "data.table", ["got ''", "at least 1 character"]),
        ("name", "x" * 121, "name", ["at most 120"]),
        ("layers", [{"layer": "Softmax"}] * 201, "layers", ["at most 200"]),
        ("layers.0", 7, "layers.0", ["got 7", '{"layer": NAME, ...}']),
        ("compile.optimizer", None, "compile.optimizer", ["got None", '{"class": NAME, ...}']),
        ("compile.dtype_policy", "bfloat16", "compile.dtype_policy", ["got 'bfloat16'", "'mixed_bfloat16'"]),
    ],
)
def test_a_wrong_field_is_refused_with_path_given_and_allowed(path, value, where, words):
    at, says = refusal(changed(path, value))
    assert at == where
    for word in words:
        assert word in says


def test_a_scaling_that_is_not_named_is_not_written():
    assert "scaling" not in json.loads(read(MINIMAL).text())["data"]
    given = changed("data.scaling", {"number": "robust"})
    assert json.loads(read(given).text())["data"]["scaling"] == {"number": "robust"}


def test_a_missing_table_is_named():
    assert refusal({"version": 1, "data": {}}) == ("data.table", "is missing.")


def test_every_wrong_field_is_reported_at_once():
    given = changed("fit.epochs", 0)
    given["layers"][1]["rate"] = 2
    with pytest.raises(InvalidExperiment) as caught:
        read(given)
    assert {where for where, _ in caught.value.problems} == {"fit.epochs", "layers.1.rate"}
    assert str(caught.value).count("\n") == 1


@pytest.mark.parametrize(
    "text", ["", "{", "nonsense", "[1]", "null", "3", b"\xff\xfe", "[" * 100_000, '{"a":' * 100_000, '{"version": 1}']
)
def test_what_is_no_experiment_is_refused_in_words(text):
    with pytest.raises(InvalidExperiment, match=r"JSON|brackets|is missing"):
        read(text)


@pytest.mark.parametrize("path", ["name", "data.table", "data.targets", "data.features"])
def test_half_a_character_is_refused(path):
    value = {"data.features": {"\ud800": "number"}, "data.targets": ["\ud800"]}.get(path, "\ud800")
    with pytest.raises(InvalidExperiment):
        read(changed(path, value))


def test_an_experiment_cannot_be_changed_in_place():
    experiment = read(EXAMPLE)
    for holder, name in (
        (experiment, "name"),
        (experiment.fit, "epochs"),
        (experiment.data.split, "seed"),
        (experiment.layers[0], "units"),
        (experiment.compile.optimizer, "learning_rate"),
    ):
        with pytest.raises(ValidationError, match="frozen"):
            setattr(holder, name, 5)


def test_reading_and_writing_leave_what_was_given_alone():
    given = json.loads(EXAMPLE)
    before = copy.deepcopy(given)
    experiment = read(given)
    experiment.value()["data"]["features"]["new"] = "number"
    experiment.layers[0].arguments["units"] = 7
    given["data"]["features"]["other"] = "number"
    assert experiment == read(before)


def test_a_choice_of_one_family_is_no_choice_of_another():
    with pytest.raises(ValidationError):
        Experiment.model_validate({**json.loads(EXAMPLE), "layers": [Optimizer.of("Adam")]})
