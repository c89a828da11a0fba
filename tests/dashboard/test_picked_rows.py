"""What a click on a curve, a threshold or the overview lists: the rows that the point stands for."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.evaluation.class_curves import class_curves
from core.evaluation.evaluated_rows import EvaluatedTarget
from core.evaluation.thresholds import offered_thresholds
from tests.dashboard.known_evaluation import ROWS, asked_of, binary, many

pytestmark = pytest.mark.usefixtures("home")


def clicked_curve(asked: object, chosen: str, figure: str, trace: int, point: int) -> None:
    """A click on a curve of a class, or of all classes."""
    import streamlit as st

    from core.evaluation.curve_values import NETWORK
    from dashboard.panels import classification_curves, picked_rows

    found = asked.answer("curves", target="y", part="test").curves
    curves = found.get(chosen) or {label: of[NETWORK] for label, of in found.items()}
    part = asked.rows().parts["test"]
    classification_curves._of_point(asked, "test", part, chosen, curves, figure)([trace, point])
    st.session_state["listed"] = st.session_state.get(picked_rows._PICKED)


def clicked_threshold(asked: object, parts: list, offered: object, value: object) -> None:
    """A click on a curve over the thresholds."""
    import streamlit as st

    from dashboard.panels import picked_rows, threshold_choice

    threshold_choice._wrong_rows(asked, parts, offered)(value)
    st.session_state["listed"] = st.session_state.get(picked_rows._PICKED)


def clicked_overview(asked: object, points: dict, value: object) -> None:
    """A click on the figure of the overview."""
    import streamlit as st

    from dashboard.panels import epoch_slider, picked_rows

    epoch_slider._picked(asked, points)(value)
    st.session_state["listed"] = st.session_state.get(picked_rows._PICKED)


def listed(click, *args) -> dict | None:
    """What is listed after it: part, positions, words; None where nothing is."""
    app = AppTest.from_function(click, args=args).run()
    assert not app.exception
    return app.session_state["listed"]


def test_a_point_of_a_curve_lists_the_rows_that_are_wrong_at_its_threshold(experiment_of):
    """As many as the rates of scikit-learn's curve say."""
    target = binary()
    asked, curve = asked_of(experiment_of(), target), class_curves(target).curves["yes"]["network"]
    positive = target.y_true.sum()
    for point in (0, 20, 90, len(curve.thresholds) - 1):
        found = listed(clicked_curve, asked, "yes", "ROC curve", 1, point)
        alarms, missed = curve.false_positive_rate[point], 1 - curve.true_positive_rate[point]
        assert len(found["positions"]) == round(alarms * (ROWS - positive) + missed * positive)
        above = target.y_pred >= curve.thresholds[point]
        assert found["positions"] == (100 + np.flatnonzero(above != (target.y_true == 1))).tolist()
    for point in (10, 60, len(curve.recall) - 1):
        found = listed(clicked_curve, asked, "yes", "Precision and recall", 1, point)
        right = curve.recall[point] * positive
        assert len(found["positions"]) == round(right / curve.precision[point] - right + positive - right)
    # Of a baseline it is the baseline's rows: all have the same prediction, so that all or none are above.
    found = listed(clicked_curve, asked, "yes", "ROC curve", 0, 1)
    assert len(found["positions"]) == ROWS - positive
    assert found["words"].startswith("majority, wrong where rows with a prediction of 0.25 or more for yes")
    assert listed(clicked_curve, asked, "yes", "ROC curve", 2, 0) is None  # The diagonal.


def test_a_point_of_the_gain_lists_the_rows_up_to_it(experiment_of):
    target = many(3)
    asked, curve = asked_of(experiment_of(), target), class_curves(target).curves["c1"]["network"]
    for chosen, trace in (("c1", 1), ("all classes", 1)):
        found = listed(clicked_curve, asked, chosen, "Gain and lift", trace, 50)
        rows = round(curve.selected[50] * ROWS)
        first = np.argsort(-target.y_pred[:, 1], kind="stable")[:rows]
        assert found["positions"] == (100 + np.sort(first)).tolist()


def test_a_threshold_lists_its_false_positives_and_false_negatives(experiment_of):
    target = binary()
    asked = asked_of(experiment_of(), target)
    offered = offered_thresholds(target.y_pred, 0.5)
    for trace, part in enumerate(("test", "validation")):
        found = listed(clicked_threshold, asked, ["test", "validation"], offered, [trace, 40])
        assert found["part"] == part
        of = asked.in_part(part)
        wrong = (of.y_pred > offered[40]) != (of.y_true == 1)
        assert found["positions"] == asked.rows().parts[part].positions[wrong].tolist()
    for value in (None, [], [2, 0], ["test", 0], [0, 10**6]):
        assert listed(clicked_threshold, asked, ["test", "validation"], offered, value) is None


def test_a_point_or_a_cell_of_the_overview_lists_its_test_rows(experiment_of):
    draw = np.random.default_rng(1)
    actual = draw.normal(50, 20, ROWS)
    regression = EvaluatedTarget("y", "regression", (), actual, actual + draw.normal(size=ROWS), {})
    asked = asked_of(experiment_of(), regression)
    points = {"actual": regression.y_true.tolist(), "predicted": regression.y_pred.astype("float32").tolist()}
    assert listed(clicked_overview, asked, points, [1, 7])["positions"] == [107]
    assert listed(clicked_overview, asked, points, [0, 0]) is None  # The diagonal.
    target = many(3)
    found = listed(clicked_overview, asked_of(experiment_of(), target), {"confusion": []}, [0, [1, 2]])
    there = (target.y_true == 1) & (target.y_pred.argmax(axis=1) == 2)
    assert found["positions"] == (100 + np.flatnonzero(there)).tolist()
    assert found["words"] == "actual c1, predicted c2"
