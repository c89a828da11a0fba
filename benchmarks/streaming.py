"""A table in its file, in memory and streamed: seconds an epoch and the most memory, from a thousand rows to ten
million.

python -m benchmarks.streaming FILE    measures one file, in a process of its own
"""

import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks.measure import ratio, share

_SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
_COMPARED = 1_000_000  # Rows that are trained on in memory and at three times the budget.
_COLUMNS = [f"x{column}" for column in range(8)]
_BLOCK = 100_000
_EPOCHS = 4


class Found(NamedTuple):
    """Of one training: an epoch's microseconds a row, the most memory beyond that of a warm process, and what rows
    would take.
    """

    epoch: float
    memory: float
    needed: float


def main() -> None:
    """Batches of 256 rows of 8 numbers, from the Parquet file to the scored model; the usual budget, and a third of
    what is needed.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.parquet"
        for rows in _SIZES:
            _write(path, rows)
            whole = _measured(path, rows)
            if rows == _COMPARED:
                budget = whole.needed / 3
                third = _measured(path, rows, budget)
                ratio(
                    f"{rows:,} rows, seconds an epoch: streamed at three times the budget / in memory",
                    third.epoch,
                    whole.epoch,
                )
                ratio(f"{rows:,} rows, the most memory: in memory / streamed", whole.memory, third.memory)
                share(
                    f"{rows:,} rows, the most memory: streamed, of the budget of {budget / 1e6:.0f} MB",
                    third.memory,
                    budget,
                )
        _measured(path, _SIZES[-1], whole.needed / 3)


def _measured(path: Path, rows: int, budget: float | None = None) -> Found:
    given = {} if budget is None else {"LAYERDECK_MEMORY": f"{budget / 1e6:.3f}"}
    command = [sys.executable, "-m", "benchmarks.streaming", str(path)]
    made = subprocess.run(
        command, env=os.environ | given, capture_output=True, text=True, cwd=Path(__file__).parents[1], check=True
    )
    *numbers, how = made.stdout.split()[-4:]
    found = Found(*map(float, numbers))
    what = f"{rows:,} rows, {how}" + (f" at {budget / 1e6:,.0f} MB" if budget else "")
    print(
        f"{what:<46} {found.epoch:8.2f} us an epoch and row {found.memory / rows:8.0f} bytes a row, "
        f"{found.memory / 1e6:6.0f} MB",
        flush=True,
    )
    return found


def _write(path: Path, rows: int) -> None:
    """Rows of 8 numbers and an amount, in float32, a block at a time."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    draw, writer = np.random.default_rng(0), None
    for first in range(0, rows, _BLOCK):
        x = draw.normal(size=(8, min(_BLOCK, rows - first))).astype("float32")
        y = x[0] * x[1] + draw.normal(size=x.shape[1]).astype("float32")
        block = pa.table({**dict(zip(_COLUMNS, x, strict=True)), "y": y})
        writer = writer or pq.ParquetWriter(path, block.schema)
        writer.write_table(block)
    assert writer
    writer.close()


def _peak() -> int:
    """The most memory this process has held, in bytes."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return 1024 * int(line.split()[1])


def _one(path: str) -> None:
    from core.experiment.spec import read
    from core.tables.budget import trained_bytes
    from core.tables.situation import Tables
    from core.tables.sources import TableStore
    from core.tables.streamed import Streamed
    from core.training.hooks import Hooks
    from core.training.train import learn, warm_up

    warm_up()
    before, ends = _peak(), []
    hidden = {"layer": "Dense", "units": 64, "activation": "relu"}
    experiment = read(
        {
            "version": 1,
            "data": {"table": path, "targets": ["y"], "features": dict.fromkeys(_COLUMNS, "number")},
            "layers": [hidden, hidden, {"layer": "Dense", "units": 1}],
            "fit": {"epochs": _EPOCHS, "batch_size": 256},
        }
    )
    tables = Tables(TableStore(Path(path).parent), paths=True)
    tasks, ready = tables.situation(experiment).tasks, tables.prepared(experiment)
    learn(experiment, ready, tasks, Hooks(epoch=lambda _epoch, _values: ends.append(time.perf_counter())))
    epoch = statistics.median(later - sooner for sooner, later in itertools.pairwise(ends))
    rows, table = sum(ready.sizes), tables.on_disk(path)
    needed = table.rows * trained_bytes(table.bytes_of(), experiment.data, tables.profile(path))
    print(1e6 * epoch / rows, _peak() - before, needed, "streamed" if isinstance(ready, Streamed) else "in-memory")


if __name__ == "__main__":
    _one(sys.argv[1])
