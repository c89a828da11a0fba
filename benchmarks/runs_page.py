"""The Runs page of a workspace with a thousand runs: the list, its first page in a browser, and ten runs compared.

It needs Chromium, as the browser tests do.
"""

import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.many_runs import many_runs
from benchmarks.measure import medians, seconds
from benchmarks.start import EXPERIMENT
from core.experiment.edits import apply
from core.experiment.spec import read
from core.runs.journal import Journal, new_run_id
from core.runs.mlflow_store import Store
from core.runs.run_training import run
from core.runs.shared_test_rows import paired_scores
from core.tables.situation import Tables
from core.tables.sources import TableStore
from tests.browser.conftest import FLAGS, Deck, chromium_path, serve

_RUNS, _COMPARED = 1000, 10


def main() -> None:
    """Prints the three times."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        store = many_runs(home, _RUNS)
        seconds(f"the record's list of {_RUNS:,} runs", medians({"list": store.records})["list"])
        seconds(f"Runs page with {_RUNS:,} runs, first page", _first_page(home), "0.5")
    with tempfile.TemporaryDirectory() as folder:
        seconds(f"compare {_COMPARED} runs on the same test rows, models loaded", _compare(Path(folder)))


def _first_page(home: Path) -> float:
    """Seconds from the link in the header to the table, in a server that has shown another page."""
    with serve(home) as server, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        deck = Deck(chromium.new_page(viewport={"width": 1440, "height": 900}), server).open("data")

        times = []
        for _ in range(5):
            start = time.perf_counter()
            deck.page.get_by_role("link", name="Runs", exact=True).click()
            deck.page.get_by_test_id("stDataFrame").first.wait_for(state="visible")
            times.append(time.perf_counter() - start)
            deck.settled().view("Data")
        chromium.close()
    return statistics.median(times)


def _compare(home: Path) -> float:
    store, tables, runs = Store(home), Tables(TableStore(home)), []
    for at in range(_COMPARED):
        journal = Journal(home, new_run_id())
        journal.begin(apply(read(EXPERIMENT), {"op": "set", "path": "fit.seed", "value": at}).text())
        run(journal, tables, store)
        runs.append(journal.run)
    return medians({"compare": lambda: paired_scores(store, tables, home, runs)}, 3)["compare"]
