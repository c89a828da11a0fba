"""The page's default experiment beside the linear model on each sample, and beside scikit-learn's MLP on three tables
of classes.

Ten seeds, each of which deals the rows and draws the first weights: mean over them on validation and on test rows. The
rule that chooses the layers (`core.experiment.templates.starting_layers`) was chosen by the validation rows.
"""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.datasets import make_classification
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from benchmarks.measure import line
from core.experiment.spec import Data, Experiment, read
from core.experiment.task import Task, tasks_of
from core.experiment.templates import starting_experiment
from core.model.matrices import TableMatrices
from core.tables.prepared import prepare
from core.tables.profile import MOST_FEATURES, profile, suggest
from core.tables.samples import SAMPLES, load_sample
from core.training.compiled_pool import Programs
from core.training.hooks import Hooks
from core.training.outcome import Outcome
from core.training.train import learn

SEEDS = 10
_PARTS = ("validation", "test")


@dataclass(frozen=True)
class First:
    """The page's default experiment on a table, and the table made ready."""

    experiment: Experiment
    task: Task
    made: TableMatrices

    def learn(self, programs: Programs | None = None) -> Outcome:
        """Trains it."""
        return learn(self.experiment, self.made, self.task, Hooks(), programs=programs)


def first(name: str, frame: pd.DataFrame, target: str, split: int = 0, seed: int = 0) -> First:
    """The default experiment on a table, as `dashboard.session.openings` makes it, with other seeds of the split and of
    the training.

    Of a wide table all columns are features that say something; the page begins with the first 256.
    """
    found = profile(frame)
    features = suggest(found, target)
    if len(features) == MOST_FEATURES:
        features = {
            column.name: column.kind for column in found.columns if column.name != target and column.left_out is None
        }
    data = Data(table=f"sample:{name}", targets=(target,), features=features)
    data = data.model_copy(update={"split": data.split.model_copy(update={"seed": split})})
    task, column = tasks_of(Experiment(data=data), found)[0], found.column(target)
    prepared = prepare(frame, data, column.target_kind if column and column.target_kind else "number")
    made = starting_experiment(
        data.table, name, target, data.features, task, prepared.sizes[0], prepared.inputs
    ).value()
    made["data"]["split"]["seed"], made["fit"]["seed"] = split, seed
    return First(read(made), task, TableMatrices(prepared))


def beside_line(name: str, splits: list[int], seeds: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """(trainings, 2) losses of the network and of the linear model on validation and test rows of a sample; RMSE of an
    amount.
    """
    frame, target, programs, found = load_sample(name), SAMPLES[name].target, Programs(), []
    for split, seed in zip(splits, seeds, strict=True):
        of = first(name, frame, target, split, seed)
        outcome = of.learn(programs)
        straight = list(outcome.baselines.values())[1]  # After the mean or majority.
        score = "rmse" if of.task.kind == "regression" else "loss"
        found.append([[scores[part][score] for part in _PARTS] for scores in (outcome.scores, straight)])
    network, linear = np.moveaxis(np.array(found), 1, 0)
    return network, linear


def pixels(rows: int = 4000, seed: int = 0) -> pd.DataFrame:
    """The sample's digits, enlarged, shifted and dimmed on 28 x 28 pixels of 0 to 255: two thirds of the columns are
    nearly always 0.
    """
    draw, digits = np.random.default_rng(seed), load_sample("digits")
    chosen = draw.integers(0, len(digits), rows)
    small = digits.drop(columns="digit").to_numpy(float).reshape(-1, 8, 8)[chosen]
    places = np.linspace(0, 7.99, 20).astype(int)
    large = small[:, places][:, :, places] * 255 / 16
    image = np.zeros((rows, 28, 28))
    for at, (down, right) in enumerate(np.clip(draw.normal(0, 1.2, (rows, 2)).round().astype(int), -4, 4)):
        image[at, 4 + down : 24 + down, 4 + right : 24 + right] = large[at]
    image = image * draw.uniform(0.7, 1, (rows, 1, 1)) + (image > 0) * draw.normal(0, 12, image.shape)
    names = [f"pixel_{row}_{column}" for row in range(28) for column in range(28)]
    frame = pd.DataFrame(np.clip(image, 0, 255).round().astype(int).reshape(rows, -1), columns=names)
    return frame.assign(digit=[f"digit {label}" for label in digits["digit"].to_numpy()[chosen]])


def letters(rows: int = 6000, seed: int = 0) -> pd.DataFrame:
    """26 classes in 16 whole numbers from 0 to 15, two clouds each."""
    x, y = make_classification(
        rows,
        16,
        n_informative=14,
        n_redundant=2,
        n_classes=26,
        n_clusters_per_class=2,
        class_sep=1.6,
        random_state=seed,
    )
    frame = pd.DataFrame(np.clip(np.round(1.3 * x + 7), 0, 15).astype(int), columns=[f"x{at}" for at in range(16)])
    return frame.assign(letter=[chr(ord("A") + number) for number in y])


def beside_sklearn(name: str, frame: pd.DataFrame, target: str) -> tuple[list[float], list[float]]:
    """Accuracies on validation and test rows: of the default experiment, and of scikit-learn's MLP as it is, on
    standardised columns.
    """
    of = first(name, frame, target)
    network = of.learn().scores
    (train, labels), *others = (of.made.prepared.part(part) for part in ("train", *_PARTS))
    scaler = StandardScaler().fit(np.stack([*train.values()], axis=1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # It says when 200 epochs were not enough.
        other = MLPClassifier(random_state=0).fit(scaler.transform(np.stack([*train.values()], axis=1)), labels)
    scored = [float(other.score(scaler.transform(np.stack([*raw.values()], axis=1)), truth)) for raw, truth in others]
    return [network[part]["accuracy"] for part in _PARTS], scored


def main() -> None:
    """Prints the means of each sample, then the accuracies beside scikit-learn's."""
    for name in SAMPLES:
        network, linear = (found.mean(axis=0) for found in beside_line(name, list(range(SEEDS)), list(range(SEEDS))))
        for at, part in enumerate(_PARTS):
            line(
                f"{name}, {part}: the default experiment by the linear model",
                f"{network[at]:.5g} / {linear[at]:.5g}",
                "less",
            )
    for name, frame, target in (
        ("digits", load_sample("digits"), "digit"),
        ("pixels", pixels(), "digit"),
        ("letters", letters(), "letter"),
    ):
        for part, ours, theirs in zip(_PARTS, *beside_sklearn(name, frame, target), strict=True):
            line(
                f"{name}, {part}: accuracy of the default experiment by scikit-learn's MLP",
                f"{ours:.1%} / {theirs:.1%}",
                "more",
            )
