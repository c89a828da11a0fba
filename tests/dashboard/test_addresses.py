"""Every address that a person may type leads to a page."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.addresses import PAGES, address


def resolved(url: str, place: str) -> str:
    """A relative address as browsers resolve it (WHATWG): an empty step of a path is a step. `urljoin` leaves such
    steps out.
    """
    steps = url.split("/")[:-1]
    while place.startswith("../"):
        steps, place = steps[:-1], place.removeprefix("../")
    return "/".join([*steps, place.removeprefix("./")])


@pytest.mark.parametrize(
    ("asked", "page"),
    [
        ("/", "/"),
        ("/result", "/result"),
        ("/build", "/"),
        ("/Build/", "/"),
        ("/train", "/"),
        ("/TRAIN", "/"),
        ("/index.html", "/"),
        ("/result/", "/result"),
        ("/Result", "/result"),
        ("//runs//", "/runs"),
        ("/%72uns", "/runs"),
        ("/nowhere", "/?asked=nowhere"),
        ("/a/b/", "/?asked=a%2Fb"),
        ("/data/rows", "/?asked=data%2Frows"),
        ("/..%2fdata", "/?asked=..%2Fdata"),
        ("//evil.example.com", "/?asked=evil.example.com"),
        ("/%5C%5Cevil.example.com", "/?asked=%5C%5Cevil.example.com"),
        ("/" + "x" * 5000, "/?asked=" + "x" * 60),
        ("/favicon.png", "/?asked=favicon.png"),
        ("/_stcore/health", "/_stcore/health"),
        ("/api/health", "/api/health"),
        ("/media/report.html", "/media/report.html"),
    ],
)
@pytest.mark.parametrize(
    "base", ["http://127.0.0.1:8501", "https://host.example.com/deck", "https://host.example.com/a/b"]
)
def test_a_browser_arrives_at_a_page_below_any_base(base: str, asked: str, page: str) -> None:
    place = address(asked)
    arrived = base + asked if place is None else resolved(base + asked, place)
    assert arrived == base + page
    path, _, query = arrived.removeprefix(base).partition("?")
    assert address(path, query) is None  # Sent on once.


def test_what_else_the_address_says_goes_along() -> None:
    assert address("/build", "draft=1&run=2") == "./?draft=1&run=2"
    assert address("/Result/", "run=2") == "../result?run=2"
    assert address("/x", "run=2") == "./?run=2&asked=x"
    assert address("/result", "run=2") is None


def test_the_pages_are_those_of_the_frame() -> None:
    frame = (Path(__file__).parents[2] / "dashboard" / "app.py").read_text()
    assert all(f'url_path="{page}"' in frame for page in PAGES)
    assert frame.count("url_path=") == len(PAGES) + 1  # And the first.


@pytest.mark.slow
@pytest.mark.parametrize(("word", "said"), [("nowhere", "nowhere"), ("*a*" + "b" * 100, "*a*" + "b" * 57), ("", None)])
def test_a_page_that_is_not_there_is_named_once(home: Path, word: str, said: str | None) -> None:
    assert home

    def page() -> None:
        import streamlit as st

        from dashboard.session import state

        state.attach()
        st.session_state["told"] = state.take_note()

    app = AppTest.from_function(page, default_timeout=30)
    app.query_params["asked"] = word
    app.run()
    assert not app.exception
    assert app.session_state["told"] == (f'There is no page "{said}"; this is the Build page.' if said else "")
    app.run()
    assert app.session_state["told"] == ""
