"""A run is recalibrated by a press: form, report, exported model and program then say the new probabilities."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Deck
from tests.browser.expecting import expect
from tests.browser.kept_runs import KeptRun
from tests.browser.report.answers import usual_row

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_temperature_is_kept_and_taken_back(deck: Deck, penguins_run: KeptRun, tmp_path: Path) -> None:
    from core.model.exported_model import Predictor

    found, row = penguins_run.section("recalibration", target="species"), usual_row(penguins_run)
    card, rows = penguins_run.store.card(penguins_run.run), pd.DataFrame([row])
    classes = card["targets"][0]["classes"]
    before = penguins_run.predicted(rows).iloc[0]
    logits = np.log([before[f"probability {label}"] for label in classes]) / found.temperature
    expected = np.exp(logits) / np.exp(logits).sum()
    likeliest = expected.argmax()
    assert expected[likeliest] > before[f"probability {classes[likeliest]}"] + 0.01

    page = deck.open(f"result?run={penguins_run.run}").page
    page.get_by_role("tab", name="Curves", exact=True).click()
    page.get_by_role("button", name="Recalibrate", exact=True).click()
    expect(page.get_by_text(f"its logits are divided by {found.temperature:.4g}")).to_be_visible(timeout=30_000)
    page.get_by_role("tab", name="Overview", exact=True).click()
    deck.settled()
    model = handed_out(page, "Model (.keras)", tmp_path / "model.keras")
    np.testing.assert_allclose(Predictor.load(model, {}, card).outputs(rows)["species"][0], expected, atol=1e-5)
    program = handed_out(page, "Keras program", tmp_path / "program.py").read_text("utf-8")
    assert f"TEMPERATURE = {found.temperature!r}" in program
    report = page.context.new_page()
    report.goto(handed_out(page, "Report (HTML)", tmp_path / "report.html").as_uri())
    shares = report.evaluate("row => layerdeck.predict(row).species.shares", row)
    assert [shares[label] for label in classes] == pytest.approx(expected, abs=1e-5)
    report.close()
    deck.view("Predict")
    explained = page.get_by_text("The bars lead from")
    expect(explained).to_contain_text(f"to the probability that species is {classes[likeliest]}, ")
    of_form = re.search(r", ([\d.]+)%\. Shapley", explained.inner_text())
    assert of_form
    assert float(of_form[1]) == pytest.approx(100 * expected[likeliest], abs=0.051)

    deck.view("Result")
    page.get_by_role("tab", name="Curves", exact=True).click()
    page.get_by_role("button", name="Undo recalibration").click()  # Other tests look at the run, too.
    expect(page.get_by_role("button", name="Recalibrate", exact=True)).to_be_visible(timeout=30_000)
    deck.settled()
    assert penguins_run.store.card(penguins_run.run) == card


def handed_out(page: Page, button: str, file: Path) -> Path:
    """The file that a button of the page gives."""
    with page.expect_download(timeout=60_000) as download:
        page.get_by_role("button", name=button).click()
    download.value.save_as(file)
    return file
