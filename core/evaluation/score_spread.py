"""Scores of several trainings of one experiment: their mean and how far they spread."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, stdev
from typing import Any

Scores = Mapping[str, float | None]


@dataclass(frozen=True)
class Spread:
    """One score of n trainings.

    Attributes:
        values: A number each; None where it is not defined, as the AUC of a fold with one class.
        mean, low, high: Of the numbers there are; None where there are none.
        sd: Their standard deviation, with n - 1 in the denominator; None of fewer than two.
    """

    values: tuple[float | None, ...]
    mean: float | None
    sd: float | None
    low: float | None
    high: float | None

    def value(self) -> dict[str, Any]:
        """As a JSON value."""
        return {**asdict(self), "values": list(self.values)}


def spread_of(values: Iterable[float | None]) -> Spread:
    """The spread of some numbers; NaN and infinities count as not defined."""
    kept = tuple(value if value is not None and math.isfinite(value) else None for value in values)
    there = [value for value in kept if value is not None]
    if not there:
        return Spread(kept, None, None, None, None)
    return Spread(kept, fmean(there), stdev(there) if len(there) > 1 else None, min(there), max(there))


def spreads(scores: Sequence[Scores]) -> dict[str, Spread]:
    """Name -> the spread of that score over the trainings, for the names that all of them have."""
    names = [name for name in scores[0] if all(name in one for one in scores)] if scores else []
    return {name: spread_of(one[name] for one in scores) for name in names}


def repeated_scores(results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Results of trainings -> {"scores": {part: {name: Spread}}, "baselines": {baseline: {part: {name: Spread}}},
    "difference": {baseline: {name: Spread}}}.

    A difference is that of a training's test score and its baseline's on the same rows (network - baseline).
    """
    if not results:
        return {"scores": {}, "baselines": {}, "difference": {}}
    parts = [part for part in results[0]["scores"] if all(part in one["scores"] for one in results)]
    simple = [name for name in results[0]["baselines"] if all(name in one["baselines"] for one in results)]
    return {
        "scores": {part: spreads([one["scores"][part] for one in results]) for part in parts},
        "baselines": {
            name: {
                part: spreads([one["baselines"][name][part] for one in results])
                for part in results[0]["baselines"][name]
                if all(part in one["baselines"][name] for one in results)
            }
            for name in simple
        },
        "difference": {
            name: spreads([_differences(one["scores"]["test"], one["baselines"][name]["test"]) for one in results])
            for name in simple
        },
    }


def _differences(scores: Scores, simple: Scores) -> Scores:
    pairs = {name: (scores[name], simple[name]) for name in scores if name in simple}
    return {name: None if one is None or other is None else one - other for name, (one, other) in pairs.items()}
