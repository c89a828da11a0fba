"""The syntax of our source files, parsed once in a process for all tests that look into them."""

import ast
import functools
from pathlib import Path

ROOT = Path(__file__).parents[1]


@functools.cache
def syntax_of(path: Path) -> ast.Module:
    """The syntax tree of a file, which nobody changes."""
    return ast.parse(path.read_text(encoding="utf-8"))


@functools.cache
def nodes_of(tree: ast.Module) -> list[ast.AST]:
    """All nodes of a syntax tree."""
    return list(ast.walk(tree))
