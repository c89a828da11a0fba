"""Drafts: whose they are, what is kept in them, and two who write one."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.experiment.spec import read
from dashboard.session import drafts, visitors

pytestmark = pytest.mark.usefixtures("home")
OURS, THEIRS = "a" * 32, "b" * 32


def page() -> None:
    """The experiment on screen by its name, and a field that changes it."""
    import streamlit as st

    from dashboard.session import pins, state, training

    state.attach()
    key = f"name@{state.revision()}"
    st.text_input("Name", state.experiment().name, key=key, on_change=state.set_field, args=("name", key))
    key = f"epochs@{state.revision()}"
    epochs = state.experiment().fit.epochs
    st.number_input("Epochs", value=epochs, key=key, on_change=state.set_field, args=("fit.epochs", key))
    st.button("Undo", key="undo", on_click=state.undo)
    st.button("Redo", key="redo", on_click=state.redo)
    st.button("Train", key="train", on_click=training.train)
    st.button("Pin", key="pin", on_click=lambda: pins.pin({"sqft": st.session_state["row"]}))
    st.button("Unpin", key="unpin", on_click=pins.unpin, args=(0,))
    st.text_input("Row", key="row")
    st.session_state["told"] = state.take_note()
    st.session_state["rows"] = [row["sqft"] for row in pins.pins()]


def visit(monkeypatch: pytest.MonkeyPatch, browser: str, draft: str = "") -> AppTest:
    """A page opened by a browser, with a draft in its address or none."""
    monkeypatch.setattr("dashboard.session.state.browser", lambda: browser)
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


# ---------------------------------------------------------------- two tabs on one draft

NEWER = "This draft was changed in another tab: its newest version is shown. Undo steps back."
MERGED = "This draft was changed in another tab, too: both changes are kept."
BESIDE = (
    "This draft was changed in another tab, too: your change is shown, and Undo brings back the other tab's version."
)


@pytest.fixture
def tabs(monkeypatch: pytest.MonkeyPatch) -> tuple[AppTest, AppTest]:
    """Two pages with one draft in their addresses."""
    first = visit(monkeypatch, OURS, "7ab5" * 4)
    return first, visit(monkeypatch, OURS, "7ab5" * 4)


def seen(app: AppTest) -> tuple[str, int, str]:
    """Name, epochs, and the sentence."""
    return app.text_input[0].value, app.number_input[0].value, app.session_state["told"]


def test_a_change_in_another_tab_is_taken_up_and_said_once(tabs: tuple[AppTest, AppTest]) -> None:
    first, second = tabs
    epochs = first.number_input[0].value
    named(first, "Changed")
    second.run()
    assert seen(second) == ("Changed", epochs, NEWER)
    second.run()
    assert seen(second) == ("Changed", epochs, "")
    second.button(key="undo").click().run()
    assert seen(second)[0] == "Homes in Sacramento"
    first.run()
    assert seen(first) == ("Homes in Sacramento", epochs, NEWER)
    first.button(key="redo").click().run()
    assert seen(first) == ("Changed", epochs, "")


def test_two_changes_are_both_kept(tabs: tuple[AppTest, AppTest]) -> None:
    first, second = tabs
    epochs = first.number_input[0].value
    named(first, "Changed")
    second.number_input[0].set_value(7).run()
    assert seen(second) == ("Changed", 7, MERGED)
    first.run()
    assert seen(first) == ("Changed", 7, NEWER)
    first.button(key="undo").click().run()
    assert seen(first) == ("Changed", epochs, "")


def test_of_two_changes_of_one_thing_neither_is_lost(tabs: tuple[AppTest, AppTest]) -> None:
    first, second = tabs
    named(first, "Theirs")
    named(second, "Ours")
    assert (seen(second)[0], seen(second)[2]) == ("Ours", BESIDE)
    for name in ("Theirs", "Homes in Sacramento"):
        second.button(key="undo").click().run()
        assert seen(second)[0] == name


def test_an_undo_and_a_training_wait_until_the_change_was_seen(tabs: tuple[AppTest, AppTest]) -> None:
    from dashboard.services import engine

    first, second = tabs
    for key in ("undo", "train"):
        named(first, f"Before {key}")
        second.button(key=key).click().run()
        assert (seen(second)[0], seen(second)[2]) == (f"Before {key}", NEWER)
    assert engine().active() == []
    second.button(key="train").click().run()
    assert [read(run.experiment).name for run in engine().active()] == ["Before train"]
    first.run()
    assert seen(first)[2] == ""  # A run is no change of the experiment.


def test_two_presses_of_train_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    from dashboard.services import engine

    app = visit(monkeypatch, OURS)
    app.button(key="train").click().run()
    app.button(key="train").click().run()
    assert len(engine().active()) == 1
    named(app, "Another")
    app.button(key="train").click().run()
    assert len(engine().active()) == 2


def test_rows_that_two_tabs_pin_are_both_pinned(tabs: tuple[AppTest, AppTest]) -> None:
    first, second = tabs
    for app, row in ((first, "1000"), (second, "2000")):
        app.text_input(key="row").set_value(row)
        app.button(key="pin").click().run()
        assert not app.exception
    assert second.session_state["rows"] == ["1000", "2000"]
    second.button(key="unpin").click().run()
    assert second.session_state["rows"] == ["2000"]
    first.run()
    assert (first.session_state["rows"], seen(first)[2]) == (["2000"], "")


def test_undo_survives_a_reload(monkeypatch: pytest.MonkeyPatch) -> None:
    app = visit(monkeypatch, OURS, "7ab6" * 4)
    for name in ("One", "Two", "Three"):
        named(app, name)
    app.button(key="undo").click().run()
    again = visit(monkeypatch, OURS, "7ab6" * 4)
    again.button(key="redo").click().run()
    assert seen(again)[0] == "Three"
    for name in ("Two", "One", "Homes in Sacramento"):
        again.button(key="undo").click().run()
        assert seen(again)[0] == name


def test_the_steps_that_are_kept_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    visit(monkeypatch, OURS, "7ab7" * 4)
    draft = drafts.load(drafts.path_of("7ab7" * 4))
    with drafts.alone():
        drafts.save(
            "7ab7" * 4,
            dataclasses.replace(draft, undo=tuple(f"{at}" for at in range(150)), redo=("x" * 200_000, "y" * 200_000)),
        )
    kept = drafts.load(drafts.path_of("7ab7" * 4))
    assert kept.undo == tuple(f"{at}" for at in range(50, 150))
    assert kept.redo == ("y" * 200_000,)


@pytest.mark.parametrize("undo", [None, "text", [1, None], ["no experiment", "{}"], {"a": 1}])
def test_steps_that_are_damaged_take_no_page_away(monkeypatch: pytest.MonkeyPatch, undo: object) -> None:
    name = "7ab8" * 4
    visit(monkeypatch, OURS, name)
    path = drafts.path_of(name)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"undo": undo}))
    app = visit(monkeypatch, OURS, name)
    for _ in range(3):
        app.button(key="undo").click().run()
        assert not app.exception
        assert seen(app)[0] == "Homes in Sacramento"


@pytest.mark.slow
def test_two_servers_write_one_after_the_other(home: Path) -> None:
    """Each process counts a hundred times in one file; what is not alone loses counts."""
    (home / "count").write_text("0")
    program = """
from dashboard.session import drafts
from core.workspace import workspace

path = workspace() / "count"
for _ in range(100):
    with drafts.alone():
        path.write_text(str(int(path.read_text()) + 1))
"""
    servers = [subprocess.Popen([sys.executable, "-c", program], cwd=Path(__file__).parents[2]) for _ in range(2)]
    assert [server.wait(60) for server in servers] == [0, 0]
    assert (home / "count").read_text() == "200"
