"""Which rows train the network, which watch over it, and which judge it.

`split_rows` stands on its own: its source text is printed into the Keras program that a person downloads. It is a dozen lines of
NumPy and not scikit-learn's `train_test_split`, because the page splits too and must not wait for that import, and because this
one needs no exception for rare classes.
"""

import numpy as np


def split_rows(
    rows: int, labels: np.ndarray | None, train: float, validation: float, test: float, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shuffle the row positions 0 to rows - 1 into three parts: training, validation and test.

    The shares sum to 1; each part gets at least one row, and what rounding leaves over goes to training.
    With `labels` (one class a row) each part holds the classes in the same proportions, to a row: the rows are laid out class by
    class, shuffled within each, and test and validation rows are taken at even distances (systematic sampling).
    """
    if rows < 3:
        raise ValueError(f"{rows} rows can't be split into training, validation and test: at least 3 are needed.")
    if abs(train + validation + test - 1) > 1e-6:
        raise ValueError(f"The shares must sum to 1, but {train} + {validation} + {test} = {train + validation + test:g}.")

    # 1e-9, because 0.29 * 100 is 28.999999999999996
    test_size = min(max(1, int(rows * test + 1e-9)), rows - 2)
    validation_size = min(max(1, int(rows * validation + 1e-9)), rows - test_size - 1)

    random = np.random.default_rng(seed)
    order = random.permutation(rows)
    if labels is not None:
        order = order[np.argsort(np.asarray(labels)[order], kind="stable")]
    parts = []
    for size in (test_size, validation_size):
        taken = ((np.arange(size) + random.random()) * len(order) / size).astype(int)
        parts.append(random.permutation(order[taken]))
        order = np.delete(order, taken)
    return random.permutation(order), parts[1], parts[0]
