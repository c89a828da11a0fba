"""Makes the pictures of the documentation from the real page: make pictures"""

import os
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import FLAGS, ROOT, Deck, serve

FOLDER = ROOT / "assets" / "pictures"


def main() -> None:
    """Trains on the first sample and takes a picture of each view, light and dark."""
    FOLDER.mkdir(exist_ok=True)
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with tempfile.TemporaryDirectory() as workspace, serve(Path(workspace)) as server, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        # Of its own each: the other one's run would be on screen.
        for draft, scheme in (
            ("a", "light"),
            ("b", "dark"),
        ):
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
                page.screenshot(path=FOLDER / f"{name.lower()}-{scheme}.png")
            deck.view("Runs")
            page.wait_for_selector('[data-testid="stDataFrame"] canvas')
            page.screenshot(path=FOLDER / f"runs-{scheme}.png")
            deck.open(f"present?run={run}")
            page.wait_for_selector('.ld-play[data-state="playing"]')
            page.get_by_role("slider", name="Epoch").press("End")
            page.wait_for_selector('.ld-net-picture[data-kind="amounts"]')
            page.screenshot(path=FOLDER / f"presenter-{scheme}.png")
        chromium.close()


if __name__ == "__main__":
    main()
