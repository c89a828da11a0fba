"""Tables made ready, kept for the next training: on the same data it begins with what the last one had."""

import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np

from core.catalog.target_transforms import TargetTransform
from core.experiment.preparation import USUAL_WORDS
from core.experiment.spec import Data, Fit
from core.experiment.task import Task
from core.model.baselines import Predictor, baselines
from core.model.boosting import MOST_CATEGORIES, BoostingRows, gradient_boosting
from core.model.preprocessing import matrix, preprocessing
from core.tables.prepared import PARTS, Prepared

_MOST_LINE_WORDS = 2000  # Columns of words that a straight line is fitted to.
_MOST_BYTES = 2e9  # Of all kept tables together.


_Fitted = tuple[Task, int, str, TargetTransform | None]


@dataclass(frozen=True)
class Matrices:
    """The preprocessing model, and part -> the network's matrix (rows, columns)."""

    features: keras.Model
    x: dict[str, np.ndarray]


class TableMatrices:
    """A prepared table with what trainings need of it, each made when it is first asked for.

    Attributes:
        boosts: Held while gradient boosting is fitted: a training may end before the thread that fits for it.
    """

    def __init__(self, prepared: Prepared) -> None:
        self.prepared = prepared
        self._matrices: dict[bool, Matrices] = {}
        self._line: Matrices | None = None
        self._baselines: dict[_Fitted, dict[str, Predictor]] = {}
        self._boosting: dict[_Fitted, Predictor | None] = {}
        self.boosts = threading.Lock()

    def matrices(self, numbered: bool = False) -> Matrices:
        """The preprocessing model and the matrix of each part; with `numbered` words are numbers for an embedding."""
        if numbered not in self._matrices:
            features = preprocessing(self.prepared.kinds, self.prepared.statistics, numbered)
            x = {name: matrix(features, self.prepared.part(name)[0]) for name in PARTS}
            self._matrices[numbered] = Matrices(features, x)
        return self._matrices[numbered]

    def line_matrices(self) -> Matrices:
        """What the baselines see: a column for each known word, and where that would be thousands, as beside an
        embedding, the most frequent hundred of each feature.
        """
        if sum(self.prepared.words) <= _MOST_LINE_WORDS:
            return self.matrices()
        if self._line is None:
            statistics = {
                name: known[:USUAL_WORDS] if isinstance(known, list) else known
                for name, known in self.prepared.statistics.items()
            }
            features = preprocessing(self.prepared.kinds, statistics)
            self._line = Matrices(features, {name: matrix(features, self.prepared.part(name)[0]) for name in PARTS})
        return self._line

    def boosting_matrices(self) -> dict[str, np.ndarray]:
        """Part -> what gradient boosting sees (rows, columns): its last columns are the numbers of words, of which the
        rarest are one.
        """
        if not (categories := len(self.prepared.words)):
            return self.matrices().x
        x = {part: rows.copy() for part, rows in self.matrices(numbered=True).x.items()}
        for rows in x.values():
            np.minimum(rows[:, -categories:], MOST_CATEGORIES - 1, out=rows[:, -categories:])
        return x

    def boosting_shape(self) -> tuple[int, int]:
        """(rows, columns) of the training part of `boosting_matrices`, which need not be made for it."""
        words = self.prepared.words
        return len(self.line_matrices().x["train"]), self.prepared.inputs - sum(words) + len(words)

    def baselines(
        self, task: Task, fit: Fit, weights: np.ndarray | None, transform: TargetTransform | None = None
    ) -> dict[str, Predictor]:
        """The simple models of a target, fitted to the training rows; `weights` say how much each counts, with class
        weights of `fit`; `transform` is the logarithm that is learned.
        """
        key = task, fit.seed, json.dumps(fit.class_weight), transform
        if key not in self._baselines:
            y_true, x = self.prepared.y_true("train", task.target), self.line_matrices().x["train"]
            self._baselines[key] = baselines(task, x, y_true, fit.seed, weights, transform)
        return self._baselines[key]

    def boosting(
        self,
        task: Task,
        fit: Fit,
        weights: dict[str, np.ndarray | None],
        transform: TargetTransform | None = None,
    ) -> Predictor | None:
        """Gradient boosting for a target, a function from `boosting_matrices`; None where the training rows have one
        class alone. `weights` say how much each row of a part counts; `transform` is the logarithm that is learned.
        """
        key = task, fit.seed, json.dumps(fit.class_weight), transform
        with self.boosts:
            if key not in self._boosting:
                x = self.boosting_matrices()
                train, validation = (
                    BoostingRows(x[part], self.prepared.y_true(part, task.target), weights[part])
                    for part in ("train", "validation")
                )
                categories = len(self.prepared.words)
                self._boosting[key] = gradient_boosting(task, train, validation, fit.seed, transform, categories)
            return self._boosting[key]

    @property
    def size(self) -> int:
        """Bytes of its arrays."""
        matrices = [*self._matrices.values(), *([self._line] if self._line else [])]
        arrays = [*self.prepared.raw.values(), *(one for made in matrices for one in made.x.values())]
        return sum(array.nbytes for array in arrays)


class TablePool:
    """The tables of the last trainings, as far as they find room.

    Args:
        most: Bytes.
    """

    def __init__(self, most: float = _MOST_BYTES) -> None:
        self._kept: OrderedDict[str, TableMatrices] = OrderedDict()
        self._most, self._lock = most, threading.Lock()

    def of(self, data: Data, prepare: Callable[[], Prepared]) -> TableMatrices:
        """The table of that data as it was made ready before, or now. Raises what `prepare` raises."""
        key = json.dumps(data.model_dump(mode="json"))
        with self._lock:
            made = self._kept.pop(key, None) or TableMatrices(prepare())
            self._kept[key] = made
            while self._kept and sum(one.size for one in self._kept.values()) > self._most:
                self._kept.popitem(last=False)
        return made
