"""Saved runs as the variants of a race: pairs of one seed on the same rows."""

import pytest

from core.experiment.fork import fork
from core.experiment.task import Situation
from core.race.own_variants import own_variants, shared_measures


@pytest.fixture
def named(experiment_of):
    """Two experiments that differ in more than one setting, the second one with another split and a start."""
    two = experiment_of(optimizer={"class": "SGD", "learning_rate": 0.1}, seed=40, metrics=("MeanAbsoluteError",))
    split = two.data.split.model_copy(update={"seed": 9, "train": 0.5, "test": 0.35})
    two = two.model_copy(update={"data": two.data.model_copy(update={"split": split})})
    return {"1. Adam": experiment_of(seed=7), "2. SGD": fork(two, "0123456789ab", 3)}


def test_runs_of_one_seed_have_the_rows_of_the_first_and_start_afresh(named):
    made = own_variants(named, 2)
    assert [(name, seed) for name, seed, _ in made] == [("1. Adam", 7), ("2. SGD", 7), ("1. Adam", 8), ("2. SGD", 8)]
    first = named["1. Adam"].data.split
    for name, seed, one in made:
        assert (one.data.split, one.fit.seed, one.start, one.fit.initial_epoch) == (first, seed, None, 0)
        assert one.name == f"{name}, seed {seed}"
    assert made[1][2].compile.optimizer.name == "SGD"
    assert made[1][2].fit.epochs == named["2. SGD"].fit.epochs - 3


def test_split_seeds_deal_the_rows_anew_for_each_seed_alike_for_all(named):
    made = own_variants(named, 3, split_seeds=True)
    first = named["1. Adam"].data.split.seed
    assert [one.data.split.seed for *_, one in made] == [first, first, first + 1, first + 1, first + 2, first + 2]


def test_runs_are_judged_by_what_all_of_them_log(named, experiment_of):
    assert shared_measures(named) == ["mae", "loss"]
    huber = experiment_of(loss="Huber")
    assert shared_measures({**named, "3. Huber": huber}) == ["mae"]
    none = experiment_of(loss="Huber", metrics=("RootMeanSquaredError",))
    with pytest.raises(ValueError, match="no metric and no loss in common"):
        own_variants({"2. SGD": named["2. SGD"], "3. Huber": none}, 1)


def test_what_cannot_be_raced_is_refused_with_a_sentence(named, experiment_of):
    one = named["1. Adam"]
    with pytest.raises(ValueError, match="takes 2 to 6 runs, not 1"):
        own_variants({"1. Adam": one}, 1)
    with pytest.raises(ValueError, match="1 to 5 seeds, not 0"):
        own_variants(named, 0)
    with pytest.raises(ValueError, match="another table or target"):
        own_variants({**named, "3. z": experiment_of(target="z")}, 1)
    by_time = one.data.split.model_copy(update={"method": "time", "column": "x0"})
    timed = one.model_copy(update={"data": one.data.model_copy(update={"split": by_time})})
    with pytest.raises(ValueError, match="has no seed"):
        own_variants({"1. Adam": timed, "2. SGD": named["2. SGD"]}, 2, split_seeds=True)
    with pytest.raises(ValueError, match="no validation rows"):
        own_variants(named, 1, situation_of=lambda _one: Situation(None, rows=(100, 0, 20)))
