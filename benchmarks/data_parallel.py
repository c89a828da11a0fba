"""One training over two workers by MultiWorkerMirroredStrategy: steps a second against one worker with the same batch.

A worker is a process with one thread, as a machine of one core would be. Keras's `fit` does not train under this
strategy (Keras 3.15), a loop of `strategy.run` does: each worker computes the gradients of its half of the batch by
XLA, and they are summed between the processes.
"""

import itertools
import json
import os
import socket
import subprocess
import sys
import time
from typing import Any

from benchmarks.measure import line, ratio
from benchmarks.stacks import LARGE, SMALL, Stack

_WARM, _SECONDS, _REPETITIONS = 3, 2.0, 3  # Steps; of a measurement; of which the fastest counts.
_STACKS = (SMALL[2], LARGE, LARGE._replace(batch=2048))
_WANTED = "1.6"  # For it to be built.


def main() -> None:
    """Prints how much faster two workers make the steps of each stack."""
    for number, stack in enumerate(_STACKS):
        one, two = (_steps_a_second(number, workers) for workers in (1, 2))
        line(f"{stack}: steps a second, one worker and two", f"{one:,.0f} and {two:,.0f}")
        ratio(f"{stack}: two workers / one", two, one, _WANTED)


def _steps_a_second(number: int, workers: int) -> float:
    """Starts the workers as processes and takes what the first one measured."""
    addresses = [f"127.0.0.1:{_free_port()}" for _ in range(workers)]
    processes = []
    for index in range(workers):
        task = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
        environment = {**os.environ, "TF_NUM_INTRAOP_THREADS": "1", "TF_CONFIG": json.dumps(task)}
        command = [sys.executable, "-m", "benchmarks.data_parallel", str(number)]
        processes.append(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE))
    said = [process.communicate(timeout=300) for process in processes]
    for process, (_, errors) in zip(processes, said, strict=True):
        if process.returncode:
            raise RuntimeError(errors.decode(errors="replace")[-2000:])
    return float(said[0][0].split()[-1])


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _work(stack: Stack) -> float:
    """What one of the workers does: steps a second of plain gradient descent on its share of each batch."""
    import keras
    import tensorflow as tf

    task = json.loads(os.environ["TF_CONFIG"])
    workers, rank = len(task["cluster"]["worker"]), task["task"]["index"]
    strategy = tf.distribute.MultiWorkerMirroredStrategy() if workers > 1 else tf.distribute.get_strategy()
    with strategy.scope():
        keras.utils.set_random_seed(1)
        hidden = [keras.layers.Dense(stack.units, "relu") for _ in range(2)]
        last = keras.layers.Dense(stack.classes or 1)
        model = keras.Sequential([keras.Input((stack.columns,)), *hidden, last])
    loss: Any = (
        keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="sum")
        if stack.classes
        else keras.losses.MeanSquaredError(reduction="sum")
    )
    x, y = stack.data()
    batches = min(20, stack.rows // stack.batch)
    own = slice(rank * (stack.batch // workers), (rank + 1) * (stack.batch // workers))
    rows = tf.constant(x[: batches * stack.batch].reshape(batches, stack.batch, -1)[:, own])
    true = tf.constant(y[: batches * stack.batch].reshape(batches, stack.batch, *y.shape[1:])[:, own])

    @tf.function(jit_compile=True)
    def gradients(some: tf.Tensor, of_some: tf.Tensor) -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            mean = loss(of_some, model(some, training=True)) / stack.batch
        return tape.gradient(mean, model.trainable_variables)

    def step(some: tf.Tensor, of_some: tf.Tensor) -> None:
        found = gradients(some, of_some)
        if workers > 1:
            found = tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, found)
        for variable, gradient in zip(model.trainable_variables, found, strict=True):
            variable.value.assign_sub(1e-4 * gradient)

    @tf.function
    def steps(number: tf.Tensor) -> None:
        for at in tf.range(number):
            strategy.run(step, args=(rows[at % batches], true[at % batches]))

    steps(tf.constant(_WARM))
    number, fastest = tf.constant(_number(stack)), float("inf")
    for _ in range(_REPETITIONS):
        start = time.perf_counter()
        steps(number)
        fastest = min(fastest, time.perf_counter() - start)
    return int(number) / fastest


def _number(stack: Stack) -> int:
    """Steps of about `_SECONDS` at 5e9 multiplications a second; the same in each worker, which wait for each other."""
    widths = stack.widths
    work = 3 * stack.batch * sum(one * other for one, other in itertools.pairwise(widths))
    return int(min(2000, max(5, _SECONDS * 5e9 / work)))


if __name__ == "__main__":
    print(_work(_STACKS[int(sys.argv[1])]), flush=True)
