"""Waiting for what other processes do."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

_Found = TypeVar("_Found")


def until(condition: Callable[[], _Found], seconds: float = 180, what: str = "it") -> _Found:
    """Waits for a condition, and gives what it gave. The longer it waits the more seldom it asks, up to every tenth of
    a second: to ask a browser takes what others could compute meanwhile.
    """
    pause, end, interval = threading.Event(), time.monotonic() + seconds, 0.02
    while not (found := condition()):
        assert time.monotonic() < end, f"not within {seconds:g} s: {what}"
        pause.wait(interval)
        interval = min(1.25 * interval, 0.1)
    return found


def holder(lock: Path) -> int:
    """The process that holds a lock file, as the kernel lists it; 0 when there is none."""
    inode = lock.stat().st_ino
    locks = (line.split() for line in Path("/proc/locks").read_text().splitlines())
    return next((int(one[4]) for one in locks if one[1] == "FLOCK" and one[5].endswith(f":{inode}")), 0)
