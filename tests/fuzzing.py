"""Random cases with a seed of the day, so that a failure can be run again: LAYERDECK_SEED=20261126 pytest
tests/core/test_fuzz_tables.py

Time is the process's own, so that a busy machine tries as much. `LAYERDECK_FUZZ_SECONDS` makes the search longer.
"""

import os
import random
import time
from collections.abc import Iterator
from datetime import date


def seed_of_today() -> str:
    """The seed: today's date, or what `LAYERDECK_SEED` names."""
    return os.environ.get("LAYERDECK_SEED", f"{date.today():%Y%m%d}")


def cases(kind: str, seconds: float, first: int = 0) -> Iterator[tuple[str, int, random.Random]]:
    """(words for a failure, number, source of chance) of one case after another; each depends on seed, kind and number
    alone.
    """
    end = time.process_time() + float(os.environ.get("LAYERDECK_FUZZ_SECONDS", seconds))
    seed, number = seed_of_today(), first
    while number == first or time.process_time() < end:
        yield f"LAYERDECK_SEED={seed}, {kind} {number}", number, random.Random(f"{seed} {kind} {number}")
        number += 1
