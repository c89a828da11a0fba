"""The rows on which a network is evaluated: what is true, what it and the baselines predict, and the features beside.

The worker makes them (`core.runs.evaluated_run`); the page and the command line compute what they show from them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from core.tables.number_text import NumberText

MOST_ROWS = 10_000  # Of a part; of more a random sample with a fixed seed, which is said.


def evaluated_places(rows: int, most: int = MOST_ROWS) -> np.ndarray:
    """The places of the rows of a part that are evaluated, ascending: all of them, or a random sample."""
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(0).choice(rows, most, replace=False))


def predicted_class_numbers(y_pred: np.ndarray, decision: float) -> np.ndarray:
    """n class numbers as predicted: 1 where an output exceeds `decision`; of (n, classes) outputs the largest."""
    return y_pred.argmax(axis=1) if y_pred.ndim == 2 else (y_pred > decision).astype("int64")


@dataclass(frozen=True)
class EvaluatedTarget:
    """One target in the n rows of one part.

    Attributes:
        target: Its name.
        task: "regression", "binary" or "multiclass".
        classes: Labels in the order of their numbers; () for a regression.
        y_true: n amounts (float64, the target's unit), or n class numbers (int64).
        y_pred: n amounts; n probabilities of the class 1, or margins where `margin`; (n, classes) probabilities or
            scores. float64.
        baselines: Baseline ("mean", "linear model", ...) -> its predictions, of the shape of `y_pred`.
        decision: What `y_pred` of two classes must exceed to be called the class 1.
        margin: Whether `y_pred` are margins or scores of a hinge loss, no probabilities.
    """

    target: str
    task: str
    classes: tuple[str, ...]
    y_true: np.ndarray
    y_pred: np.ndarray
    baselines: dict[str, np.ndarray]
    decision: float = 0.5
    margin: bool = False

    @property
    def y_class(self) -> np.ndarray:
        """n class numbers as predicted: 1 where `y_pred` exceeds `decision`; of many classes the likeliest."""
        return predicted_class_numbers(self.y_pred, self.decision)

    def only(self, some: np.ndarray) -> "EvaluatedTarget":
        """The values of some of the rows: their numbers, or n marks."""
        return replace(
            self,
            y_true=self.y_true[some],
            y_pred=self.y_pred[some],
            baselines={name: values[some] for name, values in self.baselines.items()},
        )


@dataclass(frozen=True)
class EvaluatedPart:
    """The n rows of one part, or a sample of them.

    Attributes:
        positions: Of each row in the table, from 0; those of a validation table follow those of the first table.
        features: n rows of the features as the network's preprocessing reads them: numbers, dates as datetime64, words.
        weights: How much each row counts, float64; None where all count the same.
        targets: Target -> its values.
        rows: How many rows the part has, of which these may be a sample.
        scored: On how many of these the recorded scores are computed: all, or those of a large table that stay in
            memory; None where it is not known.
        groups: n numbers of the groups that the split keeps together; None where it keeps none.
        clocks: Feature -> how its times are written, where the table holds times of day or durations.
    """

    positions: np.ndarray
    features: pd.DataFrame
    weights: np.ndarray | None
    targets: dict[str, EvaluatedTarget]
    rows: int
    groups: np.ndarray | None = None
    scored: int | None = None
    clocks: Mapping[str, NumberText] = field(default_factory=dict)

    @property
    def sampled(self) -> bool:
        """Whether these are a sample of the part's rows."""
        return len(self.positions) < self.rows

    def only(self, some: np.ndarray) -> "EvaluatedPart":
        """Some of the rows, by their numbers or n marks; `rows` still is what the part has."""
        return replace(
            self,
            positions=self.positions[some],
            features=self.features[some] if some.dtype == bool else self.features.iloc[some],
            weights=None if self.weights is None else self.weights[some],
            groups=None if self.groups is None else self.groups[some],
            targets={name: values.only(some) for name, values in self.targets.items()},
        )


@dataclass(frozen=True)
class EvaluatedRows:
    """What a run is evaluated on.

    Attributes:
        epoch: The epoch whose weights predicted.
        parts: "validation" (where there is such a part) and "test" -> its rows.
    """

    epoch: int
    parts: dict[str, EvaluatedPart]
