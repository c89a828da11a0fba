"""Growth: whether seconds an epoch and memory for each row stay flat from a thousand rows to ten million.

python -m benchmarks.growth ROWS    measures one size, in a process of its own, and prints microseconds and bytes a row
"""

import itertools
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

_SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
_NEEDED = 12e9  # Bytes free, for ten million rows.
_EPOCHS = 4


def main() -> None:
    """Batches of 256 rows of 8 numbers, from the table in memory to the scored model."""
    for rows in _SIZES:
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        if rows == _SIZES[-1] and free < _NEEDED:
            print(f"without {rows:,} rows: {free / 1e9:.0f} GB are free, {_NEEDED / 1e9:.0f} are needed", flush=True)
            continue
        command = [sys.executable, "-m", "benchmarks.growth", str(rows)]
        made = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[1])
        if made.returncode:
            print(
                f"without {rows:,} rows: the training ended with {made.stderr.strip().splitlines()[-1][:100]}",
                flush=True,
            )
            continue
        epoch, memory = map(float, made.stdout.split()[-2:])
        print(
            f"{f'{rows:,} rows: an epoch, and the most memory, for each row':<72} {epoch:8.2f} us {memory:8.0f} bytes",
            flush=True,
        )


def _peak() -> int:
    """The most memory this process has held, in bytes."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return 1024 * int(line.split()[1])


def _one(rows: int) -> None:
    import numpy as np
    import pandas as pd

    from core.experiment.spec import read
    from core.experiment.task import Task
    from core.tables.prepared import prepare
    from core.training.hooks import Hooks
    from core.training.train import learn, warm_up

    warm_up()
    before, ends = _peak(), []
    names = [f"x{column}" for column in range(8)]
    draw = np.random.default_rng(0)
    frame = pd.DataFrame(draw.normal(size=(rows, 8)), columns=names)
    frame["y"] = frame["x0"] * frame["x1"] + draw.normal(size=rows)
    hidden = {"layer": "Dense", "units": 64, "activation": "relu"}
    experiment = read(
        {
            "version": 1,
            "data": {"table": "file:none", "targets": ["y"], "features": dict.fromkeys(names, "number")},
            "layers": [hidden, hidden, {"layer": "Dense", "units": 1}],
            "fit": {"epochs": _EPOCHS, "batch_size": 256},
        }
    )
    hooks = Hooks(epoch=lambda _epoch, _values: ends.append(time.perf_counter()))
    learn(experiment, prepare(frame, experiment.data, "number"), Task("regression", "y"), hooks)
    epoch = statistics.median(later - sooner for sooner, later in itertools.pairwise(ends))
    print(1e6 * epoch / rows, (_peak() - before) / rows)


if __name__ == "__main__":
    _one(int(sys.argv[1]))
