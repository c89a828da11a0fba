"""The page while a network trains at full speed: how often and how late it moves, what that costs the training, memory,
ten browsers.

It needs Chromium, as the browser tests do. Ten minutes of it are spent on memory.
"""

import json
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.measure import line
from core.experiment.spec import read
from core.runs.journal import Journal
from tests.browser.conftest import FLAGS, Deck, answer, chromium_path, serve
from tests.waiting import until

_SECONDS = 8.0  # Of a measurement.
_MINUTES = 10.0  # Of the memory's.
# What it costs the training is compared window by window with its neighbour: one differs from the next by a tenth.
_REPEATED, _WINDOW = 9, 4.0
_EPOCHS = 100_000
_WATCH = """() => {
  window.seen = { charts: [], scenes: [] };
  const note = (list, at, watched, name) => {
    const noted = all => {
      for (const { target } of all) list.push([Date.now() / 1000, Number(target.dataset[name])]);
    };
    new MutationObserver(noted).observe(document.querySelector(at), { attributes: true, attributeFilter: [watched] });
  };
  note(seen.charts, '.ld-live-chart', 'data-points', 'points');
  note(seen.scenes, '.ld-net', 'data-scenes', 'epoch');
}"""


def main() -> None:
    """Homes in Sacramento, 64-32-1, as a newcomer has it, for a hundred thousand epochs."""
    with tempfile.TemporaryDirectory() as folder, serve(Path(folder)) as server, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        deck = Deck(chromium.new_page(viewport={"width": 1440, "height": 900}), server).open(f"?draft={'a' * 16}")
        _edits(deck)
        with _endless(deck, Path(folder)) as run:
            _live(deck.page, Journal(Path(folder), run))
            _cost(deck, run)
            _ten(chromium, server, run)
            _memory(deck.page, Path(folder))
        chromium.close()


@contextmanager
def _endless(deck: Deck, workspace: Path) -> Iterator[str]:
    """A run that goes on until it is stopped."""
    draft = workspace / "drafts" / f"{'a' * 16}.json"
    kept = json.loads(draft.read_text())
    kept["experiment"]["fit"] |= {"epochs": _EPOCHS, "callbacks": []}
    draft.write_text(json.dumps({**kept, "experiment": read(kept["experiment"]).value()}))
    deck.page.reload()
    deck.settled()
    run = deck.train()
    until(lambda: deck.epoch() > 200, 60, "a training at full speed")
    yield run
    Journal(workspace, run).order({"do": "discard"})


def _edits(deck: Deck) -> None:
    """From a changed number of units to the new count of parameters on screen, Python asked in between."""
    page, took = deck.page, []
    box = page.get_by_label("units of layer 1")
    for units in (60, 61, 62, 63, 64, 65, 64):
        box.fill(str(units))
        began = time.perf_counter()
        box.press("Tab")
        # 107 inputs; 32 units behind it; one output.
        total = f"{107 * units + units + units * 32 + 32 + 33:,} parameters"
        page.wait_for_function(
            "text => document.querySelector('.ld-stack-total').textContent.includes(text)", arg=total
        )
        took.append(time.perf_counter() - began)
        deck.edited()
    line("a layer changed to the page redrawn", f"{1000 * statistics.median(took):.0f} ms")


def _live(page: Page, journal: Journal) -> None:
    page.evaluate(_WATCH)
    page.wait_for_timeout(1000 * _SECONDS)
    seen = page.evaluate("seen")
    ended = {epoch: event["at"] for event in journal.events().fresh() for epoch, _ in event.get("epochs", ())}
    for name, what in (("charts", "curves"), ("scenes", "network")):
        late = [at - ended[int(epoch)] for at, epoch in seen[name] if int(epoch) in ended]
        line(f"{what}: updates a second", f"{len(seen[name]) / _SECONDS:.1f}", "10" if name == "charts" else "")
        line(f"{what}: from an epoch's end to the screen", f"{1000 * statistics.median(late):.0f} ms")


def _cost(deck: Deck, run: str) -> None:
    """Epochs a second while someone looks and while no one does, in turns."""
    url = f"{deck.server}/api/runs/{run}/epochs?since={_EPOCHS}"
    page = deck.page.url

    def pace() -> float:
        first, began = answer(url), time.perf_counter()
        time.sleep(_WINDOW)
        last, ended = answer(url), time.perf_counter()
        assert first
        assert last
        return (last["epoch"] - first["epoch"]) / (ended - began)

    found: dict[str, list[float]] = {"no one": [], "fed": [], "drawn": []}
    for _ in range(_REPEATED):
        deck.page.goto("about:blank")
        time.sleep(6)  # Until it is known that no one looks.
        found["no one"].append(pace())
        with _fed(deck.server, run):
            found["fed"].append(pace())
        deck.page.goto(page)
        deck.settled()
        found["drawn"].append(pace())
    for name, what in (
        ("fed", "asked for as a page does, drawn elsewhere"),
        ("drawn", "drawn by a browser on the same two cores"),
    ):
        slower = statistics.median(1 - seen / alone for seen, alone in zip(found[name], found["no one"], strict=True))
        line(f"training slower while it is {what}", f"{100 * slower:.1f} %", "5" if name == "fed" else "")


@contextmanager
def _fed(server: str, run: str) -> Iterator[None]:
    """Asks for epochs and scenes as a page does, ten times a second."""
    over = threading.Event()

    def ask() -> None:
        since = number = still = 0
        while not over.wait(0.1):
            told = answer(f"{server}/api/runs/{run}/epochs?since={since}")
            since = told["rows"][-1][0] if told and told["rows"] else since
            shown = _scene(f"{server}/api/runs/{run}/scene?since={number}&still={still}")
            number, still = (shown["number"], shown["of"]) if shown else (number, still)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        time.sleep(2)
        yield
    finally:
        over.set()
        thread.join()


def _scene(url: str) -> dict | None:
    try:
        return answer(url)
    except ValueError:  # Nothing new.
        return None


def _ten(chromium: Browser, server: str, run: str) -> None:
    """Ten pages on one run: the server's share of a core, and how often one of them moves."""
    pages = [chromium.new_context().new_page() for _ in range(10)]
    for page in pages:
        page.goto(f"{server}/present?run={run}")
    for page in pages:
        page.wait_for_selector(".ld-live-chart[data-points]:not([data-points='0'])", timeout=120_000)
    pages[0].evaluate(_WATCH)
    process = _server_process()
    before = process()
    pages[0].wait_for_timeout(1000 * _SECONDS)
    line("ten pages on one run: the server's share of a core", f"{100 * (process() - before) / _SECONDS:.0f} %")
    line("ten pages on one run: updates a second of one", f"{len(pages[0].evaluate('seen.charts')) / _SECONDS:.1f}")
    for page in pages:
        page.context.close()


def _server_process() -> Callable[[], float]:
    """Seconds of processor time that the server has used."""
    pid = _server_pid()

    def used() -> float:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    return used


def _server_pid() -> int:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        words = path.read_bytes().split(b"\0")
        if b"dashboard/server.py" in words and b"streamlit" in words:
            return int(path.parent.name)
    raise LookupError("the server is not there")


def _memory(page: Page, workspace: Path) -> None:
    """Of the page's scripts and of the server, at the beginning and at the end of some minutes of training."""
    assert workspace.exists()
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")

    def used() -> tuple[float, float]:
        devtools.send("HeapProfiler.collectGarbage")
        heap = {one["name"]: one["value"] for one in devtools.send("Performance.getMetrics")["metrics"]}[
            "JSHeapUsedSize"
        ]
        rows = Path(f"/proc/{_server_pid()}/status").read_text().splitlines()
        return heap / 1e6, next(int(row.split()[1]) for row in rows if row.startswith("VmRSS")) / 1e3

    page.wait_for_timeout(30_000)
    (page_before, server_before), minutes = used(), _MINUTES
    page.wait_for_timeout(60_000 * minutes)
    page_after, server_after = used()
    line(f"memory of the page's scripts over {minutes:g} minutes", f"{page_before:.0f} to {page_after:.0f} MB")
    line(f"memory of the server over {minutes:g} minutes", f"{server_before:.0f} to {server_after:.0f} MB")
