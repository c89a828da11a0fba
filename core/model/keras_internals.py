"""All private parts of Keras that Layerdeck uses, in this file alone, a function for each. Tried with Keras 3.15.

with layer_seeds(random.Random(7)): ...    layers draw their seeds from this generator
block_numbers(40)                          what `fit` walks through: 0 to 39, without an iterator of `tf.data`
build_metrics(model, (x, y))               loss and metrics get their variables, before a program is made of them
resource(variable)                         the variable as TensorFlow's own operations read and write it
with logs_kept(model): ...                 `fit` takes the logs of our train function as they are
with comparison(callbacks, better): ...    those that look for the best epoch compare two numbers by `better`
nodes(model)                               what is done in a functional model, each after what it reads
averaged(callback)                         whether the average of the weights is in their place
callback_notes(callback)                   what a callback has noted, to be read and written

Where another Keras has not such a part, the plain way is taken, and the log says so, once: numbers stay the same, and
take longer. There is no plain way to the nodes of a model: the report then does not draw them. Notes are the callback's
own attributes, whatever their names: a checkpoint that another Keras has written may lack some.
"""

import importlib
import logging
import random
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from operator import methodcaller
from types import BuiltinMethodType, MethodType
from typing import Any

import keras
import tensorflow as tf

log = logging.getLogger(__name__)
TRIED = "3.15"


def keras_part(owner: Any, name: str) -> Any:
    """A private part of a class, an object, or a module of that name; None, and a line in the log, where there is none.

    Args:
        owner: Of an object or class the part is an attribute. Of text, "keras.src.random.seed_generator", it is the
            module's.
    """
    where = owner
    if isinstance(owner, str):
        try:
            where = importlib.import_module(owner)
        except ImportError:
            where = None
    found = getattr(where, name, None)
    if found is None:
        _warn(owner if isinstance(owner, str) else getattr(owner, "__name__", type(owner).__name__), name)
    return found


@cache
def _warn(owner: str, name: str) -> None:
    """Says once what is missing."""
    log.warning("Keras %s has no %s of %s (tried: %s): the plain way is taken", keras.__version__, name, owner, TRIED)


@contextmanager
def layer_seeds(generator: random.Random) -> Iterator[None]:
    """Layers draw their seeds from a generator of their own. The plain way has all that this thread draws from Python's
    global generator come from it, whatever other threads draw meanwhile.
    """
    module = "keras.src.random.seed_generator"
    if keras_part(module, "python_random") is None:
        with _draws_of_this_thread(generator):
            yield
        return
    seeds: Any = importlib.import_module(module)
    draws = seeds.python_random
    seeds.python_random = generator
    try:
        yield
    finally:
        seeds.python_random = draws


@contextmanager
def _draws_of_this_thread(generator: random.Random) -> Iterator[None]:
    """The functions of Python's `random` draw from a generator where this thread calls them."""
    known = {name: vars(random)[name] for name in random.__all__}
    usual = {name: one for name, one in known.items() if isinstance(one, MethodType | BuiltinMethodType)}
    drawing = threading.get_ident()

    def draws(name: str) -> Callable[..., Any]:
        def draw(*args: Any, **named: Any) -> Any:
            ours = threading.get_ident() == drawing
            return methodcaller(name, *args, **named)(generator) if ours else usual[name](*args, **named)

        return draw

    vars(random).update({name: draws(name) for name in usual})
    try:
        yield
    finally:
        vars(random).update(usual)


def block_numbers(count: int) -> Any:
    """What `fit` and `evaluate` walk through: the numbers from 0 to count - 1.

    An iterator of `tf.data`, the plain way, takes some 10 ms to make and to free, as long as an epoch of a small table;
    this one takes none.
    """
    adapter = keras_part("keras.src.trainers.data_adapters.data_adapter", "DataAdapter")
    return tf.data.Dataset.range(count) if adapter is None else _numbers_of(adapter)(count)


@cache
def _numbers_of(adapter: Any) -> Any:
    class Numbers(adapter):
        def __init__(self, count: int) -> None:
            self.count = count

        def get_tf_dataset(self) -> range:
            return range(self.count)

        @property
        def num_batches(self) -> int:
            return self.count

        batch_size = has_partial_batch = partial_batch_size = None

    return Numbers


def build_metrics(model: keras.Model, batch: tuple[Any, ...]) -> None:
    """Loss and metrics of a compiled model get their variables for batches like this one: matrix, targets, and weights
    where there are some. The plain way computes them once, and sets them back.
    """
    build = keras_part(model, "_symbolic_build")
    if build is not None:
        build(data_batch=batch)
        return
    x, y, weights = (*batch, None)[:3]
    predicted = model(x, training=False)
    model.compute_loss(x, y, predicted, weights, training=False)
    model.compute_metrics(x, y, predicted, weights)
    model.reset_metrics()


def resource(variable: keras.Variable) -> Any:
    """The handle of a variable's memory, for TensorFlow's own operations; None where only `numpy` and `assign` are
    left.
    """
    return keras_part(variable.value, "handle")


@contextmanager
def logs_kept(model: keras.Model) -> Iterator[None]:
    """`fit` takes the logs of the model's train function as they are. The plain way asks each metric for its result
    once more.
    """
    if keras_part(model, "_get_metrics_result_or_logs") is None:
        yield
        return
    model._get_metrics_result_or_logs = lambda logs: logs
    try:
        yield
    finally:
        vars(model).pop("_get_metrics_result_or_logs", None)


Comparison = Callable[[float, float | None], bool]  # Of a number and the best so far.


@contextmanager
def comparison(
    callbacks: Iterable[keras.callbacks.Callback], better: Callable[[keras.callbacks.Callback], Comparison]
) -> Iterator[None]:
    """Those of the callbacks that compare as EarlyStopping does compare by `better(callback)`. The plain way has
    TensorFlow compare.
    """
    own = keras_part(keras.callbacks.EarlyStopping, "_is_improvement")
    with ExitStack() as stack:
        for callback in callbacks if own is not None else ():
            if getattr(type(callback), "_is_improvement", None) is own:
                callback._is_improvement = better(callback)
                stack.callback(vars(callback).pop, "_is_improvement", None)
        yield


def nodes(model: keras.Model) -> list[Any] | None:
    """What is done in a functional model, each after what it reads, its inputs among them; None where Keras does not
    say.
    """
    by_depth = keras_part(model, "_nodes_by_depth")
    return None if by_depth is None else [node for depth in sorted(by_depth, reverse=True) for node in by_depth[depth]]


def averaged(callback: keras.callbacks.Callback) -> bool:
    """Whether a callback has put the average of the weights in their place."""
    swaps = isinstance(callback, keras.callbacks.SwapEMAWeights)
    return swaps and bool(keras_part(callback, "_ema_weights_in_model"))


def callback_notes(callback: keras.callbacks.Callback) -> dict[str, Any]:
    """What a callback has noted: its attributes by name, to be read and written."""
    return vars(callback)
