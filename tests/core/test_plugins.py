"""Plug-ins join the catalog without being run, train, are kept with the run, print and predict; a broken one is told by
name.
"""

import shutil
from pathlib import Path

import numpy as np
import pytest

from core.advice.checks import advise, errors
from core.catalog.layers import LAYERS
from core.catalog.losses import losses_for
from core.catalog.metrics import metrics_for
from core.catalog.plugins import register
from core.experiment.shapes import outline
from core.experiment.spec import Experiment, InvalidExperiment, read
from core.keras_code.script import program
from core.runs.journal import Journal
from core.tables.situation import Tables
from core.tables.sources import TableStore
from tests.parity.clean import printed

OURS = Path(__file__).parents[1] / "plugins" / "ours.py"
TEMPLATE = Path(__file__).parents[2] / "dashboard" / "assets" / "plugin_template.py"


@pytest.fixture
def folder(tmp_path, monkeypatch, catalog):  # noqa: ARG001
    """A folder of plug-ins."""
    monkeypatch.setenv("LAYERDECK_PLUGINS", str(tmp_path / "plugins"))
    (tmp_path / "plugins").mkdir()
    return tmp_path / "plugins"


def made(points_table: str) -> Experiment:
    """An experiment that uses every family."""
    return read(
        {
            "version": 1,
            "name": "Own",
            "data": {"table": points_table, "targets": ["y"], "features": {"x0": "number", "x1": "number"}},
            "layers": [
                {"layer": "Widen", "units": 8},
                {"layer": "Dense", "units": 6, "activation": "bent"},
                {"layer": "Dense", "units": 1},
            ],
            "compile": {"loss": {"class": "Quartic", "unit": 20000.0}, "metrics": ["WorstError", "MeanAbsoluteError"]},
            "fit": {"epochs": 50, "batch_size": 14, "callbacks": [{"class": "StopAfter", "epochs": 4}]},
        }
    )


def test_files_are_read_and_not_run(folder):
    shutil.copy(OURS, folder)
    (folder / "boom.py").write_text(
        "raise SystemExit\nimport keras\n@keras.saving.register_keras_serializable()\ndef later(x): return x\n"
    )
    found = register(folder)
    assert found.broken == {}
    assert [row.name for row in found.rows] == ["later", "bent", "Widen", "Quartic", "WorstError", "StopAfter"]
    assert LAYERS["Widen"].help == "A dense layer without biases."
    assert [(field.name, field.default, field.required) for field in LAYERS["Widen"].fields] == [
        ("units", 1, True),
        ("gain", 1.0, False),
    ]
    assert "Quartic" in losses_for("regression")
    assert "WorstError" in metrics_for("regression", "number")
    assert "WorstError" not in metrics_for("binary", "binary")
    experiment = made("file:x")
    assert outline(experiment, 2)[0].width == 8
    with pytest.raises(InvalidExperiment, match="WorstErrors"):
        read({**experiment.value(), "compile": {"metrics": ["WorstErrors"]}})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("def (", "line 1"),
        ("x = 1", "It holds nothing that is decorated"),
        ("@register_keras_serializable()\ndef f(a, b): return a", "f takes 2 arguments"),
        ("@register_keras_serializable()\nclass A: pass", "derives from nothing"),
        ("@register_keras_serializable()\nclass Dense(keras.layers.Layer): pass", "There is a Dense already"),
        (
            "@register_keras_serializable()\nclass A(keras.layers.Layer):\n    def __init__(self, x): pass",
            "the argument x needs a default",
        ),
        (
            "@register_keras_serializable()\nclass A(keras.losses.Loss):\n    layerdeck = {'colour': 1}",
            "layerdeck may set margin",
        ),
        (
            "@register_keras_serializable()\nclass A(keras.losses.Loss):\n    layerdeck = {'tasks': ['x']}",
            "its tasks must be some of",
        ),
    ],
)
def test_a_broken_plug_in_is_told_by_name_and_harms_nothing(folder, text, says):
    (folder / "broken.py").write_text(text)
    shutil.copy(OURS, folder)
    found = register(folder)
    assert list(found.broken) == ["broken.py"]
    assert says in found.broken["broken.py"]
    assert len(found.rows) == 5


@pytest.mark.slow
def test_the_template_that_the_page_gives_away_trains(folder, points, experiment_of):
    from core.experiment.task import Task
    from core.tables.prepared import prepare
    from core.training.train import Hooks, learn

    shutil.copy(TEMPLATE, folder)
    found = register(folder)
    assert found.broken == {}
    assert [row.name for row in found.rows] == ["ScaledDense", "squared_relu", "AsymmetricError", "LargestError"]
    layers = [
        {"layer": "ScaledDense", "units": 8},
        {"layer": "Dense", "units": 6, "activation": "squared_relu"},
        {"layer": "Dense", "units": 1},
    ]
    loss, metrics = {"class": "AsymmetricError", "factor": 3.0}, ("LargestError", "MeanAbsoluteError")
    experiment = experiment_of(layers=layers, loss=loss, metrics=metrics, epochs=3, batch_size=14)
    outcome = learn(experiment, prepare(points, experiment.data, "number"), Task("regression", "y"), Hooks())
    assert outcome.scores["test"]["largest_error"] > outcome.scores["test"]["mae"] > 0
    assert outcome.history["loss"][-1] < outcome.history["loss"][0]


@pytest.mark.slow
def test_it_trains_is_kept_prints_and_predicts(folder, workspace, store, points_table, points, tmp_path):
    from core.runs.predictors import predictor
    from core.runs.report_data import report
    from core.runs.run_training import run

    shutil.copy(OURS, folder)
    register(folder)
    tables, experiment = Tables(TableStore(workspace)), made(points_table)
    situation = tables.situation(experiment)
    assert errors(advise(experiment, situation)) == []
    journal = Journal(workspace, "00000000ab01")
    journal.begin(experiment.text())
    result = run(journal, tables, store)
    assert (result["state"], result["epochs"]) == ("finished", 4)
    assert result["test"]["worst_error"] > result["test"]["mae"] > 0
    before = predictor(store, "00000000ab01").predict(points)["predicted y"].to_numpy()

    told = report(store, tables, journal)
    assert told["why_not"].startswith(
        "Only Keras can compute parts of this network (Widen, bent), so the report cannot predict."
    )
    assert [column["units"] for column in told["network"]["columns"]] == [2, 6, 1]

    source = program(experiment, situation, tables.about(points_table), folder)
    points.to_csv(tmp_path / "points.csv", index=False)
    (tmp_path / "program.py").write_text(source)
    assert printed(tmp_path, "program.py", "points.csv")["test"] == pytest.approx(result["test"], rel=1e-4)

    # The file changes: the run goes on answering as it was made, and the next one fails with the plug-in's name.
    (folder / "ours.py").write_text("import keras\n1 / 0\n" + OURS.read_text())
    predictor.__globals__["_load"].cache_clear()
    np.testing.assert_array_equal(predictor(store, "00000000ab01").predict(points)["predicted y"].to_numpy(), before)
    again = Journal(workspace, "00000000ab02")
    again.begin(experiment.text())
    failed = run(again, tables, store)
    assert (failed["state"], failed["says"]) == (
        "failed",
        "The plug-in ours.py cannot be run: ZeroDivisionError: division by zero",
    )
