"""Expressions of Python source as values. Nothing is run: numbers stay small, lists short, and what is not known stays
`Unread`.
"""

import ast
from collections.abc import Callable
from typing import Any

from core.catalog.fields import shortened
from core.keras_code.parsing_values import MOST_PARTS, Function, Named, NotReadable, Stack, Text, Unread, size

_MOST_STEPS, _MOST_DEPTH = 100_000, 90
_LARGEST, _LONGEST, _MOST_SHOWN = 10**15, 10_000, 60
_OPERATIONS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.FloorDiv: lambda a, b: a // b,
    ast.Mod: lambda a, b: a % b,
}


class Expressions:
    """Reads expressions of one text; calls, and statements, are read by the classes that build on it."""

    def __init__(self, source: str) -> None:
        self.text = Text()
        self.names = self.text.names
        self._lines = source.encode("utf-8", "replace").split(b"\n")
        self._steps = self._depth = 0

    def step(self) -> None:
        """Counts what is read, so that no text takes long."""
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise NotReadable("The text does more than can be followed: paste only the lines that build the model.")

    def value(self, node: ast.expr | None) -> Any:
        """What an expression is; `Unread` when that is only known when the program runs."""
        self.step()
        if self._depth >= _MOST_DEPTH:
            raise NotReadable("The text is nested too deeply.")
        self._depth += 1
        try:
            read = getattr(self, f"_{type(node).__name__.lower()}", None)
            found = read(node) if read else self._unread(node)
        except NotReadable:
            raise
        except (ValueError, TypeError, ArithmeticError, LookupError):
            found = self._unread(node)
        finally:
            self._depth -= 1
        return self._unread(node) if isinstance(found, list | tuple | dict) and size(found) > MOST_PARTS else found

    def _unread(self, node: ast.AST | None) -> Unread:
        if not isinstance(node, ast.expr):
            return Unread("")
        line = self._lines[node.lineno - 1] if node.lineno <= len(self._lines) else b""
        end = node.end_col_offset if node.end_lineno == node.lineno else None
        shown = line[node.col_offset : end].decode("utf-8", "replace")
        return Unread(shortened(shown, _MOST_SHOWN))

    def _constant(self, node: ast.Constant) -> Any:
        value = node.value
        large = isinstance(value, int) and abs(value) > _LARGEST
        long = isinstance(value, str) and len(value) > _LONGEST
        return value if not large and not long and isinstance(value, str | int | float | None) else self._unread(node)

    def _name(self, node: ast.Name) -> Any:
        found = self.names.get(node.id, Named(node.id))
        return Unread(node.id) if isinstance(found, Unread) else found

    def _attribute(self, node: ast.Attribute) -> Any:
        return self._part_of(self.value(node.value), node)

    def _part_of(self, of: Any, node: ast.Attribute) -> Any:
        if isinstance(of, Stack) and node.attr == "layers":
            return list(of.layers)
        return Named(f"{of.path}.{node.attr}", of.foreign) if isinstance(of, Named) else self._unread(node)

    def _list(self, node: ast.List | ast.Tuple) -> list[Any]:
        return self._parts(node.elts)

    def _tuple(self, node: ast.Tuple) -> tuple[Any, ...]:
        return tuple(self._parts(node.elts))

    def _parts(self, nodes: list[ast.expr]) -> list[Any]:
        found: list[Any] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                inner = self.value(node.value)
                found += inner if isinstance(inner, list | tuple) else [self._unread(node)]
            else:
                found.append(self.value(node))
        return found

    def _dict(self, node: ast.Dict) -> dict[Any, Any]:
        pairs = [
            (self.value(key), self.value(value))
            for key, value in zip(node.keys, node.values, strict=True)
            if key is not None
        ]
        return {key: value for key, value in pairs if isinstance(key, str | int | float)}

    def _unaryop(self, node: ast.UnaryOp) -> Any:
        value = self.value(node.operand)
        if isinstance(node.op, ast.USub) and isinstance(value, int | float):
            return -value
        return not value if isinstance(node.op, ast.Not) and isinstance(value, bool) else self._unread(node)

    def _binop(self, node: ast.BinOp) -> Any:
        left, right = self.value(node.left), self.value(node.right)
        if isinstance(node.op, ast.Div) and _is_scale(node.right):
            return left  # How Layerdeck's own program writes a change of a scaled loss.
        if isinstance(node.op, ast.Pow):
            small = all(isinstance(one, int | float) and abs(one) <= 64 for one in (left, right))
            return self._small(left**right, node) if small else self._unread(node)
        if type(node.op) not in _OPERATIONS or not _fit(node.op, left, right):
            return self._unread(node)
        return self._small(_OPERATIONS[type(node.op)](left, right), node)

    def _small(self, value: Any, node: ast.expr) -> Any:
        large = isinstance(value, int | float) and not abs(value) <= _LARGEST
        return (
            self._unread(node)
            if large or isinstance(value, complex) or (isinstance(value, str) and len(value) > _LONGEST)
            else value
        )

    def _subscript(self, node: ast.Subscript) -> Any:
        of = self.value(node.value)
        if isinstance(node.slice, ast.Slice):
            ends = [self.value(end) if end else None for end in (node.slice.lower, node.slice.upper, node.slice.step)]
            return of[slice(*ends)] if isinstance(of, list | tuple) else self._unread(node)
        at = self.value(node.slice)
        if isinstance(of, dict) and isinstance(at, str | int):
            return of[at]
        return of[at] if isinstance(of, list | tuple) and isinstance(at, int) else self._unread(node)

    def _ifexp(self, node: ast.IfExp) -> Any:
        test = self.value(node.test)
        return self.value(node.body if test else node.orelse) if isinstance(test, bool) else self._unread(node)

    def _listcomp(self, node: ast.ListComp | ast.GeneratorExp) -> Any:
        each, *more = node.generators
        over = self.value(each.iter)
        if more or each.ifs or not isinstance(over, list | tuple):
            return self._unread(node)
        found, before = [], dict(self.names)
        for item in over:
            self.bind(each.target, item)
            found.append(self.value(node.elt))
        self.names.clear()
        self.names.update(before)
        return found

    _generatorexp = _listcomp

    def _lambda(self, node: ast.Lambda) -> Function:
        return self.function("", node)

    def function(self, name: str, node: ast.Lambda | ast.FunctionDef) -> Function:
        """A function with the defaults of its arguments; an argument without one is not known."""
        arguments = node.args
        given: dict[str, Any] = {
            one.arg: Unread(one.arg) for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
        }
        plain = [*arguments.posonlyargs, *arguments.args]
        given |= {
            one.arg: self.value(value)
            for one, value in zip(reversed(plain), reversed(arguments.defaults), strict=False)
        }
        pairs = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        return Function(name, node, self.names, given | {one.arg: self.value(value) for one, value in pairs if value})

    def bind(self, target: ast.expr, value: Any) -> None:
        """Gives a value its name, or its parts theirs."""
        if isinstance(target, ast.Name):
            self.names[target.id] = value
        elif isinstance(target, ast.Tuple | ast.List):
            known = isinstance(value, list | tuple) and len(value) == len(target.elts)
            for index, one in enumerate(target.elts):
                self.bind(one, value[index] if known else self._unread(one))
        elif isinstance(target, ast.Subscript):
            of, key = self.value(target.value), self.value(target.slice)
            if (
                isinstance(of, dict)
                and isinstance(key, str | int)
                and size(of) < MOST_PARTS
                and size(value) < MOST_PARTS
            ):
                of[key] = value


def _is_scale(node: ast.expr) -> bool:
    node = node.left if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) else node
    return isinstance(node, ast.Name) and node.id == "TARGET_SCALE"


def _fit(operation: ast.operator, left: Any, right: Any) -> bool:
    """Whether an operation has a small outcome: numbers, texts or lists put together, a list repeated a few times."""
    if isinstance(left, int | float) and isinstance(right, int | float):
        return True
    if isinstance(operation, ast.Add):
        return type(left) is type(right) and isinstance(left, str | list | tuple)
    if isinstance(operation, ast.Mult):
        times = right if isinstance(left, list | tuple) else left
        parts = left if isinstance(left, list | tuple) else right
        return isinstance(parts, list | tuple) and isinstance(times, int) and len(parts) * times <= MOST_PARTS
    return False
