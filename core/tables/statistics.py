"""What preprocessing must know of the training rows: medians, means, spreads, known words. Never of the other rows.

The printed program carries the source of the functions it needs.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class NumberStatistics:
    """A column of floats, in its own unit: what is scaled is (value - center) / scale, of a value that is kept from
    `low` to `high`.

    Attributes:
        median: It fills missing cells.
        flagged: Whether "missing" is a column of its own.
    """

    median: float
    center: float
    scale: float
    low: float
    high: float
    flagged: bool


def number_statistics(values: np.ndarray, center: str = "mean", scale: str = "deviation") -> NumberStatistics:
    """Of n training cells, NaN where missing; `center` and `scale` name the measures of a scaling. Of a constant column
    the scale is 1.

    A value is kept within the range of the training cells, or within 10 deviations of their mean where those reach
    further. Where three quarters of the cells are alike, it is kept within 5 deviations: a pixel that is dark in all
    training rows but one would else be 50 deviations away in that row, hundreds in another one, and drown all others.
    Differences come first: the squares of numbers of 15 digits have no room for a spread of a few ones.
    """
    missing = np.isnan(values)
    median = float(np.median(values[~missing])) if not missing.all() else 0.0
    filled = np.where(missing, median, values)
    apart = filled - median
    # Of a sum in another order the last digits differ.
    constant = np.ptp(filled) <= 4 * np.spacing(np.abs(filled).max())
    low, first, third, high = np.quantile(apart, [0, 0.25, 0.75, 1])
    mean, deviation = apart.mean(), 0.0 if constant else apart.std()
    if third > first:
        low_end, high_end = min(low, mean - 10 * deviation), max(high, mean + 10 * deviation)
    else:
        low_end, high_end = mean - 5 * deviation, mean + 5 * deviation
    centers = {"zero": -median, "mean": mean, "low": low, "median": 0.0}
    scales = {"one": 1.0, "deviation": deviation, "range": 0.0 if constant else high - low, "quartiles": third - first}
    return NumberStatistics(
        median,
        float(median + centers[center]),
        float(scales[scale]) or 1.0,
        float(median + low_end),
        float(median + high_end),
        bool(missing.any()),
    )


@dataclass(frozen=True)
class DateStatistics(NumberStatistics):
    """A column of days since 1970-01-01, as a column of floats.

    Attributes:
        parts: What the network sees of a date: "trend", "season", "weekday", "hour".
    """

    parts: tuple[str, ...]


def date_statistics(
    values: np.ndarray,
    center: str = "mean",
    scale: str = "deviation",
    parts: tuple[str, ...] = ("trend", "season", "weekday"),
) -> DateStatistics:
    """Of n training cells, days since 1970-01-01 and NaN where missing."""
    return DateStatistics(**vars(number_statistics(values, center, scale)), parts=parts)


@dataclass(frozen=True)
class LogStatistics(NumberStatistics):
    """A column of floats whose logarithms are scaled: all numbers are of logarithms."""


def logarithms(values: np.ndarray) -> np.ndarray:
    """sign(x) log(1 + |x|): the logarithm of large numbers of either sign, and the number itself near 0."""
    return np.sign(values) * np.log1p(np.abs(values))


def log_statistics(values: np.ndarray) -> LogStatistics:
    """Of n training cells, NaN where missing."""
    return LogStatistics(**vars(number_statistics(logarithms(values))))


@dataclass(frozen=True)
class BinStatistics:
    """A column of floats that is put into bins.

    Attributes:
        edges: Least values of all bins but the first, rising.
        median: It fills missing cells.
        flagged: Whether "missing" is a column of its own.
    """

    edges: list[float]
    median: float
    flagged: bool


def bin_statistics(values: np.ndarray, bins: int = 10) -> BinStatistics:
    """Of n training cells, NaN where missing: at most so many bins with equally many cells. Quantiles that are alike
    part nothing, so that there are fewer bins.
    """
    there = values[~np.isnan(values)]
    if not len(there):
        return BinStatistics([0.0], 0.0, True)
    edges = np.unique(np.quantile(there, np.linspace(0, 1, bins + 1)[1:-1]))
    return BinStatistics(edges.tolist(), float(np.median(there)), len(there) < len(values))


@dataclass(frozen=True)
class CrossStatistics:
    """Two columns of words together.

    Attributes:
        pairs: The pairs of words that have a column.
    """

    pairs: list[tuple[str, str]]


def cross_statistics(first: np.ndarray, second: np.ndarray, most: int = 1000) -> CrossStatistics:
    """Of n training rows: the most frequent pairs of words, at most so many."""
    counts: dict[tuple[str, str], int] = {}
    for pair in zip(first, second, strict=True):
        counts[pair] = counts.get(pair, 0) + 1
    return CrossStatistics([pair for pair, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))][:most])


@dataclass(frozen=True)
class TextStatistics:
    """A column of texts.

    Attributes:
        words: The words that have a column.
        rarity: For each of them its inverse document frequency; None where a column says only whether a text has it.
    """

    words: list[str]
    rarity: list[float] | None


def tokens(text: str) -> list[str]:
    """The words of a text as `keras.layers.TextVectorization` takes them: lower case and without punctuation, both of
    ASCII, parted by white space.
    """
    punctuation = b"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
    letters = text.encode("utf-8", "replace").lower().translate(None, punctuation)
    return [word.decode("utf-8") for word in letters.split()]


def text_statistics(texts: np.ndarray, most: int = 1000, weighted: bool = False) -> TextStatistics:
    """Of n training texts, "" where missing: their most frequent words, at most `most`, of equally frequent ones the
    first of the alphabet.

    The inverse document frequency is log(1 + n / (1 + texts that have the word)), as `TextVectorization.adapt` has it.
    """
    found = [tokens(text) for text in texts]
    counts = pd.Series([word for words in found for word in words], dtype=object).value_counts()
    # A text column without any word still has a column, of which no text has the word.
    words = [word for word, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))][:most] or ["\1"]
    if not weighted:
        return TextStatistics(words, None)
    having = pd.Series([word for words in found for word in set(words)], dtype=object).value_counts()
    return TextStatistics(words, [float(np.log(1 + len(texts) / (1 + having.get(word, 0)))) for word in words])


def target_offset(y_true: np.ndarray) -> float:
    """What is taken away, in float64, from n training amounts before a network learns them, and given back to its
    predictions.

    Their mean, where it is more than a thousand deviations: of these float32 would keep fewer than four digits. Else
    0.0.
    """
    mean, deviation = float(np.mean(y_true)), float(np.std(y_true))
    return mean if abs(mean) > 1000 * (deviation or 1.0) else 0.0


def vocabulary(words: np.ndarray, most: int = 100) -> list[str]:
    """The words of n training cells, most frequent first and at most `most`; a word not among them becomes all
    zeros.
    """
    counts = pd.Series(
        words, dtype=object
    ).value_counts()  # Not numpy.unique: in its array the longest word sets the size of all.
    return [word for word, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))][:most]
