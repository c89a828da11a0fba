"""Who comes back finds their own draft, two tabs tell each other what they did, and who comes by any address finds a
page that is no wider than the screen.
"""

import re

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Deck
from tests.browser.expecting import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_two_tabs_share_a_draft_which_their_browser_finds_again_and_a_stranger_does_not(
    deck: Deck, browser: Browser
) -> None:
    deck.open("?draft=7ab5000000000001")
    other = Deck(deck.page.context.new_page(), deck.server).open("?draft=7ab5000000000001")
    a_second_tab_says_what_the_first_has_done(deck, other)
    box = deck.page.get_by_role("textbox", name="Name")
    box.fill("Ours alone")
    box.press("Enter")
    deck.settled()
    other.open()  # Without a word about the draft in the address.
    expect(other.page.get_by_role("textbox", name="Name")).to_have_value("Ours alone")
    expect(other.page.get_by_test_id("total-parameters")).to_have_text("1,280 parameters")
    strangers = browser.new_context()
    stranger = Deck(strangers.new_page(), deck.server).open()
    expect(stranger.page.get_by_role("textbox", name="Name")).to_have_value("Homes in Sacramento")
    strangers.close()
    assert not other.script_errors + stranger.script_errors


def a_second_tab_says_what_the_first_has_done(deck: Deck, other: Deck) -> None:
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


def test_every_address_leads_to_a_page_no_wider_than_the_screen(deck: Deck) -> None:
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
    deck.fits()
    for view in ("Data", "Result", "Predict", "Runs"):
        deck.view(view).fits()
