"""For the room: the tour of the first visit, and the presenter's page, which plays what was trained."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Deck, put_draft
from tests.browser.expecting import expect
from tests.browser.kept_runs import KeptRun
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


# Where the stack of layers begins, in each frame since there is one.
_PLACES = """window.places = new Set();
const look = () => {
  const stack = document.querySelector('.ld-stack');
  if (stack) places.add(Math.round(stack.getBoundingClientRect().y));
  requestAnimationFrame(look);
};
look();"""


# The ring around what is told of ends above the card.
_ABOVE = """(() => {
  const [ring, card] = ['.ld-tour-ring', '.ld-tour'].map(one => document.querySelector(one).getBoundingClientRect());
  return ring.top > 0 && ring.bottom <= card.top;
})()"""


# Pixels from the ring to the card.
_BESIDE = """(() => {
  const [ring, card] = ['.ld-tour-ring', '.ld-tour'].map(one => document.querySelector(one).getBoundingClientRect());
  return Math.max(card.top - ring.bottom, card.left - ring.right, ring.left - card.right, ring.top - card.bottom);
})()"""


def touring(deck: Deck) -> Deck:
    """A visitor who has not seen the tour."""
    return Deck(deck.page.context.new_page(), deck.server, touring=True)


def test_the_tour_is_taken_or_left_and_never_shown_again(deck: Deck) -> None:
    deck = touring(deck)
    page, card = deck.page, deck.page.locator(".ld-tour")
    page.set_viewport_size({"width": 390, "height": 844})
    page.add_init_script(_PLACES)
    deck.open()
    expect(card).to_be_visible()
    assert len(page.evaluate("[...places]")) == 1  # The stack stays where it was first drawn.
    assert page.get_by_role("combobox", name="Starting points").bounding_box()["width"] > 90  # Its words have room.
    ring = page.locator(".ld-tour-ring").bounding_box()
    assert 0 < ring["x"] < 390 > ring["x"] + ring["width"]  # The button of the menu: its links are out of sight.
    for _ in range(3):
        page.get_by_role("button", name="Next", exact=True).click()
    until(lambda: page.evaluate(_ABOVE), 30, "the network above the card that tells of it")
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    it_is_not_shown_again(deck)
    page.evaluate("localStorage.clear()")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.reload()
    it_is_taken_to_its_end(page)
    it_is_not_shown_again(deck)
    assert deck.script_errors == []


def it_is_not_shown_again(deck: Deck) -> None:
    deck.page.reload()
    deck.settled()
    expect(deck.page.locator(".ld-net")).to_be_visible()
    expect(deck.page.locator(".ld-tour")).to_have_count(0)


def it_is_taken_to_its_end(page: Page) -> None:
    card, seen = page.locator(".ld-tour"), []
    expect(card).to_contain_text("Welcome to Layerdeck")
    for step in range(1, 7):
        expect(card).to_have_attribute("data-step", str(step))
        seen.append(
            page.evaluate(
                "(() => { const r = document.querySelector('.ld-tour-ring').getBoundingClientRect(); return r.width "
                "* r.height })()"
            )
        )
        until(lambda: page.evaluate(_BESIDE) < 40, 10, "the card beside what it tells of")
        page.get_by_role("button", name="Done" if step == 6 else "Next", exact=True).click()
    assert min(seen) > 400, "each step points at something that is on the page"
    expect(card).to_have_count(0)


def test_the_presenters_page_plays_the_kept_epochs_for_all_alike(
    browser: Browser, deck: Deck, workspace: Path, homes_run: KeptRun
) -> None:
    run = homes_run.run
    page = deck.open(f"?run={run}").page
    page.get_by_role("button", name="Pin a row").click()
    page.get_by_role("button", name="Pin it").click()
    expect(page.locator(".ld-net-pin")).to_have_count(1)
    deck.settled()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Share").click()
    deck.settled()
    link = page.locator('[data-testid="stCode"]', has_text="/present?run=").inner_text().strip()
    assert link.endswith(f"/present?run={run}")
    before = {folder.name for folder in (workspace / "runs").iterdir()}
    context = browser.new_context(viewport={"width": 390, "height": 844})
    viewers = [deck, Deck(context.new_page(), deck.server)]
    plays = [viewer.page.locator(".ld-play") for viewer in viewers]
    for viewer, player in zip(viewers, plays, strict=True):
        viewer.page.goto(link)
        viewer.settled()
        expect(player).to_have_attribute("data-state", "playing", timeout=60_000)
    expect(page.get_by_role("link", name="Data")).to_have_count(0)
    kept = workspace / "runs" / run / "show" / "playback.json"
    drawn, scenes = kept.stat(), json.loads(kept.read_text())["scenes"]
    epochs = [scene["epoch"] for scene in scenes]
    assert epochs == sorted(set(epochs))
    assert (epochs[0], epochs[-1]) == (1, deck.state(run)["epoch"])
    assert deck.state(run)["best"] in epochs

    # The clock alone says which epoch it is: both show the same one, up to the last for a while, and then a next round.
    pace, rest = 300, 4000  # Milliseconds of an epoch, and besides of the last one.
    last, whole = len(epochs) - 1, pace * len(epochs) + rest
    for moment, at in ((0, 0), (pace, 1), (pace * last, last), (whole - 1, last), (whole + pace, 1)):
        for viewer in viewers:
            viewer.page.evaluate("now => { Date.now = () => now; }", 1000 * whole + moment)
        for player in plays:
            expect(player).to_have_attribute("data-epoch", str(epochs[at]))
    deck.page.evaluate("() => { Date.now = () => performance.timeOrigin + performance.now(); }")
    # Paused, by each for themselves; network, curves and words are those of the epoch.
    deck.page.get_by_role("button", name="Pause").click()
    deck.page.get_by_role("slider", name="Epoch").fill("2")
    expect(plays[0]).to_have_attribute("data-epoch", str(epochs[2]))
    expect(plays[0]).to_contain_text(f"Trained for {epochs[2]} epochs. The validation MAE is $")
    expect(deck.page.locator(".ld-net")).to_have_attribute("data-epoch", str(epochs[2]))
    expect(deck.page.locator(".ld-live-chart").first).to_have_attribute("data-points", str(epochs[2]))
    expect(deck.page.locator(".ld-net-pin-value")).to_contain_text("$")
    expect(plays[1]).to_have_attribute("data-state", "playing")
    deck.page.get_by_role("button", name="Play").click()
    expect(plays[0]).to_have_attribute("data-state", "playing")
    # Nothing was trained, and nothing drawn twice.
    assert {folder.name for folder in (workspace / "runs").iterdir()} == before
    assert (kept.stat().st_ino, kept.stat().st_mtime_ns) == (drawn.st_ino, drawn.st_mtime_ns)
    assert viewers[1].script_errors == []
    # A person's press trains once more, slowly enough to be watched, with the row still pinned, to the same numbers.
    deck.page.locator(".st-key-present-train button").click()
    until(lambda: deck.live.get_attribute("data-run") != run, 30, "the next training")
    again = deck.live.get_attribute("data-run")
    expect(deck.page.get_by_text("Best so far: epoch")).to_be_visible(timeout=20_000)
    expect(deck.page.locator(".ld-net-pin")).to_have_count(1)
    until(lambda: deck.state(again)["epoch"] > 3, 30, "some epochs")
    assert deck.state(again)["rows"][:3] == deck.state(run)["rows"][:3]
    expect(plays[1]).to_have_attribute("data-run", run)
    context.close()


def test_a_phone_shows_how_far_a_training_is_while_its_curves_are_out_of_sight(deck: Deck) -> None:
    draft, page = "7b" * 8, deck.page
    put_draft(deck.workspace, draft, epochs=2)
    page.set_viewport_size({"width": 390, "height": 844})
    deck.open(f"?draft={draft}").train()
    pill = page.get_by_role("button", name=re.compile("Preparing|Queued|Training|Scoring|Finished"))
    expect(pill).to_be_visible()
    deck.ended()
    expect(pill).to_have_text("Finished \u00b7 2 of 2 epochs")
    pill.click()
    expect(page.locator(".ld-live-line")).to_be_in_viewport()
    expect(pill).to_have_count(0)  # Nobody needs it any more, wherever the page is then.
    page.locator(".st-key-train").scroll_into_view_if_needed()
    expect(page.locator(".ld-live-line")).not_to_be_in_viewport()
    expect(pill).to_have_count(0)
