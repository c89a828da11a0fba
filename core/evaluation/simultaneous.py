"""How much several models differ on the same rows: intervals of all pairs that hold together.

The resamples of all models are those of the same rows, so each difference is paired. Of many pairs one would differ by
chance alone: the intervals are as wide as the largest of all studentized differences of a resample asks for (the
"max-t" of Westfall and Young, Resampling-Based Multiple Testing, 1993, chapter 2). Of two models it is a usual one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

_SAME = 1e-12  # Of the largest score: differences below are those of rounding.


@dataclass(frozen=True)
class PairedDifference:
    """How much the score of one model exceeds that of another on the same rows, and where that may lie; None where the
    scores are not defined, or cannot be resampled.
    """

    value: float | None
    low: float | None = None
    high: float | None = None

    @property
    def significant(self) -> bool:
        """Whether the difference is more than the choice of the rows explains."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high

    def reversed(self) -> "PairedDifference":
        """How much the other exceeds the one."""
        value, low, high = (None if end is None else -end or 0.0 for end in (self.value, self.high, self.low))
        return PairedDifference(value, low, high)


def paired_differences(
    scores: Mapping[str, float], resampled: Mapping[str, np.ndarray], level: float
) -> dict[tuple[str, str], PairedDifference]:
    """The difference of each pair of models in the order given, with intervals that hold together.

    Args:
        scores: Model -> its score of the rows, NaN where that is not defined.
        resampled: Model -> its score in each of the resamples, which are the same for all models; what cannot be
            resampled is left out.
        level: The share of samples of rows in which all intervals hold.
    """
    there = [model for model in scores if np.isfinite(scores[model])]
    pairs = [(one, two) for one, two in combinations(there, 2)]
    ranged = _ends([pair for pair in pairs if set(pair) <= set(resampled)], scores, resampled, level)
    return {
        (one, two): PairedDifference(scores[one] - scores[two], *ranged.get((one, two), (None, None)))
        if (one, two) in pairs
        else PairedDifference(None)
        for one, two in combinations(scores, 2)
    }


def _ends(
    pairs: list[tuple[str, str]], scores: Mapping[str, float], resampled: Mapping[str, np.ndarray], level: float
) -> dict[tuple[str, str], tuple[float, float]]:
    if not pairs:
        return {}
    models = list(dict.fromkeys(model for pair in pairs for model in pair))
    drawn = np.array([resampled[model] for model in models], "float64")
    drawn = drawn[:, np.isfinite(drawn).all(axis=0)]
    if drawn.shape[1] < 2:
        return {}
    first, second = ([models.index(pair[of]) for pair in pairs] for of in (0, 1))
    resampled_differences = drawn[first] - drawn[second]
    values = np.array([scores[one] - scores[two] for one, two in pairs])
    errors = resampled_differences.std(axis=1, ddof=1)
    rounding = _SAME * np.abs(drawn).max()
    varies, values = errors > rounding, np.where(np.abs(values) > rounding, values, 0.0)
    room = np.zeros(len(pairs))
    if varies.any():
        away = np.abs(resampled_differences[varies] - values[varies, None]) / errors[varies, None]
        room[varies] = errors[varies] * np.quantile(away.max(axis=0), level)
    return {
        pair: (float(value - around), float(value + around))
        for pair, value, around in zip(pairs, values, room, strict=True)
    }
