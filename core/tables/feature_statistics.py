"""What the preprocessing of a feature must know of its training cells, and how many columns it becomes."""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from core.catalog.date_parts import DATE_PARTS
from core.catalog.kinds import KINDS
from core.catalog.scalings import SCALINGS
from core.experiment.preparation import DEFAULT, Preparation
from core.experiment.task import CutWords
from core.tables.statistics import (
    DateStatistics,
    NumberStatistics,
    TextStatistics,
    date_statistics,
    number_statistics,
    text_statistics,
    vocabulary,
)

Statistic = NumberStatistics | TextStatistics | list[str]


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
    row = SCALINGS[scaling.get(kind, "standard")]
    if kind == "date":
        return date_statistics(values, row.center, row.scale, preparation.date_parts)
    return number_statistics(values, row.center, row.scale)


def width_of(statistics: Statistic) -> int:
    """How many columns of the network's input a feature becomes."""
    if isinstance(statistics, list):
        return len(statistics)
    if isinstance(statistics, TextStatistics):
        return len(statistics.words)
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


def difference_statistics(first: np.ndarray, second: np.ndarray) -> NumberStatistics:
    """Of the days from the second date to the first, in n training rows."""
    return number_statistics(first - second)
