"""Two or more ways of doing a thing, timed in turn, so that a busy machine slows them all alike."""

import statistics
import time
from collections.abc import Callable


def medians(
    ways: dict[str, Callable[[], object]], repetitions: int = 5, warm: bool = True, pause: float = 0
) -> dict[str, float]:
    """Name -> median seconds of one call, each after a pause; unless they are warm, each is called once before."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values() if warm else ():
        way()
    for _ in range(repetitions):
        for name, way in ways.items():
            time.sleep(pause)
            start = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(found) for name, found in seconds.items()}


def ratio(what: str, slow: float, fast: float, wanted: str = "") -> None:
    """Prints how many times faster one is than the other."""
    print(f"{what:<72} {slow / fast:8.2f} times{f'   (wanted: {wanted})' if wanted else ''}", flush=True)


def share(what: str, part: float, whole: float, wanted: str = "") -> None:
    """Prints one as a percentage of the other."""
    print(f"{what:<72} {100 * part / whole:8.0f} %{f'       (wanted: {wanted})' if wanted else ''}", flush=True)


def seconds(what: str, found: float, wanted: str = "") -> None:
    """Prints a time on this machine, as busy as it is."""
    print(f"{what:<72} {found:8.3f} s{f'       (wanted: {wanted})' if wanted else ''}", flush=True)


def line(what: str, found: str, wanted: str = "") -> None:
    """Prints what was found, in words of its own."""
    print(f"{what:<72} {found:>10}{f'       (wanted: {wanted})' if wanted else ''}", flush=True)
