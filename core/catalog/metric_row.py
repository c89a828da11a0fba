"""What a metric of Keras is to the app: for which tasks, how it is called and read, and which exact score it has."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.catalog.fields import Row


@dataclass(frozen=True)
class MetricRow(Row):
    """A metric.

    Attributes:
        short: Its name in logs and history ("mae").
        tasks: The tasks it suits.
        target: How it reads the target, as a loss does; () for any.
        power: 1 when it is in the target's unit, 2 in its square, 0 for a number without unit.
        share: Whether it is a share of 1, shown as a percentage.
        larger: Whether larger is better.
        probability: Whether it needs probabilities (not logits or margins).
        positive: Whether it is no number when a prediction is below 0.
        fixed: Arguments that a task needs and no one chooses.
        exact: The function of the final scores: of `sklearn.metrics` ("metrics.mean_absolute_error") or of
            `core.evaluation.scores`. "" for a
            metric of a plug-in: then Keras's own class scores all predictions at once.
        macro: Whether the final score of many classes is the plain mean over the classes.
        in_deviations: Whether the final score is taken of errors in deviations of the target, as its loss is.
        running: What Keras's running value in the curves is, where that is something else than the final score.
        shift_invariant: Whether it stays the same when the same number is added to `y_true` and `y_pred`.
    """

    module: str = "keras.metrics"
    short: str = ""
    tasks: tuple[str, ...] = ("regression",)
    target: tuple[str, ...] = ()
    power: int = 0
    share: bool = False
    larger: bool = False
    probability: bool = False
    positive: bool = False
    fixed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    exact: str = ""
    macro: bool = False
    in_deviations: bool = False
    running: str = ""
    shift_invariant: bool = False
