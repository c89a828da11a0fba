"""The choice of scalings on the Data page, by the widgets that a person uses."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from core.tables.sources import TableStore
from core.workspace import workspace
from dashboard.session import streamlit_patches

pytestmark = pytest.mark.usefixtures("home")


def page() -> None:
    """The choice alone, and what the experiment is after it."""
    import streamlit as st

    from core.experiment.spec import read
    from dashboard.panels.scaling import scaling
    from dashboard.session import state

    state.attach()
    if "given" in st.session_state:
        state.replace(read(st.session_state.pop("given")))
    scaling(state.experiment())
    st.session_state["seen"] = state.experiment().value()["data"].get("scaling")


def app(features: dict[str, str], **data) -> AppTest:
    """The choice for an experiment on a table with a column of each kind."""
    table = TableStore(workspace()).keep(
        "t.csv", b"n,w,d,b,y\n1,a,2024-01-01,yes,3\n2,b,2024-01-02,no,4\n5,a,2024-01-05,no,6\n"
    )
    given = AppTest.from_function(page, default_timeout=30)
    data = {"table": table.ref, "targets": ["y"], "features": features, **data}
    given.session_state["given"] = json.dumps({"version": 1, "data": data})
    return given.run()


def test_each_kind_of_number_among_the_features_has_its_scaling():
    shown = app({"n": "number", "w": "category", "d": "date"}, scaling={"number": "robust"})
    assert not shown.exception
    assert {box.label: (box.value, box.options) for box in shown.selectbox} == {
        "Scale number columns": (
            "robust",
            ["standard", "min-max", "robust", "log", "quantile bins", "none"],
        ),
        "Scale date columns": ("standard", ["standard", "min-max", "robust", "none"]),
    }
    shown.selectbox[1].set_value("min-max").run()
    assert shown.session_state["seen"] == {"number": "robust", "date": "min-max"}
    shown.selectbox[0].set_value("standard").run()
    assert shown.session_state["seen"] == {"date": "min-max"}
    shown.selectbox[1].set_value("standard").run()
    assert not shown.exception
    assert shown.session_state["seen"] is None  # As an experiment that never named a scaling.


def test_words_are_not_scaled():
    assert not app({"w": "category"}).expander
    assert len(app({"w": "category", "b": "boolean"}).expander) == 1


def test_a_page_without_private_parts_of_streamlit_makes_the_same_edit(monkeypatch):
    monkeypatch.setattr(streamlit_patches, "_failed", streamlit_patches._failed)  # As it was, after the test.
    streamlit_patches.mend(pytest.fail)
    for name in streamlit_patches.REPLACED:
        owner, _, method = name.rpartition(".")
        found = streamlit_patches.part(owner)
        monkeypatch.setattr(found, method, getattr(found, method).__wrapped__)
    asked = []
    monkeypatch.setattr(streamlit_patches, "part", asked.append)  # Which finds nothing.
    streamlit_patches.mend(pytest.fail)
    assert set(streamlit_patches.REPLACED) <= set(asked)
    shown = app({"n": "number", "w": "category"}, scaling={"number": "min-max"})
    assert not shown.exception
    shown.selectbox[0].set_value("robust").run()
    assert not shown.exception
    assert shown.session_state["seen"] == {"number": "robust"}
    assert streamlit_patches.connected()()
