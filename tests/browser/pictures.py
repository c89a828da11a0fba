"""Makes the pictures of the documentation from the real page: make pictures"""

import io
import tempfile
import time
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from core.runs import cluster
from tests.browser.conftest import FLAGS, ROOT, Deck, chromium_path, serve
from tests.waiting import until

FOLDER = ROOT / "assets" / "pictures"
FILM = FOLDER / "training.webp"
MOST_BYTES = 3_000_000  # Of the film: the README shows it first.
_FRAMES = 40
_SIZE = (1080, 675)  # Pixels of a frame.
_SHOWN, _LAST = 120, 2500  # Milliseconds for which a frame is shown, and the last one.
_SECONDS = 60.0  # That a training is filmed at most.


def main() -> None:
    """Makes them all."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as workspace:
        with serve(Path(workspace)) as server, sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
            film(chromium, server)
            photograph(chromium, server)
            chromium.close()
        until(lambda: not cluster.alive(Path(workspace)), 60, "the end of the cluster, which writes to the workspace")


def film(chromium: Browser, server: str) -> None:
    """Keeps a training on the Build page as a moving picture, from Train to the scores."""
    page = chromium.new_page(viewport={"width": 1440, "height": 900}, color_scheme="light")
    deck = Deck(page, server, first=True).open(f"?draft={'c' * 16}")
    frames = [page.screenshot()]
    deck.choose("Speed", "5 a second")  # At full speed the training is over within a few screenshots.
    deck.train()
    end = time.monotonic() + _SECONDS
    while deck.live.get_attribute("data-state") not in ("finished", "stopped") and time.monotonic() < end:
        frames.append(page.screenshot())
    deck.ended()
    page.wait_for_selector(".st-key-tight-next")
    if len(frames) > _FRAMES:
        frames = [frames[at * (len(frames) - 1) // (_FRAMES - 1)] for at in range(_FRAMES)]
    pictures = [Image.open(io.BytesIO(frame)).convert("RGB").resize(_SIZE) for frame in [*frames, page.screenshot()]]
    shown = [_SHOWN] * len(frames) + [_LAST]
    for quality in (80, 65, 50, 35):
        pictures[0].save(FILM, save_all=True, append_images=pictures[1:], duration=shown, loop=0, quality=quality)
        if FILM.stat().st_size <= MOST_BYTES:
            break
    page.close()


def photograph(chromium: Browser, server: str) -> None:
    """Trains on the first sample and takes a picture of each view, light and dark."""
    # A draft of its own each: the other one's run would be on screen.
    for draft, scheme in (("a", "light"), ("b", "dark")):
        page = chromium.new_page(viewport={"width": 1440, "height": 900}, color_scheme=scheme)
        deck = Deck(page, server, first=True).open(f"data?draft={draft * 16}")
        page.wait_for_selector('[data-testid="stDataFrame"] canvas')
        page.screenshot(path=FOLDER / f"data-{scheme}.png")
        deck.view("Build")
        run = deck.train()
        deck.ended()
        page.wait_for_selector(".st-key-tight-next")
        page.wait_for_selector('.ld-net-picture[data-kind="amounts"]')
        page.screenshot(path=FOLDER / f"build-{scheme}.png")
        for name in ("Result", "Predict"):
            deck.view(name)
            page.wait_for_selector('[data-testid="stMetric"]')
            if name == "Result":
                page.wait_for_selector(".js-plotly-plot .point")
                page.get_by_text("The 90% intervals of price contain").wait_for(timeout=60_000)
            page.screenshot(path=FOLDER / f"{name.lower()}-{scheme}.png")
        deck.view("Runs")
        page.wait_for_selector('[data-testid="stDataFrame"] canvas')
        page.screenshot(path=FOLDER / f"runs-{scheme}.png")
        deck.open(f"present?run={run}")
        page.wait_for_selector('.ld-play[data-state="playing"]')
        page.get_by_role("slider", name="Epoch").press("End")
        page.wait_for_selector('.ld-net-picture[data-kind="amounts"]')
        page.screenshot(path=FOLDER / f"presenter-{scheme}.png")


if __name__ == "__main__":
    main()
