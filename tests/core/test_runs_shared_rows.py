"""Runs on the test rows that they have in common: paired scores by scikit-learn, of rows that no run was trained on."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn import metrics

from core.evaluation import bootstrap
from core.evaluation.simultaneous import PairedDifference
from core.runs.journal import Journal
from core.runs.prediction_differences import prediction_differences
from core.runs.predictors import predictor
from core.runs.run_training import run
from core.runs.shared_test_rows import _paired, paired_scores, shared_positions, shared_test_rows
from core.tables.situation import Tables
from core.tables.sources import TableStore

pytestmark = pytest.mark.slow
KEPT, SHORT, ELSEWHERE = "0123456789ab", "0123456789ac", "0123456789ad"


@pytest.fixture(scope="module")
def tables(workspace):
    """The workspace's tables."""
    return Tables(TableStore(workspace))


@pytest.fixture(scope="module")
def experiments(kept, store, workspace, tables, points_table, experiment_of):
    """Three runs that predict y: one of few epochs with fewer metrics, and one whose rows are split otherwise."""
    short = experiment_of(table=points_table, epochs=2, metrics=("MeanAbsoluteError",), name="Short")
    split = short.data.split.model_copy(update={"seed": 7, "train": 0.5, "validation": 0.1, "test": 0.4})
    elsewhere = short.model_copy(update={"data": short.data.model_copy(update={"split": split})})
    for name, experiment in ((SHORT, short), (ELSEWHERE, elsewhere)):
        journal = Journal(workspace, name)
        journal.begin(experiment.text())
        assert run(journal, tables, store)["state"] == "finished"
    return {KEPT: kept[2], SHORT: short, ELSEWHERE: elsewhere}


def predicted(store, points, run_id, rows):
    """What a run's model predicts for rows of the table."""
    return predictor(store, run_id).predict(points.iloc[rows])["predicted y"].to_numpy()


def rows_tested(tables, experiment):
    """The places of an experiment's test rows in the table."""
    prepared = tables.prepared(experiment)
    return np.sort(prepared.rows[prepared.parts["test"]])


def test_scores_and_difference_are_those_of_scikit_learn_on_the_same_rows(
    experiments, store, tables, workspace, points
):
    found = paired_scores(store, tables, workspace, [SHORT, KEPT])
    (group,) = found.groups
    rows = rows_tested(tables, experiments[KEPT])
    assert (group.target, group.runs, group.rows, group.of) == ("y", (SHORT, KEPT), len(rows), len(rows))
    assert found.left_out == {}
    # Only one of them logs the RMSE: both have it.
    for name, score in (("mae", metrics.mean_absolute_error), ("rmse", metrics.root_mean_squared_error)):
        of, y = group.metrics[name], points["y"].to_numpy()[rows]
        outputs = {one: predicted(store, points, one, rows) for one in group.runs}
        assert {one: score["value"] for one, score in of.scores.items()} == pytest.approx(
            {one: score(y, values) for one, values in outputs.items()}, rel=1e-5
        )
        better = score(y, outputs[SHORT]) - score(y, outputs[KEPT])
        drawn = []
        for counts in bootstrap.resamples(len(rows), group.resamples):
            for row in counts:
                short, long = (score(y, outputs[one], sample_weight=row) for one in (SHORT, KEPT))
                drawn.append(short - long)
        # Of two models the interval is symmetric: 1.96 or so deviations of the resamples.
        away = np.abs(np.array(drawn) - better) / np.std(drawn, ddof=1)
        room = np.quantile(away, 0.95) * np.std(drawn, ddof=1)
        difference = of.better_than(KEPT, SHORT)
        ends = [difference.value, difference.low, difference.high]
        assert ends == pytest.approx([better, better - room, better + room], rel=1e-4)
        assert difference.significant
    assert (group.metrics["rmse"].run, group.metrics["mae"].run) == (KEPT, SHORT)


def test_only_rows_that_test_all_runs_are_compared(experiments, store, tables, workspace, points):
    (group,) = paired_scores(store, tables, workspace, [SHORT, ELSEWHERE]).groups
    shared = np.intersect1d(rows_tested(tables, experiments[SHORT]), rows_tested(tables, experiments[ELSEWHERE]))
    own = rows_tested(tables, experiments[ELSEWHERE])
    assert 2 <= len(shared) < len(own)
    assert (group.rows, group.of, group.own[ELSEWHERE]) == (len(shared), len(shared), len(own))
    y = points["y"].to_numpy()[shared]
    assert group.metrics["mae"].scores[ELSEWHERE]["value"] == pytest.approx(
        metrics.mean_absolute_error(y, predicted(store, points, ELSEWHERE, shared)), rel=1e-5
    )


def test_runs_with_the_same_test_rows_keep_them_beside_one_whose_split_differs(experiments, store, tables, workspace):
    alike, all_runs = paired_scores(store, tables, workspace, [SHORT, ELSEWHERE, KEPT]).groups
    assert (alike.runs, alike.rows) == ((SHORT, KEPT), len(rows_tested(tables, experiments[KEPT])))
    assert (all_runs.runs, all_runs.rows < alike.rows) == ((SHORT, ELSEWHERE, KEPT), True)


@pytest.mark.usefixtures("experiments")
def test_a_run_without_a_model_is_left_out_with_its_reason(store, tables, workspace):
    found = paired_scores(store, tables, workspace, [KEPT, "0000000000ee", SHORT])
    assert [group.runs for group in found.groups] == [(KEPT, SHORT)]
    assert list(found.left_out) == ["0000000000ee"]
    assert "There is no run" in found.left_out["0000000000ee"]
    alone = paired_scores(store, tables, workspace, [KEPT, "0000000000ee"])
    assert alone.groups == ()
    assert alone.left_out[KEPT] == "No other run has its table and target."


@pytest.mark.usefixtures("experiments")
def test_the_rows_on_which_predictions_differ_most_come_first(store, tables, workspace, points, experiments):
    ((target, rows),) = prediction_differences(store, tables, workspace, [KEPT, SHORT], most=5)
    test = rows_tested(tables, experiments[KEPT])
    outputs = {one: predicted(store, points, one, test) for one in (KEPT, SHORT)}
    apart = np.abs(outputs[KEPT] - outputs[SHORT])
    order = np.argsort(-apart)[:5]
    assert target == "y"
    assert list(rows) == ["row", "actual y", KEPT, SHORT, "difference", "x0", "x1", "w"]
    assert rows["row"].tolist() == (test[order] + 1).tolist()
    assert rows["difference"].to_numpy() == pytest.approx(apart[order], abs=0.51)  # Of tens of thousands, in whole.
    assert rows["x0"].to_numpy() == pytest.approx(points["x0"].to_numpy()[test[order]])


@pytest.mark.usefixtures("experiments")
def test_groups_of_rows_are_drawn_whole(store, tables, workspace):
    (group,), _ = shared_test_rows(store, tables, workspace, [KEPT, SHORT])
    rows = shared_positions(group)
    one_by_one = _paired(group, rows, 0.95).metrics["mae"].better_than(KEPT, SHORT)
    pairs = np.arange(len(rows)) // 3
    drawn = _paired([replace(one, groups=pairs) for one in group], rows, 0.95).metrics["mae"].better_than(KEPT, SHORT)
    assert drawn.value == one_by_one.value
    assert (drawn.low, drawn.high) != (one_by_one.low, one_by_one.high)
    alike = _paired([replace(one, groups=np.zeros(len(rows))) for one in group], rows, 0.95).metrics["mae"]
    assert alike.better_than(KEPT, SHORT) == PairedDifference(one_by_one.value)  # Nothing is told of other groups.
    assert alike.scores[KEPT]["low"] is None
