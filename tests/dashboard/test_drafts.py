"""Drafts: whose they are, what is kept in them, and two who write one."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import drafts, visitors

pytestmark = pytest.mark.usefixtures("home")
OURS, THEIRS = "a" * 32, "b" * 32


def page() -> None:
    """The experiment on screen by its name, and a field that changes it."""
    import streamlit as st

    from dashboard import state

    state.attach()
    key = f"name@{state.revision()}"
    st.text_input("Name", state.experiment().name, key=key, on_change=state.set_field, args=("name", key))
    st.session_state["told"] = state.take_note()


def visit(monkeypatch: pytest.MonkeyPatch, browser: str, draft: str = "") -> AppTest:
    """A page opened by a browser, with a draft in its address or none."""
    monkeypatch.setattr("dashboard.state.browser", lambda: browser)
    app = AppTest.from_function(page, default_timeout=30)
    if draft:
        app.query_params["draft"] = draft
    app.run()
    assert not app.exception
    return app


def named(app: AppTest, name: str) -> str:
    """Gives the experiment on screen a name; the draft's own."""
    app.text_input[0].set_value(name).run()
    assert not app.exception
    return app.query_params["draft"]


def test_a_browser_finds_its_own_newest_draft_and_no_one_elses(monkeypatch: pytest.MonkeyPatch) -> None:
    first = named(visit(monkeypatch, OURS), "Ours")
    named(visit(monkeypatch, THEIRS), "Theirs")
    assert visit(monkeypatch, OURS).text_input[0].value == "Ours"
    assert visit(monkeypatch, THEIRS).text_input[0].value == "Theirs"
    for stranger in ("c" * 32, ""):
        assert visit(monkeypatch, stranger).text_input[0].value == "Homes in Sacramento"
    # An address still opens the draft that it names, whoever asks, and it stays the draft of who began it.
    assert visit(monkeypatch, THEIRS, first).text_input[0].value == "Ours"
    assert named(visit(monkeypatch, THEIRS, first), "Ours, by them") == first
    assert visit(monkeypatch, OURS).text_input[0].value == "Ours, by them"


def test_a_draft_without_a_browser_is_found_by_its_address_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """As versions before kept them."""
    name = "0" * 16
    visit(monkeypatch, "")
    experiment = drafts.load(drafts.newest()[0]).experiment.model_copy(update={"name": "Of old"})
    drafts.path_of(name).write_text(json.dumps({"experiment": experiment.value(), "run": None}))
    assert visit(monkeypatch, OURS).text_input[0].value == "Homes in Sacramento"
    assert visit(monkeypatch, OURS, name).text_input[0].value == "Of old"


@pytest.mark.parametrize("cookie", ["", "a" * 31, "A" * 32, "../../etc/passwd", 'a" }', "a" * 5000, "\n" + "a" * 32])
def test_a_name_that_is_not_of_our_form_is_no_name(monkeypatch: pytest.MonkeyPatch, cookie: str) -> None:
    class Context:
        cookies = {visitors.COOKIE: cookie}

    monkeypatch.setattr(visitors.st, "context", Context())
    assert visitors.browser() == ""
