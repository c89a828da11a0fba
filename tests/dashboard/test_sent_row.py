"""A row that is sent to the Predict page fills the fields of its form."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

pytestmark = pytest.mark.usefixtures("home")


def filled_form(card: dict, sent: dict) -> None:
    """The fields of the Predict page after a row was sent there; what they hold."""
    import streamlit as st

    from dashboard.panels.sent_row import fill_form
    from dashboard.views.predict import _inputs

    if "row" not in st.session_state:
        st.session_state["ld.sent-row"] = ("r", sent)
    fill_form("r", card)
    row: dict = {}
    wrong = _inputs("r", card["features"], st.session_state.get("missing-r", []), row, {}, {})
    st.session_state["row"] = (row, wrong)


def test_a_row_that_is_sent_fills_the_form():
    amount = {"kind": "number", "low": 0.0, "high": 10.0, "usual": 5.0, "whole": False}
    days = {"kind": "date", "low": 19000.0, "high": 20000.0, "usual": 19500.0, "timed": False}
    features = [
        {"name": "size", **amount},
        {"name": "rooms", **amount, "whole": True},
        {"name": "far", **amount},
        {"name": "gone", **amount},
        {"name": "town", "kind": "category", "words": ["a", "b"], "usual": "a", "missing": False},
        {"name": "new", "kind": "boolean", "low": 0.0, "high": 1.0, "usual": 0.0},
        {"name": "day", **days},
        {"name": "moment", **days, "timed": True},
        {"name": "said", "kind": "text", "usual": "x"},
    ]
    sent = {"size": 2.25, "rooms": 3.0, "far": 99.5, "gone": np.nan, "town": "b", "new": 1.0, "said": "two words"}
    sent |= {"day": pd.Timestamp("2024-02-03"), "moment": pd.Timestamp("2024-02-03 04:05:00")}
    app = AppTest.from_function(filled_form, default_timeout=30, args=({"features": features}, sent)).run()
    assert not app.exception
    row, wrong = app.session_state["row"]
    assert wrong == []
    assert row == {
        "size": 2.25,
        "rooms": 3,
        "far": 99.5,  # Beyond the slider, in the box.
        "gone": None,
        "town": "b",
        "new": 1.0,
        "day": "2024-02-03",
        "moment": "2024-02-03T04:05:00",
        "said": "two words",
    }


def clock_form(card: dict) -> None:
    """The field of a time of day; what it holds."""
    import streamlit as st

    from dashboard.views.predict import _inputs

    row: dict = {}
    _inputs("r", card["features"], [], row, {"columns": {"from": {"as": "time", "unit": "h"}}}, {})
    st.session_state["row"] = row


def test_the_slider_of_a_time_of_day_shows_times():
    """It counted hours: 13.75."""
    feature = {"name": "from", "kind": "number", "low": 8.0, "high": 19.75, "usual": 13.75, "whole": False}
    app = AppTest.from_function(clock_form, default_timeout=30, args=({"features": [feature]},)).run()
    assert not app.exception
    (slider,), (box,) = app.slider, app.text_input
    hours = [end / 3.6e9 % 24 for end in (slider.min, slider.max)]  # Of microseconds since a midnight.
    assert (slider.label, *hours) == ("from", 8, 19.75)
    assert (slider.value, box.value, app.session_state["row"]) == (dt.time(13, 45), "13:45", {"from": 13.75})
    slider.set_value(dt.time(9, 6)).run()
    assert not app.exception
    assert (app.text_input[0].value, app.session_state["row"]) == ("09:06", {"from": pytest.approx(9.1)})
    app.text_input[0].set_value("20:30").run()
    assert (app.slider[0].value, app.session_state["row"]) == (dt.time(19, 45), {"from": 20.5})


def test_a_saved_prediction_is_an_amount_in_its_unit_and_its_row_stays_as_it_was():
    from dashboard.views.predict import _in_words

    targets = [{"target": "fee", "classes": []}, {"target": "kind", "classes": ["a", "b"]}]
    row = {"predicted fee": 278.10000610351562, "predicted kind": "a", "note": "", "size": -121.5507}
    assert _in_words(row, targets, {"fee": "$"}) == {**row, "predicted fee": "$278.10"}


def test_the_fields_stand_in_the_order_of_the_features_where_columns_stand_below_each_other():
    """A phone showed the features 1, 3 and 5, then 2, 4 and 6."""
    number = {"kind": "number", "low": 0.0, "high": 10.0, "usual": 5.0, "whole": False}
    names = [f"x{place}" for place in range(5)]
    card = {"features": [{"name": name, **number} for name in names]}
    app = AppTest.from_function(filled_form, default_timeout=30, args=(card, {})).run()
    assert not app.exception
    assert [slider.label for slider in app.slider] == names
