"""Keras's metrics for tables. One row says for which tasks a metric is, its short name and how to read it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.catalog.fields import Number, Row, Whole


@dataclass(frozen=True)
class MetricRow(Row):
    """A metric.

    Attributes:
        short: Its name in logs and history ("mae").
        tasks: The tasks it suits.
        target: How it reads the truth, as a loss does; () for any.
        power: 1 when it is in the target's unit, 2 in its square, 0 for a number without unit.
        share: Whether it is a share of 1, shown as a percentage.
        larger: Whether larger is better.
        probability: Whether it needs probabilities (not raw scores or margins).
        positive: Whether it is no number when a prediction is below 0.
        fixed: Arguments that a task needs and no one chooses.
        exact: The function of the final scores: of `sklearn.metrics` ("metrics.mean_absolute_error") or of
            `core.model.scores`. "" for a
            metric of a plug-in: then Keras's own class scores all predictions at once.
        macro: Whether the final score of many classes is the plain mean over the classes.
        in_deviations: Whether the final score is taken of errors in deviations of the target, as its loss is.
        running: What Keras's running value in the curves is, where that is something else than the final score.
        shift_invariant: Whether it stays the same when the same number is added to truth and prediction.
    """

    module: str = "keras.metrics"
    short: str = ""
    tasks: tuple[str, ...] = ("regression",)
    target: tuple[str, ...] = ()
    power: int = 0
    share: bool = False
    larger: bool = False
    probability: bool = False
    positive: bool = False
    fixed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    exact: str = ""
    macro: bool = False
    in_deviations: bool = False
    running: str = ""
    shift_invariant: bool = False


_BINARY = ("binary",)
_SEVERAL = ("multiclass",)
_CLASSES = ("binary", "multiclass")
_OF_RAW_SCORES = "of raw scores, where the network gives them"
_DENSE = ("binary", "onehot")  # Truths with a column an output; Keras's thresholded metrics can't read class numbers.


def _at(name: str, default: float, what: str) -> Number:
    return Number(name=name, default=default, low=0, high=1, step=0.05, required=True, help=what, advanced=False)


def _threshold(name: str = "thresholds") -> Number:
    return Number(
        name=name,
        default=None,
        low=0,
        high=1,
        optional=True,
        help="Probability from which it says yes; 0.5 when empty.",
    )


def _counts(name: str, short: str, what: str, larger: bool) -> MetricRow:
    return MetricRow(name, what, short=short, exact=short, tasks=_BINARY, larger=larger, probability=True)


_ROWS = (
    MetricRow(
        "MeanAbsoluteError",
        "The mean size of an error, in the target's unit.",
        label="MAE",
        short="mae",
        exact="metrics.mean_absolute_error",
        shift_invariant=True,
        power=1,
    ),
    MetricRow(
        "RootMeanSquaredError",
        "Like MAE, but large errors count more; in the target's unit.",
        label="RMSE",
        short="rmse",
        exact="metrics.root_mean_squared_error",
        shift_invariant=True,
        power=1,
    ),
    MetricRow(
        "R2Score",
        "Share of the target's variance explained: 1 is perfect, 0 no better than the mean.",
        label="R²",
        short="r2",
        exact="r2",
        shift_invariant=True,
        running="Keras's, in float32",
        larger=True,
    ),
    MetricRow(
        "MeanSquaredError",
        "The mean squared error, in the square of the target's unit.",
        label="MSE",
        short="mse",
        exact="metrics.mean_squared_error",
        shift_invariant=True,
        power=2,
    ),
    MetricRow(
        "MeanAbsolutePercentageError",
        "The mean error as a percentage of the truth.",
        label="MAPE",
        short="mape",
        exact="mean_absolute_percentage_error",
    ),
    MetricRow(
        "MeanSquaredLogarithmicError",
        "The mean squared error of logarithms.",
        label="MSLE",
        short="msle",
        exact="mean_squared_logarithmic_error",
    ),
    MetricRow(
        "LogCoshError",
        "A smooth relative of MAE.",
        label="log-cosh",
        short="logcosh",
        exact="log_cosh_error",
        shift_invariant=True,
        running="of errors in the target's unit, not in its deviations",
        in_deviations=True,
        power=1,
    ),
    MetricRow(
        "Poisson", "The Poisson loss, for counts.", label="Poisson", short="poisson", exact="poisson", positive=True
    ),
    MetricRow(
        "BinaryAccuracy",
        "Share of rows called right.",
        label="Accuracy",
        short="accuracy",
        exact="accuracy",
        tasks=_BINARY,
        share=True,
        larger=True,
    ),
    MetricRow(
        "AUC",
        "Chance that a yes is ranked above a no: 0.5 is guessing, 1 perfect.",
        label="AUC",
        short="auc",
        exact="auc",
        running="Keras's sum over 200 thresholds",
        macro=True,
        tasks=_CLASSES,
        target=_DENSE,
        larger=True,
        probability=True,
        fixed={"multiclass": {"multi_label": True}},
    ),
    MetricRow(
        "Precision",
        "Of the rows called yes, the share that are.",
        (_threshold(),),
        short="precision",
        exact="precision",
        running="of all outputs above 0.5 together, not of each row's likeliest class",
        macro=True,
        tasks=_CLASSES,
        target=_DENSE,
        share=True,
        larger=True,
        probability=True,
    ),
    MetricRow(
        "Recall",
        "Of the rows that are yes, the share that were found.",
        (_threshold(),),
        short="recall",
        exact="recall",
        running="of all outputs above 0.5 together, not of each row's likeliest class",
        macro=True,
        tasks=_CLASSES,
        target=_DENSE,
        share=True,
        larger=True,
        probability=True,
    ),
    MetricRow(
        "F1Score",
        "Precision and recall in one number (harmonic mean).",
        label="F1",
        short="f1",
        exact="fbeta",
        macro=True,
        tasks=_CLASSES,
        target=_DENSE,
        share=True,
        larger=True,
        probability=True,
        fixed={"binary": {"average": "macro", "threshold": 0.5}, "multiclass": {"average": "macro"}},
    ),
    MetricRow(
        "FBetaScore",
        "F1 with recall counted beta times as much as precision.",
        (Number(name="beta", default=1.0, above=0, high=100, help="Weight of recall.", advanced=False),),
        label="F-beta",
        short="fbeta",
        exact="fbeta",
        macro=True,
        tasks=_CLASSES,
        target=_DENSE,
        share=True,
        larger=True,
        probability=True,
        fixed={"binary": {"average": "macro", "threshold": 0.5}, "multiclass": {"average": "macro"}},
    ),
    MetricRow(
        "SparseCategoricalAccuracy",
        "Share of rows called right.",
        label="Accuracy",
        short="accuracy",
        exact="accuracy",
        tasks=_SEVERAL,
        target=("integer",),
        share=True,
        larger=True,
    ),
    MetricRow(
        "CategoricalAccuracy",
        "Share of rows called right.",
        label="Accuracy",
        short="accuracy",
        exact="accuracy",
        tasks=_SEVERAL,
        target=("onehot",),
        share=True,
        larger=True,
    ),
    MetricRow(
        "SparseTopKCategoricalAccuracy",
        "Share of rows whose true class is among the k likeliest.",
        (Whole(name="k", default=5, low=1, high=1000, help="How many guesses count.", advanced=False),),
        label="Top-k accuracy",
        short="top_k",
        exact="top_k_accuracy",
        tasks=_SEVERAL,
        target=("integer",),
        share=True,
        larger=True,
    ),
    MetricRow(
        "TopKCategoricalAccuracy",
        "Share of rows whose true class is among the k likeliest.",
        (Whole(name="k", default=5, low=1, high=1000, help="How many guesses count.", advanced=False),),
        label="Top-k accuracy",
        short="top_k",
        exact="top_k_accuracy",
        tasks=_SEVERAL,
        target=("onehot",),
        share=True,
        larger=True,
    ),
    MetricRow(
        "BinaryCrossentropy",
        "Surprise of the predicted probability.",
        label="Cross-entropy",
        short="crossentropy",
        exact="cross_entropy",
        tasks=_BINARY,
        probability=True,
    ),
    MetricRow(
        "SparseCategoricalCrossentropy",
        "Surprise of the predicted shares.",
        label="Cross-entropy",
        short="crossentropy",
        exact="cross_entropy",
        tasks=_SEVERAL,
        target=("integer",),
        probability=True,
    ),
    MetricRow(
        "CategoricalCrossentropy",
        "Surprise of the predicted shares.",
        label="Cross-entropy",
        short="crossentropy",
        exact="cross_entropy",
        tasks=_SEVERAL,
        target=("onehot",),
        probability=True,
    ),
    MetricRow("Hinge", "Lack of a clear margin.", short="hinge", exact="hinge", running=_OF_RAW_SCORES, tasks=_BINARY),
    MetricRow(
        "SquaredHinge",
        "Lack of a clear margin, squared.",
        label="Squared hinge",
        short="squared_hinge",
        exact="squared_hinge",
        running=_OF_RAW_SCORES,
        tasks=_BINARY,
    ),
    MetricRow(
        "CategoricalHinge",
        "Lack of a lead over the other classes.",
        label="Categorical hinge",
        short="categorical_hinge",
        exact="categorical_hinge",
        running=_OF_RAW_SCORES,
        tasks=_SEVERAL,
        target=("onehot",),
    ),
    MetricRow(
        "KLDivergence",
        "Extra surprise over the truth.",
        label="KL divergence",
        short="kld",
        exact="cross_entropy",
        tasks=_SEVERAL,
        target=("onehot",),
        probability=True,
    ),
    MetricRow(
        "PrecisionAtRecall",
        "Precision at the threshold that finds a given share of the yeses.",
        (_at("recall", 0.8, "Share of the yeses to be found."),),
        label="Precision at recall",
        short="precision_at_recall",
        exact="precision_at_recall",
        running="Keras's, of 200 thresholds",
        tasks=_BINARY,
        share=True,
        larger=True,
        probability=True,
    ),
    MetricRow(
        "RecallAtPrecision",
        "Recall at the threshold that reaches a given precision.",
        (_at("precision", 0.8, "Precision to be reached."),),
        label="Recall at precision",
        short="recall_at_precision",
        exact="recall_at_precision",
        running="Keras's, of 200 thresholds",
        tasks=_BINARY,
        share=True,
        larger=True,
        probability=True,
    ),
    MetricRow(
        "SensitivityAtSpecificity",
        "Share of yeses found at a given share of noes left alone.",
        (_at("specificity", 0.8, "Share of the noes to be left alone."),),
        label="Sensitivity at specificity",
        short="sensitivity_at_specificity",
        exact="sensitivity_at_specificity",
        running="Keras's, of 200 thresholds",
        tasks=_BINARY,
        share=True,
        larger=True,
        probability=True,
    ),
    MetricRow(
        "SpecificityAtSensitivity",
        "Share of noes left alone when a given share of yeses is found.",
        (_at("sensitivity", 0.8, "Share of the yeses to be found."),),
        label="Specificity at sensitivity",
        short="specificity_at_sensitivity",
        exact="specificity_at_sensitivity",
        running="Keras's, of 200 thresholds",
        tasks=_BINARY,
        share=True,
        larger=True,
        probability=True,
    ),
    _counts("TruePositives", "true_positives", "Yeses called yes.", True),
    _counts("TrueNegatives", "true_negatives", "Noes called no.", True),
    _counts("FalsePositives", "false_positives", "Noes called yes.", False),
    _counts("FalseNegatives", "false_negatives", "Yeses called no.", False),
)

METRICS: dict[str, MetricRow] = {row.name: row for row in _ROWS}

# Metrics of Keras that are not offered, and why.
LEFT_OUT = {
    "Accuracy": "compares outputs for equality: the accuracy of each task stands for it",
    "PearsonCorrelation": "is taken within a row's outputs, of which there is one",
    "ConcordanceCorrelation": "is taken within a row's outputs, of which there is one",
    "CosineSimilarity": "compares directions: a single output has only a sign",
    "IoU": "measures regions of pictures",
    "BinaryIoU": "measures regions of pictures",
    "MeanIoU": "measures regions of pictures",
    "OneHotIoU": "measures regions of pictures",
    "OneHotMeanIoU": "measures regions of pictures",
    "Mean": "averages numbers, compares nothing",
    "Sum": "adds numbers, compares nothing",
    "MeanMetricWrapper": "is a base class",
    "Metric": "is a base class",
}


def metrics_for(task: str, target: str) -> list[str]:
    """Names of the metrics that suit a task and can read the loss's kind of truth, the usual ones first."""
    return [row.name for row in METRICS.values() if task in row.tasks and (not row.target or target in row.target)]
