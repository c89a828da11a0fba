"""Keras's metrics for tables, the usual ones first: their order is that on screen."""

from core.catalog.class_metrics import CLASS_METRICS
from core.catalog.metric_row import MetricRow
from core.catalog.regression_metrics import REGRESSION_METRICS

METRICS: dict[str, MetricRow] = {row.name: row for row in (*REGRESSION_METRICS, *CLASS_METRICS)}

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
    """Names of the metrics that suit a task and can read the loss's kind of target, the usual ones first."""
    return [row.name for row in METRICS.values() if task in row.tasks and (not row.target or target in row.target)]
