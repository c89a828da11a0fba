"""The most memory that a worker holds while different networks are trained, with a limit and without one."""

import contextlib
import os
import tempfile
import time
from pathlib import Path

import psutil

from benchmarks.measure import line
from benchmarks.workers import engine_on, rows_table, worker_processes
from core.experiment.spec import Experiment, read
from core.runs.cluster import alive
from core.runs.engine import Engine

_NETWORKS = 80
_LIMITS = {"a limit of 900 MB": "900", "no limit": "1000000"}  # LAYERDECK_WORKER_MEMORY


def main(networks: int = _NETWORKS) -> None:
    """On two workers, one limit after the other."""
    before = {name: os.environ.get(name) for name in ("LAYERDECK_WORKERS", "LAYERDECK_WORKER_MEMORY")}
    os.environ["LAYERDECK_WORKERS"] = "2"
    try:
        for name, limit in _LIMITS.items():
            os.environ["LAYERDECK_WORKER_MEMORY"] = limit
            with tempfile.TemporaryDirectory() as folder:
                engine = engine_on(Path(folder))
                try:
                    most, seconds = _trained(engine, rows_table(engine), networks)
                finally:
                    engine.close()
                    while alive(engine.workspace):  # Its folder is needed until it has ended.
                        time.sleep(0.1)
            line(f"{networks} different networks, {name}: most MB of a worker", f"{most / 1e6:.0f}")
            line(f"{networks} different networks, {name}: seconds", f"{seconds:.0f}")
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def _trained(engine: Engine, table: str, networks: int) -> tuple[float, float]:
    """Bytes and seconds, pages that the workers share included."""
    begun, most = time.monotonic(), 0
    runs = [engine.submit(_experiment(table, number)) for number in range(networks)]
    for run in runs:
        while not engine.run(run).over:
            time.sleep(0.05)
        if engine.run(run).state != "finished":
            raise RuntimeError(engine.run(run).says)
        for process in worker_processes(engine):
            with contextlib.suppress(psutil.NoSuchProcess):
                most = max(most, process.memory_info().rss)
    return most, time.monotonic() - begun


def _experiment(table: str, number: int) -> Experiment:
    """Three epochs of a network of two hidden layers, of which no two are as wide."""
    hidden = [{"layer": "Dense", "units": 8 + number + more, "activation": "relu"} for more in (0, 3)]
    features = {f"x{at}": "number" for at in range(8)}
    return read(
        {
            "version": 1,
            "data": {"table": table, "targets": ["y"], "features": features},
            "layers": [*hidden, {"layer": "Dense", "units": 1}],
            "fit": {"epochs": 3, "batch_size": 256, "seed": number},
        }
    )
