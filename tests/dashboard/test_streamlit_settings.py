"""Without the settings that keep what a person does, the page says so."""

import tomllib
from pathlib import Path

import pytest
import streamlit as st
from streamlit import config

from dashboard.streamlit_settings import settings_problem

SETTINGS = Path(__file__).parents[2] / "dashboard" / ".streamlit" / "config.toml"


@pytest.fixture
def fast_reruns():
    """A function that sets Streamlit's `runner.fastReruns`; afterwards it is what it was."""
    before = st.get_option("runner.fastReruns")
    yield lambda value: config.set_option("runner.fastReruns", value)
    config.set_option("runner.fastReruns", before)


def test_fast_reruns_are_named(fast_reruns):
    fast_reruns(True)
    assert "runner.fastReruns = true" in settings_problem()


def test_the_settings_of_the_package_are_no_problem(fast_reruns):
    fast_reruns(tomllib.loads(SETTINGS.read_text(encoding="utf-8"))["runner"]["fastReruns"])
    assert settings_problem() == ""


def test_the_style_sheet_is_sent_once():
    """With every rerun it went to the browser again: 7 KB of some 28."""
    least = tomllib.loads(SETTINGS.read_text(encoding="utf-8"))["global"]["minCachedMessageSize"]
    assert (SETTINGS.parents[1] / "assets" / "style.css").stat().st_size > 2 * least
