"""A race from its button to its verdict: curves and dots while it trains, a variant taken, a reload that finds it
again.
"""

import re

import pytest

from core.experiment.lessons import LESSONS
from core.experiment.share_link import PARAMETER, packed
from tests.browser.conftest import Deck
from tests.browser.expecting import expect
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def begin(deck: Deck, rates: tuple[str, ...], seeds: int, epochs: int = 30) -> Deck:
    """The lesson on exclusive or, raced over learning rates."""
    lesson = LESSONS["bent"].experiment
    short = lesson.model_copy(update={"fit": lesson.fit.model_copy(update={"epochs": epochs})})
    deck.open(f"?{PARAMETER}={packed(short)}")
    page = deck.page
    page.get_by_role("tab", name="Race").click()
    deck.choose("Vary", "Learning rate")
    page.get_by_role("spinbutton", name="Seeds").fill(str(seeds))
    page.get_by_role("spinbutton", name="Seeds").press("Enter")
    deck.settled()
    box = page.get_by_role("combobox", name="Values")
    page.locator('[class*="st-key-race-values"]').get_by_role("button", name="Clear all").click()
    deck.settled()
    for rate in rates:
        box.fill(rate)
        box.press("Enter")
    box.press("Escape")
    deck.settled()
    page.get_by_role("button", name="Race", exact=True).click()
    return deck


def test_two_rates_are_raced_and_the_difference_is_told(deck: Deck) -> None:
    begin(deck, ("0.03", "0.0001"), 2)
    page, race = deck.page, deck.page.locator(".ld-race")
    expect(race).to_have_count(1)
    until(lambda: int(race.get_attribute("data-epochs") or 0) > 0, 60, "the first epochs")
    expect(page.locator(".ld-race-plot .scatterlayer .trace").first).to_be_attached()
    until(lambda: race.get_attribute("data-over") == "true", 90, "the end of the race")
    expect(page.get_by_text(re.compile("^Learning rate 0.03 is best( on average)?: validation"))).to_be_visible()
    deck.settled()
    assert race.get_attribute("data-epochs") == "120"  # 2 rates, 2 seeds, 30 epochs.
    best = [float(lane.get_attribute("data-best") or "nan") for lane in page.locator(".ld-race-lane").all()]
    assert best[0] > best[1]

    # The legend's numbers are the table's, and both are those of the runs.
    table = page.locator(".st-key-tight-race-table")
    for at, value in enumerate(best):
        expect(table.locator(f".st-key-row-race-{at}")).to_contain_text(f"{value:.1%}")
    page.locator(".st-key-race-take-1 button").click()
    deck.settled()
    expect(page.locator(".st-key-race-take-1 button")).to_have_text("On screen")

    # The runs' paths on one landscape, wide and narrow.
    page.get_by_text("Training paths on the loss landscape").click()
    drawing = page.locator(".st-key-race-land .ld-figure")
    expect(drawing.locator(".contourlayer path").first).to_be_visible(timeout=60_000)
    expect(drawing.locator(".legend .legendtext")).to_have_text(["learning rate 0.03", "learning rate 0.0001"])
    assert drawing.locator(".scatterlayer .trace").count() == 12  # Edge, line and dots of four runs.
    expect(page.get_by_text("The lines are the saved epochs of 4 runs")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    deck.settled()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.set_viewport_size({"width": 1440, "height": 900})
    deck.settled()

    identity = race.get_attribute("data-race")
    page.reload()
    deck.settled()
    expect(race).to_have_attribute("data-race", identity)
    until(lambda: race.get_attribute("data-epochs") == "120", 30, "the race after a reload")
    page.get_by_role("button", name="New race").click()
    deck.settled()
    expect(page.get_by_role("button", name="Race", exact=True)).to_be_visible()  # The tab stays.
    assert "race=" not in page.url
