"""Gradient steps: the block program inside `fit` against plain `fit`, scikit-learn, PyTorch, JAX, the bare matrix
multiplies and itself.
"""

import contextlib
import itertools
import tempfile
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from benchmarks.byhand import by_hand
from benchmarks.measure import medians, ratio, share
from benchmarks.others import Peer
from benchmarks.stacks import LARGE, SMALL, Stack
from core.model.scoring_program import ValidationProgram
from core.runs.journal import Journal, new_run_id
from core.runs.run_training import Reporter, Telling
from core.training.compiled_epoch import BlockProgram
from core.training.fast_fit import lean
from core.training.monitor import FollowEpochs, Watch
from core.training.steering import Steering

_NAMES = {"keras": "plain fit", "sklearn": "scikit-learn", "torch": "PyTorch loop", "jax": "jax.lax.scan"}


def model_of(stack: Stack, metric: bool, dtype: str = "float32") -> keras.Sequential:
    """The stack with Adam, and with or without a metric beside the loss; `dtype` is the policy of its hidden layers."""
    model = keras.Sequential(
        [keras.Input((stack.columns,)), *[keras.layers.Dense(stack.units, "relu", dtype=dtype) for _ in range(2)]]
    )
    model.add(keras.layers.Dense(stack.classes or 1, "softmax" if stack.classes else None))
    if stack.classes:
        model.compile(
            "adam", "sparse_categorical_crossentropy", metrics=["sparse_categorical_accuracy"] if metric else []
        )
    else:
        model.compile("adam", "mse", metrics=["mae"] if metric else [])
    return model


def main() -> None:
    """64-64-1 on 20,640 rows of 8 columns at three batch sizes, and 512-512-10 on 60,000 rows of 784."""
    for stack in (*SMALL, LARGE):
        _compare(stack)
    for stack in SMALL:
        _whole(stack)


def _ours(stack: Stack, metric: bool) -> tuple[keras.Sequential, BlockProgram, np.ndarray, np.ndarray]:
    x, y = stack.data()
    y, model = y.reshape(-1, 1), model_of(stack, metric)
    return model, BlockProgram(model, x, y, stack.batch, 0), x, y


def _compare(stack: Stack) -> None:
    """Seconds of an epoch's full batches by each, though the quick ones make several epochs a call, and the slow ones
    some steps.
    """
    quick, repetitions = (10, 5) if stack is not LARGE else (1, 3)
    model, program, _, _ = _ours(stack, metric=False)  # As those it is measured against.
    model.train_function = program

    def ours() -> None:
        with lean(model):
            model.fit(program.dataset, epochs=quick, callbacks=[FollowEpochs(program)], verbose=0, shuffle=False)

    ways: dict[str, Callable[[], object]] = {"ours": ours}
    with contextlib.ExitStack() as open_peers:
        peers = [open_peers.enter_context(Peer(way, stack, quick if way == "jax" else 1)) for way in _NAMES]
        ours()
        ways |= {peer.way: peer for peer in peers if peer.ready()}
        if not stack.classes:
            ways["by hand"] = by_hand(stack)
            ways["by hand"]()
        ways |= {f"matmul {name}": way for name, way in _multiplies(stack, stack.some).items()}
        found = medians(ways, repetitions, warm=False)
    made = {"ours": quick * stack.steps, "jax": quick * stack.steps, "keras": stack.steps, "by hand": stack.steps}
    epoch = {name: value / made.get(name, stack.some) * stack.steps for name, value in found.items()}
    for way in _NAMES:
        wanted = {"jax": "1.00"}.get(way, "40" if way == "keras" and stack.batch == 32 else "")
        if way in epoch:
            ratio(f"steps a second, {stack}: Layerdeck / {_NAMES[way]}", epoch[way], epoch["ours"], wanted)
    if "by hand" in epoch and "jax" in epoch:
        ratio(f"steps a second, {stack}: by hand, TensorFlow's XLA / jax.lax.scan", epoch["jax"], epoch["by hand"])
    limit = min(value for name, value in epoch.items() if name.startswith("matmul"))
    share(
        f"steps a second, {stack}: Layerdeck of its bare matrix multiplies",
        limit,
        epoch["ours"],
        "60" if stack is LARGE else "",
    )


def _multiplies(stack: Stack, steps: int) -> dict[str, Callable[[], object]]:
    """The matrix multiplies of so many steps, forward and backward, and nothing else: by NumPy and by TensorFlow."""
    draw, widths = np.random.default_rng(0), stack.widths
    sides = [draw.normal(size=(stack.batch, width)).astype("float32") for width in widths]
    kernels = [draw.normal(size=two).astype("float32") for two in itertools.pairwise(widths)]
    forward = list(zip(sides, kernels, strict=False))
    slopes = list(itertools.pairwise(sides))
    backward = list(zip(sides[2:], kernels[1:], strict=False))

    def by_numpy() -> None:
        for _ in range(steps):
            for side, kernel in forward:
                side @ kernel
            for side, slope in slopes:
                side.T @ slope
            for slope, kernel in backward:
                slope @ kernel.T

    three = [[tuple(map(tf.constant, pair)) for pair in pairs] for pairs in (forward, slopes, backward)]

    @tf.function
    def step() -> list[tf.Tensor]:
        made = [tf.matmul(side, kernel) for side, kernel in three[0]]
        made += [tf.matmul(side, slope, transpose_a=True) for side, slope in three[1]]
        made += [tf.matmul(slope, kernel, transpose_b=True) for slope, kernel in three[2]]
        return [one[0, 0] for one in made]

    def by_tensorflow() -> None:
        for _ in range(steps):
            step()

    by_numpy(), by_tensorflow()
    return {"NumPy": by_numpy, "TensorFlow": by_tensorflow}


def _whole(stack: Stack) -> None:
    """What the worker does around the program: validation, callbacks, a journal that watchers read."""
    model, program, x, y = _ours(stack, metric=True)
    model.train_function = program
    model.test_function = validation = ValidationProgram(model, x[:3000], y[:3000])
    epochs = 30

    def bare() -> None:
        for epoch in range(epochs):
            program.epoch = epoch
            blocks = iter(program.dataset.get_tf_dataset())
            for _ in range(program.blocks):
                program(blocks)

    with tempfile.TemporaryDirectory() as folder:

        def reported() -> None:
            journal = Journal(Path(folder), new_run_id())
            journal.begin("{}")
            reporter = Reporter(Telling(journal, lambda _event: None, lambda _says: None), lambda _epochs: None)
            watch = Watch({}, ("val_loss", False), epochs, reporter.epoch, Steering())
            callbacks = [
                FollowEpochs(program),
                keras.callbacks.EarlyStopping(patience=epochs, restore_best_weights=True),
                watch,
            ]
            data = {"validation_data": validation.dataset, "verbose": 0, "shuffle": False}
            with lean(model, callbacks):
                model.fit(program.dataset, epochs=10**6, callbacks=callbacks, **data)
            reporter.close()

        found = medians({"reported": reported, "bare": bare}, 7)
    more = "on top of the bare program: validation, metrics, callbacks, reports"
    share(f"{stack}, {more}", found["reported"] - found["bare"], found["bare"], "15")
