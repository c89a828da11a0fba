"""An experiment handed on by its link, a stack pasted as a program: the real views in a real Chromium, on a page of
their own.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.experiment.lessons import LESSONS
from core.experiment.share_link import packed, unpacked
from core.experiment.spec import Experiment
from tests.browser.conftest import ROOT, Deck
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGE = """
import streamlit as st

from dashboard.session import state
from dashboard.panels.lessons import lessons_popover
from dashboard.panels.program import program_panel
from dashboard.panels.share import share_popover

state.attach()
told = state.take_note()
if told:
    st.warning(told)
with st.container(horizontal=True):
    share_popover()
    lessons_popover()
    st.button("Undo", key="undo", on_click=state.undo)
st.markdown(state.experiment().text().replace("$", ""))
program_panel()
"""
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def answers(address: str) -> bool:
    with contextlib.suppress(urllib.error.URLError, OSError):
        return _DIRECT.open(f"{address}/_stcore/health", timeout=5).status == 200
    return False


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    """A server of the views alone, in a workspace of its own; it trains nothing."""
    folder = tmp_path_factory.mktemp("share")
    (folder / "page.py").write_text(PAGE)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "LAYERDECK_HOME": str(folder), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "streamlit", "run", str(folder / "page.py"), "--server.port", str(port)]
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            until(lambda: answers(f"http://127.0.0.1:{port}"), 60, "a server")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


@contextlib.contextmanager
def visitor(browser: Browser, address: str) -> Iterator[Page]:
    """Someone with a browser of their own."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    page = context.new_page()
    page.goto(address)
    yield settled(page)
    context.close()


def settled(page: Page) -> Page:
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=30_000)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    return page


def link(page: Page) -> str:
    """The link as it is offered."""
    page.get_by_role("button", name="Share").click()
    settled(page)
    found = page.locator("code").filter(has_text="experiment=")
    expect(found).to_be_visible()
    return found.inner_text().strip()


def printed(page: Page) -> str:
    """The program on screen."""
    return page.locator("code").filter(has_text="keras.Sequential(").inner_text()


def paste(page: Page, source: str) -> None:
    page.get_by_text("Paste a program", exact=True).click()
    area = page.get_by_role("textbox", name="Keras program, or what model.to_json() gives")
    area.fill(source)
    area.blur()
    settled(page)


def take(page: Page) -> None:
    page.get_by_role("button", name="Apply").click()
    settled(page)


def units(experiment: Experiment) -> list[int]:
    return [layer.value("units") for layer in experiment.layers]


def test_a_pasted_program_is_handed_on_by_its_link(browser: Browser, address: str) -> None:
    with visitor(browser, address) as page:
        first = printed(page)
        paste(
            page,
            "model = keras.Sequential([keras.layers.Dense(5, 'tanh'), keras.layers.LSTM(4), keras.layers.Dense(1)])",
        )
        expect(page.get_by_text("LSTM is left out")).to_be_visible()
        take(page)
        expect(page.locator("code").filter(has_text='keras.layers.Dense(units=5, activation="tanh")')).to_be_visible()
        given = link(page)
        assert given.startswith(f"{address}/?experiment=1.")
        assert units(unpacked(given)) == [5, 1]
        with visitor(browser, given) as other:
            expect(
                other.locator("code").filter(has_text='keras.layers.Dense(units=5, activation="tanh")')
            ).to_be_visible()
            assert "experiment=" not in other.url
            assert "draft=" in other.url
            assert unpacked(link(other)) == unpacked(given)
            other.reload()
            assert unpacked(link(settled(other))) == unpacked(given)  # It is a draft of their own now.
            assert "draft=" in page.url
            assert other.url.split("draft=")[1][:16] != page.url.split("draft=")[1][:16]
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Undo").click()
        expect(page.locator("code").filter(has_text='keras.layers.Dense(units=16, activation="tanh")')).to_be_visible()
        assert printed(settled(page)) == first


def test_the_file_is_taken_along_and_opened(browser: Browser, address: str, tmp_path: Path) -> None:
    with visitor(browser, address) as page:
        given = unpacked(link(page))
        with page.expect_download() as download:
            page.get_by_role("button", name="experiment.json").click()
        path = tmp_path / "experiment.json"
        download.value.save_as(path)
        with visitor(browser, address) as other:
            paste(other, "model = keras.Sequential([keras.layers.Dense(3)])")
            take(other)
            assert units(unpacked(link(other))) == [3]
            other.get_by_test_id("stPopoverBody").locator('input[type="file"]').set_input_files(path)
            expect(other.locator("code").filter(has_text="experiment=")).to_be_visible()
            until(
                lambda: unpacked(other.locator("code").filter(has_text="experiment=").inner_text()) == given,
                15,
                "the experiment",
            )


def test_a_keras_file_is_read_and_a_broken_link_is_said(browser: Browser, address: str, tmp_path: Path) -> None:
    layers = [
        {"class_name": "Dense", "config": {"units": 9, "activation": "gelu"}},
        {"class_name": "Dense", "config": {"units": 1}},
    ]
    with zipfile.ZipFile(tmp_path / "model.keras", "w") as file:
        file.writestr("config.json", json.dumps({"class_name": "Sequential", "config": {"layers": layers}}))
    with visitor(browser, f"{address}/?experiment=1.AAAA") as page:
        expect(page.get_by_text("This link cannot be opened")).to_be_visible()
        page.get_by_text("Paste a program", exact=True).click()
        page.locator('input[type="file"]').set_input_files(tmp_path / "model.keras")
        expect(page.get_by_text("Found: 2 layers")).to_be_visible()
        take(page)
        expect(page.locator("code").filter(has_text='keras.layers.Dense(units=9, activation="gelu")')).to_be_visible()


def test_a_lesson_is_opened(browser: Browser, address: str) -> None:
    with visitor(browser, address) as page:
        page.get_by_role("button", name="Lessons").click()
        settled(page)
        page.locator(".st-key-lesson").get_by_text("Two spirals").click()
        settled(page)
        page.locator(".st-key-open-lesson-spiral button").click()
        settled(page)
        expect(
            page.locator("code").filter(has_text='keras.layers.Dense(units=32, activation="tanh")').first
        ).to_be_visible()


def test_the_whole_page_opens_a_link_and_says_what_it_lacks(deck: Deck) -> None:
    lesson = LESSONS["bent"].experiment
    page = deck.open(f"?experiment={packed(lesson)}").page
    # 2 inputs x 8 + 8; 8 x 1 + 1.
    expect(page.get_by_test_id("total-parameters")).to_contain_text("33 parameters")
    expect(page.get_by_role("textbox", name="Name")).to_have_value(lesson.name)
    page.wait_for_url(lambda url: "draft=" in url and "experiment=" not in url)
    gone = lesson.model_copy(update={"data": lesson.data.model_copy(update={"table": f"file:{'a' * 64}"})})
    page = deck.open(f"data?experiment={packed(gone)}").page
    expect(page.get_by_text("isn't in this workspace, or is damaged: upload its file again.")).to_be_visible()
    expect(page.get_by_role("heading", name="Table")).to_be_visible()
