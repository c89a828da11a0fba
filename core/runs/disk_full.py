"""What a training and its watchers tell each other when the workspace has no room: by way of Dask's scheduler, in
memory.

A training whose journal cannot be written says so as an event of the topic TROUBLE; engines show it until the journal
goes on. An order that cannot be written is handed to the workers themselves, and the one that trains the run takes it.
"""

import errno
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

log = logging.getLogger(__name__)
TROUBLE = "layerdeck-trouble"
_AGAIN = 2.0  # Seconds after which a trouble that lasts is reported again, for pages that were opened meanwhile.
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_ORDERS: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
_TRAINED: set[str] = set()  # The runs that this process trains at this moment.
_LOCK = threading.Lock()


def unwritten(error: OSError) -> str:
    """Why the workspace cannot be written, and what to do, in two sentences."""
    if error.errno in NO_ROOM:
        return "The disk is full. Free some space on it."
    return f"Could not write to the workspace: {error.strerror}. Check the folder's permissions."


def goes_on(error: OSError) -> str:
    """What is said of a training whose epochs cannot be written."""
    return f"{unwritten(error)} The training continues, and the curves update again when there is space. Stop works."


class Alarm:
    """Tells the engines of one run's trouble, from the thread in which Dask trains it; headless it goes to the log."""

    def __init__(self, run: str) -> None:
        self._run, self._next = run, 0.0

    def __call__(self, says: str) -> None:
        """Tells it, unless that was a moment ago."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _AGAIN
        from distributed import get_worker

        log.warning("run %s: %s", self._run, says)
        try:
            get_worker().log_event(TROUBLE, {"run": self._run, "says": says})
        except ValueError:  # No worker: who trains headless reads the log.
            return


class Trained:
    """Marks a run as trained by this process, as a context; orders that were given by memory end with it."""

    def __init__(self, run: str) -> None:
        self._run = run

    def __enter__(self) -> None:
        with _LOCK:
            _TRAINED.add(self._run)

    def __exit__(self, *_error: object) -> None:
        with _LOCK:
            _TRAINED.discard(self._run)
            _ORDERS.pop(self._run, None)


def take_order(run: str, order: dict[str, Any]) -> bool:
    """Takes an order for a run that this process trains; whether it does."""
    with _LOCK:
        if run not in _TRAINED:
            return False
        _ORDERS[run].append(order)
        return True


def orders_since(run: str, count: int) -> list[dict[str, Any]]:
    """The orders that were given by memory after the first `count` of them."""
    with _LOCK:
        return _ORDERS[run][count:] if run in _ORDERS else []


def hand_over(client: Any, run: str, order: dict[str, Any]) -> bool:
    """Gives an order to the workers of a cluster; whether one of them trains the run."""
    function: Callable[..., bool] = take_order
    return True in client.run(function, run, order, on_error="return").values()
