"""Final scores of predictions, a network's and a baseline's by one rule: the experiment's loss and metrics, in the
target's own units.
"""

import numpy as np
from sklearn import metrics

from core.catalog.losses import LOSSES
from core.catalog.plugins import PREFIX
from core.evaluation import scores
from core.experiment.keras_calls import Call, loss_power, metric_calls, score_calls, score_loss_call
from core.experiment.spec import Experiment
from core.experiment.task import Task
from core.model.network import TargetScale, make, y_true_for


def predictions(experiment: Experiment, task: Task, outputs: np.ndarray) -> np.ndarray:
    """A network's outputs as float64 predictions (rows, outputs): amounts in the target's unit, probabilities, or a
    loss's margins.

    Raw scores, of a loss that takes them, become probabilities.
    """
    outputs = np.asarray(outputs, "float64")
    if not experiment.compile.single_loss.value("from_logits"):
        return outputs
    if task.kind == "binary":
        return np.exp(-np.logaddexp(0, -outputs))
    odds = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def from_probabilities(experiment: Experiment, task: Task, predicted: np.ndarray) -> np.ndarray:
    """A baseline's amounts or probabilities as predictions of a network with this loss: margins from -1 to 1 where it
    takes margins.
    """
    margins = task.kind != "regression" and LOSSES[experiment.compile.single_loss.name].margin
    return 2 * predicted - 1 if margins else predicted


class Scorer:
    """Scores predictions for one target."""

    def __init__(self, experiment: Experiment, task: Task, target: TargetScale) -> None:
        self.experiment, self.task, self.target = experiment, task, target
        self._loss = make(score_loss_call(experiment), target.symbols())

    def __call__(self, predicted: np.ndarray, y: np.ndarray, weights: np.ndarray | None = None) -> dict[str, float]:
        """Name -> score of (rows, outputs) float64 predictions against n amounts or class numbers.

        The loss and the weighted metrics are means by the rows' weights, the other metrics plain ones.
        """
        return {name: self.score(name, predicted, y, weights) for name in ("loss", *score_calls(self.experiment))}

    def score(self, name: str, predicted: np.ndarray, y: np.ndarray, weights: np.ndarray | None = None) -> float:
        """The loss, or one of the metrics, as `__call__` gives all of them."""
        if name == "loss":
            return self._mean_loss(predicted, y, weights)
        call, counted = score_calls(self.experiment)[name], weights if name.startswith("weighted_") else None
        if call is None:
            return self._kept_by_keras(name, predicted, y, counted)
        y_pred = predicted if self.task.kind == "multiclass" else predicted[:, 0]
        arguments = {key: make(value, self.target.symbols()) for key, value in call.arguments.items()}
        return scores.exact_score(_function(call), y, y_pred, counted, **arguments)

    def _mean_loss(self, predicted: np.ndarray, y: np.ndarray, weights: np.ndarray | None) -> float:
        if not len(y) or (weights is not None and not weights.sum() > 0):
            return float("nan")
        y_true = y_true_for(self.experiment, self.task, y, "float64")
        # A plug-in may have numbers of its own in it, in Keras's float32.
        if score_loss_call(self.experiment).module.startswith(PREFIX):
            y_true, predicted = y_true_for(self.experiment, self.task, y), predicted.astype("float32")
        if self.target.transform is not None:
            y_true, predicted = self.target.transformed(y_true), self.target.transformed(predicted)
        power = loss_power(self.experiment) or 0
        with np.errstate(all="ignore"):
            return scores.mean_loss(self._loss, y_true, predicted, weights, self.target.scale, power)

    def _kept_by_keras(self, name: str, predicted: np.ndarray, y: np.ndarray, weights: np.ndarray | None) -> float:
        """A plug-in's metric of all rows at once."""
        both = [*metric_calls(self.experiment, self.task), *metric_calls(self.experiment, self.task, weighted=True)]
        metric = make(next(call for call in both if call.arguments["name"] == name), self.target.symbols())
        metric.update_state(
            y_true_for(self.experiment, self.task, y), predicted.astype("float32"), sample_weight=weights
        )
        return float(metric.result())


def _function(call: Call) -> object:
    """The function of a score: "metrics.mean_absolute_error" of scikit-learn, "auc" of ours."""
    own = call.name.removeprefix("metrics.")
    return getattr(scores if own == call.name else metrics, own)
