"""The baselines' scores are scikit-learn's own."""

import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge, RidgeCV
from sklearn.metrics import accuracy_score, log_loss, mean_absolute_error, mean_squared_error, r2_score, roc_auc_score
from sklearn.utils.class_weight import compute_sample_weight

from core.catalog.target_transforms import TARGET_TRANSFORMS
from core.experiment.task import Task
from core.model.baselines import baselines
from core.model.boosting import BoostingRows, gradient_boosting
from core.model.network import TargetScale
from core.model.preprocessing import matrix, preprocessing
from core.model.scorer import Scorer, from_probabilities
from core.tables.prepared import PARTS, prepare

pytestmark = pytest.mark.slow
STRENGTHS = (0.01, 0.1, 1.0, 10.0, 100.0)
FEATURES = {"x0": "number", "x1": "number", "w": "category"}


def ready(points, experiment, kind):
    """Matrix and truth of each part."""
    prepared = prepare(points, experiment.data, kind)
    model = preprocessing(prepared.kinds, prepared.statistics)
    return {part: (matrix(model, prepared.part(part)[0]), prepared.part(part)[1]) for part in PARTS}


def scored(experiment, task, parts):
    """Name of the baseline -> its scores on the test rows."""
    (x, truth), (x_test, truth_test) = parts["train"], parts["test"]
    score = Scorer(experiment, task, TargetScale(truth, task))
    return {
        name: score(from_probabilities(experiment, task, predict(x_test)), truth_test)
        for name, predict in baselines(task, x, truth, seed=0).items()
    }


def test_amounts_are_scored_as_scikit_learn_scores_them(points, experiment_of):
    experiment = experiment_of(features=FEATURES, metrics=["MeanAbsoluteError", "RootMeanSquaredError", "R2Score"])
    parts = ready(points, experiment, "number")
    (x, truth), (x_test, truth_test) = parts["train"], parts["test"]
    found = scored(experiment, Task("regression", "y"), parts)
    by = np.where(np.isin(x, (0, 1)).all(axis=0), 1.0, 1e3)  # Ten rows a column and more: words alone are penalized.
    assert set(by) == {1.0, 1e3}
    for name, model in {"mean": DummyRegressor(), "linear model": RidgeCV(STRENGTHS)}.items():
        said = model.fit(x * by, truth).predict(x_test * by)
        expected = {
            "loss": mean_squared_error(truth_test, said),
            "mae": mean_absolute_error(truth_test, said),
            "rmse": np.sqrt(mean_squared_error(truth_test, said)),
            "r2": r2_score(truth_test, said),
        }
        assert found[name] == pytest.approx(expected, rel=1e-9), name
    assert found["linear model"]["r2"] > 0.8  # y is nearly a straight line


@pytest.mark.parametrize("logits", [False, True])
def test_yes_or_no_is_scored_as_scikit_learn_scores_it(points, experiment_of, logits):
    loss = {"class": "BinaryCrossentropy"} | ({"from_logits": True} if logits else {})
    experiment = experiment_of(
        target="z", features=FEATURES, loss=loss, metrics=["BinaryAccuracy"] if logits else ["BinaryAccuracy", "AUC"]
    )
    parts = ready(points, experiment, "category")
    (x, truth), (x_test, truth_test) = parts["train"], parts["test"]
    found = scored(experiment, Task("binary", "z", 2), parts)
    for name, model in {
        "majority": DummyClassifier(strategy="prior"),
        "logistic model": LogisticRegression(max_iter=300),
    }.items():
        shares = model.fit(x, truth).predict_proba(x_test)
        assert found[name]["loss"] == pytest.approx(log_loss(truth_test, shares), rel=1e-4)
        assert found[name]["accuracy"] == pytest.approx(accuracy_score(truth_test, shares[:, 1] > 0.5))
        if not logits:
            assert found[name]["auc"] == pytest.approx(roc_auc_score(truth_test, shares[:, 1]), abs=1e-6)


@pytest.mark.parametrize("loss", ["SparseCategoricalCrossentropy", "CategoricalCrossentropy"])
def test_several_classes_are_scored_as_scikit_learn_scores_them(points, experiment_of, loss):
    metric = "SparseCategoricalAccuracy" if loss.startswith("Sparse") else "CategoricalAccuracy"
    experiment = experiment_of(target="w", loss=loss, metrics=[metric])
    parts = ready(points, experiment, "category")
    (x, truth), (x_test, truth_test) = parts["train"], parts["test"]
    found = scored(experiment, Task("multiclass", "w", 3), parts)
    for name, model in {
        "majority": DummyClassifier(strategy="prior"),
        "logistic model": LogisticRegression(max_iter=300),
    }.items():
        shares = model.fit(x, truth).predict_proba(x_test)
        assert found[name]["loss"] == pytest.approx(log_loss(truth_test, shares), rel=1e-4)
        assert found[name]["accuracy"] == pytest.approx(accuracy_score(truth_test, shares.argmax(axis=1)))


@pytest.mark.parametrize("unit", [1.0, 1000.0])
def test_baselines_learn_with_weights_as_scikit_learn_does(unit):
    draw = np.random.default_rng(0)
    x, weights = draw.normal(size=(300, 3)).astype("float32"), draw.integers(0, 5, 300).astype("float32")
    counted, by = weights > 0, {"sample_weight": weights[weights > 0] / weights[weights > 0].mean(dtype="float64")}
    wide, amounts = x.astype("float64"), x @ [3.0, -2.0, 1.0] + x[:, 0] ** 2 + draw.normal(size=300)
    kinds = (amounts > 0).astype(int), np.digitize(amounts, [-2, 2])
    for task, truth in [
        (Task("regression", "y"), amounts),
        (Task("binary", "z", 2), kinds[0]),
        (Task("multiclass", "w", 3), kinds[1]),
    ]:
        models = (
            (DummyRegressor(), LinearRegression())
            if task.kind == "regression"
            else (DummyClassifier(strategy="prior"), LogisticRegression(max_iter=300))
        )
        found = baselines(task, x, truth, 0, weights * unit)
        for predict, model in zip(found.values(), models, strict=True):
            model.fit(wide[counted], truth[counted], **by)
            expected = model.predict(wide) if task.kind == "regression" else model.predict_proba(wide)
            np.testing.assert_allclose(
                predict(x).squeeze(), expected[:, 1] if task.kind == "binary" else expected, atol=1e-6
            )
    assert baselines(Task("regression", "y"), x, amounts, 0, weights)["mean"](x)[0, 0] == pytest.approx(
        np.average(amounts, weights=weights)
    )


def test_an_exact_relation_of_numbers_is_found_whatever_the_offset():
    """Least squares, to what float32 keeps of a column: a penalty of 1 would leave an error of 0.07 of the slope of
    20.
    """
    x = np.random.default_rng(1).normal(size=(280, 2)).astype("float32")
    truth = 1e9 + x.astype("float64") @ [20.0, -3.0]
    predict = baselines(Task("regression", "y"), x, truth, seed=0)["linear model"]
    np.testing.assert_allclose(predict(x)[:, 0], truth, rtol=0, atol=1e-4)


def test_few_rows_for_the_columns_are_held_back():
    """Of 12 rows and 10 columns of noise least squares makes anything; the ridge stays near the mean."""
    draw = np.random.default_rng(2)
    x, truth = draw.normal(size=(12, 10)), draw.normal(size=12)
    predict = baselines(Task("regression", "y"), x, truth, seed=0)["linear model"]
    np.testing.assert_allclose(predict(x)[:, 0], RidgeCV(STRENGTHS).fit(x, truth).predict(x), atol=1e-9)
    assert predict(x).std() < 0.5 * truth.std()


def test_what_words_say_is_kept_where_each_stands_in_few_rows():
    """Of 100 words in seven rows each, a penalty of 1 would take an eighth of what each says."""
    draw = np.random.default_rng(3)
    levels, words = draw.normal(50, 10, 100), draw.permutation(np.repeat(np.arange(100), 9))
    x, truth = np.eye(100)[words], levels[words] + draw.normal(size=900)
    predict = baselines(Task("regression", "y"), x[:700], truth[:700], seed=0)["linear model"]
    rmse = {
        name: np.sqrt(mean_squared_error(truth[700:], predicted))
        for name, predicted in (
            ("ours", predict(x[700:])[:, 0]),
            ("plain", LinearRegression().fit(x[:700], truth[:700]).predict(x[700:])),
            ("alpha 1", Ridge().fit(x[:700], truth[:700]).predict(x[700:])),
        )
    }
    assert rmse["ours"] <= 1.02 * rmse["plain"] < 0.8 * rmse["alpha 1"]


def test_rows_that_all_weigh_nothing_count_alike():
    x, truth = np.arange(4.0).reshape(-1, 1), np.array([1.0, 2.0, 3.0, 6.0])
    assert baselines(Task("regression", "y"), x, truth, 0, np.zeros(4))["mean"](x).tolist() == [[3.0]] * 4


def test_columns_that_say_the_same_leave_the_line_sane():
    draw = np.random.default_rng(0)
    x = draw.normal(size=(50, 3)).astype("float32")
    twice = np.concatenate([x, x, x + 1e-7], axis=1).astype("float32")
    predict = baselines(Task("regression", "y"), twice, x.sum(axis=1) * 1e5, seed=0)["linear model"]
    assert np.abs(predict(twice)[:, 0] / 1e5 - x.sum(axis=1)).max() < 0.2


@pytest.mark.parametrize(
    ("task", "rows"), [(Task("binary", "z", 2), [31, 270]), (Task("multiclass", "w", 3), [7, 181, 13])]
)
def test_with_balanced_weights_the_majority_is_the_class_with_the_most_rows(task, rows):
    """Their shares are equal but for rounding, and the log loss is that of equal shares."""
    truth = np.repeat(np.arange(len(rows)), rows)
    x, weights = np.zeros((len(truth), 1), "float32"), compute_sample_weight("balanced", truth).astype("float32")
    for order in (slice(None), slice(None, None, -1)):
        shares = baselines(task, x, truth[order], seed=0, weights=weights[order])["majority"](x[:1])
        assert shares == pytest.approx(1 / len(rows), abs=1e-5)
        assert shares[0, 0] > 0.5 if task.kind == "binary" else shares[0].argmax() == 1


def test_one_class_alone_leaves_only_the_majority():
    x, truth = np.zeros((4, 1), "float32"), np.zeros(4, "int64")
    assert list(baselines(Task("binary", "z", 2), x, truth, seed=0)) == ["majority"]
    assert baselines(Task("binary", "z", 2), x, truth, seed=0)["majority"](x).tolist() == [[0.0]] * 4


def test_a_class_absent_from_training_has_probability_zero():
    x, truth = np.arange(6.0, dtype="float32").reshape(-1, 1), np.array([0, 0, 0, 2, 2, 2])
    for predict in baselines(Task("multiclass", "w", 3), x, truth, seed=0).values():
        shares = predict(x)
        assert shares.shape == (6, 3)
        assert (shares[:, 1] == 0).all()
        np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-5)


def test_a_large_table_is_fitted_on_twenty_thousand_rows():
    draw = np.random.default_rng(0)
    x = draw.normal(size=(30_000, 2)).astype("float32")
    predict = baselines(Task("regression", "y"), x, x @ [2.0, 1.0] + 5, seed=0)
    np.testing.assert_allclose(predict["linear model"](x[:100])[:, 0], x[:100] @ [2.0, 1.0] + 5, atol=0.01)


@pytest.mark.parametrize("logarithm", ["log", "log1p"])
def test_where_the_network_learns_a_logarithm_so_do_the_baselines(logarithm):
    function, inverse = {"log": (np.log, np.exp), "log1p": (np.log1p, np.expm1)}[logarithm]
    draw = np.random.default_rng(0)
    x = draw.normal(size=(300, 2)).astype("float32")
    y_true = np.exp(5 + 2 * x[:, 0] - x[:, 1] + 0.2 * draw.normal(size=300))
    task, transform = Task("regression", target="y"), TARGET_TRANSFORMS[logarithm]
    models = baselines(task, x, y_true, seed=0, transform=transform)
    oracle = TransformedTargetRegressor(LinearRegression(), func=function, inverse_func=inverse)
    np.testing.assert_allclose(models["linear model"](x)[:, 0], oracle.fit(x, y_true).predict(x), rtol=1e-3)
    np.testing.assert_allclose(models["mean"](x)[:, 0], y_true.mean())
    rows = BoostingRows(x[:200], y_true[:200], None), BoostingRows(x[200:], y_true[200:], None)
    boosted = gradient_boosting(task, *rows, seed=0, transform=transform)
    plain = HistGradientBoostingRegressor(random_state=0, early_stopping=True, n_iter_no_change=10)
    plain.fit(x[:200], function(y_true[:200]), X_val=x[200:], y_val=function(y_true[200:]))
    np.testing.assert_allclose(boosted(x)[:, 0], inverse(plain.predict(x)), rtol=1e-9)
