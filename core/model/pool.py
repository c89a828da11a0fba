"""Things that are costly to make, kept for the next training that can use them."""

import threading
from collections import OrderedDict
from typing import Generic, TypeVar

_Thing = TypeVar("_Thing")


class Spare(Generic[_Thing]):
    """The last few, by what they are good for. What is taken out is no one else's until it is given back.

    Args:
        most: How many are kept; the oldest one goes.
    """

    def __init__(self, most: int) -> None:
        self._kept: OrderedDict[str, _Thing] = OrderedDict()
        self._most, self._lock = most, threading.Lock()

    def take(self, key: str) -> _Thing | None:
        """The one of that key; None when there is none."""
        with self._lock:
            return self._kept.pop(key, None)

    def give(self, key: str, thing: _Thing) -> None:
        """Keeps a thing for the next training with that key; not where the key is ""."""
        if key:
            with self._lock:
                self._kept[key] = thing
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
