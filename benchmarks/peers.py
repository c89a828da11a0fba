"""What Layerdeck is measured against, each in a process of its own that makes an epoch whenever a line asks for one.

python -m benchmarks.peers WAY ROWS COLUMNS UNITS CLASSES BATCH     WAY: keras, sklearn, torch or jax

All of them walk through the rows in a new order each epoch and take steps of Adam. scikit-learn and PyTorch take
`Stack.some` of an epoch's steps, the others all, with a last, smaller batch.
"""

import sys
import warnings
from collections.abc import Callable

import numpy as np

from benchmarks.stacks import Stack


def keras(stack: Stack) -> Callable[[], None]:
    """Plain `fit`, with its defaults."""
    import keras as k

    x, y = stack.data()
    model = k.Sequential([k.Input((stack.columns,)), *[k.layers.Dense(stack.units, "relu") for _ in range(2)]])
    model.add(k.layers.Dense(stack.classes or 1, "softmax" if stack.classes else None))
    model.compile("adam", "sparse_categorical_crossentropy" if stack.classes else "mse")
    model.fit(x[: 2 * stack.batch], y[: 2 * stack.batch], batch_size=stack.batch, verbose=0)
    return lambda: model.fit(x, y, batch_size=stack.batch, verbose=0)


def sklearn(stack: Stack) -> Callable[[], None]:
    """scikit-learn's own network."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    x, y = (column[: stack.some * stack.batch] for column in stack.data())
    warnings.simplefilter("ignore")  # It says that one epoch is not enough.
    kind = MLPClassifier if stack.classes else MLPRegressor
    model = kind(hidden_layer_sizes=(stack.units, stack.units), batch_size=stack.batch, max_iter=1, warm_start=True)
    return lambda: model.fit(x, y.ravel())


def torch(stack: Stack) -> Callable[[], None]:
    """A plain loop."""
    import torch as t
    from torch import nn

    x, y = (t.from_numpy(column) for column in stack.data())
    y = y.long() if stack.classes else y
    model = nn.Sequential(
        *[nn.Linear(stack.columns, stack.units), nn.ReLU(), nn.Linear(stack.units, stack.units), nn.ReLU()],
        nn.Linear(stack.units, stack.classes or 1),
    )
    loss, optimizer = nn.CrossEntropyLoss() if stack.classes else nn.MSELoss(), t.optim.Adam(model.parameters())

    def epoch() -> None:
        for rows in t.randperm(stack.rows)[: stack.some * stack.batch].view(stack.some, stack.batch):
            optimizer.zero_grad()
            loss(model(x[rows]), y[rows]).backward()
            optimizer.step()

    return epoch


def jax(stack: Stack) -> Callable[[], None]:
    """`lax.scan` over the epoch's batches, with optax, compiled whole; the order of rows comes from NumPy, as
    Layerdeck's does.
    """
    import jax as j
    import optax

    x, y = map(j.numpy.asarray, stack.data())
    draw, optimizer = np.random.default_rng(1), optax.adam(1e-3)
    sizes = zip(stack.widths, stack.widths[1:], strict=False)
    weights = [
        (j.numpy.asarray(draw.normal(size=two, scale=sum(two) ** -0.5), "float32"), j.numpy.zeros(two[1]))
        for two in sizes
    ]

    def loss(weights, x, y):
        for kernel, bias in weights[:-1]:
            x = j.nn.relu(x @ kernel + bias)
        outputs = x @ weights[-1][0] + weights[-1][1]
        if stack.classes:
            return optax.softmax_cross_entropy_with_integer_labels(outputs, y).mean()
        return ((outputs - y) ** 2).mean()

    def step(carry, batch):
        value, slopes = j.value_and_grad(loss)(carry[0], *batch)
        changes, state = optimizer.update(slopes, carry[1], carry[0])
        return (optax.apply_updates(carry[0], changes), state), value

    def walk(carry, x, y, order):
        columns, full = [column[order] for column in (x, y)], stack.steps * stack.batch
        batches = [column[:full].reshape(stack.steps, stack.batch, *column.shape[1:]) for column in columns]
        carry, values = j.lax.scan(step, carry, batches)
        if full < stack.rows:
            carry, _ = step(carry, [column[full:] for column in columns])
        return carry, values.mean()

    compiled, carry = j.jit(walk, donate_argnums=0), (weights, optimizer.init(weights))

    def epoch() -> None:
        nonlocal carry
        carry, value = compiled(carry, x, y, draw.permutation(stack.rows))
        float(value)

    epoch()
    return epoch


def main(way: str, *numbers: str) -> None:
    """Answers each line, a number of epochs, with another one when they are made."""
    epoch = {"keras": keras, "sklearn": sklearn, "torch": torch, "jax": jax}[way](Stack(*map(int, numbers)))
    print("ready", flush=True)
    for line in sys.stdin:
        for _ in range(int(line)):
            epoch()
        print("done", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
