"""python -m benchmarks [NAME ...]: prints the ratios; without names all of them."""

import sys

from benchmarks import growth, page, predictions, steps, streaming
from benchmarks import start as first_epoch

_ALL = {
    "steps": steps.main,
    "start": first_epoch.main,
    "predictions": predictions.main,
    "growth": growth.main,
    "streaming": streaming.main,
    "page": page.main,
}


def main(names: list[str]) -> int:
    """Runs the benchmarks of these names."""
    unknown = [name for name in names if name not in _ALL]
    if unknown:
        print(f"There is no benchmark {unknown[0]}; there are {', '.join(_ALL)}.", file=sys.stderr)
        return 1
    for name in names or _ALL:
        _ALL[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
