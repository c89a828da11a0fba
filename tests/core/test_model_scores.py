"""Final scores are those of all rows at once in float64: scikit-learn's own where it has them, of networks and
baselines alike.
"""

import numpy as np
import pytest
from sklearn import metrics as sk

from core.catalog.metrics import METRICS
from core.evaluation import scores
from core.experiment.keras_calls import score_calls
from core.experiment.metric_titles import score_title
from core.experiment.monitored_metric import why_not_the_lowest
from core.experiment.running_values import running_difference
from core.experiment.spec import read
from core.experiment.task import Task
from core.model.network import TargetScale
from core.model.scorer import Scorer, from_probabilities, predictions

pytestmark = pytest.mark.slow

KINDS = {
    "regression": ("MeanSquaredError", "linear"),
    "binary": ("BinaryCrossentropy", "sigmoid"),
    "multiclass": ("CategoricalCrossentropy", "softmax"),
}


def experiment(task, *metrics, loss=None, weighted=()):
    """An experiment of that task with these metrics."""
    usual, activation = KINDS[task]
    return read(
        {
            "version": 1,
            "data": {
                "table": "sample:none",
                "targets": ["y"],
                "features": {"x": "number"},
                "weight": "w" if weighted else None,
            },
            "layers": [{"layer": "Dense", "units": 1, "activation": activation}],
            "compile": {"loss": loss or usual, "metrics": list(metrics), "weighted_metrics": list(weighted)},
        }
    )


def scored(task, predicted, truth, *metrics, loss=None, weights=None, weighted=()):
    """Name -> score."""
    predicted, classes = (
        np.asarray(predicted, "float64"),
        {"regression": 0, "binary": 2, "multiclass": np.shape(predicted)[-1]}[task],
    )
    asked = Task(task, "y", classes)
    scorer = Scorer(experiment(task, *metrics, loss=loss, weighted=weighted), asked, TargetScale(truth, asked))
    return scorer(predicted.reshape(len(truth), -1), truth, weights)


def at_recall(name, truth, shares, **wanted):
    """By trying each probability as a threshold: the best of one share where the other is at least that wanted."""
    of = {
        "precision": lambda said: sk.precision_score(truth, said, zero_division=0),
        "recall": lambda said: sk.recall_score(truth, said),
        "sensitivity": lambda said: sk.recall_score(truth, said),
        "specificity": lambda said: sk.recall_score(1 - truth, 1 - said),
    }
    ((other, least),) = wanted.items()
    tried = [(shares >= threshold).astype(int) for threshold in [*shares, 2.0]]
    return max([of[name](said) for said in tried if of[other](said) >= least - 1e-12], default=0.0)


def test_a_rare_class_is_ranked_exactly():
    # 5 of 6,000 rows are positive; Keras's 200 thresholds see few of the probabilities, which are all below 0.01.
    draw = np.random.default_rng(0)
    truth = np.zeros(6000, int)
    truth[:5] = 1
    shares = 1 / (1 + np.exp(6.5 - draw.normal(size=6000) * 0.5 - truth * 0.5))
    found = scored("binary", shares, truth, "AUC")["auc"]
    assert found == pytest.approx(sk.roc_auc_score(truth, shares), abs=1e-12)
    # By hand: the share of pairs (positive, negative) in which the positive has the larger probability.
    pairs = shares[:5, None] > shares[None, 5:]
    assert found == pytest.approx(pairs.mean(), abs=1e-12)


def test_a_temperature_in_kelvin_keeps_its_r2():
    draw = np.random.default_rng(0)
    truth = 293.15 + 0.03 * draw.normal(size=2000)  # The mean is 9,800 deviations.
    said = truth + 0.0125 * draw.normal(size=2000)
    found = scored(
        "regression", said, truth, "R2Score", "MeanAbsoluteError", "RootMeanSquaredError", "MeanSquaredError"
    )
    assert found["r2"] == pytest.approx(sk.r2_score(truth, said), abs=1e-12)
    assert 0.8 < found["r2"] < 0.9
    assert found["mae"] == pytest.approx(sk.mean_absolute_error(truth, said), rel=1e-12)
    assert found["rmse"] == pytest.approx(sk.mean_squared_error(truth, said) ** 0.5, rel=1e-12)
    assert found["loss"] == pytest.approx(found["mse"], rel=1e-9)


@pytest.fixture(scope="module")
def letters():
    """300 rows of 26 classes: class numbers, and softmax outputs of which few are above 0.5."""
    draw = np.random.default_rng(1)
    truth = draw.integers(0, 26, 300)
    shares = np.exp(2.5 * np.eye(26)[truth] + draw.normal(size=(300, 26)))
    return truth, shares / shares.sum(axis=1, keepdims=True)


def test_scores_of_many_classes_are_macro_at_the_likeliest_class(letters):
    truth, shares = letters
    said = shares.argmax(axis=1)
    asked = (
        "CategoricalAccuracy",
        "Precision",
        "Recall",
        "F1Score",
        {"class": "FBetaScore", "beta": 2.0},
        "AUC",
        "CategoricalCrossentropy",
    )
    found = scored("multiclass", shares, truth, *asked)
    macro = {"average": "macro", "zero_division": 0}
    assert found == pytest.approx(
        {
            "loss": sk.log_loss(truth, shares),
            "accuracy": sk.accuracy_score(truth, said),
            "precision": sk.precision_score(truth, said, **macro),
            "recall": sk.recall_score(truth, said, **macro),
            "f1": sk.f1_score(truth, said, **macro),
            "fbeta": sk.fbeta_score(truth, said, beta=2.0, **macro),
            "auc": sk.roc_auc_score(truth, shares, multi_class="ovr", average="macro"),
            "crossentropy": sk.log_loss(truth, shares),
        },
        rel=1e-9,
    )
    assert scored("multiclass", shares, truth, {"class": "Precision", "thresholds": 0.3})["precision"] == pytest.approx(
        sk.precision_score(np.eye(26)[truth], shares > 0.3, **macro)
    )


def test_the_likeliest_class_is_the_first_of_equals():
    # A majority baseline on 10 balanced classes: every row the same, F1 = (2 * 0.1 / 1.1) / 10 = 0.01818.
    truth = np.repeat(np.arange(10), 30)
    found = scored(
        "multiclass",
        np.full((300, 10), 0.1),
        truth,
        "F1Score",
        "CategoricalAccuracy",
        {"class": "TopKCategoricalAccuracy", "k": 3},
    )
    assert (found["f1"], found["accuracy"], found["top_k"]) == pytest.approx((0.2 / 1.1 / 10, 0.1, 0.3))


def test_classes_that_are_absent_do_not_break_the_scores(letters):
    truth, shares = letters
    few = truth < 2
    found = scored("multiclass", shares[few], truth[few], "AUC", "Recall")
    areas = [sk.roc_auc_score(truth[few] == label, shares[few][:, label]) for label in (0, 1)]
    assert found["auc"] == pytest.approx(np.mean(areas))
    assert np.isnan(scored("binary", np.full(3, 0.5), np.zeros(3, int), "AUC")["auc"])
    assert np.isnan(scored("regression", np.zeros(3), np.ones(3), "R2Score")["r2"])


@pytest.fixture(scope="module")
def yes_or_no():
    """200 rows: 0 or 1, their probabilities, and weights."""
    draw = np.random.default_rng(2)
    truth = (draw.uniform(size=200) < 0.3).astype(int)
    return truth, 1 / (1 + np.exp(-2 * truth + 1 - draw.normal(size=200))), draw.integers(0, 4, 200).astype(float)


def test_scores_of_two_classes_are_scikit_learns(yes_or_no):
    truth, shares, _ = yes_or_no
    said = shares > 0.5
    asked = [
        {"class": row.name, **row.starting_arguments()}
        for row in METRICS.values()
        if "binary" in row.tasks and row.exact
    ]
    asked = [{"class": "Recall", "thresholds": 0.3} if one["class"] == "Recall" else one for one in asked]
    found = scored("binary", shares, truth, *asked)
    margins = 1 - (2 * truth - 1) * shares
    assert found == pytest.approx(
        {
            "loss": sk.log_loss(truth, shares),
            "crossentropy": sk.log_loss(truth, shares),
            "accuracy": sk.accuracy_score(truth, said),
            "auc": sk.roc_auc_score(truth, shares),
            "precision": sk.precision_score(truth, said),
            "recall": sk.recall_score(truth, shares > 0.3),
            "f1": sk.f1_score(truth, said),
            "fbeta": sk.f1_score(truth, said),
            "hinge": margins.mean(),
            "squared_hinge": (margins**2).mean(),
            "precision_at_recall": at_recall("precision", truth, shares, recall=0.8),
            "recall_at_precision": at_recall("recall", truth, shares, precision=0.8),
            "sensitivity_at_specificity": at_recall("sensitivity", truth, shares, specificity=0.8),
            "specificity_at_sensitivity": at_recall("specificity", truth, shares, sensitivity=0.8),
            "true_positives": (said & (truth == 1)).sum(),
            "true_negatives": (~said & (truth == 0)).sum(),
            "false_positives": (said & (truth == 0)).sum(),
            "false_negatives": (~said & (truth == 1)).sum(),
        },
        rel=1e-9,
    )


def test_weighted_metrics_and_the_loss_count_rows_by_their_weights(yes_or_no):
    truth, shares, weights = yes_or_no
    found = scored(
        "binary",
        shares,
        truth,
        "AUC",
        weighted=["AUC", "BinaryAccuracy", "Precision", "TruePositives"],
        weights=weights,
    )
    by = {"sample_weight": weights}
    said = shares > 0.5
    assert found == pytest.approx(
        {
            "loss": sk.log_loss(truth, shares, **by),
            "auc": sk.roc_auc_score(truth, shares),
            "weighted_auc": sk.roc_auc_score(truth, shares, **by),
            "weighted_accuracy": sk.accuracy_score(truth, said, **by),
            "weighted_precision": sk.precision_score(truth, said, **by),
            "weighted_true_positives": weights[said & (truth == 1)].sum(),
        },
        rel=1e-9,
    )
    times = scored("binary", shares, truth, weighted=["AUC"], weights=1000 * weights)
    assert times == pytest.approx({"loss": found["loss"], "weighted_auc": found["weighted_auc"]})


def test_amounts_have_the_scores_of_their_formulas():
    truth, said = np.array([1.0, 2.0, 4.0, 10.0]), np.array([1.5, 2.0, 3.0, 13.0])
    asked = ("MeanAbsolutePercentageError", "MeanSquaredLogarithmicError", "LogCoshError", "Poisson")
    found = scored("regression", said, truth, *asked, loss="LogCosh")
    assert found["mape"] == pytest.approx(100 * (0.5 / 1 + 0 + 1 / 4 + 3 / 10) / 4)
    assert found["msle"] == pytest.approx(sk.mean_squared_log_error(truth, said))
    assert found["poisson"] == pytest.approx((said - truth * np.log(said)).mean(), rel=1e-6)
    # The loss of errors in deviations, given back in the target's unit: the metric is the same number.
    spread = truth.std()
    assert found["loss"] == pytest.approx(spread * np.log(np.cosh((said - truth) / spread)).mean(), rel=1e-6)
    assert found["logcosh"] == pytest.approx(found["loss"], rel=1e-6)


@pytest.mark.parametrize("broken", [np.nan, np.inf, 1e300])
def test_broken_predictions_have_no_score_and_raise_nothing(broken):
    found = scored(
        "regression",
        [1.0, broken, 2.0],
        np.array([1.0, 2.0, 3.0]),
        "MeanAbsoluteError",
        "R2Score",
        "RootMeanSquaredError",
    )
    assert not np.isfinite([found["loss"], found["rmse"]]).any()


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_raw_scores_and_probabilities_give_the_same_numbers(task):
    # Logits of 40 are beyond the clipping at 1e-7, for networks and baselines alike: -log(1e-7) = 16.118 at most.
    logits, classes = (np.array([[40.0], [-40.0], [0.5]]), 2) if task == "binary" else (np.diag([40.0, 40.0, 0.5]), 3)
    truth = np.array([0, 0, 1]) if task == "binary" else np.array([1, 1, 2])
    loss, asked = KINDS[task][0], Task(task, "y", classes)
    of = experiment(task, loss={"class": loss, "from_logits": True})
    shares = predictions(of, asked, logits)
    ours = Scorer(of, asked, TargetScale(truth, asked))(shares, truth)
    plain = scored(task, shares, truth)
    assert ours == pytest.approx(plain, rel=1e-12)
    own = np.where(truth == 1, shares[:, 0], 1 - shares[:, 0]) if task == "binary" else shares[np.arange(3), truth]
    assert ours["loss"] == pytest.approx(-np.log(np.clip(own, 1e-7, 1 - 1e-7)).mean(), rel=1e-6)
    assert np.array_equal(from_probabilities(of, asked, shares), shares)


def test_every_metric_of_the_catalog_has_its_function():
    for row in METRICS.values():
        if row.module == "keras.metrics":
            of = experiment(row.tasks[0], {"class": row.name, **row.starting_arguments()})
            (call,) = score_calls(of).values()
            own = call.name.removeprefix("metrics.")
            assert callable(getattr(scores if own == call.name else sk, own)), row.name


def test_what_differs_between_curve_and_score_is_said_once():
    of = experiment("multiclass", "Precision", "CategoricalAccuracy")
    history = {"val_loss": [0.9, 0.5], "val_precision": [0.8, 0.92], "val_accuracy": [0.7, 0.79]}
    says = running_difference(of, history, 2, {"loss": 0.50001, "precision": 0.79, "accuracy": 0.79})
    assert says.endswith(
        "On validation at epoch 2: precision 0.92 on the curve and 0.79 here (the curve is of all outputs above 0.5 "
        "together, "
        "not of each row's likeliest class)."
    )
    assert running_difference(of, history, 2, {"loss": 0.5, "precision": 0.92, "accuracy": None}) == ""
    assert running_difference(of, history, 9, {"loss": 0.4}) == ""
    assert [score_title(name, of) for name in ("precision", "accuracy", "loss")][:2] == [
        "Precision (macro)",
        "Accuracy",
    ]
    assert score_title("precision", experiment("binary", "Precision")) == "Precision"


def test_a_best_epoch_that_is_not_the_lowest_is_explained():
    def of(**stopping):
        value = experiment("regression").value()
        value["fit"]["callbacks"] = [{"class": "EarlyStopping", "patience": 3, **stopping}]
        return read(value)

    history = {"val_loss": [3.0, 1.0, 1.2, 0.9995]}
    says = why_not_the_lowest(of(min_delta=0.01), history, 2)
    assert says.startswith(
        "val_loss is lowest at epoch 4 (0.9995; 1 at epoch 2), but early stopping counts only an improvement of more"
    )
    assert says.endswith("min_delta, 0.01.")
    assert "starts to monitor at epoch 4" in why_not_the_lowest(
        of(start_from_epoch=3), {"val_loss": [3.0, 0.5, 1.2, 0.9]}, 4
    )
    assert why_not_the_lowest(of(min_delta=0.01), history, 4) == ""
    assert why_not_the_lowest(experiment("regression"), history, 2) == ""
