"""How soon the Result page follows its sliders over epochs and thresholds: a run of two classes and one of amounts, 20
features, 10,000 test rows each.

Measured in Chromium, which optimizes scripts as a visitor's does: from the key that moves a slider to the drawn change.
Beside it stands how soon a slider is followed that changes a sentence alone, the confidence level of the Predict page:
what Streamlit takes on that machine at that moment.
"""

import os
import shutil
import statistics
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from playwright.sync_api import Page, sync_playwright

from benchmarks.measure import seconds
from core.experiment.spec import Experiment, read
from core.runs.journal import Journal, new_run_id
from core.runs.mlflow_store import Store
from core.runs.ownership import EngineLock
from core.runs.run_training import run
from core.tables.situation import Tables
from core.tables.sources import TableStore
from tests.browser.conftest import FLAGS, Deck, serve

_ROWS, _FEATURES, _SHARES = 20_000, 20, {"train": 0.4, "validation": 0.1, "test": 0.5}
_WANTED = "0.3"
_STEPS = 7
_FLAGS = [flag for flag in FLAGS if not flag.startswith("--js-flags")]
# From the next key on: when what is drawn has changed, in ms. What is drawn is a text of the page, or how often its
# figures were drawn.
_WATCH = """([selector, attribute]) => {
  const said = one => attribute ? one.getAttribute(attribute) : one.textContent;
  const seen = () => [...document.querySelectorAll(selector)].map(said).join();
  window.moved = new Promise((done, fail) => {
    setTimeout(() => fail(new Error('Nothing changed within a minute.')), 60000);
    addEventListener('keydown', () => {
      const began = performance.now(), before = seen();
      const drawn = () => done(performance.now() - began);
      const look = () => requestAnimationFrame(seen() === before ? look : drawn);
      look();
    }, { once: true, capture: true });
  });
}"""


def main() -> None:
    """Prints the medians."""
    draw = np.random.default_rng(0)
    values = draw.normal(size=(_ROWS, _FEATURES))
    frame = pd.DataFrame(values, columns=[f"x{at}" for at in range(_FEATURES)])
    signal = values[:, :5] @ np.arange(1.0, 6.0)
    frame["amount"] = signal + draw.normal(size=_ROWS)
    frame["answer"] = np.where(signal + 6 * draw.normal(size=_ROWS) > 9, "yes", "no")
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        runs = {target: _trained(home, frame, target) for target in ("amount", "answer")}
        with serve(home) as server, sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=path, args=_FLAGS)
            deck = Deck(chromium.new_page(viewport={"width": 1440, "height": 900}), server)
            for target, tabs in (
                ("amount", ("Overview", "Errors", "Intervals")),
                ("answer", ("Overview", "Classes", "Curves", "Threshold")),
            ):
                _measured(deck, runs[target], target, tabs)
            chromium.close()


def _measured(deck: Deck, run_id: str, target: str, tabs: tuple[str, ...]) -> None:
    page = deck.open(f"result?run={run_id}").page
    for told in ("(95% interval)", "The network predicts"):  # They are computed beside the page.
        page.get_by_text(told).first.wait_for(timeout=120_000)
    if target == "answer":
        page.get_by_role("tab", name="Threshold", exact=True).click()
        deck.settled()
        times = _times(deck, "Threshold", "PageUp", ".ld-figure", "data-drawn")
        seconds("from the slider over thresholds to its figures", times, _WANTED)
    for tab in tabs:
        page.get_by_role("tab", name=tab, exact=True).click()
        deck.settled()
        times = _times(deck, "Epoch", "ArrowRight", ".ld-figure", "data-drawn")
        seconds(f"{target}: from the slider over epochs to the tab {tab}", times, _WANTED)
    if target == "amount":  # A set of classes may stay as it is.
        deck.open(f"predict?run={run_id}")
        times = _times(deck, "Confidence level", "ArrowRight", '[data-testid="stMarkdown"] strong', "")
        seconds("from the slider over confidence levels to its sentence", times)


def _times(deck: Deck, slider: str, key: str, selector: str, attribute: str) -> float:
    """The median of some moves, after one to the slider's begin, for which networks are built and compiled."""
    _moves(deck, slider, "Home", selector, attribute)
    return statistics.median(_moves(deck, slider, key, selector, attribute) for _ in range(_STEPS))


def _moves(deck: Deck, slider: str, key: str, selector: str, attribute: str) -> float:
    """Seconds from a key on a slider to the change of what a selector finds."""
    page: Page = deck.page
    page.get_by_role("slider", name=slider).first.focus()
    page.evaluate(_WATCH, [selector, attribute])
    page.keyboard.press(key)
    took = page.evaluate("window.moved") / 1000
    deck.settled()
    return took


def _trained(home: Path, frame: pd.DataFrame, target: str) -> str:
    """A finished run of the table, trained in this process."""
    store, tables, journal, life = Store(home), Tables(TableStore(home)), Journal(home, new_run_id()), EngineLock(home)
    file = home / f"{target}.parquet"
    frame.drop(columns={"amount", "answer"} - {target}).to_parquet(file)
    ref = tables.store.keep(file.name, file.read_bytes()).ref
    journal.begin(_experiment(ref, target).text(), engine=life.hold())
    try:
        result = run(journal, tables, store, lambda _: None)
    finally:
        life.release()
    assert result["state"] == "finished", result["says"]
    return journal.run


def _experiment(ref: str, target: str) -> Experiment:
    hidden = {"layer": "Dense", "units": 64, "activation": "relu"}
    amounts = target == "amount"
    last = {"layer": "Dense", "units": 1} | ({} if amounts else {"activation": "sigmoid"})
    loss, metric = ("MeanSquaredError", "MeanAbsoluteError") if amounts else ("BinaryCrossentropy", "AUC")
    return read(
        {
            "version": 1,
            "name": target,
            "data": {
                "table": ref,
                "targets": [target],
                "features": {f"x{at}": "number" for at in range(_FEATURES)},
                "split": _SHARES,
            },
            "layers": [hidden, hidden, last],
            "compile": {"loss": loss, "metrics": [metric]},
            "fit": {"epochs": 30},
        }
    )
