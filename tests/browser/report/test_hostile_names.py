"""Names and cells that would be HTML stay text in a report, which runs no other script and fetches nothing."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, Page

from core.experiment.spec import read
from core.tables.sources import TableStore
from tests.browser.expecting import expect
from tests.browser.kept_runs import Keep, KeptRun
from tests.browser.report.answers import contributions_agree, predictions_agree
from tests.browser.report.conftest import OpenReport

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    # Keras, of a column whose name holds a slash.
    pytest.mark.filterwarnings("ignore:When providing `inputs` as a dict"),
]

HOSTILE = "</script><script>window.hacked = 1</script>"
IMAGE = '"><img src=x onerror="window.hacked = 1">'
BOLD = "<b>b</b>"


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    draw, rows = np.random.default_rng(0), 80
    return pd.DataFrame(
        {
            HOSTILE: draw.normal(size=rows),
            BOLD: draw.choice([HOSTILE, BOLD, "{{value}}"], rows),
            "__proto__": draw.normal(size=rows),
            "<!--": draw.choice(["2024-01-05", "2024-02-29", "2023-07-14"], rows),
            "&lt;": draw.choice([True, False], rows),
            "amount": draw.normal(size=rows),
            IMAGE: draw.choice([HOSTILE, BOLD, "{{value}}"], rows),
        }
    )


@pytest.fixture(scope="module")
def hostile_run(keep: Keep, workspace: Path, table: pd.DataFrame) -> KeptRun:
    """An amount and a class predicted from columns of all kinds but text, with vectors for words; every name and word
    would be HTML, or a property of all objects of JavaScript.
    """
    ref = TableStore(workspace).keep("own.csv", table.to_csv(index=False).encode()).ref
    features = {HOSTILE: "number", BOLD: "category", "__proto__": "number", "<!--": "date", "&lt;": "boolean"}
    value = {
        "version": 1,
        "name": f"{HOSTILE}{IMAGE}",
        "data": {"table": ref, "targets": ["amount", IMAGE], "features": features},
        "layers": [
            {"layer": "Embedding", "output_dim": 3},
            {"layer": "Dense", "units": 16, "activation": "gelu"},
            {"layer": "BatchNormalization"},
            {"layer": "Dropout", "rate": 0.2},
            {"layer": "Dense", "units": 1},
        ],
        "compile": {"loss": {"amount": {"class": "Huber"}, IMAGE: {"class": "SparseCategoricalCrossentropy"}}},
        "fit": {"epochs": 3},
    }
    return keep(read(value))


def test_names_that_would_be_html_stay_text(hostile_run: KeptRun, table: pd.DataFrame, open_report: OpenReport) -> None:
    page, names = open_report(hostile_run), [feature["name"] for feature in hostile_run.report["features"]]
    assert page.title() == f"{HOSTILE}{IMAGE}"
    nothing_was_made_of_a_name(page)
    assert page.locator(".field label, .field .label").all_inner_texts() == names
    expect(page.locator(".said")).to_have_count(2)
    expect(page.locator(".why")).to_have_count(2)
    unknown = pd.DataFrame([{}, {BOLD: "new"}])
    predictions_agree(page, hostile_run, pd.concat([table[names].head(40), unknown], ignore_index=True)[names])
    contributions_agree(page, hostile_run, table[names].iloc[[2]])
    the_form_names_them(page)
    each_target_has_its_figures(page)
    nothing_was_made_of_a_name(page)


def nothing_was_made_of_a_name(page: Page) -> None:
    assert page.evaluate("window.hacked") is None
    assert page.locator("img, b").count() == 0


def the_form_names_them(page: Page) -> None:
    page.get_by_label("<!--", exact=True).fill("2031-05-06")
    expect(page.locator(".answer .note").last).to_contain_text(
        "<!-- 2031-05-06 is outside the training range 2023-07-14 to 2024-02-29"
    )
    page.get_by_role("button", name="missing").click()
    expect(page.locator(".answer .note").last).to_contain_text("&lt; is missing: filled with the training median")


def each_target_has_its_figures(page: Page) -> None:
    tested = page.locator("section", has=page.get_by_role("heading", name="Test set"))
    tested.get_by_role("button", name=IMAGE, exact=True).click()
    expect(page.get_by_text("Confusion matrix: rows are actual classes")).to_be_visible()


def test_no_other_script_runs_and_nothing_is_fetched(hostile_run: KeptRun, quick_browser: Browser) -> None:
    """The page's own rules refuse it, with a network or without one."""
    context = quick_browser.new_context()
    page = context.new_page()
    page.goto(hostile_run.report_file.as_uri())
    refused = page.evaluate(
        """async () => {
            const refused = [];
            document.addEventListener("securitypolicyviolation", event => refused.push(event.effectiveDirective));
            document.body.append(Object.assign(document.createElement("script"), { textContent: "window.hacked = 1" }));
            document.body.append(Object.assign(new Image(), { src: "http://127.0.0.1:9/x.png" }));
            await fetch("http://127.0.0.1:9/").catch(() => {});
            while (refused.length < 3) await new Promise(requestAnimationFrame);
            return refused.sort();
        }"""
    )
    assert refused == ["connect-src", "img-src", "script-src-elem"]
    assert page.evaluate("window.hacked") is None
    context.close()
