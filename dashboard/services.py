"""What all visitors of the process share: the engine and the tables. Nothing of a visitor's own is kept here."""

from functools import cache

from core.runs.engine import Engine
from core.tables.situation import Tables
from core.tables.sources import TableStore
from core.workspace import workspace


@cache
def engine() -> Engine:
    """The engine; the server starts it."""
    return Engine(workspace())


@cache
def tables() -> Tables:
    """The tables of the workspace and the samples."""
    return Tables(TableStore(workspace()))
