"""The form of a wide table: a few fields, and a table of cells for all other features."""

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.tables.number_text import NumberText
from dashboard.panels.feature_table import fields_and_listed, typed_text, value_of

PIXEL = {"kind": "number", "low": 0.0, "high": 16.0, "usual": 3.0, "whole": True}
DAY = {"name": "day", "kind": "date", "low": 19000.0, "high": 20000.0, "usual": 19500.0}
TOWN = {"name": "town", "kind": "category", "words": ["a", "b"], "usual": "a"}


def pixels(number: int) -> list[dict]:
    """So many features, of which every other one is constant."""
    return [{"name": f"p{at}", **PIXEL} | ({"high": 0.0, "usual": 0.0} if at % 2 else {}) for at in range(number)]


def test_features_that_vary_have_fields_first():
    assert fields_and_listed(pixels(60)) == (pixels(60), [])
    fields, listed = fields_and_listed(pixels(784))
    assert [feature["name"] for feature in fields] == [f"p{at}" for at in range(0, 48, 2)]
    assert [feature["name"] for feature in listed] == [f"p{at}" for at in (*range(48, 784, 2), *range(1, 784, 2))]
    assert len(fields) + len(listed) == 784


@pytest.mark.parametrize(
    ("feature", "typed", "value"),
    [
        (PIXEL, "12e3", 12_000.0),
        (PIXEL, " ", None),
        (PIXEL, None, None),
        (DAY, "2024-05-31", "2024-05-31T00:00:00"),
        (DAY, "2024-05-31 12:30", "2024-05-31T12:30:00"),
        (TOWN, "never seen", "never seen"),
        ({"kind": "boolean", "usual": 0.0}, "True", 1.0),
        ({"kind": "boolean", "usual": 0.0}, "0", 0.0),
        ({"kind": "boolean", "usual": 0.0}, "Ja", 1.0),
        ({"kind": "boolean", "usual": 0.0}, "não", 0.0),
        ({"kind": "text", "usual": ""}, "two words", "two words"),
    ],
)
def test_a_typed_cell_is_what_a_field_would_say(feature, typed, value):
    assert value_of(feature, typed, NumberText()) == value


@pytest.mark.parametrize(
    ("feature", "typed", "says"),
    [
        (PIXEL, "abc", "'abc' is not a number"),
        (DAY, "31.5.24", "'31.5.24' is not a date"),
        ({"kind": "boolean"}, "maybe", "neither true nor false"),
    ],
)
def test_a_cell_that_cannot_be_read_is_refused_in_a_sentence(feature, typed, says):
    with pytest.raises(ValueError, match=says):
        value_of(feature, typed, NumberText())


def test_values_of_a_row_are_typed_as_they_are_read():
    comma = NumberText(",", ".")
    assert typed_text(PIXEL, 2.5, comma) == "2,5"
    assert value_of(PIXEL, "2,5", comma) == 2.5
    assert typed_text(DAY, pd.Timestamp("2024-02-03 04:05:00"), comma) == "2024-02-03 04:05:00"
    assert typed_text(DAY, 19500.0, comma) == "2023-05-23"  # 19,500 days after 1970-01-01.
    assert typed_text({"kind": "boolean"}, 1.0, comma) == "true"
    assert [typed_text(TOWN, value, comma) for value in (None, "", np.nan, "b")] == ["", "", "", "b"]


def wide_form(features: list, sent: dict) -> None:
    """The fields and the table of a form after a row was sent there; what they hold."""
    import streamlit as st

    from dashboard.panels.feature_table import feature_table, fields_and_listed
    from dashboard.panels.sent_row import fill_form
    from dashboard.views.predict import _inputs

    if sent and "row" not in st.session_state:
        st.session_state["ld.sent-row"] = ("r", sent)
    fill_form("r", {"features": features})
    row: dict = {}
    fields, listed = fields_and_listed(features)
    wrong = _inputs("r", fields, [], row, {}, {})
    wrong += feature_table("r", listed, st.session_state.get("missing-r", []), row, {})
    st.session_state["row"] = row, wrong


@pytest.mark.slow
def test_a_form_of_784_features_is_a_few_fields_and_a_table():
    features = [*pixels(782), DAY, TOWN]
    app = AppTest.from_function(wide_form, default_timeout=60, args=(features, {})).run()
    assert not app.exception
    row, wrong = app.session_state["row"]
    assert wrong == []
    usual = {feature["name"]: feature["usual"] for feature in features} | {"day": "2023-05-23T00:00:00"}
    assert row == usual
    assert (len(app.slider), len(app.text_input)) == (24, 24)
    ranges = app.dataframe[0].value.set_index("feature")["training rows"]
    assert ranges[["p48", "p1", "day", "town"]].tolist() == [
        "0 to 16",
        "constant: 0",
        "2022-01-08 to 2024-10-04",
        "a, b",
    ]

    sent = dict.fromkeys(usual, 7.0) | {"p700": np.nan, "day": pd.Timestamp("2024-02-03"), "town": "b"}
    app = AppTest.from_function(wide_form, default_timeout=60, args=(features, sent)).run()
    assert not app.exception
    expected = dict.fromkeys(usual, 7.0) | {"p700": None, "day": "2024-02-03T00:00:00", "town": "b"}
    assert app.session_state["row"] == (expected, [])


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("time", 11.75, "11:45"),
        ("time", 11 + 48 / 60 + 30 / 3600, "11:48:30"),  # 11.808333333333334
        ("time", 0.0, "00:00"),
        ("time", 24.5, "24.5"),  # No time of day.
        ("time", 1 / 7, "0.142857142857"),  # No whole second.
        ("duration", 4260.0, "01:11:00"),
        ("duration", 75.0, "00:01:15"),  # With its hours: 1:15 may be those.
        ("duration", -60.0, "-60"),
        ("", 11.75, "11.75"),
    ],
)
def test_a_time_is_written_with_colons_and_read_back(kind, value, text):
    form = NumberText.of({"columns": {"t": {"as": kind}} if kind else {}}, "t")
    assert form.written(value) == text
    assert form.number(text) == pytest.approx(value)


def test_a_field_of_times_takes_what_the_table_holds():
    form = NumberText.of({"columns": {"t": {"as": "time"}}}, "t")
    assert [form.number(text) for text in ("11:48 AM", "8:30 pm", "20:30", "20.5")] == [11.8, 20.5, 20.5, 20.5]
    with pytest.raises(ValueError, match="'25:00' is not a number"):
        form.number("25:00")
