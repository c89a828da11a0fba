"""What a temperature would change in the probabilities of a run: a section of its evaluation."""

from typing import TYPE_CHECKING, Any

import numpy as np

from core.evaluation.evaluated_rows import MOST_ROWS
from core.evaluation.raw_features import sampled_rows
from core.evaluation.temperature_scaling import LabelledLogits, Recalibration, two_classes
from core.runs.importance_section import head_of
from core.runs.temperatures_of_card import chosen_temperatures

if TYPE_CHECKING:
    from core.runs.evaluated_run import EvaluatedRun


class NoRecalibration(LookupError):
    """The run's probabilities cannot be recalibrated; the message is a sentence for the person."""


def recalibration(asked: "EvaluatedRun", options: dict[str, Any]) -> Recalibration:
    """What the temperature of `options["target"]`, of its run as it was trained, changes. Raises NoRecalibration."""
    from core.model.logits import logit_layer

    head = head_of(asked, options)
    of_card = next(one for one in asked.card["targets"] if one["target"] == head.task.target)
    if not of_card["classes"] or of_card.get("margin"):
        raise NoRecalibration(f"The network gives no probabilities for {head.task.target}.")
    if "validation" not in asked.prepared.filled:
        raise NoRecalibration("A temperature is fitted on validation rows, and this run has none.")
    model = asked.predictor.model
    layer = logit_layer(model, of_card["output"] if isinstance(model.output, dict) else "")
    if layer is None:
        raise NoRecalibration("The network does not end with a Dense layer and a sigmoid or softmax.")
    # The weights of a run that is recalibrated were divided by its temperature.
    temperature = chosen_temperatures(asked.card).get(head.task.target, 1.0)
    parts: dict[str, LabelledLogits] = {}
    for part in ("validation", "test"):
        if part in asked.prepared.filled:
            at = asked.prepared.parts[part]
            some = sampled_rows(len(at), MOST_ROWS)
            logits = layer.logits(asked.raw(part, some)) * temperature
            weights = asked.prepared.weights
            parts[part] = LabelledLogits(
                two_classes(logits[:, 0]) if len(of_card["classes"]) == 2 else logits,
                asked.prepared.y_true(part, head.task.target)[some],
                None if weights is None else weights[at[some]].astype("float64"),
            )
    if not all(np.isfinite(part.logits).all() for part in parts.values()):
        raise NoRecalibration("The network predicts NaN for some rows.")
    if any(part.weights is not None and not part.weights.sum() > 0 for part in parts.values()):
        raise NoRecalibration("The weights of the rows are all 0.")
    return Recalibration.of(parts)
