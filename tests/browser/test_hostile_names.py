"""What comes from a table is text in every view: names and classes that are Markdown, HTML, links or icons
elsewhere.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.experiment.spec import read
from core.tables.sources import TableStore
from dashboard.text import short_names
from tests.browser.conftest import Deck
from tests.browser.expecting import expect
from tests.browser.kept_runs import Keep, KeptRun

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CLASSES = ("*premium*", "<b>bold</b>", ":red[late]", "[see](http://evil.example/c)", "$x$ :material/home: ->")
NUMBER, WORD, TARGET = (
    "<img src=x onerror=alert(1)> _a_",
    "www.evil.example :smile:",
    '<a href="http://evil.example/t">t</a>',
)
TABLE, NAME = "<b>t *x* www.evil.example :smile:.csv", "# [run](http://evil.example/r) <b>r</b>"
# What a browser must not have made of any of it, the page's own icons and headings aside.
MADE = """() => [...document.querySelectorAll('a, b, i, em, strong, img, code, .katex')].filter(e => {
  const to = ['href', 'src', 'xlink:href'].map(name => e.getAttribute(name) ?? '').join(' ');
  return /evil/.test(to) && !to.trim().startsWith('#') || to.trim() === 'x'
    || /^(bold|r|t|w|premium|late|see|run|a|x)$/.test(e.textContent.trim());
}).map(e => e.outerHTML.slice(0, 200))"""


@pytest.fixture
def hostile_run(workspace: Path, keep: Keep) -> KeptRun:
    """A run of three epochs over 150 rows whose names and classes are hostile."""
    at = np.arange(150)
    frame = pd.DataFrame(
        {
            NUMBER: at % 5 + at % 3 / 10,
            WORD: np.where(at % 2, "<b>w</b>", "~~w~~ &lt;"),
            TARGET: np.array(CLASSES, dtype=object)[at % 5],
        }
    )
    ref = TableStore(workspace).keep(TABLE, frame.to_csv(index=False).encode()).ref
    output = {"layer": "Dense", "units": len(CLASSES), "activation": "softmax"}
    experiment = {
        "version": 1,
        "name": NAME,
        "data": {"table": ref, "targets": [TARGET], "features": {NUMBER: "number", WORD: "category"}},
        "layers": [{"layer": "Dense", "units": 8, "activation": "relu"}, output],
        "compile": {"loss": "SparseCategoricalCrossentropy", "metrics": ["SparseCategoricalAccuracy"]},
        "fit": {"epochs": 3},
    }
    return keep(read(experiment))


def test_what_comes_from_a_table_is_text_in_every_view(deck: Deck, hostile_run: KeptRun) -> None:
    page = deck.page
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))

    def plain(*wanted: str) -> None:
        """Nothing on screen was made of a name, and these stand there to the letter."""
        deck.settled()
        for text in wanted:
            shown = "() => document.body.textContent.replaceAll('\\u2060', '')"
            page.wait_for_function(f"text => ({shown})().includes(text)", arg=text, timeout=30_000)
        assert page.evaluate(MADE) == []

    deck.open(f"data?run={hostile_run.run}")
    plain(NAME, TABLE)
    deck.view("Build")
    expect(deck.live).to_have_attribute("data-state", "finished")
    plain(TARGET)
    for tab in ("Program", "Race", "Search", "Loss landscape"):
        page.get_by_role("tab", name=tab).click()
        plain()
    deck.view("Result")
    plain(NAME)
    expect(page.locator(".ld-figure .ytick text")).to_have_count(len(CLASSES))
    ticks = {" ".join(text.split()) for text in page.locator(".ld-figure .ytick text").all_text_contents()}
    assert ticks == set(short_names(CLASSES))  # As they are, and none is bold or a link.
    deck.view("Predict")
    plain(TARGET, NUMBER, WORD)
    answer = page.locator(".st-key-answer [data-testid='stMetricValue']").inner_text().replace("\u2060", "")
    assert answer in CLASSES
    page.get_by_role("button", name="Save prediction").click()
    plain(TARGET)
    page.get_by_role("tab", name="Batch prediction").click()
    plain(f"{NUMBER}, {WORD}")
    deck.view("Runs")
    plain()
    deck.open(f"present?run={hostile_run.run}")
    plain(NAME)
    assert dialogs == []
