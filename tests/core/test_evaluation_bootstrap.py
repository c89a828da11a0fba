"""The bootstrap's scores are those of the drawn rows, and its intervals SciPy's."""

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics

from core.catalog.metrics import METRICS
from core.evaluation import bootstrap, scores

ROWS = 60


def situation(task: str) -> tuple[np.ndarray, np.ndarray]:
    """What is true and what is predicted of 60 rows; of classes some predictions are equal."""
    draw = np.random.default_rng(1)
    if task == "regression":
        y_true = draw.gamma(2.0, 3.0, ROWS)
        return y_true, np.abs(y_true + draw.normal(size=ROWS))
    if task == "binary":
        y_true = draw.integers(0, 2, ROWS)
        return y_true, np.clip(0.3 * y_true + 0.7 * draw.random(ROWS), 0, 1).round(1)
    y_true = draw.integers(0, 4, ROWS)
    odds = draw.random((ROWS, 4)) + np.eye(4)[y_true] * 0.6
    return y_true, odds / odds.sum(axis=1, keepdims=True)


CASES = sorted({(row.exact, task) for row in METRICS.values() for task in row.tasks if row.exact})


@pytest.mark.slow
@pytest.mark.parametrize(("name", "task"), CASES)
def test_a_resampled_score_is_the_score_of_the_drawn_rows(name, task):
    y_true, y_pred = situation(task)
    own = name.removeprefix("metrics.")
    score = getattr(scores if own == name else metrics, own)
    of_weights = bootstrap.resampled_score(name, score, y_true, y_pred)
    (counts,) = bootstrap.resamples(ROWS, 20)
    weights = np.random.default_rng(2).uniform(0.5, 2, ROWS)
    for each in (np.ones(ROWS), weights):
        found = of_weights(counts * each)
        for row, value in zip(counts.astype(int), found, strict=True):
            drawn = np.repeat(np.arange(ROWS), row)
            expected = scores.exact_score(score, y_true[drawn], y_pred[drawn], each[drawn])
            assert value == pytest.approx(expected, rel=1e-9, nan_ok=True)


def test_each_resample_draws_as_many_rows_as_there_are_and_always_the_same():
    first = np.concatenate(list(bootstrap.resamples(40, 120)))
    assert first.shape == (120, 40)
    assert set(first.sum(axis=1)) == {40.0}
    np.testing.assert_array_equal(first, np.concatenate(list(bootstrap.resamples(40, 120))))


def scipys_interval(score, y_true: np.ndarray, y_pred: np.ndarray) -> tuple[float, float]:
    """SciPy's percentile interval of a score that takes many resamples at once."""
    found = stats.bootstrap((y_true, y_pred), score, paired=True, n_resamples=2000, method="percentile", rng=0)
    return tuple(found.confidence_interval)


def r2(y_true, y_pred, axis):
    """1 - squared errors / squared distances from the mean."""
    spread = ((y_true - y_true.mean(axis=axis, keepdims=True)) ** 2).sum(axis=axis)
    return 1 - ((y_true - y_pred) ** 2).sum(axis=axis) / spread


def auc(y_true, y_pred, axis):
    """The share of pairs of a row of class 1 and one of class 0 that are in the right order, ties half."""
    assert axis == -1
    ones, noughts = y_true[..., :, None] == 1, y_true[..., None, :] == 0
    above, tied = y_pred[..., :, None] > y_pred[..., None, :], y_pred[..., :, None] == y_pred[..., None, :]
    pairs = ones & noughts
    return ((above + tied / 2) * pairs).sum(axis=(-2, -1)) / pairs.sum(axis=(-2, -1))


# Scores by their formulas, of all resamples at once: (resamples, rows) -> (resamples,).
PLAIN = {
    "mean_absolute_error": lambda y_true, y_pred, axis: np.abs(y_true - y_pred).mean(axis=axis),
    "root_mean_squared_error": lambda y_true, y_pred, axis: np.sqrt(((y_true - y_pred) ** 2).mean(axis=axis)),
    "r2": r2,
    "auc": auc,
}


@pytest.mark.parametrize(
    ("name", "task"),
    [
        ("metrics.mean_absolute_error", "regression"),
        ("metrics.root_mean_squared_error", "regression"),
        ("r2", "regression"),
        ("auc", "binary"),
    ],
)
def test_intervals_are_those_of_scipys_bootstrap(name, task):
    y_true, y_pred = situation(task)
    own = name.removeprefix("metrics.")
    score = getattr(scores if own == name else metrics, own)
    of_weights = bootstrap.resampled_score(name, score, y_true, y_pred)
    found = np.concatenate([of_weights(counts) for counts in bootstrap.resamples(ROWS, 2000)])
    plain = PLAIN[own]
    assert plain(y_true, y_pred, axis=-1) == pytest.approx(score(y_true, y_pred))
    expected = scipys_interval(plain, y_true, y_pred)
    # Two times 2,000 resamples: each end within a tenth of the interval's width.
    assert bootstrap.percentiles(found, 0.95) == pytest.approx(expected, abs=0.1 * (expected[1] - expected[0]))


def test_the_interval_of_a_mean_holds_it_as_often_as_it_says():
    draw, held, trials = np.random.default_rng(3), 0, 200
    blocks = list(bootstrap.resamples(100, 500))
    for _ in range(trials):
        values = draw.exponential(size=100)
        found = np.concatenate([bootstrap.weighted_means(values, counts) for counts in blocks])
        low, high = bootstrap.percentiles(found, 0.9)
        held += low <= 1 <= high
    # 90 % of 200: 180, with a standard deviation of 4.2; percentiles of 100 skewed values fall short by a point or two.
    assert 165 <= held <= 192


def test_a_share_without_exception_has_an_exact_interval():
    expected = stats.binomtest(60, 60).proportion_ci(0.95, method="exact")
    assert bootstrap.share_without_exception(1.0, 60, 0.95) == pytest.approx((expected.low, expected.high))
    expected = stats.binomtest(0, 25).proportion_ci(0.9, method="exact")
    assert bootstrap.share_without_exception(0.0, 25, 0.9) == pytest.approx((expected.low, expected.high))


def test_where_no_resample_has_a_score_there_is_no_interval():
    assert bootstrap.percentiles(np.array([np.nan, np.nan]), 0.95) == (None, None)
    alone = bootstrap.resampled_score("auc", scores.auc, np.ones(5, int), np.arange(5.0))
    assert np.isnan(alone(np.ones((3, 5)))).all()
    flat = bootstrap.resampled_score("r2", scores.r2, np.full(5, 7.1), np.arange(5.0))
    assert np.isnan(flat(np.ones((3, 5)))).all()


def test_many_rows_and_classes_have_fewer_resamples():
    assert bootstrap.number_of_resamples(139) == 1000
    assert bootstrap.number_of_resamples(10_000) == 1000
    assert bootstrap.number_of_resamples(10_000, 26) == 200
    assert bootstrap.effective_rows(np.array([1.0, 1.0, 2.0])) == pytest.approx(16 / 6)


def test_rows_of_a_group_are_drawn_together():
    y_true, y_pred = situation("regression")
    groups = np.random.default_rng(3).integers(0, 7, ROWS) * 10
    of_weights = bootstrap.resampled_score("metrics.mean_absolute_error", metrics.mean_absolute_error, y_true, y_pred)
    (counts,) = bootstrap.resamples(ROWS, 50, groups)
    found = of_weights(counts)
    draw = np.random.default_rng(0)  # The plain loop: draw groups, put their rows together.
    names = np.unique(groups)
    drawn = draw.integers(0, len(names), (50, len(names)))
    for each, value in zip(drawn, found, strict=True):
        rows = np.concatenate([np.flatnonzero(groups == names[group]) for group in each])
        assert value == pytest.approx(np.abs(y_pred[rows] - y_true[rows]).mean(), rel=1e-12)


def test_groups_whose_rows_are_alike_have_wider_intervals():
    draw = np.random.default_rng(4)
    groups = np.repeat(np.arange(20), 30)
    errors = np.repeat(draw.normal(size=20), 30) + 0.1 * draw.normal(size=600)
    by_row, by_group = (
        np.concatenate([bootstrap.weighted_means(errors, counts) for counts in bootstrap.resamples(600, 1000, of)])
        for of in (None, groups)
    )
    # The standard error of a mean of 20 independent groups, and of 600 rows as if they were independent.
    means = errors.reshape(20, 30).mean(axis=1)
    assert by_group.std() == pytest.approx(means.std() / np.sqrt(20), rel=0.1)
    assert by_row.std() == pytest.approx(errors.std() / np.sqrt(600), rel=0.1)
