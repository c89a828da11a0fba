"""The real server, a real worker and a real Chromium, one of each for all browser tests."""

import functools
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from core.experiment.spec import Experiment
from core.experiment.task import Task
from core.experiment.templates import starting_experiment
from core.runs.journal import RUN_ID, Journal
from core.tables.profile import profile, suggest
from core.tables.samples import SAMPLES, load_sample
from core.tables.situation import Tables
from core.tables.sources import TableStore
from tests.browser.component_calls import Call, calling
from tests.browser.expecting import expect
from tests.browser.kept_runs import Keep, KeptRun, first_experiment, keeper
from tests.records import with_record
from tests.waiting import until

ROOT = Path(__file__).parents[2]
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A page is left within seconds: to optimize its scripts takes longer than they then run.
    "--js-flags=--no-opt --no-maglev",
]
# The server is on this machine, whatever proxy is set.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


# The page stands still for a while: a press may not have reached the server yet when the script that was drawn before
# has ended.
_CALM = """since => {
  const app = document.querySelector('[data-testid="stApp"]'), now = performance.now();
  const calm = app?.dataset.testScriptState === 'notRunning' && !document.querySelector('[data-stale="true"]');
  if (window.deckCalm?.since !== since || !calm) window.deckCalm = { since, from: now };
  return calm && now - window.deckCalm.from > 150;
}"""

# The screen's width, and whether neither the document nor the page in it is scrolled sideways.
_WIDTHS = """() => {
  const within = node => node.scrollWidth <= node.clientWidth, main = document.querySelector('[data-testid="stMain"]');
  return [innerWidth, document.documentElement.scrollWidth <= innerWidth, within(main)];
}"""


def answer(url: str) -> dict | None:
    """What a route says, or None while it does not answer."""
    try:
        with _DIRECT.open(url, timeout=5) as response:
            return json.load(response)
    except (urllib.error.URLError, OSError):
        return None


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The server's own workspace."""
    return with_record(tmp_path_factory.mktemp("workspace"))


@contextmanager
def serve(workspace: Path, base: str = "") -> Iterator[str]:
    """Runs the dashboard on a free port, at its root or below a path as behind a proxy; its address, once its worker is
    warm.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        "dashboard/server.py",
        "--server.port",
        str(port),
        "--server.baseUrlPath",
        base,
    ]
    name = f"server{base.replace('/', '-')}"  # Two may serve one workspace.
    log = (workspace / f"{name}.log").open("w")
    environment = {**os.environ, "LAYERDECK_HOME": str(workspace), "PYTHONFAULTHANDLER": "1", "LAYERDECK_LINGER": "1"}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    (workspace / f"{name}.pid").write_text(str(process.pid))
    address = f"http://127.0.0.1:{port}{base}"
    _WORKSPACES[address] = workspace
    try:
        try:
            until(lambda: (answer(f"{address}/api/health") or {}).get("warm"), 120, "a warm worker")
        except AssertionError as error:
            process.send_signal(signal.SIGABRT)  # Python's fault handler writes where each thread stands.
            process.wait(30)
            last = (workspace / f"{name}.log").read_text(errors="replace")[-6000:]
            raise AssertionError(f"{error}; the server's log ends with:\n{last}") from None
        yield address
    finally:
        process.terminate()
        process.wait(30)
        log.close()


@pytest.fixture(scope="session")
def server(workspace: Path) -> Iterator[str]:
    """The dashboard's address."""
    with serve(workspace) as address:
        yield address


def chromium_path() -> str:
    """The one that CHROMIUM names, or Debian's: the build without windows works less for the same pages."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium-headless-shell") or shutil.which("chromium")
    assert path, "The browser tests need Chromium: make test installs it, CHROMIUM names another one."
    return path


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The Chromium of all visits to the server."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        yield chromium
        chromium.close()


_WORKSPACES: dict[str, Path] = {}  # Address of a server -> its workspace.


@functools.cache
def homes() -> Experiment:
    """Homes with hidden layers of 64 and 32 units for 30 epochs, whatever the page's own first experiment is."""
    sample = SAMPLES["sacramento_homes"]
    features = suggest(profile(load_sample(sample.name)), sample.target)
    task = Task("regression", sample.target)
    experiment = starting_experiment(f"sample:{sample.name}", sample.title, sample.target, features, task)
    return experiment.model_copy(update={"fit": experiment.fit.model_copy(update={"epochs": 30})})


def put_draft(workspace: Path, draft: str, run: str | None = None, **fit: object) -> None:
    """Writes a new draft of `homes`, with settings of Fit that are others, and with a run that it shows."""
    path = workspace / "drafts" / f"{draft}.json"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        experiment = homes().model_copy(update={"fit": homes().fit.model_copy(update=fit)})
        path.write_text(json.dumps({"experiment": experiment.value(), "run": run, "pins": {}}))


class Deck:
    """The page as a person uses it; with `first` a new draft begins with the page's own first experiment."""

    def __init__(self, page: Page, server: str, touring: bool = False, first: bool = False) -> None:
        self.page, self.server, self.first = page, server, first
        self.workspace = _WORKSPACES[server]
        if not touring:
            page.add_init_script("localStorage.setItem('layerdeck.tour', '1')")
        self.live = page.locator(".ld-live")
        page.on("pageerror", self._never)
        self.script_errors: list[str] = []

    def _never(self, error: Exception) -> None:
        self.script_errors.append(str(error))

    def open(self, path: str = "") -> "Deck":
        """Goes to an address of the server. A draft in it is no other test's: the server is shared, and that one's run
        would be seen.
        """
        draft = re.search("draft=([0-9a-f]{16})", path)
        if draft and not self.first:
            put_draft(self.workspace, draft[1])
        self.page.goto(f"{self.server}/{path}")
        return self.settled()

    def settled(self) -> "Deck":
        """Waits until the page has nothing left to do, and sees that it shows no traceback."""
        self.page.wait_for_function(_CALM, arg=time.monotonic(), timeout=30_000, polling=25)
        expect(self.page.locator('[data-testid="stException"], [class*="st-key-broken"]')).to_have_count(0)
        return self

    def view(self, name: str) -> "Deck":
        """Goes to another view by its link in the header."""
        self.page.get_by_role("link", name=name, exact=True).click()
        self.page.wait_for_url(lambda url: name.lower() in url or name == "Build")
        return self.settled()

    def choose(self, label: str, option: str) -> "Deck":
        """Takes an option of the select box of that label."""
        self.page.get_by_role("combobox", name=label, exact=True).click()
        self.page.get_by_role("option", name=option, exact=True).click()
        return self.settled()

    def add_layer(self, name: str) -> "Deck":
        """Adds a layer by its name from the list."""
        self.page.get_by_role("button", name="Add a layer").click()
        self.page.get_by_label("Search layers").fill(name)
        self.page.get_by_label("Search layers").press("Enter")
        return self.edited()

    def edited(self) -> "Deck":
        """Waits until what was done to the cards is carried out."""
        self.page.locator('.ld-stack[data-waiting="0"]').wait_for()
        return self.settled()

    def fits(self) -> "Deck":
        """Sees that nothing of the page is wider than a large screen, nor than a phone's."""
        for width, height in ((390, 844), (1440, 900)):
            self.page.set_viewport_size({"width": width, "height": height})
            self.settled()
            assert self.page.evaluate(_WIDTHS) == [width, True, True], self.page.url
        return self

    def train(self) -> str:
        """Presses Train; the id of the new run."""
        before = self.live.get_attribute("data-run") if self.live.count() else None
        self.page.locator(".st-key-train button").click()
        expect(self.live).to_have_count(1)
        until(lambda: self.live.get_attribute("data-run") not in (None, "", before), 30, "a new run")
        return self.live.get_attribute("data-run") or ""

    def epoch(self) -> int:
        """Epochs drawn so far."""
        return int(self.live.get_attribute("data-epoch") or 0)

    def ended(self, state: str = "finished") -> "Deck":
        """Waits for the run's end."""
        over = ("finished", "stopped", "failed", "interrupted")
        found = until(
            lambda: seen if (seen := self.live.get_attribute("data-state")) in over else "", 180, "the end of the run"
        )
        assert found == state
        return self.settled()

    def state(self, run: str) -> dict:
        """What the route says of a run."""
        found = answer(f"{self.server}/api/runs/{run}/epochs?since=0")
        assert found is not None
        return found


@pytest.fixture(scope="session")
def call(browser: Browser) -> Iterator[Call]:
    """A function that calls one of a component's: call("live", "step", 0.3)."""
    with calling(browser) as function:
        yield function


@pytest.fixture(scope="session")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """The browser of all visitors, which has the page's scripts in its cache: that halves the work of a visit."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    context.new_page()  # It stays.
    yield context
    context.close()


@pytest.fixture
def deck(context: BrowserContext, server: str, workspace: Path) -> Iterator[Deck]:
    """A visitor of their own at 1440 x 900; no script of the page may fail, and no training goes on after the test."""
    visitor = Deck(context.new_page(), server)
    yield visitor
    # The next one is a stranger: nothing but the cache is left.
    stays, *left = context.pages
    for page in left:
        page.close()
    context.clear_cookies()
    devtools = context.new_cdp_session(stays)
    devtools.send("Storage.clearDataForOrigin", {"origin": server, "storageTypes": "all"})
    devtools.detach()
    leave_no_training(workspace)
    assert visitor.script_errors == []


def leave_no_training(workspace: Path) -> None:
    """Ends what a failed test left training, so that the next test does not wait behind it."""
    journals = [
        Journal(workspace, folder.name) for folder in (workspace / "runs").glob("*") if RUN_ID.fullmatch(folder.name)
    ]

    def going_on() -> list[Journal]:
        """Of a run that was discarded the folder may be half removed."""
        return [journal for journal in journals if journal.exists() and not journal.over()]

    for journal in going_on():
        journal.order({"do": "discard"})
    until(lambda: not going_on(), 60, "the end of what was left training")


@pytest.fixture(scope="session")
def keep(workspace: Path) -> Keep:
    """A function that trains an experiment in the tests' process, into the server's workspace."""
    return keeper(workspace)


@pytest.fixture(scope="session")
def homes_run(keep: Keep) -> KeptRun:
    """`homes`, trained for up to 40 epochs, for all who look at a finished run."""
    return keep(homes().model_copy(update={"fit": homes().fit.model_copy(update={"epochs": 40})}))


@pytest.fixture(scope="session")
def titanic_run(keep: Keep, workspace: Path) -> KeptRun:
    """Who of the Titanic's passengers survived: two classes, from a table with gaps."""
    tables = Tables(TableStore(workspace))
    return keep(first_experiment(tables, "sample:titanic", "survived", "Passengers of the Titanic", epochs=12))
