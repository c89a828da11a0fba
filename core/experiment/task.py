"""What is asked of the network: the task follows from the target, the table and nothing else."""

from dataclasses import dataclass
from typing import Literal

from core.experiment.columns import TableProfile
from core.experiment.kinds import KINDS
from core.experiment.spec import Experiment

MOST_CLASSES = 1000


@dataclass(frozen=True)
class Task:
    """A question to the network.

    Attributes:
        kind: "regression" (an amount), "binary" (one of two) or "multiclass" (one of several).
        target: The column to be predicted.
        classes: How many classes it has; 0 for a regression.
    """

    kind: Literal["regression", "binary", "multiclass"]
    target: str
    classes: int = 0

    @property
    def units(self) -> int:
        """Units of the output layer."""
        return self.classes if self.kind == "multiclass" else 1


@dataclass(frozen=True)
class Situation:
    """What checks and shapes need to know besides the experiment.

    Attributes:
        profile: The table in outline.
        task: What is asked, or None while the target cannot be predicted.
        inputs: Columns of the network's input matrix after preprocessing, or None while there is no usable feature.
        rows: Numbers of training, validation and test rows with a known target.
        trouble: Why the table cannot be made ready for a training, a sentence; "" when it can.
    """

    profile: TableProfile
    task: Task | None
    inputs: int | None = None
    rows: tuple[int, int, int] = (0, 0, 0)
    trouble: str = ""


def target_kind(experiment: Experiment, profile: TableProfile) -> str | None:
    """The kind the target is read as: as chosen, or as guessed; None when it cannot be predicted."""
    if len(experiment.data.targets) != 1:
        return None
    target = experiment.data.targets[0]
    column = profile.column(target)
    if column is None or column.target_kind is None:
        return None
    return experiment.data.target_kinds.get(target, column.target_kind)


def task_of(experiment: Experiment, profile: TableProfile) -> Task | None:
    """The task, or None when the target is absent, unknown or not predictable (the checks say why)."""
    kind = target_kind(experiment, profile)
    if kind is None or KINDS[kind].as_target is None:
        return None
    target = experiment.data.targets[0]
    column = profile.column(target)
    assert column is not None
    if KINDS[kind].as_target == "regression":
        return Task("regression", target) if column.low is not None else None
    if not 2 <= column.distinct <= MOST_CLASSES:
        return None
    return Task("binary" if column.distinct == 2 else "multiclass", target, column.distinct)
