"""The landscape on the Build page: computed while one waits, drawn in its place, from above and as land."""

import pytest

from core.experiment.lessons import LESSONS
from tests.browser.conftest import Deck
from tests.browser.expecting import expect
from tests.browser.kept_runs import Keep
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_loss_landscape_of_a_run_is_computed_and_drawn(deck: Deck, keep: Keep) -> None:
    kept = keep(LESSONS["bent"].experiment)
    page = deck.open(f"?run={kept.run}").page
    page.get_by_role("tab", name="Loss landscape").click()
    drawing = page.locator(".ld-figure")
    expect(drawing.locator(".contourlayer path").first).to_be_visible(timeout=60_000)
    deck.settled()
    expect(page.get_by_text("start: epoch 1")).to_be_visible()
    expect(page.get_by_text("end: epoch 100")).to_be_visible()
    expect(page.get_by_text("its height is the loss on 250 training rows")).to_be_visible()

    # Another scale and other directions change the same drawing.
    drawing.evaluate("node => { node.ours = true; }")
    place, drawn = drawing.bounding_box(), int(drawing.get_attribute("data-drawn") or 0)
    page.locator(".st-key-tight-landscape").get_by_text("Log scale").click()
    until(lambda: int(drawing.get_attribute("data-drawn") or 0) > drawn, 30, "the other scale")
    assert (drawing.evaluate("node => node.ours"), drawing.bounding_box()) == (True, place)
    page.get_by_role("radio", name="Random directions").click()
    expect(page.get_by_text("first random direction")).to_be_visible(timeout=60_000)
    page.get_by_role("radio", name="Surface").click()
    deck.settled()
    expect(page.locator('.ld-figure[aria-label="The loss around the weights of epoch 100, surface"]')).to_be_visible()
    expect(drawing).to_have_count(1)  # For a moment the contours stand beside it.

    # On a phone nothing is wider than the page.
    page.set_viewport_size({"width": 390, "height": 844})
    deck.settled()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
