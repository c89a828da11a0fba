"""Reports of real runs, each opened once, offline, in a Chromium that optimizes scripts: a report computes predictions
and Shapley values itself.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from core.tables.situation import Tables
from core.tables.sources import TableStore
from tests.browser.conftest import FLAGS, chromium_path
from tests.browser.expecting import expect
from tests.browser.kept_runs import Keep, KeptRun, first_experiment

OpenReport = Callable[[KeptRun], Page]


@pytest.fixture(scope="session")
def penguins_run(keep: Keep, workspace: Path) -> KeptRun:
    """Three species, by a network that is right but not sure after its few epochs: a temperature helps."""
    return keep(first_experiment(Tables(TableStore(workspace)), "sample:penguins", "species", "A report", epochs=4))


@pytest.fixture(scope="package")
def quick_browser(browser: Browser) -> Iterator[Browser]:
    """The same Chromium with V8's optimizing compilers."""
    flags = [flag for flag in FLAGS if not flag.startswith("--js-flags")]
    chromium = browser.browser_type.launch(executable_path=chromium_path(), args=flags)
    yield chromium
    chromium.close()


class OpenedReports:
    """Reports without a network. Nothing may be asked for, nothing may be complained of: `said` collects it."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.context = self._offline()
        self.said: list[str] = []
        self._pages: dict[str, Page] = {}

    def page(self, kept: KeptRun) -> Page:
        """The report of a run, on top of all pages; it is opened once."""
        if kept.run not in self._pages:
            self._pages[kept.run] = self._opened(kept, self.context)
        page = self._pages[kept.run]
        page.bring_to_front()
        return page

    @contextmanager
    def standing_still(self, kept: KeptRun) -> Iterator[Page]:
        """The report of a run in a page of its own, in which time passes as `page.clock` says and not by itself."""
        context = self._offline()
        context.clock.install(time=0)
        page = self._opened(kept, context)
        page.clock.pause_at(3_600_000)
        yield page
        context.close()

    def _offline(self) -> BrowserContext:
        context = self._browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="dark")
        context.set_offline(True)
        return context

    def _opened(self, kept: KeptRun, context: BrowserContext) -> Page:
        page, address = context.new_page(), kept.report_file.as_uri()
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda request: None if request.url.startswith(address) else self.said.append(request.url))
        page.goto(address)
        expect(page.locator("h1")).to_have_text(kept.report["title"])
        return page


@pytest.fixture(scope="package")
def opened_reports(quick_browser: Browser) -> Iterator[OpenedReports]:
    """The reports that were opened so far."""
    opened = OpenedReports(quick_browser)
    yield opened
    opened.context.close()


@pytest.fixture
def reports(opened_reports: OpenedReports) -> Iterator[OpenedReports]:
    """Those of all tests; during this one none complains."""
    opened_reports.said.clear()
    yield opened_reports
    assert opened_reports.said == []


@pytest.fixture
def open_report(reports: OpenedReports) -> OpenReport:
    """A function that gives the page of a run's report."""
    return reports.page
