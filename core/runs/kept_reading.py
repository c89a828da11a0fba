"""What was read from an SQLite file, kept until the file is written: a page asks for all runs at every press.

kept = KeptReading(file)
kept.of("runs", lambda: ...)        what the function gives, read again only when the file was written
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

Value = TypeVar("Value")
_COUNTER = slice(24, 28)  # SQLite's file change counter, one more with each transaction that wrote.


class KeptReading:
    """Keeps one value a name; of a database that is no file, or whose writing cannot be seen, nothing."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._kept: dict[str, tuple[tuple[object, ...], Any]] = {}

    def of(self, name: str, read: Callable[[], Value]) -> Value:
        """What `read` gave when the file was as it is now."""
        stamp = None if self._file is None else _stamp(self._file)
        if stamp is None:
            return read()
        known = self._kept.get(name)
        if known is None or known[0] != stamp:
            # The stamp is from before: what is written while it is read makes the next one differ.
            known = self._kept[name] = stamp, read()
        value: Value = known[1]
        return value


def _stamp(file: Path) -> tuple[object, ...] | None:
    """Differs after each transaction that wrote; None where that cannot be seen: in a write-ahead log, which another
    program may have chosen, transactions leave the file as it is.
    """
    try:
        if file.with_name(f"{file.name}-wal").exists():
            return None
        with file.open("rb") as opened:
            counter = opened.read(_COUNTER.stop)[_COUNTER]
        found = file.stat()
    except OSError:
        return None
    return counter, found.st_mtime_ns, found.st_size, found.st_ino
