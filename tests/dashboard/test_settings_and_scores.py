"""Settings of runs against their scores: which are offered, and how they are drawn."""

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.runs.journal import Journal
from dashboard.figures.setting_figures import logarithmic, parallel_coordinates, setting_scatter
from dashboard.panels.settings_and_scores import scores_by_title, setting_frame
from tests.dashboard.test_run_table import record

ONE, TWO, THREE = "0000000000aa", "0000000000bb", "0000000000cc"


@pytest.fixture
def experiments(experiment_of):
    """Three runs: two of y that differ in rate and units, one that says yes or no."""
    wide = [{"layer": "Dense", "units": 64, "activation": "relu"}, {"layer": "Dense", "units": 1}]
    return {
        ONE: experiment_of(),
        TWO: experiment_of(optimizer={"class": "Adam", "learning_rate": 2.0}, layers=wide),
        THREE: experiment_of(target="z", loss="BinaryCrossentropy", metrics=("BinaryAccuracy",)),
    }


RECORDS = [
    record(ONE, validation={"loss": 9.0, "mae": 3.0, "rmse": 4.0}, seconds=1.0),
    record(TWO, validation={"loss": 8.0, "mae": 2.0, "rmse": 3.0}, seconds=2.0),
    record(THREE, validation={"loss": 0.4, "accuracy": 0.8}, seconds=3.0),
]


def test_scores_of_different_targets_stand_apart_and_losses_last(experiments):
    found = scores_by_title(RECORDS, experiments)
    assert {title: list(runs) for title, runs in found.items()} == {
        "y: MAE": [ONE, TWO],
        "y: RMSE": [ONE, TWO],
        "z: Accuracy": [THREE],
        "y: Loss (MeanSquaredError)": [ONE, TWO],
        "z: Loss (BinaryCrossentropy)": [THREE],
    }
    assert scores_by_title(RECORDS, {**experiments, ONE: None})["y: MAE"] == {TWO: "mae"}
    # Whichever is listed first: that of one run alone is drawn against nothing.
    assert list(scores_by_title(RECORDS[::-1], experiments)) == list(found)


def test_settings_that_differ_are_columns_of_numbers_or_words(experiments):
    frame = setting_frame(RECORDS[:2], experiments)
    assert frame["layer 1: units"].tolist() == [8.0, 64.0]
    assert frame["optimizer: learning_rate"].tolist() == [0.02, 2.0]
    assert frame["seconds"].tolist() == [1.0, 2.0]
    assert "epochs" not in frame  # Both made 20.
    whole = setting_frame(RECORDS, experiments)
    assert whole["loss"].tolist() == ["MeanSquaredError", "MeanSquaredError", "BinaryCrossentropy"]


def test_an_axis_of_far_apart_numbers_is_logarithmic():
    assert logarithmic(pd.Series([0.001, None, 0.1]))
    assert not logarithmic(pd.Series([0.0, 0.1]))
    assert not logarithmic(pd.Series([8.0, 64.0]))
    score = pd.Series([3.0, 2.0])
    rates = pd.Series([0.001, 0.1])
    scatter = setting_scatter(rates, score, ["a", "<b>"], "learning_rate", "MAE", "$", share=False)
    assert (scatter.layout.xaxis.type, list(scatter.data[0].y)) == ("log", [3.0, 2.0])
    assert scatter.data[0].customdata[1] != "<b>"  # A name is no HTML.
    assert scatter.layout.xaxis.tickformat == "~g"  # "0.0001", not "100\u03bc".
    words = setting_scatter(pd.Series(["relu", None]), score, ["a", "b"], "activation", "MAE", "", share=False)
    assert list(words.data[0].x) == ["relu", "-"]


def test_parallel_coordinates_are_lines_across_the_settings_and_the_score():
    frame = pd.DataFrame({"rate": [0.001, 0.1, None], "activation": ["tanh", "relu", None]})
    score = pd.Series([3.0, 2.0, 4.0])
    figure = parallel_coordinates(frame, score, ["a", "<b>", "c"], "MAE", larger=False)
    lines = [(list(line.x), list(line.y)) for line in figure.data]
    # The worst first: c has no rate, and no activation, which is the first of the words; then a, and b in front.
    assert lines == [
        ([0, 1, 2, None], [None, 0.0, 1.0, None]),
        ([0, 1, 2, None], [0.0, 1.0, 0.5, None]),
        ([0, 1, 2, None], [1.0, 0.5, 0.0, None]),
    ]
    assert figure.data[2].customdata[0] == "&lt;b&gt;<br>rate 0.1"
    said = [(one.x, one.text) for one in figure.layout.annotations]
    assert said == [
        *((0, text) for text in ("0.001", "0.01", "0.1")),
        *((1, text) for text in ("-", "relu", "tanh")),
        *((2, text) for text in ("2", "3", "4")),
    ]
    for title, shown in (
        ("digit: MAE", "digit<br>MAE"),
        ("compressive_strength: MAE", "MAE"),
    ):  # Else a phone has none.
        last = parallel_coordinates(frame, score, ["a", "<b>", "c"], title, larger=False).layout.xaxis.ticktext[-1]
        assert last == shown
    far = parallel_coordinates(pd.DataFrame({"rate": [0.00010743, 1024.0]}), score[:2], ["a", "b"], "MAE", larger=False)
    assert [one.text for one in far.layout.annotations][:3] == ["0.000107", "0.332", "1,024"]  # sqrt(0.00010743 x 1024)
    assert figure.data[2].line.color != figure.data[0].line.color
    shares = parallel_coordinates(frame, score / 10, ["a", "b", "c"], "Accuracy", larger=True, share=True)
    assert [one.text for one in shares.layout.annotations][-3:] == ["20.0%", "30.0%", "40.0%"]
    assert parallel_coordinates(frame, -score, ["a", "b", "c"], "R2", larger=True).data[2].y[1] == 0.5


def test_the_figures_of_listed_runs_are_drawn_from_their_journals(home, experiments):
    for run, experiment in experiments.items():
        Journal(home, run).begin(experiment.text())

    def page() -> None:
        from dashboard.panels.settings_and_scores import settings_and_scores
        from dashboard.session import state
        from tests.dashboard.test_settings_and_scores import RECORDS

        state.attach()
        settings_and_scores(RECORDS, {}, {one.id: one.name for one in RECORDS})

    app = AppTest.from_function(page, default_timeout=20).run()
    assert not app.exception
    assert app.selectbox(key="settings-score").options[0] == "y: MAE"
    assert app.selectbox(key="settings-setting").value in ("optimizer: learning_rate", "layer 1: units")
    assert "1 run without this score." in [one.value for one in app.caption]
    app.selectbox(key="settings-score").set_value("z: Accuracy").run()
    assert not app.exception
    assert "differ in no setting" in app.info[0].value
