"""The printed program, run by itself in a clean process, gives the scores and the model that the worker gives."""

import itertools
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from core.advice.checks import advise, errors
from core.catalog.layers import LAYERS
from core.catalog.plugins import register
from core.experiment.columns import TableInfo
from core.experiment.reading import ColumnReading
from core.experiment.spec import Experiment, read
from core.experiment.task import Task
from core.keras_code.script import program
from core.model.exported_model import bundle
from core.model.network import TargetScale, build
from core.model.outputs import Head
from core.model.preprocessing import preprocessing, tensors
from core.tables.prepared import raw_values
from core.tables.samples import load_sample
from core.tables.situation import Tables
from core.tables.sources import TableStore
from core.tables.statistics import BinStatistics, DateStatistics, LogStatistics, NumberStatistics
from core.training.checkpoint import Checkpoint
from core.training.hooks import Hooks
from core.training.outcome import Outcome
from core.training.train import learn
from tests.parity.clean import Programs
from tests.parity.program_cases import CASES, LONG_TRIALS, NAMES, PLUGIN, deliveries, write

pytestmark = [
    pytest.mark.slow,
    # Days written 31.12.2024 are tried both ways round, and pandas grumbles at the wrong one.
    pytest.mark.filterwarnings("ignore:Parsing dates in"),
]


# Case -> by what share its numbers may differ: the last of a bfloat16's digits.
ROUNDING = {"sacramento_homes mixed": 2**-8}


@dataclass
class Case:
    """An experiment on a file: what the worker made of it, and the process that runs its program."""

    experiment: Experiment
    frame: pd.DataFrame
    info: TableInfo
    folder: Path
    outcome: Outcome
    printed: Callable[[], dict]  # The program's last line.


@pytest.fixture(scope="module")
def cases(tmp_path_factory, request) -> dict[str, Case]:
    """All programs, one after another in a folder each; the worker's trainings beside them. The long trials are among
    them where they are asked for.
    """
    soaks = any(item.get_closest_marker("soak") for item in request.session.items)
    made, arguments, rows = {}, {}, dict(LAYERS)
    home = pytest.MonkeyPatch()
    plugins = tmp_path_factory.mktemp("plugins")
    home.setenv("LAYERDECK_PLUGINS", str(plugins))
    (plugins / "detour.py").write_text(PLUGIN)
    assert not register(plugins).broken
    # Gradient boosting is a baseline, which no program has.
    home.setattr("core.training.background_boosting.within_seconds", lambda *_: False)
    for name, value in CASES.items():
        if name in LONG_TRIALS and not soaks:
            continue
        folder = tmp_path_factory.mktemp(name)
        write(name, folder / "table.csv")
        tables = Tables(TableStore(folder), paths=True)
        value = {"version": 1, "name": name, **value, "data": {"table": str(folder / "table.csv"), **value["data"]}}
        arguments[name] = ["table.csv"]
        if "apart" in name:
            deliveries(6, ten_digits=True).head(49).to_csv(folder / "validation.csv", index=False)
            value["data"]["split"] = {**value["data"]["split"], "table": str(folder / "validation.csv")}
            arguments[name].append("validation.csv")
        experiment = read(value)
        situation = tables.situation(experiment)
        assert errors(advise(experiment, situation)) == []
        info = tables.about(experiment.data.table)
        (folder / "program.py").write_text(
            program(experiment, situation, info, plugins, tables.second(experiment)), encoding="utf-8"
        )
        made[name] = (experiment, tables, situation.tasks, info, folder)
    programs = Programs({name: (folder, "program.py") for name, (*_, folder) in made.items()}, arguments)
    found = {}
    for name, (experiment, tables, tasks, info, folder) in made.items():
        tried = experiment  # The worker tries XLA first.
        if name == "without XLA":
            tried = experiment.model_copy(
                update={"compile": experiment.compile.model_copy(update={"jit_compile": True})}
            )
        outcome = learn(
            tried, tables.prepared(experiment), tasks, Hooks(), kept=Checkpoint(folder / "run" / "state.npz")
        )
        found[name] = Case(
            experiment, tables.frame(experiment.data.table), info, folder, outcome, partial(programs.printed, name)
        )
    yield found
    home.undo()
    LAYERS.clear()
    LAYERS.update(rows)


def test_the_program_cannot_reach_this_project():
    looked = "import importlib.util, sys; sys.exit(importlib.util.find_spec('core') is not None)"
    assert subprocess.run([sys.executable, "-I", "-c", looked], cwd="/", check=False).returncode == 0


@pytest.mark.parametrize("name", NAMES)
def test_the_program_gives_the_scores_of_the_worker(cases, name):
    case = cases[name]
    printed = case.printed()
    assert printed["epochs"] == case.outcome.epochs
    assert printed["test"] == pytest.approx(case.outcome.scores["test"], rel=ROUNDING.get(name, 1e-6))


def test_a_run_that_xla_could_not_compile_is_repeated_without_it(cases):
    case = cases["without XLA"]
    assert "trained by plain fit" in case.outcome.log[0]
    assert case.outcome.experiment == case.experiment
    assert "jit_compile=False" in (case.folder / "program.py").read_text()
    assert cases["random"].outcome.experiment.compile.jit_compile


def test_random_layers_and_early_stopping_are_tried(cases):
    case = cases["random"]
    assert {"Dropout", "GaussianDropout", "AlphaDropout", "GaussianNoise"} <= {
        layer.name for layer in case.experiment.layers
    }
    assert case.outcome.ended == "early"


def test_a_validation_table_is_all_validation_and_the_first_table_trains_and_tests(cases):
    for name in ("deliveries apart", "several apart"):
        ready = Tables(TableStore(cases[name].folder), paths=True).prepared(cases[name].experiment)
        second = deliveries(6).head(49)[list(ready.targets)].notna().all(axis=1).sum()
        known, test = ready.second, int(0.204 * ready.second)
        assert [len(ready.parts[part]) for part in ("train", "validation", "test")] == [known - test, second, test]
        assert "VALIDATION = sys.argv[2]" in (cases[name].folder / "program.py").read_text()


# A column called "km/h" has an input layer of another name; Keras says so when it opens the file, and goes on.
@pytest.mark.filterwarnings("ignore:When providing `inputs` as a dict")
@pytest.mark.parametrize("name", NAMES)
def test_the_model_it_saves_answers_raw_rows_as_the_bundle_does(cases, name):
    case = cases[name]
    case.printed()
    model = keras.models.load_model(case.folder / "model.keras")
    rows = tensors(raw_values(case.frame, case.experiment.data.features, case.outcome.card["ways"]))
    theirs, ours = model(rows), case.outcome.bundle(rows)
    if not case.experiment.several:
        theirs, ours = {"": theirs}, {"": ours}
    widths = {
        "penguins": [3],
        "without XLA": [3],
        "several": [1, 1, 3, 1],
        "sacramento_homes both": [1, 3],
    }
    widths = widths.get(name, widths.get(name.split()[0], [1]))
    assert {target: answers.shape[1] for target, answers in theirs.items()} == dict(zip(ours, widths, strict=True))
    for target, answers in ours.items():
        at_most = 1e-4 * float(np.abs(answers).max())
        rounding = ROUNDING.get(name, 1e-3)
        np.testing.assert_allclose(np.asarray(theirs[target]), np.asarray(answers), rtol=rounding, atol=at_most)
        if "apart" in name and target in ("", "cost"):  # To the digit, where ten are the same in every row.
            assert np.asarray(theirs[target]).dtype == "float64"
            np.testing.assert_allclose(np.asarray(theirs[target]), np.asarray(answers), rtol=0, atol=0.02)


def test_what_callbacks_write_lies_in_the_runs_folder_and_beside_the_program(cases):
    case = cases["sacramento"]
    case.printed()
    for folder in (case.folder / "run", case.folder):
        log = pd.read_csv(folder / "log.csv")
        assert log["epoch"].tolist() == list(range(3))
        assert keras.models.load_model(folder / "checkpoint.keras", compile=False).input_shape == (None, 5)
        assert list((folder / "tensorboard" / "train").glob("events.*"))
    assert not (case.folder / "run" / "backup").exists()  # The worker keeps checkpoints of its own.
    ours = pd.read_csv(case.folder / "run" / "log.csv")
    assert ours["loss"].tolist() == pytest.approx(log["loss"].tolist(), rel=1e-4)


def test_a_schedule_by_epoch_is_followed(cases):
    assert cases["without XLA"].outcome.stack.optimizer.learning_rate.numpy() == pytest.approx(0.1 * 0.5**4)


def test_a_table_of_another_country_is_read_alike(cases):
    """Semicolons and decimal commas: the program says so to pandas."""
    options = cases["deliveries apart"].info.options
    assert (options["sep"], options["decimal"]) == (";", ",")
    assert cases["deliveries apart"].frame["km/h"].dtype == "float64"


def test_prices_with_dollar_signs_are_numbers_in_the_program_too(cases):
    assert "$59,222" in (cases["sacramento"].folder / "table.csv").read_text()
    assert cases["sacramento"].info.decided.columns == {
        "price": ColumnReading.model_validate({"as": "number", "unit": "$"})
    }
    assert cases["sacramento"].frame["price"].tolist() == load_sample("sacramento_homes")["price"].tolist()


def test_a_column_may_be_called_as_any_layer_or_step_is():
    """Keras refuses two layers of one name; 0 is a number that all of them may hold."""
    snake = [re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower() for name in LAYERS]
    steps = [
        "concatenate",
        "normalization",
        "string_lookup",
        "is_nan",
        "where",
        "take",
        "cast",
        "multiply",
        "sin",
        "cos",
        "get_item",
        "log1p",
        "sign",
        "absolute",
        "subtract",
        "true_divide",
        "minimum",
    ]
    names = [
        f"{name}{ending}"
        for name in [*snake, *steps, "rescaling", "output", "probabilities", "a/b"]
        for ending in ("", "_1", "_2")
    ]
    kinds = {
        name: "category" if place % 3 == 0 else "date" if place % 3 == 1 else "number"
        for place, name in enumerate(names)
    }
    layers = [{"layer": name, **row.starting_arguments()} for name, row in LAYERS.items()]
    value = {
        "version": 1,
        "data": {"table": "file:x", "targets": ["y"], "features": kinds},
        "layers": [*layers, {"layer": "Dense", "units": 1}],
    }
    experiment, task = read(value | {"compile": {"optimizer": "Muon"}}), Task("regression", "y")
    number = NumberStatistics(0.0, 0.0, 1.0, 0.0, 0.0, True)
    date = DateStatistics(**vars(number), parts=("trend", "season", "weekday", "hour"))
    numbers = itertools.cycle([number, LogStatistics(**vars(number)), BinStatistics([0.0, 1.0], 0.0, True)])
    statistics = {
        name: ["b"] if kind == "category" else date if kind == "date" else next(numbers) for name, kind in kinds.items()
    }
    keras.backend.clear_session()  # Names are counted from the start again, as in a new process.
    features = preprocessing(kinds, statistics)
    head = Head(experiment, task, TargetScale(np.array([0.0, 1.0]), task))
    made = bundle([head], features, build(experiment, task, features.output_shape[-1], head.scale))
    rows = {name: np.array(["b"], object) if kind == "category" else np.zeros(1) for name, kind in kinds.items()}
    assert np.isfinite(np.asarray(made(tensors(rows)))).all()
