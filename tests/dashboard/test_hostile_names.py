"""Names from a table stand in no sentence as they are: each view says them so that Markdown makes nothing of them."""

import json

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.tables.sources import TableStore
from core.workspace import workspace

pytestmark = pytest.mark.usefixtures("home")

NUMBER, WORD, TARGET = "<img src=x> _a_", "www.evil.example :smile:", '<a href="http://evil.example">t</a>'
TABLE, NAME = "<b>t *x* :red[y].csv", "# [run](http://evil.example/r) <b>r</b>"
CLASSES = ("*premium*", "[see](http://evil.example/c)")


def page() -> None:
    """One view, on the experiment that the session was given."""
    import streamlit as st

    from core.experiment.spec import read
    from dashboard.session import state
    from dashboard.views import build, data

    state.attach()
    if "given" in st.session_state:
        state.replace(read(st.session_state.pop("given")))
    views = {"data": data.view, "build": build.view}
    wanted = st.session_state["wanted"]
    st.navigation([st.Page(view, url_path=name, default=name == wanted) for name, view in views.items()]).run()


@pytest.mark.parametrize("view", ["data", "build"])
@pytest.mark.parametrize(
    "layers", [[{"layer": "Dense", "units": 2, "activation": "softmax"}], [{"layer": "Dense", "units": 7}]]
)
def test_no_sentence_holds_a_name_as_it_is(view, layers):
    at = np.arange(60)
    frame = pd.DataFrame(
        {
            NUMBER: at % 7 / 2,
            WORD: np.where(at % 3, "<b>w</b>", "~~w~~"),
            TARGET: np.array(CLASSES, dtype=object)[at % 2],
        }
    )
    frame.loc[3, NUMBER] = np.inf  # A note on the table names the column.
    ref = TableStore(workspace()).keep(TABLE, frame.to_csv(index=False).encode()).ref
    data = {"table": ref, "targets": [TARGET], "features": {NUMBER: "number", WORD: "category"}}
    app = AppTest.from_function(page, default_timeout=30)
    app.session_state["given"] = json.dumps({"version": 1, "name": NAME, "data": data, "layers": layers})
    app.session_state["wanted"] = view
    app.run()
    assert not app.exception
    said = [
        one.value
        for kind in ("markdown", "caption", "info", "warning", "error", "header", "subheader", "title")
        for one in app.get(kind)
    ]
    said += [
        one.label
        for kind in ("button", "checkbox", "selectbox", "number_input", "text_input", "expander", "metric")
        for one in app.get(kind)
    ]
    assert [text for text in said for name in (NUMBER, WORD, TARGET, TABLE, NAME, *CLASSES) if name in str(text)] == []
    if view == "data":
        # They are said, in another form.
        assert any("premium" not in str(text) and "evil" in str(text) for text in said)
