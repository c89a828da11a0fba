"""The tabs that compare several runs: paired scores, curves and predictions of known answers."""

import json
from dataclasses import replace

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.evaluation.paired_scores import PairedMetric, PairedScores, RunsCompared
from core.evaluation.simultaneous import PairedDifference
from core.runs.journal import Journal
from core.runs.run_curves import run_curves
from dashboard.figures.compared_runs import compared_curves
from dashboard.panels.curve_comparison import drawn_curves, logged_by_title
from dashboard.panels.paired_score_table import ALIKE, best_by_validation, difference_and_verdict, paired_rows
from dashboard.panels.prediction_comparison import predicted_words
from dashboard.panels.run_comparison import _table_names

ONE, TWO, THREE = "0000000000aa", "0000000000bb", "0000000000cc"
NAMES = {ONE: "1. Homes", TWO: "2. Homes", THREE: "3. Homes"}
MAE = PairedMetric(
    ONE,
    "mae",
    {
        run: {"value": value, "low": value - 2, "high": value + 2}
        for run, value in zip(NAMES, (20, 30, 21), strict=True)
    },
    {
        (ONE, TWO): PairedDifference(10.0, 8.0, 12.0),
        (ONE, THREE): PairedDifference(1.0, -1.0, 3.0),
        (TWO, THREE): PairedDifference(-9.0, -12.0, -6.0),
    },
)


@pytest.mark.usefixtures("home")
def test_each_run_is_told_apart_from_the_reference_or_not(experiment_of):
    rows = paired_rows(MAE, ONE, "MAE", experiment_of(table="sample:homes"), NAMES)
    assert [list(row.values()) for row in rows] == [
        ["1. Homes", "-", "-", "20.00 (18.00 to 22.00)"],
        ["2. Homes", "worse", "10.00 worse (8.00 to 12.00)", "30.00 (28.00 to 32.00)"],
        ["3. Homes", ALIKE, "1.00 worse (3.00 worse to 1.00 better)", "21.00 (19.00 to 23.00)"],
    ]


def test_a_metric_is_written_as_within_a_sentence(experiment_of):
    """As on the tiles: "Test accuracy", of several targets without the one that is named above the table."""
    alone = experiment_of(metrics=("BinaryAccuracy",), loss="BinaryCrossentropy")
    (name,) = alone.logged()
    rows = paired_rows(replace(MAE, name=name), ONE, "Accuracy", alone, NAMES)
    assert list(rows[0])[-1] == "Test accuracy"


def test_the_reference_is_the_best_by_its_validation_score(experiment_of):
    validation = {ONE: {"mae": 9.0}, TWO: {"mae": 8.0}, THREE: {}}
    assert best_by_validation(MAE, validation, experiment_of()) == TWO
    assert best_by_validation(MAE, {}, experiment_of()) == ONE


def test_a_difference_without_an_interval_has_no_verdict(experiment_of):
    experiment = experiment_of()
    assert difference_and_verdict("mae", PairedDifference(None), experiment, {}) == ("not comparable", "-")
    assert difference_and_verdict("mae", PairedDifference(-3.0), experiment, {}) == ("3.00 worse", "-")
    assert difference_and_verdict("mae", PairedDifference(0.0, 0.0, 0.0), experiment, {}) == ("the same", ALIKE)


@pytest.fixture
def three(home, experiment_of):
    """The journals of three runs: two with the MAE, of which one has no validation rows, and one with the RMSE."""
    made = []
    for number, (run, metric, short) in enumerate(
        ((ONE, "MeanAbsoluteError", "mae"), (TWO, "MeanAbsoluteError", "mae"), (THREE, "RootMeanSquaredError", "rmse"))
    ):
        journal = Journal(home, run)
        journal.begin(experiment_of(metrics=(metric,), table="sample:homes", batch_size=16).text())
        validated = run != TWO
        journal.events().append({"at": 0.0, "rows": [64, 16 * validated, 16], "stage": "compiling the network"})
        for epoch in range(1, 4):
            values = {"loss": 9.0 - epoch, short: 3.0 - number}
            seen = {"val_loss": abs(epoch - 2.0), f"val_{short}": 4.0 + abs(epoch - 2.0)} if validated else {}
            journal.events().append({"at": float(epoch), "epochs": [[epoch, values | seen]]})
        made.append(run_curves(journal))
    return made


def test_curves_are_drawn_by_metric_and_from_the_best_epoch(three):
    metrics = logged_by_title(three)
    assert {title: list(runs) for title, runs in metrics.items()} == {
        "MAE": [ONE, TWO],
        "RMSE": [THREE],
        "Loss (MeanSquaredError)": [ONE, TWO, THREE],
    }
    drawn = drawn_curves(three, metrics["MAE"], NAMES, "step", aligned=True, training=True)
    # 64 rows in batches of 16 are 4 steps an epoch; the second epoch is the best of the first run, the last one of the
    # run without validation rows, whose training curve stands alone.
    assert [(one.run, one.part, one.beside, one.x, one.best) for one in drawn] == [
        ("1. Homes", "training", True, [-4, 0, 4], 1),
        ("1. Homes", "validation", False, [-4, 0, 4], 1),
        ("2. Homes", "training", False, [-8, -4, 0], 2),
    ]
    figure = compared_curves(drawn, "MAE", "Steps", "$", share=False)
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    assert [line.line.dash for line in lines] == ["dot", "solid", "solid"]
    assert [list(trace.x) for trace in figure.data if trace.mode == "markers"] == [[0], [0]]
    assert drawn_curves(three, metrics["MAE"], NAMES, "epoch", aligned=False, training=False)[0].part == "validation"


def test_predictions_are_told_in_words():
    frame = pd.DataFrame(
        {"predicted price": [66342.5], "predicted kind": ["flat"], "probability kind flat": [0.81], "note": [""]}
    )
    assert predicted_words(frame, ["price", "kind"]) == ["price 66,342; kind flat (81.0%)"]
    alone = pd.DataFrame({"predicted z": ["yes"], "probability yes": [0.7], "probability no": [0.3]})
    assert predicted_words(alone, ["z"]) == ["yes (70.0%)"]


def test_the_tabs_are_drawn_of_known_runs(three, monkeypatch):
    from dashboard.services import engine

    class Store:
        def experiment(self, run):
            return next(one.experiment for one in three if one.run == run)

    rows = [("y", pd.DataFrame({"row": [3], "actual y": [1.0], ONE: [2.0], TWO: [5.0], "difference": [3.0]}))]
    group = PairedScores("y", (ONE, TWO, THREE), 16, 16, dict.fromkeys(NAMES, 16), resamples=1000, metrics={"mae": MAE})
    for name, answer in {
        "store": Store(),
        "paired_scores": RunsCompared((group,), {THREE: "No other run has its table and target."}),
        "prediction_differences": rows,
    }.items():
        monkeypatch.setattr(engine(), name, lambda *_, answer=answer: answer)

    def page(runs: str) -> None:
        import json

        from dashboard.panels.run_comparison import run_comparison
        from dashboard.session import state
        from tests.dashboard.test_run_table import record

        state.attach()
        run_comparison([record(run, name="Homes") for run in json.loads(runs)])

    app = AppTest.from_function(page, kwargs={"runs": json.dumps(list(NAMES))}, default_timeout=20)
    app.run()
    assert not app.exception
    assert {"MAE", "best epoch"} <= set(app.dataframe[0].value["Setting"])
    for tab in ("Curves", "Test rows", "Predictions", "Settings against scores", "Race again"):
        app.session_state["comparison-tabs"] = tab
        app.run()
        assert not app.exception, tab
        said = " ".join(one.value for one in (*app.caption, *app.markdown))
        if tab == "Curves":
            assert app.selectbox(key="curves-metric").options == ["MAE", "RMSE", "Loss (MeanSquaredError)"]
            assert "Without this metric: 3. Homes." in said
        elif tab == "Test rows":
            assert app.selectbox(key=f"paired-reference-0-{ONE}-mae").value == ONE
            assert "3 runs on 16 test rows; 95% intervals of 1,000 bootstrap resamples." in said
            assert "No other run has its table and target." in said
        elif tab == "Settings against scores":
            assert app.selectbox(key="settings-score").value == "y: MAE"
        elif tab == "Race again":
            assert "9 trainings on the rows of the first run" in said
            assert not app.button(key="race-again").disabled
        else:
            assert "Pin rows on the Build page" in said
            assert list(app.dataframe[0].value) == ["row", "actual y", "1. Homes", "2. Homes", "difference"]


def test_curves_of_different_units_have_none_on_their_axis_and_tables_their_names(home, experiment_of):
    """The error of a compressive strength stood there in dollars, and tables were named by their hashes."""
    targets = {ONE: ("sacramento_homes", "price"), TWO: ("concrete", "compressive_strength")}
    for run, (table, target) in targets.items():
        journal = Journal(home, run)
        experiment = experiment_of(target, metrics=("MeanAbsoluteError",), table=f"sample:{table}")
        journal.begin(experiment.text())
        journal.events().append({"at": 0.0, "rows": [64, 16, 16], "stage": "compiling the network"})
        journal.events().append(
            {"at": 1.0, "epochs": [[1, {"loss": 9.0, "mae": 3.0, "val_loss": 9.0, "val_mae": 2.5}]]}
        )

    def page(runs: str) -> None:
        import json

        from dashboard.panels.curve_comparison import curve_comparison
        from tests.dashboard.test_run_comparison import NAMES
        from tests.dashboard.test_run_table import record

        curve_comparison([record(run) for run in json.loads(runs)], {}, NAMES)

    app = AppTest.from_function(page, kwargs={"runs": json.dumps(list(targets))}, default_timeout=20).run()
    assert not app.exception
    assert "The units differ: 1. Homes \\$, 2. Homes MPa." in [one.value for one in app.caption]
    assert _table_names(["sample:titanic", "sample:titanic"]) == ["titanic.csv"] * 2
    gone = ["file:aaaabbbbcccc", "file:ddddeeeeffff"]
    assert _table_names(gone) == ["a deleted table (aaaabb)", "a deleted table (ddddee)"]
