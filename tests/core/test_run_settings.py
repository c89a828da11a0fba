"""The threshold that a person keeps with a run holds wherever a class is named."""

import numpy as np
import pandas as pd
import pytest

from core.runs.at_epoch import look, restore
from core.runs.evaluated_run import evaluation_section
from core.runs.journal import Journal, new_run_id
from core.runs.predictors import predictor
from core.runs.report_data import report
from core.runs.run_settings import keep_threshold, renew
from core.runs.run_training import run
from core.tables.situation import Tables
from core.tables.sources import TableStore
from tests.parity.clean import printed

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("programs")]


@pytest.fixture(scope="module")
def of(workspace, store, points_table, experiment_of):
    """The record, the tables and the journal of a run that tells "no" from "yes", not fully."""
    experiment = experiment_of(
        target="z",
        table=points_table,
        loss="BinaryCrossentropy",
        metrics=["BinaryAccuracy"],
        layers=[{"layer": "Dense", "units": 1, "activation": "sigmoid"}],
        epochs=3,
        batch_size=14,
    )
    journal = Journal(workspace, new_run_id())
    journal.begin(experiment.text())
    tables = Tables(TableStore(workspace))
    assert run(journal, tables, store)["state"] == "finished"
    return store, tables, journal


def named(of, points) -> tuple[pd.Series, pd.Series]:
    """The classes that the run names, and the probabilities of "yes"."""
    store, _, journal = of
    said = predictor(store, journal.run, journal.version()).predict(points)
    return said["predicted z"], said["probability yes"]


def test_a_threshold_that_is_kept_holds_wherever_a_class_is_named(of, points, tmp_path):
    store, tables, journal = of
    before = named(of, points)[1]
    limit = float(before.quantile(0.8))
    assert abs(limit - 0.5) > 0.01
    worth = {"false_positive": 5.0, "false_negative": 1.0, "true_positive": 0.0, "true_negative": 0.0}
    keep_threshold(*of, "z", limit, worth)
    labels, probabilities = named(of, points)
    np.testing.assert_array_equal(labels, np.where(probabilities > limit, "yes", "no"))
    assert store.card(journal.run)["targets"][0]["worth"] == worth

    rows = evaluation_section(store, tables, journal).parts["test"].targets["z"]
    assert rows.decision == limit
    expected = pd.crosstab(rows.y_true, (rows.y_pred > limit).astype(int)).reindex([0, 1], axis=1).fillna(0).to_numpy()
    assert store.result(journal.run)["figures"]["z"]["confusion"] == expected.tolist()

    told = report(store, tables, journal)
    assert told["targets"][0]["decision"] == limit
    assert told["figures"]["z"]["confusion"] == expected.tolist()

    other = look(store, tables, journal, 1, points)["predictions"]
    np.testing.assert_array_equal(other["predicted z"], np.where(other["probability yes"] > limit, "yes", "no"))

    (tmp_path / "program.py").write_text(store.text(journal.run, "program.py"))
    points.to_csv(tmp_path / "points.csv", index=False)
    assert f"int(output > {limit})" in store.text(journal.run, "program.py")
    printed(tmp_path, "program.py", "points.csv")


def test_another_epoch_goes_by_the_threshold_and_it_can_be_taken_back(of, points):
    store, tables, journal = of
    keep_threshold(*of, "z", 0.9)
    for epoch in (1, None):
        restore(store, tables, journal, epoch)
        renew(*of)
        labels, probabilities = named(of, points)
        np.testing.assert_array_equal(labels, np.where(probabilities > 0.9, "yes", "no"))
        assert "int(output > 0.9)" in store.text(journal.run, "program.py")
    keep_threshold(*of, "z", None)
    labels, probabilities = named(of, points)
    np.testing.assert_array_equal(labels, np.where(probabilities > 0.5, "yes", "no"))
    assert "int(output > 0.5)" in store.text(journal.run, "program.py")


@pytest.mark.parametrize(("target", "limit"), [("y", 0.5), ("z", 1.5), ("z", float("nan")), ("z", -0.1)])
def test_what_is_no_threshold_is_refused(of, target, limit):
    with pytest.raises(LookupError):
        keep_threshold(*of, target, limit)
