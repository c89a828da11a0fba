"""Which trials of a search are trained again before the best is named, and which of them is the best.

A trial's score is that of one seed, and the lowest of forty such scores is as much the luck of its seed as the merit of
its settings. So the best few and the start are evaluated again with new seeds and compared by their means: the
re-evaluation by which racing chooses among configurations (F-Race; Birattari et al., 2002) and SMAC's intensification
lets a challenger replace its incumbent (Hutter, Hoos and Leyton-Brown, 2011).
"""

from collections.abc import Mapping, Sequence
from math import sqrt
from statistics import fmean, stdev

from core.experiment.counts import count

FINALISTS = 5
START_TRIAL = 1  # The number of the trial that is the experiment as it was.
_CONFIRMED = 3  # Start, best and runner-up.

NewScores = Mapping[int, Sequence[float | None]]


def finalists(ranked: Sequence[int]) -> list[int]:
    """The trials that are trained again: the best `FINALISTS`, and the start where it is among the ranked.

    Args:
        ranked: Numbers of the trials that have a score, the best first.
    """
    chosen = list(ranked[:FINALISTS])
    return chosen if START_TRIAL in chosen or START_TRIAL not in ranked else [*chosen, START_TRIAL]


def reranked(scores: NewScores, larger: bool) -> list[int]:
    """The finalists by the means of their new scores, the best first; of equal ones the first that is given.

    The start stays the best unless the best of the others gains more than the standard error of its mean paired gain
    over the seeds (the one-standard-error rule of Breiman et al., 1984): with two seeds, unless it is better with both.

    Args:
        scores: Trial -> its score with each seed, in the same order of the seeds; None where a run has none. A trial
            without any score is left out.
        larger: Whether a larger score is better.
    """
    means = {
        trial: fmean(there) for trial, of in scores.items() if (there := [score for score in of if score is not None])
    }
    ranked = sorted(means, key=lambda trial: -means[trial] if larger else means[trial])
    if (
        START_TRIAL in ranked
        and ranked[0] != START_TRIAL
        and not _surpasses(scores[ranked[0]], scores[START_TRIAL], larger)
    ):
        ranked = [START_TRIAL, *(trial for trial in ranked if trial != START_TRIAL)]
    return ranked


def _surpasses(challenger: Sequence[float | None], start: Sequence[float | None], larger: bool) -> bool:
    """Whether the mean of the paired gains exceeds its standard error; one gain only has to exist."""
    pairs = [(new, old) for new, old in zip(challenger, start, strict=True) if new is not None and old is not None]
    gains = [new - old if larger else old - new for new, old in pairs]
    if not gains:
        return False
    error = stdev(gains) / sqrt(len(gains)) if len(gains) > 1 else 0.0
    return fmean(gains) > error


def trainings_words(trials: int | None, finalist_seeds: int, seeds: int) -> str:
    """What follows the trials, with the number of its trainings; "" where nothing does."""
    again, confirming = retrainings(trials, finalist_seeds, seeds)
    says = []
    if again:
        seeds_of_each = count(finalist_seeds, "new seed")
        others = FINALISTS if trials is None else min(FINALISTS, trials - 1)
        says.append(
            f"Then the {'other trial' if others == 1 else f'{others} best trials'} and the start are trained again "
            f"with {seeds_of_each}, to choose the best of them (up to {count(again, 'training')})."
        )
    if confirming:
        seeds_of_each = count(seeds, "other new seed" if again else "new seed")
        who = {1: "the start is", 2: "both trials are"}.get(trials or 0, "the best two and the start are")
        says.append(
            f"{'At the end' if again else 'Then'} {who} trained again with {seeds_of_each} and scored on the test rows "
            f"(up to {count(confirming, 'training')})."
        )
    return " ".join(says)


def retrainings(trials: int | None, finalist_seeds: int, seeds: int) -> tuple[int, int]:
    """How many trainings follow the trials at most: those of the finalists, and those that confirm the best.

    Args:
        trials: The most that are made; None where only time or a person ends them.
        finalist_seeds, seeds: New seeds of each finalist, and of start, best and runner-up after that.
    """
    most = FINALISTS + 1 if trials is None else min(trials, FINALISTS + 1)
    again = most * finalist_seeds if most > 1 else 0
    return again, min(most, _CONFIRMED) * seeds
