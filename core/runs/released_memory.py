"""Memory that a worker gives back when a training is over."""

import ctypes
import sys


def release_memory() -> None:
    """Gives the free pages between the blocks that malloc has handed out back to the system, in about 15 ms.

    XLA's compiler works in threads, whose arenas keep some ten MB for each network that was compiled; glibc by itself
    only gives back what is free at the end of an arena. Another libc has no such function.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)
