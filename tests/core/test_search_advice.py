"""What the trials of a search say: ranges to widen, settings that hardly matter, and when more trials no longer pay."""

import pytest

from core.search.search_advice import FEWEST, ScoredTrial, search_advice
from core.search.space import Space
from tests.core import advised

BASE = advised.experiment()
SPACE = Space.read(
    {
        "compile.optimizer.learning_rate": {"low": 1e-4, "high": 0.1, "log": True},
        "layers.0.units": {"low": 8, "high": 64},
        "activation": {"choices": ["relu", "tanh"]},
    }
)
RATE, UNITS = "compile.optimizer.learning_rate", "layers.0.units"
IMPORTANCES = {RATE: 0.8, "activation": 0.17, UNITS: 0.03}


def trials(scores, rate=lambda _: 0.01, units=lambda _: 32, activation=lambda _: "relu"):
    """A trial for each score; its settings are functions of the score."""
    return [
        ScoredTrial(number, {RATE: rate(score), UNITS: units(score), "activation": activation(score)}, score)
        for number, score in enumerate(scores, start=1)
    ]


def falling(number):
    return [1 - at / number for at in range(number)]


def test_a_few_trials_say_nothing():
    assert search_advice(BASE, SPACE, trials(falling(FEWEST - 1)), larger=False) == []


@pytest.mark.parametrize("larger", [False, True])
def test_trials_that_bring_nothing_better_no_longer_pay(larger):
    sign = -1 if larger else 1
    scores = [sign * score for score in [5, 4, 3, *[6.0] * 15]]
    said = search_advice(BASE, SPACE, trials(scores), larger)
    assert said[0] == "None of the last 15 trials was better: more trials of this space are unlikely to help."
    assert "unlikely to help" not in " ".join(search_advice(BASE, SPACE, trials(scores[:-1]), larger))
    # A long search waits as long as it took to find the best.
    found_late = [sign * score for score in [*falling(20), *[6.0] * 16]]
    assert "unlikely to help" not in " ".join(search_advice(BASE, SPACE, trials(found_late), larger))


def test_a_range_whose_end_is_best_is_to_be_widened():
    at_the_top = trials(falling(16), rate=lambda score: 0.1 if score < 0.5 else 1e-3)
    said = search_advice(BASE, SPACE, at_the_top, larger=False)
    assert "Learning rate: the best trials lie at the end of the range, so search above 0.1, too." in said
    below = trials(falling(16), units=lambda score: 8 if score < 0.5 else 40)
    assert (
        "Layer 1: Dense, units: the best trials lie at the end of the range, so search below 8, too."
        in search_advice(BASE, SPACE, below, larger=False)
    )
    within = trials(falling(16), rate=lambda _: 0.01)
    assert not any("end of the range" in one for one in search_advice(BASE, SPACE, within, larger=False))


def test_where_the_search_goes_next_is_where_its_best_quarter_lies():
    # Of 16 trials the best four have the scores 1/16 to 4/16: rates from 0.00625 to 0.025.
    found = trials(
        falling(16), rate=lambda score: score / 10, activation=lambda score: "tanh" if score < 0.3 else "relu"
    )
    said = search_advice(BASE, SPACE, found, larger=False, importances=IMPORTANCES)
    assert (
        "The search would next try more of Learning rate 0.0063 to 0.025 and Activation tanh, where its best quarter "
        "lies." in said
    )
    assert "Hardly matters here: Layer 1: Dense, units." in said


def test_a_setting_that_some_trials_do_not_have_is_no_trouble():
    found = [ScoredTrial(at, {RATE: 0.01}, float(at)) for at in range(1, 20)]
    assert search_advice(BASE, SPACE, found, larger=False, importances={UNITS: 1.0})
