"""The rows of one fold of a k-fold cross-validation, as scikit-learn deals them; validation rows come from the others.

Folds count from 1. The functions stand on their own: their source text is printed into the Keras program that a person
downloads. scikit-learn is imported where it is used, because the page, which splits too, seldom needs it.
"""

import warnings

import numpy as np

from core.tables.split import in_time_order, split_by_group, split_by_time, split_off


def fold_off(rows: int, labels: np.ndarray | None, folds: int, fold: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The other row positions of 0 to rows - 1, and those of the fold, shuffled by the seed: of `StratifiedKFold` where
    `labels` (one class a row) have a class with a row for each fold, else of `KFold`. Raises ValueError where there are
    fewer rows than folds.
    """
    from sklearn.model_selection import KFold, StratifiedKFold

    if rows < folds:
        raise ValueError(f"{rows} row{'s' * (rows != 1)} can't be split into {folds} folds.")
    if labels is None or np.unique(labels, return_counts=True)[1].max() < folds:
        parts = KFold(folds, shuffle=True, random_state=seed).split(np.zeros(rows))
    else:
        parts = StratifiedKFold(folds, shuffle=True, random_state=seed).split(np.zeros(rows), labels)
    with warnings.catch_warnings():  # Of a class with fewer rows than folds: some folds are without it.
        warnings.simplefilter("ignore")
        return list(parts)[fold - 1]


def split_fold(
    rows: int, labels: np.ndarray | None, validation: float, folds: int, fold: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Row positions of training, validation and test: the fold's rows test, and of the others the share `validation`
    is split off, with `labels` in the same proportions of the classes.
    """
    rest, test = fold_off(rows, labels, folds, fold, seed)
    if not validation:
        return rest, rest[:0], test
    train, held = split_off(len(rest), None if labels is None else np.asarray(labels)[rest], validation, seed)
    return rest[train], rest[held], test


def split_fold_by_time(
    moments: np.ndarray, validation: float, folds: int, fold: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The fold of `TimeSeriesSplit` tests, all rows before it train, the latest of these validate, and later rows are
    left out. Raises ValueError where there are not more rows than folds.
    """
    from sklearn.model_selection import TimeSeriesSplit

    order = in_time_order(moments)
    if len(order) <= folds:
        rows = f"{len(order)} row{'s' * (len(order) != 1)}"
        raise ValueError(f"{rows} can't be split into {folds} folds by time: at least {folds + 1} are needed.")
    earlier, test = (order[at] for at in list(TimeSeriesSplit(folds).split(order))[fold - 1])
    if not validation:
        return earlier, earlier[:0], test
    if len(earlier) < 2:
        raise ValueError(
            "Fold 1 has only one row before it, and at least 2 are needed, one each to train and validate."
        )
    train, _, held = split_by_time(moments[earlier], 0.0, validation)
    return earlier[train], earlier[held], test


def split_fold_by_group(
    groups: np.ndarray, validation: float, folds: int, fold: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The fold of `GroupKFold`, shuffled by the seed, tests; of the other groups some are drawn to validate. All rows
    of a group fall into the same part. Raises ValueError where there are too few groups.
    """
    from sklearn.model_selection import GroupKFold

    groups = np.asarray(groups, dtype=str)
    found = len(np.unique(groups))
    if found < folds:
        there = "is 1 group" if found == 1 else f"are {found} groups"
        raise ValueError(f"There {there}, which can't be split into {folds} folds.")
    parts = GroupKFold(folds, shuffle=True, random_state=seed).split(np.zeros(len(groups)), groups=groups)
    rest, test = list(parts)[fold - 1]
    if not validation:
        return rest, rest[:0], test
    if len(np.unique(groups[rest])) < 2:
        raise ValueError(
            "Only one group is left outside the fold, and at least 2 are needed, one each to train and validate."
        )
    train, _, held = split_by_group(groups[rest], 0.0, validation, seed)
    return rest[train], rest[held], test
