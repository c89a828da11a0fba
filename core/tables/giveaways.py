"""Which features alone tell a target: what was written down with the answer, or after it, will be lacking when one is
asked for.
"""

import logging

import numpy as np
import pandas as pd

from core.experiment.task import Giveaway
from core.tables.prepared import Prepared

log = logging.getLogger(__name__)
_SURE = 0.998  # Of a rank correlation, squared; a measurement is seldom that good.
_PURE = 0.98
_MOST_ROWS, _FEWEST_ROWS, _MOST_FEATURES = 2000, 30, 1000
_EACH = 5  # Rows a word must have on average, so that the words are not simply names of the rows.
_MEASURED = 50  # Different values from which on a number is one that was measured.


def giveaways(ready: Prepared) -> tuple[tuple[Giveaway, ...], dict[str, str]]:
    """Of the training rows, or some of them; the surest first. Where there is one feature only, it may well be all
    there is to know.

    Returns what was found, and for features that could not be looked at a sentence each.
    """
    at = ready.parts["train"]
    if len(at) < _FEWEST_ROWS or len(ready.raw) < 2:
        return (), {}
    if len(at) > _MOST_ROWS:
        at = at[np.random.default_rng(0).choice(len(at), _MOST_ROWS, replace=False)]
    found: list[Giveaway] = []
    failed: dict[str, str] = {}
    for target, values in ready.targets.items():
        y_true = values.y_true[at]
        measure, least = (_separated, _PURE) if values.classes else (_explained, _SURE)
        for feature in list(ready.raw)[:_MOST_FEATURES]:
            try:
                share = measure(ready.raw[feature][at], y_true)
            except Exception as error:  # An advice less, not a page less.
                log.exception("whether %r gives %r away cannot be told", feature, target)
                failed[feature] = f"whether it gives {target} away could not be checked ({type(error).__name__})"
                continue
            if share >= least:
                found.append(Giveaway(feature, target, share))
    return tuple(sorted(found, key=lambda one: -one.share)), failed


def _explained(cells: np.ndarray, y_true: np.ndarray) -> float:
    """The share of an amount's variation that a feature explains: by order, or by the mean of each word."""
    if cells.dtype == object:
        codes, words = pd.factorize(cells)
        if not 2 <= len(words) <= len(cells) / _EACH:
            return 0.0
        means = np.bincount(codes, weights=y_true) / np.bincount(codes)
        spread = float(np.var(y_true))
        return 1 - float(np.mean((y_true - means[codes]) ** 2)) / spread if spread > 0 else 0.0
    known = ~np.isnan(cells)
    if 2 * known.sum() < len(cells) or len(np.unique(cells[known])) < _MEASURED:
        return 0.0
    ranks = [pd.Series(values[known]).rank().to_numpy() for values in (cells, y_true)]
    return float(np.corrcoef(*ranks)[0, 1] ** 2) if np.ptp(ranks[1]) else 0.0


def _separated(cells: np.ndarray, y_true: np.ndarray) -> float:
    """The share of the commonest class's mistakes that a feature saves: by word, or by stretches of a number; missing
    cells are one.
    """
    wrong = len(y_true) - np.bincount(y_true).max()
    if not wrong:
        return 0.0
    codes, values = pd.factorize(cells, use_na_sentinel=False)
    if len(values) <= len(cells) / _EACH:
        table = np.zeros((len(values), y_true.max() + 1))
        np.add.at(table, (codes, y_true), 1)
        return 1 - (len(y_true) - table.max(axis=1).sum()) / wrong
    if cells.dtype == object:
        return 0.0
    ordered = y_true[np.argsort(cells, kind="stable")]
    stretches = np.diff(np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1], True]))
    return 1 - stretches[stretches < _EACH].sum() / wrong
