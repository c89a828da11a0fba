"""What all visitors of the process share: the engine and the tables. Nothing of a visitor's own is kept here."""

import threading
from functools import cache

from core.runs.engine import Engine
from core.tables.situation import Tables
from core.tables.sources import TableStore
from core.workspace import workspace

_MAKING = threading.Lock()  # Two threads that wait for this module's import ask in the same moment: `cache` alone would make two.


def engine() -> Engine:
    """The engine; the server starts it."""
    with _MAKING:
        return _engine()


def tables() -> Tables:
    """The tables of the workspace and the samples."""
    with _MAKING:
        return _tables()


@cache
def _engine() -> Engine:
    return Engine(workspace())


@cache
def _tables() -> Tables:
    return Tables(TableStore(workspace()))
