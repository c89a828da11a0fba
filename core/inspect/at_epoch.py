"""A run's network once more, with the weights of any of its epochs: its scores, its figures, its predictions."""

import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

from core.experiment.keras_calls import embedding_call
from core.experiment.spec import Experiment
from core.experiment.task import Task
from core.inspect.layer_columns import columns_of
from core.model.exported_model import Predictor, bundle
from core.model.logits import logit_layer
from core.model.matrices import TableMatrices
from core.model.outputs import Heads, Predicted
from core.model.preprocessing import matrix
from core.model.sample_weights import class_weights
from core.tables.prepared import Prepared

_BLOCK = 8192


class Replay:
    """Built as the training built it, so that its weights come in the same order; a model of its own, which no one else
    asks.

    The first questions take a second or two, until all is compiled; later ones some milliseconds.

    Args:
        experiment: Of the run.
        prepared: Its table.
        tasks: Of the table, one for each target.
        card: Of the run's model.

    Attributes:
        ready: The prepared table, and its matrices.
        heads: The targets.
        predictor: Predicts raw rows with the present weights.
        lock: Held by whoever puts weights in and asks.
    """

    def __init__(self, experiment: Experiment, prepared: Prepared, tasks: Sequence[Task], card: dict[str, Any]) -> None:
        self.ready, self.heads = TableMatrices(prepared), Heads(experiment, tasks, prepared)
        made = self.ready.matrices(numbered=embedding_call(experiment) is not None)
        self._x, self._parts, self._features = made.x, prepared.filled, made.features
        self._of_class = class_weights(experiment, prepared)
        self._stack = self.heads.build(self._x["train"].shape[1])
        self._bundle = bundle(self.heads.all, made.features, self._stack)
        self.predictor = Predictor(self._bundle, card)
        self._decisions: dict[str, float] = {}
        self.lock = threading.RLock()  # Held by whoever asks: the weights are those of the last question.

    def take_card(self, card: dict[str, Any]) -> None:
        """Goes by the run's card as it is now: a person may have chosen another threshold since."""
        with self.lock:
            self.predictor.card = card
            self._decisions = {one["target"]: one["decision"] for one in card["targets"] if "decision" in one}

    def load(self, weights: list[np.ndarray]) -> None:
        """Puts the weights of an epoch in; those of logits are divided by the temperatures of the card."""
        with self.lock:
            self._stack.set_weights(weights)
            for target in self.predictor.card["targets"]:
                if "temperature" in target:
                    layer = logit_layer(self._bundle, target["output"] if self.heads.several else "")
                    assert layer is not None  # It was recalibrated.
                    layer.divide(target["temperature"])

    def at(self, weights: list[np.ndarray]) -> dict[str, Any]:
        """Puts weights in: what `told` says, and "penalty" as a result has it."""
        with self.lock:
            self.load(weights)
            predicted = {part: self.heads.predictions(self._stack, self._x[part]) for part in self._parts}
            return {**self.told(predicted), "penalty": self.heads.penalty(self._stack)}

    def told(self, predicted: dict[str, Predicted]) -> dict[str, Any]:
        """Of predictions for all rows of the parts {"scores": part -> name -> number, and "judged" and "figures" as a
        result has them}.
        """
        return {
            "scores": {part: self.heads.scores(predicted[part], part) for part in self._parts},
            "judged": self.heads.judged(predicted, self._of_class),
            "figures": self.heads.figures(predicted["test"], decisions=self._decisions),
        }

    def last_hidden(self, raw: dict[str, np.ndarray]) -> np.ndarray | None:
        """(rows, units) outputs of the last hidden layer for raw rows; None without a hidden layer."""
        if self._hidden is None:
            return None
        with self.lock:
            x = matrix(self._features, raw)
            blocks = [self._hidden(x[at : at + _BLOCK], training=False) for at in range(0, len(x), _BLOCK)]
            return np.concatenate([np.asarray(block).reshape(len(block), -1) for block in blocks])

    @cached_property
    def _hidden(self) -> keras.Model | None:
        columns = columns_of(self.heads, self._stack)[2]
        return keras.Model(self._stack.inputs[0], columns[-2].output) if len(columns) > 1 else None

    def predict(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Its predictions for raw rows, as `Predictor.predict` does."""
        with self.lock:
            return self.predictor.predict(rows)

    def save(self, path: Path) -> None:
        """Writes the model that takes raw rows, with its present weights."""
        with self.lock:
            self._bundle.save(path)
