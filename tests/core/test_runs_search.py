"""Searches on the real engine: trials are ordinary runs, the first is the experiment as it is, bad ones are pruned, the
best are trained again with new seeds.
"""

import json
import re
from statistics import median

import pytest

from core.__main__ import main
from core.race.comparison import compare
from core.runs.search_driver import MOST_FAILURES
from core.runs.search_files import SearchFolder
from core.runs.searches import Budget, Searches
from core.search.finalists import reranked
from core.search.space import Space
from tests.waiting import until

pytestmark = pytest.mark.slow
RATE, UNITS = "compile.optimizer.learning_rate", "layers.0.units"
# Networks of two shapes: each is compiled once.
SPACE = Space.read({RATE: {"low": 1e-6, "high": 0.1, "log": True}, UNITS: {"choices": [8, 12]}})


@pytest.fixture(scope="module")
def searches(engine):
    searches = Searches(engine)
    yield searches
    searches.close()


@pytest.fixture(scope="module")
def base(points_table, experiment_of):
    """A small experiment on the workspace's table, whose steps are so small that most others are better."""
    optimizer = {"class": "Adam", "learning_rate": 1e-5}
    return experiment_of(table=points_table, optimizer=optimizer, epochs=8, name="Points", seed=7)


@pytest.fixture(scope="module")
def searched(searches, base):
    """A search that is over."""
    search = searches.start(base, SPACE, Budget(trials=9), "mae", seeds=2, visitor="me", finalist_seeds=2)
    until(lambda: searches.standing(search).over, 400, "the end of a search")
    return search


def test_trials_are_ordinary_runs_and_the_first_is_the_experiment_as_it_is(engine, searches, searched, base):
    found, standing = searches.find(searched), searches.standing(searched)
    assert (found.base, found.space, found.measure, found.larger) == (base, SPACE, "mae", False)
    assert (standing.state, standing.says) == ("finished", "")
    assert [trial.number for trial in standing.trials] == list(range(1, 10))
    for trial in standing.trials:
        ran = engine.store().experiment(trial.run)
        assert (ran.name, ran.data, ran.fit.seed) == (f"Points: trial {trial.number}", base.data, 7)
        tried = {RATE: ran.compile.optimizer.value("learning_rate"), UNITS: ran.layers[0].arguments["units"]}
        assert tried == trial.values
        if not trial.pruned:
            assert trial.best == engine.store().result(trial.run)["best_scores"]["mae"]
    first = engine.store().experiment(standing.trials[0].run)
    assert first.model_copy(update={"name": base.name}) == base
    assert len({trial.values[RATE] for trial in standing.trials}) == 9
    ranked = [trial for trial in standing.trials if trial.ranked]
    own = [trial.number for trial in sorted(ranked, key=lambda trial: trial.best)]
    finalists = standing.reevaluation.ranking
    assert set(finalists) == {*own[:5], 1}
    assert standing.ranking == (*finalists, *(number for number in own if number not in finalists))
    assert sum(standing.importances.values()) == pytest.approx(1)
    assert searches.of(standing.trials[3].run) == found == searches.list()[0]


def test_trials_behind_the_median_of_the_others_at_half_of_the_epochs_are_pruned(engine, searches, searched, workspace):
    standing, told = searches.standing(searched), SearchFolder(workspace, searched).told()
    ended = []
    for number, one in told.ended.items():
        behind = len(ended) >= 5 and one["scores"]["4"] > median(ended)  # No trial is pruned before five have ended.
        assert one["pruned"] == behind == standing.trial(number).pruned
        ended += [] if behind else [one["scores"]["4"]]
    pruned = [trial for trial in standing.trials if trial.pruned]
    assert pruned
    until(lambda: all(engine.find(trial.run).over for trial in pruned))
    assert {engine.find(trial.run).state for trial in pruned} <= {"stopped", "finished"}
    assert not standing.trial(standing.best).pruned


def test_mlflow_shows_the_runs_of_a_search_below_it(engine, searches, searched):
    standing, client = searches.standing(searched), engine.store()._client
    [parent] = client.search_runs([engine.store()._experiment], f"tags.`layerdeck.searched` = '{searched}'")
    assert (parent.info.run_name, parent.info.status) == ("Points: search", "FINISHED")
    assert parent.data.metrics["best_validation_mae"] == standing.trial(standing.best).best
    below = f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'"
    children = {run.data.tags["layerdeck.run"] for run in client.search_runs([engine.store()._experiment], below)}
    again = {
        run for found in (standing.reevaluation, standing.confirmation) for runs in found.runs.values() for run in runs
    }
    assert children == {trial.run for trial in standing.trials} | again
    assert searched not in {record.id for record in engine.store().records()}


def test_the_finalists_are_trained_again_with_new_seeds_and_their_means_name_the_best(engine, searches, searched, base):
    standing = searches.standing(searched)
    found, search = standing.reevaluation, searches.find(searched)
    assert found.seeds == [18, 19]  # The confirmation may take 8 to 17.
    for number, runs in found.runs.items():
        results = [engine.store().result(run) for run in runs]
        assert found.validation[number] == [result["best_scores"]["mae"] for result in results]
        trained = [engine.store().experiment(run) for run in runs]
        assert [one.name for one in trained] == [f"Points: trial {number}, seed {seed}" for seed in found.seeds]
        values = next(trial.values for trial in standing.trials if trial.number == number)
        expected = search.experiment(number, values)
        for one, seed in zip(trained, found.seeds, strict=True):
            fit = expected.fit.model_copy(update={"seed": seed})
            assert one.model_copy(update={"name": base.name}) == expected.model_copy(update={"fit": fit})
    assert found.ranking == tuple(reranked(found.validation, larger=False))
    assert standing.best == found.ranking[0]
    assert f"trial {standing.best} is the best of them" in found.sentence


def test_the_best_and_the_start_are_trained_again_with_new_seeds_before_the_test_rows_are_asked(
    engine, searches, searched
):
    confirmation, best = searches.standing(searched).confirmation, searches.standing(searched).best
    assert confirmation.seeds == [8, 9]
    for name, runs in confirmation.runs.items():
        results = [engine.store().result(run) for run in runs]
        assert confirmation.test[name] == [result["test"]["mae"] for result in results]
        assert confirmation.validation[name] == [result["best_scores"]["mae"] for result in results]
        assert [engine.store().experiment(run).fit.seed for run in runs] == [8, 9]
        ends = [engine.evaluate(run, "intervals")["scores"]["test"]["mae"]["low"] for run in runs]
        assert confirmation.intervals[name]["low"] == pytest.approx(sum(ends) / 2)
    assert confirmation.compared == compare({one: confirmation.test[one] for one in ("start", "best")}, larger=False)
    assert best > 1
    assert f"rial {best}" in confirmation.sentence
    assert "means of 2 new seeds" in confirmation.sentence


def test_a_stop_keeps_the_best_epoch_of_the_trial_that_trains(engine, searches, base):
    long = base.model_copy(update={"fit": base.fit.model_copy(update={"epochs": 100_000})})
    search = searches.start(long, SPACE, Budget(), "mae")
    until(lambda: (now := searches.standing(search)).trials and now.trials[0].epoch > 3)
    assert searches.standing(search).state == "running"
    searches.stop(search, confirm=False)
    standing = until(lambda: (now := searches.standing(search)).over and now)
    [trial] = standing.trials
    assert (standing.state, trial.state, standing.best, standing.confirmation) == ("stopped", "stopped", 1, None)
    assert trial.best == engine.store().result(trial.run)["best_scores"]["mae"]
    searches.stop(search)  # Too late: nothing happens.


def test_minutes_end_a_search_with_the_epochs_that_were_made(searches, base):
    long = base.model_copy(update={"fit": base.fit.model_copy(update={"epochs": 100_000})})
    search = searches.start(long, SPACE, Budget(minutes=0.02), seeds=0, finalist_seeds=0)
    standing = until(lambda: (now := searches.standing(search)).over and now)
    assert standing.state == "finished"
    assert standing.seconds >= 1.2
    assert standing.trials[-1].state == "stopped"


def test_a_search_whose_trials_all_fail_is_given_up(searches, base):
    gone = base.model_copy(update={"data": base.data.model_copy(update={"table": f"file:{'0' * 64}"})})
    search = searches.start(gone, SPACE, Budget(trials=40))
    standing = until(lambda: (now := searches.standing(search)).over and now)
    assert standing.state == "failed"
    assert standing.says.startswith(f"The last {MOST_FAILURES} trials failed. ")
    assert (len(standing.trials), standing.best) == (MOST_FAILURES, None)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"measure": "accuracy"}, "measure: got 'accuracy', expected one of mae, rmse, loss"),
        ({"sampler": "tpa"}, 'expected one of tpe, random, grid. Did you mean "tpe"?'),
        ({"pruner": "mean"}, "expected one of median, hyperband, none"),
        ({"budget": Budget(trials=0)}, "1 to 10,000 trials, not 0"),
        ({"budget": Budget(minutes=0)}, "more than 0"),
        ({"seeds": 11}, "0 to 10 seeds, not 11"),
        ({"finalist_seeds": 11}, "The finalists are trained again with 0 to 10 seeds, not 11"),
        ({"space": Space.read({"layers.7.units": {"low": 1, "high": 2}})}, "layers.7"),
        (
            {"space": Space.read({"compile.loss": {"choices": ["MeanSquaredError", "Huber"]}})},
            "compare trials by a metric",
        ),
    ],
)
def test_what_is_no_search_is_refused_with_a_sentence(searches, base, workspace, changes, says):
    before = set((workspace / "searches").glob("*"))
    with pytest.raises(ValueError, match=re.escape(says)):
        searches.start(base, **{"space": SPACE, "budget": Budget(trials=2), **changes})
    assert set((workspace / "searches").glob("*")) == before


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "0123456789ab", "0123456789abc"])
def test_names_of_no_search_are_refused(searches, name):
    for ask in (searches.find, searches.standing, searches.stop):
        with pytest.raises(LookupError, match=r"no search|not the name of a search"):
            ask(name)


def test_the_command_searches_and_ends_with_one_line_of_json(
    engine, searches, base, points, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("LAYERDECK_HOME", str(engine.workspace))
    (tmp_path / "points.csv").write_text(points.to_csv(index=False))
    (tmp_path / "spec.json").write_text(base.text())
    (tmp_path / "space.json").write_text(json.dumps(SPACE.value()))
    files = [str(tmp_path / name) for name in ("spec.json", "space.json")]
    options = ["--table", str(tmp_path / "points.csv"), "--trials", "2", "--measure", "mae", "--seeds", "1", "--json"]
    options += ["--finalist-seeds", "1"]
    assert main(["search", *files, *options]) == 0
    lines = capsys.readouterr().out.splitlines()
    told = json.loads(lines[-1])
    assert lines[0] == f"search {told['search']}"
    assert lines[1].startswith("Then the other trial and the start are trained again with 1 new seed, to choose")
    assert [line.split(":")[0] for line in lines if line.startswith("trial ")] == ["trial 1", "trial 2"]
    assert told == {**told, "state": "finished", "measure": "mae", "larger": False}
    assert [trial["number"] for trial in told["trials"]] == [1, 2]
    assert (
        told["experiment"]["compile"]["optimizer"]["learning_rate"] == told["trials"][told["best"] - 1]["values"][RATE]
    )
    assert told["reevaluation"]["seeds"] == [18]
    assert {told["reevaluation"]["sentence"], told["confirmation"]["sentence"]} <= set(lines)
    assert searches.find(told["search"]).base.data == base.data  # The file is the workspace's own table.
    assert main(["search", *files]) == 1
    assert capsys.readouterr().err.endswith("Give --trials, --minutes, or both.\n")
