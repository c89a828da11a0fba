"""What a process has freed between blocks that it still holds is given back to the system."""

import psutil

from core.runs.released_memory import release_memory

_BLOCK, _BLOCKS = 60_000, 1000  # Bytes, less than malloc asks the system for by itself.


def test_free_pages_between_blocks_are_given_back():
    process = psutil.Process()
    blocks = [b"x" * _BLOCK for _ in range(_BLOCKS)]
    held = blocks[::50]  # Between them lie some MB each that are free.
    del blocks
    before = process.memory_info().rss
    release_memory()
    assert before - process.memory_info().rss > _BLOCK * _BLOCKS / 2
    assert all(one == b"x" * _BLOCK for one in held)
