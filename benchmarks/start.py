"""From the submission of a run to its first epoch: a new architecture against one in which only numbers changed."""

import statistics
import tempfile
from pathlib import Path

from benchmarks.measure import ratio, seconds
from core.experiment.edits import apply
from core.experiment.spec import read
from core.runs.journal import Journal, new_run_id
from core.runs.mlflow_store import Store
from core.runs.run_training import run
from core.tables.situation import Tables
from core.tables.sources import TableStore
from core.training.train import warm_up
from core.training.worker_pools import Warm

EXPERIMENT = {
    "version": 1,
    "data": {
        "table": "sample:sacramento_homes",
        "targets": ["price"],
        "features": {"sqft": "number", "beds": "number", "type": "category", "city": "category"},
    },
    "layers": [{"layer": "Dense", "units": 64, "activation": "relu"}, {"layer": "Dense", "units": 1}],
    "compile": {"metrics": ["MeanAbsoluteError", "RootMeanSquaredError"]},
    "fit": {"epochs": 2},
}


def main() -> None:
    """In a warm process, as the worker is."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        store, tables, warm = Store(home), Tables(TableStore(home)), Warm()
        warm_up()
        found: dict[str, list[float]] = {"new": [], "numbers": []}
        for at in range(5):
            of = apply(read(EXPERIMENT), {"op": "set", "path": "layers.0.units", "value": 40 + at})
            for kind, rate in (("new", 0.001), ("numbers", 0.003)):
                journal = Journal(home, new_run_id())
                journal.begin(apply(of, {"op": "set", "path": "compile.optimizer.learning_rate", "value": rate}).text())
                run(journal, tables, store, warm=warm)
                first = next(event["at"] for event in journal.events().fresh() if "epochs" in event)
                found[kind].append(first - journal.submitted()["submitted"])
    new, numbers = statistics.median(found["new"]), statistics.median(found["numbers"])
    ratio("submitted to first epoch: new architecture / only numbers changed", new, numbers)
    seconds("submitted to first epoch: new architecture", new, "1.5")
    seconds("submitted to first epoch: only numbers changed", numbers, "0.3")
