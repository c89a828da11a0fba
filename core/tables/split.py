"""Which rows train the network, which watch over it, and which judge it.

The functions stand on their own: their source text is printed into the Keras program that a person downloads. They are
a few lines of NumPy and not scikit-learn's, because the page splits too and must not wait for that import, and because
`split_rows` needs no exception for rare classes.
"""

import numpy as np


def part_sizes(rows: int, validation: float, test: float) -> tuple[int, int]:
    """How many of the rows validate (none where that share is 0) and how many test: each at least one, and one is left
    to train.
    """
    others = 2 if validation else 1
    test_size = min(max(1, int(rows * test + 1e-9)), rows - others)  # 1e-9, because 0.29 * 100 is 28.999999999999996
    if not validation:
        return 0, test_size
    return min(max(1, int(rows * validation + 1e-9)), rows - test_size - 1), test_size


def split_rows(
    rows: int, labels: np.ndarray | None, train: float, validation: float, test: float, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shuffle the row positions 0 to rows - 1 into three parts: training, validation and test.

    The shares sum to 1; each part gets at least one row, but a validation share of 0 leaves no such rows; what rounding
    leaves over goes to training. The test rows are drawn first: they do not depend on the validation share. With
    `labels` (one class a row) each part holds the classes in the same proportions, to a row: the rows are laid out
    class by class, shuffled within each, and test and validation rows are taken at even distances (systematic
    sampling).
    """
    least, names = (3, "training, validation and test") if validation else (2, "training and test")
    if rows < least:
        raise ValueError(f"{rows} row{'s' * (rows != 1)} can't be split into {names}: at least {least} are needed.")
    if abs(train + validation + test - 1) > 1e-6:
        raise ValueError(
            f"The shares must sum to 1, but {train} + {validation} + {test} = {train + validation + test:g}."
        )

    validation_size, test_size = part_sizes(rows, validation, test)
    random = np.random.default_rng(seed)
    order = random.permutation(rows)
    if labels is not None:
        order = order[np.argsort(np.asarray(labels)[order], kind="stable")]
    parts = []
    for size in (test_size, validation_size):
        taken = ((np.arange(size) + random.random()) * len(order) / max(1, size)).astype(int)
        parts.append(random.permutation(order[taken]))
        order = np.delete(order, taken)
    return random.permutation(order), parts[1], parts[0]


def split_off(rows: int, labels: np.ndarray | None, test: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Shuffle the row positions 0 to rows - 1 into training and test, with `labels` in the same proportions of the
    classes.
    """
    if rows < 2:
        raise ValueError(f"{rows} row{'s' * (rows != 1)} can't be split into training and test: at least 2 are needed.")
    size = min(max(1, int(rows * test + 1e-9)), rows - 1)
    random = np.random.default_rng(seed)
    order = random.permutation(rows)
    if labels is not None:
        order = order[np.argsort(np.asarray(labels)[order], kind="stable")]
    taken = ((np.arange(size) + random.random()) * rows / size).astype(int)
    held = random.permutation(order[taken])
    return random.permutation(np.delete(order, taken)), held


def in_time_order(moments: np.ndarray) -> np.ndarray:
    """Row positions, the earliest first. Raises ValueError where a moment is NaN."""
    if np.isnan(moments).any():
        unknown = int(np.isnan(moments).sum())
        rows = "1 row has" if unknown == 1 else f"{unknown:,} rows have"
        raise ValueError(f"{rows} no time, so it is not known what comes before and what after.")
    return np.argsort(moments, kind="stable")


def split_by_time(moments: np.ndarray, validation: float, test: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The earliest rows train, those after them validate, and the latest test: as the network will be used, on what
    comes later.
    """
    order = in_time_order(moments)
    validation_size, test_size = part_sizes(len(order), validation, test)
    last = len(order) - test_size
    return order[: last - validation_size], order[last - validation_size : last], order[last:]


def split_by_group(
    groups: np.ndarray, validation: float, test: float, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All rows of a group fall into the same part; groups are drawn in a random order until test and validation have
    their share.
    """
    names, number = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    least, each = (3, "train, validate and test") if validation else (2, "train and test")
    if len(names) < least:
        found = "is 1 group" if len(names) == 1 else f"are {len(names)} groups"
        raise ValueError(f"There {found}; at least {least} are needed, one each to {each}.")
    sizes, order = np.bincount(number), np.random.default_rng(seed).permutation(len(names))
    validation_size, test_size = part_sizes(len(number), validation, test)
    part, taken, left = np.zeros(len(names), int), 0, len(names)
    for which, wanted in ((2, test_size), (1, validation_size))[: least - 1]:
        had, kept = 0, which if validation else 1  # `kept`: so many groups are left for the other parts.
        while had == 0 or (had + sizes[order[taken]] / 2 <= wanted and left > kept):
            part[order[taken]] = which
            had, taken, left = had + sizes[order[taken]], taken + 1, left - 1
    rows = part[number]
    return np.flatnonzero(rows == 0), np.flatnonzero(rows == 1), np.flatnonzero(rows == 2)


def split_by_column(words: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A column says which part a row belongs to: train or training, validation, val or valid, test, testing or holdout.

    No row need say validation.
    """
    names = {
        "train": 0,
        "training": 0,
        "validation": 1,
        "val": 1,
        "valid": 1,
        "dev": 1,
        "test": 2,
        "testing": 2,
        "holdout": 2,
    }
    rows = np.array([names.get(str(word).strip().lower(), 3) for word in words])
    parts = tuple(np.flatnonzero(rows == part) for part in range(3))
    missing = [name for name, part in (("train", parts[0]), ("test", parts[2])) if not len(part)]
    if missing:
        raise ValueError(f"No row says {' or '.join(missing)}; train and test need at least one each.")
    return parts[0], parts[1], parts[2]
