"""A workspace that version 0.1 made: its draft, its run, the run at an epoch, its predictions and its report open as
they did then.

The run is of 80 rows, 12 epochs, with a number, a date, two categories and missing cells. The expected numbers are
those that version 0.1 printed itself (`python -m core predict`, `result.json`).
"""

import json
import sqlite3
import tarfile
from pathlib import Path

import pandas as pd
import pytest

from core.experiment.edits import apply
from core.experiment.fork import fork
from core.experiment.spec import read
from core.runs.journal import Journal
from core.runs.mlflow_store import Store
from core.tables.situation import Tables
from core.tables.sources import TableStore

pytestmark = pytest.mark.slow
SAVED = Path(__file__).parents[1] / "workspaces" / "0.1.tar.xz"
RUN, DRAFT = "edb62fb4ccbd", "d2c5fa436087b166"
PREDICTED = [166.81190490722656, 146.72494506835938]


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> Path:
    """The workspace, unpacked in a folder of another name: MLflow's record names its files by whole paths."""
    home = tmp_path_factory.mktemp("saved")
    with tarfile.open(SAVED) as packed:
        packed.extractall(home, filter="data")
    with sqlite3.connect(home / "mlflow.db") as record:
        for table, column in (("runs", "artifact_uri"), ("experiments", "artifact_location")):
            record.execute(f"UPDATE {table} SET {column} = replace({column}, 'file:///WORKSPACE', ?)", (home.as_uri(),))
    return home


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """Two rows to be predicted, the second without its length."""
    return pd.DataFrame(
        {"length": [55.5, None], "made": ["2024-03-01", "2024-05-05"], "shape": ["round", "flat"], "hot": ["yes", "no"]}
    )


def test_its_draft_is_an_experiment_that_can_be_edited_and_trained(saved):
    draft = json.loads((saved / "drafts" / f"{DRAFT}.json").read_text(encoding="utf-8"))
    experiment = read(draft["experiment"])
    tables = Tables(TableStore(saved))
    assert draft["run"] == RUN
    assert tables.situation(experiment).tasks
    assert apply(experiment, {"op": "set", "path": "fit.epochs", "value": 3}).fit.epochs == 3
    prepared = tables.prepared(experiment)
    assert {name: len(rows) for name, rows in prepared.parts.items()} == {"train": 56, "validation": 12, "test": 12}


def test_its_run_has_its_curves_its_scores_and_a_fork(saved):
    store = Store(saved)
    result, history = store.value(RUN, "result.json"), store.value(RUN, "history.json")
    assert store.record(RUN).epochs == len(history["loss"]) == 12
    assert store.record(RUN).version == ""  # It was made before runs kept one.
    assert result["test"] == {"loss": 224.81780856638494, "mae": 10.457032203674316, "rmse": 14.993925094604492}
    assert fork(read(store.text(RUN, "experiment.json")), RUN, 7).start.epoch == 7


def test_it_predicts_what_it_predicted(saved, rows):
    from core.runs.predictors import predictor

    assert predictor(Store(saved), RUN).predict(rows)["predicted price"].tolist() == pytest.approx(PREDICTED, rel=1e-6)


def test_it_is_seen_at_an_epoch(saved, rows):
    from core.runs.at_epoch import look

    store, tables, journal = Store(saved), Tables(TableStore(saved)), Journal(saved, RUN)
    history = store.value(RUN, "history.json")
    for epoch in (4, 12):
        seen = look(store, tables, journal, epoch, rows)
        # Version 0.1 took the season of a date in float32, which knows the angle of the year 2024 to five digits.
        assert seen["scores"]["validation"]["mae"] == pytest.approx(history["val_mae"][epoch - 1], rel=1e-4)
    assert seen["predictions"]["predicted price"].tolist() == pytest.approx(PREDICTED, rel=1e-4)


def test_its_report_is_made(saved):
    from core.report.page import page
    from core.runs.report_data import report

    text = page(report(Store(saved), Tables(TableStore(saved)), Journal(saved, RUN)))
    assert "parts.csv" in text
    assert len(text) > 50_000
