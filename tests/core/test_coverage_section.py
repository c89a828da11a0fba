"""Intervals of a run: from the errors on its validation rows, measured on its test rows, as columns of predictions."""

import math

import numpy as np
import pandas as pd
import pytest

from core.evaluation.conformal import Conformal, Coverage
from core.evaluation.evaluated_rows import EvaluatedTarget
from core.evaluation.interval_columns import interval_columns
from core.runs.journal import Journal
from core.tables.situation import Tables
from core.tables.sources import TableStore


@pytest.mark.slow
def test_a_runs_intervals_are_those_of_its_validation_errors_at_any_epoch(kept, store, workspace, points):
    from core.runs.evaluated_run import evaluation_section
    from core.runs.predictors import predictor

    result, _, _ = kept
    tables, journal = Tables(TableStore(workspace)), Journal(workspace, result["run"])
    for epoch in (None, 3):
        rows = evaluation_section(store, tables, journal, epoch).parts
        found = evaluation_section(store, tables, journal, epoch, "coverage")["y"]
        of, test = rows["validation"].targets["y"], rows["test"].targets["y"]
        errors = np.sort(np.abs(of.y_true - of.y_pred))
        if found.conformal.difficulty is not None:
            errors = np.sort(np.abs(of.y_true - of.y_pred) / found.conformal.difficulty(of.y_pred))
        at = math.ceil(0.9 * (len(errors) + 1)) - 1
        assert found.conformal.error_at(0.9) == errors[at]
        low, high = found.conformal.bounds(test.y_pred, 0.9).T
        inside = (low <= test.y_true) & (test.y_true <= high)
        assert found.share(0.9) == inside.mean()
        assert found.size(0.9) == pytest.approx((high - low).mean())
    card = store.card(result["run"])
    predicted = predictor(store, result["run"]).predict(points.head(5))
    coverage = evaluation_section(store, tables, journal, None, "coverage")
    columns = interval_columns(predicted, card["targets"], coverage, 0.8)
    assert list(columns) == ["lower y", "upper y"]
    np.testing.assert_allclose(columns.mean(axis=1), predicted["predicted y"], rtol=1e-9)
    with pytest.raises(LookupError, match="18 validation rows are too few for intervals of 99%"):
        interval_columns(predicted, card["targets"], coverage, 0.99)


def test_sets_are_columns_of_the_labels_for_each_target():
    three = EvaluatedTarget("k", "multiclass", ("a", "b", "c"), np.arange(9) % 3, np.full((9, 3), 1 / 3), {})
    two = EvaluatedTarget("z", "binary", ("no", "yes"), np.array([0, 1] * 5), np.array([0.1, 0.8] * 5), {})
    coverage = {of.target: Coverage(Conformal.of(of), of) for of in (three, two)}
    targets = [{"target": of.target, "classes": list(of.classes), "margin": False} for of in (three, two)]
    predictions = pd.DataFrame(
        {
            "predicted k": ["a", "c"],
            "probability k a": [0.5, 0.1],
            "probability k b": [0.4, 0.2],
            "probability k c": [0.1, 0.7],
            "predicted z": ["yes", "no"],
            "probability z no": [0.15, 0.9],
            "probability z yes": [0.85, 0.1],
        },
        index=[7, 9],
    )
    columns = interval_columns(predictions, targets, coverage, 0.9)
    # An output of a third was enough for each of the rows of k, one of 0.8 for those of z.
    assert columns["set k"].to_dict() == {7: "a | b", 9: "c"}
    assert columns["set z"].to_dict() == {7: "yes", 9: "no"}
    margins = [{"target": "z", "classes": ["no", "yes"], "margin": True}]
    of_margins = EvaluatedTarget("z", "binary", ("no", "yes"), np.ones(9, int), np.linspace(-1, 3, 9), {}, 0.0, True)
    asked = pd.DataFrame({"predicted z": ["yes"], "margin": [0.4]})
    told = interval_columns(asked, margins, {"z": Coverage(Conformal.of(of_margins), of_margins)}, 0.9)
    assert told["set z"].tolist() == ["no | yes"]  # The lowest margin was -1.
