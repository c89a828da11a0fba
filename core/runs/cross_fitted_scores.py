"""Validation scores of a run by rows that did not choose the epoch, as the worker computes them.

The best epoch is chosen by the validation rows, so its score on them is somewhat too good. Here a random half of them
chooses the epoch among those whose weights are kept, the other half scores it; then the other way round, and the two
scores are averaged (cross-fitting).

{"rows": validation rows, "epochs": [of the first half, of the second], "scores": {metric: mean of both halves}}
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from core.experiment.metric_titles import larger_is_better
from core.experiment.monitored_metric import monitor
from core.model.weight_history import epoch_weights
from core.runs.journal import Journal

if TYPE_CHECKING:
    from core.runs.evaluated_run import EvaluatedRun

FEWEST_ROWS = 100  # Validation rows, 50 a half.
_FEWEST_EPOCHS = 10  # With weights, of a run that has made as many.
_MOST_EPOCHS = 200  # That are tried.


def cross_fitted_scores(asked: "EvaluatedRun", journal: Journal) -> dict[str, Any]:
    """The scores. Raises LookupError with a sentence where rows or epochs are too few."""
    part = asked.prepared.parts["validation"]
    if len(part) < FEWEST_ROWS:
        raise LookupError(f"{len(part)} validation rows are too few to split in half: {FEWEST_ROWS} are needed.")
    kept = journal.kept_epochs()
    if len(kept) < min(_FEWEST_EPOCHS, asked.result["epochs"]):
        raise LookupError("Too few epochs have saved weights: they were thinned.")
    if len(kept) > _MOST_EPOCHS:
        kept = [kept[at] for at in np.unique(np.linspace(0, len(kept) - 1, _MOST_EPOCHS).round().astype(int))]
    order = np.random.default_rng(0).permutation(len(part))
    halves = (np.sort(order[: len(part) // 2]), np.sort(order[len(part) // 2 :]))
    by_epoch = _scores_by_epoch(asked, journal, kept, halves)
    watched, larger = monitor(asked.experiment)
    name = watched.removeprefix("val_")
    sign = 1 if larger or larger_is_better(name, asked.experiment) else -1
    chosen = [max(kept, key=lambda epoch: _ranked(sign * by_epoch[epoch][half].get(name, np.nan))) for half in (0, 1)]
    others = [by_epoch[epoch][1 - half] for half, epoch in enumerate(chosen)]
    scores = {metric: float(np.mean([half[metric] for half in others])) for metric in others[0]}
    return {"rows": len(part), "epochs": chosen, "scores": scores}


def _ranked(value: float) -> float:
    return value if np.isfinite(value) else -np.inf


def _scores_by_epoch(
    asked: "EvaluatedRun", journal: Journal, epochs: list[int], halves: tuple[np.ndarray, np.ndarray]
) -> dict[int, tuple[dict[str, float], ...]]:
    """Epoch -> the scores of both halves of the validation rows."""
    raw, prepared, replay = asked.raw("validation"), asked.prepared, asked.replay
    targets = {head.task.target: prepared.y_true("validation", head.task.target) for head in asked.heads.all}
    weights = prepared.weights
    weights = None if weights is None else weights[prepared.parts["validation"]].astype("float64")
    rows = len(prepared.parts["validation"])
    found = {}
    try:
        for epoch in epochs:
            replay.load(epoch_weights(journal.weights, epoch))
            outputs = {name: one.astype("float64") for name, one in replay.predictor.outputs_of(raw, rows).items()}
            found[epoch] = tuple(
                asked.heads.scores_of(
                    {target: outputs[target][half] for target in targets},
                    {target: values[half] for target, values in targets.items()},
                    None if weights is None else weights[half],
                )
                for half in halves
            )
    finally:
        if asked.epoch in journal.kept_epochs():
            replay.load(epoch_weights(journal.weights, asked.epoch))
    return found
