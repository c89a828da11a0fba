"""A run at any of its epochs: the slider, the figure that stays in its place, the model put back, and a training that
goes on.
"""

import re

import pytest

from tests.browser.conftest import Deck, put_draft
from tests.browser.expecting import expect
from tests.browser.kept_runs import KeptRun
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_run_is_travelled_restored_and_trained_on(deck: Deck, homes_run: KeptRun) -> None:
    run = homes_run.run
    put_draft(deck.workspace, "7" * 16, run=run, epochs=8)
    page = deck.open(f"predict?draft={'7' * 16}").page
    said = deck.state(run)
    last, best = said["epoch"], said["best"]
    page.wait_for_selector('[data-testid="stMetric"]')
    page.get_by_role("button", name="Save prediction").click()
    deck.settled()

    # At first the model's own epoch; the figure is there, and stays the same element at the same place.
    deck.view("Result")
    drawing = page.locator(".ld-figure")
    expect(drawing.locator(".point").first).to_be_visible()
    expect(page.get_by_text(f"Epoch {best} of {last}, best is {best}.")).to_be_visible()
    # What is computed beside the page has taken its place.
    expect(page.locator(".st-key-run-summary")).to_contain_text("The network predicts", timeout=60_000)
    expect(page.get_by_text("(95% interval)").first).to_be_visible()
    deck.settled()
    drawing.evaluate("node => { node.ours = true; }")
    place, points = drawing.bounding_box(), drawing.locator(".point").count()
    first_point = drawing.locator(".point").first.get_attribute("transform")
    slider = page.get_by_role("slider", name="Epoch")
    slider.focus()
    page.keyboard.press("Home")
    expect(page.get_by_text(f"Epoch 1 of {last}, best is {best}.")).to_be_visible()
    for epoch in (2, 3):
        page.keyboard.press("ArrowRight")
        expect(page.get_by_text(f"Epoch {epoch} of {last}, best is {best}.")).to_be_visible()
    deck.settled()
    until(lambda: drawing.locator(".point").first.get_attribute("transform") != first_point, 30, "other predictions")
    assert drawing.evaluate("node => node.ours") is True
    assert (drawing.bounding_box(), drawing.locator(".point").count()) == (place, points)
    expect(page.get_by_role("heading", name="Saved predictions")).to_be_visible()

    # The third epoch becomes the model, and that is taken back.
    tile = page.get_by_test_id("stMetric").filter(has_text="Test MAE").get_by_test_id("stMetricValue")
    trained = tile.inner_text()
    page.get_by_role("button", name="Predict with this epoch").click()
    expect(page.get_by_text("The model is restored to epoch 3")).to_be_visible()
    expect(tile).not_to_have_text(trained)
    page.get_by_role("button", name="Restore original").click()
    expect(page.get_by_text("The model is restored to epoch 3")).to_have_count(0)
    expect(tile).to_have_text(trained)

    # Trained on from there, in a run of its own whose epochs are counted on.
    expect(page.get_by_text(f"Epoch 3 of {last}, best is {best}.")).to_be_visible()
    deck.settled()
    page.get_by_role("button", name="Continue training from this epoch").click()
    until(lambda: deck.live.count() and deck.live.get_attribute("data-run") not in (None, "", run), 30, "a new run")
    forked = deck.live.get_attribute("data-run") or ""
    deck.ended()
    charts = page.locator(".st-key-tight-charts")
    expect(charts).to_contain_text(
        re.compile(rf"Training continued from the weights of epoch 3 of the run .*\({run}\)")
    )
    expect(charts).not_to_contain_text("These curves are of an earlier version")
    assert [deck.state(forked)["rows"][0][0], deck.state(forked)["epochs"]] == [4, 11]
    deck.view("Result")
    with page.expect_download() as download:
        page.get_by_role("button", name="Initial weights").click()
    assert re.fullmatch(r"[\w-]+-initial\.npz", download.value.suggested_filename)

    # Another stack has no room for these weights, and that is said.
    deck.view("Build")
    units = page.get_by_label("units of layer 1")
    units.fill("10")
    units.press("Enter")
    deck.settled()
    deck.view("Result")
    expect(page.get_by_text("The layers on screen have other shapes: layer 1 with weights is Dense 10")).to_be_visible()
    expect(page.get_by_role("button", name="Continue training from this epoch")).to_be_disabled()

    # The run's own experiment has.
    page.get_by_role("button", name="Edit this run's experiment").click()
    expect(units).to_have_value("64")

    # All rows but those of the test train once more, for the epochs of the slider; no validation row is left to stand
    # on the page.
    deck.view("Result")
    chosen = int(re.search(r"A refit trains (\d+) epoch", page.get_by_text("A refit trains").inner_text())[1])
    page.get_by_role("button", name="Refit on training + validation rows").click()
    until(
        lambda: deck.live.count() and deck.live.get_attribute("data-run") not in (None, "", run, forked),
        30,
        "a new run",
    )
    refitted = deck.live.get_attribute("data-run") or ""
    deck.ended()
    said = deck.state(refitted)
    assert (said["epoch"], said["epochs"], said["validated"], said["names"]) == (
        chosen,
        chosen,
        False,
        ["loss", "mae", "rmse"],
    )
    expect(page.locator(".ld-live-chip", has_text="no validation rows").first).to_be_visible()
    expect(page.locator(".ld-live-facts")).not_to_contain_text("best epoch")
    deck.view("Result")
    expect(page.get_by_text(f"Epoch {chosen} of {chosen}, no validation rows.")).to_be_visible()
    expect(page.get_by_role("button", name="Best epoch")).to_have_count(0)
    expect(page.get_by_role("button", name="Refit on training + validation rows")).to_have_count(0)
    expect(page.get_by_text("There are no validation rows to choose an epoch by.")).to_be_visible()
