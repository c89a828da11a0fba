"""A run in plain sentences: a section of its evaluation, from the facts of the other sections."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.evaluation.conformal import USUAL_LEVEL
from core.evaluation.summary import Summary
from core.experiment.score_words import compared_baselines
from core.runs.coverage_section import coverage
from core.runs.importance_section import feature_importance
from core.runs.intervals_section import score_intervals

if TYPE_CHECKING:
    from core.runs.evaluated_run import EvaluatedRun

_MOST_FEATURES = 100  # Of which importance is computed within seconds.


def summary(asked: "EvaluatedRun", options: Mapping[str, Any]) -> dict[str, list[str]]:
    """Target -> its four sentences, or three where there are too many features to say which are used; {} without test
    rows. The option "units" says the unit of a target: {"price": "$"}.
    """
    intervals = asked.section("intervals", score_intervals)
    if "test" not in asked.rows.parts:
        return {}
    try:
        covered = asked.section("coverage", coverage)
    except LookupError:  # Without validation rows.
        covered = {}
    many = len(asked.prepared.kinds) > _MOST_FEATURES
    told = {}
    for head in asked.heads.all:
        target = head.task.target
        logged = next(iter(head.experiment.logged()), "loss")
        metric = asked.heads.named(head, logged)
        used = None if many else asked.section("importance", feature_importance, target=target)
        scores = {name: parts["test"].get(metric, {}).get("value") for name, parts in intervals["baselines"].items()}
        value = intervals["scores"]["test"][metric]["value"]
        compared = compared_baselines(metric, asked.experiment, scores) if value is not None else []
        held = covered.get(target)
        told[target] = Summary(
            experiment=asked.experiment,
            units=options.get("units", {}),
            target=target,
            rows=asked.prepared.sizes,
            metric=metric,
            score=intervals["scores"]["test"][metric],
            differences={name: intervals["difference"][name][metric] for name in compared},
            importance=None if used is None else used["features"],
            importance_metric=metric if used is None else asked.heads.named(head, used["metric"]),
            test=asked.rows.parts["test"],
            coverage="" if held is None else held.sentence(USUAL_LEVEL),
            width=held.size(USUAL_LEVEL) if held is not None and head.task.kind == "regression" else None,
        ).sentences()
    return told
