"""The features of a run, as the Result page shows them: of real trainings, whose sections are computed in this
process.
"""

from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.text import number

pytestmark = pytest.mark.slow


def drawn() -> None:
    """The section of the run that the test has put in."""
    import streamlit as st

    from dashboard.panels.feature_section import feature_section

    feature_section(st.session_state["asked"])


@pytest.fixture
def asked(kept, store, workspace, monkeypatch):
    """The kept run as the page asks about it, without a cluster between."""
    from core.runs.evaluated_run import evaluation_section
    from core.runs.journal import Journal
    from core.tables.situation import Tables
    from core.tables.sources import TableStore
    from dashboard import services
    from dashboard.panels import asked_evaluation

    result, _, experiment = kept
    tables = Tables(TableStore(workspace))

    def evaluate(run, section, epoch, **options):
        return evaluation_section(store, tables, Journal(workspace, run), epoch, section, options)

    monkeypatch.setenv("LAYERDECK_HOME", str(workspace))
    monkeypatch.setattr(services, "_tables", lambda: tables)
    monkeypatch.setattr(asked_evaluation, "engine", lambda: SimpleNamespace(evaluate=evaluate, store=lambda: store))
    asked_evaluation._answer.cache_clear()
    run = result["run"]
    yield asked_evaluation.Asked(run, experiment, store.result(run), store.card(run), None, "y")
    asked_evaluation._answer.cache_clear()


@pytest.fixture
def app(asked):
    """The section on a page."""
    app = AppTest.from_function(drawn, default_timeout=60)
    app.session_state["asked"] = asked
    app.run()
    assert not app.exception
    return app


def captions(app: AppTest) -> str:
    return " ".join(one.value for one in app.caption)


def test_the_importance_is_said_with_its_rows_and_correlated_features(app, kept):
    rows = len(kept[0]["figures"]["y"]["actual"])
    assert f"How much worse MAE becomes when a feature's values are shuffled among the {rows} test rows" in captions(
        app
    )
    assert "Correlated features: x0 and w (" in captions(app)
    app.selectbox(key="importance-score-y").set_value("rmse").run()
    assert not app.exception
    assert "How much worse RMSE becomes" in captions(app)


def test_many_features_are_asked_for_in_parts_with_the_same_answer(app, monkeypatch):
    from dashboard.panels import feature_section

    monkeypatch.setattr(feature_section, "FEATURES_A_PART", 2)
    before = captions(app)
    app.run()
    assert not app.exception
    assert captions(app) == before


def test_predictions_are_followed_along_one_feature_and_over_two(app):
    assert app.selectbox(key="dependence-y").value == "x0"  # The most important one.
    assert "when x0 is set to a value in all of them. Gray lines are single rows (ICE)." in captions(app)
    app.selectbox(key="dependence-y-second-0").set_value(1).run()
    assert not app.exception
    assert "when both features are set" in captions(app)
    app.selectbox(key="dependence-y").set_value("w").run()
    assert not app.exception
    assert "when w is set to a value in all of them. Below: the share of training rows." in captions(app)


def test_a_prediction_is_led_to_from_the_mean_by_its_features(asked):
    def page() -> None:
        import streamlit as st

        from dashboard.panels.contribution_waterfall import contribution_waterfalls

        asked = st.session_state["asked"]
        contribution_waterfalls(asked.run_id, asked.experiment, asked.card, st.session_state["row"])

    app = AppTest.from_function(page, default_timeout=60)
    app.session_state["asked"] = asked
    app.session_state["row"] = {"x0": 1.5, "x1": None, "w": "high"}
    app.run()
    assert not app.exception
    found = asked.answer("contributions", row=app.session_state["row"])["y"]
    assert f"to the predicted y, {number(found['prediction'])}. Shapley values, exact." in captions(app)
    assert sum(found["features"].values()) + found["base"] == pytest.approx(found["prediction"], rel=1e-6)


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("date", "2024-03-03T23:30:00", "2024-03-03 23:30"),
        ("date", "2024-03-03T23:30:05", "2024-03-03 23:30:05"),
        ("date", "2024-03-03T00:00:00", "2024-03-03"),
        ("date", "2024-03-03", "2024-03-03"),
        ("date", None, "missing"),
        ("category", "a" * 25, "a" * 23 + "…"),
    ],
)
def test_a_field_is_written_beside_its_features_name(kind, value, text):
    from dashboard.panels.contribution_waterfall import field_text

    assert field_text({"name": "when", "kind": kind}, value) == text


def test_times_of_day_are_written_as_such():
    from core.tables.number_text import NumberText
    from dashboard.figures.feature_figures import axis_type, axis_values, dependence_curve
    from dashboard.panels.contribution_waterfall import field_text
    from dashboard.panels.counterfactual_list import change_sentence

    clock, feature = NumberText(clock="time"), {"name": "at", "kind": "number", "low": 8.0, "high": 19.75}
    assert field_text(feature, 18.75, clock) == "18:45"
    change = {"features": {"at": 18.75}, "class": "1", "distance": 1.2}
    assert change_sentence(change, {"at": feature}, {"at": clock}) == "at = 18:45: 1 is predicted"
    assert (axis_type("time"), axis_values("time", [18.75])) == ("date", ["1970-01-01T18:45:00"])
    found = {"kind": "time", "grid": [8.0, 18.75], "mean": [1.0, 2.0], "lines": [], "at": [8.0, 18.75], "share": [1, 0]}
    assert dependence_curve(found, "at", "predicted y").layout.xaxis.tickformat == "%H:%M"


def test_a_change_that_flips_the_class_is_a_sentence():
    from dashboard.panels.counterfactual_list import change_sentence

    features = {"fare": {"low": 0.0, "high": 500.0}, "sex": {}, "alone": {}}
    change = {"features": {"sex": "female", "fare": 71.25, "alone": True}, "class": "1", "distance": 1.2}
    assert change_sentence(change, features) == "sex = female and fare = 71.25 and alone = true: 1 is predicted"


def test_of_many_classes_one_is_looked_at():
    def page() -> None:
        import streamlit as st

        from dashboard.panels.dependence_curves import predicted_output

        card = {"target": "kind", "classes": ["<b>a", "b", "c"], "margin": False}
        st.write(str(predicted_output(st, card, "here")))

    app = AppTest.from_function(page).run()
    assert app.selectbox[0].options == ["<b>a", "b", "c"]  # Shown as they are: a list of options is no Markdown.
    assert app.markdown[0].value == "(0, 'probability of <b>a')"
    app.selectbox[0].set_value(2).run()
    assert app.markdown[0].value == "(2, 'probability of c')"
