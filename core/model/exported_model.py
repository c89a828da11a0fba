"""The model that leaves the app: raw rows in, predictions in the target's own terms out, in one `.keras` file."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from core.catalog.kinds import KINDS
from core.experiment.digits import significant
from core.model.outputs import Head
from core.model.preprocessing import tensors
from core.tables.dates import moment_text
from core.tables.drift import training_shares
from core.tables.number_text import NumberText
from core.tables.prediction_rows import near_name, prediction_rows, unread
from core.tables.prepared import Prepared, raw_values
from core.tables.statistics import TextStatistics, tokens, vocabulary

_BLOCK = 8192
_MOST_WORDS = 1000  # Of a feature, in the card of an earlier version.
_MOST_NEAR = 20  # Strange words of a table's column for which a near word is looked for, which takes time,
_MOST_COMPARED = 2_000  # among so many of the words.
_MOST_CUT = 20_000  # Words of a feature that are listed, with those that are not known to the network.


def bundle(heads: Sequence[Head], features: keras.Model, stack: keras.Model) -> keras.Model:
    """Preprocessing and stack as one model: feature -> (rows, 1) in; amounts, margins or probabilities out, of several
    targets by name.
    """
    outputs = features.output
    if not isinstance(stack, keras.Sequential):
        # Without its losses, which no file needs.
        outputs = keras.Model(stack.input, stack.output, name="network")(outputs)
    if len(heads) > 1:
        predictions = {head.name: _prediction(head, outputs[head.name]) for head in heads}
        return keras.Model(features.input, predictions, name="model")
    if isinstance(stack, keras.Sequential):
        for layer in stack.layers:  # Layer by layer: the stack as a whole would bring its loss along.
            outputs = layer(outputs)
    return keras.Model(features.input, _prediction(heads[0], outputs), name="model")


def _prediction(head: Head, outputs: Any) -> Any:
    """Raw scores become probabilities, amounts get their target's offset back."""
    if not head.experiment.compile.single_loss.value("from_logits"):
        # In float64, which keeps the digits.
        return outputs + np.array([head.scale.offset]) if head.scale.offset else outputs
    return keras.layers.Activation("sigmoid" if head.task.kind == "binary" else "softmax")(outputs)


def card(heads: Sequence[Head], prepared: Prepared) -> dict[str, Any]:
    """What a person and a form must know of the model, as a JSON value: its features with their training ranges, its
    predictions.
    """
    train, _ = prepared.part("train")
    return {
        "targets": [_target(head, prepared) for head in heads],
        "features": [
            _feature(name, kind, train[name], prepared) | _shares(kind, train[name])
            for name, kind in prepared.kinds.items()
        ],
        "ways": prepared.ways,
    }


def _shares(kind: str, values: np.ndarray) -> dict[str, Any]:
    """The shares of a feature's training cells, for the drift of later tables; free text has none."""
    return {} if kind == "text" else {"shares": training_shares(values)}


def _target(head: Head, prepared: Prepared) -> dict[str, Any]:
    values, y_true, loss = (
        prepared.targets[head.task.target],
        prepared.y_true("train", head.task.target),
        head.experiment.compile.single_loss,
    )
    return {
        "target": head.task.target,
        "output": head.name,
        "task": head.task.kind,
        "classes": list(values.classes),
        "decision": 0.0 if loss.row.margin else 0.5,
        "margin": loss.row.margin,
        "low": None if values.classes else float(y_true.min()),
        "high": None if values.classes else float(y_true.max()),
    }


def _feature(name: str, kind: str, values: np.ndarray, prepared: Prepared) -> dict[str, Any]:
    feature: dict[str, Any] = {"name": name, "kind": kind}
    if kind == "date" and "hour" in prepared.preparation_of(name).date_parts:
        feature["timed"] = True  # A form asks for the time of day, too.
    if kind == "text":
        texts = sorted((text for text in values if text), key=len)
        usual = texts[len(texts) // 2] if texts else ""
        learned = prepared.statistics[name]
        known = learned.words if isinstance(learned, TextStatistics) else []
        return feature | {"missing": len(texts) < len(values), "usual": usual, "vocabulary": known}
    if KINDS[kind].raw == "string":
        by_count, kept = vocabulary(values, _MOST_CUT), prepared.preparation_of(name).known_words
        return feature | {
            "words": [word for word in by_count[:kept] if word],
            "cut": [word for word in by_count[kept:] if word],
            "missing": "" in by_count[:kept],
            "usual": by_count[0],
        }
    there = values[~np.isnan(values)]
    if not len(there):
        return feature | {"low": 0.0, "high": 1.0, "usual": 0.0, "whole": False, "missing": True}
    low, high, usual = float(there.min()), float(there.max()), float(np.median(there))
    if kind == "date":  # One that occurs: between two hours there is none where rows are of whole hours.
        usual = float(np.quantile(there, 0.5, method="lower"))
    whole = bool((there == np.round(there)).all())
    usual = float(round(usual)) if whole else usual
    return feature | {"low": low, "high": high, "usual": usual, "whole": whole, "missing": len(there) < len(values)}


def _strange_word(feature: dict[str, Any], cell: str, near: bool) -> str:
    """What is said of a word that the network does not know; with `near` also a known word that is near."""
    if not cell:
        return f"{feature['name']} is missing: treated as an unknown category"
    if cell in feature.get("cut", ()):
        kept = f"not among the {len(feature['words']):,} most frequent words that are known"
        return f"{feature['name']} {cell!r} is {kept}: treated as an unknown category"
    found = near_name(cell, [*feature["words"], *feature.get("cut", ())][:_MOST_COMPARED]) if near else ""
    told = f" (near: {found!r})" if found else ""
    return f"{feature['name']} {cell!r} was not seen in training{told}"


def _predicted_columns(of: dict[str, Any], outputs: np.ndarray, named: str) -> dict[str, np.ndarray]:
    """The columns that predict one target; `named` tells those of several targets apart."""
    target, classes = of["target"], of["classes"]
    if not classes:
        return {f"predicted {target}": outputs[:, 0].astype("float64")}
    if len(classes) == 2:
        yes = outputs[:, 0].astype("float64")
        said = {f"predicted {target}": np.where(yes > of["decision"], classes[1], classes[0])}
        if of["margin"]:
            return said | {f"margin{named}": yes}
        return said | {f"probability{named} {classes[0]}": 1 - yes, f"probability{named} {classes[1]}": yes}
    said = {f"predicted {target}": np.array(classes, dtype=object)[outputs.argmax(axis=1)]}
    word = "score" if of["margin"] else "probability"
    return said | {f"{word}{named} {label}": outputs[:, at].astype("float64") for at, label in enumerate(classes)}


class Predictor:
    """Predicts with a bundle: one row in well under a millisecond after the first, a table in blocks."""

    def __init__(self, model: keras.Model, card: dict[str, Any]) -> None:
        self.model, self.card = model, card
        self.kinds = {feature["name"]: feature["kind"] for feature in card["features"]}
        # As `tensors` gives them. A model casts to the type of its own inputs: those of earlier versions are float32.
        signature = {
            name: tf.TensorSpec((None, 1), tf.string if KINDS[kind].raw == "string" else tf.float64)
            for name, kind in self.kinds.items()
        }
        self._run = tf.function(lambda inputs: model(inputs, training=False), input_signature=[signature])

    @classmethod
    def load(cls, path: Path, own: dict[str, Any], card: dict[str, Any]) -> Self:
        """Of a `.keras` file, opened in safe mode; `own` are the classes and functions of plug-ins that it names."""
        return cls(keras.models.load_model(path, custom_objects=own), card)

    def outputs(self, frame: pd.DataFrame) -> dict[str, np.ndarray]:
        """Target -> (rows, outputs) of a table of raw rows; columns that are absent count as missing. Raises TableError
        as `predict`.
        """
        return self.outputs_of(self.raw(frame), len(frame))

    def raw(self, frame: pd.DataFrame) -> dict[str, np.ndarray]:
        """Feature -> raw values of a table of rows. Raises TableError as `predict`."""
        return self._raw(prediction_rows(frame, self.card)[0])

    def _raw(self, rows: pd.DataFrame) -> dict[str, np.ndarray]:
        return raw_values(rows, self.kinds, self.card["ways"])

    def outputs_of(self, raw: dict[str, np.ndarray], rows: int) -> dict[str, np.ndarray]:
        """Target -> (rows, outputs) of raw values, feature by feature, as `core.tables.prepared.Prepared.raw` has them:
        amounts, probabilities or margins.
        """
        targets, found = self.card["targets"], {}
        blocks = [
            self._run(tensors({name: values[at : at + _BLOCK] for name, values in raw.items()}))
            for at in range(0, rows, _BLOCK)
        ]
        for one in targets:
            parts = [(block[one["output"]] if len(targets) > 1 else block).numpy() for block in blocks]
            found[one["target"]] = (
                np.concatenate(parts) if parts else np.zeros((0, max(1, len(one["classes"]))), "float32")
            )
        return found

    def predict(self, frame: pd.DataFrame) -> pd.DataFrame:
        """A column `predicted TARGET`, for classes also a probability each, and a `note` where there is something to
        say.

        Raises TableError when the table has none of the model's columns.
        """
        rows = prediction_rows(frame, self.card)[0]
        raw = self._raw(rows)
        columns = self.columns_of(raw, len(frame))
        columns["note"] = np.array(self._notes(raw, rows), dtype=object)
        return pd.DataFrame(columns, index=frame.index)

    def columns_of(self, raw: dict[str, np.ndarray], rows: int) -> dict[str, np.ndarray]:
        """The columns that predict the targets of raw values, as `outputs_of` takes them."""
        targets, outputs = self.card["targets"], self.outputs_of(raw, rows)
        columns: dict[str, np.ndarray] = {}
        for one in targets:
            columns |= _predicted_columns(one, outputs[one["target"]], f" {one['target']}" if len(targets) > 1 else "")
        return columns

    def notes(self, frame: pd.DataFrame) -> list[str]:
        """For each row what the person should know: missing cells, unknown words, values far outside the training
        range.
        """
        rows, _ = prediction_rows(frame, self.card)
        return self._notes(self._raw(rows), rows).tolist()

    def _notes(self, raw: dict[str, np.ndarray], rows: pd.DataFrame) -> np.ndarray:
        notes = np.full(len(rows), "", dtype=object)

        def add(at: np.ndarray, said: np.ndarray | list[str]) -> None:
            there = notes[at]
            notes[at] = np.where(there == "", said, there + "; " + np.asarray(said, dtype=object))

        for feature in self.card["features"]:
            name, values = feature["name"], raw[feature["name"]]
            if name not in rows:  # Said once, of the whole table.
                continue
            if "words" in feature:
                if len(feature["words"]) == _MOST_WORDS and "cut" not in feature:
                    continue  # A model of an earlier version: not all its words are listed.
                known = {*feature["words"], *([""] if feature["missing"] else [])}
                which, cells = pd.factorize(values)
                unknown = [place for place, cell in enumerate(cells) if cell not in known]
                said = np.full(len(cells), "", dtype=object)
                for count, place in enumerate(unknown):
                    said[place] = _strange_word(feature, cells[place], near=count < _MOST_NEAR)
                at = np.flatnonzero(said[which] != "")
                if len(at):
                    add(at, said[which[at]])
                continue
            if feature["kind"] == "text":
                vocabulary = set(feature["vocabulary"])
                empty, strange = values == "", np.array([vocabulary.isdisjoint(tokens(text)) for text in values], bool)
                if empty.any():
                    add(np.flatnonzero(empty), [f"{name} is missing: treated as a text without known words"])
                if (strange & ~empty).any():
                    add(
                        np.flatnonzero(strange & ~empty),
                        [f"{name} has none of the words that were kept from the training texts"],
                    )
                continue
            missing = np.isnan(values)
            margin = 1e-6 * max(1.0, math.fabs(feature["high"] - feature["low"]))
            outside = ~missing & ((values < feature["low"] - margin) | (values > feature["high"] + margin))
            if missing.any():
                cells, form = rows[name].to_numpy(dtype=object), NumberText.of(self.card.get("numbers", {}), name)
                empty = rows[name].isna().to_numpy() | np.array(
                    [isinstance(cell, str) and not cell.strip() for cell in cells], dtype=bool
                )
                if (missing & empty).any():
                    add(np.flatnonzero(missing & empty), [f"{name} is missing: filled with the training median"])
                if (wrong := np.flatnonzero(missing & ~empty)).size:
                    add(wrong, [f"{name} {unread(cell, feature['kind'], form)}" for cell in cells[wrong]])
            if outside.any():
                digits = significant(feature["low"], feature["high"])
                say = moment_text if feature["kind"] == "date" else f"{{:.{digits}g}}".format
                bounds = f"is outside the training range {say(feature['low'])} to {say(feature['high'])}"
                add(np.flatnonzero(outside), [f"{name} {say(value)} {bounds}" for value in values[outside]])
        return notes
