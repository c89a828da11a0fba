"""A run of two classes is questioned in the browser: a click on a cell lists its rows, and a threshold is kept."""

import re

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Deck
from tests.browser.expecting import expect
from tests.browser.kept_runs import KeptRun

pytestmark = [pytest.mark.browser, pytest.mark.slow]
# Where the middle of the network's curve is, the last but the diagonal.
_POINT = """gd => {
  const trace = gd._fullData.at(-2), at = trace.x.length >> 1;  // In gd.data the numbers are bytes.
  const { xaxis, yaxis } = gd._fullLayout, box = gd.getBoundingClientRect();
  return [box.left + xaxis._offset + xaxis.d2p(trace.x[at]), box.top + yaxis._offset + yaxis.d2p(trace.y[at])];
}"""


def test_a_cell_lists_its_rows_and_a_threshold_is_kept(deck: Deck, titanic_run: KeptRun) -> None:
    page = deck.open(f"result?run={titanic_run.run}").page
    a_cell_of_the_confusion_matrix_lists_its_rows(page, deck)
    a_row_is_sent_to_predict(page, deck)
    a_point_of_a_curve_lists_its_rows(page, deck)
    a_threshold_is_kept_and_taken_back(page, deck)


def a_cell_of_the_confusion_matrix_lists_its_rows(page: Page, deck: Deck) -> None:
    page.get_by_role("tab", name="Classes", exact=True).click()
    deck.settled()
    matrix = page.locator(".st-key-classes-matrix .ld-figure")
    expect(matrix).to_have_attribute("data-drawn", re.compile(r"\d"))
    plot = matrix.locator(".nsewdrag").first
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.2 * box["height"])
    expect(matrix.locator(".hoverlayer .hovertext")).to_have_count(1)
    page.mouse.click(box["x"] + 0.25 * box["width"], box["y"] + 0.25 * box["height"])
    expect(page.get_by_text(re.compile(r"actual 0, predicted 0: \d+ test rows"))).to_be_visible()
    expect(page.get_by_role("button", name="Download rows")).to_be_visible()


def a_row_is_sent_to_predict(page: Page, deck: Deck) -> None:
    send = page.get_by_role("button", name="Send to Predict")
    expect(send).to_be_disabled()
    page.locator(".st-key-picked-list .dvn-scroller").click(
        position={"x": 16, "y": 52}
    )  # The box before the first row.
    expect(send).to_be_enabled()
    send.click()
    expect(page.get_by_test_id("stMetric").filter(has_text="Predicted survived")).to_be_visible()
    deck.settled()


def a_point_of_a_curve_lists_its_rows(page: Page, deck: Deck) -> None:
    deck.view("Result")
    page.get_by_role("tab", name="Curves", exact=True).click()
    deck.settled()
    curve = page.locator('.ld-figure[aria-label="ROC curve"]')
    expect(curve).to_have_attribute("data-drawn", re.compile(r"\d"))
    curve.scroll_into_view_if_needed()
    x, y = curve.evaluate(_POINT)
    page.mouse.move(x - 2, y - 2)
    page.mouse.move(x, y)
    expect(curve.locator(".hoverlayer .hovertext")).to_have_count(1)
    page.mouse.click(x, y)
    listed = re.compile(r"wrong where rows with a prediction of [\d.]+ or more for 1 are called 1: \d+ test rows")
    expect(page.get_by_text(listed)).to_be_visible()


def a_threshold_is_kept_and_taken_back(page: Page, deck: Deck) -> None:
    page.get_by_role("tab", name="Threshold", exact=True).click()
    deck.settled()
    slider = page.get_by_role("slider", name="Threshold")
    slider.focus()
    page.keyboard.press("Home")
    deck.settled()
    page.get_by_role("button", name="Use this threshold").click()
    expect(page.get_by_role("button", name="Back to 0.5")).to_be_visible()
    expect(page.get_by_text("The run predicts by the threshold 0:")).to_be_visible()
    deck.view("Predict")
    tile = page.get_by_test_id("stMetric").filter(has_text="Predicted survived").get_by_test_id("stMetricValue")
    expect(tile).to_have_text("1")  # Any probability is above 0.
    deck.view("Result")
    page.get_by_role("tab", name="Threshold", exact=True).click()
    deck.settled()
    page.get_by_role("button", name="Back to 0.5").click()  # Other tests look at the run, too.
    expect(page.get_by_text("The run predicts by the threshold 0:")).to_have_count(0)
