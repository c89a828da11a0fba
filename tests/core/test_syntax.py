"""Source is parsed by several threads at once: printed programs, plug-ins and TensorFlow's own functions."""

import ast
import gc
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import core.keras_code.script
from core.catalog.syntax import syntax_tree


@pytest.fixture
def switching() -> Iterator[None]:
    """Python changes threads in the middle of a parse, as it does where objects with callbacks are collected."""

    def give_way(*_: object) -> None:
        time.sleep(0)

    before = gc.get_threshold()
    gc.set_threshold(200)
    gc.callbacks.append(give_way)
    yield
    gc.callbacks.remove(give_way)
    gc.set_threshold(*before)


@pytest.mark.slow
@pytest.mark.usefixtures("switching")
def test_threads_that_parse_at_once_all_get_their_tree() -> None:
    source = Path(core.keras_code.script.__file__).read_text(encoding="utf-8")
    expected = ast.dump(ast.parse(source))
    trees: list[ast.Module] = []
    failed: list[BaseException] = []

    def parse() -> None:
        try:
            for _ in range(4):
                trees.append(syntax_tree(source))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=parse) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert {ast.dump(tree) for tree in trees} == {expected}
