"""The threshold of two classes against scikit-learn and by hand."""

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from core.evaluation.evaluated_rows import EvaluatedPart, EvaluatedRows, EvaluatedTarget
from core.evaluation.thresholds import (
    Worth,
    best_threshold,
    offered_thresholds,
    threshold_counts,
    threshold_summary,
)

RNG = np.random.default_rng(2)
TRUE = (RNG.uniform(size=500) < 0.2).astype(int)
PREDICTED = np.clip(0.3 * TRUE + RNG.uniform(0, 0.7, 500), 0, 1).round(2)
WEIGHTS = RNG.uniform(0, 3, 500)


@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_the_counts_are_scikit_learns(weights):
    at = np.array([0.0, 0.25, 0.5, 0.73, 1.0])
    found = threshold_counts(TRUE, PREDICTED, at, weights)
    for place, limit in enumerate(at):
        called = limit < PREDICTED
        table = metrics.confusion_matrix(TRUE, called, sample_weight=weights)
        ours = [[found.true_negatives, found.false_positives], [found.false_negatives, found.true_positives]]
        np.testing.assert_allclose(np.array(ours)[:, :, place], table, atol=1e-9)
        assert found.accuracy[place] == pytest.approx(metrics.accuracy_score(TRUE, called, sample_weight=weights))
        assert found.f1[place] == pytest.approx(metrics.f1_score(TRUE, called, sample_weight=weights))
        assert found.recall[place] == pytest.approx(metrics.recall_score(TRUE, called, sample_weight=weights))
    assert np.isnan(found.precision[-1])  # No row is above 1.


def test_the_best_threshold_is_the_one_of_all_by_hand():
    """A missed row costs 10, an alarm 1: of 0.1 no, 0.3 yes, 0.4 no, 0.8 yes the best is between 0.1 and 0.3 (one
    alarm, worth -1)."""
    true, predicted = np.array([0, 1, 0, 1]), np.array([0.1, 0.3, 0.4, 0.8])
    offered = offered_thresholds(predicted, 0.5)
    worth = threshold_counts(true, predicted, offered).worth(Worth(false_negative=10))
    assert worth.max() == -1
    assert 0.1 <= best_threshold(offered, worth) < 0.3
    assert best_threshold(offered, worth) == 0.29  # Of those alike the nearest to 0.5.
    gains = threshold_counts(true, predicted, offered).worth(Worth(0, 0, true_positive=5, true_negative=1))
    assert gains.max() == 11


def test_the_best_threshold_is_found_by_trying_all():
    of = Worth(3.0, 20.0, 2.0, 0.5)
    offered = offered_thresholds(PREDICTED, 0.5)
    worth = threshold_counts(TRUE, PREDICTED, offered, WEIGHTS).worth(of)

    def tried(limit):
        table = metrics.confusion_matrix(TRUE, limit < PREDICTED, sample_weight=WEIGHTS)
        return table[1, 1] * 2 + table[0, 0] * 0.5 - table[0, 1] * 3 - table[1, 0] * 20

    between = np.arange(-0.005, 1.01, 0.01)  # Predictions are hundredths: these part them in all ways.
    assert worth.max() == pytest.approx(max(tried(limit) for limit in between))


def test_the_summary_has_the_chosen_and_the_best_threshold():
    """0.4 is chosen: of 0.3 yes, 0.45 no, 0.8 yes one is right, one an alarm, one missed; at 0.5 there is no alarm."""
    of = EvaluatedTarget("t", "binary", ("no", "yes"), np.array([1, 0, 1]), np.array([0.3, 0.45, 0.8]), {}, 0.4)
    part = EvaluatedPart(np.arange(3), pd.DataFrame(index=range(3)), None, {"t": of}, 3)
    found = threshold_summary(EvaluatedRows(1, {"test": part, "validation": part}), "t")
    assert (found["chosen"]["threshold"], found["best"]["threshold"]) == (0.4, 0.5)
    assert [found["chosen"][name] for name in ("true_positives", "false_positives", "false_negatives")] == [1, 1, 1]
    assert found["best"]["accuracy"] == pytest.approx(2 / 3)
    assert threshold_summary(EvaluatedRows(1, {"test": part}), "t")["best"] is None


def test_rare_classes_and_margins_have_thresholds_between_their_predictions():
    offered = offered_thresholds(np.array([0.001, 0.0012, 0.0014]), 0.5)
    assert {0.0011, 0.0013, 0.5, 0.0, 1.0} <= set(offered)
    assert len(offered_thresholds(RNG.uniform(size=20_000), 0.123456789)) <= 1200
    assert 0.123456789 in offered_thresholds(RNG.uniform(size=20_000), 0.123456789)
    assert offered_thresholds(np.array([-2.0, 3.0]), 0.0, margin=True).tolist() == [-3, 0, 0.5, 4]
    assert len(offered_thresholds(np.array([np.nan]), 0.5)) == 101
    counts = threshold_counts(np.array([1]), np.array([np.nan]), np.array([-1.0]))
    assert counts.false_negatives.tolist() == [1]
