"""Who comes back finds their own draft, who comes by any address finds a page, and two tabs tell each other what they
did.
"""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Deck

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_browser_finds_its_draft_again_and_a_stranger_the_first_experiment(browser: Browser, server: str) -> None:
    ours, strangers = browser.new_context(), browser.new_context()
    deck = Deck(ours.new_page(), server).open()
    box = deck.page.get_by_role("textbox", name="Name")
    box.fill("Ours alone")
    box.press("Enter")
    deck.settled()
    again = Deck(ours.new_page(), server).open()
    expect(again.page.get_by_role("textbox", name="Name")).to_have_value("Ours alone")
    other = Deck(strangers.new_page(), server).open()
    expect(other.page.get_by_role("textbox", name="Name")).to_have_value("Homes in Sacramento")
    assert not deck.script_errors + again.script_errors + other.script_errors
    ours.close()
    strangers.close()


def test_every_address_leads_somewhere(deck: Deck) -> None:
    page = deck.page
    for path, arrived in (
        ("build?draft=7add7e5500000001", r"/\?draft=7add"),
        ("Result/", r"/result\?"),
        ("nowhere", r"/\?draft="),
    ):
        page.goto(f"{deck.server}/{path}")
        page.wait_for_url(re.compile(arrived))
        deck.settled()
        expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text('There is no page "nowhere"; this is the Build page.')).to_be_visible()
    expect(page.locator(".ld-stack")).to_be_visible()
    assert "asked=" not in page.url


def test_train_stays_under_the_finger(deck: Deck) -> None:
    """At 1440 x 900 all stands still while it trains: test_board."""
    deck.page.set_viewport_size({"width": 390, "height": 844})
    deck.open("?draft=f196e40000000001")
    button = deck.page.locator(".st-key-train button")
    button.scroll_into_view_if_needed()
    before = button.bounding_box()
    run = deck.train()
    assert button.bounding_box() == before
    deck.page.mouse.click(before["x"] + before["width"] / 2, before["y"] + before["height"] / 2)
    deck.settled()
    assert button.bounding_box() == before
    deck.ended()
    assert deck.state(run)["state"] == "finished"


def test_a_second_tab_says_what_the_first_has_done(deck: Deck) -> None:
    deck.open("?draft=7ab5000000000001")
    other = Deck(deck.page.context.new_page(), deck.server).open("?draft=7ab5000000000001")
    box = deck.page.get_by_label("units of layer 1")
    box.fill("11")
    box.press("Enter")
    deck.edited()
    box = other.page.get_by_label("units of layer 2")
    box.fill("7")
    box.press("Enter")
    other.edited()
    expect(other.page.get_by_text("This draft was changed in another tab, too: both changes are kept.")).to_be_visible()
    # 107 x 11 + 11 = 1,188; 11 x 7 + 7 = 84; 7 + 1 = 8.
    expect(other.page.get_by_test_id("total-parameters")).to_contain_text("1,280 parameters")
    deck.page.get_by_role("tab", name="Fit").click()
    expect(deck.page.get_by_text("This draft was changed in another tab: its newest version is shown.")).to_be_visible()
    expect(deck.page.get_by_test_id("total-parameters")).to_have_text("1,280 parameters")
    assert not other.script_errors
