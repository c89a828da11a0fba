"""Contributions of features to a prediction: Shapley values against background rows (Shapley 1953; Strumbelj and
Kononenko 2014; Lundberg and Lee 2017, "interventional").

A coalition's value is the mean prediction of the background rows with the coalition's features set to the row's. The
contributions of a row add up to its prediction less the mean prediction of the background rows, the base value.
"""

from dataclasses import dataclass
from math import factorial

import numpy as np

from core.evaluation.raw_features import Outputs, Predict, RawFeatures, picked_rows, row_count, tiled

MOST_EXACT = 10  # Features; beyond, permutations are sampled.


@dataclass(frozen=True)
class Contributions:
    """Of n rows to one target.

    Attributes:
        base: (outputs,) the mean prediction of the background rows.
        values: (n, features, outputs) in the unit of the prediction.
        error: (n, features, outputs) standard errors of `values`; 0 where they are exact.
        rows: How many background rows there are.
    """

    base: np.ndarray
    values: np.ndarray
    error: np.ndarray
    rows: int


def exact_contributions(predict: Predict, raw: RawFeatures, background: RawFeatures) -> dict[str, Contributions]:
    """Target -> the contributions to it, over all 2^features coalitions: a call of 2^features x background rows for
    each row.
    """
    names = list(raw)
    count, size = len(names), row_count(background)
    member = (np.arange(2**count)[:, None] >> np.arange(count)) & 1 == 1
    sizes = member.sum(axis=1)
    weight = np.array([factorial(s) * factorial(count - s - 1) / factorial(count) for s in range(count)])
    together, found = tiled(background, 2**count), []
    inside = np.repeat(member, size, axis=0)
    for row in range(row_count(raw)):
        mixed = {name: np.where(inside[:, at], raw[name][row], together[name]) for at, name in enumerate(names)}
        found.append(
            {target: values.reshape(2**count, size, -1).mean(axis=1) for target, values in predict(mixed).items()}
        )
    told = {}
    for target in found[0]:
        values = np.array([worth[target] for worth in found])  # (rows, coalitions, outputs)
        parts = []
        for at in range(count):
            without = np.flatnonzero(~member[:, at])
            gain = values[:, without | (1 << at)] - values[:, without]
            parts.append(np.einsum("c,nco->no", weight[sizes[without]], gain))
        contributions = np.stack(parts, axis=1)
        told[target] = Contributions(values[0, 0], contributions, np.zeros_like(contributions), size)
    return told


def feature_orders(features: int, rows: int, seed: int = 0) -> np.ndarray:
    """(rows, features) an order of the features for each background row, by which contributions are sampled."""
    draw = np.random.default_rng(seed)
    return np.array([draw.permutation(features) for _ in range(rows)])


def sampled_contributions(
    predict: Predict, raw: RawFeatures, background: RawFeatures, seed: int = 0
) -> dict[str, Contributions]:
    """Target -> the contributions to it, from one order of the features and its reverse (antithetic) for each
    background row: a call of (2 features - 1) x background rows for each row.

    The contributions add up to the prediction less the base value whatever the orders are; their standard error is
    that of the mean over the background rows.
    """
    names = list(raw)
    count, size = len(names), row_count(background)
    orders = feature_orders(count, size, seed)
    place = np.argsort(orders, axis=1)  # (size, count): of each feature in the order.
    steps = np.arange(1, count)
    # From the front the first s features of the order are the row's, from the back the last s.
    front = place[:, None, :] < steps[:, None]
    back = place[:, None, :] >= count - steps[:, None]
    inside = np.concatenate([front, back], axis=1).reshape(-1, count)  # (size x 2 (count - 1), count)
    which = np.repeat(np.arange(size), 2 * (count - 1))
    together, first = picked_rows(background, which), predict(background)
    last, found = predict(raw), []
    for row in range(row_count(raw)):
        mixed = {name: np.where(inside[:, at], raw[name][row], together[name]) for at, name in enumerate(names)}
        inner = predict(mixed) if len(which) else {target: values[:0] for target, values in first.items()}
        found.append({target: _along(inner[target], first[target], last[target][row], orders) for target in inner})
    told = {}
    for target in first:
        each = np.array([gains[target] for gains in found])  # (rows, size, features, outputs)
        spread = each.std(axis=1, ddof=1) if size > 1 else np.full(each[:, 0].shape, np.nan)
        told[target] = Contributions(first[target].mean(axis=0), each.mean(axis=1), spread / np.sqrt(size), size)
    return told


def _along(inner: np.ndarray, first: np.ndarray, last: np.ndarray, orders: np.ndarray) -> np.ndarray:
    """(background rows, features, outputs): what each feature adds in its order, in the mean of that and the reverse.

    Args:
        inner: Predictions between the ends, from the front and then from the back, by background row.
        first: Of the background rows. last: (outputs,) of the row.
    """
    size, count = orders.shape
    between = inner.reshape(size, 2, count - 1, first.shape[-1])
    start = np.broadcast_to(first[:, None, None], (size, 2, 1, first.shape[-1]))
    paths = np.concatenate([start, between, np.broadcast_to(last, start.shape)], axis=2)
    gains = np.diff(paths, axis=2)
    told = np.zeros((size, count, first.shape[-1]))
    rows = np.arange(size)[:, None]
    told[rows, orders] += gains[:, 0] / 2
    told[rows, orders[:, ::-1]] += gains[:, 1] / 2
    return told


def outputs_added(contributions: dict[str, Contributions]) -> Outputs:
    """Target -> (n, outputs): base value plus all contributions, which is the prediction."""
    return {target: of.base + of.values.sum(axis=1) for target, of in contributions.items()}
