"""The network as it learns: drawn, stepped, pinned, asked, and followed."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Deck
from tests.browser.test_engine import training
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def scenes(deck: Deck) -> int:
    """How many scenes were drawn."""
    return int(deck.page.locator(".ld-net").get_attribute("data-scenes") or 0)


def seen_epoch(deck: Deck) -> float:
    """Which epoch the drawing shows."""
    return float(deck.page.locator(".ld-net").get_attribute("data-epoch") or -1)


def widths(deck: Deck) -> list[str]:
    """How thick the edges are."""
    return deck.page.evaluate(
        "[...document.querySelectorAll('.ld-net path')].map(line => line.getAttribute('stroke-width'))"
    )


def test_the_network_moves_while_it_learns(deck: Deck) -> None:
    training(deck, "b0a4d00000000001", 9000)
    page = deck.page
    until(lambda: scenes(deck) > 5, 60, "some scenes")
    before, at = widths(deck), seen_epoch(deck)
    # 12 of 107 inputs, 12 of 64 and of 32 units, and the output: 12 x 12 + 12 x 12 + 12 edges.
    assert len(before) == 300
    until(lambda: seen_epoch(deck) > at + 20, 30, "later epochs")
    assert widths(deck) != before
    page.locator('.ld-net-node[data-column="0"][data-unit="2"]').hover()
    tip = page.locator(".ld-net-tip")
    expect(tip).to_contain_text("unit 3 of 64, Dense")
    expect(tip).to_contain_text(re.compile("bias .*weights: .*respond"))
    page.get_by_role("button", name=re.compile("^Dense 32")).click()
    expect(page.locator(".ld-net-facts")).to_contain_text("Dead units")
    expect(page.locator(".ld-net-facts")).to_contain_text("Weight change per step")
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.locator('.ld-net-picture[data-kind="amounts"]')).to_be_visible()


def test_names_that_would_be_cut_alike_are_told_apart(deck: Deck) -> None:
    names = [f"measure {at} of the machine" for at in range(3)]
    rows = [f"{at % 11},{at * at % 7},{at % 5},{'yes' if at % 3 else 'no'},{10 * at}.5" for at in range(30)]
    content = "\n".join([",".join([*names, "sold", "y"]), *rows]).encode()
    page = deck.open("data?draft=b0a4d00000000009").page
    page.locator("input[type=file]").set_input_files({"name": "machine.csv", "mimeType": "text/csv", "buffer": content})
    expect(page.get_by_role("heading", name="machine.csv")).to_be_visible()
    deck.settled().view("Build")
    labels = page.locator(".ld-net-label")
    expect(labels).to_have_text(
        ["me\u20260 of the machine", "me\u20261 of the machine", "me\u20262 of the machine", "sold", "y"]
    )
    assert labels.nth(1).get_attribute("title") == names[1]


def test_pinned_rows_are_answered_and_stay_and_a_plane_is_chosen_and_drawn(deck: Deck) -> None:
    deck.open("data?draft=b0a4d00000000002").view("Build")
    page = deck.page
    page.get_by_role("button", name="Pin a row").click()
    page.get_by_role("button", name="Pin it").click()
    deck.settled()
    page.keyboard.press("Escape")
    value = page.locator(".ld-net-pin-value")
    expect(value).to_have_text("\u2013")
    run = deck.train()
    deck.ended()
    expect(value).to_have_text(re.compile(r"^\$[\d,]+$"), timeout=20_000)
    amount = float(re.sub(r"[^\d.]", "", value.inner_text()))
    assert 50_000 < amount < 800_000  # the usual house
    page.reload()
    deck.settled()
    assert deck.live.get_attribute("data-run") == run
    expect(value).to_have_text(f"${amount:,.0f}")
    page.get_by_role("button", name=re.compile("^Unpin")).click()
    expect(page.locator(".ld-net-pin")).to_have_count(0)
    expect(page.locator('.ld-net-picture[data-kind="amounts"]')).to_be_visible(timeout=20_000)
    page.get_by_label("Picture").select_option("plane")
    expect(page.locator('.ld-net-picture[data-kind="plane"]')).to_be_visible(timeout=20_000)
    page.get_by_label("Up", exact=True).select_option("sqft")
    until(lambda: page.get_by_label("Up", exact=True).input_value() == "sqft", 10, "the other feature")
    expect(page.locator('.ld-net-node[data-column="0"] canvas').first).to_be_visible(timeout=20_000)


def test_one_batch_one_epoch_and_back_to_the_beginning(deck: Deck) -> None:
    deck.open("data?draft=b0a4d00000000004").view("Build")
    page = deck.page
    page.get_by_role("button", name="Step", exact=True).click()
    # 654 training rows in batches of 32 are 21 steps.
    until(lambda: seen_epoch(deck) == pytest.approx(1 / 21), 60, "the first batch")
    run = deck.live.get_attribute("data-run")
    page.get_by_role("button", name="Epoch", exact=True).click()
    until(lambda: deck.epoch() == 1 and seen_epoch(deck) == 1, 30, "the first epoch")
    assert deck.state(run)["state"] == "paused"
    page.get_by_role("button", name="Resume", exact=True).click()
    deck.ended()
    page.get_by_role("button", name="Reset", exact=True).click()
    deck.settled()
    expect(deck.live).to_have_count(0)
    assert "run=" not in page.url


def test_a_change_is_followed_and_what_ran_stays_faintly(deck: Deck) -> None:
    deck.open("data?draft=b0a4d00000000005").view("Build")
    page = deck.page
    page.get_by_text("Auto-train", exact=True).click()
    deck.settled()
    first = deck.train()
    deck.ended()
    page.get_by_role("tab", name="Fit").click()
    deck.settled()
    box = page.get_by_role("spinbutton", name="Epochs", exact=True)
    box.fill("30")
    box.press("Enter")
    until(lambda: deck.live.get_attribute("data-run") != first, 20, "a run of its own")
    deck.ended()
    faint = page.locator(".ld-live-chart").first.get_attribute("data-faint")
    assert json.loads(faint) == [first]


def test_all_is_in_one_sight_and_nothing_jumps_when_curves_come(deck: Deck) -> None:
    deck.open("?draft=b0a4d00000000006")
    page = deck.page
    parts = (".ld-stack", ".ld-net", ".st-key-tight-steering", ".st-key-train")
    page.locator(".ld-net-node").first.wait_for()
    before = [page.locator(part).bounding_box() for part in parts]
    deck.train()
    deck.ended()
    page.locator(".st-key-tight-next").wait_for()
    after = [page.locator(part).bounding_box() for part in parts]
    for old, new in zip(before, after, strict=True):
        assert new["x"] == pytest.approx(old["x"], abs=1)
        assert new["y"] == pytest.approx(old["y"], abs=1)
    for part in (*parts, ".ld-live"):
        box = page.locator(part).bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 900, part


def test_the_curves_of_some_runs_are_drawn_together(deck: Deck) -> None:
    deck.open("?draft=b0a4d00000000007")
    page = deck.page
    runs = []
    for _ in range(2):
        runs.append(deck.train())
        deck.ended()
    deck.view("Runs")
    table = page.get_by_test_id("stDataFrame").first
    table.locator("canvas").first.wait_for()
    box = table.bounding_box()
    for row in (1, 2):  # The boxes before the two newest rows; a row is 35 pixels tall.
        page.mouse.click(box["x"] + 15, box["y"] + 35 * row + 17)
        deck.settled()
    page.get_by_role("tab", name="Test rows", exact=True).click()
    # Both runs have one seed: their predictions are the same, on all test rows.
    expect(page.get_by_text(re.compile(r"1\d\d test rows; 95% intervals of 1,000 bootstrap resamples"))).to_be_visible(
        timeout=60_000
    )
    page.get_by_role("tab", name="Curves", exact=True).click()
    expect(page.get_by_role("img", name="of 2 runs over Epochs")).to_be_visible(timeout=15_000)
    deck.settled()
    page.get_by_role("button", name="Compare curves").click()
    deck.view("Build")
    until(lambda: deck.live.get_attribute("data-run") == runs[1], 15, "the newest run")
    chart = page.locator(".ld-live-chart").first
    until(lambda: json.loads(chart.get_attribute("data-faint") or "[]") == [runs[0]], 15, "the other one behind it")
