"""Gradient boosting beside a run's other baselines: fitted when it is asked for, once for all epochs of a run."""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from core.runs.evaluated_run import EvaluatedRun

Predictions = dict[str, dict[str, np.ndarray]]


def boosted_predictions(asked: "EvaluatedRun", _options: dict[str, Any]) -> Predictions:
    """Part -> target -> what gradient boosting predicts for the evaluated rows, (n, outputs) as a network's predictions
    are; {} where the training rows of a target have one class alone.

    It learns from the network's training rows with their weights, class weights among them, and stops by its
    validation rows.
    """
    from core.model.sample_weights import weights_of
    from core.model.scorer import from_probabilities

    heads, ready, prepared = asked.heads, asked.replay.ready, asked.prepared
    counts: dict[str, Any] = weights_of(asked.experiment, prepared)
    found: Predictions = {part: {} for part in asked.rows.parts}
    for head in heads.all:
        weights = {
            part: each[head.name] if heads.several and each is not None else each for part, each in counts.items()
        }
        predict = ready.boosting(head.task, asked.experiment.fit, weights, head.scale.transform)
        if predict is None:
            return {}
        for part, rows in asked.rows.parts.items():
            of_part = np.isin(prepared.rows[prepared.parts[part]], rows.positions)
            x = ready.line_matrices().x[part][of_part]
            found[part][head.task.target] = from_probabilities(head.experiment, head.task, predict(x))
    return found
