"""What all visitors of the process share: the engine, the tables, the reader of uploads, the TensorBoards.

Nothing of a visitor's own is kept here.
"""

import threading
from functools import cache, lru_cache
from pathlib import Path

from core.catalog.plugins import Registered, files, register
from core.runs.engine import Engine
from core.runs.parent_runs import ParentRuns
from core.runs.race import Races
from core.runs.repeated_runs import RepeatedRuns
from core.runs.searches import Searches
from core.runs.tensorboard import Boards
from core.tables.reader_process import ReaderProcess
from core.tables.situation import Tables
from core.tables.sources import TableStore
from core.workspace import plugins, workspace

# Two threads that wait for this module's import ask in the same moment: `cache` alone would make two.
_MAKING = threading.Lock()


def engine() -> Engine:
    """The engine; the server starts it."""
    with _MAKING:
        return _engine()


def races() -> Races:
    """The races of the workspace, on the engine."""
    return Races(engine())


def repeated_runs() -> RepeatedRuns:
    """The groups of runs that repeat one, on the engine."""
    return RepeatedRuns(engine())


def parent_runs() -> ParentRuns:
    """The parent runs of the workspace: one object, for what it has read it keeps."""
    with _MAKING:
        return _parent_runs()


def searches() -> Searches:
    """The searches of the workspace, on the engine: one object, for its threads drive them."""
    with _MAKING:
        return _searches()


def tables() -> Tables:
    """The tables of the workspace and the samples."""
    with _MAKING:
        return _tables()


def reader() -> ReaderProcess:
    """Reads uploads beside the server."""
    with _MAKING:
        return _reader()


def boards() -> Boards:
    """The TensorBoards that this server has opened."""
    with _MAKING:
        return _boards()


@cache
def _reader() -> ReaderProcess:
    return ReaderProcess(workspace() / "tables")


@cache
def _boards() -> Boards:
    return Boards(workspace())


def own_plugins() -> Registered:
    """The plug-ins, read again when a file of theirs has changed."""
    folder = plugins()
    with _MAKING:
        stamps = {
            module: path.stat().st_mtime_ns
            for module, path in files(folder).items()
            if path is not None and path.exists()
        }
        return _plugins(folder, tuple(stamps.items()))


@lru_cache(maxsize=1)
def _plugins(folder: Path, _stamps: tuple[tuple[str, int], ...]) -> Registered:
    return register(folder)


@cache
def _engine() -> Engine:
    return Engine(workspace(), _tables())


@cache
def _parent_runs() -> ParentRuns:
    return ParentRuns(_engine())


@cache
def _searches() -> Searches:
    return Searches(_engine())


@cache
def _tables() -> Tables:
    return Tables(TableStore(workspace(), lambda store, ref, reading: reader().keep_again(store, ref, reading)))
