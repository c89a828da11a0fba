"""Python source as a syntax tree, from any thread."""

import ast
import threading

_TRIES = 20
_LOCK = threading.Lock()


def syntax_tree(source: str | bytes) -> ast.Module:
    """What `ast.parse` gives. Raises SyntaxError, ValueError, RecursionError and MemoryError as it does.

    Before Python 3.11.8 two threads that parse at once share a count of their depth, and one of them ends with a
    SystemError although nothing is wrong with its source (python/cpython#106905). So ours take turns, and one that
    meets another library's is tried again.
    """
    with _LOCK:
        for _ in range(_TRIES - 1):
            try:
                return ast.parse(source)
            except SystemError:
                continue
        return ast.parse(source)
