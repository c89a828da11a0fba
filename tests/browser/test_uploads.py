"""An upload that takes long, as a person sees it: a sign of life, a page that is free, and an end when they go away."""

import datetime
import io
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Deck
from tests.browser.expecting import expect
from tests.core.hostile_files import SHEET, rows, workbook
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    """A workbook of some kilobytes with ten million cells, which take half a minute."""
    path = tmp_path / "slow.xlsx"
    path.write_bytes(workbook(SHEET, rows(10_000, 10), 100))
    return path


def being_read(workspace: Path) -> bool:
    return any((workspace / "tables").glob(".reading-*"))


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


def machines() -> str:
    """A table whose names would be cut alike where there is little room."""
    names = [f"measure of the large machine in hall {at} of the works" for at in range(3)]
    rows = [f"{at % 11},{at * at % 7},{at % 5},{'yes' if at % 3 else 'no'},{10 * at}.5" for at in range(30)]
    return "\n".join([",".join([*names, "sold", "y"]), *rows])


def business() -> bytes:
    """A workbook as a business sends it: a cover, a table with title rows at B5, merged branches, amounts with signs
    among numbers, cells that are no numbers, a row of totals and a footnote.
    """
    book = openpyxl.Workbook()
    book.active.append(["Quarterly sales"])
    sheet = book.create_sheet("Sales")
    sheet["B2"], sheet["B3"] = "Acme: sales by branch", "as of 31 Dec 2025"
    for place, name in enumerate(("Branch", "Month", "Visitors", "Revenue"), 2):
        sheet.cell(5, place, name)
    row, total = 6, 0
    for branch, weight in (("North", 18), ("South", 20), ("East", 22)):
        first = row
        for at in range(40):
            visitors = 200 + (37 * at * weight) % 600
            revenue = weight * visitors + at
            total += revenue
            sheet.cell(row, 2, branch if row == first else None)
            sheet.cell(row, 3, datetime.date(2025, at % 12 + 1, 1))
            sheet.cell(row, 4, "TBC" if at == 7 else visitors)
            sheet.cell(row, 5, f"${revenue:,.2f}" if at == 9 else revenue)
            row += 1
        sheet.merge_cells(start_row=first, end_row=row - 1, start_column=2, end_column=2)
    sheet.cell(row, 2, "Total")
    sheet.cell(row, 5, total)
    sheet.cell(row + 2, 2, "* Visitors marked TBC are being recounted.")
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def test_files_are_brought_by_the_mouse_and_by_a_button(deck: Deck, tmp_path: Path) -> None:
    deck.open("data")
    a_file_is_dropped_anywhere_on_the_page(deck.page)
    names_that_would_be_cut_alike_are_told_apart(deck)
    a_workbook_of_a_business_becomes_a_table(deck.view("Data"), tmp_path)
    deck.view("Build").train()
    deck.ended()


def a_file_is_dropped_anywhere_on_the_page(page: Page) -> None:
    page.wait_for_selector(".ld-drop", state="attached")
    assert page.evaluate(_DROP, ["machine.csv", machines()]) == "Drop the table here"
    expect(page.get_by_role("heading", name="machine.csv")).to_be_visible()
    expect(page.locator(".ld-drop")).to_be_hidden()
    # What cannot be read is refused with a sentence, and the table stays.
    page.evaluate(_DROP, ["program.exe", "MZ"])
    expect(page.get_by_text("files are not allowed")).to_be_visible()
    expect(page.get_by_role("heading", name="machine.csv")).to_be_visible()


def names_that_would_be_cut_alike_are_told_apart(deck: Deck) -> None:
    deck.settled().view("Build")
    labels = deck.page.locator(".ld-net-label")
    expect(labels).to_have_text(
        [*(f"\u2026hall {hall} of the works" for hall in range(3)), "sold: yes", "sold: no", "y"]
    )
    assert labels.nth(1).get_attribute("title") == "measure of the large machine in hall 1 of the works"


def a_workbook_of_a_business_becomes_a_table(deck: Deck, tmp_path: Path) -> None:
    page = deck.page
    (tmp_path / "business.xlsx").write_bytes(business())
    page.locator("input[type=file]").first.set_input_files(tmp_path / "business.xlsx")
    expect(page.get_by_role("heading", name="business.xlsx")).to_be_visible()
    deck.settled()
    expect(page.get_by_text("120 rows, 4 columns", exact=True)).to_be_visible()
    expect(page.get_by_text("3 of 120 cells of 'Visitors' are not numbers and count as missing: TBC")).to_be_visible()
    assert page.get_by_role("combobox", name="Target", exact=True).input_value() == "Revenue"
    # The raw cells, every decision, and one that is made otherwise: the first row of values is a later one.
    page.get_by_text("How this file is read").click()
    deck.settled()
    expect(page.get_by_text("Blue: names.")).to_be_visible()
    expect(page.get_by_role("combobox", name="Sheet", exact=True)).to_be_visible()
    page.get_by_role("button", name="Keep as values").first.click()
    deck.settled()
    expect(page.get_by_text("121 rows, 4 columns", exact=True)).to_be_visible()
    page.get_by_role("button", name="Decide all automatically").click()
    deck.settled()
    expect(page.get_by_text("120 rows, 4 columns", exact=True)).to_be_visible()


def test_a_long_upload_leaves_the_page_free_and_ends_with_its_tab(deck: Deck, slow: Path, workspace: Path) -> None:
    """That it ends with another choice, too: tests/dashboard/test_uploads.py."""
    page = deck.open("data").page
    page.locator("input[type=file]").first.set_input_files(slow)
    line = page.get_by_text("Reading slow.xlsx: ")
    expect(line).to_be_visible()
    first = line.inner_text()
    until(lambda: line.inner_text() != first, 30, "a sign of life")
    deck.view("Build").view("Data")
    expect(line).to_be_visible()
    assert being_read(workspace)
    page.close()
    until(lambda: not being_read(workspace), 40, "the end of the reading")
