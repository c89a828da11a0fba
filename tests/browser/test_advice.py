"""A short training on a phone and on a large screen: what its curves advise is taken with a click, and TensorBoard is
opened on it.
"""

import pytest
from playwright.sync_api import Page

from core.experiment.spec import CallbackChoice
from tests.browser.conftest import Deck, homes, put_draft
from tests.browser.expecting import expect
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_training_that_was_too_short_is_made_longer_by_a_click(deck: Deck) -> None:
    callbacks = (*homes().fit.callbacks, CallbackChoice.of("TensorBoard"))
    put_draft(deck.workspace, "ad" * 8, epochs=4, callbacks=callbacks)
    deck.open(f"?draft={'ad' * 8}")
    train_stays_under_the_finger(deck)
    deck.view("Result")
    tensorboard_is_opened_and_stays_in_reach(deck)
    the_advice_says_why(deck.page)
    it_is_taken_and_undone(deck)


def train_stays_under_the_finger(deck: Deck) -> None:
    """At 1440 x 900 all stands still while it trains: test_board."""
    deck.page.set_viewport_size({"width": 390, "height": 844})
    deck.settled()
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
    deck.page.set_viewport_size({"width": 1440, "height": 900})
    deck.settled()


def tensorboard_is_opened_and_stays_in_reach(deck: Deck) -> None:
    page = deck.page
    page.get_by_role("button", name="TensorBoard").click()
    link = page.get_by_role("link", name="Open TensorBoard")
    expect(link).to_be_visible(timeout=60_000)
    page.get_by_role("slider", name="Epoch").press("ArrowLeft")  # The page is drawn anew.
    deck.settled()
    expect(link).to_be_visible()
    # What TensorBoard then draws is its own: its page is there, and it has the run's epochs.
    address = link.get_attribute("href") or ""
    assert "<title>TensorBoard</title>" in page.request.get(address).text()

    def logged() -> set[str]:
        of = page.request.get(f"{address}/data/plugin/scalars/tags").json()
        return set(of.get("train", ())) & set(of.get("validation", ()))

    until(lambda: "epoch_loss" in logged(), 60, "the run's epochs in TensorBoard")


def the_advice_says_why(page: Page) -> None:
    expect(page.get_by_text("is among the last")).to_have_count(1)  # Once, and not at the run's end, too.
    why = page.get_by_text("The training ended while the loss was still decreasing.")
    expect(why).to_have_count(0)
    page.get_by_role("button", name="Why").first.click()
    expect(why).to_be_visible()
    expect(page.get_by_role("link", name="Keras's documentation")).to_have_attribute(
        "href", "https://keras.io/api/models/model_training_apis/#fit-method"
    )
    page.keyboard.press("Escape")


def it_is_taken_and_undone(deck: Deck) -> None:
    page = deck.page
    taken = page.get_by_role("button", name="Train 12 epochs")
    taken.click()
    deck.settled()
    expect(taken).to_be_disabled()
    deck.view("Build")
    page.get_by_role("tab", name="Fit").click()
    epochs = page.get_by_role("spinbutton", name="Epochs", exact=True)
    expect(epochs).to_have_value("12")
    page.get_by_role("button", name="Undo").click()
    deck.settled()
    expect(epochs).to_have_value("4")
