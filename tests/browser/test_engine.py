"""What a person does with a training while it goes on, and after it was cut off."""

import json
import re
import shutil

import pytest

from core.runs.journal import Journal, new_run_id
from tests.browser.conftest import Deck, put_draft, serve
from tests.browser.expecting import expect
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# An order that a person gives, too: what is only waited for need not keep the machine busy.
SLOWLY = {"do": "speed", "value": 20}


def training(deck: Deck, draft: str, epochs: int) -> str:
    """A run on the first sample that goes on until it is stopped."""
    draft = (draft * 16)[:16]
    put_draft(deck.workspace, draft, epochs=epochs, callbacks=())
    deck.open(f"?draft={draft}")
    run = deck.train()
    assert deck.state(run)["epochs"] == epochs
    return run


def seen_epoch(deck: Deck) -> float:
    """Which epoch the drawing shows."""
    return float(deck.page.locator(".ld-net").get_attribute("data-epoch") or -1)


def scenes(deck: Deck) -> int:
    """How many scenes were drawn."""
    return int(deck.page.locator(".ld-net").get_attribute("data-scenes") or 0)


def widths(deck: Deck) -> list[str]:
    """How thick the edges are."""
    return deck.page.evaluate(
        "[...document.querySelectorAll('.ld-net path')].map(line => line.getAttribute('stroke-width'))"
    )


def test_a_training_is_left_steered_and_cut_off(deck: Deck) -> None:
    deck.open("data?draft=5555555555555555").view("Build")
    for_many_epochs_without_early_stopping(deck)
    run = deck.train()
    assert deck.state(run)["epochs"] == 9000
    it_moves_while_the_page_answers(deck)
    the_network_moves_with_it(deck)
    Journal(deck.workspace, run).order(SLOWLY)
    left = deck.page.url
    deck.page.goto(f"{deck.server}/api/health")  # Nobody looks: what moves is drawn once.
    a_second_one_waits_its_turn(deck, run)
    it_is_found_where_it_was_left(deck, left, run)
    it_is_paused(deck, run)
    cut_off = left_behind(deck, run)
    rate_and_epochs_are_changed(deck, run)
    it_is_stopped_with_its_last_epoch(deck, run)
    a_run_that_was_cut_off_goes_on_by_one_click(deck, cut_off)


def for_many_epochs_without_early_stopping(deck: Deck) -> None:
    page = deck.page
    page.get_by_role("tab", name="Fit").click()
    deck.settled()
    expect(page.get_by_role("spinbutton", name="Patience")).to_be_visible()
    page.get_by_text("Early stopping", exact=True).click()
    # The click draws all settings anew: what is typed before is lost.
    expect(page.get_by_role("spinbutton", name="Patience")).to_have_count(0)
    deck.settled()
    box = page.get_by_label("Epochs", exact=True)
    box.fill("9000")
    box.press("Enter")
    deck.settled()


def it_moves_while_the_page_answers(deck: Deck) -> None:
    first = until(deck.epoch, 30, "the first epoch")
    until(lambda: deck.epoch() > first + 20, 30, "moving curves")
    chart = deck.page.locator(".ld-live-chart").first
    until(lambda: int(chart.get_attribute("data-points")) > 20, 30, "points in the chart")
    deck.page.get_by_role("tab", name="Optimizer").click()
    deck.settled()


def the_network_moves_with_it(deck: Deck) -> None:
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


def a_second_one_waits_its_turn(deck: Deck, run: str) -> None:
    """In another tab, which shows the run without a word about it in the address."""
    other = Deck(deck.page.context.new_page(), deck.server).open()
    assert other.live.get_attribute("data-run") == run
    second = other.train()
    assert other.state(second)["state"] == "queued"
    assert other.state(second)["ahead"] == 1
    before = other.state(run)["epoch"]
    until(lambda: other.state(run)["epoch"] > before, 30, "the first run going on")
    other.page.locator(".st-key-stop button").click()
    what = "the training run, now that the other has left the queue"
    until(lambda: other.live.get_attribute("data-run") == run, 20, what)
    assert other.state(second)["state"] == "stopped"
    other.page.close()
    assert not other.script_errors


def it_is_found_where_it_was_left(deck: Deck, address: str, run: str) -> None:
    deck.page.goto(address)
    deck.settled()
    assert deck.live.get_attribute("data-run") == run
    seen = until(deck.epoch, 30, "the run after the page was loaded again")
    until(lambda: deck.epoch() > seen + 5, 30, "moving curves")


def it_is_paused(deck: Deck, run: str) -> None:
    deck.page.get_by_role("button", name="Pause").click()
    until(lambda: deck.state(run)["state"] == "paused", 30, "a pause")
    expect(deck.live).to_have_attribute("data-state", "paused")


def left_behind(deck: Deck, run: str) -> str:
    """A run as a machine leaves it that was switched off just now: whoever had it is gone."""
    cut_off = Journal(deck.workspace, new_run_id())
    until(Journal(deck.workspace, run).checkpoint.exists, 30, "a kept epoch")
    shutil.copytree(Journal(deck.workspace, run).folder, cut_off.folder)
    noted = cut_off.submitted() | {"owner": "", "address": "", "engine": "0" * 12}
    (cut_off.folder / "submitted.json").write_text(json.dumps(noted))
    return cut_off.run


def rate_and_epochs_are_changed(deck: Deck, run: str) -> None:
    page, held = deck.page, deck.state(run)["epoch"]
    page.get_by_role("button", name="More", exact=True).click()
    box = page.get_by_label("Learning rate from now on")
    box.fill("0.0005")
    box.press("Enter")
    deck.settled()
    page.get_by_role("button", name="+4,500 epochs").click()
    deck.settled()
    assert deck.state(run)["epoch"] == held
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Resume").click()
    until(lambda: len(deck.state(run)["marks"]) == 2, 30, "both changes")
    assert [set(mark) - {"epoch"} for mark in deck.state(run)["marks"]] == [{"learning_rate"}, {"epochs"}]
    expect(page.locator(".js-plotly-plot .annotation", has_text="rate 0.0005").first).to_be_visible()


def it_is_stopped_with_its_last_epoch(deck: Deck, run: str) -> None:
    deck.page.get_by_role("button", name="More", exact=True).click()
    deck.page.get_by_role("button", name="Stop, keep the last epoch").click()
    deck.ended("stopped")
    assert "its weights were kept" in deck.state(run)["says"]


def a_run_that_was_cut_off_goes_on_by_one_click(deck: Deck, run: str) -> None:
    """Workers and schedulers that are killed: tests/core/test_training_workers.py. The page is another server's, below
    a path, as behind a proxy that serves other things at the root.
    """
    with serve(deck.workspace, "/deck") as address:
        below = Deck(deck.page.context.new_page(), address).open(f"?run={run}")
        page = below.page
        expect(below.live).to_have_attribute("data-state", "interrupted")
        epoch = below.state(run)["epoch"]
        assert epoch > 20
        page.get_by_role("button", name="Resume").click()
        until(lambda: below.state(run)["epoch"] > epoch + 5, 60, "more epochs")
        expect(below.live).to_have_attribute("data-state", "training")  # The curves follow it again.
        assert [row[0] for row in below.state(run)["rows"]][: epoch + 1] == list(range(1, epoch + 2))
        drawn = below.epoch()
        until(lambda: below.epoch() > drawn, 60, "curves that move below the path")
        expect(page.locator(".ld-live .js-plotly-plot").first).to_be_visible()
        expect(page.locator(".ld-net")).to_have_attribute("data-epoch", re.compile(r"^[1-9]"))
        page.get_by_role("button", name="Share").click()
        expect(page.get_by_text(f"{address}/present?run={run}", exact=True)).to_be_visible()
        expect(page.get_by_text(re.compile(rf"^{address}/\?experiment="))).to_be_visible()
        page.keyboard.press("Escape")
        page.get_by_role("button", name="More", exact=True).click()
        page.get_by_role("button", name="Discard the run").click()
        below.ended("stopped")
        expect(page.get_by_text("Discarded: nothing was saved.").first).to_be_visible()
        assert not below.script_errors
        page.close()
