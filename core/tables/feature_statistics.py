"""What the preprocessing of a feature must know of its training cells, and how many columns it becomes."""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from core.catalog.date_parts import DATE_PARTS
from core.catalog.kinds import KINDS
from core.experiment.preparation import DEFAULT, Preparation
from core.experiment.task import CutWords
from core.tables.statistics import (
    BinStatistics,
    CrossStatistics,
    DateStatistics,
    NumberStatistics,
    TextStatistics,
    bin_statistics,
    cross_statistics,
    date_statistics,
    log_statistics,
    number_statistics,
    text_statistics,
    vocabulary,
)

Statistic = NumberStatistics | BinStatistics | CrossStatistics | TextStatistics | list[str]


def statistics_of(
    kind: str, values: np.ndarray, scaling: Mapping[str, str] = {}, preparation: Preparation = DEFAULT
) -> Statistic:
    """What the preprocessing of a feature of that kind must know of its training cells; `scaling` by kind, else the
    standard one.
    """
    if kind == "text":
        return text_statistics(values, preparation.text_words, preparation.text_weighting == "tf-idf")
    if not KINDS[kind].scaled:
        return vocabulary(values, preparation.known_words)
    row = preparation.scaled_by(kind, scaling)
    if row.transform == "log":
        return log_statistics(values)
    if row.transform == "bins":
        return bin_statistics(values, preparation.most_bins)
    if kind == "date":
        return date_statistics(values, row.center, row.scale, preparation.date_parts)
    return number_statistics(values, row.center, row.scale)


def width_of(statistics: Statistic) -> int:
    """How many columns of the network's input a feature becomes."""
    if isinstance(statistics, list):
        return len(statistics)
    if isinstance(statistics, TextStatistics):
        return len(statistics.words)
    if isinstance(statistics, CrossStatistics):
        return len(statistics.pairs)
    if isinstance(statistics, BinStatistics):
        return len(statistics.edges) + 1 + statistics.flagged
    if isinstance(statistics, DateStatistics):
        return date_width(statistics.parts) + statistics.flagged
    return 1 + statistics.flagged


def date_width(parts: Collection[str]) -> int:
    """How many columns the parts of a date become."""
    return sum(DATE_PARTS[part].columns for part in parts)


def cut_words(values: np.ndarray, known: list[str]) -> CutWords | None:
    """What a vocabulary of n training cells leaves out; None where it leaves out nothing."""
    counts = pd.Series(values, dtype=object).value_counts().drop(known, errors="ignore")
    return CutWords(len(known), len(known) + len(counts), int(counts.sum()) / len(values)) if len(counts) else None


def pair_statistics(first: np.ndarray, second: np.ndarray) -> Statistic:
    """Of two features together in n training rows: of dates the days from the second to the first, of words their
    cross.
    """
    return cross_statistics(first, second) if first.dtype == object else number_statistics(first - second)
