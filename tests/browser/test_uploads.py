"""An upload that takes long, as a person sees it: a sign of life, a page that is free, and an end when they go away."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Deck
from tests.core.hostile_files import SHEET, rows, workbook
from tests.waiting import until

pytestmark = pytest.mark.browser


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    """A workbook of some kilobytes with ten million cells, which take half a minute."""
    path = tmp_path / "slow.xlsx"
    path.write_bytes(workbook(SHEET, rows(10_000, 10), 100))
    return path


def being_read(workspace: Path) -> bool:
    return any((workspace / "tables").glob(".reading-*"))


def test_a_long_upload_leaves_the_page_free_and_ends_with_its_tab(deck: Deck, slow: Path, workspace: Path) -> None:
    page = deck.open("data").page
    page.locator("input[type=file]").first.set_input_files(slow)
    line = page.get_by_text("Reading slow.xlsx: ")
    expect(line).to_be_visible()
    first = line.inner_text()
    until(lambda: line.inner_text() != first, 20, "a sign of life")
    deck.choose("Sample table", "Strength of concrete")  # The page answers, and the file is not wanted any more.
    expect(page.get_by_role("heading", name="Strength of concrete")).to_be_visible()
    expect(line).to_have_count(0)
    until(lambda: not being_read(workspace), 20, "the end of the reading")
    page.locator("input[type=file]").first.set_input_files([])
    deck.settled()
    page.locator("input[type=file]").first.set_input_files(slow)
    expect(line).to_be_visible()
    deck.view("Build").view("Data")
    expect(line).to_be_visible()
    assert being_read(workspace)
    page.close()
    until(lambda: not being_read(workspace), 40, "the end of the reading")
