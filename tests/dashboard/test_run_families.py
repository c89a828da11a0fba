"""Runs that were trained together are one row of the Runs page, which opens to them."""

from dataclasses import replace
from functools import partial

from core.runs.parent_runs import ParentRun
from dashboard.panels.run_families import family_of, family_words, row_state, with_families
from dashboard.panels.run_table import EVERY, chosen_runs, run_rows
from tests.dashboard.test_run_table import NAMES, record

SCORES = {"t1": 50.0, "t2": 40.0, "t3": 45.0}
# Newest first, as the record gives them.
RUNS = [
    record("new", name="After it"),
    *(
        replace(record(run, name=f"Homes: trial {run[1]}", validation={"mae": score}), started=float(run[1]))
        for run, score in reversed(SCORES.items())
    ),
    record("old", name="Before it"),
]
SEARCH = ParentRun(
    "search",
    "search",
    "Homes",
    "Search",
    "Search: 3 trials",
    {run: f"Trial {run[1]}" for run in SCORES},
    "mae",
    state="running",
    trials=(2, 3),
    best="t2",
    pruned=frozenset({"t3"}),
)
MEAN = replace(SEARCH, id="group", kind="repetition", what="3 seeds", measure="", best="", pruned=frozenset())
RACE = replace(MEAN, id="race", kind="race", what="Race: depth, 3 runs", measure="mae")


def rows(parent=SEARCH, listed=RUNS, **more):
    return with_families(listed, RUNS, family_of([parent]), **more)


def names(found):
    return [row.record.name for row in found]


def test_a_search_is_one_row_at_the_place_of_its_first_run_and_opens_to_its_trials():
    assert names(rows()) == ["After it", "Homes", "Before it"]
    opened = rows(toggled={"search"})
    assert names(opened) == ["After it", "Homes", *(f"Homes: trial {number}" for number in (1, 2, 3)), "Before it"]
    assert [one.id for one in opened[1].runs] == ["t1", "t2", "t3"]
    frame = run_rows(opened, {}, NAMES.__getitem__, tested=False)
    assert list(frame)[:5] == ["open", "", "Name", "MAE (validation)", "Kind"]
    assert frame["Kind"].tolist() == ["Run", "Search: 3 trials, best: trial 2", "Trial 1", "Trial 2", "Trial 3", "Run"]
    assert frame["State"].tolist()[1:5] == ["Training, 2 of 3 trials", "Finished", "Finished", "Pruned"]
    assert frame["Name"].tolist()[2] == "\u2514 Homes: trial 1"
    assert frame["MAE (validation)"].tolist()[:3] == [55_000.0, 40.0, 50.0]  # The best of the search.
    assert frame["Seconds"].tolist()[1] == 7.0  # 3 times 2.345, to one digit.


def test_a_search_shows_the_trial_that_it_names_and_says_which_though_a_retraining_scored_better():
    lucky = record("t4", name="Homes: trial 2, seed 9", validation={"mae": 30.0})
    again = replace(SEARCH, what="Search: 3 trials, 1 retraining", children={**SEARCH.children, "t4": "Retraining"})
    _, of_search, _ = with_families([lucky, *RUNS], [lucky, *RUNS], family_of([again]))
    assert of_search.record.validation == {"mae": 40.0}
    assert of_search.kind == "Search: 3 trials, best: trial 2"
    none = with_families(RUNS, RUNS, family_of([replace(SEARCH, best="")]))[1]
    assert none.kind == "Search: 3 trials"


def test_a_race_shows_its_best_run_and_repetitions_their_mean():
    (_, of_race, _) = rows(RACE)
    assert of_race.record.validation == {"mae": 40.0}
    assert of_race.kind == "Race: depth, best: trial 2"
    (_, of_seeds, _) = rows(MEAN)
    assert of_seeds.record.validation == {"mae": 45.0}
    assert of_seeds.record.best_epoch is None
    assert of_seeds.kind == "3 seeds"
    larger = rows(replace(RACE, larger=True))[1]
    assert larger.record.validation == {"mae": 50.0}


def test_words_that_leave_a_part_of_a_search_open_it_to_that_part_and_one_run_stands_alone():
    def found(words):
        listed = chosen_runs(RUNS, words, EVERY, NAMES.__getitem__, partial(family_words, family_of([SEARCH])))
        return rows(listed=listed, narrowed=True)

    assert names(found("trial 2")) == ["Homes: trial 2"]
    assert names(found("Trial 1")) == ["Homes: trial 1"]  # Each of them has a layer "Dense 1".
    assert names(found("search")) == ["Homes"]
    two = [one for one in RUNS if one.id in ("t1", "t3")]
    part = rows(listed=two, narrowed=True)
    assert names(part) == ["Homes", "Homes: trial 1", "Homes: trial 3"]
    assert part[0].kind == "Search, 2 of 3 runs, best: trial 2"
    assert names(rows(listed=two, narrowed=True, toggled={"search"})) == ["Homes"]  # A person closed it.


def test_the_state_of_a_race_is_that_of_its_runs():
    (_, of_race, _) = rows(RACE)
    assert row_state(of_race, {}) == "Finished"
    assert row_state(of_race, {"t1": "training", "t2": "queued"}) == "Training, 1 of 3 runs"
    assert row_state(of_race, dict.fromkeys(SCORES, "queued")) == "Queued"
    failed = tuple(replace(one, state="failed") if one.id == "t1" else one for one in of_race.children)
    assert row_state(replace(of_race, children=failed), {}) == "2 finished, 1 failed"
    confirming = rows(replace(SEARCH, state="confirming"))[1]
    assert row_state(confirming, {}) == "Retraining the best"
