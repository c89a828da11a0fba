"""For the room: the tour of the first visit, and the presenter's page that runs by itself."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Deck
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_tour_is_taken_left_and_never_shown_again(browser: Browser, server: str) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    deck = Deck(context.new_page(), server, touring=True).open()
    page, card = deck.page, deck.page.locator(".ld-tour")
    expect(card).to_contain_text("Welcome to Layerdeck")
    seen = []
    for step in range(1, 7):
        expect(card).to_have_attribute("data-step", str(step))
        seen.append(
            page.evaluate(
                "(() => { const r = document.querySelector('.ld-tour-ring').getBoundingClientRect(); return r.width * r.height })()"
            )
        )
        page.get_by_role("button", name="Done" if step == 6 else "Next", exact=True).click()
    assert min(seen) > 400, "each step points at something that is on the page"
    expect(card).to_have_count(0)
    page.reload()
    deck.settled()
    expect(page.locator(".ld-net")).to_be_visible()
    expect(card).to_have_count(0)
    assert deck.script_errors == []
    context.close()


def test_the_tour_is_left_by_escape(browser: Browser, server: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    deck = Deck(context.new_page(), server, touring=True).open()
    expect(deck.page.locator(".ld-tour")).to_be_visible()
    deck.page.keyboard.press("Escape")
    expect(deck.page.locator(".ld-tour")).to_have_count(0)
    other = Deck(context.new_page(), server, touring=True).open()
    expect(other.page.locator(".ld-net")).to_be_visible()
    expect(other.page.locator(".ld-tour")).to_have_count(0)
    context.close()


def test_the_presenters_page_runs_by_itself(deck: Deck) -> None:
    page = deck.open("?draft=400a000000000001").page
    run = deck.train()
    deck.ended()
    page.get_by_role("button", name="Share").click()
    deck.settled()
    link = page.locator('[data-testid="stCode"]', has_text="/present?run=").inner_text().strip()
    assert link.endswith(f"/present?run={run}")
    page.goto(link)
    deck.settled()
    expect(page.locator(".ld-net-node").first).to_be_visible()
    expect(page.get_by_text("It has learned for")).to_contain_text("rows it never trains on its MAE is $")
    expect(page.get_by_role("link", name="Data")).to_have_count(0)
    expect(page.get_by_role("button", name="Train", exact=True)).to_have_count(0)
    # After a while it trains once more, slowly enough to be watched, to the same numbers.
    until(lambda: deck.live.get_attribute("data-run") != run, 30, "the next round")
    expect(page.get_by_text("Best so far: epoch")).to_be_visible(timeout=20_000)
    again = deck.live.get_attribute("data-run")
    until(lambda: deck.epoch() > 3, 30, "some epochs")
    names, first, second = deck.state(run)["names"], deck.state(run)["rows"], deck.state(again)["rows"]
    assert len(names) == 6
    assert second[:3] == first[:3]
