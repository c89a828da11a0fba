"""Permutation importance: how much worse a score becomes when a feature's values are shuffled among the rows.

Breiman 2001, as `sklearn.inspection.permutation_importance` computes it. What is shuffled is the raw column, so that
all one-hot columns of a category, and all parts of a date, move together.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from core.evaluation.raw_features import Outputs, Predict, RawFeatures, row_count, tiled
from core.experiment.counts import count


def permutations(rows: int, repeats: int, seed: int = 0) -> np.ndarray:
    """(repeats, rows) orders of the rows for every feature: those of scikit-learn for `random_state=seed`."""
    draw = np.random.RandomState(np.random.RandomState(seed).randint(np.iinfo(np.int32).max + 1))
    shuffled, order, orders = np.arange(rows), np.arange(rows), []
    for _ in range(repeats):
        draw.shuffle(order)
        shuffled = shuffled[order]  # There, too, each repeat shuffles what the one before left.
        orders.append(shuffled)
    return np.array(orders)


def permutation_importance(
    predict: Predict,
    raw: RawFeatures,
    score: Callable[[Outputs], float],
    features: Sequence[str],
    repeats: int = 5,
    seed: int = 0,
) -> dict[str, np.ndarray]:
    """Feature -> `repeats` scores of the rows with that feature shuffled.

    All repeats of a feature are predicted in one call.
    """
    rows, together, shuffled = row_count(raw), tiled(raw, repeats), {}
    orders = permutations(rows, repeats, seed).ravel()
    for feature in features:
        outputs = predict(together | {feature: raw[feature][orders]})
        shuffled[feature] = np.array(
            [
                score({target: values[at * rows : (at + 1) * rows] for target, values in outputs.items()})
                for at in range(repeats)
            ]
        )
    return shuffled


def importance_sentence(importance: Mapping[str, Any], title: str) -> str:
    """What the importance of features is, in words.

    Args:
        importance: As `core.runs.importance_section.feature_importance` has it.
        title: Of the score, within a sentence.
    """
    rows = count(importance["rows"], "test row")
    sample = f", a random sample of {importance['of']:,}" if importance["rows"] < importance["of"] else ""
    weighted = " This score does not use the sample weights." if importance["weighted"] is False else ""
    return (
        f"How much worse {title} becomes when a feature's values are shuffled among the {rows}{sample}: mean and "
        f"standard deviation of {importance['repeats']} shuffles.{weighted}"
    )
