"""The box of the split: validation rows from another table, by the same widgets that a person uses."""

import json

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.tables.sources import TableStore
from core.workspace import workspace

pytestmark = pytest.mark.usefixtures("home")


def page() -> None:
    """The box alone, and what the experiment is after it."""
    import streamlit as st

    from core.experiment.spec import read
    from dashboard.panels.split import split
    from dashboard.session import state

    state.attach()
    if "given" in st.session_state:
        state.replace(read(st.session_state.pop("given")))
    split()
    st.session_state["seen"] = (
        state.experiment().data.split.model_dump(),
        state.situation().rows,
        state.situation().trouble,
    )


@pytest.fixture
def app():
    """The box on a table of 100 rows; another one of 30 rows, and one with other columns, were brought before."""
    rows = np.arange(100.0)
    frame = pd.DataFrame({"x": rows % 7, "y": rows})
    store = TableStore(workspace())
    other = store.keep("other.csv", b"a,b\n1,2\n")
    later = store.keep("later.csv", frame.head(30).to_csv(index=False).encode())
    first = store.keep("first.csv", frame.to_csv(index=False).encode())
    data = {"table": first.ref, "targets": ["y"], "features": {"x": "number"}}
    app = AppTest.from_function(page, default_timeout=30)
    app.session_state["given"] = json.dumps({"version": 1, "data": data})
    return app.run(), later.ref, other.ref


def widget(found, key: str):
    """The widget whose key begins so; what follows counts the changes."""
    return next(one for one in found if str(one.key).startswith(key))


def test_validation_rows_are_taken_from_a_table_that_was_brought_before(app):
    page, later, other = app
    assert not page.exception
    widget(page.selectbox, "split-method").set_value("table").run()
    assert not page.exception
    tables = widget(page.selectbox, "split-table")
    assert len(tables.options) == 2 + 9  # The two others that were brought, and the samples.
    tables.set_value(later).run()
    split, rows, trouble = page.session_state["seen"]
    assert (split["method"], split["table"], split["column"]) == ("table", later, None)
    assert (rows, trouble) == ((85, 30, 15), "")
    widget(page.slider, "split-test").set_value(40).run()
    assert page.session_state["seen"][1] == (60, 30, 40)
    widget(page.selectbox, "split-table").set_value(other).run()
    assert page.session_state["seen"][2] == (
        "The validation table has no column 'y'. Choose one with the same columns, or another way to split."
    )
    widget(page.selectbox, "split-method").set_value("random").run()
    assert not page.exception
    split, rows, trouble = page.session_state["seen"]
    assert (split["table"], sum(rows), trouble) == (None, 100, "")


def test_columns_that_are_read_by_the_training_tables_marks_are_named(app):
    page, *_ = app
    store = TableStore(workspace())
    first = store.keep("marks.csv", b"x;y\n" + "".join(f"1.{n}00,50;{n % 7}\n" for n in range(1, 10)).encode() * 4)
    later = store.keep("points.csv", b"x;y\n" + b"1.200;1\n1.500;2\n" * 9)
    data = {"table": first.ref, "targets": ["y"], "features": {"x": "number"}, "target_kinds": {"y": "number"}}
    split = {"method": "table", "table": later.ref}
    page.session_state["given"] = json.dumps({"version": 1, "data": {**data, "split": split}})
    page.run()
    assert not page.exception
    assert "Read as the training table writes them, where the file alone would give something else: 'x'." in captions(
        page
    )


def captions(page) -> str:
    return " ".join(one.value for one in page.caption)


def test_there_may_be_no_validation_rows(app):
    page, *_ = app
    widget(page.slider, "split").set_value((85, 85)).run()
    assert not page.exception
    split, rows, trouble = page.session_state["seen"]
    assert (split["train"], split["validation"], split["test"], rows, trouble) == (0.85, 0.0, 0.15, (85, 0, 15), "")
    assert "85 rows for training, none for validation, 15 for test" in captions(page)
    assert not [one for one in page.toggle if one.key.startswith("split-refit")]  # No rows that could join.
    widget(page.slider, "split").set_value((70, 85)).run()
    assert page.session_state["seen"][1] == (70, 15, 15)


def test_validation_rows_may_join_the_training_rows(app):
    page, later, _ = app
    widget(page.toggle, "split-refit").set_value(True).run()
    assert not page.exception
    assert page.session_state["seen"][0]["refit"] is True
    assert page.session_state["seen"][1] == (85, 0, 15)
    widget(page.selectbox, "split-method").set_value("table").run()
    widget(page.selectbox, "split-table").set_value(later).run()
    assert page.session_state["seen"][1] == (85 + 30, 0, 15)
    widget(page.toggle, "split-refit").set_value(False).run()
    assert not page.exception
    assert page.session_state["seen"][1] == (85, 30, 15)


def test_a_fold_says_which_one_it_is_and_can_be_left(app):
    page, *_ = app
    value = json.loads(json.dumps(page.session_state["seen"][0]))
    given = {"table": "sample:penguins", "targets": ["species"], "features": {"bill_depth_mm": "number"}}
    page.session_state["given"] = json.dumps({"data": {**given, "split": {**value, "folds": 4, "fold": 2}}})
    page.run()
    assert not page.exception
    assert page.info[0].value.startswith("Fold 2 of 4 of a cross-validation is the test set.")
    rows = page.session_state["seen"][1]
    assert (sum(rows), rows[2]) == (344, 86)  # 344 / 4
    widget(page.selectbox, "split-method").set_value("column").run()  # Says which rows test: no fold does.
    assert not page.exception
    assert (page.session_state["seen"][0]["folds"], len(page.info)) == (None, 0)
    page.session_state["given"] = json.dumps({"data": {**given, "split": {**value, "folds": 4, "fold": 2}}})
    page.run()
    widget(page.button, "split-no-folds").click().run()
    assert not page.exception
    assert (page.session_state["seen"][0]["fold"], len(page.info)) == (None, 0)
    assert page.session_state["seen"][1][2] == 51  # 15 % of 344
