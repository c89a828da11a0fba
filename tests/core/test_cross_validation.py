"""`python -m core cross-validate`: the scores of plain Keras over scikit-learn's folds, and what it refuses."""

import contextlib
import io
import json
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, log_loss
from sklearn.model_selection import StratifiedKFold

from core.__main__ import main
from core.runs.repeated_runs import GroupFiles

pytestmark = pytest.mark.slow
FOLDS, EPOCHS, RATE = 3, 6, 0.5
FEATURES = ["x0", "x1"]


@dataclass(frozen=True)
class Validated:
    """What the command said, and the table that it wrote."""

    value: dict
    lines: list[str]
    table: pd.DataFrame
    workspace: object


@pytest.fixture(scope="module")
def spec(points, experiment_of, tmp_path_factory):
    """A network whose weights do not depend on chance: it begins at 0 and takes all rows in one step."""
    folder = tmp_path_factory.mktemp("folds")
    points.to_csv(folder / "points.csv", index=False)
    value = experiment_of(
        target="z",
        table=folder / "points.csv",
        layers=[{"layer": "Dense", "units": 1, "activation": "sigmoid", "kernel_initializer": "Zeros"}],
        optimizer={"class": "SGD", "learning_rate": RATE},
        loss="BinaryCrossentropy",
        metrics=["BinaryAccuracy"],
        epochs=EPOCHS,
        batch_size=1000,
    ).value()
    value["data"]["split"] |= {"train": 0.8, "validation": 0, "test": 0.2, "seed": 9}
    (folder / "spec.json").write_text(json.dumps(value))
    return folder / "spec.json"


@pytest.fixture(scope="module")
def validated(spec, tmp_path_factory):
    """The command, run once."""
    workspace = tmp_path_factory.mktemp("workspace")
    table, said = spec.parent / "out_of_fold.csv", io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(said):
        patch.setenv("LAYERDECK_HOME", str(workspace))
        code = main(["cross-validate", str(spec), "--folds", str(FOLDS), "--predictions", str(table), "--json"])
    lines = said.getvalue().splitlines()
    assert code == 0, lines
    return Validated(json.loads(lines[-1]), lines, pd.read_csv(table), workspace)


@pytest.fixture(scope="module")
def plain(points):
    """For each fold of scikit-learn's the test rows and the probabilities of plain Keras."""
    import keras

    y = (points["z"] == "yes").to_numpy(int)
    x, found = points[FEATURES].to_numpy(), []
    for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=9).split(x, y):
        scaled = (x - x[train].mean(axis=0)) / x[train].std(axis=0)
        model = keras.Sequential(
            [keras.Input((2,)), keras.layers.Dense(1, activation="sigmoid", kernel_initializer="zeros")]
        )
        model.compile(optimizer=keras.optimizers.SGD(RATE), loss="binary_crossentropy")
        model.fit(scaled[train], y[train], batch_size=1000, epochs=EPOCHS, verbose=0)
        found.append((test, model.predict(scaled[test], verbose=0)[:, 0].astype(float)))
    return y, found


def test_each_fold_scores_as_plain_keras_over_scikit_learns_folds(validated, plain):
    y, folds = plain
    oracle = {
        "loss": [log_loss(y[test], p, labels=[0, 1]) for test, p in folds],
        "accuracy": [accuracy_score(y[test], p > 0.5) for test, p in folds],
    }
    for name, values in oracle.items():
        assert [run["test"][name] for run in validated.value["runs"]] == pytest.approx(values, rel=1e-5)
        found = validated.value["scores"]["test"][name]
        assert found["values"] == pytest.approx(values, rel=1e-5)
        assert (found["mean"], found["sd"]) == pytest.approx((np.mean(values), np.std(values, ddof=1)), rel=1e-4)


def test_each_row_has_the_prediction_of_the_fold_that_it_tests(validated, plain, points):
    y, folds = plain
    table = validated.table
    assert list(table) == ["row", "fold", "actual z", "predicted z", "probability no", "probability yes"]
    assert table["row"].tolist() == list(range(1, len(points) + 1))
    assert table["actual z"].tolist() == points["z"].tolist()
    for fold, (test, probabilities) in enumerate(folds, start=1):
        assert set(table["fold"].iloc[test]) == {fold}
        np.testing.assert_allclose(table["probability yes"].iloc[test], probabilities, rtol=1e-5)
    assert ((table["probability yes"] > 0.5) == (table["predicted z"] == "yes")).all()
    assert len(y) == len(table)


def test_the_runs_are_ordinary_runs_of_one_group(validated):
    value = validated.value
    assert [(run["fold"], run["seed"], run["state"]) for run in value["runs"]] == [
        (1, 0, "finished"),
        (2, 0, "finished"),
        (3, 0, "finished"),
    ]
    assert (value["folds"], value["seeds"]) == (FOLDS, [0])
    files = GroupFiles(validated.workspace)
    group = files.find(value["group"])
    assert [one.run for one in group.runs] == [run["run"] for run in value["runs"]]
    assert files.of(value["runs"][1]["run"]) == [group]
    assert files.of("0123456789ab") == []
    assert (group.folds, group.seeds, group.origin, group.base.name) == (FOLDS, [0], "", "Points")
    assert any(line.startswith("test accuracy ") and "logistic model" in line for line in validated.lines)
    with pytest.raises(LookupError, match="not the name"):
        files.find("../mlflow")
    with pytest.raises(LookupError, match="no group of runs"):
        files.find("0123456789ab")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ([], "Give --folds, --seeds, or both."),
        (["--folds", "1"], "takes 2 to 100 folds"),
        (["--folds", "121"], "takes 2 to 100 folds"),
        (["--seeds", "0"], "0 trainings are asked for"),
        (["--folds", "3", "--table", "nothing.csv"], "nothing.csv"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_trains(spec, more, says, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("LAYERDECK_HOME", str(tmp_path))
    assert main(["cross-validate", str(spec), *more]) == 1
    assert says in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()
