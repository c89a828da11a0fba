"""Final scores of predictions, a network's and a baseline's by one rule: the experiment's loss and metrics, in the
target's own units.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from sklearn import metrics

from core.catalog.losses import LOSSES
from core.catalog.plugins import PREFIX
from core.evaluation import bootstrap, scores
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


@dataclass(frozen=True)
class Resampled:
    """A score of resamples.

    Attributes:
        scores: From (resamples, n) weights to a score each.
        weights: Of the n rows where the score heeds them.
        at_once: Whether it takes many resamples at once.
        share: Whether it is the mean of what is 0 or 1 in each row.
    """

    scores: Callable[[np.ndarray], np.ndarray]
    weights: np.ndarray | None
    at_once: bool
    share: bool = False

    def __call__(self, counts: np.ndarray) -> np.ndarray:
        """The score of each of (resamples, n) counts of the rows."""
        return self.scores(counts if self.weights is None else counts * self.weights)


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

    def resampled(self, predicted: np.ndarray, y: np.ndarray, weights: np.ndarray | None) -> dict[str, Resampled]:
        """Name -> what gives the score of each of (resamples, n) counts of the rows, and whether it does so at once.

        Arguments are those of a score. A plug-in's metric, a loss that is no mean over the rows, and all scores of
        predictions that are no finite numbers are left out.
        """
        if not np.isfinite(predicted).all():
            return {}
        found: dict[str, Resampled] = {}
        y_pred = predicted if self.task.kind == "multiclass" else predicted[:, 0]
        losses = self._row_losses(predicted, y)
        if losses.ndim and np.isfinite(losses).all():
            found["loss"] = Resampled(partial(bootstrap.weighted_means, losses), weights, True)
        for name, call in score_calls(self.experiment).items():
            if call is not None:
                arguments = {key: make(value, self.target.symbols()) for key, value in call.arguments.items()}
                scores_of = bootstrap.resampled_score(call.name, _function(call), y, y_pred, **arguments)
                counted = weights if name.startswith("weighted_") else None
                found[name] = Resampled(scores_of, counted, bootstrap.fast(call.name), call.name in bootstrap.SHARES)
        return found

    def _mean_loss(self, predicted: np.ndarray, y: np.ndarray, weights: np.ndarray | None) -> float:
        if not len(y) or (weights is not None and not weights.sum() > 0):
            return float("nan")
        power = loss_power(self.experiment) or 0
        with np.errstate(all="ignore"):
            return scores.mean_loss(
                self._loss, *self._as_the_loss_takes(predicted, y), weights, self.target.scale, power
            )

    def _row_losses(self, predicted: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The n losses whose mean is the loss, in the unit of the loss; of a loss of all rows at once no dimension."""
        power = loss_power(self.experiment) or 0
        y_true, y_pred = self._as_the_loss_takes(predicted, y)
        scale = self.target.scale if power else 1.0
        with np.errstate(all="ignore"):
            return np.asarray(self._loss.call(y_true / scale, y_pred / scale), "float64") * scale**power

    def _as_the_loss_takes(self, predicted: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        y_true = y_true_for(self.experiment, self.task, y, "float64")
        # A plug-in may have numbers of its own in it, in Keras's float32.
        if score_loss_call(self.experiment).module.startswith(PREFIX):
            y_true, predicted = y_true_for(self.experiment, self.task, y), predicted.astype("float32")
        if self.target.transform is not None:
            y_true, predicted = self.target.transformed(y_true), self.target.transformed(predicted)
        return y_true, predicted

    def _kept_by_keras(self, name: str, predicted: np.ndarray, y: np.ndarray, weights: np.ndarray | None) -> float:
        """A plug-in's metric of all rows at once."""
        both = [*metric_calls(self.experiment, self.task), *metric_calls(self.experiment, self.task, weighted=True)]
        metric = make(next(call for call in both if call.arguments["name"] == name), self.target.symbols())
        metric.update_state(
            y_true_for(self.experiment, self.task, y), predicted.astype("float32"), sample_weight=weights
        )
        return float(metric.result())


def _function(call: Call) -> Callable[..., Any]:
    """The function of a score: "metrics.mean_absolute_error" of scikit-learn, "auc" of ours."""
    own = call.name.removeprefix("metrics.")
    return getattr(scores if own == call.name else metrics, own)
