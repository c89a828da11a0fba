"""What is asked of the network: the task follows from the target, the table and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from core.catalog.kinds import KINDS
from core.experiment.columns import TableProfile
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
class Giveaway:
    """A feature that alone tells a target, so well that it may have been written down after it.

    Attributes:
        share: Of the target's variation, or of the guesses that the commonest class gets wrong, what the feature alone
            explains, 0 to 1.
    """

    feature: str
    target: str
    share: float


@dataclass(frozen=True)
class CutWords:
    """Words of a feature that the network does not know, because more are found in the training rows than are kept.

    Attributes:
        kept: Words that are known.
        words: Different words of the training rows, those that are known among them.
        share: Of the training rows that hold a word that is not known, 0 to 1.
    """

    kept: int
    words: int
    share: float


@dataclass(frozen=True)
class Situation:
    """What checks and shapes need to know besides the experiment.

    Attributes:
        profile: The table in outline.
        tasks: What is asked, one for each target; () while one of them cannot be predicted.
        inputs: Columns of the network's input matrix after preprocessing, or None while there is no usable feature.
        rows: Numbers of training, validation and test rows with known targets.
        words: For each feature of words, how many are known: so many of the inputs are theirs.
        giveaways: Features that each tell a target alone.
        streamed: Whether the table is beyond the memory budget, so that its training rows are read block by block.
        trouble: Why the table cannot be made ready for a training, a sentence; "" when it can.
        columns: What went wrong with single columns: name -> a sentence.
        zeros: Target of amounts -> how many of its known values are 0.
        offsets: Target of amounts whose differences float32 would lose -> the mean of its training rows, which can be
            taken away first.
        cut: Feature of words -> what of it is not known to the network.
        names: What the first of the inputs are, in their order, as many as a drawing names; embedded: the same where
            words are embedded, without what the vectors are.
        outputs: What the first of the outputs stand for, in the order of the targets: of many classes each, of two the
            second one, else the target.
        bfloat16: What of the machine multiplies bfloat16 faster than float32 (`core.hardware`), or "".
    """

    profile: TableProfile
    tasks: tuple[Task, ...] = ()
    inputs: int | None = None
    rows: tuple[int, int, int] = (0, 0, 0)
    trouble: str = ""
    words: tuple[int, ...] = ()
    streamed: bool = False
    giveaways: tuple[Giveaway, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    zeros: Mapping[str, int] = field(default_factory=dict)
    offsets: Mapping[str, float] = field(default_factory=dict)
    cut: Mapping[str, CutWords] = field(default_factory=dict)
    bfloat16: str = ""
    names: tuple[str, ...] = ()
    embedded: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()

    @property
    def validated(self) -> bool:
        """Whether there are validation rows; True while the rows are not dealt."""
        return self.rows[1] > 0 or not self.rows[0]

    @property
    def task(self) -> Task | None:
        """What is asked, of several targets the first; None while one cannot be predicted."""
        return self.tasks[0] if self.tasks else None


def target_kind(experiment: Experiment, profile: TableProfile, target: str) -> str | None:
    """The kind a target is read as: as chosen, or as guessed; None when it cannot be predicted."""
    column = profile.column(target)
    if column is None or column.target_kind is None:
        return None
    return experiment.data.target_kinds.get(target, column.target_kind)


def predictable(experiment: Experiment, profile: TableProfile) -> list[Task]:
    """A task for each target that can be predicted."""
    return [task for target in experiment.data.targets if (task := _task(experiment, profile, target))]


def tasks_of(experiment: Experiment, profile: TableProfile) -> tuple[Task, ...]:
    """A task for each target; () when one is absent, unknown or not predictable (the checks say why)."""
    found = tuple(predictable(experiment, profile))
    return found if len(found) == len(experiment.data.targets) else ()


def _task(experiment: Experiment, profile: TableProfile, target: str) -> Task | None:
    kind, column = target_kind(experiment, profile, target), profile.column(target)
    if kind is None or KINDS[kind].as_target is None:
        return None
    assert column is not None
    if KINDS[kind].as_target == "regression":
        return Task("regression", target) if column.low is not None else None
    if not 2 <= column.distinct <= MOST_CLASSES:
        return None
    return Task("binary" if column.distinct == 2 else "multiclass", target, column.distinct)
