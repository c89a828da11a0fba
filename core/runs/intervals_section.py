"""The scores of a run with their intervals, and how much better than the baselines it is: a section of its evaluation.

{"epoch", "level", "resamples", "evaluated": {part: {"rows", "of", "groups" where the split keeps groups together}},
 "scores":     {part: {metric: {"value", "low", "high"}}} of the network,
 "baselines":  {baseline: as "scores"},
 "difference": {baseline: {metric: {"value", "low", "high"}}} on the test rows: how much better the network is}

A difference is above 0 where the network is better, whether larger or smaller scores are better, and its resamples are
those of both models together. Where `low` is below 0 and `high` above, it is within the noise. Of a score that is not
defined, or that no resample can be computed of (a plug-in's metric), numbers are None; so are both ends where all rows
of a part are of one group.
"""

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from core.evaluation.bootstrap import (
    FEWER_RESAMPLES,
    effective_rows,
    number_of_resamples,
    percentiles,
    resamples,
    share_without_exception,
)
from core.evaluation.evaluated_rows import EvaluatedPart, EvaluatedTarget
from core.experiment.score_words import GRADIENT_BOOSTING, better_by
from core.runs.boosting_baseline import boosted_predictions

if TYPE_CHECKING:
    from core.model.outputs import Head
    from core.runs.evaluated_run import EvaluatedRun

LEVEL = 0.95
NETWORK = "network"
Interval = dict[str, float | None]
ByMetric = dict[str, np.ndarray]


def score_intervals(asked: "EvaluatedRun", options: Mapping[str, Any]) -> dict[str, Any]:
    """The section. Options: "level" of the intervals, 0.95 where it is not given; "boosting": whether gradient boosting
    is fitted where the training has not: that takes seconds.
    """
    level = float(options.get("level", LEVEL))
    targets = [target for part in asked.rows.parts.values() for target in part.targets.values()]
    fitted = all(GRADIENT_BOOSTING in target.baselines for target in targets)
    boosted = asked.section("boosting", boosted_predictions) if options.get("boosting") and not fitted else {}
    parts = {
        name: _Part(asked, name, part, level, boosted.get(name))
        for name, part in asked.rows.parts.items()
        if len(part.positions)
    }
    models = list(dict.fromkeys(model for part in parts.values() for model in part.models))
    of_models = {
        model: {name: part.intervals(model) for name, part in parts.items() if model in part.models} for model in models
    }
    test = parts.get("test")
    baselines = [model for model in models if model != NETWORK]
    return {
        "epoch": asked.epoch,
        "level": level,
        "resamples": max((part.number for part in parts.values()), default=0),
        "evaluated": {name: part.evaluated for name, part in parts.items()},
        "scores": of_models.get(NETWORK, {}),
        "baselines": {model: of_models[model] for model in baselines},
        "difference": {model: test.differences(model) for model in baselines if test and model in test.models},
    }


class _Part:
    """The scores of all models in one part, and those of their resamples."""

    def __init__(
        self, asked: "EvaluatedRun", name: str, rows: EvaluatedPart, level: float, boosted: dict[str, np.ndarray] | None
    ) -> None:
        self.asked, self.name, self.rows, self.level = asked, name, rows, level
        classes = max(1, *(len(target.classes) for target in rows.targets.values()))
        self.number = number_of_resamples(len(rows.positions), classes)
        first = next(iter(rows.targets.values()))
        self.models, self.boosted = [NETWORK, *first.baselines], boosted or {}
        if self.boosted:
            self.models.append(GRADIENT_BOOSTING)
        self.values: dict[str, dict[str, float]] = {model: self._values(model) for model in self.models}
        self.resampled, self.shares = self._resampled()

    @property
    def groups(self) -> int | None:
        """How many groups there are that the split keeps together."""
        return None if self.rows.groups is None else len(np.unique(self.rows.groups))

    @property
    def evaluated(self) -> dict[str, int]:
        """On how many rows and groups the scores are computed."""
        groups = {} if self.groups is None else {"groups": self.groups}
        return {"rows": len(self.rows.positions), "of": self.rows.rows, **groups}

    def _heads(self) -> "Iterator[tuple[Head, EvaluatedTarget]]":
        for head in self.asked.heads.all:
            yield head, self.rows.targets[head.task.target]

    def _predicted(self, target: EvaluatedTarget, model: str) -> np.ndarray:
        if model == GRADIENT_BOOSTING and self.boosted:
            return self.boosted[target.target]
        predicted = target.y_pred if model == NETWORK else target.baselines[model]
        return predicted.reshape(len(target.y_true), -1)

    def _values(self, model: str) -> dict[str, float]:
        """The scores of the evaluated rows."""
        return self.asked.heads.scores_of(
            {target.target: self._predicted(target, model) for _, target in self._heads()},
            {target.target: target.y_true for _, target in self._heads()},
            self.rows.weights,
        )

    def _resampled(self) -> tuple[dict[str, ByMetric], set[str]]:
        heads = self.asked.heads
        resampled = {
            model: heads.resampled(
                {target.target: self._predicted(target, model) for _, target in self._heads()},
                {target.target: target.y_true for _, target in self._heads()},
                self.rows.weights,
            )
            for model in self.models
        }
        found: dict[str, dict[str, list[np.ndarray]]] = {
            model: {name: [] for name in each} for model, each in resampled.items()
        }
        made = 0
        if self.groups == 1:
            return {}, set()  # Drawn again, it is always the same.
        for counts in resamples(len(self.rows.positions), self.number, self.rows.groups):
            for model, each in resampled.items():
                for name, score in each.items():
                    if score.at_once or made < FEWER_RESAMPLES:
                        found[model][name].append(score(counts))
            made += len(counts)
        shares = {name for each in resampled.values() for name, score in each.items() if score.share}
        return {
            model: {name: np.concatenate(blocks) for name, blocks in each.items()} for model, each in found.items()
        }, shares

    def intervals(self, model: str) -> dict[str, Interval]:
        """Metric -> value and interval of a model."""
        return {name: self._interval(model, name, value) for name, value in self.values[model].items()}

    def _interval(self, model: str, name: str, value: float) -> Interval:
        of_all = self._of_all(model, name)
        if not math.isfinite(value):
            return {"value": None, "low": None, "high": None}
        if name in self.shares and value in (0, 1):
            weights = self.rows.weights
            rows = float(len(self.rows.positions)) if weights is None else effective_rows(weights)
            rows = rows if self.groups is None else min(rows, self.groups)
            low, high = share_without_exception(value, rows, self.level)
            return {"value": of_all if of_all is not None else value, "low": low, "high": high}
        return self._around(value, self.resampled.get(model, {}).get(name), of_all)

    def differences(self, baseline: str) -> dict[str, Interval]:
        """Metric -> how much better the network is than a baseline, and the interval of that."""
        found = {}
        for name, value in self.values[NETWORK].items():
            sign = better_by(name, 1.0, 0.0, self.asked.experiment)
            difference = sign * (value - self.values[baseline][name])
            of_network, of_baseline = (self._of_all(model, name) for model in (NETWORK, baseline))
            of_all = None if of_network is None or of_baseline is None else sign * (of_network - of_baseline)
            both = [self.resampled.get(model, {}).get(name) for model in (NETWORK, baseline)]
            if not math.isfinite(difference):
                found[name] = Interval(value=None, low=None, high=None)
            elif both[0] is None or both[1] is None:
                found[name] = Interval(value=difference, low=None, high=None)
            else:
                found[name] = self._around(difference, sign * (both[0] - both[1]), of_all)
        return found

    @property
    def _scored(self) -> int:
        """On how many rows the recorded scores are computed."""
        return self.rows.scored or len(self.rows.positions)

    def _of_all(self, model: str, name: str) -> float | None:
        """The recorded score, where it is computed on more rows than the evaluated ones, which are a sample of them."""
        result = self.asked.result
        if len(self.rows.positions) == self._scored or self.asked.epoch != result["epoch"]:
            return None
        parts = result["scores"] if model == NETWORK else result["baselines"].get(model, {})
        return parts.get(self.name, {}).get(name)

    def _around(self, value: float, resampled: np.ndarray | None, of_all: float | None) -> Interval:
        """The interval of a value; with the score of more rows it is that of these, whose noise is smaller by the root
        of the share that was evaluated. The noise of groups is not: a sample of their rows has all groups.
        """
        low, high = percentiles(resampled, self.level) if resampled is not None else (None, None)
        if of_all is None or low is None or high is None:
            return {"value": value if of_all is None else of_all, "low": low, "high": high}
        shrunk = math.sqrt(len(self.rows.positions) / self._scored) if self.groups is None else 1.0
        return {"value": of_all, "low": of_all + (low - value) * shrunk, "high": of_all + (high - value) * shrunk}
