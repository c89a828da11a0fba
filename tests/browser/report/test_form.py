"""A person fills in a report's form: it answers at every change, says how sure it is, what is strange, and why."""

import re
from typing import Any

import pandas as pd
import pytest
from playwright.sync_api import Page

from tests.browser.expecting import expect
from tests.browser.kept_runs import KeptRun
from tests.browser.report.answers import number_in, usual_row
from tests.browser.report.conftest import OpenReport

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_form_answers_explains_and_says_what_is_strange(homes_run: KeptRun, open_report: OpenReport) -> None:
    page = open_report(homes_run)
    the_usual_row_is_answered(page, homes_run)
    the_confidence_level_is_a_slider(page, homes_run)
    the_prediction_is_explained(page, homes_run)
    page.get_by_label("type", exact=True).select_option("Condo")
    shows(page, homes_run, type="Condo")
    the_prediction_is_explained(page, homes_run, type="Condo")
    box_and_slider_of_an_amount_follow_each_other(page, homes_run)
    what_is_strange_is_said(page, homes_run)
    it_fits_a_phone_and_a_desk(page)


def shows(page: Page, kept: KeptRun, **changed: Any) -> None:
    """The answer is the product's for the usual row with such changes."""
    row = pd.DataFrame([{**usual_row(kept), **changed}])
    expect(page.locator(".answer strong")).to_have_text(f"${kept.predicted(row)['predicted price'].iloc[0]:,.0f}")


def the_usual_row_is_answered(page: Page, kept: KeptRun) -> None:
    shows(page, kept)
    expect(page.locator(".interval")).to_have_text(re.compile(r"90% interval: -?\$[\d,]+ to \$[\d,]+"))
    held = page.locator(
        ".note", has_text=re.compile(r"The 90% intervals of price contain the actual value for \d+% of 139 test rows")
    )
    expect(held).to_be_visible()


def the_confidence_level_is_a_slider(page: Page, kept: KeptRun) -> None:
    coverage = kept.section("coverage")["price"]
    predicted = kept.predicted(pd.DataFrame([usual_row(kept)]))["predicted price"].to_numpy()
    for level in (60, 99):
        page.get_by_label("Confidence level").fill(str(level))
        low, high = coverage.conformal.bounds(predicted, level / 100)[0]
        ends = [f"-${-end:,.0f}" if end < 0 else f"${end:,.0f}" for end in (low, high)]
        expect(page.locator(".interval")).to_have_text(f"{level}% interval: {ends[0]} to {ends[1]}")
        expect(page.locator(".said .note").last).to_have_text(coverage.sentence(level / 100))


def the_prediction_is_explained(page: Page, kept: KeptRun, **changed: Any) -> None:
    """From the mean to the prediction, the largest contribution first."""
    steps = page.locator(".whys:not([aria-busy]) .bars li")
    row = {**usual_row(kept), **changed}
    of = kept.section("contributions", row=row)["price"]
    most = max(of["features"], key=lambda name: abs(of["features"][name]))
    expect(steps).to_have_count(2 + len(row))
    expect(steps.last.locator(".much")).to_have_text(f"${of['prediction']:,.0f}")
    expect(steps.first.locator(".much")).to_have_text(f"${of['base']:,.0f}")
    expect(steps.nth(1).locator(".name")).to_contain_text(f"{most} = ")
    assert number_in(steps.nth(1).locator(".much").inner_text()) == pytest.approx(of["features"][most], abs=0.51)


def box_and_slider_of_an_amount_follow_each_other(page: Page, kept: KeptRun) -> None:
    page.get_by_label("sqft", exact=True).fill("2500")
    shows(page, kept, type="Condo", sqft=2500)
    expect(page.get_by_label("sqft, slider")).to_have_value("2500")
    page.get_by_label("beds, slider").fill("5")
    expect(page.get_by_label("beds", exact=True)).to_have_value("5")
    shows(page, kept, type="Condo", sqft=2500, beds=5)


def what_is_strange_is_said(page: Page, kept: KeptRun) -> None:
    page.get_by_label("sqft", exact=True).fill("99999")
    expect(page.locator(".answer .note").last).to_contain_text("sqft 99999 is outside the training range")
    page.get_by_label("sqft", exact=True).fill("")
    shows(page, kept, type="Condo", sqft=None, beds=5)
    expect(page.locator(".answer .note").last).to_contain_text("sqft is missing: filled with the training median")
    page.get_by_label("city", exact=True).select_option("(other)")
    shows(page, kept, type="Condo", sqft=None, beds=5, city="new")


# A title of a chart, as long as those of losses are, and the buttons beside it.
_CLEAR = """() => {
  const title = document.querySelector('.chart h3'), words = new Range();
  title.textContent = 'Loss (SparseCategoricalCrossentropy)';
  words.selectNodeContents(title);
  const { right, bottom } = words.getBoundingClientRect();
  const button = title.nextElementSibling.querySelector('button').getBoundingClientRect();
  return right <= button.left || bottom <= button.top;
}"""


def it_fits_a_phone_and_a_desk(page: Page) -> None:
    """On a phone, too, the answer is the first thing below its heading."""
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 844})
        expect(page.locator(".answer strong")).to_contain_text("$")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        heading = page.get_by_role("heading", name="Predict", exact=True).bounding_box()
        assert 0 < page.locator(".answer").bounding_box()["y"] - heading["y"] < 100
        assert page.evaluate(_CLEAR)
