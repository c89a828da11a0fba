"""Addresses of pages and routes, wherever the app lies on its host."""

import pytest
import streamlit as st

from dashboard.base_path import at_base, full_address


@pytest.mark.parametrize(
    ("configured", "page", "base"),
    [
        ("", None, "/"),
        ("", "http://127.0.0.1:8501/", "/"),
        ("", "http://127.0.0.1:8501/result?run=0123456789ab", "/"),
        ("deck", "https://lab.example.org/deck/result", "/deck/"),
        ("/deck/", "https://lab.example.org/deck/", "/deck/"),
        ("deck", "https://lab.example.org/deck", "/deck/"),
        ("a/b", "https://lab.example.org/a/b/data", "/a/b/"),
        # A proxy takes the path off, so that the server never sees it.
        (
            "",
            "https://lab.example.org/deck/runs",
            "/deck/",
        ),
        ("", "https://lab.example.org/deck", "/deck/"),  # Streamlit leaves the last slash out.
        ("data", "https://lab.example.org/data", "/data/"),
        ("inner", "https://lab.example.org/outer/inner/predict", "/outer/inner/"),
        ("", "http://127.0.0.1:8501//evil.example.com/data", "/evil.example.com/"),  # Of this host, not "//host".
    ],
)
def test_what_is_asked_for_lies_where_the_page_does(monkeypatch, configured, page, base):
    monkeypatch.setattr(type(st.context), "url", page)
    monkeypatch.setattr(st, "get_option", {"server.baseUrlPath": configured}.get)
    assert at_base("api/health") == f"{base}api/health"
    if page:
        host = page.split("/")[2]
        assert (
            full_address("present", "run=0123456789ab")
            == f"{page.split(':')[0]}://{host}{base}present?run=0123456789ab"
        )
