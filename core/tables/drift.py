"""How far the rows of a whole table are from the rows that a model was trained on, column by column.

    shares = training_shares(values)            kept in the model's card, with each feature
    for one in drift(rows, card): ...           the columns that differ, the farthest first

The measure is the population stability index, as N. Siddiqi, "Credit Risk Scorecards" (2006), has it: of bins with the
shares p of the training rows and q of the new ones the sum of (q - p) ln(q / p). Below 0.1 the two are alike, from 0.25
on they are not. Of n and N rows without any difference it is about (bins - 1) (1/n + 1/N) by chance, with a spread of
sqrt(2 (bins - 1)) (1/n + 1/N) (B. Yurdakul, "Statistical Properties of Population Stability Index", 2018): what chance
alone may give is not told.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.tables.dates import moment_text
from core.tables.prepared import raw_values

SOME, MUCH = 0.1, 0.25
_BINS = 10
_SPREADS = 3.0
_MOST_WORDS = 50  # Words that are bins of their own; the rest is one.


@dataclass(frozen=True)
class Drift:
    """How far one column is from its training cells.

    Attributes:
        index: The population stability index.
        much: Whether it is 0.25 or more.
        says: A sentence for the person.
    """

    column: str
    index: float
    much: bool
    says: str


def training_shares(values: np.ndarray) -> dict[str, Any]:
    """The bins of a feature's training cells and their shares, a JSON value: of numbers tenths, of words the most
    frequent ones; the last share is that of missing cells.
    """
    if values.dtype == object:
        counts = pd.Series(values[values != ""], dtype=object).value_counts()
        words = sorted(counts.index, key=lambda word: (-counts[word], word))[:_MOST_WORDS]
        return {"rows": len(values), "words": words, "shares": _word_shares(values, words).tolist()}
    known = values[~np.isnan(values)]
    edges = np.unique(np.quantile(known, np.arange(1, _BINS) / _BINS)) if len(known) else np.zeros(0)
    return {"rows": len(values), "edges": edges.tolist(), "shares": _number_shares(values, edges).tolist()}


def _word_shares(values: np.ndarray, words: list[str]) -> np.ndarray:
    """Of each word, of all others, and of missing cells."""
    place = {word: at for at, word in enumerate(words)} | {"": len(words) + 1}
    which, different = pd.factorize(values)
    bins = np.array([place.get(word, len(words)) for word in different], dtype=int)
    return np.bincount(bins[which], minlength=len(words) + 2) / max(1, len(values))


def _number_shares(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Of the numbers up to each edge, of those above all, and of missing cells."""
    missing = np.isnan(values)
    counts = np.bincount(np.searchsorted(edges, values[~missing], side="left"), minlength=len(edges) + 1)
    return np.append(counts, missing.sum()) / max(1, len(values))


def stability_index(shares: np.ndarray, training: np.ndarray, rows: int, training_rows: int) -> float:
    """The population stability index of shares against those of the training rows.

    The logarithm of 0 has no value: an empty bin counts as half a cell.
    """
    return float(_differences(shares, training, rows, training_rows).sum())


def _differences(shares: np.ndarray, training: np.ndarray, rows: int, training_rows: int) -> np.ndarray:
    """What each bin adds to the index."""
    used = (shares > 0) | (training > 0)
    new, old = np.maximum(shares, 0.5 / rows), np.maximum(training, 0.5 / training_rows)
    return np.where(used, (new - old) * np.log(new / old), 0.0)


def drift(rows: pd.DataFrame, card: Mapping[str, Any]) -> tuple[Drift, ...]:
    """The columns of rows (as `prediction_rows` gives them) whose cells differ from the training cells by more than
    chance, the farthest first; none for a model of an earlier version, which does not tell its training shares.
    """
    features = {feature["name"]: feature for feature in card["features"] if "shares" in feature}
    there = {name: feature["kind"] for name, feature in features.items() if name in rows}
    raw = raw_values(rows, there, card["ways"])
    found = [_of_column(name, kind, raw[name], features[name]["shares"]) for name, kind in there.items()]
    return tuple(sorted([one for one in found if one is not None], key=lambda one: -one.index))


def _of_column(name: str, kind: str, values: np.ndarray, training: Mapping[str, Any]) -> Drift | None:
    words, old = training.get("words"), np.array(training["shares"])
    new = _number_shares(values, np.array(training["edges"])) if words is None else _word_shares(values, words)
    rows, of = max(1, len(values)), max(1, training["rows"])
    index, bins = stability_index(new, old, rows, of), max(1, int(((old > 0) | (new > 0)).sum()))
    chance = (1 / rows + 1 / of) * (bins - 1 + _SPREADS * math.sqrt(2 * (bins - 1)))
    if index < max(SOME, chance):
        return None
    most = int(np.argmax(_differences(new, old, rows, of)))
    what = _bin_name(most, training, moment_text if kind == "date" else "{:.6g}".format)
    shift = "large" if index >= MUCH else "moderate"
    says = (
        f"{name}: {what} are {new[most]:.0%} of these cells and {old[most]:.0%} of the training "
        f"cells (population stability index {index:.2f}: a {shift} shift)."
    )
    return Drift(name, index, index >= MUCH, says)


def _bin_name(at: int, training: Mapping[str, Any], say: Callable[[float], str]) -> str:
    """What the cells of a bin are; `say` writes a number of the column."""
    if at == len(training["shares"]) - 1:
        return "missing cells"
    if "words" in training:
        return f"cells of {training['words'][at]!r}" if at < len(training["words"]) else "other categories"
    edges = training["edges"]
    if at == len(edges):
        return f"values above {say(edges[-1])}" if edges else "values"
    return f"values up to {say(edges[0])}" if at == 0 else f"values from {say(edges[at - 1])} to {say(edges[at])}"
