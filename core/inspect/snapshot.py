"""What the page draws of a network while it learns, as one JSON value: weights, health, pinned predictions, the picture
of its predictions.

A scene is made from a copy of the network, beside the training and never in it.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from core.experiment.digits import significant
from core.experiment.keras_calls import embedding_call
from core.experiment.spec import Experiment
from core.experiment.task import Task
from core.inspect.decision_surface import GRID, Looks, chosen, numeric, pinned_rows, plane
from core.inspect.layer_columns import LayerColumn, columns_of
from core.inspect.rounding import rounded
from core.model.live_weights import Handles
from core.model.matrices import Matrices, TableMatrices
from core.model.outputs import Head, Heads
from core.model.preprocessing import matrix
from core.tables.input_names import input_names

DRAWN = 12  # Units of a column that are drawn; the rest is counted.
_PROBE = 400  # Training rows on which activations and gradients are looked at.
_ROWS = 600  # Validation rows of the picture.
_BINS = 24
_UNIT_STEP = 2  # A unit's own picture has every second point of the plane.
_NEAR = 0.02  # Of the span of a saturating activation: outputs so near its ends are saturated.


@dataclass
class _Asked:
    """Rows that are asked in every scene: their matrix, and where each question begins."""

    x: np.ndarray
    cuts: dict[str, slice] = field(default_factory=dict)


class Scene:
    """A copy of a run's network, and the rows it is asked about.

    Args:
        experiment: Of the run.
        made: Its table, made ready.
        tasks: One for each target.
        matrices: Of the table, as the training has them.
    """

    def __init__(self, experiment: Experiment, made: TableMatrices, tasks: Sequence[Task], matrices: Matrices) -> None:
        self._prepared, self._matrices = made.prepared, matrices
        self.heads = Heads(experiment, tasks, made.prepared)
        self._stack = self.heads.build(matrices.x["train"].shape[1])
        first, predicted, self._columns = columns_of(self.heads, self._stack)
        self._handles = Handles(self._stack)
        self._places = {id(weight): at for at, weight in enumerate(self._stack.weights)}
        self._probe = matrices.x["train"][:_PROBE]
        y_true = self.heads.together(
            lambda head: self.heads.as_read(head, made.prepared.y_true("train", head.task.target)[:_PROBE])
        )
        self._y_true = keras.tree.map_structure(tf.constant, y_true)
        seen = keras.Model(self._stack.inputs, [first, *(column.output for column in self._columns), predicted])
        rows = tf.TensorSpec((None, matrices.x["train"].shape[1]), tf.float32)
        self._forward = tf.function(
            # Layers of mixed precision give bfloat16, of which NumPy has no mean.
            lambda x: tf.nest.map_structure(lambda one: tf.cast(one, tf.float32), seen(x, training=False)),
            input_signature=[rows],
        )
        self._slopes = tf.function(self._gradients)
        self._names = input_names(
            made.prepared.statistics, embedding_call(self.heads.experiment) is not None, int(first.shape[-1])
        )
        self._scales = [self._scale(head) for head in self.heads.all]
        self.look(Looks())

    # ------------------------------------------------------------ what is asked

    def look(self, looks: Looks) -> None:
        """Takes what a person wants to see from now on."""
        self.looks = looks
        features = chosen(self._prepared, looks.plane)
        self._plane = plane(self._prepared, features, self.heads.first.task.target) if features else None
        x = self._matrices.x["validation"] if len(self._matrices.x["validation"]) else self._matrices.x["train"]
        self._part = "validation" if len(self._matrices.x["validation"]) else "train"
        parts = {"probe": self._probe, "rows": x[:_ROWS]}
        if looks.pins:
            parts["pins"] = matrix(self._matrices.features, pinned_rows(self._prepared, looks.pins))
        if self._plane:
            parts["plane"] = matrix(self._matrices.features, self._plane.raw)
        at, cuts = 0, {}
        for name, rows in parts.items():
            cuts[name] = slice(at, at + len(rows))
            at += len(rows)
        self._asked = _Asked(np.concatenate(list(parts.values())).astype("float32"), cuts)

    def still(self) -> dict[str, Any]:
        """What does not move: names, sizes, actual values, points."""
        head = self.heads.first
        y_true = self._prepared.y_true(self._part, head.task.target)[:_ROWS]
        return {
            "inputs": {"names": self._names[:DRAWN], "more": max(0, len(self._names) - DRAWN)},
            "columns": [self._named(column) for column in self._columns],
            "targets": [
                {
                    "target": one.task.target,
                    "kind": one.task.kind,
                    "classes": self._prepared.targets[one.task.target].classes,
                    "scale": list(scale),
                }
                for one, scale in zip(self.heads.all, self._scales, strict=True)
            ],
            "scale": list(self._scales[0]),
            "plane": self._plane.value() if self._plane else None,
            "planes": numeric(self._prepared),
            "part": self._part,
            "rows": len(self._matrices.x[self._part]),
            "truth": rounded(y_true, significant(*self._scales[0], 4)) if head.task.kind == "regression" else [],
        }

    def _named(self, column: LayerColumn) -> dict[str, Any]:
        labels: list[str] = []
        if column is self._columns[-1]:
            for head in self.heads.all:
                classes = self._prepared.targets[head.task.target].classes
                labels += (
                    list(classes) if head.task.kind == "multiclass" else [classes[1] if classes else head.task.target]
                )
        return {
            "units": column.units,
            "after": [type(layer).__name__ for layer in column.after if type(layer).__name__ != "Rescaling"],
            "labels": labels[:DRAWN] if len(labels) == column.units else [],
        }

    def _scale(self, head: Head) -> tuple[float, float]:
        """The span of a target's amounts, for colours and axes."""
        if head.task.kind != "regression":
            return 0.0, 1.0
        low, high = np.quantile(self._prepared.y_true("train", head.task.target), [0.01, 0.99])
        return float(low), float(high) if high > low else float(low) + 1.0

    # ------------------------------------------------------------ what is seen

    def __call__(
        self, epoch: float, weights: list[np.ndarray], before: list[np.ndarray] | None, steps: int
    ) -> dict[str, Any]:
        """The scene of an epoch; `before` are the weights some steps of the optimizer earlier, where they are known."""
        with np.errstate(all="ignore"):  # A network that diverges is drawn as far as it has numbers.
            return self._drawn(epoch, weights, before, steps)

    def _drawn(
        self, epoch: float, weights: list[np.ndarray], before: list[np.ndarray] | None, steps: int
    ) -> dict[str, Any]:
        moved = self._moved(weights, before, steps)
        self._handles.write(weights)
        values = dict(zip(self._places, weights, strict=True))
        first, *outs, predicted = self._forward(self._asked.x)
        outs = [
            np.concatenate([part.numpy() for part in out], axis=1) if isinstance(out, list) else out.numpy()
            for out in outs
        ]
        first = first.numpy()
        gradients = [float(size) for size in self._slopes(tf.constant(self._probe), self._y_true)]
        probe = self._asked.cuts["probe"]
        inputs = _standard(first[probe])
        return {
            "epoch": epoch,
            "columns": [
                self._column(column, column.weights(values), out, inputs, gradients[at], moved[at])
                for at, (column, out) in enumerate(zip(self._columns, outs, strict=True))
            ],
            "pins": self._pins(predicted),
            "picture": self._picture(predicted),
            "surface": self._surface(predicted),
        }

    def _column(
        self,
        column: LayerColumn,
        weights: tuple[np.ndarray, np.ndarray],
        out: np.ndarray,
        inputs: np.ndarray,
        gradient: float,
        moved: float | None,
    ) -> dict[str, Any]:
        kernel, bias = weights
        values = out[self._asked.cuts["probe"]]
        drawn = values[:, :DRAWN]
        follows = inputs.T @ _standard(drawn) / len(drawn)  # Correlation with each input.
        strongest = np.argsort(-np.abs(follows), axis=0)[:3]
        strength = rounded(np.take_along_axis(follows, strongest, axis=0).T)
        names = [[self._names[name] for name in unit] for unit in strongest.T.tolist()]
        heads = [
            [[name, by] for name, by in zip(*unit, strict=True) if by and abs(by) > 0.1]
            for unit in zip(names, strength, strict=True)
        ]
        found = {
            "kernel": rounded(kernel[:DRAWN, :DRAWN]),
            "bias": rounded(bias[:DRAWN]),
            "follows": heads,
            "mean": rounded(drawn.mean(axis=0)),
            "weights": _histogram(kernel),
            "outputs": _histogram(values),
            "health": self._health(column, values, gradient, moved),
        }
        if self._plane:
            pictures = out[self._asked.cuts["plane"]].reshape(GRID, GRID, -1)[::_UNIT_STEP, ::_UNIT_STEP, :DRAWN]
            found["pictures"] = [_bytes(_signed(pictures[:, :, unit])) for unit in range(pictures.shape[2])]
        return found

    @staticmethod
    def _health(
        column: LayerColumn, values: np.ndarray, gradient: float, moved: float | None
    ) -> dict[str, float | None]:
        saturated = None
        if column.bounds:
            low, high = column.bounds
            near = _NEAR * (high - low)
            saturated = float(((values < low + near) | (values > high - near)).mean())
        dead = float((values <= 0).all(axis=0).mean()) if column.silent else None
        return {
            "dead": dead,
            "saturated": saturated,
            "gradient": rounded(gradient),
            "moved": None if moved is None else rounded(moved),
        }

    def _gradients(self, x: tf.Tensor, y_true: Any) -> list[tf.Tensor]:
        """The size of the loss's gradient by each column's weights, on the probe."""
        groups = [
            [weight for layer in column.layers for weight in layer.trainable_variables] for column in self._columns
        ]
        with tf.GradientTape() as tape:
            loss = self._stack.compute_loss(x=x, y=y_true, y_pred=self._stack(x, training=False), training=False)
        found = tape.gradient(loss, [[weight.value for weight in group] for group in groups])
        return [
            tf.linalg.global_norm([one for one in group if one is not None]) if group else tf.constant(0.0)
            for group in found
        ]

    def _moved(self, weights: list[np.ndarray], before: list[np.ndarray] | None, steps: int) -> list[float | None]:
        """How far an average step moves the weights of each column, by their size."""
        if before is None:
            return [None] * len(self._columns)
        moved: list[float | None] = []
        for column in self._columns:
            at = [self._places[id(layer.kernel)] for layer in column.layers]
            size = np.sqrt(sum(float((weights[one] ** 2).sum()) for one in at)) or 1.0
            moved.append(
                float(
                    np.sqrt(sum(float(((weights[one] - before[one]) ** 2).sum()) for one in at)) / size / max(1, steps)
                )
            )
        return moved

    # ------------------------------------------------------------ its predictions

    def _of(self, predicted: Any, head: Head, part: str) -> np.ndarray:
        """(rows, outputs) in the target's own terms: amounts, or probabilities where it gives raw scores."""
        return self.heads.as_predicted(
            head, (predicted[head.name] if self.heads.several else predicted).numpy()[self._asked.cuts[part]]
        )

    def _pins(self, predicted: Any) -> list[list[Any]]:
        """For each pinned row and target the prediction: an amount, or [class, how sure]."""
        if "pins" not in self._asked.cuts:
            return []
        each = [
            self._said(head, self._of(predicted, head, "pins"), scale)
            for head, scale in zip(self.heads.all, self._scales, strict=True)
        ]
        return [list(row) for row in zip(*each, strict=True)]

    def _said(self, head: Head, found: np.ndarray, scale: tuple[float, float]) -> list[Any]:
        classes = self._prepared.targets[head.task.target].classes
        if not classes:
            return rounded(found[:, 0], significant(*scale, 6))
        if found.shape[1] == 1:
            margin, yes = head.experiment.compile.single_loss.row.margin, _yes(head, found)
            sure = rounded(found[:, 0] if margin else np.where(yes, found[:, 0], 1 - found[:, 0]))
            return [[classes[int(one)], value] for one, value in zip(yes, sure, strict=True)]
        return [
            [classes[at], value] for at, value in zip(found.argmax(axis=1), rounded(found.max(axis=1)), strict=True)
        ]

    def _picture(self, predicted: Any) -> dict[str, Any]:
        """Validation rows: predicted amounts in the order of the actual ones, or the confusion matrix, a row for
        each actual class.
        """
        head = self.heads.first
        found = self._of(predicted, head, "rows")
        if head.task.kind == "regression":
            return {"predicted": rounded(found[:, 0], significant(*self._scales[0], 4))}
        y_true = self._prepared.y_true(self._part, head.task.target)[:_ROWS]
        said = _yes(head, found).astype(int) if found.shape[1] == 1 else found.argmax(axis=1)
        counts = np.zeros((head.task.classes, head.task.classes), int)
        np.add.at(counts, (y_true.astype(int), said), 1)
        if head.task.classes <= 2 * DRAWN:
            return {"confusion": counts.tolist()}
        return {"right": float((y_true == said).mean()), "rows": len(y_true)}

    def _surface(self, predicted: Any) -> dict[str, Any] | None:
        """The predictions over the plane, a byte a point: an amount or a share between the ends of the scale; of
        several classes also which.
        """
        if not self._plane:
            return None
        head, found = self.heads.first, self._of(predicted, self.heads.first, "plane")
        if found.shape[1] > 1:
            return {"class": _bytes(found.argmax(axis=1)), "sure": _bytes(255 * np.clip(found.max(axis=1), 0, 1))}
        low, high = (-1.0, 1.0) if head.experiment.compile.single_loss.row.margin else self._scales[0]
        return {"value": _bytes(255 * np.clip((found[:, 0] - low) / (high - low), 0, 1))}


def _yes(head: Head, found: np.ndarray) -> np.ndarray:
    """The rows for which a binary network predicts its second class."""
    return found[:, 0] > (0.0 if head.experiment.compile.single_loss.row.margin else 0.5)


def _standard(values: np.ndarray) -> np.ndarray:
    """Columns of mean 0 and deviation 1; a constant one is 0."""
    centred = values - values.mean(axis=0)
    deviation = centred.std(axis=0)
    return centred / np.where(deviation > 1e-12, deviation, np.inf)


def _histogram(values: np.ndarray) -> dict[str, Any]:
    there = values[np.isfinite(values)].ravel()
    if not len(there):
        return {"low": 0.0, "high": 0.0, "counts": []}
    low, high = float(there.min()), float(there.max())
    if high - low < 1e-5 * max(1e-30, abs(low)):  # All the same: in the middle of a range of its own.
        low, high = low - 0.5 * (abs(low) or 1.0), low + 0.5 * (abs(low) or 1.0)
    # As `np.histogram` counts, but for rounding at a bin's edge; that takes ten times as long, while a training waits
    # for the interpreter.
    bins = ((there.astype("float64") - low) * (_BINS / (high - low))).astype(int)
    counts = np.bincount(np.minimum(bins, _BINS - 1), minlength=_BINS)
    return {"low": rounded(low), "high": rounded(high), "counts": counts.tolist()}


def _signed(values: np.ndarray) -> np.ndarray:
    """-most to most as 0 to 255: 128 is nothing."""
    most = float(np.abs(values).max()) or 1.0
    return 128 + 127 * np.nan_to_num(values / most)


def _bytes(values: np.ndarray) -> str:
    return base64.b64encode(np.clip(np.nan_to_num(values), 0, 255).round().astype("u1").tobytes()).decode()
