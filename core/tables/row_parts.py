"""Which rows of a table train, validate and test, as an experiment's split says."""

from collections.abc import Callable

import numpy as np

from core.experiment.spec import Split
from core.tables.errors import ColumnError, TableError, column_errors
from core.tables.folds import fold_off, split_fold, split_fold_by_group, split_fold_by_time
from core.tables.split import split_by_column, split_by_group, split_by_time, split_off, split_rows

Parts = tuple[np.ndarray, np.ndarray, np.ndarray]


def deal(split: Split, rows: int, labels: np.ndarray | None, cells: Callable[[], np.ndarray]) -> Parts:
    """Row positions of training, validation and test; of a refit the validation rows are the last training rows.

    `cells` gives what the split's column holds: moments for a split by time, else words.
    """
    train, validation, test = _deal(split, rows, labels, cells)
    return (np.concatenate([train, validation]), validation[:0], test) if split.refit else (train, validation, test)


def _deal(split: Split, rows: int, labels: np.ndarray | None, cells: Callable[[], np.ndarray]) -> Parts:
    if split.method in ("random", "table"):
        return _at_random(split, rows, labels)
    with column_errors(str(split.column), f"read to split by {split.method}"):
        values = cells()
    try:
        return _by_cells(split, values)
    except ValueError as error:
        says = f"The rows cannot be split by {split.column!r}. {error} Choose another column or a random split."
        raise ColumnError(str(split.column), says) from None


def _at_random(split: Split, rows: int, labels: np.ndarray | None) -> Parts:
    """Of a split with a second table no row of the first one validates."""
    second = split.method == "table"
    if split.folds and split.fold:
        try:
            if not second:
                return split_fold(rows, labels, split.validation_of_rest, split.folds, split.fold, split.seed)
            train, test = fold_off(rows, labels, split.folds, split.fold, split.seed)
        except ValueError as error:
            raise TableError(f"{error} Choose fewer folds or a larger table.") from None
        return train, train[:0], test
    if second:
        train, test = split_off(rows, labels, split.test, split.seed)
        return train, np.zeros(0, int), test
    return split_rows(rows, labels, split.train, split.validation, split.test, split.seed)


def _by_cells(split: Split, values: np.ndarray) -> Parts:
    if split.folds and split.fold:
        if split.method == "time":
            return split_fold_by_time(values, split.validation_of_rest, split.folds, split.fold)
        return split_fold_by_group(values, split.validation_of_rest, split.folds, split.fold, split.seed)
    if split.method == "time":
        return split_by_time(values, split.validation, split.test)
    if split.method == "group":
        return split_by_group(values, split.validation, split.test, split.seed)
    return split_by_column(values)
