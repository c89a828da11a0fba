"""The same experiment with other seeds and on folds: what differs, what they are called, and what is refused."""

import pytest

from core.experiment.edits import apply
from core.experiment.fork import fork
from core.experiment.repetition import repetitions
from core.experiment.spec import read


def test_folds_differ_by_the_fold_alone(experiment_of):
    made = repetitions(experiment_of(seed=3), folds=5)
    assert [(one.fold, one.seed) for one in made] == [(1, 3), (2, 3), (3, 3), (4, 3), (5, 3)]
    assert [one.experiment.name for one in made] == [f"Points: fold {fold} of 5" for fold in range(1, 6)]
    for one in made:
        assert (one.experiment.data.split.folds, one.experiment.data.split.fold) == (5, one.fold)
        assert read(one.experiment.text()) == one.experiment  # It can be sent as any other.
        split = {**one.experiment.value()["data"]["split"], "folds": None, "fold": None}
        same = apply(one.experiment, {"op": "set", "path": "data.split", "value": split})
        assert same.model_copy(update={"name": "Points"}) == experiment_of(seed=3)


def test_seeds_differ_by_the_seed_alone(experiment_of):
    made = repetitions(experiment_of(), seeds=[4, 5])
    assert [one.experiment for one in made] == [
        experiment_of(seed=4, name="Points: seed 4"),
        experiment_of(seed=5, name="Points: seed 5"),
    ]


def test_each_fold_is_trained_with_each_seed(experiment_of):
    made = repetitions(experiment_of(), folds=2, seeds=[0, 1])
    assert [(one.fold, one.seed) for one in made] == [(1, 0), (2, 0), (1, 1), (2, 1)]
    assert made[3].experiment.name == "Points: fold 2 of 2, seed 1"


def test_a_repetition_of_a_repetition_has_one_ending(experiment_of):
    second = repetitions(experiment_of(), folds=5)[1].experiment
    assert repetitions(second, seeds=[8])[0].experiment.name == "Points: fold 2 of 5, seed 8"
    assert repetitions(second, folds=3)[0].experiment.name == "Points: fold 1 of 3"
    long = repetitions(experiment_of(name="x" * 120), folds=3)[0].experiment.name
    assert len(long) == 120
    assert long.endswith("x: fold 1 of 3")


def test_no_repetition_starts_from_weights_that_have_seen_its_test_rows(experiment_of):
    forked = fork(experiment_of(), "0123456789ab", 3)
    for one in (*repetitions(forked, folds=2), *repetitions(forked, seeds=[1])):
        assert (one.experiment.start, one.experiment.fit.epochs, one.experiment.fit.initial_epoch) == (None, 5, 0)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"folds": 1}, "takes 2 to 100 folds, not 1"),
        ({"folds": 101}, "takes 2 to 100 folds, not 101"),
        ({"seeds": []}, "0 trainings are asked for"),
        ({"folds": 100, "seeds": [1, 2, 3]}, "300 trainings are asked for; at most 200 are made"),
    ],
)
def test_what_cannot_be_repeated_is_refused_with_a_sentence(experiment_of, asked, says):
    with pytest.raises(ValueError, match=says):
        repetitions(experiment_of(), **asked)


def test_a_column_that_says_the_test_rows_has_no_folds(experiment_of):
    value = experiment_of().value()
    value["data"]["split"] |= {"method": "column", "column": "w"}
    with pytest.raises(ValueError, match="there are no folds of them"):
        repetitions(read(value), folds=5)
    assert len(repetitions(read(value), seeds=[1, 2])) == 2
