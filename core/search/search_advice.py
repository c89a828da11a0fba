"""What the trials of a search say: which range to widen, which settings hardly matter, and when more trials no longer
pay.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.experiment.counts import count, enumerated
from core.experiment.differences import setting_text
from core.experiment.spec import Experiment
from core.search.proposals import title_of
from core.search.space import Dimension, Space

FEWEST = 12  # Trials with a score, before anything is said.
_GOOD = 0.25  # Share of the trials that are the good ones.
_EDGE = 0.08  # Of a range's length: this near is at its end.
_SLIGHT = 0.05  # Of the importance: a setting below it hardly matters.
_NARROW = 0.6  # Of a range's length: more says nothing of where to look.
_QUIET = 15  # Trials without a better one, and as many as half of all, before more no longer pay.


@dataclass(frozen=True)
class ScoredTrial:
    """A trial with the score of its best epoch."""

    number: int
    values: Mapping[str, Any]
    score: float


def search_advice(
    base: Experiment,
    space: Space,
    trials: Sequence[ScoredTrial],
    larger: bool,
    importances: Mapping[str, float] | None = None,
) -> list[str]:
    """Sentences, the most useful first; none as long as too few trials have a score.

    Args:
        trials: Those that have a score, in their order.
        larger: Whether a larger score is better.
        importances: Path -> share of what tells good trials from others.
    """
    if len(trials) < FEWEST:
        return []
    ranked = sorted(trials, key=lambda trial: -trial.score if larger else trial.score)
    good = ranked[: max(4, round(_GOOD * len(ranked)))]
    says = [*_no_longer_pays(trials, ranked[0])]
    for dimension in space.dimensions:
        says += _at_an_end(base, dimension, ranked[0], good)
    says += _next(base, space, good, importances)
    if slight := [
        title_of(base, path) for path in space.value() if importances and importances.get(path, 1.0) < _SLIGHT
    ]:
        says.append(f"Hardly matters here: {', '.join(slight)}.")
    return says


def _no_longer_pays(trials: Sequence[ScoredTrial], best: ScoredTrial) -> list[str]:
    """Where the best trial is long ago."""
    since = sum(trial.number > best.number for trial in trials)
    if since < max(_QUIET, len(trials) / 2):
        return []
    return [f"None of the last {count(since, 'trial')} was better: more trials of this space are unlikely to help."]


def _at_an_end(base: Experiment, dimension: Dimension, best: ScoredTrial, good: Sequence[ScoredTrial]) -> list[str]:
    """Where the best trial and most of the good ones lie at the end of a range."""
    if dimension.kind == "choice":
        return []
    places = [_place(dimension, trial.values[dimension.path]) for trial in good if dimension.path in trial.values]
    if not places or dimension.path not in best.values:
        return []
    at = _place(dimension, best.values[dimension.path])
    for end, near, word in (
        (dimension.low, lambda place: place <= _EDGE, "below"),
        (dimension.high, lambda place: place >= 1 - _EDGE, "above"),
    ):
        if near(at) and sum(map(near, places)) >= len(places) / 2:
            title = title_of(base, dimension.path)
            return [f"{title}: the best trials lie at the end of the range, so search {word} {setting_text(end)}, too."]
    return []


def _place(dimension: Dimension, value: float) -> float:
    """Where a value lies in a range, 0 to 1 on its scale."""
    assert dimension.low is not None
    assert dimension.high is not None
    low, high, at = dimension.low, dimension.high, value
    if dimension.log:
        low, high, at = math.log(low), math.log(high), math.log(max(value, dimension.low))
    return (at - low) / (high - low)


def _next(
    base: Experiment, space: Space, good: Sequence[ScoredTrial], importances: Mapping[str, float] | None
) -> list[str]:
    """Where the good trials lie, of the settings that matter most: what the search would try next."""
    words = []
    for path in sorted(importances or {}, key=lambda path: -(importances or {})[path])[:2]:
        dimension = space.dimension(path)
        values = [trial.values[path] for trial in good if path in trial.values]
        if dimension is None or not values:
            continue
        title = title_of(base, path)
        if dimension.kind == "choice":
            texts = [setting_text(value) for value in values]
            commonest = max(dict.fromkeys(texts), key=texts.count)
            if texts.count(commonest) > len(texts) / 2:
                words.append(f"{title} {commonest}")
        elif _place(dimension, max(values)) - _place(dimension, min(values)) <= _NARROW:
            low, high = (_short(end) for end in (min(values), max(values)))
            words.append(f"{title} {low} to {high}" if low != high else f"{title} {low}")
    return [f"The search would next try more of {enumerated(words)}, where its best quarter lies."] if words else []


def _short(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.2g}"
