"""Which differences between variants matter: each against the best, by pairs of runs that began alike.

found = compare({"Adam": [3.1, 3.0, 3.2], "SGD": [4.0, 4.2, 4.1]}, larger=False)
found["SGD"].verdict       "worse"
comparison_sentences(found, write=...)     a sentence for the person

Runs of one seed share rows, starting weights and order of rows: what they differ by is due to the variant and to
chance. A paired t-test over the seeds tells these apart. The best one is chosen by looking at all of them, so Holm's
correction counts all pairs: of six equal variants with five seeds, one in eleven races would name a loser if only those
with the best were counted.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from statistics import fmean, stdev
from typing import Literal

from core.experiment.counts import count, enumerated
from core.race.t_test import likely, reach

CONFIDENCE = 0.95
Scores = Sequence[float | None]
Verdict = Literal["best", "better", "worse", "alike", "one seed", "no score"]
WORDS: dict[Verdict, str] = {
    "best": "best on average",
    "better": "better than all others",
    "worse": "worse",
    "alike": "not significantly different",
    "one seed": "needs at least two seeds",
    "no score": "no score",
}


@dataclass(frozen=True)
class Compared:
    """One variant.

    Attributes:
        scores: One for each seed; None where a run gave none.
        mean, low, high, spread: Of the scores there are; the spread is their standard deviation, 0 of a single one.
        difference: How much larger its scores are than those of the best one, on average over the seeds that both have.
        interval: Where that difference may lie, so that all intervals of a race hold together in 95 of 100.
        verdict: Of the best variant "better" where it differs significantly from each other, else "best".
    """

    scores: tuple[float | None, ...]
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    spread: float = 0.0
    difference: float | None = None
    interval: tuple[float, float] | None = None
    verdict: Verdict = "no score"


@dataclass(frozen=True)
class _Pair:
    difference: float
    error: float  # Standard error of the difference.
    freedom: int

    @property
    def chance(self) -> float:
        """How often chance alone would bring so large a difference."""
        if self.difference == 0:
            return 1.0
        return 1 - likely(math.inf if self.error == 0 else abs(self.difference) / self.error, self.freedom)


def compare(scores: Mapping[str, Scores], larger: bool, step: float = 0.0) -> dict[str, Compared]:
    """Each variant beside the best, in the order given.

    Args:
        scores: Variant -> a score for each seed, the seeds in the same order for all.
        larger: Whether a larger score is better.
        step: The smallest amount by which scores can differ: a share of 100 rows moves by 0.01. Scores so rounded may
            agree by chance.
    """
    found = {name: _described(given) for name, given in scores.items()}
    means = {name: one.mean for name, one in found.items() if one.mean is not None}
    if not means:
        return found
    best = max(means, key=lambda name: means[name] if larger else -means[name])
    pairs = {}
    for one, two in combinations(scores, 2):
        if pair := _paired(found[one].scores, found[two].scores, step):
            pairs[frozenset((one, two))] = pair if two == best else _Pair(-pair.difference, pair.error, pair.freedom)
    told = _significant(pairs)
    for name in means:
        pair = pairs.get(frozenset((name, best)))
        if name == best or pair is None:
            continue
        differs, share = told[frozenset((name, best))]
        room = pair.error * reach(share, pair.freedom)
        around = (pair.difference - room, pair.difference + room)
        found[name] = replace(
            found[name], verdict="worse" if differs else "alike", difference=pair.difference, interval=around
        )
    others = [found[name].verdict for name in means if name != best]
    found[best] = replace(found[best], verdict="better" if others and set(others) == {"worse"} else "best")
    return found


def _described(given: Scores) -> Compared:
    scores = tuple(one if one is not None and math.isfinite(one) else None for one in given)
    there = [one for one in scores if one is not None]
    if not there:
        return Compared(scores)
    return Compared(
        scores, fmean(there), min(there), max(there), stdev(there) if len(there) > 1 else 0.0, verdict="one seed"
    )


def _paired(one: Scores, two: Scores, step: float) -> _Pair | None:
    """The differences of the seeds that both have; None of fewer than two."""
    differences = [a - b for a, b in zip(one, two, strict=True) if a is not None and b is not None]
    if len(differences) < 2:
        return None
    # Two rounded numbers, each uncertain by a twelfth of the step's square.
    variance = stdev(differences) ** 2 + step * step / 6
    return _Pair(fmean(differences), math.sqrt(variance / len(differences)), len(differences) - 1)


def _significant(pairs: Mapping[frozenset[str], _Pair]) -> dict[frozenset[str], tuple[bool, float]]:
    """For each pair whether its difference is significant, and the share its interval covers: Holm's steps, the least
    likely pair first.
    """
    found: dict[frozenset[str], tuple[bool, float]] = {}
    differs, share = True, CONFIDENCE
    for rank, names in enumerate(sorted(pairs, key=lambda names: pairs[names].chance)):
        if differs:  # From the first that is not significant on, no other is.
            allowed = (1 - CONFIDENCE) / (len(pairs) - rank)
            differs, share = pairs[names].chance < allowed, 1 - allowed
        found[names] = (differs, share)
    return found


def comparison_sentences(
    found: Mapping[str, Compared],
    measure: str,
    write: Callable[[float], str] = "{:.4g}".format,
    apart: Callable[[float], str] | None = None,
) -> str:
    """The result of a race in sentences. `write` gives a score as it is read, `apart` the size of a difference."""
    apart = apart or write
    there = {name: one for name, one in found.items() if one.mean is not None}
    best = next((name for name, one in there.items() if one.verdict in ("best", "better")), None)
    if best is None:
        return "No run of this race has a score."
    first, told = there[best], []
    seeds = sum(one is not None for one in first.scores)
    assert first.mean is not None
    told.append(
        f"{best} {'is best' if first.verdict == 'better' else 'is best on average'}: {measure} {write(first.mean)}"
        + (f" as mean of {count(seeds, 'seed')}." if seeds > 1 else ".")
    )
    for name, one in there.items():
        if one.verdict == "worse" and one.difference is not None and one.interval is not None:
            low, high = sorted(map(abs, one.interval))
            told.append(
                f"{name} is significantly worse, by {apart(abs(one.difference))} "
                f"(confidence interval {apart(low)} to {apart(high)})."
            )
    alike = [name for name, one in there.items() if one.verdict == "alike"]
    if alike:
        told.append(f"It is not significantly better than {enumerated(alike)}{_more(len(first.scores))}.")
    if any(one.verdict == "one seed" for one in there.values()) or seeds < 2:
        told.append("A test needs at least two seeds.")
    missing = [name for name in found if name not in there]
    if missing:
        told.append(f"No score for {enumerated(missing)}.")
    return " ".join(one[:1].upper() + one[1:] for one in told)


def _more(seeds: int) -> str:
    return "; more seeds would make the test more powerful" if seeds < 5 else ""
