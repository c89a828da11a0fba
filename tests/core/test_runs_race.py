"""Races on the real engine: all runs are queued and told apart, begin alike, end with their scores, and can be
stopped.
"""

import json

import numpy as np
import pandas as pd
import pytest

from core.experiment.spec import read
from core.race.variants import variants
from core.runs.engine import Engine
from core.runs.journal import Journal
from core.runs.race import Races, larger_wins, measures, scores
from core.runs.repeated_runs import RepeatedRuns
from core.runs.worker_client import NotReady
from tests.waiting import until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def races(engine):
    return Races(engine)


@pytest.fixture(scope="module")
def base(points_table, experiment_of):
    """A small experiment on the workspace's table."""
    return experiment_of(table=points_table, epochs=4, name="Points", seed=7)


@pytest.fixture(scope="module")
def raced(races, base):
    """A race that is over."""
    race = races.start(base, "learning_rate", [0.02, 0.0001], 2, "me")
    until(lambda: all(lane.over for lane in races.standing(race)), 180)
    return race


def test_all_runs_of_a_race_are_trained_and_told_apart(engine, races, raced):
    race, lanes = races.find(raced), races.standing(raced, "mae")
    assert (race.values, race.seeds, race.setting.name) == ([0.02, 0.0001], [7, 8], "learning_rate")
    assert [(lane.value, lane.seed, lane.state, lane.epoch, lane.epochs) for lane in lanes] == [
        (value, seed, "finished", 4, 4) for seed in (7, 8) for value in (0.02, 0.0001)
    ]
    ran = [read(engine.run(lane.run).experiment) for lane in lanes]
    assert [one.name for one in ran] == [
        f"Points: learning rate {rate}, seed {seed}" for seed in (7, 8) for rate in ("0.02", "0.0001")
    ]
    assert {one.data for one in ran if one.data != race.base.data} == set()
    history = engine.store().value(lanes[0].run, "history.json")
    assert lanes[0].latest == pytest.approx(history["val_mae"][-1])
    assert lanes[0].best == pytest.approx(history["val_mae"][int(np.argmin(history["val_loss"]))])
    assert lanes[0].best == engine.store().result(lanes[0].run)["best_scores"]["mae"]


def test_its_scores_are_by_value_and_seed_and_the_better_rate_is_ahead(races, raced):
    race, lanes = races.find(raced), races.standing(raced, "mae")
    found = scores(race, lanes)
    assert list(found) == ["learning rate 0.02", "learning rate 0.0001"]
    fast, slow = found.values()
    assert [fast, slow] == [[lanes[0].best, lanes[2].best], [lanes[1].best, lanes[3].best]]
    assert all(one < other for one, other in zip(fast, slow, strict=True))  # 4 epochs of tiny steps go nowhere.


def test_a_race_is_found_again_by_another_process(workspace, races, raced):
    elsewhere = Races(Engine(workspace))
    assert elsewhere.find(raced) == races.find(raced)
    assert elsewhere.standing(raced, "rmse") == races.standing(raced, "rmse")


def test_runs_of_one_seed_begin_alike(base, points):
    """Built as the worker builds them: whatever the optimizer, one seed is one start."""
    from core.experiment.task import Task
    from core.model.network import TargetScale, build

    task, scale = Task("regression", "y"), TargetScale(points["y"].to_numpy(), Task("regression", "y"))
    for setting, values in (("optimizer", ["Adam", "SGD"]), ("activation", ["relu", "tanh"]), ("dropout", [0.0, 0.5])):
        made = variants(base, setting, values, 2)
        first, second, third, fourth = (build(one, task, 2, scale).get_weights() for *_, one in made)
        for ours, others in ((first, second), (third, fourth)):
            assert len(ours) == len(others)
            assert all(np.array_equal(one, other) for one, other in zip(ours, others, strict=True))
        assert not np.array_equal(first[0], third[0])
    shallow, deep = (build(one, task, 2, scale).get_weights() for *_, one in variants(base, "depth", [1, 3], 1))
    assert np.array_equal(shallow[0], deep[0])


def test_the_paths_of_a_race_lie_on_one_landscape(engine, races, raced):
    race, lanes = races.find(raced), races.standing(raced, "loss")
    best = min(lanes, key=lambda lane: lane.best)
    landscape = until(lambda: (now := races.landscape(race, best.run, "path"))["state"] != "computing" and now)
    assert landscape["state"] == "ready", landscape["says"]
    assert set(landscape["paths"]) == {lane.run for lane in lanes}
    assert landscape["left_out"] == []
    for run, path in landscape["paths"].items():
        assert path["epoch"] == [1, 2, 3, 4]
        assert path["best"] == engine.store().result(run)["best_epoch"]
    result = engine.store().result(best.run)
    assert landscape["centre"] == {
        "epoch": result["epoch"],
        "loss": pytest.approx(result["scores"]["train"]["loss"], rel=1e-5),
    }
    end = landscape["paths"][best.run]
    at = end["epoch"].index(result["epoch"])
    assert [end["x"][at], end["y"][at]] == pytest.approx([0, 0], abs=1e-9)
    assert races.landscape(race, best.run, "path") == landscape
    with pytest.raises(LookupError, match="not part of this race"):
        races.landscape(race, "ffffffffffff", "path")
    with pytest.raises(LookupError, match="There is no loss landscape 'flat'"):
        races.landscape(race, best.run, "flat")


def test_networks_of_other_shapes_share_no_landscape(races, base):
    raced = races.start(base, "units", [4, 8], 1, "me")
    until(lambda: all(lane.over for lane in races.standing(raced)), 180)
    race = races.find(raced)
    run = race.runs[0][2]
    landscape = until(lambda: (now := races.landscape(race, run, "random"))["state"] != "computing" and now)
    assert landscape["state"] == "failed"
    assert landscape["says"].startswith("The networks of these runs have weights of different shapes")


def test_stopping_ends_what_trains_and_takes_out_what_waits(engine, races, base):
    long = base.model_copy(update={"fit": base.fit.model_copy(update={"epochs": 100_000})})
    race = races.start(long, "optimizer", ["Adam", "SGD"], 2, "me")
    until(lambda: races.standing(race)[0].epoch > 3)
    states = [lane.state for lane in races.standing(race)]
    assert states == ["training", "queued", "queued", "queued"]
    assert [run.id for run in engine.active()] == [run for *_, run in races.find(race).runs]
    races.stop(race)
    until(lambda: all(lane.over for lane in races.standing(race)))
    lanes = races.standing(race)
    assert [lane.state for lane in lanes] == ["stopped"] * 4
    assert [lane.epoch > 0 for lane in lanes] == [True, False, False, False]
    assert [[one is not None for one in given] for given in scores(races.find(race), lanes).values()] == [
        [True, False],
        [False, False],
    ]
    races.stop(race)  # Too late: nothing happens.


def test_what_is_no_race_hands_nothing_over(engine, races, base, workspace):
    before = engine.active()
    with pytest.raises(ValueError, match="2 to 6 different values"):
        races.start(base, "optimizer", ["Adam"], 2)
    assert engine.active() == before == []
    blocked = Races(engine)
    # A file in the place of the folder: also who may write anything can't.
    blocked._folder = workspace / "mlflow.db" / "races"
    with pytest.raises(NotReady, match="Could not write"):
        blocked.start(base, "optimizer", ["Adam", "SGD"], 1)
    until(lambda: engine.active() == [])


@pytest.mark.parametrize(
    "name", ["", "../../etc/passwd", "0123456789ab", "0123456789AB", "0123456789abc", "0123456789a/"]
)
def test_names_of_no_race_are_refused(races, name):
    for ask in (races.find, races.standing, races.stop):
        with pytest.raises(LookupError, match=r"no race|not the name of a race"):
            ask(name)


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"setting": "x", "runs": [], "base": {}}', '{"setting": "depth", "runs": 3, "base": 1}'],
)
def test_a_damaged_file_is_no_race(races, workspace, content):
    (workspace / "races").mkdir(exist_ok=True)
    (workspace / "races" / "0000000000aa.json").write_text(content)
    with pytest.raises(LookupError, match="There is no race"):
        races.find("0000000000aa")


def test_a_run_that_is_gone_leaves_the_rest(races, raced, workspace):
    kept = json.loads((workspace / "races" / f"{raced}.json").read_text())
    kept["runs"][0][2] = "ffffffffffff"
    (workspace / "races" / "0000000000bb.json").write_text(json.dumps(kept))
    gone, *rest = races.standing("0000000000bb", "mae")
    assert (gone.state, gone.over, gone.best) == ("missing", True, None)
    assert rest == races.standing(raced, "mae")[1:]
    with pytest.raises(LookupError):
        Journal(workspace, "ffffffffffff").submitted()


def test_a_race_is_judged_by_what_is_logged(base):
    assert measures(base) == ["mae", "rmse", "loss"]
    assert [larger_wins(base, name) for name in measures(base)] == [False, False, False]


def test_a_cross_validation_is_a_group_of_ordinary_runs(engine, base, workspace, points):
    groups = RepeatedRuns(engine)
    group = groups.find(groups.start(base, "0123456789ab", folds=2, visitor="me"))
    assert groups.of("0123456789ab") == groups.of(group.runs[1].run) == [group]
    until(lambda: all(engine.find(one.run).over for one in group.runs), 180)
    results = [engine.store().result(one.run) for one in group.runs]
    table = engine.out_of_fold(group.runs)
    assert list(table) == ["row", "fold", "actual y", "predicted y"]
    assert table["row"].tolist() == list(range(1, len(points) + 1))
    np.testing.assert_allclose(table["actual y"], points["y"])
    for one, result in zip(group.runs, results, strict=True):
        tested = table[table["fold"] == one.fold]
        errors = (tested["predicted y"] - tested["actual y"]).abs()
        assert errors.mean() == pytest.approx(result["test"]["mae"], rel=1e-5)
    long = base.model_copy(update={"fit": base.fit.model_copy(update={"epochs": 100_000})})
    stopped = groups.find(groups.start(long, seeds=[1, 2]))
    until(lambda: engine.find(stopped.runs[0].run).epoch > 3)
    groups.stop(stopped.id)
    until(lambda: all(engine.find(one.run).over for one in stopped.runs))
    assert [engine.find(one.run).state for one in stopped.runs] == ["stopped", "stopped"]
    blocked = RepeatedRuns(engine)
    blocked._folder = workspace / "mlflow.db" / "repetitions"
    with pytest.raises(NotReady, match="Could not write"):
        blocked.start(base, folds=2)
    until(lambda: engine.active() == [])


def _explained_by_the_mean(engine, runs, row, predicted):
    """What explains a row that the mean of seeds predicts is about that mean: it is linear, as Shapley values are."""
    row = {name: row[name] for name in ("x0", "x1")}
    found = engine.evaluate(runs[1], "contributions", row=row, seeds=runs)["y"]
    each = [engine.evaluate(run, "contributions", row=row)["y"] for run in runs]
    assert found["prediction"] == pytest.approx(predicted, rel=1e-6)
    assert found["base"] == pytest.approx(np.mean([one["base"] for one in each]), rel=1e-5)
    for name, value in found["features"].items():
        assert value == pytest.approx(np.mean([one["features"][name] for one in each]), rel=1e-4, abs=0.1)
    columns, _ = engine.explain(runs[1], pd.DataFrame([row]), runs)
    assert columns["contribution x0"][0] == pytest.approx(found["features"]["x0"], rel=1e-4, abs=0.1)
    curves = engine.evaluate(runs[1], "what if", row=row, features=["x0"], seeds=runs)
    alone = [engine.evaluate(run, "what if", row=row, features=["x0"])["features"]["x0"]["values"] for run in runs]
    np.testing.assert_allclose(curves["features"]["x0"]["values"], np.mean(alone, axis=0), rtol=1e-5)
    similar, own = (engine.evaluate(runs[1], "similar rows", row=row, **more) for more in ({"seeds": runs}, {}))
    assert similar.hidden is None
    assert similar.rows.equals(own.rows)


def test_the_mean_of_seeds_is_one_model_of_their_mean_predictions(engine, base, points, tmp_path):
    import keras
    from sklearn.metrics import mean_absolute_error

    groups = RepeatedRuns(engine)
    group = groups.find(groups.start(base, seeds=[1, 2, 3]))
    runs = [one.run for one in group.runs]
    until(lambda: all(engine.find(run).over for run in runs), 180)
    each = [told["predicted y"] for told in engine.seed_predictions(runs, points)]
    assert len({float(one.iloc[0]) for one in each}) == 3
    for run, told in zip(runs, each, strict=True):
        np.testing.assert_allclose(told, engine.predict(run, points)["predicted y"])
    mean, found = np.mean(each, axis=0), engine.mean_of_seeds(runs)
    close = {"rtol": 1e-6, "atol": 0.02}  # float32 of amounts up to 100,000
    (tmp_path / "mean.keras").write_bytes(found.model)
    model = keras.models.load_model(tmp_path / "mean.keras", safe_mode=True)
    raw = {name: points[[name]].to_numpy("float64") for name in ("x0", "x1")}
    np.testing.assert_allclose(np.asarray(model(raw))[:, 0], mean, **close)
    np.testing.assert_allclose(engine.predict_mean(runs[1], runs, points)["predicted y"], mean, **close)
    coverage = engine.evaluate(runs[1], "coverage", seeds=runs)["y"]
    alone = engine.evaluate(runs[1], "coverage")["y"]
    np.testing.assert_allclose(coverage.test.y_true, alone.test.y_true)
    order = [int(np.flatnonzero(points["y"] == y)[0]) for y in coverage.test.y_true]
    np.testing.assert_allclose(coverage.test.y_pred, mean[order], **close)
    assert not np.allclose(alone.test.y_pred, mean[order], rtol=1e-3)
    _explained_by_the_mean(engine, runs, points.iloc[5].to_dict(), mean[5])
    table = engine.out_of_fold(group.runs)
    assert list(table) == ["row", "seed", "actual y", "predicted y"]
    test = table["row"].unique() - 1
    assert found.scores["test"]["mae"] == pytest.approx(mean_absolute_error(points["y"][test], mean[test]), rel=1e-5)
    assert set(found.scores) == {"validation", "test"}


def test_saved_runs_are_raced_again_with_the_same_seeds_on_the_same_rows(engine, races, base, experiment_of):
    other = experiment_of(table=base.data.table, layers=[{"layer": "Dense", "units": 1}], epochs=3, name="Line")
    id_ = races.start_again({"1. Points": base, "2. Line": other}, 1, split_seeds=True, visitor="me")
    race = races.find(id_)
    assert (race.setting.title, race.values, race.seeds) == ("Saved runs", ["1. Points", "2. Line"], [7])
    assert race.measures == ["mae", "rmse", "loss"]
    assert race.variant("2. Line").layers == other.layers
    until(lambda: all(lane.over for lane in races.standing(race)), 180)
    lanes = races.standing(race, "mae")
    assert [(lane.value, lane.seed, lane.state, lane.epochs) for lane in lanes] == [
        ("1. Points", 7, "finished", 4),
        ("2. Line", 7, "finished", 3),
    ]
    splits = {read(engine.run(lane.run).experiment).data.split.seed for lane in lanes}
    assert splits == {base.data.split.seed}
    assert list(scores(race, lanes)) == ["1. Points", "2. Line"]
