"""An experiment is edited on the Build page: what cannot be trained is mended by a click, and what will not train well
is advised against.
"""

import re

import pytest

from tests.browser.conftest import Deck
from tests.browser.expecting import expect
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_layers_and_settings_are_edited_mended_and_advised_on(deck: Deck) -> None:
    deck.open("data?draft=ffffffffffffffff").view("Build")
    layers_are_added_changed_moved_undone_and_redone(deck)
    a_wrong_output_layer_blocks_train_until_one_click_mends_it(deck)
    a_learning_rate_of_ten_is_advised_against_and_ends_with_a_sentence(deck)


def layers_are_added_changed_moved_undone_and_redone(deck: Deck) -> None:
    page = deck.page
    total = page.get_by_test_id("total-parameters")
    units = page.get_by_label("units of layer 1")
    units.fill("10")
    units.press("Enter")
    deck.settled()
    # 107 x 10 + 10 = 1,080; 10 x 32 + 32 = 352; 32 + 1 = 33; in all 1,465.
    expect(total).to_contain_text("1,465 parameters")
    deck.add_layer("BatchNormalization")
    # Before the output layer: 32 columns x (scale, shift, mean, variance) = 128, of which 64 are not trained.
    expect(total).to_contain_text("1,593 parameters, 1,529 trainable")
    page.get_by_role("button", name="Edit BatchNormalization, layer 3").click()
    page.get_by_role("button", name="Up", exact=True).click()
    deck.settled()
    # After the first layer now: 10 x 4 = 40.
    expect(total).to_contain_text("1,505 parameters")
    page.locator(".st-key-undo button").click()
    deck.settled()
    expect(total).to_contain_text("1,593 parameters")
    page.locator(".st-key-redo button").click()
    deck.settled()
    expect(total).to_contain_text("1,505 parameters")
    # Nothing is lost by a reload.
    page.reload()
    deck.settled()
    expect(total).to_contain_text("1,505 parameters")


def a_wrong_output_layer_blocks_train_until_one_click_mends_it(deck: Deck) -> None:
    page = deck.page
    page.get_by_role("button", name="Disable BatchNormalization, layer 2").click()
    deck.edited()
    units = page.get_by_label("units of layer 3")
    units.fill("7")
    units.press("Enter")
    deck.settled()
    expect(page.get_by_text("The last layer has 7 outputs")).to_be_visible()
    expect(page.locator(".st-key-train button")).to_be_disabled()
    page.get_by_role("button", name="Fix the output layer").click()
    deck.settled()
    expect(page.locator(".st-key-train button")).to_be_enabled()


def a_learning_rate_of_ten_is_advised_against_and_ends_with_a_sentence(deck: Deck) -> None:
    page = deck.page
    page.get_by_role("tab", name="Optimizer").click()
    deck.settled().choose("Optimizer", "SGD")
    expect(
        page.get_by_text("Moves the weights along the negative gradient")
    ).to_be_visible()  # What is typed into the form before this one is not kept.
    rate = page.get_by_label("Learning rate", exact=True)
    rate.fill("10")
    rate.press("Enter")
    deck.settled()
    expect(page.get_by_text("A learning rate of 10 is high for SGD")).to_be_visible()
    run = deck.train()
    until(lambda: deck.state(run)["state"] in ("finished", "failed"), 60, "the end")
    said = deck.state(run)["says"]
    assert re.search(r"diverged|NaN|worse than always predicting", said)
    assert "learning rate" in said
    expect(page.locator(".ld-live-says")).to_contain_text("learning rate")
