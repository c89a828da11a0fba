"""A training walked again until it breaks, and one batch looked at layer by layer."""

import time
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from core.experiment.spec import Experiment, Fit
from core.model.batches import row_order, taken
from core.model.scoring_program import Column

_SECONDS = 5.0  # For walking again; a training that takes longer to break is judged by its settings.
_ZERO = 1e-6


@dataclass(frozen=True)
class BatchTrace:
    """One batch in one network: sizes are largest absolute values by layer, infinite where one is no number.

    Attributes:
        outputs: What each layer gave.
        predictions: Smallest and largest of the network's predictions, and the share of them below 0.
        zeros: The share of target values that are 0, for what divides by them.
        loss, penalty: The loss, and the part of it that regularizers add.
        back: What came back to each layer's output from the loss.
        gradients: Lengths of the gradients of each layer's weights.
        weights: Of each layer.
    """

    outputs: list[float]
    predictions: tuple[float, float, float]
    zeros: float
    loss: float
    penalty: float
    back: list[float]
    gradients: list[float]
    weights: list[float]


def largest(arrays: Any) -> float:
    """The largest absolute value; infinite where one is no number."""
    found = [np.abs(np.asarray(one, "float64")).max(initial=0.0) for one in arrays]
    return float(np.nan_to_num(np.array(found), nan=np.inf, posinf=np.inf).max(initial=0.0))


def breaking_step(
    stack: keras.Model, x: np.ndarray, y: Column, counts: Any, fit: Fit, epoch: int
) -> tuple[list[np.ndarray], np.ndarray] | None:
    """Trains on until weights or loss are no numbers: the last weights that were, and the rows of the step after them;
    None where that does not happen in time.
    """
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end:
        order = row_order(len(x), fit.seed, epoch)
        epoch += 1
        starts = range(0, len(x), fit.batch_size)
        for at in starts[: fit.steps_per_epoch]:
            rows, weights = order[at : at + fit.batch_size], stack.get_weights()
            loss = stack.train_on_batch(
                x[rows], taken(y, rows), None if counts is None else taken(counts, rows), return_dict=True
            )["loss"]
            if not np.isfinite(loss) or not np.isfinite(largest(stack.get_weights())):
                return weights, rows
            if time.monotonic() > end:
                break
        stack.reset_metrics()
    return None


def by_card(stack: keras.Model, experiment: Experiment) -> list[list[keras.Layer]]:
    """For each layer of the experiment those that Keras has in its place: an embedding has one a feature, the last one
    a target each.
    """
    left = [layer for layer in stack.layers if type(layer).__name__ in {one.name for one in experiment.layers}]
    cards: list[list[keras.Layer]] = []
    for at, card in enumerate(experiment.layers):
        last = at == len(experiment.layers) - 1
        many = (
            len(left)
            if last
            else next((n for n, layer in enumerate(left) if type(layer).__name__ != card.name), len(left))
        )
        cards.append(left[: many if last or card.row.embeds else 1])
        left = left[len(cards[-1]) :]
    return cards


def trace(
    stack: keras.Model, cards: list[list[keras.Layer]], weights: list[np.ndarray], x: np.ndarray, y: Column, counts: Any
) -> BatchTrace:
    """One batch, forward and back, with these weights; `cards` are the layers by the experiment's."""
    stack.set_weights(weights)
    prediction = stack.outputs[0] if isinstance(stack, keras.Sequential) else stack.output
    walk = keras.Model(stack.inputs[0], [[[layer.output for layer in each] for each in cards], prediction])
    with tf.GradientTape() as tape:
        outputs, predictions = walk(x, training=True)
        penalty = sum(stack.losses, tf.constant(0.0))
        loss = stack.compute_loss(x, y, predictions, counts, training=True)
    owned = [[one.value for layer in each for one in layer.trainable_variables] for each in cards]
    back, gradients = tape.gradient(loss, (outputs, owned))
    flat = np.concatenate([np.asarray(one, "float64").ravel() for one in tf.nest.flatten(predictions)])
    return BatchTrace(
        outputs=[largest(each) for each in outputs],
        predictions=(float(flat.min()), float(flat.max()), float((flat < 0).mean())),
        zeros=float(np.mean([(np.abs(one) < _ZERO).mean() for one in tf.nest.flatten(y)])),
        loss=float(loss),
        penalty=float(penalty),
        back=[largest(one for one in each if one is not None) for each in back],
        gradients=[_length(each) for each in gradients],
        weights=[largest(weight for layer in each for weight in layer.get_weights()) for each in cards],
    )


def _length(gradients: list[Any]) -> float:
    there = [np.asarray(tf.convert_to_tensor(one), "float64").ravel() for one in gradients if one is not None]
    length = float(np.linalg.norm(np.concatenate(there))) if there else 0.0
    return length if np.isfinite(length) else np.inf
