"""Proposals: every field of every row of the catalog can be varied, with values that its field takes."""

import functools

import pytest

from core.catalog.callbacks import CALLBACKS
from core.catalog.fields import Name, Numbers
from core.catalog.layers import LAYERS
from core.catalog.losses import LOSSES
from core.catalog.optimizers import OPTIMIZERS
from core.catalog.schedules import SCHEDULES
from core.experiment.spec import Experiment
from core.search.checked_space import checked_space
from core.search.proposals import Proposal, changes_loss, proposals, title_of, usual_space
from core.search.space import Dimension, Space, value_at
from core.search.varied_fields import field_at, varied_fields
from tests.core import advised
from tests.core.test_race_variants import samples, tables  # noqa: F401


def every_row() -> dict[str, Experiment]:
    """An experiment with each row of the catalog: the layers before an output layer, the others in their place."""
    hidden, output = advised.HIDDEN, advised.OUTPUT["price"]
    made = {}
    for name, row in LAYERS.items():
        layer = {"layer": name, **row.starting_arguments()}
        features = advised.TOWN if row.embeds else None
        made[f"layer {name}"] = advised.experiment(layers=[layer, hidden, output], features=features)
    for name in OPTIMIZERS:
        made[f"optimizer {name}"] = advised.experiment(optimizer=name)
    for name, row in SCHEDULES.items():
        schedule = {"class": name, **row.starting_arguments()}
        made[f"schedule {name}"] = advised.experiment(optimizer={"class": "Adam", "learning_rate": schedule})
    for name, row in CALLBACKS.items():
        made[f"callback {name}"] = advised.experiment(callbacks=[{"class": name, **row.starting_arguments()}])
    for name in LOSSES:
        made[f"loss {name}"] = advised.experiment(loss=name)
    return made


ROWS = every_row()


@functools.cache
def proposed_for(row: str) -> tuple[Proposal, ...]:
    """What is proposed around a row's experiment."""
    return proposals(ROWS[row])


@pytest.mark.slow
@pytest.mark.parametrize("row", ROWS)
def test_every_field_of_a_row_is_proposed_with_values_that_it_takes(row):
    base = ROWS[row]
    proposed = {one.dimension.path: one for one in proposed_for(row)}
    for path, varied in varied_fields(base).items():
        overruled = path.startswith("compile.optimizer.learning_rate") and base.callback("LearningRateScheduler")
        if isinstance(varied.field, Name | Numbers) or isinstance(varied.value, dict) or overruled:
            continue
        if path.startswith("features.") and len(base.data.features) == 1:
            continue
        dimension = proposed[path].dimension
        assert Dimension.read(path, dimension.value()) == dimension
        tried = dimension.choices if dimension.kind == "choice" else (dimension.low, dimension.high)
        for value in tried:
            assert varied.field.check(value) == value
        if dimension.kind == "choice":
            assert varied.value in tried
        elif varied.value is not None and (varied.value > 0 or not dimension.log):
            assert dimension.low <= varied.value <= dimension.high
        assert proposed[path].title
        assert proposed[path].help
    assert len(proposed) == len(proposed_for(row))


@pytest.mark.slow
@pytest.mark.parametrize("row", ROWS)
def test_every_proposal_makes_an_experiment_that_has_the_value(row):
    base = ROWS[row]
    for one in proposed_for(row):
        space, path = Space((one.dimension,)), one.dimension.path
        assert title_of(base, path) == one.label
        for value in one.dimension.choices or (one.dimension.low, one.dimension.high):
            made = space.experiment(base, {path: value})
            if path.startswith("layers.") and value is None and path.count(".") == 1:
                assert len(made.layers) == len(base.layers) - 1
            else:
                assert value_at(made, path) == value
    usual = {one.dimension.path: one.dimension.value() for one in proposed_for(row) if one.usual}
    assert Space.read(usual).experiment(base, {}) == base


def test_dropout_is_proposed_with_none_and_what_the_experiment_has_among_a_few_rates():
    def choices(layers):
        found = proposals(advised.experiment(layers=layers))
        return next(one.dimension.choices for one in found if one.dimension.path == "dropout")

    hidden, last = {"layer": "Dense", "units": 8, "activation": "relu"}, {"layer": "Dense", "units": 1}
    assert choices([hidden, last]) == (0.0, 0.1, 0.2, 0.3, 0.5)
    assert choices([hidden, {"layer": "Dropout", "rate": 0.25}, last]) == (0.0, 0.1, 0.2, 0.25, 0.3, 0.5)


@pytest.mark.slow
def test_the_usual_space_can_be_trained_on_every_sample_and_lesson(samples, tables):  # noqa: F811
    for name, base in samples.items():
        situation = tables.situation(base)
        space = usual_space(base, situation)
        assert checked_space(space, base, situation) == space, name
        assert space.experiment(base, space.current(base)) == base, name
        assert any("learning_rate" in one.path for one in space.dimensions), name
        assert not changes_loss(base, space) or any(layer.arguments for layer in base.layers), name


@pytest.mark.parametrize(
    ("of", "path", "low", "high", "log"),
    [
        ({"optimizer": "SGD"}, "compile.optimizer.learning_rate", 3e-3, 0.1, True),  # Within its habit.
        ({"optimizer": {"class": "Adam", "learning_rate": 0.5}}, "compile.optimizer.learning_rate", 3e-4, 0.5, True),
        ({}, "compile.optimizer.beta_1", 0.0, 0.99, False),  # Default 0.9: 10 times as far from 1, and a tenth.
        ({}, "compile.optimizer.beta_2", 0.99, 0.9999, False),
        ({}, "compile.optimizer.epsilon", 1e-8, 1e-6, True),
        ({}, "compile.optimizer.clipnorm", 0.1, 10, True),
        ({}, "layers.0.units", 8, 256, True),
        (
            {"layers": [{"layer": "Dense", "units": 512}, {"layer": "Dense", "units": 1}]},
            "layers.0.units",
            8,
            512,
            True,
        ),
        (
            {"layers": [{"layer": "Dropout", "rate": 0.6}, {"layer": "Dense", "units": 1}]},
            "layers.0.rate",
            0,
            0.6,
            False,
        ),
        ({"loss": "Huber"}, "compile.loss.delta", 0.1, 10, True),
        ({"callbacks": [{"class": "EarlyStopping", "patience": 100}]}, "fit.callbacks.0.patience", 2, 100, True),
    ],
)
def test_a_range_is_the_rows_own_or_around_the_default_and_holds_the_current_value(of, path, low, high, log):
    found = next(one.dimension for one in proposals(advised.experiment(**of)) if one.dimension.path == path)
    assert (found.low, found.high, found.log) == (pytest.approx(low), pytest.approx(high), log)


def test_a_schedule_is_varied_by_its_arguments():
    schedule = {"class": "CosineDecay", "initial_learning_rate": 0.01}
    base = advised.experiment(optimizer={"class": "Adam", "learning_rate": schedule})
    rates = [one for one in proposals(base) if "learning_rate" in one.dimension.path and one.usual]
    assert [one.dimension.path for one in rates] == ["compile.optimizer.learning_rate.initial_learning_rate"]
    assert rates[0].title == "Learning rate: Initial learning rate"


def test_batch_sizes_are_powers_of_two_with_four_steps_of_the_training_rows():
    base = advised.experiment()
    sizes = {one.dimension.path: one.dimension.choices for one in proposals(base, advised.situation(base))}
    assert sizes["fit.batch_size"] == (16, 32, 64, 128)  # 700 training rows: 256 would be less than three steps.


def test_class_weights_are_proposed_for_classes_only():
    for target, expected in (("price", False), ("town", True)):
        base = advised.experiment(target)
        paths = {one.dimension.path for one in proposals(base, advised.situation(base))}
        assert ("fit.class_weight" in paths) is expected


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        ({}, (None, "log", "log1p")),  # From 1 on.
        ({"target": "change"}, ()),  # From -50 on.
        ({"target": "town"}, ()),
        ({"loss": "Poisson"}, ()),
    ],
)
def test_logarithms_of_the_target_are_proposed_where_its_amounts_have_them(of, expected):
    base = advised.experiment(**of)
    found = {one.dimension.path: one.dimension for one in proposals(base, advised.situation(base))}
    dimension = found.get(f"data.preparation.{base.data.targets[0]}.target")
    assert (dimension.choices if dimension else ()) == expected
    assert not expected or changes_loss(base, Space((dimension,)))


@pytest.mark.parametrize(("columns", "usual"), [(30, True), (31, False)])
def test_the_scaling_of_numbers_is_searched_by_itself_where_they_are_few(columns, usual):
    base = advised.experiment(features={"town": "category", **{f"x{at}": "number" for at in range(columns)}})
    assert (usual_space(base).dimension("data.scaling.number") is not None) is usual
    assert any(one.dimension.path == "data.scaling.number" for one in proposals(base))


def test_each_kind_of_column_has_its_settings_among_the_proposals():
    bins = {"rooms": {"scaling": "quantile bins"}}
    features = {"area": "number", "rooms": "number", "when": "date", "sold": "boolean", "town": "category"}
    base = advised.experiment(table="file:texts", features={**features, "remarks": "text"}, preparation=bins)
    found = {one.dimension.path: one for one in proposals(base) if one.dimension.path.startswith("data.preparation.")}
    assert [path.removeprefix("data.preparation.") for path in found] == [
        *("area.scaling", "rooms.scaling", "rooms.bins", "when.scaling", "sold.scaling", "town.words"),
        *("remarks.words", "remarks.weighting", "price.target"),
    ]
    assert found["data.preparation.area.scaling"].dimension.choices == ("standard", "log", "quantile bins")
    assert found["data.preparation.rooms.bins"].dimension.value() == {"low": 2, "high": 40, "log": True}
    assert title_of(base, "data.preparation.area.scaling") == "Scaling of area"


def test_what_changes_the_meaning_of_the_loss_is_known():
    base = advised.experiment()
    penalized = advised.experiment(
        layers=[{**advised.HIDDEN, "kernel_regularizer": "L2"}, advised.OUTPUT["price"]], loss="Huber"
    )
    strength, depth = {"low": 1e-6, "high": 0.1, "log": True}, {"depth": {"low": 1, "high": 3}}
    assert not changes_loss(base, usual_space(base))
    assert not changes_loss(base, Space.read(depth))
    assert changes_loss(penalized, Space.read(depth))
    assert changes_loss(penalized, Space.read({"layers.0.kernel_regularizer.l2": strength}))
    assert changes_loss(penalized, Space.read({"compile.loss.delta": {"low": 0.5, "high": 2.0}}))
    assert changes_loss(base, Space.read({"compile.loss": {"choices": ["MeanSquaredError", "Huber"]}}))
    assert changes_loss(base, Space.read({"fit.class_weight": {"choices": [None, "balanced"]}}))


def test_titles_say_what_is_varied_where():
    base = advised.experiment(callbacks=[{"class": "EarlyStopping", "patience": 3}])
    assert title_of(base, "layers.0.units") == "Layer 1: Dense, units"
    assert title_of(base, "compile.optimizer.learning_rate") == "Learning rate"
    assert title_of(base, "fit.callbacks.0.patience") == "Early stopping, patience"
    assert title_of(base, "fit.batch_size") == "Batch size"
    assert title_of(base, "depth") == "Depth"
    assert title_of(base, "layers.0") == "Layer 1: Dense, kind of layer"
    assert title_of(base, "compile.optimizer.momentum") == "compile.optimizer.momentum"  # Adam has none.
    assert field_at(base, "layers.9.units") is None
