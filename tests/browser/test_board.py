"""The network as it learns: stepped, pinned, asked, and followed. That it moves by itself: test_engine."""

import json
import re

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Deck
from tests.browser.expecting import expect
from tests.browser.test_engine import seen_epoch
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PARTS = (".ld-stack", ".ld-net", ".st-key-tight-steering", ".st-key-train")


def test_a_network_is_stepped_trained_changed_and_compared(deck: Deck) -> None:
    page = deck.open(f"?draft=b0a4d{'0' * 10}2").page
    page.locator(".ld-net-node").first.wait_for()
    a_row_is_pinned(deck)
    before = places(page)
    first = one_batch_one_epoch_and_all(deck)
    nothing_jumped_and_all_is_in_one_sight(page, before)
    the_pinned_row_is_answered_and_stays(deck, first)
    a_plane_is_chosen_and_drawn(page)
    second = a_change_is_followed_and_what_ran_stays_faintly(deck, first)
    reset_goes_back_to_the_beginning(deck)
    the_curves_of_both_are_drawn_together(deck, first, second)


def a_row_is_pinned(deck: Deck) -> None:
    deck.page.get_by_role("button", name="Pin a row").click()
    deck.page.get_by_role("button", name="Pin it").click()
    deck.settled()
    deck.page.keyboard.press("Escape")
    expect(deck.page.locator(".ld-net-pin-value")).to_have_text("\u2013")


def places(page: Page) -> list[dict]:
    """Where the parts stand that are there before a training."""
    return [page.locator(part).bounding_box() for part in PARTS]


def one_batch_one_epoch_and_all(deck: Deck) -> str:
    deck.page.get_by_role("button", name="Step", exact=True).click()
    # 654 training rows in batches of 32 are 21 steps.
    until(lambda: seen_epoch(deck) == pytest.approx(1 / 21), 60, "the first batch")
    run = deck.live.get_attribute("data-run") or ""
    deck.page.get_by_role("button", name="Epoch", exact=True).click()
    until(lambda: deck.epoch() == 1 and seen_epoch(deck) == 1, 30, "the first epoch")
    assert deck.state(run)["state"] == "paused"
    deck.page.get_by_role("button", name="Resume", exact=True).click()
    deck.ended()
    return run


def nothing_jumped_and_all_is_in_one_sight(page: Page, before: list[dict]) -> None:
    page.locator(".st-key-tight-next").wait_for()
    for old, new in zip(before, places(page), strict=True):
        assert new["x"] == pytest.approx(old["x"], abs=1)
        assert new["y"] == pytest.approx(old["y"], abs=1)
    for part in (*PARTS, ".ld-live"):
        box = page.locator(part).bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 900, part


def the_pinned_row_is_answered_and_stays(deck: Deck, run: str) -> None:
    page, value = deck.page, deck.page.locator(".ld-net-pin-value")
    expect(value).to_have_text(re.compile(r"^\$[\d,]+$"))
    amount = float(re.sub(r"[^\d.]", "", value.inner_text()))
    assert 50_000 < amount < 800_000  # the usual house
    page.reload()
    deck.settled()
    assert deck.live.get_attribute("data-run") == run
    expect(value).to_have_text(f"${amount:,.0f}")
    page.get_by_role("button", name=re.compile("^Unpin")).click()
    expect(page.locator(".ld-net-pin")).to_have_count(0)


def a_plane_is_chosen_and_drawn(page: Page) -> None:
    expect(page.locator('.ld-net-picture[data-kind="amounts"]')).to_be_visible(timeout=20_000)
    page.get_by_label("Picture").select_option("plane")
    expect(page.locator('.ld-net-picture[data-kind="plane"]')).to_be_visible(timeout=20_000)
    page.get_by_label("Up", exact=True).select_option("sqft")
    until(lambda: page.get_by_label("Up", exact=True).input_value() == "sqft", 30, "the other feature")
    expect(page.locator('.ld-net-node[data-column="0"] canvas').first).to_be_visible(timeout=20_000)


def a_change_is_followed_and_what_ran_stays_faintly(deck: Deck, first: str) -> str:
    page = deck.page
    auto = page.get_by_text("Auto-train", exact=True)
    auto.click()
    deck.settled()
    page.get_by_role("tab", name="Fit").click()
    deck.settled()
    box = page.get_by_role("spinbutton", name="Epochs", exact=True)
    box.fill("20")
    box.press("Enter")
    until(lambda: deck.live.get_attribute("data-run") not in (None, "", first), 30, "a run of its own")
    deck.ended()
    assert behind(page) == [first]
    auto.click()
    deck.settled()
    return deck.live.get_attribute("data-run") or ""


def behind(page: Page) -> list[str]:
    """The runs whose curves stand faintly behind those of the run on screen."""
    return json.loads(page.locator(".ld-live-chart").first.get_attribute("data-faint") or "[]")


def reset_goes_back_to_the_beginning(deck: Deck) -> None:
    deck.page.get_by_role("button", name="Reset", exact=True).click()
    deck.settled()
    expect(deck.live).to_have_count(0)
    assert "run=" not in deck.page.url


def the_curves_of_both_are_drawn_together(deck: Deck, first: str, second: str) -> None:
    page = deck.view("Runs").page
    table = page.get_by_test_id("stDataFrame").first
    table.locator("canvas").first.wait_for()
    box = table.bounding_box()
    for row in (1, 2):  # The boxes before the two newest rows; a row is 35 pixels tall.
        page.mouse.click(box["x"] + 15, box["y"] + 35 * row + 17)
        deck.settled()
    page.get_by_role("tab", name="Test rows", exact=True).click()
    expect(page.get_by_text(re.compile(r"1\d\d test rows; 95% intervals of 1,000 bootstrap resamples"))).to_be_visible(
        timeout=60_000
    )
    page.get_by_role("tab", name="Curves", exact=True).click()
    expect(page.get_by_role("img", name="of 2 runs over Epochs")).to_be_visible(timeout=15_000)
    deck.settled()
    page.get_by_role("button", name="Compare curves").click()
    deck.view("Build")
    until(lambda: deck.live.get_attribute("data-run") == second, 15, "the newest run")
    until(lambda: behind(page) == [first], 15, "the other one behind it")
