"""What the curves of a training advise: read on the Result page, taken with a click, and there on the Build page."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Deck

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_training_that_was_too_short_is_made_longer_by_a_click(deck: Deck) -> None:
    page = deck.open(f"data?draft={'ad' * 8}").page
    deck.view("Build")
    page.get_by_role("tab", name="Fit").click()
    deck.settled()
    epochs = page.get_by_role("spinbutton", name="Epochs", exact=True)
    epochs.fill("4")
    epochs.press("Enter")
    deck.settled()
    deck.train()
    deck.ended().view("Result")
    expect(page.get_by_text("is among the last")).to_have_count(1)  # Once, and not at the run's end, too.
    why = page.get_by_text("The training ended while the loss was still decreasing.")
    expect(why).to_have_count(0)
    page.get_by_role("button", name="Why").first.click()
    expect(why).to_be_visible()
    expect(page.get_by_role("link", name="Keras's documentation")).to_have_attribute(
        "href", "https://keras.io/api/models/model_training_apis/#fit-method"
    )
    page.keyboard.press("Escape")
    taken = page.get_by_role("button", name="Train 12 epochs")
    taken.click()
    deck.settled()
    expect(taken).to_be_disabled()
    deck.view("Build")
    page.get_by_role("tab", name="Fit").click()
    expect(epochs).to_have_value("12")
    page.get_by_role("button", name="Undo").click()
    deck.settled()
    expect(epochs).to_have_value("4")
