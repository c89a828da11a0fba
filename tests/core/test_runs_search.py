"""Searches on the real engine: trials are ordinary runs, the first is the experiment as it is, bad ones are pruned, the
best are trained again with new seeds.
"""

import pytest

from core.race.comparison import compare
from core.runs.searches import Budget, Searches
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
    search = searches.start(base, SPACE, Budget(trials=12), "mae", seeds=2, visitor="me")
    until(lambda: searches.standing(search).over, 400, "the end of a search")
    return search


def test_trials_are_ordinary_runs_and_the_first_is_the_experiment_as_it_is(engine, searches, searched, base):
    found, standing = searches.find(searched), searches.standing(searched)
    assert (found.base, found.space, found.measure, found.larger) == (base, SPACE, "mae", False)
    assert (standing.state, standing.says) == ("finished", "")
    assert [trial.number for trial in standing.trials] == list(range(1, 13))
    for trial in standing.trials:
        ran = engine.store().experiment(trial.run)
        assert (ran.name, ran.data, ran.fit.seed) == (f"Points: trial {trial.number}", base.data, 7)
        tried = {RATE: ran.compile.optimizer.value("learning_rate"), UNITS: ran.layers[0].arguments["units"]}
        assert tried == trial.values
        if not trial.pruned:
            assert trial.best == engine.store().result(trial.run)["best_scores"]["mae"]
    first = engine.store().experiment(standing.trials[0].run)
    assert first.model_copy(update={"name": base.name}) == base
    assert len({trial.values[RATE] for trial in standing.trials}) == 12
    ranked = [trial for trial in standing.trials if trial.ranked]
    assert standing.best == min(ranked, key=lambda trial: trial.best).number
    assert sum(standing.importances.values()) == pytest.approx(1)
    assert searches.of(standing.trials[3].run) == found == searches.list()[0]


def test_mlflow_shows_the_runs_of_a_search_below_it(engine, searches, searched):
    standing, client = searches.standing(searched), engine.store()._client
    [parent] = client.search_runs([engine.store()._experiment], f"tags.`layerdeck.searched` = '{searched}'")
    assert (parent.info.run_name, parent.info.status) == ("Points: search", "FINISHED")
    assert parent.data.metrics["best_validation_mae"] == standing.trial(standing.best).best
    below = f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'"
    children = {run.data.tags["layerdeck.run"] for run in client.search_runs([engine.store()._experiment], below)}
    again = {run for runs in standing.confirmation.runs.values() for run in runs}
    assert children == {trial.run for trial in standing.trials} | again
    assert searched not in {record.id for record in engine.store().records()}


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
