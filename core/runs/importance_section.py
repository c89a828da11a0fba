"""Which features a run's predictions depend on: permutation importance on rows that are not trained on, and which
features go together.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from core.evaluation.association import associated
from core.evaluation.evaluated_rows import MOST_ROWS
from core.evaluation.importance import permutation_importance
from core.evaluation.raw_features import Outputs, sampled_rows
from core.experiment.metric_titles import larger_is_better

if TYPE_CHECKING:
    from core.model.outputs import Head
    from core.runs.evaluated_run import EvaluatedRun

_MOST_CELLS = 150_000_000  # That are predicted for all features together: some seconds.
_LEAST_ROWS = 200
_REPEATS, _REPEATS_OF_MANY, _MANY = 5, 3, 100  # Features from which on there are fewer repeats.
_ASSOCIATED_ROWS = 2_000


def head_of(asked: "EvaluatedRun", options: dict[str, Any]) -> "Head":
    """The target that is asked about, the first where none is named. Raises LookupError for another name."""
    heads = {head.task.target: head for head in asked.heads.all}
    name = options.get("target") or asked.heads.first.task.target
    if name not in heads:
        raise LookupError(f"The run has no target {name!r}.")
    return heads[name]


def feature_importance(asked: "EvaluatedRun", options: dict[str, Any]) -> dict[str, Any]:
    """How much worse a score of the rows becomes when each feature is shuffled among them.

    Options, all with defaults:
        target: The first.
        metric: As it is logged for one target ("mae"), or "loss"; the first metric, of a table with weights the first
            that heeds them.
        part: "test".
        features: Some of them; of many features they are asked for in parts.

    Returns {"target", "metric", "score" (of the rows as they are), "larger" (is better), "weighted" (whether the score
    heeds the table's weights; None where it has none), "rows", "of" (rows of the part), "repeats", "features":
    {name: {"mean", "sd"}}}: a mean above 0 is how much worse the score becomes, the deviation is that of the repeats.
    """
    head, part = head_of(asked, options), options.get("part", "test")
    prepared, of_part = asked.prepared, asked.prepared.parts[part]
    metric = options.get("metric") or default_metric(head, prepared.weights is not None)
    names = list(prepared.kinds)
    repeats = _REPEATS if len(names) < _MANY else _REPEATS_OF_MANY
    most = min(MOST_ROWS, max(_LEAST_ROWS, _MOST_CELLS // (len(names) ** 2 * repeats)))
    some = sampled_rows(len(of_part), most)
    y_true = prepared.y_true(part, head.task.target)[some]
    weights = None if prepared.weights is None else prepared.weights[of_part[some]].astype("float64")
    score_of = _scorer(head, metric, y_true, weights)
    raw = asked.raw(part, some)
    own = score_of(asked.predict(raw))
    features = [name for name in names if name in options.get("features", names)]
    shuffled = permutation_importance(asked.predict, raw, score_of, features, repeats)
    larger = larger_is_better(metric, head.experiment)
    worse = {name: (own - scores) if larger else (scores - own) for name, scores in shuffled.items()}
    return {
        "target": head.task.target,
        "metric": metric,
        "score": own,
        "larger": larger,
        "weighted": None if weights is None else metric == "loss" or metric.startswith("weighted_"),
        "rows": len(some),
        "of": len(of_part),
        "repeats": repeats,
        "features": {name: {"mean": float(of.mean()), "sd": float(of.std())} for name, of in worse.items()},
    }


def default_metric(head: "Head", weighted: bool) -> str:
    """The metric by which features are compared: the first, and of a table with weights the first that heeds them."""
    logged = list(head.experiment.logged())
    heeding = [name for name in logged if name.startswith("weighted_")]
    return next(iter(heeding if weighted and heeding else logged), "loss")


def _scorer(head: "Head", metric: str, y_true: np.ndarray, weights: np.ndarray | None) -> Any:
    from core.model.scorer import Scorer

    scorer = Scorer(head.experiment, head.task, head.scale)

    def score_of(outputs: Outputs) -> float:
        return scorer.score(metric, outputs[head.task.target], y_true, weights)

    return score_of


def feature_association(asked: "EvaluatedRun", _options: dict[str, Any]) -> dict[str, list[tuple[str, float]]]:
    """Feature -> the others with which it goes together in the training rows, or a sample of them: see
    `core.evaluation.association`.
    """
    rows = sampled_rows(len(asked.prepared.parts["train"]), _ASSOCIATED_ROWS)
    return associated(asked.raw("train", rows))
