"""The test rows on which the predictions of several runs differ most, as the worker finds them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from core.evaluation.evaluated_rows import predicted_class_numbers
from core.evaluation.row_table import ROW, amount_decimals
from core.runs.mlflow_store import Store
from core.runs.shared_test_rows import TestedTarget, shared_positions, shared_test_rows
from core.tables.situation import Tables

MOST_DIFFERENT = 100
DIFFERENCE = "difference"


def prediction_differences(
    store: Store, tables: Tables, workspace: Path, runs: Sequence[str], most: int = MOST_DIFFERENT
) -> list[tuple[str, pd.DataFrame]]:
    """(target, its rows) for each target that several runs predict: the shared test rows on which they differ most.

    Columns: "row" (its number in the table, from 1), "actual T", a column for each run by its id, "difference" of the
    two predictions that are farthest apart (of probabilities the largest of a class), and the features of the first
    run. A prediction is an amount, rounded to four digits of what varies, or a class with its probability: "yes
    (0.83)". Raises StoreBroken.
    """
    found = []
    for group in shared_test_rows(store, tables, workspace, runs)[0]:
        positions = shared_positions(group)
        if len(positions):
            found.append((group[0].head.task.target, _most_different(group, positions, tables, most)))
    return found


def _most_different(group: list[TestedTarget], positions: np.ndarray, tables: Tables, most: int) -> pd.DataFrame:
    tested = [one.only(positions) for one in group]
    first, outputs = tested[0], np.array([one.predicted for one in tested])
    apart = np.ptp(outputs, axis=0).max(axis=1)
    order = np.argsort(-apart, kind="stable")[:most]
    target, labels = first.head.task.target, np.array(first.classes, dtype=object)
    actual = labels[first.y_true[order]] if len(labels) else first.y_true[order]
    columns = {ROW: positions[order] + 1, f"actual {target}": actual}
    columns |= {one.run: _in_words(one, order) for one in tested} | {DIFFERENCE: apart[order]}
    told = pd.DataFrame(columns)
    decimals = 4 if len(labels) else amount_decimals(first.y_true)
    told = told.round(dict.fromkeys([*(one.run for one in tested if not len(labels)), DIFFERENCE], decimals))
    prepared = tables.prepared(first.whole)
    at = np.searchsorted(prepared.rows, positions[order])
    features = pd.DataFrame(
        {
            name: pd.to_datetime(pd.Series(values[at]), unit="D", errors="coerce").dt.round("s")
            if prepared.kinds[name] == "date"
            else values[at]
            for name, values in prepared.raw.items()
        }
    )
    taken = {name: f"{name} (feature)" for name in features if name in told}
    return pd.concat([told, features.rename(columns=taken)], axis=1)


def _in_words(tested: TestedTarget, order: np.ndarray) -> np.ndarray:
    """The predictions of some rows: amounts, or classes with their probabilities."""
    predicted = tested.predicted[order]
    if not tested.classes:
        return predicted[:, 0]
    alone = predicted if tested.head.task.kind == "multiclass" else predicted[:, 0]
    numbers = predicted_class_numbers(alone, tested.decision)
    if tested.head.task.kind == "multiclass":
        of_class = predicted[np.arange(len(numbers)), numbers]
    else:
        whole = 0.0 if tested.experiment.compile.single_loss.row.margin else 1.0
        of_class = np.where(numbers == 1, alone, whole - alone)
    labels = [tested.classes[number] for number in numbers]
    words = [f"{label} ({value:.2f})" for label, value in zip(labels, of_class, strict=True)]
    return np.array(words, dtype=object)
