"""Scores of predictions: the experiment's own loss and metrics, in the target's own units."""

import numpy as np

from core.experiment.calls import loss_call, loss_power, metric_calls
from core.experiment.losses import LOSSES
from core.experiment.spec import Experiment
from core.experiment.task import Task
from core.learning.blocks import ValidationProgram
from core.learning.network import TargetScale, loss_unit, make, scaled, truth_for


def evaluate(program: ValidationProgram, experiment: Experiment, target: TargetScale, x: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """Name -> score of the program's model on (rows, columns) and its truth."""
    unit = loss_unit(experiment, target)
    return {name: value * (unit if name == "loss" else 1.0) for name, value in program.scores(x, y).items()}


class Scorer:
    """Scores predictions that come from anywhere: the baselines."""

    def __init__(self, experiment: Experiment, task: Task, target: TargetScale) -> None:
        self.experiment, self.task, self.target = experiment, task, target

    def __call__(self, predictions: np.ndarray, truth: np.ndarray) -> dict[str, float]:
        """Name -> score of (rows, outputs) amounts or probabilities against n true values or class numbers."""
        y = truth_for(self.experiment, self.task, truth)
        outputs = self._as_outputs(predictions)
        symbols = self.target.symbols()
        loss = make(loss_call(self.experiment), symbols)
        value = float(np.mean(scaled(loss, self.target.scale)(y, outputs))) if loss_power(self.experiment) else float(loss(y, outputs))
        scores = {"loss": value * loss_unit(self.experiment, self.target)}
        for call in metric_calls(self.experiment, self.task):
            metric = make(call, symbols)
            metric.update_state(y, outputs)
            scores[call.arguments["name"]] = float(metric.result())
        return scores

    def _as_outputs(self, predictions: np.ndarray) -> np.ndarray:
        """Probabilities as the network of this loss would give them: raw scores, or margins from -1 to 1."""
        loss = self.experiment.compile.loss
        if self.task.kind == "regression":
            return predictions
        if LOSSES[loss.name].margin:
            return (2 * predictions - 1).astype("float32")
        if loss.value("from_logits"):
            odds = np.clip(predictions, 1e-7, 1 - 1e-7)
            return np.log(odds / (1 - odds) if self.task.kind == "binary" else odds).astype("float32")
        return predictions
