"""Importance, association, dependence and contributions of features, against scikit-learn, pandas and brute force."""

from itertools import permutations as orderings

import numpy as np
import pandas as pd
import pytest
from sklearn import inspection
from sklearn.base import BaseEstimator, RegressorMixin

from core.evaluation import association, dependence, importance, shapley
from core.evaluation.raw_features import sampled_rows

DRAW = np.random.default_rng(0)
ROWS = {name: DRAW.normal(size=60) for name in "abcd"}


def curved(raw):
    """A target that bends, with an interaction; a second output is its square."""
    value = 3 * raw["a"] - raw["b"] ** 2 + 2 * raw["a"] * raw["c"] + np.abs(raw["c"])
    return {"y": np.stack([value, value**2], axis=1)}


class Curved(RegressorMixin, BaseEstimator):
    """The same as an estimator of scikit-learn."""

    def fit(self, x, _y):
        self.n_features_in_ = x.shape[1]
        return self

    def predict(self, x):
        return curved(dict(zip("abcd", x.T, strict=True)))["y"][:, 0]

    def __sklearn_is_fitted__(self):
        return True


MATRIX = np.stack(list(ROWS.values()), axis=1)


def mae_of(y_true):
    return lambda outputs: float(np.abs(outputs["y"][:, 0] - y_true).mean())


def test_the_importance_is_scikit_learns():
    y_true = curved(ROWS)["y"][:, 0] + DRAW.normal(size=60)
    score = mae_of(y_true)
    shuffled = importance.permutation_importance(curved, ROWS, score, list(ROWS), repeats=7, seed=3)
    expected = inspection.permutation_importance(
        Curved(), MATRIX, y_true, scoring="neg_mean_absolute_error", n_repeats=7, random_state=3
    )
    own = score(curved(ROWS))
    for at, name in enumerate(ROWS):
        np.testing.assert_allclose(shuffled[name] - own, expected.importances[at], atol=1e-12)
    assert expected.importances_mean[3] == pytest.approx(0, abs=1e-12)  # d is not used.


def test_the_dependence_is_scikit_learns():
    grid = dependence.grid_of(ROWS["c"], 9)
    assert grid[[0, -1]] == pytest.approx(np.quantile(ROWS["c"], [0.01, 0.99]))
    weights = DRAW.uniform(0.1, 3, 60)
    expected = dependence.conditional_expectations(curved, ROWS, ["c"], [grid])["y"]
    for weighted in (None, weights):
        of_sklearn = inspection.partial_dependence(
            Curved(), MATRIX, [2], custom_values={2: grid}, kind="average", method="brute", sample_weight=weighted
        )
        mean = dependence.partial_dependence(expected, weighted)
        np.testing.assert_allclose(mean[:, 0], of_sklearn["average"][0], atol=1e-12)
    each = inspection.partial_dependence(Curved(), MATRIX, [2], custom_values={2: grid}, kind="individual")
    np.testing.assert_allclose(expected[:, :, 0].T, each["individual"][0], atol=1e-12)


def test_the_dependence_on_two_features_is_scikit_learns():
    grids = dependence.grid_of(ROWS["a"], 4), dependence.grid_of(ROWS["c"], 5)
    points = [axis.ravel() for axis in np.meshgrid(*grids, indexing="ij")]
    mean = dependence.partial_dependence(dependence.conditional_expectations(curved, ROWS, ["a", "c"], points)["y"])
    expected = inspection.partial_dependence(
        Curved(), MATRIX, [0, 2], custom_values=dict(zip((0, 2), grids, strict=True)), kind="average"
    )
    np.testing.assert_allclose(mean[:, 0].reshape(4, 5), expected["average"][0], atol=1e-12)


def test_a_grid_has_whole_numbers_few_numbers_and_frequent_words_as_they_are():
    assert dependence.grid_of(np.array([0.0, 1, np.nan, 1])).tolist() == [0, 1]
    whole = dependence.grid_of(np.arange(1000.0), 5)
    assert whole.tolist() == [10, 255, 500, 744, 989]  # 9.99, 254.745, 499.5, 744.255 and 989.01, rounded.
    assert dependence.grid_of(np.array(["b", "a", "b", ""], dtype=object)).tolist() == ["b", "a"]
    assert dependence.grid_of(np.array([np.nan, np.nan])).tolist() == [0.0]


def test_the_training_distribution_has_shares_of_rows():
    words = np.array(["b", "a", "b", ""], dtype=object)
    _, shares = dependence.training_distribution(words, dependence.grid_of(words))
    assert shares.tolist() == [0.5, 0.25]
    numbers = np.arange(1000.0)
    middles, shares = dependence.training_distribution(numbers, dependence.grid_of(numbers))
    assert len(middles) == 30
    assert shares.sum() == pytest.approx(0.98, abs=0.002)


def test_what_if_moves_one_feature_at_a_time():
    row = {name: values[:1] for name, values in ROWS.items()}
    grids = {"a": np.array([0.0, 1, 2]), "d": np.array([5.0])}
    found = dependence.what_if(curved, row, grids)
    for feature, grid in grids.items():
        for at, value in enumerate(grid):
            np.testing.assert_allclose(found[feature]["y"][at], curved(row | {feature: np.array([value])})["y"][0])


def brute_force(row: int, background: dict) -> np.ndarray:
    """(features, outputs) Shapley values as their definition says: the mean gain over all orders of the features."""
    orders = list(orderings("abcd"))
    gains = dict.fromkeys("abcd", 0.0)
    for order in orders:
        mixed = dict(background)
        before = curved(mixed)["y"].mean(axis=0)
        for name in order:
            mixed[name] = np.full(len(mixed[name]), ROWS[name][row])
            after = curved(mixed)["y"].mean(axis=0)
            gains[name] = gains[name] + (after - before) / len(orders)
            before = after
    return np.array(list(gains.values()))


def test_exact_contributions_are_the_mean_gain_over_all_orders():
    background = {name: values[20:] for name, values in ROWS.items()}
    rows = {name: values[:3] for name, values in ROWS.items()}
    found = shapley.exact_contributions(curved, rows, background)
    for row in range(3):
        np.testing.assert_allclose(found["y"].values[row], brute_force(row, background), atol=1e-12)
    np.testing.assert_allclose(shapley.outputs_added(found)["y"], curved(rows)["y"], atol=1e-12)
    assert not found["y"].error.any()
    assert found["y"].base == pytest.approx(curved(background)["y"].mean(axis=0))


def test_sampled_contributions_add_up_and_are_near_the_exact_ones_by_their_error():
    background = {name: values[20:] for name, values in ROWS.items()}
    rows = {name: values[:20] for name, values in ROWS.items()}
    exact = shapley.exact_contributions(curved, rows, background)["y"]
    sampled = shapley.sampled_contributions(curved, rows, background, seed=1)
    np.testing.assert_allclose(shapley.outputs_added(sampled)["y"], curved(rows)["y"], atol=1e-12)
    of = sampled["y"]
    assert of.base == pytest.approx(exact.base)
    apart = np.abs(of.values - exact.values)[:, :3] / of.error[:, :3]
    assert np.mean(apart < 2) > 0.9  # 95 % of a normal distribution.
    # d has no part in the target: neither a contribution nor an error.
    assert not of.values[:, 3].any()
    # Of a sum without interactions one order is as good as all.
    additive = shapley.sampled_contributions(lambda raw: {"y": (2 * raw["a"] + raw["b"])[:, None]}, rows, background)
    mean = background["a"].mean()
    np.testing.assert_allclose(additive["y"].values[:, 0, 0], 2 * (rows["a"] - mean), atol=1e-12)


def test_one_feature_contributes_the_whole_difference():
    row, background = {"a": np.array([3.0])}, {"a": np.array([0.0, 1.0])}

    def twice(raw):
        return {"y": 2 * raw["a"][:, None]}

    for way in (shapley.exact_contributions, shapley.sampled_contributions):
        assert way(twice, row, background)["y"].values.ravel().tolist() == [5.0]


def test_the_association_of_numbers_is_spearmans_and_of_groups_what_lies_between_them():
    numbers = {"a": ROWS["a"], "b": np.exp(ROWS["a"]) + 0.01, "c": ROWS["c"], "still": np.ones(60)}
    names, strengths = association.association_matrix(numbers)
    expected = pd.DataFrame(numbers)[["a", "b", "c"]].corr(method="spearman").abs().to_numpy(copy=True)
    np.fill_diagonal(expected, 0)
    np.testing.assert_allclose(strengths[:3, :3], expected, atol=1e-12)
    assert not strengths[3].any()
    assert names == list(numbers)
    word = np.where(ROWS["a"] > 0, "up", "down").astype(object)
    same = np.where(ROWS["a"] > 0, "x", "y").astype(object)
    chance = DRAW.permutation(word)
    found = association.associated({**numbers, "word": word, "same": same, "chance": chance})
    assert [name for name, _ in found["a"]] == ["b", "word", "same"]
    assert found["word"][0] == ("same", pytest.approx(1.0))
    assert "chance" not in found
    assert "c" not in found


def test_rows_are_drawn_by_their_weights():
    assert sampled_rows(5, 10).tolist() == [0, 1, 2, 3, 4]
    assert len(set(sampled_rows(1000, 100).tolist())) == 100
    weights = np.r_[np.zeros(500), np.ones(500)]
    assert sampled_rows(1000, 100, weights).min() >= 500
    assert sampled_rows(4, 10, np.array([0.0, 1, 0, 1])).tolist() == [1, 3]
