"""Two questions to one network, whose words are vectors: from the Data page to both answers."""

import pytest

from tests.browser.conftest import Deck, put_draft
from tests.browser.expecting import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_price_and_a_type_are_predicted_by_one_network(deck: Deck) -> None:
    put_draft(deck.workspace, "9" * 16, epochs=15)
    page = deck.open(f"data?draft={'9' * 16}").page
    page.locator('[class*="st-key-further"]').get_by_role("combobox").click()
    page.get_by_role("option", name="type", exact=True).click()
    page.keyboard.press("Escape")
    deck.settled()
    expect(page.get_by_role("combobox", name="Treat type as")).to_be_visible()
    deck.view("Build")
    # 106 input columns x 64 + 64; 64 x 32 + 32; of the outputs 32 + 1 and 32 x 3 + 3.
    expect(page.get_by_test_id("total-parameters")).to_contain_text("9,060 parameters")
    deck.add_layer("Embedding")
    # Before all others, wherever it was added.
    expect(page.locator('.ld-stack-card[data-at="0"]')).to_contain_text("Embedding")
    # 5 numbers and 2 vectors of 4: 13 columns x 64 + 64 in place of 6,848; the vectors are (37 + 1) and (64 + 1) words
    # x 4.
    expect(page.get_by_test_id("total-parameters")).to_contain_text("3,520 parameters")
    page.get_by_role("tab", name="Loss and metrics").click()
    deck.settled()
    slider = page.get_by_role("slider", name="Weight of this loss").last
    slider.focus()
    for _ in range(5):
        slider.press("ArrowLeft")
    deck.settled()
    run = deck.train()
    deck.ended()
    assert deck.state(run)["names"][:4] == ["loss", "price_loss", "price_mae", "price_rmse"]
    expect(page.get_by_text("type: Accuracy", exact=True).first).to_be_visible()
    deck.view("Result")
    expect(page.get_by_test_id("stMetric").filter(has_text="Test MAE for price")).to_contain_text("$")
    page.locator(".st-key-figure-of").get_by_text("type", exact=True).click()
    deck.settled()
    expect(page.get_by_text("Confusion matrix, test rows")).to_be_visible()
    deck.view("Predict")
    answer = page.locator(".st-key-answer")
    expect(answer.get_by_test_id("stMetric").filter(has_text="Predicted price")).to_contain_text("$")
    expect(answer.get_by_test_id("stMetric").filter(has_text="Predicted type")).to_contain_text("Residential")
    expect(page.get_by_text("Below each field: the predicted price if that field alone changes")).to_be_visible()
    page.get_by_test_id("stButtonGroup").filter(has_text="Curves below").get_by_text("type", exact=True).click()
    expect(page.get_by_text("Below each field: the probability that type is Residential if that field")).to_be_visible()
