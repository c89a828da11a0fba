"""Scores of predictions: the experiment's own loss and metrics, in the target's own units."""

import numpy as np

from core.experiment.calls import loss_call, loss_power, metric_calls
from core.experiment.losses import LOSSES
from core.experiment.spec import Experiment
from core.experiment.task import Task
from core.learning.blocks import Column, ValidationProgram
from core.learning.network import TargetScale, loss_unit, make, scaled, truth_for


def evaluate(
    program: ValidationProgram, units: dict[str, float], x: np.ndarray, y: Column, weights: Column | None = None
) -> dict[str, float]:
    """Name -> score of the program's model on (rows, columns), its truth, and what each row counts; losses in their own units."""
    return {name: value * units.get(name, 1.0) for name, value in program.scores(x, y, weights).items()}


class Scorer:
    """Scores predictions that come from anywhere: the baselines."""

    def __init__(self, experiment: Experiment, task: Task, target: TargetScale) -> None:
        self.experiment, self.task, self.target = experiment, task, target

    def __call__(self, predictions: np.ndarray, truth: np.ndarray, weights: np.ndarray | None = None) -> dict[str, float]:
        """Name -> score of (rows, outputs) amounts or probabilities against n true values or class numbers."""
        y = truth_for(self.experiment, self.task, truth)
        outputs = self._as_outputs(predictions)
        symbols = self.target.symbols()
        loss = make(loss_call(self.experiment), symbols)
        each = scaled(loss, self.target.scale)(y, outputs) if loss_power(self.experiment) else loss.call(y, outputs)
        value = float(np.mean(np.asarray(each) * (1.0 if weights is None else weights)))
        scores = {"loss": value * loss_unit(self.experiment, self.target)}
        for weighted in (False, True):
            for call in metric_calls(self.experiment, self.task, weighted):
                metric = make(call, symbols)
                metric.update_state(y, outputs, sample_weight=weights if weighted else None)
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
