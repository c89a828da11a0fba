"""Which rows and columns an experiment learns from, how its file is read, and how the rows are split."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from core.catalog.kinds import KINDS
from core.catalog.scalings import SCALINGS
from core.experiment.preparation import DEFAULT, Preparation
from core.experiment.reading import TableReading
from core.experiment.values import (
    MOST_COLUMNS,
    ClassName,
    ColumnName,
    KindName,
    ScalingName,
    Seed,
    Share,
    TableName,
    Value,
    at_most,
    unknown_name,
    value_error,
)

MOST_TARGETS = 1_000
MOST_PAIRS = 100
MOST_FOLDS = 100
NO_FOLDS = "A column says which rows are the test rows, so there are no folds of them."
Folds = Annotated[int, Field(ge=2, le=MOST_FOLDS, strict=True)]


class Split(Value):
    """How rows are dealt into training, validation and test.

    Attributes:
        method: "random" (shuffled by the seed and, for classes, stratified), "time" (the latest test), "group" (all
            rows of a group
            in one part), "column" (its words say the part) or "table" (validation rows come from a second table; of the
            first one the share `test` is held out as a random split does it, and the rest trains).
        column: That of the moments, groups or words; None for a random split.
        table: The second table, named as `Data.table` is; None but for the method "table".
        train, validation, test: Shares of the rows. With a validation share of 0 there are no validation rows.
        refit: Whether the validation rows join the training rows, so that there are none: for a last training once the
            number of epochs is chosen. The test rows are those of the same split without it.
        folds, fold: Of a k-fold cross-validation how many folds there are, and which of them tests, from 1; else None.
            `test` has no effect then: the others are dealt into `train` and `validation` in proportion.
    """

    method: Literal["random", "time", "group", "column", "table"] = "random"
    column: ColumnName | None = None
    table: TableName | None = None
    train: Share = 0.7
    validation: Annotated[float, Field(ge=0, lt=1)] = 0.15
    test: Share = 0.15
    seed: Seed = 0
    refit: bool = Field(False, strict=True)
    folds: Folds | None = None
    fold: Annotated[int, Field(ge=1, le=MOST_FOLDS, strict=True)] | None = None

    @property
    def validation_of_rest(self) -> float:
        """The share of validation rows among those that do not test."""
        return self.validation / (self.train + self.validation)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        total = self.train + self.validation + self.test
        if abs(total - 1) > 1e-6:
            raise value_error(f"the shares add up to {total:g}, expected 1 (for instance 0.7, 0.15 and 0.15).")
        if self.method == "table" and self.table is None:
            raise value_error("the method 'table' needs a table of validation rows.", "table")
        if self.method not in ("random", "table") and self.column is None:
            raise value_error(f"the method {self.method!r} needs a column.", "column")
        if self.folds is None and self.fold is None:
            return self
        if self.folds is None or self.fold is None:
            raise value_error("folds and fold must be given together.", "fold" if self.fold is None else "folds")
        if self.fold > self.folds:
            raise value_error(f"got {self.fold}, expected at most {self.folds}, the number of folds.", "fold")
        if self.method == "column":
            raise value_error(f"{NO_FOLDS} Choose another method.", "folds")
        return self


class Data(Value):
    """Which rows, which column is predicted, from which columns.

    Attributes:
        table: `sample:NAME`, `file:SHA256`, or a path (headless only).
        targets: The columns to be predicted; several share the stack, and each has an output layer of its own.
        features: Column -> kind, in the order of the network's inputs.
        target_kinds: Kinds of targets where they differ from the guess.
        positive: Target of two classes -> the positive one, whose probability the network gives. Where none is named it
            is the last in order (numbers by size, words by the alphabet); a word that is no class has no effect.
        weight: The column that says how much each row counts; None when all count the same.
        scaling: Kind -> how its columns are scaled; "standard" for those that are not named.
        preparation: Column -> how it becomes numbers, where that differs from what its kind does.
        pairs: Two features that also make a feature together: of two dates the days from the second to the first, of
            two columns of words their cross. A pair of other columns has no effect.
        reading: How the table's file is read, where a person decided it.
    """

    table: TableName
    targets: Annotated[tuple[ColumnName, ...], at_most(MOST_TARGETS)] = ()
    features: Annotated[dict[ColumnName, KindName], at_most(MOST_COLUMNS)] = {}
    target_kinds: Annotated[dict[ColumnName, KindName], at_most(MOST_COLUMNS)] = {}
    positive: Annotated[dict[ColumnName, ClassName], at_most(MOST_TARGETS)] = {}
    weight: ColumnName | None = None
    scaling: Annotated[dict[ColumnName, ScalingName], at_most(len(KINDS))] = {}
    preparation: Annotated[dict[ColumnName, Preparation], at_most(MOST_COLUMNS)] = {}
    pairs: Annotated[tuple[tuple[ColumnName, ColumnName], ...], at_most(2 * MOST_PAIRS)] = ()
    split: Split = Split()
    reading: TableReading = TableReading()

    def preparation_of(self, column: str) -> Preparation:
        """How a column becomes numbers; the default where nothing is said of it."""
        return self.preparation.get(column, DEFAULT)

    def pairs_of(self, *kinds: str) -> tuple[tuple[str, str], ...]:
        """The pairs of two different features that both have one of the kinds, each pair once."""
        usable = [
            (first, second)
            for first, second in self.pairs
            if first != second and self.features.get(first) in kinds and self.features.get(second) in kinds
        ]
        return tuple(dict.fromkeys(usable))

    @model_validator(mode="after")
    def _numbers_are_scaled(self) -> Self:
        scaled = [name for name, row in KINDS.items() if row.scaled]
        for kind, name in self.scaling.items():
            if kind not in scaled:
                raise unknown_name(kind, scaled, f"scaling.{kind}")
            if kind not in SCALINGS[name].kinds:
                allowed = [other for other, row in SCALINGS.items() if kind in row.kinds]
                raise unknown_name(name, allowed, f"scaling.{kind}")
        return self
