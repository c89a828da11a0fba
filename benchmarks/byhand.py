"""The small stack's steps written out by hand for XLA, the arithmetic of Keras's own `train_step`: what TensorFlow's
XLA makes of them.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import tensorflow as tf

from benchmarks.stacks import Stack

_RATE, _FIRST, _SECOND, _SMALL = 1e-3, 0.9, 0.999, 1e-7  # Of Keras's Adam.


def by_hand(stack: Stack) -> Callable[[], object]:
    """An epoch's full batches, for a regression: forward, backward and Adam, in one compiled loop over rows that lie in
    batches.

    It draws no order of rows and leaves the last, smaller batch out: less than the others do.
    """
    draw, full = np.random.default_rng(1), stack.steps * stack.batch
    rows = [tf.constant(column[:full].reshape(stack.steps, stack.batch, -1)) for column in stack.data()]
    weights = []
    for two in pairwise(stack.widths):
        weights += [
            tf.Variable(draw.normal(size=two, scale=sum(two) ** -0.5).astype("float32")),
            tf.Variable(tf.zeros(two[1])),
        ]
    state = [*weights, *[tf.Variable(tf.zeros_like(weight)) for weight in weights * 2], tf.Variable(0.0)]

    @tf.function(jit_compile=True)
    def epoch(xs: tf.Tensor, ys: tf.Tensor) -> tf.Tensor:
        def step(at: tf.Tensor, kept: list[tf.Tensor], total: tf.Tensor) -> Any:
            loss, slopes = _slopes(kept[:6], xs[at], ys[at])
            return at + 1, _adam(kept, slopes), total + loss

        begin = [tf.constant(0), [one.read_value() for one in state], tf.constant(0.0)]
        _, kept, total = tf.while_loop(lambda at, *_: at < stack.steps, step, begin)
        for one, value in zip(state, kept, strict=True):
            one.assign(value)
        return total / stack.steps

    return lambda: float(epoch(*rows))


def _slopes(weights: list[tf.Tensor], x: tf.Tensor, y: tf.Tensor) -> tuple[tf.Tensor, list[tf.Tensor]]:
    first = tf.nn.relu(x @ weights[0] + weights[1])
    second = tf.nn.relu(first @ weights[2] + weights[3])
    off = second @ weights[4] + weights[5] - y
    above = 2 * off / x.shape[0]
    to_second = tf.where(second > 0, tf.matmul(above, weights[4], transpose_b=True), 0)
    to_first = tf.where(first > 0, tf.matmul(to_second, weights[2], transpose_b=True), 0)
    found = []
    for under, over in ((x, to_first), (first, to_second), (second, above)):
        found += [tf.matmul(under, over, transpose_a=True), tf.reduce_sum(over, 0)]
    return tf.reduce_mean(off * off), found


def _adam(kept: list[tf.Tensor], slopes: list[tf.Tensor]) -> list[tf.Tensor]:
    weights, means, squares, made = kept[:6], kept[6:12], kept[12:18], kept[18] + 1
    means = [mean + (slope - mean) * (1 - _FIRST) for mean, slope in zip(means, slopes, strict=True)]
    squares = [square + (slope * slope - square) * (1 - _SECOND) for square, slope in zip(squares, slopes, strict=True)]
    rate = _RATE * tf.sqrt(1 - _SECOND**made) / (1 - _FIRST**made)
    moved = [
        weight - rate * mean / (tf.sqrt(square) + _SMALL)
        for weight, mean, square in zip(weights, means, squares, strict=True)
    ]
    return [*moved, *means, *squares, made]
