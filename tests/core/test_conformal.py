"""Conformal intervals and sets: MAPIE's bounds, the definition by hand, and how often they hold."""

import math

import numpy as np
import pytest
from mapie.classification import SplitConformalClassifier
from mapie.regression import SplitConformalRegressor
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from core.evaluation.conformal import Conformal, Coverage, Difficulty, conformal_errors, rows_needed
from core.evaluation.evaluated_rows import EvaluatedTarget
from core.tables.samples import load_sample

LEVELS = (0.5, 0.55, 0.8, 0.9, 0.95)


def amounts(y_true: np.ndarray, y_pred: np.ndarray) -> EvaluatedTarget:
    """Rows of a regression."""
    return EvaluatedTarget("y", "regression", (), np.asarray(y_true, float), np.asarray(y_pred, float), {})


def labelled(y_true: np.ndarray, y_pred: np.ndarray, classes: tuple[str, ...] = ("no", "yes")) -> EvaluatedTarget:
    """Rows of a classification."""
    return EvaluatedTarget("z", "binary" if len(classes) == 2 else "multiclass", classes, y_true, y_pred, {})


@pytest.fixture(scope="module")
def concrete():
    """Scaled features and strength of all rows."""
    frame = load_sample("concrete")
    return StandardScaler().fit_transform(frame.drop(columns="compressive_strength")), frame[
        "compressive_strength"
    ].to_numpy(float)


def test_bounds_are_those_of_mapie(concrete):
    x, y = concrete
    model = LinearRegression().fit(x[:400], y[:400])
    conformal = Conformal.of(amounts(y[400:555], model.predict(x[400:555])))
    judge = SplitConformalRegressor(model, confidence_level=list(LEVELS), prefit=True)
    judge.conformalize(x[400:555], y[400:555])
    predicted, expected = judge.predict_interval(x[700:])
    for at, level in enumerate(LEVELS):
        np.testing.assert_allclose(conformal.bounds(predicted, level), expected[:, :, at], rtol=1e-9)


def test_sets_are_those_of_mapie_with_the_predicted_class_in_each():
    draw = np.random.default_rng(0)
    y = draw.integers(0, 4, 900)
    x = y[:, None] + draw.normal(size=(900, 3))
    model = LogisticRegression().fit(x[:300], y[:300])
    outputs = model.predict_proba(x)
    conformal = Conformal.of(labelled(y[300:600], outputs[300:600], tuple("abcd")))
    judge = SplitConformalClassifier(model, confidence_level=list(LEVELS), conformity_score="lac", prefit=True)
    judge.conformalize(x[300:600], y[300:600])
    predicted, expected = judge.predict_set(x[600:])
    for at, level in enumerate(LEVELS):
        with_predicted = expected[:, :, at] | (np.arange(4) == predicted[:, None])
        np.testing.assert_array_equal(conformal.sets(outputs[600:], level), with_predicted)


def test_the_error_is_the_smallest_that_enough_rows_do_not_exceed():
    conformal = Conformal.of(amounts(np.arange(19.0), np.zeros(19)))  # Errors 0 to 18.
    assert conformal.error_at(0.9) == 17  # The ceil(20 * 0.9) = 18th.
    assert conformal.error_at(0.55) == 10  # 20 * 0.55 = 11 exactly, above in floats.
    assert conformal.error_at(0.95) == 18
    assert conformal.error_at(0.96) == math.inf  # The 20th of 19.
    assert [rows_needed(level) for level in (0.5, 0.9, 0.95, 0.99)] == [1, 9, 19, 99]
    for level in (0.5, 0.8, 0.9, 0.95, 0.99):
        rows = rows_needed(level)
        assert Conformal.of(amounts(np.arange(rows), np.zeros(rows))).error_at(level) < math.inf
        assert Conformal.of(amounts(np.arange(rows - 1), np.zeros(rows - 1))).error_at(level) == math.inf


def test_a_row_of_weight_two_counts_as_two_rows_and_one_without_weight_as_none():
    errors = np.array([5.0, 1.0, 3.0, 2.0, 4.0])
    conformal = Conformal.of(amounts(errors, np.zeros(5)), np.array([1.0, 2.0, 1.0, 0.0, 2.0]))
    # Ascending 1, 2, 3, 4, 5 with the weights 2, 0, 1, 2, 1: together 2, 2, 3, 5, 6; a further row weighs 1.2.
    assert conformal.error_at(0.5) == 4  # 3.6 of 7.2.
    assert conformal.error_at(0.25) == 1  # 1.8.
    assert conformal.error_at(0.8) == 5  # 5.76.
    assert conformal.error_at(0.9) == math.inf  # 6.48.
    whole = Conformal.of(amounts(errors, np.zeros(5)), np.full(5, 7.0))
    plain = Conformal.of(amounts(errors, np.zeros(5)))
    assert [whole.error_at(level) for level in LEVELS] == [plain.error_at(level) for level in LEVELS]
    coverage = Coverage(plain, amounts(np.array([1.0, 9.0]), np.zeros(2)), np.array([3.0, 1.0]))
    assert coverage.share(0.8) == 0.75


def test_margins_and_decisions_rule_the_sets():
    of = EvaluatedTarget("z", "binary", ("no", "yes"), np.array([1, 0, 1]), np.array([2.0, 0.5, -1]), {}, 0.0, True)
    assert conformal_errors(of).tolist() == [-1.0, 1.5, 2.0]
    assert Conformal.of(of).sets(np.array([0.2, -3.0]), 0.5).tolist() == [[True, True], [True, False]]
    decided = EvaluatedTarget("z", "binary", ("no", "yes"), np.array([1, 1, 0]), np.array([0.9, 0.8, 0.3]), {}, 0.2)
    # 0.3 exceeds 0.2: "yes" is predicted, and is in the set beside "no", whose 0.7 is enough.
    assert Conformal.of(decided).sets(np.array([0.3]), 0.75).tolist() == [[True, True]]
    assert Conformal.of(decided).sets(np.array([0.95]), 0.75).tolist() == [[False, True]]


def test_the_width_follows_the_predicted_value_where_that_is_narrower():
    draw = np.random.default_rng(1)
    predicted = draw.uniform(1, 100, 3000)
    growing = predicted * (1 + 0.2 * draw.normal(size=3000))  # A fifth of the value.
    train, valid, test = slice(0, 1000), slice(1000, 2000), slice(2000, 3000)
    conformal = Conformal.of(amounts(growing[valid], predicted[valid]), None, (growing[train], predicted[train]))
    assert conformal.difficulty is not None
    small, large = np.diff(conformal.bounds(np.array([20.0, 90.0]), 0.9), axis=1)[:, 0]
    assert small == pytest.approx(2 * 1.645 * 0.2 * 20, rel=0.3)
    assert large == pytest.approx(2 * 1.645 * 0.2 * 90, rel=0.3)
    coverage = Coverage(conformal, amounts(growing[test], predicted[test]))
    assert coverage.share(0.9) == pytest.approx(0.9, abs=0.03)
    constant = Coverage(Conformal.of(amounts(growing[valid], predicted[valid])), coverage.test)
    assert coverage.size(0.9) < 0.9 * constant.size(0.9)
    even = predicted + 5 * draw.normal(size=3000)
    assert (
        Conformal.of(amounts(even[valid], predicted[valid]), None, (even[train], predicted[train])).difficulty is None
    )


def test_the_difficulty_is_the_mean_error_at_each_knot():
    predicted = np.arange(40.0)
    found = Difficulty.of(predicted + np.where(predicted < 20, 1.0, 3.0), predicted)
    assert found == Difficulty((9.5, 29.5), (1.0, 3.0))
    assert found(np.array([-5.0, 9.5, 19.5, 40.0])).tolist() == [1.0, 1.0, 2.0, 3.0]
    assert Difficulty.of(predicted[:30] + 1, predicted[:30]) is None  # Too few rows for two knots.
    assert Difficulty.of(predicted, predicted) is None
    assert Difficulty.of(predicted, np.zeros(40)) is None
    assert Difficulty.of(np.r_[predicted[1:], 0.0] * np.nan, predicted) is None


def test_predictions_that_are_nan_make_intervals_wider_and_no_error():
    y_true, y_pred = np.arange(100.0), np.arange(100.0) + 1
    y_pred[:20] = np.nan
    conformal = Conformal.of(amounts(y_true, y_pred), None, (y_true, y_pred))
    assert conformal.error_at(0.5) == 1
    assert conformal.error_at(0.9) == math.inf


def test_a_share_below_the_level_by_more_than_chance_is_said():
    conformal = Conformal.of(amounts(np.arange(1.0, 199), np.zeros(198)))
    assert conformal.error_at(0.9) == 180  # The ceil(199 * 0.9)-th.

    def coverage(inside: int) -> Coverage:
        return Coverage(conformal, amounts(np.where(np.arange(200) < inside, 1.0, 1000.0), np.zeros(200)))

    # 1.96 sqrt(0.9 0.1 (1 / 200 + 1 / 200)).
    assert coverage(100).scatter(0.9) == pytest.approx(0.0588)
    assert coverage(169).held(0.9) == "84% of 200 test rows"  # 0.845.
    assert coverage(168).sentence(0.9) == (
        "The 90% intervals of y contain the actual value for 84% of 200 test rows, less than chance "
        "alone would explain."
    )


@pytest.mark.slow
@pytest.mark.parametrize("table", ["concrete", "titanic"])
def test_nine_in_ten_test_rows_are_in_their_interval_or_set(table, concrete):
    shares = []
    frame = load_sample("titanic")
    for seed in range(20):
        draw = np.random.default_rng(seed)
        if table == "concrete":
            x, y = concrete
            model = LinearRegression()
        else:
            x = frame[["pclass", "age", "fare"]].fillna(0).to_numpy(float)
            x, y = np.c_[x, frame["sex"] == "female"], (frame["survived"] == 1).to_numpy(int)
            model = make_pipeline(StandardScaler(), RandomForestClassifier(20, max_depth=5, random_state=0))
        train, valid, test = np.split(draw.permutation(len(y)), [int(0.7 * len(y)), int(0.85 * len(y))])
        model.fit(x[train], y[train])
        if table == "concrete":
            rows = [amounts(y[part], model.predict(x[part])) for part in (train, valid, test)]
            training = rows[0].y_true, rows[0].y_pred
        else:
            rows = [labelled(y[part], model.predict_proba(x[part])[:, 1]) for part in (train, valid, test)]
            training = None
        shares.append(Coverage(Conformal.of(rows[1], None, training), rows[2]).share(0.9))
    assert 0.88 <= np.mean(shares) <= 0.92
