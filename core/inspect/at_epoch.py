"""A run's network once more, with the weights of any of its epochs: its scores, its figures, its predictions."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.experiment.keras_calls import embedding_call
from core.experiment.spec import Experiment
from core.experiment.task import Task
from core.model.exported_model import Predictor, bundle
from core.model.matrices import TableMatrices
from core.model.outputs import Heads
from core.model.sample_weights import class_weights
from core.tables.prepared import Prepared


class Replay:
    """Built as the training built it, so that its weights come in the same order; a model of its own, which no one else
    asks.

    The first questions take a second or two, until all is compiled; later ones some milliseconds.

    Args:
        experiment: Of the run.
        prepared: Its table.
        tasks: Of the table, one for each target.
        card: Of the run's model.
    """

    def __init__(self, experiment: Experiment, prepared: Prepared, tasks: Sequence[Task], card: dict[str, Any]) -> None:
        made = TableMatrices(prepared).matrices(numbered=embedding_call(experiment) is not None)
        self._x, self._heads, self._parts = made.x, Heads(experiment, tasks, prepared), prepared.filled
        self._of_class = class_weights(experiment, prepared)
        self._stack = self._heads.build(self._x["train"].shape[1])
        self._bundle = bundle(self._heads.all, made.features, self._stack)
        self._predictor = Predictor(self._bundle, card)
        self.lock = threading.RLock()  # Held by whoever asks: the weights are those of the last question.

    def at(self, weights: list[np.ndarray]) -> dict[str, Any]:
        """Puts weights in: {"scores": part -> name -> number, and "judged", "penalty" and "figures" as a result has
        them}.
        """
        with self.lock:
            self._stack.set_weights(weights)
            predicted = {part: self._heads.predictions(self._stack, self._x[part]) for part in self._parts}
            scores = {part: self._heads.scores(predicted[part], part) for part in self._parts}
            judged = self._heads.judged(predicted, self._of_class)
            figures = self._heads.figures(predicted["test"])
            return {"scores": scores, "judged": judged, "penalty": self._heads.penalty(self._stack), "figures": figures}

    def predict(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Its predictions for raw rows, as `Predictor.predict` does."""
        with self.lock:
            return self._predictor.predict(rows)

    def save(self, path: Path) -> None:
        """Writes the model that takes raw rows, with its present weights."""
        with self.lock:
            self._bundle.save(path)
