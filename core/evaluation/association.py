"""Which features go together, so that each can stand in for the other: shuffling one of them alone shows too little."""

import numpy as np
import pandas as pd

from core.evaluation.raw_features import RawFeatures

STRONG = 0.7
_MOST_CATEGORIES = 200
_LEAST_ROWS = 5  # Rows for each category: a column of fewer is free text, or a name of each row.
_MOST_NAMED = 3


def associated(raw: RawFeatures, strong: float = STRONG) -> dict[str, list[tuple[str, float]]]:
    """Feature -> up to three others with which it is associated by at least `strong`, the strongest first.

    Of two numbers |Spearman's correlation|, of a number and a category the correlation ratio of the number's ranks, of
    two categories Cramer's V; the last two without the part that chance explains (adjusted eta squared; Bergsma 2013).
    """
    names, strengths = association_matrix(raw)
    found = {}
    for at, name in enumerate(names):
        order = np.argsort(-strengths[at], kind="stable")[:_MOST_NAMED]
        if others := [(names[other], float(strengths[at, other])) for other in order if strengths[at, other] >= strong]:
            found[name] = others
    return found


def association_matrix(raw: RawFeatures) -> tuple[list[str], np.ndarray]:
    """The features that can be compared, numbers first, and (features, features) strengths from 0 to 1; 0 of a feature
    with itself.
    """
    numbers = {name: values for name, values in raw.items() if values.dtype != object}
    words = {name: pd.factorize(values)[0] for name, values in raw.items() if values.dtype == object}
    rows = len(next(iter(raw.values())))
    most = min(_MOST_CATEGORIES, rows // _LEAST_ROWS)
    words = {name: codes for name, codes in words.items() if 0 < codes.max(initial=0) < most}
    ranks = _standard_ranks(numbers, rows)
    count, names = len(numbers), [*numbers, *words]
    strengths = np.zeros((len(names), len(names)))
    strengths[:count, :count] = np.abs(ranks.T @ ranks) / max(1, len(ranks))
    for at, codes in enumerate(words.values(), start=count):
        strengths[at, :count] = strengths[:count, at] = _correlation_ratios(codes, ranks)
        for earlier, others in zip(range(count, at), words.values(), strict=False):
            strengths[at, earlier] = strengths[earlier, at] = cramers_v(codes, others)
    np.fill_diagonal(strengths, 0.0)
    return names, strengths


def _standard_ranks(numbers: RawFeatures, rows: int) -> np.ndarray:
    """(rows, features) ranks with mean 0 and deviation 1; missing cells are the middle, constant columns 0."""
    if not numbers:
        return np.zeros((rows, 0))
    ranks = pd.DataFrame(numbers).rank()
    ranks = (ranks - ranks.mean()).fillna(0.0).to_numpy()
    deviations = ranks.std(axis=0)
    return ranks / np.where(deviations > 0, deviations, 1.0)


def _correlation_ratios(codes: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    """For each column of standardized ranks the root of the share of its variance that lies between the groups."""
    rows, groups = len(codes), int(codes.max()) + 1
    if rows <= groups:
        return np.zeros(ranks.shape[1])
    sums = np.zeros((groups, ranks.shape[1]))
    np.add.at(sums, codes, ranks)
    explained = (sums**2 / np.bincount(codes)[:, None]).sum(axis=0) / rows
    return np.sqrt(np.maximum(0.0, 1 - (1 - explained) * (rows - 1) / (rows - groups)))


def cramers_v(first: np.ndarray, second: np.ndarray) -> float:
    """Cramer's V of two columns of category numbers, corrected for bias (Bergsma 2013)."""
    rows = len(first)
    table = np.zeros((int(first.max()) + 1, int(second.max()) + 1))
    np.add.at(table, (first, second), 1)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / rows
    phi2 = float(((table - expected) ** 2 / expected).sum()) / rows
    high, wide = table.shape
    phi2 = max(0.0, phi2 - (high - 1) * (wide - 1) / (rows - 1))
    least = min(size - (size - 1) ** 2 / (rows - 1) for size in (high, wide))
    return float(np.sqrt(phi2 / max(1e-12, least - 1)))
