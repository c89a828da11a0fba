"""A race of small networks on all cores against one worker, one training alone, and what a further worker costs."""

import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from benchmarks.measure import line, medians, ratio
from core.experiment.spec import Experiment, read
from core.runs.cluster import alive
from core.runs.engine import Engine
from core.tables.situation import Tables
from core.tables.sources import TableStore

_RUNS = 12
_ONE = "1"  # In LAYERDECK_WORKERS: one worker does all, with all threads.


def _experiment(seed: int, epochs: int) -> Experiment:
    """64-64-1 on 20,640 rows of 8 columns, the columns that these rows have."""
    hidden = {"layer": "Dense", "units": 64, "activation": "relu"}
    return read(
        {
            "version": 1,
            "data": {"table": "TABLE", "targets": ["y"], "features": {f"x{at}": "number" for at in range(8)}},
            "layers": [hidden, hidden, {"layer": "Dense", "units": 1}],
            "fit": {"epochs": epochs, "batch_size": 256, "seed": seed},
        }
    )


def main(repetitions: int = 3, epochs: int = 40) -> None:
    """Two clusters at a time, one of them idle, so that a busy machine slows both alike."""
    engines: dict[str, Engine] = {}
    with tempfile.TemporaryDirectory() as folder:
        before = os.environ.get("LAYERDECK_WORKERS")
        try:
            for name, workers in (("one worker", _ONE), ("all cores", "")):
                os.environ["LAYERDECK_WORKERS"] = workers or before or ""
                engines[name] = engine_on(Path(folder) / name.replace(" ", "-"))
            tables = {name: rows_table(engine) for name, engine in engines.items()}
            ways = {}
            for name, engine in engines.items():
                ways[name] = lambda engine=engine, table=tables[name]: _race(engine, table, _RUNS, epochs)
                ways[f"alone, {name}"] = lambda engine=engine, table=tables[name]: _race(engine, table, 1, epochs)
            found = medians(ways, repetitions)
            ratio(f"a race of {_RUNS} small runs: all cores / one worker", found["one worker"], found["all cores"], "2")
            ratio("one small run alone: as today / as now", found["alone, one worker"], found["alone, all cores"], "1")
            most = engines["all cores"].workers()
            line("training workers at a time", str(most))
            further = _private_megabytes(engines["all cores"])
            line("private memory of each worker, MB", ", ".join(f"{one:.0f}" for one in further), "250 each further")
        finally:
            os.environ.pop("LAYERDECK_WORKERS", None)
            if before is not None:
                os.environ["LAYERDECK_WORKERS"] = before
            for engine in engines.values():
                engine.close()
            for engine in engines.values():  # Its folder is needed until it has ended.
                while alive(engine.workspace):
                    time.sleep(0.1)


def engine_on(home: Path) -> Engine:
    """A warm engine. Raises RuntimeError where its workers do not start."""
    engine = Engine(home, Tables(TableStore(home)))
    engine.start()
    while not engine.warm.wait(0.1):
        if engine.trouble:
            raise RuntimeError(engine.trouble)
    return engine


def rows_table(engine: Engine) -> str:
    """20,640 rows of 8 columns and a target, kept in an engine's workspace."""
    from benchmarks.stacks import SMALL

    x, y = SMALL[0].data()
    text = ["x0,x1,x2,x3,x4,x5,x6,x7,y"]
    text += [",".join(f"{value:.6g}" for value in (*row, *target)) for row, target in zip(x, y, strict=True)]
    return TableStore(engine.workspace).keep("rows.csv", "\n".join(text).encode()).ref


def _race(engine: Engine, table: str, runs: int, epochs: int) -> None:
    made: list[str] = []
    for seed in range(runs):
        experiment = _experiment(seed, epochs)
        made.append(
            engine.submit(experiment.model_copy(update={"data": experiment.data.model_copy(update={"table": table})}))
        )
    _ended(engine, made)


def _ended(engine: Engine, runs: Sequence[str]) -> None:
    for run in runs:
        while not engine.find(run).over:
            time.sleep(0.02)
            engine.run(run)
        state = engine.find(run)
        if state.state != "finished":
            raise RuntimeError(state.says)


def _private_megabytes(engine: Engine) -> list[float]:
    """Memory that each worker has for itself, beyond the pages that it shares with the process it was forked from."""
    return sorted(process.memory_full_info().uss / 1e6 for process in worker_processes(engine))


def worker_processes(engine: Engine) -> list[psutil.Process]:
    """Those of an engine's cluster that were forked from the process that has imported what they need."""
    found = []
    for process in psutil.process_iter(["environ"]):
        home = (process.info["environ"] or {}).get("LAYERDECK_HOME")
        if home == str(engine.workspace) and process.parent() and "forkserver" in " ".join(process.parent().cmdline()):
            found.append(process)
    return found


if __name__ == "__main__":
    main()
