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


# A file that is held over the page and let go on its heading, as a browser tells of it.
_DROP = """([name, text]) => {
  const held = new DataTransfer();
  held.items.add(new File([text], name, {type: 'text/csv'}));
  const about = {bubbles: true, cancelable: true, dataTransfer: held};
  const tell = (kind, at) => at.dispatchEvent(new DragEvent(kind, about));
  const at = document.querySelector('h2, h1');
  tell('dragenter', at);
  const veil = document.querySelector('.ld-drop').textContent;
  tell('drop', at);
  return veil;
}"""


def test_a_file_is_dropped_anywhere_on_the_page(deck: Deck) -> None:
    page = deck.open("data").page
    table = "width,weight\n" + "".join(f"{row},{2.5 * row + row % 3}\n" for row in range(60))
    assert page.evaluate(_DROP, ["dropped.csv", table]) == "Drop the table here"
    expect(page.get_by_role("heading", name="dropped.csv")).to_be_visible()
    expect(page.locator(".ld-drop")).to_be_hidden()
    # What cannot be read is refused with a sentence, and the table stays.
    page.evaluate(_DROP, ["program.exe", "MZ"])
    expect(page.get_by_text("files are not allowed")).to_be_visible()
    expect(page.get_by_role("heading", name="dropped.csv")).to_be_visible()
