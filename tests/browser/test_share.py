"""A program is pasted as the stack, and the experiment handed on by its link and its file."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from core.experiment.share_link import packed, unpacked
from tests.browser.conftest import Deck, homes
from tests.browser.expecting import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SOURCE = "model = keras.Sequential([keras.layers.Dense(5, 'tanh'), keras.layers.LSTM(4), keras.layers.Dense(1)])"


def test_an_experiment_is_handed_on_by_its_link_and_its_file(deck: Deck, browser: Browser, tmp_path: Path) -> None:
    page = deck.open(f"?draft={'5a' * 8}").page
    a_pasted_program_becomes_the_stack(deck)
    given = link(deck)
    assert given.startswith(f"{deck.server}/?experiment=1.")
    assert [layer.value("units") for layer in unpacked(given).layers] == [5, 1]
    with page.expect_download() as download:
        page.get_by_role("button", name="experiment.json").click()
    download.value.save_as(tmp_path / "experiment.json")

    context = browser.new_context(viewport={"width": 1440, "height": 900})
    other = Deck(context.new_page(), deck.server)
    the_link_opens_a_draft_of_their_own(other, given, draft_of(page))
    a_link_to_a_table_that_is_not_here_says_so(other)
    assert other.script_errors == []
    context.close()

    page.keyboard.press("Escape")
    page.locator(".st-key-undo button").click()
    deck.edited()
    shows(deck, "9,025 parameters")  # test_first_light counts them.
    the_file_brings_it_back(deck, tmp_path / "experiment.json", given)


def a_pasted_program_becomes_the_stack(deck: Deck) -> None:
    page = deck.page
    page.get_by_role("tab", name="Program").click()
    deck.settled()
    page.get_by_text("Paste a program", exact=True).click()
    area = page.get_by_role("textbox", name="Keras program, or the output of model.to_json()")
    area.fill(SOURCE)
    area.blur()
    deck.settled()
    expect(page.get_by_text("LSTM is left out")).to_be_visible()
    page.get_by_role("button", name="Apply").click()
    deck.edited()
    expect(page.locator("code").filter(has_text='keras.layers.Dense(units=5, activation="tanh")')).to_be_visible()
    shows(deck, "546 parameters")  # 107 x 5 + 5; 5 x 1 + 1.


def the_link_opens_a_draft_of_their_own(other: Deck, given: str, draft: str) -> None:
    page = other.open(given.removeprefix(f"{other.server}/")).page
    shows(other, "546 parameters")
    expect(page.get_by_role("textbox", name="Name")).to_have_value(unpacked(given).name)
    assert "experiment=" not in page.url
    assert draft_of(page) != draft
    page.reload()
    assert unpacked(link(other.settled())) == unpacked(given)


def a_link_to_a_table_that_is_not_here_says_so(other: Deck) -> None:
    gone = homes().model_copy(update={"data": homes().data.model_copy(update={"table": f"file:{'a' * 64}"})})
    page = other.open(f"data?experiment={packed(gone)}").page
    expect(page.get_by_text("isn't in this workspace, or is damaged: upload its file again.")).to_be_visible()
    expect(page.get_by_role("heading", name="Table")).to_be_visible()


def the_file_brings_it_back(deck: Deck, file: Path, given: str) -> None:
    deck.page.get_by_role("button", name="Share").click()
    deck.settled()
    deck.page.get_by_test_id("stPopoverBody").locator('input[type="file"]').set_input_files(file)
    shows(deck, "546 parameters")
    deck.page.keyboard.press("Escape")
    assert unpacked(link(deck.settled())) == unpacked(given)


def shows(deck: Deck, parameters: str) -> None:
    expect(deck.page.get_by_test_id("total-parameters")).to_contain_text(parameters)


def draft_of(page: Page) -> str:
    found = re.search("draft=([0-9a-f]{16})", page.url)
    assert found, page.url
    return found[1]


def link(deck: Deck) -> str:
    """The link as it is offered; its popover stays open."""
    found = deck.page.locator("code").filter(has_text="experiment=")
    if not found.count():
        deck.page.get_by_role("button", name="Share").click()
        deck.settled()
    expect(found).to_be_visible()
    return found.inner_text().strip()
