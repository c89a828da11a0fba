"""A run that the command line trained on a file beyond the memory budget: the app's worker evaluates it, and its
intervals are those of the rows that were scored.
"""

from dataclasses import replace

import numpy as np
import pytest
from sklearn import metrics

from core.catalog.layer_parts import ACTIVATIONS
from core.evaluation import bootstrap
from core.experiment.spec import read
from core.runs import worker
from core.runs.journal import Journal
from core.runs.mlflow_store import Store
from core.runs.run_training import run
from core.tables.errors import TableError
from core.tables.situation import Tables
from core.tables.sources import TableStore
from tests.records import with_record

pytestmark = pytest.mark.slow
RUN = "5" * 12


@pytest.fixture
def home(tmp_path, monkeypatch, long_file, experiment_of):
    """A workspace with the run in it, and its experiment; the worker's memory of other workspaces is left alone."""
    monkeypatch.setenv("LAYERDECK_MEMORY", "0.4")
    home = with_record(tmp_path)
    experiment = experiment_of(table=long_file, features={"x0": "number", "x1": "number"}, epochs=2, batch_size=64)
    journal, tables = Journal(home, RUN), Tables(TableStore(home), paths=True)
    assert tables.situation(experiment).streamed
    journal.begin(experiment.text())
    assert run(journal, tables, Store(home), lambda _: None)["state"] == "finished"
    return home, experiment


def test_it_is_evaluated_by_the_apps_worker_with_intervals_of_the_scored_rows(home):
    folder, experiment = home
    found = worker.evaluate_section(RUN, None, "intervals", {}, str(folder))
    part = worker.evaluate_section(RUN, None, "rows", {}, str(folder)).parts["test"]
    scored = len(part.positions)
    assert found["evaluated"]["test"] == {"rows": scored, "of": part.rows}
    assert scored < part.rows / 2
    target = part.targets["y"]
    mae = found["scores"]["test"]["mae"]
    result = Store(folder).result(RUN)
    expected = metrics.mean_absolute_error(target.y_true, target.y_pred)
    assert mae["value"] == pytest.approx(expected, rel=1e-6)
    assert result["scores"]["test"]["mae"] == pytest.approx(expected, rel=1e-6)
    counts = np.concatenate(list(bootstrap.resamples(scored, bootstrap.RESAMPLES)))
    drawn = counts @ np.abs(target.y_true - target.y_pred) / scored
    assert [mae["low"], mae["high"]] == pytest.approx(list(np.quantile(drawn, [0.025, 0.975])), rel=1e-6)
    # What a browser sends is trained with tables that know no paths.
    trained_with = worker.tables(str(folder))
    with pytest.raises(TableError, match="only the command line reads"):
        trained_with.situation(experiment)
    assert worker.tables_of(["0" * 12], str(folder)) is trained_with  # Nobody's run.


def test_a_table_of_validation_rows_may_be_a_path_too(tmp_path, points, store, workspace, experiment_of):
    path = tmp_path / "validation.csv"
    points.to_csv(path, index=False)
    value = experiment_of(table="sample:concrete").value()
    value["data"]["split"] |= {"method": "table", "table": str(path)}
    store.begin("6" * 12, read(value))
    both = worker.tables_of(["0" * 12, "6" * 12], str(workspace))
    assert len(both.frame(str(path))) == len(points)


@pytest.mark.usefixtures("catalog")
def test_a_worker_that_knows_no_plug_ins_yet_is_asked_about_a_run_with_one(store, workspace, experiment_of):
    ACTIVATIONS["same"] = replace(ACTIVATIONS["relu"], name="same")
    layers = [{"layer": "Dense", "units": 1, "activation": "same"}]
    store.begin("7" * 12, experiment_of(table="sample:concrete", layers=layers))
    del ACTIVATIONS["same"]
    assert worker.tables_of(["7" * 12], str(workspace)) is worker.tables(str(workspace))
