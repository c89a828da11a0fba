"""Variants of one setting: every suggestion of every setting can be trained, and only what is raced differs."""

import pytest

from core.advice.checks import advise, errors
from core.catalog.optimizers import OPTIMIZERS, PRESETS
from core.experiment.lessons import LESSONS
from core.experiment.spec import MOST_LAYERS, Experiment, read
from core.experiment.templates import TEMPLATES, stack
from core.race.settings import SETTINGS
from core.race.variants import open_to, seeds_of, suggestions, variant, variants
from core.tables.samples import SAMPLES
from core.tables.situation import Tables
from core.tables.sources import TableStore
from tests.core.advised import several, situation


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    return Tables(TableStore(tmp_path_factory.mktemp("races")))


@pytest.fixture(scope="module")
def samples(tables) -> dict[str, Experiment]:
    """A starting experiment on each sample, and every lesson; a template each in turn."""
    from core.experiment.spec import Data
    from core.experiment.task import tasks_of
    from core.experiment.templates import starting_experiment
    from core.tables.profile import suggest

    found = {name: lesson.experiment for name, lesson in LESSONS.items()}
    for (name, sample), template in zip(SAMPLES.items(), [*TEMPLATES, *TEMPLATES, *TEMPLATES], strict=False):
        ref = f"sample:{name}"
        profile = tables.profile(ref)
        data = Data(table=ref, targets=(sample.target,), features=suggest(profile, sample.target))
        (task,) = tasks_of(Experiment(data=data), profile)
        made = starting_experiment(ref, sample.title, sample.target, data.features, task)
        found[f"{name}, {template}"] = made.model_copy(
            update={"layers": tuple(stack(template, task, made.compile.loss))}
        )
    return found


def changed(one: Experiment, other: Experiment) -> set[str]:
    """The parts of an experiment that differ, names and seeds of fit aside."""
    first, second = one.value(), other.value()
    first["fit"]["seed"] = second["fit"]["seed"]
    found = {part for part in ("data", "layers", "compile") if first[part] != second[part]}
    return found | {f"fit.{name}" for name in first["fit"] if first["fit"][name] != second["fit"][name]}


CHANGES = {
    "optimizer": "compile",
    "learning_rate": "compile",
    "depth": "layers",
    "units": "layers",
    "activation": "layers",
    "dropout": "layers",
    "batch_size": "fit.batch_size",
}


@pytest.mark.slow
def test_every_suggestion_can_be_trained_and_changes_nothing_else(samples, tables):
    assert CHANGES.keys() == SETTINGS.keys()
    raced = set()
    for experiment in samples.values():
        known = tables.situation(experiment)
        for setting in open_to(experiment):
            raced.add(setting.name)
            values = suggestions(experiment, setting)
            assert setting.current(experiment) in values
            assert 2 <= len(values) == len(set(values))
            for at in range(0, len(values), 2):  # By two and two, the last with the one before it.
                pair = values[at : at + 2] if at + 1 < len(values) else values[-2:]
                for value, _, made in variants(experiment, setting.name, pair, 1, known):
                    assert read(made.text()) == made
                    assert errors(advise(made, known)) == []
                    assert changed(experiment, made) <= {CHANGES[setting.name]}
                    assert setting.current(made) == value
                    assert setting.read(str(value)) == value
                    assert setting.words(value) in made.name
            assert variant(experiment, setting.name, setting.current(experiment)) == experiment
    assert raced == SETTINGS.keys()


def test_every_optimizer_can_race_with_a_learning_rate_that_suits_it(experiment_of):
    base = experiment_of(optimizer={"class": "Adam", "learning_rate": 0.02, "beta_1": 0.8, "clipnorm": 1.0})
    for name in [*OPTIMIZERS, *PRESETS]:
        chosen = SETTINGS["optimizer"].apply(base, name).compile.optimizer
        low, high = OPTIMIZERS[chosen.name].habit
        assert low <= chosen.value("learning_rate") <= high
        assert chosen.arguments["clipnorm"] == 1.0
    assert SETTINGS["optimizer"].apply(base, "Adam") == base
    assert SETTINGS["optimizer"].apply(base, "SGD with momentum").compile.optimizer.arguments["momentum"] == 0.9


def test_seeds_come_one_after_the_other_with_all_values_each(experiment_of):
    base = experiment_of(seed=4, name="Homes")
    made = variants(base, "optimizer", ["SGD", "Adam"], 2)
    assert [(value, seed, one.fit.seed) for value, seed, one in made] == [
        ("SGD", 4, 4),
        ("Adam", 4, 4),
        ("SGD", 5, 5),
        ("Adam", 5, 5),
    ]
    assert [one.name for *_, one in made][:2] == ["Homes: SGD, seed 4", "Homes: Adam, seed 4"]
    assert {one.data for *_, one in made if one.data != base.data} == set()
    assert seeds_of(2**31 - 1, 2) == [2**31 - 1, 0]
    named = variants(base.model_copy(update={"name": "x" * 120}), "units", [8, 16], 1)
    assert all(len(one.name) == 120 and one.name.endswith("units, seed 4") for *_, one in named)


DENSE = {"layer": "Dense", "units": 64, "activation": "relu"}
DROP = {"layer": "Dropout", "rate": 0.2}
OUT = {"layer": "Dense", "units": 1}


def kinds(one: Experiment) -> str:
    """D64 a dense layer of 64 units, o a dropout layer, a an activation."""
    short = {"Dense": "D", "Dropout": "o", "Activation": "a", "BatchNormalization": "b"}
    return " ".join(short[layer.name] + str(layer.arguments.get("units", "")) for layer in one.layers)


@pytest.mark.parametrize(
    ("layers", "depth", "expected"),
    [
        ([DENSE, DROP, {**DENSE, "units": 32}, DROP, OUT], 1, "D64 o D1"),
        ([DENSE, DROP, {**DENSE, "units": 32}, DROP, OUT], 0, "D1"),
        ([DENSE, DROP, {**DENSE, "units": 32}, DROP, OUT], 4, "D64 o D32 o D32 o D32 o D1"),
        ([{"layer": "BatchNormalization"}, DENSE, OUT], 2, "b D64 D64 D1"),
        ([{"layer": "BatchNormalization"}, DENSE, OUT], 0, "b D1"),
        ([OUT], 2, "D32 D32 D1"),
        ([DENSE, OUT, {"layer": "Activation", "activation": "linear"}], 2, "D64 D64 D1 a"),
    ],
)
def test_depth_takes_layers_from_the_end_or_repeats_the_last(experiment_of, layers, depth, expected):
    assert kinds(SETTINGS["depth"].apply(experiment_of(layers=layers), depth)) == expected


def test_units_of_all_hidden_layers_change_in_proportion(experiment_of):
    base = experiment_of(layers=[DENSE, {**DENSE, "units": 32}, OUT])
    assert kinds(SETTINGS["units"].apply(base, 16)) == "D16 D8 D1"
    assert kinds(SETTINGS["units"].apply(base, 1)) == "D1 D1 D1"


def test_activations_are_changed_where_there_are_some(experiment_of):
    bare, own = {"layer": "Dense", "units": 8}, {"layer": "Activation", "activation": "relu"}
    after = SETTINGS["activation"].apply(experiment_of(layers=[bare, own, DENSE, OUT]), "tanh").layers
    assert [layer.arguments.get("activation") for layer in after] == [None, "tanh", "tanh", None]
    after = SETTINGS["activation"].apply(experiment_of(layers=[bare, OUT]), "tanh").layers
    assert [layer.arguments.get("activation") for layer in after] == ["tanh", None]


def test_dropout_stands_in_all_variants_or_in_none(experiment_of):
    base = experiment_of(layers=[DENSE, DENSE, OUT])
    for rate in (0.0, 0.3):
        made = SETTINGS["dropout"].apply(base, rate)
        assert kinds(made) == "D64 o D64 o D1"
        assert {layer.value("rate") for layer in made.layers if layer.name == "Dropout"} == {rate}
    assert variant(base, "dropout", 0.0) == base
    raced = [one.layers[1].value("rate") for *_, one in variants(base, "dropout", [0.0, 0.3], 1)]
    assert raced == [1e-9, 0.3]  # See test_runs_of_one_seed_begin_alike.
    assert kinds(SETTINGS["dropout"].apply(experiment_of(layers=[DENSE, DROP, OUT]), 0.0)) == "D64 o D1"


def test_several_targets_keep_their_output_layers():
    base = several()
    for setting in open_to(base):
        made = variants(base, setting.name, suggestions(base, setting)[:2], 1, situation(base))
        assert all(one.layers[-1] == base.layers[-1] for *_, one in made)


def test_a_schedule_gives_way_to_the_rates_that_race(experiment_of):
    schedule = {"class": "CosineDecay", "initial_learning_rate": 0.01, "decay_steps": 100}
    base = experiment_of(optimizer={"class": "Adam", "learning_rate": schedule})
    rates = [
        one.compile.optimizer.value("learning_rate") for *_, one in variants(base, "learning_rate", [0.01, 0.1], 1)
    ]
    assert rates == [0.01, 0.1]
    assert variant(base, "learning_rate", 0.01).compile.optimizer.value("learning_rate") == 0.01


def test_what_sets_the_rate_of_all_alike_leaves_nothing_to_race_with(experiment_of):
    schedule = {"class": "ExponentialDecay", "initial_learning_rate": 0.01, "decay_steps": 10, "decay_rate": 0.9}
    base = experiment_of(callbacks=[{"class": "LearningRateScheduler", "schedule": schedule}])
    assert "learning_rate" not in [setting.name for setting in open_to(base)]
    flat = experiment_of(layers=[OUT])
    assert [setting.name for setting in open_to(flat)] == ["optimizer", "learning_rate", "depth", "batch_size"]


@pytest.mark.parametrize(
    ("setting", "values", "seeds", "says"),
    [
        ("optimiser", ["Adam", "SGD"], 1, 'Did you mean "optimizer"'),
        ("optimizer", ["Adam"], 1, "needs 2 to 6"),
        ("optimizer", ["Adam", "Adam"], 1, "different"),
        ("batch_size", [1, 2, 3, 4, 5, 6, 7], 1, "needs 2 to 6"),
        ("optimizer", ["Adam", "SGD"], 0, "1 to 5 seeds"),
        ("optimizer", ["Adam", "SGD"], 6, "1 to 5 seeds"),
        ("optimizer", ["Adam", "Adan"], 1, "Adan is not possible: .*Did you mean"),
        ("learning_rate", [0.1, 0.0], 1, "learning rate 0 is not possible"),
        ("learning_rate", [0.1, float("nan")], 1, "learning rate nan is not possible"),
        ("learning_rate", [0.1, float("inf")], 1, "learning rate inf is not possible"),
        ("dropout", [0.1, 1.0], 1, "dropout 1 is not possible"),
        ("units", [8, 10**9], 1, "1,000,000,000 units is not possible"),
        ("units", [8, 0], 1, "0 units is not possible: got 0, expected 1 or more"),
        ("depth", [1, MOST_LAYERS + 10], 1, "hidden layers is not possible"),
        ("depth", [1, -1], 1, "-1 hidden layers is not possible"),
        ("depth", [1, 10**12], 1, "hidden layers is not possible"),
        ("activation", ["relu", "rellu"], 1, "rellu is not possible"),
        ("batch_size", [16, 0], 1, "batch size 0 is not possible"),
    ],
)
def test_what_is_no_race_is_refused_with_a_sentence(experiment_of, setting, values, seeds, says):
    with pytest.raises(ValueError, match=says):
        variants(experiment_of(), setting, values, seeds)


def test_a_variant_that_could_not_be_trained_is_refused():
    base = several()
    broken = base.model_copy(update={"layers": ()})
    with pytest.raises(ValueError, match="cannot be trained"):
        variants(broken, "batch_size", [16, 32], 1, situation(broken))


@pytest.mark.parametrize(
    ("setting", "text"), [("learning_rate", "fast"), ("units", "8.5"), ("activation", "rellu"), ("optimizer", "Adan")]
)
def test_what_a_person_writes_is_read_or_refused(setting, text):
    with pytest.raises(ValueError, match="is no"):
        SETTINGS[setting].read(text)
    assert SETTINGS["optimizer"].read(" adamw ") == "AdamW"
    assert SETTINGS["batch_size"].read("1,024") == 1024
