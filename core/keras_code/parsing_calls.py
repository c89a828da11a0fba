"""Calls of Python source as what they make: layers, models, and what is said to `compile` and `fit`."""

import ast
from collections.abc import Callable, Iterator
from typing import Any

from core.keras_code.parsing_expressions import Expressions
from core.keras_code.parsing_values import MOST_PARTS, Chain, Function, Made, Named, NotReadable, Stack, Unread, size

_MOST_CALLS = 8  # Of functions within each other.


class Calls(Expressions):
    """Reads calls."""

    _within = 0

    def _call(self, node: ast.Call) -> Any:
        if isinstance(node.func, ast.Attribute):
            of = self.value(node.func.value)
            if isinstance(of, Stack | list):
                return self._method(of, node.func.attr, node)
            called = self._part_of(of, node.func)
        else:
            called = self.value(node.func)
        given = self._parts(node.args)
        named: dict[str, Any] = {}
        for one in node.keywords:
            value = self.value(one.value)
            inner = value if one.arg is None and isinstance(value, dict) else {}
            named |= {one.arg: value} if one.arg else {str(key): part for key, part in inner.items()}
        name = called.name if isinstance(called, Function) else called.last if isinstance(called, Named) else ""
        self.text.called.add(name)
        # Layerdeck's own: words become vectors.
        if name == "embedded" and len(given) == 3 and isinstance(given[2], Function):
            return Chain((*_chain(given[0]).layers, self.run(given[2], [], {})))
        if name == "LearningRateScheduler":
            given = [self._schedule(one) for one in given]
            named |= {key: self._schedule(one) for key, one in named.items()}
        if isinstance(called, Function):
            return self.run(called, given, named)
        if isinstance(called, Stack | Made):
            return self._applied(called, given)
        if not isinstance(called, Named):
            return self._unread(node)
        if name in _PLAIN and called.path == name:
            return _PLAIN[name](given)
        if name == "Sequential" and not called.foreign:
            return self._sequential([*given, named.get("layers")], node)
        if name in ("Model", "Functional") and not called.foreign:
            return self._functional([*given, *(named[key] for key in ("inputs", "outputs") if key in named)], node)
        if name in ("set_random_seed", "set_seed") and given:
            self.text.seed = given[0]
        if name in ("set_dtype_policy", "set_global_policy") and (said := [*given, *named.values()]):
            self.text.dtype_policy = said[0]
        if name == "get" and len(given) == 1 and isinstance(given[0], str):
            return given[0]  # keras.activations.get("relu")
        return Made(called, tuple(given), named, node.lineno)

    def _method(self, of: Stack | list[Any], name: str, node: ast.Call) -> Any:
        if isinstance(of, Stack) and name in ("compile", "fit"):
            named = {one.arg: self._meant(self.value(one.value)) for one in node.keywords if one.arg}
            made = Made(Named(name), tuple(map(self._meant, self._parts(node.args))), named, node.lineno)
            of.compiled, of.fitted = (made, of.fitted) if name == "compile" else (of.compiled, made)
            return self._unread(node)
        given = self._parts([*node.args, *(one.value for one in node.keywords)])
        if name in ("add", "append") and given:
            of.add(given[:1]) if isinstance(of, Stack) else of.append(given[0])
        elif name == "extend" and isinstance(of, list) and given and isinstance(given[0], list | tuple):
            of.extend(given[0])
        elif name == "pop" and not given:
            return (of.layers if isinstance(of, Stack) else of).pop()
        if isinstance(of, list) and size(of) > MOST_PARTS:
            raise NotReadable(f"A list of the text has more than {MOST_PARTS:,} parts.")
        return self._unread(node)

    def _schedule(self, value: Any) -> Any:
        """A function of the epoch that asks a schedule, as that schedule."""
        found = self.run(value, [], {}) if isinstance(value, Function) else value
        return found.layers[0] if isinstance(found, Chain) and len(found.layers) == 1 else found

    def _meant(self, value: Any) -> Any:
        """A function that only hands scaled numbers to a loss, as that loss: so Layerdeck's own programs do it."""
        if isinstance(value, dict):
            return {name: self._meant(one) for name, one in value.items()}
        if not isinstance(value, Function):
            return value
        outer, self.names = self.names, {**value.names, **value.given}
        try:
            asked = (
                node.value for node in ast.walk(value.node) if isinstance(node, ast.Attribute) and node.attr == "call"
            )
            return next((found for found in map(self.value, asked) if isinstance(found, Made)), value)
        finally:
            self.names = outer

    def _sequential(self, given: list[Any], node: ast.Call) -> Stack:
        made = Stack(line=node.lineno)
        self.text.stacks.append(made)
        if given and isinstance(given[0], list | tuple):
            made.add(given[0])
        elif given and given[0] is not None:
            shown = self._unread([*node.args, *(one.value for one in node.keywords)][0]).text
            self.text.remarks.append(
                f"Line {node.lineno}: the layers are {shown!r}, which is only known when the program runs."
            )
        return made

    def _functional(self, given: list[Any], node: ast.Call) -> Any:
        """A functional model: its chain, of several outputs the layers that they share and the first one's own."""
        out = given[1] if len(given) > 1 else None
        ends: list[Any] = (  # Whatever stands there: chains of layers, where it can be read.
            [*out.values()] if isinstance(out, dict) else [*out] if isinstance(out, list | tuple) else [out]
        )
        if not ends or not all(isinstance(one, Chain) for one in ends):
            return self._unread(node)
        made = Stack(line=node.lineno)
        made.add(ends[0].layers)
        self.text.stacks.append(made)
        return made

    def _applied(self, called: Stack | Made, given: list[Any]) -> Chain:
        before = given[0] if given else None
        if isinstance(before, list | tuple) and before:
            before = before[0]
        layers = (*_chain(before).layers, *(called.layers if isinstance(called, Stack) else [called]))
        if len(layers) > MOST_PARTS:
            raise NotReadable(f"The model has more than {MOST_PARTS:,} layers.")
        return Chain(layers)

    def run(self, function: Function, given: list[Any], named: dict[str, Any]) -> Any:
        """What a function gives for these arguments; its body is read, not run."""
        if self._within >= _MOST_CALLS:
            return Unread(function.name)
        values = function.given | dict(zip(function.given, given, strict=False))
        values |= {name: value for name, value in named.items() if name in function.given}
        outer, self.names = self.names, {**function.names, **values}
        self._within += 1
        try:
            node = function.node
            return self.value(node.body) if isinstance(node, ast.Lambda) else self.body(node.body)
        finally:
            self.names = outer
            self._within -= 1

    def body(self, statements: list[ast.stmt]) -> Any:
        """What a function's statements give back."""
        raise NotImplementedError


def _chain(value: Any) -> Chain:
    """The layers before a tensor; an input made by a call stands for itself, of any other tensor nothing is known."""
    if isinstance(value, Chain):
        return value
    return Chain((value,)) if isinstance(value, Made) and value.of.last in ("Input", "InputLayer") else Chain()


def _range(given: list[Any]) -> list[int]:
    found = range(*given)
    if len(found) > MOST_PARTS:
        raise ValueError
    return list(found)


def _parallel(given: list[Any]) -> Iterator[tuple[Any, ...]]:
    return zip(*(one if isinstance(one, list | tuple) else [] for one in given), strict=False)


def _least(given: list[Any]) -> Any:
    """min(3, UNKNOWN) is taken as 3."""
    return min(one for one in given if isinstance(one, int | float))


# Python's own functions, as far as stacks are built with them.
_PLAIN: dict[str, Callable[[list[Any]], Any]] = {
    "range": _range,
    "enumerate": lambda given: list(enumerate(given[0])) if isinstance(given[0], list | tuple) else Unread("enumerate"),
    "zip": lambda given: list(_parallel(given)),
    "reversed": lambda given: list(reversed(given[0])),
    "list": lambda given: list(given[0]) if given else [],
    "tuple": lambda given: tuple(given[0]) if given else (),
    "len": lambda given: len(given[0]),
    "min": _least,
    "int": lambda given: int(given[0]) if isinstance(given[0], int | float) else Unread("int"),
    "float": lambda given: float(given[0]) if isinstance(given[0], int | float) else given[0],
    "dict": lambda given: dict(given[0]) if given else {},
}
