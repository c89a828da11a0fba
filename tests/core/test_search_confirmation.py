"""What a search says of its finalists and at its end: of scores that are given, with the arithmetic in the comments."""

import json

import pytest

from core.race.comparison import compare
from core.runs.search_confirmation import BEST, SECOND, START, confirmation
from core.runs.search_files import Budget, Search, SearchFolder, Trial
from core.runs.search_reevaluation import judged_ranking, ranking, reevaluation
from core.search.space import Space

SEEDS = [1, 2, 3, 4, 5]
STARTED = [10.0, 10.2, 9.8, 10.1, 9.9]


@pytest.fixture
def search(experiment_of):
    """A search for the mean absolute error of an amount in dollars."""
    space = Space.read({"compile.optimizer.learning_rate": {"low": 0.001, "high": 0.1}})
    judged = ("mae", False, "tpe", "median", 5)
    return Search("0123456789ab", experiment_of(), space, Budget(40), *judged, begun=0.0, units={"y": "$"})


def trial(number, best, **changes):
    """A trial that has ended."""
    known = {"run": f"run {number}", "values": {}, "state": "finished", "best": best, "over": True}
    return Trial(number, **{**known, **changes})


SEVENTH = trial(7, 1.0)


@pytest.fixture
def ended(search, tmp_path):
    """A function that gives what is said of test scores."""

    def give(scores, best=SEVENTH, seeds=SEEDS):
        folder = SearchFolder(tmp_path, search.id)
        folder.plan(
            {
                "seeds": seeds,
                "runs": {name: [f"{name} {seed}" for seed in seeds] for name in scores},
                "validation": scores,
                "test": scores,
                "intervals": {name: {"value": 1.0, "low": 9.0, "high": 11.0} for name in scores},
                "rows": 100,
            }
        )
        return confirmation(search, folder, best)

    return give


def test_the_best_is_ranked_by_its_score_and_a_pruned_trial_never():
    trials = [trial(1, 3.0), trial(2, 1.0, pruned=True), trial(3, 2.0), trial(4, None, state="failed"), trial(5, 2.0)]
    assert [one.number for one in ranking(trials, larger=False)] == [3, 5, 1]
    assert [one.number for one in ranking(trials, larger=True)] == [1, 3, 5]


def test_a_best_trial_that_is_better_with_new_seeds_is_said_to_be(ended):
    found = ended({START: STARTED, BEST: [score - 2 for score in STARTED], SECOND: STARTED})
    assert found.better
    assert found.compared == compare({START: STARTED, BEST: [score - 2 for score in STARTED]}, larger=False)
    assert found.sentence == (
        "Trial 7 is better than where you started: test MAE $8.00 ($9.00 to $11.00) against $10.00 at the start, means "
        "of 5 new seeds."
    )


def test_a_difference_within_the_spread_of_the_seeds_is_no_better(ended):
    found = ended({START: STARTED, BEST: [9.9, 10.1, 10.0, 9.8, 10.0]})  # Differences -0.1, -0.1, 0.2, -0.3, 0.1.
    assert not found.better
    assert found.sentence.startswith("Trial 7 is not significantly better than where you started: test MAE $9.96 ")
    assert found.sentence.endswith("means of 5 new seeds.")


def test_a_best_trial_that_was_luck_is_said_to_be_worse(ended):
    found = ended({START: STARTED, BEST: [score + 2 for score in STARTED]})
    assert not found.better
    assert found.sentence.startswith("Trial 7 is worse than where you started: test MAE $12.00 ")


def test_where_the_start_is_the_best_nothing_is_better(ended):
    found = ended({START: STARTED, SECOND: STARTED}, trial(1, 1.0))
    assert found.runs[BEST] == found.runs[START]
    assert not found.better
    assert found.sentence == (
        "No trial is better than where you started: test MAE $10.00 ($9.00 to $11.00), mean of 5 new seeds."
    )


def test_one_seed_says_nothing_of_chance(ended):
    assert ended({START: [10.0], BEST: [8.0]}, seeds=[1]).sentence.endswith("A test needs at least two seeds.")


def test_runs_that_all_failed_are_said(ended):
    none = [None] * 5
    assert ended({START: STARTED, BEST: none}).sentence == (
        "The best trial could not be trained again: no run ended with a score."
    )


def test_nothing_is_said_while_they_train(search, tmp_path):
    folder = SearchFolder(tmp_path, search.id)
    assert confirmation(search, folder, None) is None
    folder.plan({"seeds": SEEDS, "runs": {START: ["a"] * 5, BEST: ["b"] * 5}})
    found = confirmation(search, folder, None)
    assert (found.test, found.compared, found.sentence, found.better) == (None, None, "", False)


# ---------------------------------------------------------------- the finalists


TRIALS = [trial(1, 10.0), trial(2, 7.0), trial(3, 8.0), trial(4, 9.0)]


@pytest.fixture
def finalists(search, tmp_path):
    """A function that gives what comes of new validation scores: trial -> the score with each of two seeds."""

    def give(scores):
        folder = SearchFolder(tmp_path, search.id)
        runs = {str(number): [f"{number} {seed}" for seed in (8, 9)] for number in scores}
        folder.plan_finalists({"seeds": [8, 9], "runs": runs, "validation": scores})
        return reevaluation(search, folder)

    return give


def test_the_finalist_with_the_best_mean_is_the_best_and_the_luck_of_one_seed_is_not(search, finalists):
    found = finalists({2: [12.0, 9.0], 3: [8.0, 9.0], 1: [10.0, 10.0]})  # Means 10.5, 8.5 and 10.
    assert found.ranking == (3, 1, 2)
    assert [one.number for one in judged_ranking(search, TRIALS, found)] == [3, 1, 2, 4]
    assert found.sentence == (
        "The 2 best trials and the start were trained again with 2 new seeds: trial 3 is the best of them, mean "
        "validation MAE $8.50, the start $10.00."
    )


def test_the_start_stays_the_best_where_no_finalist_is_better(search, finalists):
    found = finalists({2: [12.0, 9.0], 1: [10.0, 10.0]})
    assert [one.number for one in judged_ranking(search, TRIALS, found)] == [1, 2, 3, 4]
    assert found.sentence == (
        "The best trial and the start were trained again with 2 new seeds: no trial was better, so the start stays the "
        "best, mean validation MAE $10.00."
    )
    # Gains 3 and -1: their mean of 1 is within its error of 2.
    assert (
        "no trial was better by more than the spread of the seeds"
        in finalists({2: [7.0, 11.0], 1: [10.0, 10.0]}).sentence
    )


def test_where_no_finalist_has_a_score_the_trials_own_scores_count(search, finalists):
    found = finalists({2: [None, None], 1: [None, None]})
    assert judged_ranking(search, TRIALS, found) == ranking(TRIALS, larger=False)
    assert found.sentence.endswith("2 new seeds: no run ended with a score, so the trials' own scores count.")


def test_nothing_is_chosen_while_the_finalists_train_and_in_searches_without_them(search, tmp_path):
    folder = SearchFolder(tmp_path, search.id)
    assert reevaluation(search, folder) is None
    assert judged_ranking(search, TRIALS, None) == ranking(TRIALS, larger=False)
    folder.plan_finalists({"seeds": [8, 9], "runs": {"2": ["a", "b"], "1": ["c", "d"]}})
    found = reevaluation(search, folder)
    assert (found.runs[2], found.validation, found.ranking, found.sentence) == (["a", "b"], None, (), "")
    assert [one.number for one in judged_ranking(search, TRIALS, found)] == [2, 3, 4, 1]
    assert folder.names("c")
    assert not folder.names("e")


def test_a_search_of_an_earlier_version_has_no_finalists(search, tmp_path):
    folder = SearchFolder(tmp_path, search.id)
    folder.begin(search)
    kept = json.loads((folder.folder / "search.json").read_text())
    del kept["finalist_seeds"]
    (folder.folder / "search.json").write_text(json.dumps(kept))
    assert folder.search() == search
    assert folder.search().finalist_seeds == 0
