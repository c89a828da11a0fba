"""Values are drawn within their space, each once, by the seed alone; what is pruned and what matters is optuna's."""

import json
import math

import optuna
import pytest
from optuna.importance import get_param_importances

from core.search.sampler import SAMPLERS, Ended, Study, grid_points, rungs
from core.search.space import Space

RATE, ACTIVATION = "compile.optimizer.learning_rate", "layers.0.activation"
SPACE = Space.read(
    {
        RATE: {"low": 1e-4, "high": 0.1, "log": True},
        "depth": {"low": 1, "high": 4},
        ACTIVATION: {"choices": ["relu", "tanh"]},
    }
)
SMALL = Space.read({"depth": {"low": 1, "high": 4}, ACTIVATION: {"choices": ["relu", "tanh"]}})
FIRST = {RATE: 0.1, "depth": 1, ACTIVATION: "relu"}


def loss(values):
    """Least at a rate of 0.01, two layers and tanh; the rate matters most."""
    return (math.log10(values[RATE]) + 2) ** 2 + 0.1 * abs(values["depth"] - 2) + 0.1 * (values[ACTIVATION] == "relu")


def searched(trials, sampler="tpe", told=(), folder=None, seed=7):
    """The study and its (number, values, score), those that were told before among them."""
    study, found = Study(folder, SPACE, sampler, seed=seed, epochs=100), list(told)
    for number, values, score in told:
        study.restore(number, values, {}, Ended(score))
    while len(found) < trials:
        number, values = study.ask(FIRST)
        found.append((number, values, loss(values)))
        study.tell(number, loss(values))
    return study, found


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_values_lie_in_the_space_and_none_are_tried_twice(sampler):
    _, found = searched(15, sampler)
    assert found[0][1] == FIRST
    for _, values, _ in found:
        assert list(values) == [RATE, "depth", ACTIVATION]
        assert 1e-4 <= values[RATE] <= 0.1
        assert values["depth"] in range(1, 5)
        assert values[ACTIVATION] in ("relu", "tanh")
    assert len({json.dumps(values) for _, values, _ in found}) == 15


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_search_that_goes_on_elsewhere_tries_what_it_would_have_tried(sampler):
    _, whole = searched(20, sampler)
    for told in (1, 9, 15):
        assert searched(20, sampler, whole[:told])[1] == whole


def test_other_seeds_draw_other_values():
    assert searched(3)[1][1:] != searched(3, seed=8)[1][1:]


@pytest.mark.slow
def test_the_sampler_finds_better_values_than_chance():
    best = {
        kind: [min(score for *_, score in searched(30, kind, seed=seed)[1]) for seed in range(3)]
        for kind in ("tpe", "random")
    }
    assert sum(best["tpe"]) < sum(best["random"])
    assert max(best["tpe"]) < 0.1  # The best depth and activation.


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_space_is_left_when_all_of_it_was_tried(sampler):
    study, found = Study(None, SMALL, sampler), []
    while asked := study.ask({"depth": 2, ACTIVATION: "relu"}):
        found.append(asked[1])
        study.tell(asked[0], float(asked[1]["depth"]))
    assert len(found) == 8
    assert len({json.dumps(values) for values in found}) == 8


def test_a_grid_has_the_ends_of_each_range():
    points = grid_points(SPACE)
    assert len(points) == 5 * 4 * 2
    assert sorted({point[RATE] for point in points}) == pytest.approx([1e-4, 10**-3.25, 10**-2.5, 10**-1.75, 0.1])
    assert {point["depth"] for point in points} == {1, 2, 3, 4}


def test_choices_are_told_apart_whatever_they_are():
    choices = [True, 1, "1", None, {"class": "L2", "l2": 0.1}]
    space = Space.read({ACTIVATION: {"choices": choices}})
    study, found = Study(None, space), []
    while asked := study.ask():
        found.append(asked[1][ACTIVATION])
        study.tell(asked[0], 1.0)
    assert sorted(map(json.dumps, found)) == sorted(map(json.dumps, choices))


def test_importances_are_those_of_optuna_on_its_own_journal(tmp_path):
    study, _ = searched(25, folder=tmp_path)
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    storage = JournalStorage(JournalFileBackend(str(tmp_path / "journal.log")))
    theirs = optuna.load_study(study_name="search", storage=storage)
    assert study.importances() == get_param_importances(theirs)
    assert next(iter(study.importances())) == RATE
    assert searched(4)[0].importances() is None


def test_rungs_lie_before_the_last_epoch():
    assert rungs(100, "median") == [6, 12, 25, 50]
    assert rungs(100, "hyperband") == [4, 11, 33]
    assert rungs(100, "none") == rungs(1, "median") == []
    assert rungs(8, "median") == [4]
    assert rungs(7, "median") == []


def test_the_median_prunes_what_is_behind_it_after_five_trials():
    study = Study(None, SPACE, pruner="median", epochs=100)
    for score in range(5):
        number, _ = study.ask()
        assert study.rung(number, 25, float(score)) is False
        study.tell(number, float(score))
    behind, ahead = study.ask()[0], study.ask()[0]
    assert study.rung(behind, 25, 2.5) is True  # The median of 0 to 4 is 2.
    assert study.rung(ahead, 25, 1.5) is False


def test_hyperband_ends_what_falls_behind_and_never_the_best_so_far():
    worse, better = (Study(None, SPACE, "random", "hyperband", epochs=81) for _ in range(2))
    kept = [not worse.rung(worse.ask()[0], 9, float(score)) for score in range(30)]
    assert kept[0]
    assert kept.count(False) > 10
    assert not any(better.rung(better.ask()[0], 9, -float(score)) for score in range(30))


def test_what_is_restored_prunes_and_is_pruned_as_before():
    study = Study(None, SPACE, epochs=100)
    for number in range(5):
        study.restore(number, FIRST | {"depth": 1 + number % 4}, {25: float(number)}, Ended(float(number)))
    study.restore(5, FIRST, {25: 3.0}, Ended(None, pruned=True))
    study.restore(8, FIRST | {"depth": 2}, {12: 2.5})  # Two numbers were of trials that would have repeated another.
    assert study.rung(8, 25, 2.5) is True  # The median of 0 to 4 is 2.
    study.tell(8, None, pruned=True)
    assert study.ask()[0] == 9


def test_larger_scores_win_where_they_are_better():
    study = Study(None, SPACE, larger=True, epochs=100)
    for score in range(5):
        number, _ = study.ask()
        study.rung(number, 25, float(score))
        study.tell(number, float(score))
    assert study.rung(study.ask()[0], 25, 1.5) is True
