"""The model that leaves the app: raw rows in, answers in the target's own terms out, in one `.keras` file."""

import math
from typing import Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from core.experiment.kinds import KINDS
from core.experiment.losses import LOSSES
from core.experiment.spec import Experiment
from core.experiment.task import Task
from core.learning.features import tensors
from core.tables.prepared import Prepared, raw_values

_BLOCK = 8192
_MOST_WORDS = 1000  # Of a feature, in the card.


def bundle(experiment: Experiment, task: Task, features: keras.Model, stack: keras.Sequential) -> keras.Model:
    """Preprocessing and stack as one model: feature -> (rows, 1) in; amounts, margins or probabilities out."""
    outputs = features.output
    for layer in stack.layers:  # Layer by layer: the stack as a whole would bring its loss along, which no file needs.
        outputs = layer(outputs)
    if experiment.compile.loss.value("from_logits"):
        outputs = keras.layers.Activation("sigmoid" if task.kind == "binary" else "softmax", name="probabilities")(outputs)
    return keras.Model(features.input, outputs, name="model")


def card(experiment: Experiment, task: Task, prepared: Prepared) -> dict[str, Any]:
    """What a person and a form must know of the model, as a JSON value: its features with their training ranges, its answers."""
    train, truth = prepared.part("train")
    loss = LOSSES[experiment.compile.loss.name]
    return {
        "target": task.target,
        "task": task.kind,
        "classes": list(prepared.classes),
        "decision": 0.0 if loss.margin else 0.5,
        "margin": loss.margin,
        "features": [_feature(name, kind, train[name]) for name, kind in prepared.kinds.items()],
        "ways": prepared.ways,
        "low": None if prepared.classes else float(truth.min()),
        "high": None if prepared.classes else float(truth.max()),
    }


def _feature(name: str, kind: str, values: np.ndarray) -> dict[str, Any]:
    feature: dict[str, Any] = {"name": name, "kind": kind}
    if KINDS[kind].raw == "string":
        known, counts = np.unique(values, return_counts=True)
        by_count = known[np.lexsort((known, -counts))].tolist()
        return feature | {"words": [word for word in by_count if word][:_MOST_WORDS], "missing": "" in by_count, "usual": by_count[0]}
    there = values[~np.isnan(values)]
    if not len(there):
        return feature | {"low": 0.0, "high": 1.0, "usual": 0.0, "whole": False, "missing": True}
    low, high, usual = float(there.min()), float(there.max()), float(np.median(there))
    whole = bool((there == np.round(there)).all())
    usual = float(round(usual)) if whole else usual
    return feature | {"low": low, "high": high, "usual": usual, "whole": whole, "missing": len(there) < len(values)}


class Predictor:
    """Answers questions with a bundle: one row in well under a millisecond after the first, a table in blocks."""

    def __init__(self, model: keras.Model, card: dict[str, Any]) -> None:
        self.card = card
        self.kinds = {feature["name"]: feature["kind"] for feature in card["features"]}
        signature = {
            name: tf.TensorSpec((None, 1), tf.string if KINDS[kind].raw == "string" else tf.float32) for name, kind in self.kinds.items()
        }
        self._run = tf.function(lambda inputs: model(inputs, training=False), input_signature=[signature])

    def outputs(self, frame: pd.DataFrame) -> np.ndarray:
        """(rows, outputs) of a table of raw rows; columns that are absent count as missing."""
        raw = raw_values(frame, self.kinds, self.card["ways"])
        rows = len(frame)
        blocks = [
            self._run(tensors({name: values[at : at + _BLOCK] for name, values in raw.items()})).numpy() for at in range(0, rows, _BLOCK)
        ]
        return np.concatenate(blocks) if blocks else np.zeros((0, max(1, len(self.card["classes"]))), "float32")

    def predict(self, frame: pd.DataFrame) -> pd.DataFrame:
        """A column `predicted TARGET`, for classes also a probability each, and a `note` where there is something to say."""
        outputs, target, classes = self.outputs(frame), self.card["target"], self.card["classes"]
        answers = pd.DataFrame(index=frame.index)
        if not classes:
            answers[f"predicted {target}"] = outputs[:, 0].astype("float64")
        elif len(classes) == 2:
            said_yes = outputs[:, 0] > self.card["decision"]
            answers[f"predicted {target}"] = np.where(said_yes, classes[1], classes[0])
            if self.card["margin"]:
                answers["margin"] = outputs[:, 0].astype("float64")
            else:
                yes = outputs[:, 0].astype("float64")
                answers[f"probability {classes[0]}"], answers[f"probability {classes[1]}"] = 1 - yes, yes
        else:
            answers[f"predicted {target}"] = np.array(classes, dtype=object)[outputs.argmax(axis=1)]
            word = "score" if self.card["margin"] else "probability"
            shares = pd.DataFrame(outputs.astype("float64"), index=frame.index, columns=[f"{word} {label}" for label in classes])
            answers = pd.concat([answers, shares], axis=1)
        answers["note"] = self.notes(frame)
        return answers

    def notes(self, frame: pd.DataFrame) -> list[str]:
        """For each row what the person should know: missing cells, unknown words, values far outside the training range."""
        raw = raw_values(frame, self.kinds, self.card["ways"])
        notes: list[list[str]] = [[] for _ in range(len(frame))]
        for feature in self.card["features"]:
            name, values = feature["name"], raw[feature["name"]]
            if "words" in feature:
                if len(feature["words"]) == _MOST_WORDS:  # Not all words are listed: nothing can be said of the others.
                    continue
                known = {*feature["words"], *([""] if feature["missing"] else [])}
                for at in np.flatnonzero([value not in known for value in values]):
                    notes[at].append(
                        f"{name} {values[at]!r} was not seen in training" if values[at] else f"{name} is missing: taken as unknown"
                    )
                continue
            missing = np.isnan(values)
            fill = "the usual value"
            for at in np.flatnonzero(missing):
                notes[at].append(f"{name} is missing: taken as {fill}")
            margin = 1e-6 * max(1.0, math.fabs(feature["high"] - feature["low"]))
            outside = ~missing & ((values < feature["low"] - margin) | (values > feature["high"] + margin))
            for at in np.flatnonzero(outside):
                notes[at].append(f"{name} {values[at]:g} is outside the training range {feature['low']:g} to {feature['high']:g}")
        return ["; ".join(row) for row in notes]
