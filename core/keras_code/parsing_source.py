"""Python source as a `Text`: its statements are followed in their order, as far as they build a model. Nothing is run.

text_of('model = keras.Sequential([keras.layers.Dense(1)])').stack().layers
"""

import ast
import re
import textwrap
from typing import Any

from core.catalog.syntax import syntax_tree
from core.keras_code.parsing_calls import Calls
from core.keras_code.parsing_values import KERAS, Function, Named, NotReadable, Text, Unread

_GOING_ON = object()
_FENCE = re.compile(r"^\s*```.*$", re.MULTILINE)
_SHELL = re.compile(r"^(\s*)[!%].*$", re.MULTILINE)  # Lines of a notebook that are no Python.


def text_of_source(source: str) -> Text:
    """What the source builds. Raises NotReadable when it is no Python."""
    source = _SHELL.sub(r"\1pass", _FENCE.sub("", source.replace("\r\n", "\n").replace("\r", "\n")))
    if re.match(r"\s*>>> ", source):
        source = "\n".join(line[4:] for line in source.splitlines() if line.startswith((">>> ", "... ")))
    source = textwrap.dedent(source)
    try:
        tree = syntax_tree(source)
    except SyntaxError as error:
        raise NotReadable(f"Line {error.lineno or 1} is no Python: {error.msg}.") from None
    except ValueError:
        raise NotReadable("This is no Python: it holds characters that no program has.") from None
    reader = _Statements(source)
    reader.all(tree.body)
    if not any(stack.layers for stack in reader.text.stacks):
        for function in [one for one in reader.names.values() if isinstance(one, Function)]:
            reader.run(function, [], {})
    return reader.text


class _Statements(Calls):
    def all(self, statements: list[ast.stmt]) -> Any:
        """Follows statements; what they return, if they do."""
        for statement in statements:
            self.step()
            read = getattr(self, f"_{type(statement).__name__.lower()}", None)
            if read is not None:
                found = read(statement)
                if isinstance(statement, ast.Return | ast.If | ast.For | ast.With | ast.Try) and found is not _GOING_ON:
                    return found
        return _GOING_ON

    def body(self, statements: list[ast.stmt]) -> Any:
        """What a function's statements give back."""
        found = self.all(statements)
        return None if found is _GOING_ON else found

    def _return(self, node: ast.Return) -> Any:
        return self.value(node.value) if node.value else None

    def _import(self, node: ast.Import) -> None:
        for one in node.names:
            root = one.name.split(".")[0]
            self.names[one.asname or root] = Named(one.name if one.asname else root, root not in KERAS)

    def _importfrom(self, node: ast.ImportFrom) -> None:
        foreign = (node.module or "").split(".")[0] not in KERAS
        for one in node.names:
            self.names[one.asname or one.name] = Named(f"{node.module}.{one.name}", foreign)

    def _assign(self, node: ast.Assign) -> None:
        value = self.value(node.value)
        for target in node.targets:
            self.bind(target, value)

    def _annassign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.bind(node.target, self.value(node.value))

    def _augassign(self, node: ast.AugAssign) -> None:
        whole = ast.BinOp(left=node.target, op=node.op, right=node.value)
        self.bind(node.target, self.value(ast.copy_location(whole, node.value)))

    def _expr(self, node: ast.Expr) -> None:
        self.value(node.value)

    def _functiondef(self, node: ast.FunctionDef) -> None:
        self.names[node.name] = self.function(node.name, node)

    def _classdef(self, node: ast.ClassDef) -> None:
        self.names[node.name] = Named(node.name, foreign=True)

    def _with(self, node: ast.With) -> Any:
        return self.all(node.body)

    def _try(self, node: ast.Try) -> Any:
        return self.all(node.body)

    def _if(self, node: ast.If) -> Any:
        test = True if isinstance(node.test, ast.Compare) and _is_main(node.test) else self.value(node.test)
        if isinstance(test, bool):
            return self.all(node.body if test else node.orelse)
        before = self._layers()
        found = self.all(node.body)
        if self._layers() != before:
            self.text.remarks.append(
                f"Line {node.lineno}: whether this `if` holds is not known here; its layers were taken."
            )
        return found

    def _for(self, node: ast.For) -> Any:
        over = self.value(node.iter)
        known = isinstance(over, list | tuple)
        before = self._layers()
        for item in list(over) if known else [Unread("")]:
            self.bind(node.target, item)
            found = self.all(node.body)
            if found is not _GOING_ON:
                return found
        if not known and self._layers() != before:
            self.text.remarks.append(
                f"Line {node.lineno}: how often this loop runs is not known here; it was taken once."
            )
        return _GOING_ON

    def _layers(self) -> int:
        return sum(len(stack.layers) for stack in self.text.stacks)


def _is_main(test: ast.Compare) -> bool:
    return isinstance(test.left, ast.Name) and test.left.id == "__name__"
