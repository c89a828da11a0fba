"""The settings of compile and fit, by the widgets that a person uses."""

import pytest
from streamlit.testing.v1 import AppTest

from core.experiment.spec import read

pytestmark = pytest.mark.usefixtures("home")


def page() -> None:
    """The settings alone, and the experiment after them."""
    import streamlit as st

    from dashboard import state
    from dashboard.views.settings import settings

    state.attach()
    settings(state.situation())
    st.button("Undo", key="undo", on_click=state.undo)
    st.session_state["seen"] = state.experiment().text()


@pytest.fixture
def app():
    """The page of a newcomer, in a workspace of their own."""
    return AppTest.from_function(page, default_timeout=30)


def compiled(app: AppTest):
    """What the experiment on screen says to `compile`."""
    return read(app.session_state["seen"]).compile


def widget(found, key: str):
    """The widget whose key begins so; what follows counts the changes."""
    return next(one for one in found if str(one.key).startswith(key))


def test_xla_can_be_done_without(app):
    app.run()
    assert compiled(app).jit_compile
    app.session_state["more-optimizer@0"] = True  # A person's click opens it.
    app.run()
    widget(app.toggle, "compile.jit_compile").set_value(False).run()
    assert not app.exception
    assert not compiled(app).jit_compile
