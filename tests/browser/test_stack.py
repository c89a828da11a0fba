"""The stack as cards: by mouse, by finger, by keyboard, and nothing that was done is lost."""

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Deck
from tests.browser.expecting import expect
from tests.browser.kept_runs import KeptRun
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def units(deck: Deck) -> list[str]:
    """Of the Dense cards, from the first to the last."""
    return [box.input_value() for box in deck.page.locator(".ld-stack-card input[aria-label^=units]").all()]


def titles(deck: Deck) -> list[str]:
    """Of all cards."""
    return deck.page.locator(".ld-stack-card .ld-stack-words b").all_inner_texts()


def test_the_stack_is_built_by_mouse_and_by_keyboard(deck: Deck, homes_run: KeptRun) -> None:
    deck.open(f"?run={homes_run.run}")
    until(lambda: units(deck) == ["64", "32", "1"], 15, "three cards")
    a_layer_is_found_added_put_aside_and_brought_back(deck)
    cards_are_dragged_into_order(deck)
    cards_are_moved_copied_and_deleted_by_keyboard(deck)
    nothing_is_lost_however_fast_it_is_typed(deck)
    what_cannot_be_is_refused_with_a_sentence(deck)
    the_same_where_fields_are_the_pages_own(deck)


def a_layer_is_found_added_put_aside_and_brought_back(deck: Deck) -> None:
    page = deck.page
    page.get_by_role("button", name="Add a layer").click()
    page.get_by_label("Search layers").fill("relies on none of them")
    expect(page.locator(".ld-stack-choice")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    deck.edited()
    assert titles(deck) == ["Dense", "Dense", "Dropout", "Dense"]
    page.get_by_role("button", name="Disable Dropout, layer 3").click()
    deck.edited()
    assert titles(deck) == ["Dense", "Dense", "Dense"]
    expect(page.locator(".ld-stack-aside")).to_contain_text("Dropout")
    expect(deck.live).to_have_attribute("data-state", "finished")
    expect(page.get_by_text("These curves are of an earlier version")).to_have_count(0)  # It is what was trained.
    page.get_by_role("button", name="Enable Dropout").click()
    deck.edited()
    assert titles(deck) == ["Dense", "Dense", "Dropout", "Dense"]
    expect(page.get_by_text("These curves are of an earlier version")).to_be_visible()
    page.get_by_role("button", name="Delete Dropout, layer 3").click()
    deck.edited()
    assert units(deck) == ["64", "32", "1"]
    page.get_by_role("button", name="Reset", exact=True).click()  # The run need not be drawn any more.
    deck.settled()
    expect(deck.live).to_have_count(0)


def cards_are_dragged_into_order(deck: Deck) -> None:
    page = deck.page
    grip = page.locator(".ld-stack-grip").first.bounding_box()
    second = page.locator(".ld-stack-card").nth(1).bounding_box()
    page.mouse.move(grip["x"] + 6, grip["y"] + 6)
    page.mouse.down()
    page.mouse.move(grip["x"] + 6, second["y"] + second["height"] - 3, steps=5)
    page.mouse.up()
    deck.edited()
    assert units(deck) == ["32", "64", "1"]
    # 107 x 32 + 32 = 3,456; 32 x 64 + 64 = 2,112; 64 + 1 = 65
    expect(page.get_by_test_id("total-parameters")).to_contain_text("5,633 parameters")
    page.reload()
    deck.settled()
    until(lambda: units(deck) == ["32", "64", "1"], 15, "the order after a reload")


def cards_are_moved_copied_and_deleted_by_keyboard(deck: Deck) -> None:
    page = deck.page
    page.get_by_role("button", name="Move Dense, layer 1: drag, or arrow keys").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    assert units(deck) == ["64", "32", "1"]  # At once, whatever Python is doing.
    deck.edited()
    assert units(deck) == ["64", "32", "1"]
    expect(page.get_by_role("button", name="Move Dense, layer 2: drag, or arrow keys")).to_be_focused()
    page.keyboard.press("d")
    deck.edited()
    assert units(deck) == ["64", "32", "32", "1"]
    page.keyboard.press("Delete")
    deck.edited()
    assert units(deck) == ["64", "32", "1"]
    expect(page.locator(".ld-stack-spoken")).to_have_text("Dense deleted")
    page.mouse.click(720, 880)  # Beside everything.
    for _ in range(4):
        page.keyboard.press("Control+z")
        deck.settled()
    page.keyboard.press("Control+Shift+z")
    deck.settled()
    assert units(deck) in (["32", "64", "1"], ["64", "32", "1"])


def nothing_is_lost_however_fast_it_is_typed(deck: Deck) -> None:
    page = deck.page
    for place, number in ((1, 11), (2, 7), (1, 13), (2, 9)):
        box = page.get_by_label(f"units of layer {place}")
        box.fill(str(number))
        box.press("Tab")
    page.get_by_label("activation of layer 1").select_option("tanh")
    page.get_by_role("button", name="Duplicate Dense, layer 2").click()
    deck.edited()
    assert units(deck) == ["13", "9", "9", "1"]
    # 107 x 13 + 13 = 1,404; 13 x 9 + 9 = 126; 9 x 9 + 9 = 90; 9 + 1 = 10
    expect(page.get_by_test_id("total-parameters")).to_contain_text("1,630 parameters")
    assert page.get_by_label("activation of layer 1").input_value() == "tanh"


def what_cannot_be_is_refused_with_a_sentence(deck: Deck) -> None:
    page = deck.page
    box, below = page.get_by_label("units of layer 1"), page.get_by_label("units of layer 2")
    at, total = below.bounding_box(), page.get_by_test_id("total-parameters").inner_text()
    for text, asked in (("", "at least 1"), ("-5", "at least 1"), ("2.5", "at least 1"), ("2000000", "at most 16,384")):
        box.fill(text)
        box.press("Tab")
        deck.edited()
        said = page.locator(".ld-stack-wrong")
        expect(said).to_have_text(f"Units of layer 1: enter a whole number of {asked}.")
        expect(said).to_be_in_viewport()
        assert below.bounding_box() == at  # The page did not move.
        assert page.get_by_test_id("total-parameters").inner_text() == total  # And the last good value stands.
    box.fill("16")
    box.press("Tab")
    deck.edited()
    expect(page.locator(".ld-stack-wrong")).to_have_count(0)
    until(lambda: units(deck) == ["16", "9", "9", "1"], 30, "the new number")


def the_same_where_fields_are_the_pages_own(deck: Deck) -> None:
    page = deck.page
    page.get_by_role("tab", name="Fit").click()
    deck.settled()
    epochs, toggle = (
        page.get_by_role("spinbutton", name="Epochs", exact=True),
        page.get_by_text("Early stopping", exact=True),
    )
    at = toggle.bounding_box()
    epochs.fill("-3")
    epochs.press("Tab")
    deck.settled()
    expect(page.get_by_text("Epochs: enter a whole number of at least 1.")).to_be_in_viewport()
    assert toggle.bounding_box()["y"] == pytest.approx(at["y"], abs=2)
    epochs.fill("7")
    epochs.press("Tab")
    deck.settled()
    expect(page.get_by_text("Epochs: enter a whole number")).to_have_count(0)


def test_a_finger_moves_a_card(browser: Browser, server: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    deck = Deck(context.new_page(), server).open(f"?draft={'57ac' * 4}")
    until(lambda: units(deck) == ["64", "32", "1"], 15, "three cards")
    grip = deck.page.locator(".ld-stack-grip").first
    expect(deck.page.locator(".st-key-train button")).to_be_visible()  # The rows above the cards wrap with it.
    deck.settled()
    grip.click(trial=True)  # It stays where it is.
    start, second = grip.bounding_box(), deck.page.locator(".ld-stack-card").nth(1).bounding_box()
    touch = deck.page.context.new_cdp_session(deck.page)
    x, y = start["x"] + 10, start["y"] + 10
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for part in (0.3, 0.6, 1.0):
        to = y + part * (second["y"] + second["height"] - 3 - y)
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": to}]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    deck.edited()
    assert units(deck) == ["32", "64", "1"]
    assert deck.script_errors == []
    context.close()
