"""What preprocessing must know of the training rows: medians, means, spreads, known words. Never of the other rows.

The printed program carries the source of the functions it needs.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

MOST_WORDS = 100


@dataclass(frozen=True)
class NumberStatistics:
    """A column of floats: `median` fills missing cells, `flagged` says whether "missing" is a column of its own."""

    median: float
    mean: float
    variance: float
    flagged: bool


def number_statistics(values: np.ndarray) -> NumberStatistics:
    """Of n training cells, NaN where missing. A constant column has variance 1, so that scaling leaves it at 0.

    Differences come first: the squares of numbers of 15 digits have no room for a spread of a few ones.
    """
    missing = np.isnan(values)
    median = float(np.median(values[~missing])) if not missing.all() else 0.0
    filled = np.where(missing, median, values)
    apart = filled - median
    constant = np.ptp(filled) <= 4 * np.spacing(np.abs(filled).max())  # Of a sum in another order the last digits differ.
    return NumberStatistics(median, float(median + apart.mean()), 1.0 if constant else float(apart.var()), bool(missing.any()))


def vocabulary(words: np.ndarray) -> list[str]:
    """The words of n training cells, most frequent first and at most 100; a word not among them becomes all zeros."""
    counts = pd.Series(words, dtype=object).value_counts()  # Not numpy.unique: in its array the longest word sets the size of all.
    return [word for word, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))][:MOST_WORDS]
