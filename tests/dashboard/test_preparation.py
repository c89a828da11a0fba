"""The settings of single columns on the Data page, by the widgets that a person uses."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from core.tables.sources import TableStore
from core.workspace import workspace

pytestmark = pytest.mark.usefixtures("home")
FEATURES = {"n": "number", "at": "date", "day": "date"}


def page() -> None:
    """The settings alone, and what the experiment is after them."""
    import streamlit as st

    from core.experiment.spec import read
    from dashboard.panels.column_preparation import preparation
    from dashboard.session import state

    state.attach()
    if "given" in st.session_state:
        state.replace(read(st.session_state.pop("given")))
    preparation(state.experiment())
    data = state.experiment().value()["data"]
    st.session_state["seen"] = {name: data[name] for name in ("preparation", "pairs") if name in data}


def app(features: dict[str, str], **data) -> AppTest:
    """The settings of an experiment on a small table."""
    rows = "".join(f"{at},2024-01-0{1 + at} 0{at}:30,2024-01-0{1 + at},{at}\n" for at in range(8))
    table = TableStore(workspace()).keep("t.csv", f"n,at,day,y\n{rows}".encode())
    given = AppTest.from_function(page, default_timeout=30)
    data = {"table": table.ref, "targets": ["y"], "features": features, **data}
    given.session_state["given"] = json.dumps({"version": 1, "data": data})
    return given.run()


def test_parts_of_a_date_are_chosen_and_none_is_the_default_again():
    shown = app(FEATURES, preparation={"at": {"parts": ["hour"]}})
    assert not shown.exception
    assert shown.selectbox[0].value == "at"
    parts = shown.multiselect[0]
    assert (parts.label, parts.value, parts.options) == (
        "Parts of the date",
        ["hour"],
        ["trend", "season", "weekday", "hour"],
    )
    assert "at: hour." in shown.caption[0].value
    parts.set_value(["hour", "trend"]).run()
    assert shown.session_state["seen"] == {"preparation": {"at": {"parts": ["hour", "trend"]}}}
    shown.multiselect[0].set_value([]).run()
    assert not shown.exception
    assert shown.session_state["seen"] == {}


def test_days_since_another_date_are_a_pair():
    shown = app(FEATURES, pairs=[["day", "at"]])
    shown.selectbox[0].set_value("at").run()
    since = next(box for box in shown.multiselect if box.label == "Days since")
    assert since.options == ["day"]
    since.set_value(["day"]).run()
    assert not shown.exception
    assert shown.session_state["seen"] == {"pairs": [["day", "at"], ["at", "day"]]}
    assert "Days from day to at." in shown.caption[0].value


def test_a_text_has_its_number_of_words_and_weighting():
    shown = app({"n": "text"}, preparation={"n": {"words": 30}})
    assert not shown.exception
    assert (shown.number_input[0].label, shown.number_input[0].value) == ("Most frequent words", 30)
    weighting = next(box for box in shown.selectbox if box.label == "Weighting")
    weighting.set_value("tf-idf").run()
    shown.number_input[0].set_value(1000).run()
    assert shown.session_state["seen"] == {"preparation": {"n": {"weighting": "tf-idf"}}}
    assert "n: tf-idf." in shown.caption[0].value


def test_a_category_has_its_number_of_known_words_and_says_what_is_cut():
    shown = app({"n": "category", "at": "date"}, preparation={"n": {"words": 3}})
    assert not shown.exception
    assert (shown.number_input[0].label, shown.number_input[0].value) == ("Known categories", 3)
    # Of 8 rows one validates and one tests: 6 train.
    assert "3 of 6 categories are known; 50.0% of the training rows hold another." in [
        one.value for one in shown.caption
    ]
    shown.number_input[0].set_value(100).run()
    assert not shown.exception
    assert shown.session_state["seen"] == {}


def test_nothing_is_drawn_where_no_feature_has_settings():
    assert not app({}, targets=[]).expander


def test_a_number_has_its_scaling_and_its_bins():
    shown = app(
        {"n": "number", "at": "date"}, scaling={"number": "robust"}, preparation={"n": {"scaling": "quantile bins"}}
    )
    assert not shown.exception
    scaling = next(box for box in shown.selectbox if box.label == "Scaling of the column")
    assert (scaling.value, "log" in scaling.options) == ("quantile bins", True)
    shown.number_input[0].set_value(4).run()
    assert shown.session_state["seen"] == {"preparation": {"n": {"scaling": "quantile bins", "bins": 4}}}
    assert "n: quantile bins, 4 bins." in shown.caption[0].value
    next(box for box in shown.selectbox if box.label == "Scaling of the column").set_value("log").run()
    assert not shown.number_input
    next(box for box in shown.selectbox if box.label == "Scaling of the column").set_value("robust").run()
    assert shown.session_state["seen"] == {"preparation": {"n": {"bins": 4}}}  # As its kind is scaled.
    assert not shown.exception


def test_a_target_may_be_learned_by_its_logarithm_and_it_is_said_what_that_changes():
    shown = app({"n": "number"}, preparation={"y": {"target": "log"}})
    assert not shown.exception
    shown.selectbox[0].set_value("y").run()
    logarithm = next(box for box in shown.selectbox if box.label == "Learn the logarithm")
    assert (logarithm.value, logarithm.options) == ("log", ["none", "log", "log1p"])
    said = [caption.value for caption in shown.caption]
    assert any(one.startswith("The loss is one of logarithms. Predictions, metrics") for one in said)
    assert "y: learned as log." in said
    logarithm.select_index(0).run()
    assert not shown.exception
    assert shown.session_state["seen"] == {}


def test_two_categories_are_crossed():
    shown = app({"n": "category", "at": "category"}, preparation={"n": {"words": 50}})
    crossed = next(box for box in shown.multiselect if box.label == "Cross with")
    assert crossed.options == ["at"]
    crossed.set_value(["at"]).run()
    assert not shown.exception
    assert shown.session_state["seen"]["pairs"] == [["n", "at"]]
    assert "n crossed with at." in shown.caption[-1].value


def moment() -> None:
    """The field of a date with its time of day on the Predict page."""
    import streamlit as st

    from core.tables.number_text import NumberText
    from dashboard.views.predict import _input

    feature = {"name": "at", "kind": "date", "timed": True, "low": 19000.0, "high": 19001.0, "usual": 19000.75}
    st.session_state["asked"] = _input("run", feature, False, NumberText.of({}, "at"))


def test_a_date_whose_hour_counts_is_asked_with_its_time():
    shown = AppTest.from_function(moment, default_timeout=30).run()
    assert not shown.exception
    assert shown.session_state["asked"] == "2022-01-08T18:00:00"  # 19,000 days after 1970-01-01, and three quarters.
