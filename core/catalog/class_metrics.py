"""Keras's metrics of classes, a row each."""

from core.catalog.fields import Number, Whole
from core.catalog.metric_row import MetricRow

_BINARY = ("binary",)
_SEVERAL = ("multiclass",)
_CLASSES = ("binary", "multiclass")
_OF_LOGITS = "of logits, where the network gives them"
_DENSE = ("binary", "onehot")  # Targets with a column an output; Keras's thresholded metrics can't read class numbers.


def _at(name: str, default: float, what: str) -> Number:
    return Number(name=name, default=default, low=0, high=1, step=0.05, required=True, help=what, advanced=False)


def _threshold(name: str = "thresholds") -> Number:
    return Number(
        name=name,
        default=None,
        low=0,
        high=1,
        optional=True,
        help="Probability above which a row is predicted as positive; 0.5 when empty.",
    )


def _best_at(name: str, label: str, help: str, given: Number) -> MetricRow:
    """The best of one share among the thresholds that reach a given other one."""
    short = label.lower().replace(" ", "_")
    return MetricRow(
        name,
        help,
        (given,),
        label=label,
        short=short,
        exact=short,
        running="Keras's, of 200 thresholds",
        tasks=_BINARY,
        share=True,
        larger=True,
        probability=True,
    )


def _counts(name: str, short: str, what: str, larger: bool) -> MetricRow:
    return MetricRow(name, what, short=short, exact=short, tasks=_BINARY, larger=larger, probability=True)


CLASS_METRICS = (
    MetricRow(
        "BinaryAccuracy",
        "The share of rows whose class is predicted correctly. Choose it when both classes are about equally frequent.",
        label="Accuracy",
        short="accuracy",
        exact="accuracy",
        tasks=_BINARY,
        share=True,
        larger=True,
    ),
    MetricRow(
        "AUC",
        "The area under the ROC curve: the probability that a random positive is ranked above a random negative, "
        "0.5 by chance and 1 at best. Choose it when one class is rare or the threshold is still open.",
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
        "The share of predicted positives that are true positives. Choose it when false positives are costly.",
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
        "The share of actual positives that are predicted as positive. Choose it when false negatives are costly.",
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
        "The harmonic mean of precision and recall. Choose it when a class is rare and both kinds of error matter.",
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
        "The weighted harmonic mean of precision and recall, in which recall counts beta times as much. Choose it "
        "when one of the two matters more.",
        (
            Number(
                name="beta", default=1.0, above=0, high=100, help="Weight of recall against precision.", advanced=False
            ),
        ),
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
        "The share of rows whose class is predicted correctly. Choose it when all classes are about equally frequent.",
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
        "The share of rows whose class is predicted correctly. Choose it when all classes are about equally frequent.",
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
        "The share of rows whose true class is among the k most probable ones. Choose it when there are many "
        "classes and several suggestions are useful.",
        (Whole(name="k", default=5, low=1, high=1000, help="Number of classes that count as a hit.", advanced=False),),
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
        "The share of rows whose true class is among the k most probable ones. Choose it when there are many "
        "classes and several suggestions are useful.",
        (Whole(name="k", default=5, low=1, high=1000, help="Number of classes that count as a hit.", advanced=False),),
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
        "The mean negative log-likelihood of the true class. Choose it to judge the probabilities, not only the "
        "predicted class.",
        label="Cross-entropy",
        short="crossentropy",
        exact="cross_entropy",
        tasks=_BINARY,
        probability=True,
    ),
    MetricRow(
        "SparseCategoricalCrossentropy",
        "The mean negative log-likelihood of the true class. Choose it to judge the probabilities, not only the "
        "predicted class.",
        label="Cross-entropy",
        short="crossentropy",
        exact="cross_entropy",
        tasks=_SEVERAL,
        target=("integer",),
        probability=True,
    ),
    MetricRow(
        "CategoricalCrossentropy",
        "The mean negative log-likelihood of the true class. Choose it to judge the probabilities, not only the "
        "predicted class.",
        label="Cross-entropy",
        short="crossentropy",
        exact="cross_entropy",
        tasks=_SEVERAL,
        target=("onehot",),
        probability=True,
    ),
    MetricRow(
        "Hinge",
        "The mean distance by which predictions fall short of the margin. Choose it together with the hinge loss.",
        short="hinge",
        exact="hinge",
        running=_OF_LOGITS,
        tasks=_BINARY,
    ),
    MetricRow(
        "SquaredHinge",
        "The mean squared distance by which predictions fall short of the margin. Choose it together with the "
        "squared hinge loss.",
        label="Squared hinge",
        short="squared_hinge",
        exact="squared_hinge",
        running=_OF_LOGITS,
        tasks=_BINARY,
    ),
    MetricRow(
        "CategoricalHinge",
        "The mean distance by which the score of the true class falls short of its margin over the others. Choose "
        "it together with the categorical hinge loss.",
        label="Categorical hinge",
        short="categorical_hinge",
        exact="categorical_hinge",
        running=_OF_LOGITS,
        tasks=_SEVERAL,
        target=("onehot",),
    ),
    MetricRow(
        "KLDivergence",
        "The Kullback-Leibler divergence of the predicted from the true distribution. Choose it to compare with "
        "work that reports it: with one-hot targets it equals cross-entropy.",
        label="KL divergence",
        short="kld",
        exact="cross_entropy",
        tasks=_SEVERAL,
        target=("onehot",),
        probability=True,
    ),
    _best_at(
        "PrecisionAtRecall",
        "Precision at recall",
        "The best precision among all thresholds that reach the given recall. Choose it when a minimum share of the "
        "positives has to be found.",
        _at("recall", 0.8, "Share of the positives that has to be found."),
    ),
    _best_at(
        "RecallAtPrecision",
        "Recall at precision",
        "The best recall among all thresholds that reach the given precision. Choose it when predicted positives "
        "have to be reliable.",
        _at("precision", 0.8, "Precision that has to be reached."),
    ),
    _best_at(
        "SensitivityAtSpecificity",
        "Sensitivity at specificity",
        "The best sensitivity (recall) among all thresholds that reach the given specificity. Choose it when the "
        "share of false alarms among the negatives is limited.",
        _at("specificity", 0.8, "Share of the negatives that has to be predicted as negative."),
    ),
    _best_at(
        "SpecificityAtSensitivity",
        "Specificity at sensitivity",
        "The best specificity among all thresholds that reach the given sensitivity (recall). Choose it for "
        "screening, where a minimum share of the positives has to be found.",
        _at("sensitivity", 0.8, "Share of the positives that has to be found."),
    ),
    _counts(
        "TruePositives",
        "true_positives",
        "The number of positives that are predicted as positive. Choose it for the counts of the confusion matrix.",
        True,
    ),
    _counts(
        "TrueNegatives",
        "true_negatives",
        "The number of negatives that are predicted as negative. Choose it for the counts of the confusion matrix.",
        True,
    ),
    _counts(
        "FalsePositives",
        "false_positives",
        "The number of negatives that are predicted as positive. Choose it for the counts of the confusion matrix.",
        False,
    ),
    _counts(
        "FalseNegatives",
        "false_negatives",
        "The number of positives that are predicted as negative. Choose it for the counts of the confusion matrix.",
        False,
    ),
)
