"""The sections of the Result page by their widgets, on evaluated rows of a known network: what they say, and which rows
a click lists.
"""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.evaluation.class_table import class_table
from core.evaluation.evaluated_rows import EvaluatedTarget, evaluated_places
from core.evaluation.temperature_scaling import Recalibration
from dashboard.figures.curve_figures import calibration_figure, gain_figure, roc_figure
from dashboard.figures.error_figures import error_by_tenth_bars, residuals_against
from dashboard.figures.scores import confusion
from dashboard.panels import evaluation_sections
from dashboard.panels.recalibration import recalibrated_sentence, recalibration_sentence
from dashboard.panels.slice_list import slices_sentence
from dashboard.text import number
from tests.dashboard.known_evaluation import (
    RNG,
    ROWS,
    asked_of,
    binary,
    captions,
    drawn,
    many,
)

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def regression() -> EvaluatedTarget:
    """Predictions that are 2 too high, with errors of deviation 1 about it."""
    actual = RNG.normal(50, 20, ROWS)
    return EvaluatedTarget("y", "regression", (), actual, actual + RNG.normal(2, 1, ROWS), {"mean": actual * 0 + 50})


def test_the_errors_of_a_regression_are_drawn_against_each_column(experiment_of, regression):
    app = drawn("Errors", asked_of(experiment_of(), regression))
    assert "too high" in captions(app)
    assert "random sample" not in captions(app)
    names = app.selectbox(key="errors-against").options
    assert names == ["predicted y", "actual y", "size", "day", "town", "predicted y (feature)"]
    for name in names:
        app.selectbox(key="errors-against").set_value(name).run()
        assert not app.exception
    app.segmented_control(key="rows-of").set_value("validation").run()
    assert not app.exception
    assert "They are a random sample of 5,000" in captions(app)


def test_predictions_that_are_no_numbers_are_left_out_and_said(experiment_of, regression):
    predicted = regression.y_pred.copy()
    predicted[:3] = [np.nan, np.inf, -np.inf]
    app = drawn("Errors", asked_of(experiment_of(), replace(regression, y_pred=predicted)))
    assert "not a finite number for 3 rows" in app.warning[0].value
    app = drawn("Errors", asked_of(experiment_of(), replace(regression, y_pred=predicted * np.nan)))
    assert "for 200 rows" in app.warning[0].value


def test_rows_count_by_their_weights_and_weights_of_nothing_are_said(experiment_of, regression):
    assert "count by their weights" in captions(
        drawn("Errors", asked_of(experiment_of(), regression, np.arange(200.0)))
    )
    assert "no weight" in captions(drawn("Errors", asked_of(experiment_of(), regression, np.zeros(ROWS))))


def test_of_a_wide_table_the_worst_rows_are_listed(experiment_of, regression):
    """3,004 columns: 500,000 cells are 166 rows."""
    asked = asked_of(experiment_of(), regression)
    wide = pd.DataFrame(np.zeros((ROWS, 3000)), columns=[f"x{at}" for at in range(3000)])
    parts = {name: replace(part, features=wide) for name, part in asked.rows().parts.items()}
    app = drawn("Rows", replace(asked, evaluated=replace(asked.rows(), parts=parts)))
    assert len(app.dataframe[0].value) == 166
    assert "The first 166 rows are listed" in captions(app)
    errors = app.dataframe[0].value["error"].abs()
    assert errors.is_monotonic_decreasing


def test_words_of_a_table_are_text_in_the_figures():
    words = pd.Series(["<b>x</b>"] * 3 + [f"w{at}" for at in range(40)])
    shown = residuals_against(words, np.arange(43.0), "<i>town</i>", "<u>y</u>", "$", None)
    assert shown.data[0].x[0] == "&lt;b&gt;x&lt;/b&gt;"
    assert shown.data[0].x.count("(others)") == 11
    assert shown.layout.xaxis.title.text == "&lt;i&gt;town&lt;/i&gt;"
    assert shown.layout.yaxis.tickformat == "$,~g"
    amounts = residuals_against(pd.Series([150_000.0, 2e5]), np.ones(2), "predicted y", "y", "$", None, across="$")
    assert amounts.layout.xaxis.tickformat == "$~s"
    shown = residuals_against(words, np.arange(43.0) * 1000, "town", "y", "$", None)
    assert shown.layout.yaxis.tickformat == "$~s"
    tenths = pd.DataFrame({"rows": [2], "mean error": [1.0], "mean absolute error": [2.0]})
    assert "&lt;a&gt;" in error_by_tenth_bars(tenths, "y", "<a>", ["1 <a>"]).data[0].customdata[0]


def test_each_section_applies_to_its_tasks():
    titles = {
        task: [one.title for one in evaluation_sections.SECTIONS if one.applies({"task": task, "classes": classes})]
        for task, classes in (("regression", []), ("binary", ["a", "b"]), ("multiclass", ["a", "b", "c"]))
    }
    assert "Errors" in titles["regression"]
    assert "Errors" not in titles["binary"] + titles["multiclass"]


@pytest.mark.slow
@pytest.mark.parametrize("target", [binary(), many(3), many(30), binary(margin=True, decision=0.0)])
def test_a_classification_has_its_curves_and_its_table(experiment_of, target):
    asked = asked_of(experiment_of(), target)
    app = drawn("Curves", asked)
    assert "AUC" in captions(app)
    assert ("margins" in captions(app)) == target.margin
    if target.task == "multiclass":
        app.selectbox(key="curves-of").set_value("c1").run()
        assert not app.exception
        assert "y = c1" in captions(app)
    app = drawn("Classes", asked)
    right = (target.y_class == target.y_true).sum()
    assert f"{right} of 200 test rows are predicted correctly." in captions(app)
    table = app.dataframe[0].value
    assert list(table)[:4] == ["class", "precision", "recall", "F1"]
    found = class_table(target)
    assert table["recall"].tolist() == pytest.approx((100 * found["recall"]).tolist(), nan_ok=True)  # In percent.
    assert len(table) == len(target.classes) + 2
    app.segmented_control(key="confusion-cells").set_value("share of the actual class").run()
    assert not app.exception


def test_rows_of_one_class_have_no_curve_and_it_is_said(experiment_of):
    app = drawn("Curves", asked_of(experiment_of(), binary(y_true=np.zeros(ROWS, "int64"))))
    assert "there is no curve" in app.info[0].value
    broken = binary(y_pred=np.full(ROWS, np.nan))
    assert "200 rows without" in drawn("Curves", asked_of(experiment_of(), broken)).warning[0].value
    drawn("Classes", asked_of(experiment_of(), broken))


def test_a_curve_has_the_baselines_beside_and_the_area_in_its_name():
    from core.evaluation.class_curves import class_curves

    found = class_curves(binary())
    assert [line.name for line in roc_figure(found.curves["yes"]).data[:2]] == [
        "majority, AUC 0.500",
        f"network, AUC {found.curves['yes']['network'].auc:.3f}",
    ]
    lift = gain_figure(found.curves["yes"]).data[1].customdata
    assert lift[-1] == pytest.approx(1)
    calibration = calibration_figure(found.calibration).data[1]
    assert (calibration.name[:11], calibration.cliponaxis) == ("yes, ECE 0.", False)  # No half points at 0% and 100%.


def test_errors_are_seen_beside_a_full_diagonal():
    """Of 1,000 right ones and 1 wrong one the wrong one has the strongest colour of errors."""
    shown = confusion([[1000, 1], [0, 500]], ["a", "b"]).data[0]
    assert [list(row) for row in shown.z] == [[pytest.approx(1000 / 1001), -1], [0, 1]]
    shares = confusion([[3, 1], [0, 4]], ["a", "b"], shares=True).data[0]
    assert [list(row) for row in shares.text] == [["75%", "25%"], ["0%", "100%"]]
    assert shares.customdata[0][1] == "1 row, 25.0% of the class"


def test_the_threshold_that_costs_least_is_marked_and_chosen(experiment_of):
    target = binary()
    app = drawn("Threshold", asked_of(experiment_of(), target))
    slider = app.select_slider(key="threshold-0123456789ab-y-3")
    assert slider.value == 0.5
    app.number_input(key="worth-false_negative-0123456789ab-y").set_value(50.0).run()
    app.button(key="threshold-best").click().run()
    assert not app.exception
    assert "at the chosen threshold" not in captions(app)  # It is the best one: the same amount is not said twice.
    chosen = app.select_slider(key="threshold-0123456789ab-y-3").value
    above = target.y_pred > chosen
    cost = (above & (target.y_true == 0)).sum() + 50 * (~above & (target.y_true == 1)).sum()
    missed, alarms = target.y_pred[target.y_true == 1], target.y_pred[target.y_true == 0]
    tried = [(alarms > limit).sum() + 50 * (missed <= limit).sum() for limit in np.linspace(-0.01, 1, 5000)]
    assert cost == min(tried)
    table = app.dataframe[0].value.set_index("rows")
    assert table.loc["test", "false positives"] == (above & (target.y_true == 0)).sum()
    assert table.loc["test", "gains minus costs"] == number(-float(cost))
    assert not app.button(key="threshold-use").disabled
    at_an_epoch = replace(asked_of(experiment_of(), target), epoch=2)
    assert drawn("Threshold", at_an_epoch).button(key="threshold-use").disabled
    drawn("Threshold", asked_of(experiment_of(), binary(y_pred=np.full(ROWS, np.nan)), np.ones(ROWS)))
    drawn("Threshold", asked_of(experiment_of(), binary(y_pred=RNG.normal(size=ROWS), margin=True, decision=0.0)))


@pytest.mark.slow
def test_a_network_that_is_too_sure_can_be_recalibrated(experiment_of):
    """The logits of calibrated probabilities times three."""
    logits = RNG.normal(size=ROWS) * 2
    y_true = (RNG.uniform(size=ROWS) < 1 / (1 + np.exp(-logits))).astype("int64")
    target = binary(y_true=y_true, y_pred=1 / (1 + np.exp(-3 * logits)))
    asked = asked_of(experiment_of(), target)
    app = drawn("Curves", asked)
    assert "The network is too sure" in captions(app)
    assert app.button(key="recalibrate").label == "Recalibrate"
    table = app.dataframe[0].value
    found = asked.answer("recalibration", target="y")
    assert table["log loss"].tolist() == [f"{found.before[part].log_loss:.4f}" for part in found.before]
    assert table["recalibrated"].astype(float).lt(table["log loss"].astype(float)).all()
    asked.card["targets"][0]["temperature"] = found.temperature
    app = drawn("Curves", asked)
    assert f"logits are divided by {found.temperature:.4g}" in captions(app)
    assert app.button(key="recalibrate").label == "Undo recalibration"
    assert not drawn("Curves", replace(asked, epoch=2)).button
    right = asked_of(experiment_of(), binary(y_true=y_true, y_pred=1 / (1 + np.exp(-logits))))
    app = drawn("Curves", right)
    assert "does not help by more than noise" in captions(app)
    assert not app.button
    alike = Recalibration(1.001, {}, {}, 0.0, -1.0, 1.0)
    assert recalibration_sentence(alike).endswith(
        "the best temperature on the validation rows is 1, which changes nothing."
    )
    assert recalibrated_sentence({"y": 1.5}).startswith("The model is recalibrated (temperature 1.5): these scores")
    assert "(temperature y 1.5, z 0.3)" in recalibrated_sentence({"y": 1.5, "z": 0.3})


@pytest.mark.parametrize("of", ["regression", "binary"])
def test_the_worst_slices_are_listed_first(experiment_of, regression, of):
    """In the town "b" all predictions are far off."""
    worse = np.arange(ROWS) % 3 == 1
    if of == "binary":
        target = binary(y_pred=np.where(worse, 0.9, 0.1), y_true=np.zeros(ROWS, "int64"))
    else:
        target = replace(regression, y_pred=regression.y_true + np.where(worse, 40, 1) + RNG.normal(size=ROWS))
    app = drawn("Slices", asked_of(experiment_of(), target))
    assert re.search(r"\b1 of the \d+ slices of 10 rows or more is worse than the other rows by more", captions(app))
    first = app.dataframe[0].value.iloc[0]
    assert (first["column"], first["value"], first["rows"], first["more than chance"]) == ("town", "b", 67, "worse")
    drawn("Slices", asked_of(experiment_of(), target, np.arange(200.0)))
    assert drawn("Slices", asked_of(experiment_of(), target, np.zeros(ROWS))).info


@pytest.mark.parametrize(
    ("worse", "compared", "said"),
    [
        (0, 0, "No slice is compared with the other rows: 10 rows are needed in both."),
        (0, 1, "The only slice of 10 rows or more is not worse than the other rows"),
        (1, 1, "The only slice of 10 rows or more is worse than the other rows"),
        (0, 11, "None of the 11 slices of 10 rows or more is worse than the other rows"),
        (1, 11, "1 of the 11 slices of 10 rows or more is worse than the other rows"),
        (2, 1100, "2 of the 1,100 slices of 10 rows or more are worse than the other rows"),
    ],
)
def test_how_many_slices_are_worse_is_a_sentence(worse, compared, said):
    together = " for all slices together (Holm's correction)" if compared > 1 else ""
    more = f" by more than chance explains, at the 5% level{together}." if compared else ""
    assert slices_sentence(worse, compared) == said + more


def test_a_click_lists_its_rows_and_they_are_cleared(experiment_of, regression):
    """What the browser sends is carried out by the function that the figure was given."""
    asked = asked_of(experiment_of(), regression)

    def clicked(title: str, asked: object) -> None:
        import streamlit as st

        from dashboard.panels.evaluation_sections import SECTIONS
        from dashboard.panels.picked_rows import rows_picked

        if "clicked" not in st.session_state:
            st.session_state["clicked"] = True
            take = rows_picked(asked, "test", lambda _trace, point: ([2, int(point)], "two rows"))
            for value in (None, [0], [0, "x"], [0, 7]):
                take(value)
        next(section for section in SECTIONS if section.title == title).draw(asked)

    app = AppTest.from_function(clicked, default_timeout=30, args=("Errors", asked)).run()
    assert not app.exception
    assert app.dataframe[0].value["row"].isin([103, 108]).sum() == len(app.dataframe[0].value) == 2
    app.segmented_control(key="rows-of").set_value("validation").run()
    assert len(app.dataframe) == 0
    app.segmented_control(key="rows-of").set_value("test").run()
    app.button(key="picked-clear").click().run()
    assert len(app.dataframe) == 0
    assert "Click a point" in captions(app)


def test_of_many_errors_some_are_drawn_and_a_click_lists_the_row_of_its_point(experiment_of, regression, monkeypatch):
    from dashboard.panels import regression_errors

    asked, some, seen = asked_of(experiment_of(), regression), evaluated_places(ROWS, 50), {}
    monkeypatch.setattr(regression_errors, "MOST_DRAWN", 50)
    monkeypatch.setattr(regression_errors, "figure", lambda drawn, *, key, **more: seen.update({key: (drawn, more)}))

    def clicked(asked: object, figures: dict) -> None:
        import streamlit as st

        from dashboard.panels.regression_errors import regression_errors

        if figures and "clicked" not in st.session_state:
            st.session_state["clicked"] = True
            figures["errors-figure"][1]["picked"]([0, 7])
        regression_errors(asked)

    app = AppTest.from_function(clicked, default_timeout=30, args=(asked, seen)).run()
    assert not app.exception
    assert "50 of the 200 rows are drawn" in captions(app)
    errors = regression.y_pred - regression.y_true
    assert seen["errors-figure"][0].data[0].y.tolist() == errors[some].tolist()
    app.run()
    assert app.dataframe[0].value["row"].tolist() == [asked.rows().parts["test"].positions[some[7]] + 1]
