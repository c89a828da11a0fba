"""Nine in ten: intervals and sets of networks over twenty splits of three tables hold as often as they promise."""

import numpy as np
import pytest

from core.experiment.spec import read
from core.experiment.task import tasks_of
from core.experiment.templates import starting_experiment
from core.runs.evaluated_run import evaluation_section
from core.runs.journal import Journal, new_run_id
from core.runs.mlflow_store import Store
from core.runs.run_training import run
from core.tables.situation import Tables
from core.tables.sources import TableStore

pytestmark = [pytest.mark.slow, pytest.mark.soak]


@pytest.mark.parametrize(
    ("sample", "target"),
    [("concrete", "compressive_strength"), ("sacramento_homes", "price"), ("titanic", "survived")],
)
def test_nine_in_ten_test_rows_are_in_their_interval_or_set(sample, target, tmp_path):
    store, tables, shares = Store(tmp_path), Tables(TableStore(tmp_path)), []
    table = f"sample:{sample}"
    found = tables.profile(table)
    features = {column.name: column.kind for column in found.columns if column.name != target and not column.left_out}
    bare = read({"version": 1, "data": {"table": table, "targets": [target], "features": features}})
    value = starting_experiment(table, sample, target, features, tasks_of(bare, found)[0]).value()
    for seed in range(20):
        value["data"]["split"] = {**value["data"].get("split", {}), "seed": seed}
        value["fit"] |= {"epochs": 60, "seed": seed}
        journal = Journal(tmp_path, new_run_id())
        journal.begin(read(value).text())
        assert run(journal, tables, store)["state"] == "finished"
        shares.append(evaluation_section(store, tables, journal, section="coverage")[target].share(0.9))
    print(sample, "mean", np.mean(shares), "sd", np.std(shares))
    assert 0.88 <= np.mean(shares) <= 0.92
