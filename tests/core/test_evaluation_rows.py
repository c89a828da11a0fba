"""The rows that a run is evaluated on: by scikit-learn they have the run's scores, at every epoch."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from core.evaluation.evaluated_rows import EvaluatedPart, EvaluatedTarget
from core.evaluation.row_table import row_errors, row_table
from core.runs import evaluated_run
from core.runs.at_epoch import look
from core.runs.evaluated_run import evaluation_section
from core.runs.journal import Journal
from core.tables.number_text import clock_forms
from core.tables.situation import Tables
from core.tables.sources import TableStore

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def tables(workspace):
    """The workspace's tables."""
    return Tables(TableStore(workspace))


def mae(part: EvaluatedPart, name: str = "") -> float:
    """The mean absolute error of the network, or of a baseline."""
    of = part.targets["y"]
    return metrics.mean_absolute_error(of.y_true, of.baselines[name] if name else of.y_pred)


def test_the_rows_have_the_runs_scores_and_its_baselines_scores(kept, store, tables, workspace, points):
    result, _, _ = kept
    rows = evaluation_section(store, tables, Journal(workspace, result["run"]))
    assert rows.epoch == result["epoch"]
    for part in ("validation", "test"):
        found = rows.parts[part]
        assert mae(found) == pytest.approx(result["scores"][part]["mae"], rel=1e-6)
        assert list(found.targets["y"].baselines) == list(result["baselines"])
        for name, parts in result["baselines"].items():
            assert mae(found, name) == pytest.approx(parts[part]["mae"], rel=1e-9)
        assert not found.sampled
        table = points.iloc[found.positions]
        np.testing.assert_allclose(found.targets["y"].y_true, table["y"], rtol=1e-12)
        assert found.features["w"].tolist() == table["w"].tolist()


def test_at_an_epoch_the_rows_are_predicted_with_its_weights(kept, store, tables, workspace):
    result, _, _ = kept
    journal = Journal(workspace, result["run"])
    for epoch in (2, result["epoch"], 5):
        rows = evaluation_section(store, tables, journal, epoch)
        assert rows.epoch == epoch
        expected = look(store, tables, journal, epoch)["scores"]["test"]["mae"]
        assert mae(rows.parts["test"]) == pytest.approx(expected, rel=1e-6)


def test_of_many_rows_a_sample_is_evaluated_and_it_says_so(kept, store, tables, workspace, monkeypatch):
    result, _, _ = kept
    monkeypatch.setattr(evaluated_run, "MOST_ROWS", 10)
    evaluated_run._evaluated.cache_clear()
    part = evaluation_section(store, tables, Journal(workspace, result["run"])).parts["test"]
    evaluated_run._evaluated.cache_clear()
    assert (len(part.positions), part.sampled) == (10, True)
    assert part.rows > 10
    assert {len(part.features), len(part.targets["y"].y_pred), len(part.targets["y"].baselines["mean"])} == {10}


def part_of(target: EvaluatedTarget) -> EvaluatedPart:
    """A part of three rows."""
    features = pd.DataFrame({"row": [1.0, 2.0, 3.0], "day": pd.to_datetime(["2024-01-01", None, "2024-01-03"])})
    return EvaluatedPart(np.array([4, 7, 9]), features, None, {"t": target}, 3)


def test_amounts_are_listed_from_the_largest_error_on():
    of = EvaluatedTarget("t", "regression", (), np.array([1.0, 2.0, 3.0]), np.array([1.5, 4.0, 2.0]), {})
    told = row_table(part_of(of), of)
    assert told["row"].tolist() == [8, 10, 5]
    assert told["error"].tolist() == [2.0, -1.0, 0.5]
    assert told["row (feature)"].tolist() == [2.0, 3.0, 1.0]
    assert list(told) == ["row", "actual t", "predicted t", "error", "row (feature)", "day"]


def test_times_of_day_are_listed_as_the_table_writes_them():
    of = EvaluatedTarget("t", "regression", (), np.array([1.0, 2.0, 3.0]), np.array([1.5, 4.0, 2.0]), {})
    features = pd.DataFrame({"at": [18.75, np.nan, 8.5], "km": [1.0, 2.0, 3.0]})
    part = replace(part_of(of), features=features, clocks=clock_forms({"columns": {"at": {"as": "time"}, "km": {}}}))
    assert row_table(part, of)["at"].tolist() == [None, "08:30", "18:45"]
    assert row_table(part, of)["km"].tolist() == [2.0, 3.0, 1.0]


def test_listed_amounts_show_four_digits_of_what_varies():
    of = EvaluatedTarget(
        "t", "regression", (), np.array([30_000.0, 0, 900_000]), np.array([322_369.93, 0.004, 583_154.56]), {}
    )
    assert row_table(part_of(of), of)["predicted t"].tolist() == [583_155, 322_370, 0]
    of = EvaluatedTarget("t", "regression", (), np.array([0.1, 0.2, 0.3]), np.array([0.123456, 0.2, 0.3]), {})
    assert row_table(part_of(of), of)["error"].tolist() == [0.0235, 0.0, 0.0]


def test_classes_are_listed_from_the_least_likely_on():
    two = EvaluatedTarget("t", "binary", ("no", "yes"), np.array([1, 0, 1]), np.array([0.6, 0.7, 0.2]), {}, 0.65)
    told = row_table(part_of(two), two)
    assert told["probability of actual"].tolist() == pytest.approx([0.2, 0.3, 0.6])
    assert told["actual t"].tolist() == ["yes", "no", "yes"]
    assert told["predicted t"].tolist() == ["no", "yes", "no"]  # Above 0.65 alone.
    outputs = np.array([[0.2, 0.5, 0.3], [0.1, 0.1, 0.8], [0.6, 0.3, 0.1]])
    three = EvaluatedTarget("t", "multiclass", ("a", "b", "c"), np.array([0, 2, 0]), outputs, {})
    told = row_table(part_of(three), three)
    assert told["probability of actual"].tolist() == pytest.approx([0.2, 0.6, 0.8])
    assert told["predicted t"].tolist() == ["b", "a", "c"]
    margins = EvaluatedTarget("t", "binary", ("no", "yes"), np.array([1, 0, 1]), np.array([2.0, 0.5, -1]), {}, 0, True)
    assert row_errors(margins).tolist() == [-1.0, 1.5, 2.0]
