"""python -m benchmarks [NAME ...]: prints the ratios; without names all of them.

`published` trains on published tables: of a folder that --tables names, and of each no more than --splits splits.
`search` makes one search of each sample, or --splits searches, each on a split of its own.
"""

import argparse
import sys
from functools import partial
from pathlib import Path

from benchmarks import (
    bfloat16,
    data_parallel,
    defaults,
    growth,
    importance,
    page,
    predictions,
    published,
    reading,
    runs_page,
    search_quality,
    sliders,
    steps,
    streaming,
    worker_memory,
    workers,
)
from benchmarks import start as first_epoch
from core.tables.errors import TableError

_ALL = {
    "steps": steps.main,
    "start": first_epoch.main,
    "predictions": predictions.main,
    "workers": workers.main,
    "memory": worker_memory.main,
    "parallel": data_parallel.main,
    "bfloat16": bfloat16.main,
    "importance": importance.main,
    "growth": growth.main,
    "streaming": streaming.main,
    "reading": reading.main,
    "page": page.main,
    "runs": runs_page.main,
    "sliders": sliders.main,
    "published": published.main,
    "defaults": defaults.main,
    "search": search_quality.main,
}


def main(given: list[str]) -> int:
    """Runs the benchmarks of these names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Prints what was measured.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"one of {', '.join(_ALL)}; all of them without a name"
    )
    parser.add_argument("--tables", type=Path, metavar="FOLDER", help="of published: where the tables lie")
    parser.add_argument("--splits", type=int, metavar="N", help="of published and search: splits of a table")
    options = parser.parse_args(given)
    unknown = [name for name in options.names if name not in _ALL]
    if unknown:
        print(f"There is no benchmark {unknown[0]}; there are {', '.join(_ALL)}.", file=sys.stderr)
        return 1
    ways = {
        **_ALL,
        "published": partial(published.main, options.tables, options.splits),
        "search": partial(search_quality.main, options.splits or 1),
    }
    try:
        for name in options.names or _ALL:
            ways[name]()
    except TableError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
