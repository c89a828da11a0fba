"""What a person does with a training while it goes on, and after it was cut off."""

import os
import re
import signal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from core.experiment.lessons import LESSONS
from core.experiment.share_link import packed
from core.experiment.spec import CallbackChoice
from core.runs.engine import Engine
from core.runs.journal import Journal
from tests.browser.conftest import Deck, homes, serve
from tests.records import with_record
from tests.waiting import holder, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def training(deck: Deck, draft: str, epochs: int) -> str:
    """A run on the first sample that goes on until it is stopped."""
    deck.open(f"data?draft={(draft * 16)[:16]}")
    deck.view("Build")
    deck.page.get_by_role("tab", name="Fit").click()
    deck.settled()
    expect(deck.page.get_by_role("spinbutton", name="Patience")).to_be_visible()
    deck.page.get_by_text("Early stopping", exact=True).click()
    expect(deck.page.get_by_role("spinbutton", name="Patience")).to_have_count(0)  # What is typed before is lost.
    deck.settled()
    box = deck.page.get_by_label("Epochs", exact=True)
    box.fill(str(epochs))
    box.press("Enter")
    deck.settled()
    run = deck.train()
    assert deck.state(run)["epochs"] == epochs
    return run


def test_a_training_is_steered(deck: Deck) -> None:
    run, page = training(deck, "5", 9000), deck.page
    until(lambda: deck.epoch() > 20, 60, "some epochs")
    page.get_by_role("button", name="Pause").click()
    until(lambda: deck.state(run)["state"] == "paused", 20, "a pause")
    expect(page.locator(".ld-live")).to_have_attribute("data-state", "paused")
    held = deck.state(run)["epoch"]
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
    until(lambda: len(deck.state(run)["marks"]) == 2, 20, "both changes")
    assert [set(mark) - {"epoch"} for mark in deck.state(run)["marks"]] == [{"learning_rate"}, {"epochs"}]
    expect(page.locator(".js-plotly-plot .annotation", has_text="rate 0.0005").first).to_be_visible()
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("button", name="Stop, keep the last epoch").click()
    deck.ended("stopped")
    assert "its weights were kept" in deck.state(run)["says"]
    assert not deck.script_errors


def test_a_run_that_was_cut_off_goes_on_by_one_click(browser: Browser, tmp_path: Path) -> None:
    """Workers and schedulers that are killed while an app is there: tests/core/test_training_workers.py."""
    engine = Engine(with_record(tmp_path))
    engine.start()
    fit = homes().fit.model_copy(update={"epochs": 9000, "callbacks": ()})
    run = engine.submit(homes().model_copy(update={"fit": fit}))
    until(lambda: engine.snapshot(run)["epoch"] > 60, what="some epochs")
    engine.close()
    os.killpg(os.getpgid(holder(tmp_path / "cluster.lock")), signal.SIGKILL)
    until(lambda: not Journal(tmp_path, run).worked_on(), what="the worker's end")
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    with serve(tmp_path, "/deck") as address:  # As behind a proxy that serves other things at the root.
        deck = Deck(context.new_page(), address).open(f"?run={run}")
        expect(deck.live).to_have_attribute("data-state", "interrupted")
        epoch = deck.state(run)["epoch"]
        assert epoch > 60
        deck.page.get_by_role("button", name="Resume").click()
        until(lambda: deck.state(run)["epoch"] > epoch + 20, 60, "more epochs")
        expect(deck.live).to_have_attribute("data-state", "training")  # The curves follow it again.
        assert [row[0] for row in deck.state(run)["rows"]][: epoch + 1] == list(range(1, epoch + 2))
        drawn = deck.epoch()
        until(lambda: deck.epoch() > drawn, 60, "curves that move below the path")
        expect(deck.page.locator(".ld-live .js-plotly-plot").first).to_be_visible()
        expect(deck.page.locator(".ld-net")).to_have_attribute("data-epoch", re.compile(r"^[1-9]"))
        deck.page.get_by_role("button", name="Share").click()
        expect(deck.page.get_by_text(f"{address}/present?run={run}", exact=True)).to_be_visible()
        expect(deck.page.get_by_text(re.compile(rf"^{address}/\?experiment="))).to_be_visible()
        deck.page.keyboard.press("Escape")
        deck.page.get_by_role("button", name="More", exact=True).click()
        deck.page.get_by_role("button", name="Discard the run").click()
        deck.ended("stopped")
        expect(deck.page.get_by_text("Discarded: nothing was saved.").first).to_be_visible()
        assert not deck.script_errors
    context.close()


def test_tensorboard_is_opened_on_a_run_and_stays_in_reach(deck: Deck) -> None:
    bent = LESSONS["bent"].experiment
    fit = bent.fit.model_copy(update={"epochs": 20, "callbacks": (CallbackChoice.of("TensorBoard"),)})
    page = deck.open(f"?experiment={packed(bent.model_copy(update={'fit': fit}))}").page
    run = deck.train()
    deck.ended()
    deck.open(f"result?run={run}")
    page.get_by_role("button", name="TensorBoard").click()
    link = page.get_by_role("link", name="Open TensorBoard")
    expect(link).to_be_visible(timeout=60_000)
    page.get_by_role("slider").press("ArrowLeft")  # The page is drawn anew.
    deck.settled()
    expect(link).to_be_visible()
    board = page.context.new_page()
    board.goto(link.get_attribute("href") or "")
    expect(board.get_by_text("epoch_loss").first).to_be_visible(timeout=60_000)
