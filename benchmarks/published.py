"""Official train/test splits of published tables: the page's default experiment beside scikit-learn's MLP, as mean and
standard error.

python -m benchmarks published [--tables FOLDER] [--splits 5]

Without a folder it is the concrete table that is shipped. Tables that may lie in the folder:
    NAME/data.txt, index_features.txt, index_target.txt, index_train_N.txt, index_test_N.txt (or all of them in
    NAME/data/):
        the UCI regression splits of Hernandez-Lobato and Adams (2015), "Probabilistic Backpropagation for Scalable
        Learning of Bayesian Neural Networks", arXiv:1502.05336
    NAME.csv, whose last column is the target; with a column of the words train and test (and validation), which is its
    one
        split, or without: 20 random splits of 90 % and 10 %, as in the paper

Of the training rows a part validates: it ends the training early and so chooses the number of epochs. Then all training
rows train once more, for that number of epochs (`core.experiment.refit`). Both networks are judged on the test rows,
which chose nothing.
"""

import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.neural_network import MLPClassifier, MLPRegressor

from core.experiment.refit import refit
from core.experiment.spec import Data, Experiment
from core.experiment.task import Task, tasks_of
from core.experiment.templates import starting_experiment
from core.model.matrices import TableMatrices
from core.tables.errors import TableError
from core.tables.prepared import prepare
from core.tables.profile import profile, suggest
from core.tables.samples import FOLDER
from core.tables.sources import read_path
from core.tables.split import split_by_column, split_off
from core.training.compiled_pool import Programs
from core.training.hooks import Hooks
from core.training.train import learn

RANDOM_SPLITS, RANDOM_TEST = 20, 0.1
VALIDATING = 0.2  # Of the training rows, where the table names no validation rows.
_SCORES = {"regression": "rmse", "binary": "accuracy", "multiclass": "accuracy"}
_PART = "part"


@dataclass(frozen=True)
class Published:
    """A table with its splits.

    Attributes:
        name: Of its file or folder.
        frame: Its rows, without a column of parts.
        target: The column that is predicted.
        kind: What the target is read as; None for the guess.
        splits: For each split a word a row: "train", "validation" or "test".
        how: Where the splits come from, in words.
    """

    name: str
    frame: pd.DataFrame
    target: str
    kind: str | None
    splits: tuple[np.ndarray, ...]
    how: str


def main(folder: Path | None = None, most: int | None = None) -> None:
    """Prints a block for each table; of its splits no more than `most`. Raises TableError for a folder that cannot be
    read.
    """
    for table in tables(folder):
        compare(table, most)


def tables(folder: Path | None) -> Iterator[Published]:
    """The tables of a folder by name, or the one that is shipped. Raises TableError."""
    if folder is None:
        yield _of_csv("concrete", FOLDER / "concrete.csv")
        return
    if not folder.is_dir():
        raise TableError(f"There is no folder {str(folder)!r}.")
    places = [place for place in sorted(folder.iterdir()) if place.suffix.lower() == ".csv" or _data(place) is not None]
    if not places:
        raise TableError(
            f"{str(folder)!r} holds no table: neither NAME.csv nor NAME/data.txt with its files of splits."
        )
    for place in places:
        yield _of_csv(place.stem, place) if place.is_file() else _of_folder(place.name, place)


def _data(place: Path) -> Path | None:
    """Where a folder has data.txt: in it, or in its folder `data`."""
    return next((inside for inside in (place, place / "data") if (inside / "data.txt").is_file()), None)


def _of_folder(name: str, place: Path) -> Published:
    """A table in the layout of the UCI regression splits."""
    inside = _data(place)
    assert inside is not None

    def positions(file: str) -> np.ndarray:
        try:
            return np.loadtxt(inside / file, ndmin=1).astype(int)
        except (OSError, ValueError) as error:
            raise TableError(f"{name}: {file} cannot be read: {error}") from None

    rows = np.loadtxt(inside / "data.txt", ndmin=2)
    target = int(positions("index_target.txt")[0])
    columns = {f"x{column}": rows[:, column] for column in positions("index_features.txt")} | {"y": rows[:, target]}
    numbers = sorted(int(file.stem.rpartition("_")[2]) for file in inside.glob("index_train_*.txt"))
    splits = []
    for number in numbers:
        words = np.full(len(rows), "", dtype=object)
        words[positions(f"index_train_{number}.txt")] = "train"
        words[positions(f"index_test_{number}.txt")] = "test"
        splits.append(words)
    if not splits:
        raise TableError(f"{name}: there is no index_train_0.txt, so no split.")
    return Published(name, pd.DataFrame(columns), "y", "number", tuple(splits), "official splits")


def _of_csv(name: str, place: Path) -> Published:
    """A table of one file: its own split, or random ones."""
    frame, _ = read_path(place)
    for column in frame.columns:
        words = frame[column].astype(str).to_numpy(dtype=object)
        if len(set(words)) <= 3:
            try:
                parts = split_by_column(words)
            except ValueError:
                continue
            said = np.full(len(frame), "", dtype=object)
            for part, rows in zip(("train", "validation", "test"), parts, strict=True):
                said[rows] = part
            rest = frame.drop(columns=column)
            return Published(name, rest, str(rest.columns[-1]), None, (said,), f"the split of its column {column!r}")
    draw, splits = np.random.RandomState(1), []
    for _ in range(RANDOM_SPLITS):
        order = draw.choice(len(frame), len(frame), replace=False)
        words = np.full(len(frame), "test", dtype=object)
        words[order[: round(len(frame) * (1 - RANDOM_TEST))]] = "train"
        splits.append(words)
    return Published(name, frame, str(frame.columns[-1]), None, tuple(splits), "random splits of 90 % and 10 %")


def compare(table: Published, most: int | None = None) -> "list[Compared]":
    """Trains on each split, or on so many, and prints mean and standard error; what came of each."""
    programs, found = Programs(), []
    splits = table.splits[:most]
    for seed, words in enumerate(splits):
        print(f"{table.name}: split {seed + 1} of {len(splits)}", file=sys.stderr, flush=True)
        found.append(_on_split(table, words, seed, programs))
    first = found[0]
    own = any((words == "validation").any() for words in splits)
    validating = "its validation rows" if own else f"{100 * VALIDATING:.0f} % of the training rows"
    rows, used = f"{len(table.frame):,} rows, {first.features} features", f"{len(splits)} of {len(table.splits)}"
    print(f"{table.name}: {rows}; {table.how}, {used}; {first.score} on the test rows")
    epochs = np.mean([one.epochs for one in found])
    _line(
        f"refit on all training rows for the epochs that {validating} chose ({epochs:.0f} on average)",
        [one.refitted for one in found],
    )
    _line(f"before the refit, with {validating} for validation", [one.stopped for one in found])
    _line(
        f"scikit-learn's MLP {first.hidden}, its defaults, all training rows, the same matrix",
        [one.sklearn for one in found],
    )
    return found


def _line(what: str, scores: list[float]) -> None:
    error = f"{np.std(scores, ddof=1) / np.sqrt(len(scores)):.4f}" if len(scores) > 1 else "unknown (one split)"
    print(f"    {what:<96} {np.mean(scores):10.4f}   standard error {error}", flush=True)


@dataclass(frozen=True)
class Compared:
    """What came of one split: scores on its test rows.

    Attributes:
        score: "rmse" in the target's unit, or "accuracy".
        features, hidden: How many features, and the units of the hidden layers.
        epochs: So many were chosen.
    """

    score: str
    features: int
    hidden: tuple[int, ...]
    epochs: int
    refitted: float
    stopped: float
    sklearn: float


def _on_split(table: Published, words: np.ndarray, seed: int, programs: Programs) -> Compared:
    rows = np.flatnonzero(words != "")
    frame, words = table.frame.iloc[rows].reset_index(drop=True), words[rows].copy()
    if not (words == "validation").any():
        train = np.flatnonzero(words == "train")
        words[train[split_off(len(train), None, VALIDATING, seed)[1]]] = "validation"
    experiment, task, kind = _experiment(table, frame, seed)
    frame[experiment.data.split.column] = words
    chosen = learn(experiment, prepare(frame, experiment.data, kind), task, Hooks(), programs=programs)
    last = refit(experiment, chosen.best_epoch)
    made = TableMatrices(prepare(frame, last.data, kind))
    whole = learn(last, made, task, Hooks(), programs=programs)
    name = _SCORES[task.kind]
    hidden = tuple(layer.value("units") for layer in experiment.layers if layer.name == "Dense")[:-1]
    scores = (whole.scores["test"][name], chosen.scores["test"][name], _sklearn(made, task, hidden, seed))
    return Compared(name, len(experiment.data.features), hidden, chosen.best_epoch, *scores)


def _experiment(table: Published, frame: pd.DataFrame, seed: int) -> tuple[Experiment, Task, str]:
    """The page's default experiment on the table, with the split that its column of parts says; and what the target is
    read as.
    """
    found = profile(frame)
    column = found.column(table.target)
    features, kind = suggest(found, table.target), table.kind or (column.target_kind if column else None)
    if kind is None:
        raise TableError(f"{table.name}: its last column, {table.target!r}, cannot be predicted.")
    data = Data(table=table.name, targets=(table.target,), features=features, target_kinds={table.target: kind})
    tasks = tasks_of(Experiment(data=data), found)
    if not tasks:
        raise TableError(f"{table.name}: its last column, {table.target!r}, cannot be predicted.")
    first = starting_experiment(table.name, table.name, table.target, features, tasks[0])
    value = first.value()
    value["data"] |= {"target_kinds": {table.target: kind}}
    value["data"]["split"] |= {"method": "column", "column": next(name for name in _names() if name not in frame)}
    value["fit"]["seed"] = seed
    return type(first).model_validate(value), tasks[0], kind


def _names() -> Iterator[str]:
    """Names for the column of parts: one that the table does not have."""
    name = _PART
    while True:
        yield name
        name += "_"


def _sklearn(made: TableMatrices, task: Task, hidden: tuple[int, ...], seed: int) -> float:
    """The test score of scikit-learn's MLP on the refit's own matrices, its target standardised by the
    training rows.
    """
    x, ready = made.matrices().x, made.prepared
    train, test = (ready.y_true(part).astype(float if task.kind == "regression" else int) for part in ("train", "test"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # It says when 200 epochs were not enough.
        if task.kind != "regression":
            network = MLPClassifier(hidden_layer_sizes=hidden, random_state=seed).fit(x["train"], train)
            return float(np.mean(network.predict(x["test"]) == test))
        network = MLPRegressor(hidden_layer_sizes=hidden, random_state=seed).fit(
            x["train"], (train - train.mean()) / train.std()
        )
    predicted = network.predict(x["test"]).astype(float) * train.std() + train.mean()
    return float(np.sqrt(np.mean((predicted - test) ** 2)))
