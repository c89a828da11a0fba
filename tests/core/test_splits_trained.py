"""Every way to split, with validation rows, without any, as a refit and as a fold: dealt, trained, scored, printed as a
program.
"""

import itertools
import math

import numpy as np
import pytest
from sklearn.linear_model import RidgeCV

from core.advice.checks import advise, errors
from core.advice.diagnosis import diagnose
from core.advice.training_curves import Course
from core.experiment.spec import Experiment, InvalidExperiment, read
from core.inspect.at_epoch import Replay
from core.inspect.snapshot import Scene
from core.keras_code.script import program
from core.model.matrices import TableMatrices
from core.model.weight_history import epoch_weights
from core.race.variants import NO_VALIDATION, variants
from core.runs.journal import Journal
from core.runs.run_state import LiveRun
from core.tables.situation import Tables
from core.tables.sources import TableStore
from core.training.checkpoint import Checkpoint
from core.training.hooks import Hooks
from core.training.train import learn

pytestmark = pytest.mark.slow

METHODS = ("random", "time", "group", "column", "table")
SHARES = {"train": 0.7, "validation": 0.15, "test": 0.15}
NONE = {"train": 0.85, "validation": 0, "test": 0.15}
OF_FOLDS = {"train": 0.64, "validation": 0.16, "test": 0.2}  # Rows and groups are dealt alike: 72, 18 and 30 rows.
WAYS = ("validated", "unvalidated", "refit")
FOLDED = [(method, "fold") for method in METHODS if method != "column"]
# Classes have no scale that follows from the rows: trainings on as many rows share a compiled program.
CLASSES = {
    "target": "z",
    "layers": [
        {"layer": "Dense", "units": 4, "activation": "relu"},
        {"layer": "Dense", "units": 1, "activation": "sigmoid"},
    ],
    "loss": "BinaryCrossentropy",
    "metrics": ["BinaryAccuracy"],
}


@pytest.fixture(scope="module")
def folder(points, tmp_path_factory):
    """`points` with a day, a group and two columns of parts, and a second table of 18 rows."""
    folder, rows = tmp_path_factory.mktemp("splits"), np.arange(120)
    third = np.where(rows % 20 < 3, "test", np.where(rows % 20 < 6, "validation", "train"))
    frame = points.assign(day=rows, group=rows // 6, part=third, two=np.where(third == "test", "test", "train"))
    frame.to_csv(folder / "points.csv", index=False)
    frame.iloc[:18].assign(x0=lambda some: some["x0"] + 5).to_csv(folder / "second.csv", index=False)
    return folder


def split_of(method: str, way: str, folder) -> dict:
    """The split of that method and way, as it is written in an experiment."""
    shares = {"unvalidated": NONE, "fold": OF_FOLDS}.get(way, SHARES)
    column = {"time": "day", "group": "group", "column": "two" if way == "unvalidated" else "part"}.get(method)
    split = {"method": method, "column": column, **shares, "seed": 3}
    if method == "table" and way != "unvalidated":
        split["table"] = str(folder / "second.csv")
    if method == "table" and way == "unvalidated":
        split["method"] = "random"  # A second table is there for its validation rows.
    return {**split, **{"refit": {"refit": True}, "fold": {"folds": 4, "fold": 2}}.get(way, {})}


def given(experiment_of, folder, method: str, way: str, **more) -> Experiment:
    # 6 divides the training rows of all but one of the splits: a last, smaller batch is compiled, too.
    fit = {"epochs": 2, "batch_size": 6, **more}
    value = experiment_of(table=folder / "points.csv", features={"x0": "number", "w": "category"}, **fit).value()
    value["data"]["split"] = split_of(method, way, folder)
    return read(value)


@pytest.fixture(scope="module")
def tables(folder):
    return Tables(TableStore(folder), paths=True)


@pytest.mark.parametrize("method", METHODS)
def test_a_refit_trains_on_training_and_validation_rows_and_keeps_the_test_rows(experiment_of, folder, tables, method):
    before, after = (tables.prepared(given(experiment_of, folder, method, way)) for way in ("validated", "refit"))
    np.testing.assert_array_equal(after.rows[after.parts["test"]], before.rows[before.parts["test"]])
    joined = np.concatenate([before.parts["train"], before.parts["validation"]])
    np.testing.assert_array_equal(after.parts["train"], joined)
    assert after.sizes == (before.sizes[0] + before.sizes[1], 0, before.sizes[2])
    x0 = before.raw["x0"][joined]  # The statistics are those of all the training rows of the refit.
    assert (after.statistics["x0"].center, after.statistics["x0"].scale) == pytest.approx((x0.mean(), x0.std()))
    assert before.statistics["x0"].center != pytest.approx(x0.mean())


@pytest.mark.parametrize("method", ["random", "time", "group"])
def test_the_test_rows_do_not_depend_on_whether_there_are_validation_rows(experiment_of, folder, tables, method):
    with_some, without = (
        tables.prepared(given(experiment_of, folder, method, way)) for way in ("validated", "unvalidated")
    )
    assert without.sizes[1] == 0
    np.testing.assert_array_equal(with_some.parts["test"], without.parts["test"])


@pytest.mark.parametrize(("method", "way"), [*itertools.product(METHODS, WAYS), *FOLDED])
def test_every_split_is_trained_scored_and_printed(experiment_of, folder, tables, programs, method, way):
    experiment = given(experiment_of, folder, method, way, **CLASSES)
    situation, ready = tables.situation(experiment), tables.prepared(experiment)
    assert errors(advise(experiment, situation)) == []
    validated = way in ("validated", "fold")
    assert (situation.validated, situation.rows[1] > 0) == (validated, validated)
    told = []
    outcome = learn(
        experiment, ready, situation.tasks, Hooks(baselines=told.append, rows=told.append), programs=programs
    )
    parts = {"train", "validation", "test"} if validated else {"train", "test"}
    assert set(outcome.scores) == parts
    assert {name.startswith("val_") for name in outcome.history} == ({True, False} if validated else {False})
    assert all(math.isfinite(value) for scores in outcome.scores.values() for value in scores.values())
    watched = "validation" if validated else "train"
    simple = {name: scores[watched] for name, scores in outcome.baselines.items()}
    # Gradient boosting joins the baselines when it is fitted.
    assert told == [ready.sizes, dict(list(simple.items())[:2]), simple]
    assert outcome.best_epoch in (1, 2)
    code = program(experiment, situation, tables.about(experiment.data.table), second=tables.second(experiment))
    compile(code, "program.py", "exec")
    assert ("validation_data=" in code, "x_validation" in code) == (validated, validated)
    assert ("np.concatenate([train, validation])" in code) == (way == "refit")


def test_baselines_of_a_run_without_validation_rows_are_those_of_its_training_rows(
    experiment_of, folder, tables, programs
):
    """The curves that they stand beside are of the training rows: scikit-learn's own number for those."""
    experiment = given(experiment_of, folder, "random", "refit")
    ready, told = tables.prepared(experiment), []
    learn(experiment, ready, tables.situation(experiment).tasks, Hooks(baselines=told.append), programs=programs)
    raw, truth = ready.part("train")
    words = np.stack([raw["w"] == word for word in ("high", "low", "middle")], axis=1)
    x = np.column_stack([(raw["x0"] - raw["x0"].mean()) / raw["x0"].std(), words])
    x[:, 0] *= 1e3  # Words alone are penalized.
    error = np.abs(RidgeCV(alphas=(0.01, 0.1, 1.0, 10.0, 100.0)).fit(x, truth).predict(x) - truth).mean()
    assert told[0]["linear model"]["mae"] == pytest.approx(error, rel=1e-4)


def test_callbacks_watch_training_numbers_where_there_are_no_validation_rows(experiment_of, folder, tables, programs):
    stopping = {"class": "EarlyStopping", "monitor": "val_mae", "patience": 2, "restore_best_weights": True}
    slower = {"class": "ReduceLROnPlateau", "patience": 1}
    saved = {"class": "ModelCheckpoint", "save_best_only": True}
    experiment = given(experiment_of, folder, "random", "unvalidated", epochs=8, callbacks=[stopping, slower, saved])
    situation = tables.situation(experiment)
    wrong = errors(advise(experiment, situation))
    assert [one.button for one in wrong] == ["Monitor mae", "Monitor loss", "Monitor loss"]
    assert wrong[0].says.startswith("Early stopping monitors val_mae, but there are no validation rows")
    while wrong:
        experiment = wrong[0].fix
        wrong = errors(advise(experiment, situation))
    assert [callback.value("monitor") for callback in experiment.fit.callbacks] == ["mae", "loss", "loss"]
    outcome = learn(experiment, tables.prepared(experiment), situation.tasks, Hooks(), programs=programs)
    lowest = int(np.argmin(outcome.history["mae"])) + 1
    assert (outcome.best_epoch, outcome.epoch) == (lowest, lowest)


def test_curves_without_validation_are_diagnosed_by_what_there_is(experiment_of, folder):
    """A loss that blew up, and one that is worse than guessing; but not when to stop, which no training loss tells."""
    experiment = given(experiment_of, folder, "random", "refit", epochs=40)

    def codes(losses: list[float]) -> set[str]:
        judged = {"train": losses[-1], "validation": losses[-1], "baselines": {"mean": 4.0, "linear model": 1.0}}
        found = diagnose(Course.whole(experiment, {"loss": losses}, "finished", judged))
        assert not any("alidation" in one.says for one in found)
        return {one.code for one in found}

    assert codes([5.0, 3.0, 40.0]) == {"diverged", "worse-than-guessing"}
    assert codes([3.0] + 39 * [2.0]) == {"underfitting"}
    assert codes(list(np.geomspace(3, 0.01, 40))) == set()  # Still falling, as a training loss does.


def test_a_run_without_validation_rows_is_followed_and_seen_at_its_epochs(
    experiment_of, folder, tables, programs, tmp_path
):
    experiment = given(experiment_of, folder, "random", "refit", epochs=4)
    journal = Journal(tmp_path, "0123456789ab")
    journal.begin(experiment.text())
    hooks = Hooks(
        epoch=lambda epoch, values: journal.say({"epochs": [[epoch, values]]}),
        rows=lambda sizes: journal.say({"rows": list(sizes)}),
    )
    ready, tasks = tables.prepared(experiment), tables.situation(experiment).tasks
    outcome = learn(experiment, ready, tasks, hooks, kept=Checkpoint(journal.checkpoint), programs=programs)
    run = LiveRun.of(journal)
    assert run.snapshot()["validated"] is False
    assert run.names == ["loss", "mae", "rmse"]
    assert run.best == outcome.best_epoch == int(np.argmin(outcome.history["loss"])) + 1
    found = Replay(experiment, ready, tasks, outcome.card).at(epoch_weights(journal.weights, 4))
    assert set(found["scores"]) == {"train", "test"}
    assert found["scores"]["test"] == pytest.approx(outcome.scores["test"], rel=1e-5)
    made = TableMatrices(ready)
    assert Scene(experiment, made, tasks, made.matrices()).still()["part"] == "train"


def test_a_race_without_validation_rows_is_refused(experiment_of, folder, tables):
    experiment = given(experiment_of, folder, "column", "unvalidated")
    with pytest.raises(ValueError, match=NO_VALIDATION):
        variants(experiment, "optimizer", ["Adam", "SGD"], 1, tables.situation(experiment))


def test_a_refit_is_written_only_where_there_is_one(experiment_of):
    """Experiments of before have no such field, and their texts stay as they are."""
    assert "refit" not in experiment_of().text()
    value = experiment_of().value()
    value["data"]["split"]["refit"] = True
    refit = read(value)
    assert read(refit.text()) == refit
    assert refit.data.split == experiment_of().data.split.model_copy(update={"refit": True})
    with pytest.raises(InvalidExperiment, match="refit"):
        read({**value, "data": {**value["data"], "split": {"refit": "yes"}}})
