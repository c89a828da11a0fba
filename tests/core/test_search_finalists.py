"""Which trials are trained again and which of them is the best, with the arithmetic in the comments."""

import pytest

from core.search.finalists import finalists, reranked, retrainings, trainings_words


def test_the_best_five_and_the_start_are_trained_again():
    assert finalists([9, 8, 7, 6, 5, 4, 1, 3]) == [9, 8, 7, 6, 5, 1]
    assert finalists([9, 1, 7, 6, 5, 4]) == [9, 1, 7, 6, 5]
    assert finalists([2, 1]) == [2, 1]
    assert finalists([9, 8]) == [9, 8]  # The start failed.


def test_the_mean_over_the_new_seeds_names_the_best():
    scores = {7: [5.0, 5.4], 3: [4.0, 5.0], 1: [6.0, 6.2]}  # Means 5.2, 4.5 and 6.1.
    assert reranked(scores, larger=False) == [3, 7, 1]
    assert reranked(scores, larger=True) == [1, 7, 3]


def test_of_equal_means_the_trial_with_the_better_score_of_its_own_comes_first():
    assert reranked({7: [5.0, 5.0], 3: [4.0, 6.0], 1: [9.0, 9.0]}, larger=False) == [7, 3, 1]


@pytest.mark.parametrize(
    ("challenger", "best"),
    [
        ([9.9, 8.0], 2),  # Gains 0.1 and 2: better with both seeds, so the mean 1.05 exceeds its error |2 - 0.1| / 2.
        ([10.1, 8.0], 1),  # Gains -0.1 and 2: the mean 0.95 is below 1.05.
        ([10.2, 9.0, 8.8], 2),  # Gains -0.2, 1, 1.2: mean 0.667, error 0.757 / sqrt(3) = 0.437.
        ([10.9, 8.0, 9.7], 1),  # Gains -0.9, 2, 0.3: mean 0.467, error 1.457 / sqrt(3) = 0.841.
        ([None, 9.0], 2),  # One gain only has to exist.
        ([None, 10.5], 1),
    ],
)
def test_the_start_stays_unless_the_gain_exceeds_its_standard_error(challenger, best):
    scores = {2: challenger, 1: [10.0] * len(challenger)}
    assert reranked(scores, larger=False)[0] == best
    mirrored = {trial: [None if one is None else -one for one in of] for trial, of in scores.items()}
    assert reranked(mirrored, larger=True)[0] == best


def test_a_trial_whose_runs_all_failed_is_left_out():
    assert reranked({2: [None, None], 3: [2.0, None], 1: [None, None]}, larger=False) == [3]
    assert reranked({2: [None], 1: [None]}, larger=False) == []
    assert reranked({2: [1.0, None], 1: [None, 3.0]}, larger=False) == [1, 2]  # No seed in common: the start stays.


@pytest.mark.parametrize(
    ("trials", "finalist_seeds", "seeds", "counted"),
    [(40, 2, 5, (12, 15)), (None, 2, 5, (12, 15)), (3, 2, 5, (6, 15)), (1, 2, 5, (0, 5)), (40, 0, 5, (0, 15))],
)
def test_the_trainings_that_follow_the_trials_are_counted(trials, finalist_seeds, seeds, counted):
    assert retrainings(trials, finalist_seeds, seeds) == counted


def test_the_trainings_that_follow_are_said_before_a_search():
    assert trainings_words(40, 2, 5) == (
        "Then the 5 best trials and the start are trained again with 2 new seeds, to choose the best of them (up to 12 "
        "trainings). At the end the best two and the start are trained again with 5 other new seeds and scored on the "
        "test rows (up to 15 trainings)."
    )
    assert trainings_words(40, 0, 1).startswith("Then the best two and the start are trained again with 1 new seed and")
    assert trainings_words(40, 0, 0) == ""
    # No more trials than the search makes.
    assert trainings_words(1, 2, 5) == (
        "Then the start is trained again with 5 new seeds and scored on the test rows (up to 5 trainings)."
    )
    assert trainings_words(2, 2, 5) == (
        "Then the other trial and the start are trained again with 2 new seeds, to choose the best of them (up to 4 "
        "trainings). At the end both trials are trained again with 5 other new seeds and scored on the test rows (up "
        "to 10 trainings)."
    )
    assert trainings_words(4, 1, 0).startswith("Then the 3 best trials and the start are trained again with 1 new seed")
