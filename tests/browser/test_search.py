"""A search from its button to its honest end: curves while it goes on, a reload that finds it again, and the best trial
on screen as the experiment.
"""

import re

import pytest

from core.experiment.lessons import LESSONS
from core.experiment.share_link import PARAMETER, packed
from tests.browser.conftest import Deck
from tests.browser.expecting import expect
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def begin(deck: Deck, trials: int, epochs: int = 20) -> str:
    """The lesson on exclusive or, searched over its learning rate, which needs no program of its own; the search's
    id.
    """
    lesson = LESSONS["bent"].experiment
    short = lesson.model_copy(update={"fit": lesson.fit.model_copy(update={"epochs": epochs})})
    deck.open(f"?{PARAMETER}={packed(short)}")
    page = deck.page
    page.get_by_role("tab", name="Search").click()
    deck.settled()
    page.locator('[class*="st-key-search-vary"]').get_by_role("button", name="Clear all").click()
    deck.settled()
    expect(page.get_by_text("Choose at least one setting to vary.")).to_be_visible()
    page.get_by_role("combobox", name="Vary").fill("Learning rate")
    page.get_by_role("option", name="Learning rate", exact=True).click()
    page.get_by_role("combobox", name="Vary").press("Escape")
    deck.settled()
    box = page.get_by_role("spinbutton", name="Trials")
    box.fill(str(trials))
    box.press("Enter")
    deck.settled()
    page.get_by_text("Sampler, pruner and seeds").click()
    for name in ("Seeds of the finalists", "Seeds at the end"):
        seeds = page.get_by_role("spinbutton", name=name)
        seeds.fill("1")
        seeds.press("Enter")
        deck.settled()
    page.locator(".st-key-search button").click()
    search = page.locator(".ld-search")
    expect(search).to_have_count(1)
    return search.get_attribute("data-search") or ""


def test_a_search_is_watched_found_again_and_its_best_opened(deck: Deck) -> None:
    identity = begin(deck, 2)
    page, search = deck.page, deck.page.locator(".ld-search")
    assert f"search={identity}" in page.url
    until(lambda: int(search.get_attribute("data-points") or 0) > 0, 90, "the first epochs")
    expect(page.locator(".ld-search-plot .scatterlayer .trace").first).to_be_attached()

    page.reload()
    deck.settled()
    expect(search).to_have_attribute("data-search", identity)
    until(lambda: search.get_attribute("data-state") == "finished", 240, "the end of the search")
    deck.settled()
    assert search.get_attribute("data-trials") == "2"
    expect(page.get_by_text(re.compile("started"))).to_be_visible()  # Better, or no better than where you started.
    expect(
        page.get_by_role("button", name="Stop", exact=True).and_(page.locator(".st-key-search-stop button"))
    ).to_have_count(0)

    # The finalists name the best, and it comes on screen.
    chosen = page.get_by_text(
        re.compile("^The best trial and the start were trained again with 1 new seed: ")
    ).inner_text()
    rows = {row.get_attribute("data-number"): row for row in page.locator(".ld-search-row").all()}
    best = search.get_attribute("data-best") or ""
    assert ("so the start stays the best" if best == "1" else f"trial {best} is the best of them") in chosen
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        deck.settled()
        assert page.evaluate("document.documentElement.scrollWidth") == width
    page.get_by_role("button", name="Open trial 2 as the experiment").click()
    deck.settled()
    shown = page.get_by_role("spinbutton", name="Learning rate", exact=True).input_value()
    told = rows["2"].locator("td").nth(3).inner_text()
    assert float(f"{float(shown):.2g}") == pytest.approx(float(told), rel=0.05)
    page.locator(f'.ld-search-row[data-number="{best}"] a').click()  # The result of its run, and the way back.
    page.wait_for_url(lambda url: "result" in url)
    deck.settled()
    page.get_by_role("button", name=re.compile("^Trained for a search around")).click()
    expect(search).to_have_attribute("data-search", identity)
    deck.settled()
    page.get_by_role("button", name="New search").click()
    deck.settled()
    assert "search=" not in page.url
    expect(page.locator(".st-key-search button")).to_be_visible()  # The tab stays.
