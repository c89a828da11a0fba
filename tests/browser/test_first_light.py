"""What a newcomer does, from a table to a prediction, on a sample and on a table of their own."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Route

from core import __version__
from core.runs.downloads import downloads
from core.runs.journal import Journal
from core.tables.situation import Tables
from core.tables.sources import TableStore
from tests.browser.conftest import Deck
from tests.browser.expecting import expect
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def fresh(deck: Deck, draft: str) -> Deck:
    """The Data page with the first sample, whatever other visitors did."""
    return deck.open(f"data?draft={draft * 16}")


def test_the_journey_on_sacramento(deck: Deck, tmp_path: Path) -> None:
    page = fresh(deck, "a").page
    # 1. Data: the first rows, the columns, the target and its task.
    expect(page.get_by_role("heading", name="Homes in Sacramento")).to_be_visible()
    expect(page.get_by_text("sacramento_homes.csv: 932 rows, 9 columns")).to_be_visible()
    expect(page.get_by_text("Regression: a number is predicted")).to_be_visible()
    # 2. Build: 107 input columns x 64 units + 64 biases = 6,912; 64 x 32 + 32 = 2,080; 32 + 1 = 33; in all 9,025.
    deck.view("Build")
    expect(page.get_by_test_id("total-parameters")).to_contain_text("9,025 parameters")
    assert page.locator(".st-key-train button").bounding_box()["y"] < 900  # Train is reached without scrolling.
    expect(page.locator(".st-key-footer")).to_have_text(f"Layerdeck {__version__}")
    # 3. Compile and fit: another learning rate, more epochs.
    page.get_by_role("tab", name="Fit").click()
    deck.settled()
    epochs = page.get_by_label("Epochs", exact=True)
    epochs.fill("60")
    epochs.press("Enter")
    deck.settled()
    # 4. Train: the curves move.
    run = deck.train()
    deck.ended()
    result = deck.state(run)
    assert result["epoch"] == deck.epoch() > 5
    assert set(result["baselines"]) == {"mean", "linear model", "gradient boosting"}
    expect(page.locator(".ld-live-chart")).to_have_count(3)
    # 5. The result: dollars, beside the baselines, better than always saying the mean.
    deck.view("Result")
    tile = page.get_by_test_id("stMetric").filter(has_text="Test MAE")
    mae = float(re.sub(r"[^\d.]", "", tile.get_by_test_id("stMetricValue").inner_text()))
    assert 40_000 < mae < 75_000  # The linear model has 61,000, the mean 106,000.
    beside = page.get_by_test_id("stVerticalBlock").filter(has=tile).last
    expect(beside).to_contain_text(re.compile(r"\$\d\d,\d{3} to \$\d\d,\d{3} \(95% interval\)"))
    expect(beside).to_contain_text(re.compile(r"than the linear model(, within the noise: | \()"))
    summary = page.locator(".st-key-run-summary")
    expect(summary).to_contain_text("The network predicts price from", timeout=60_000)
    expect(summary).to_contain_text("The 90% intervals of price contain the actual value for")
    # 7. Take it away. That the program gives the run's scores is held by tests/parity/test_downloads.py.
    with page.expect_download() as download:
        page.get_by_role("button", name="Keras program").click()
    download.value.save_as(tmp_path / "program.py")
    with page.expect_download() as download:
        page.get_by_role("button", name="Experiment", exact=True).click()
    download.value.save_as(tmp_path / "experiment.json")
    program = (tmp_path / "program.py").read_text()
    compile(program, "program.py", "exec")
    assert program.startswith('"""Homes in Sacramento: a Keras program.')
    assert json.loads((tmp_path / "experiment.json").read_text())["data"]["table"] == "sample:sacramento_homes"
    # 6. Predict: exact amounts by box, words by list, and a price a realtor would not laugh at.
    deck.view("Predict")
    box = page.get_by_label("sqft, exact value")
    box.fill("1500")
    box.press("Enter")
    deck.settled()
    price = page.locator(".st-key-answer").get_by_test_id("stMetricValue")
    assert 100_000 < _dollars(price.inner_text()) < 400_000
    page.get_by_role("button", name="Save prediction").click()
    deck.settled()
    expect(page.get_by_role("heading", name="Saved predictions")).to_be_visible()
    # 7. One box after another, faster than the page is drawn: a request with the slider's old place does not take the
    # box's number back.
    for sqft, beds in (("1501", "2"), ("1502", "4")):
        typed = {"sqft, exact value": sqft, "beds, exact value": beds}
        for label, text in typed.items():
            page.get_by_role("textbox", name=label).press("Control+a")
            page.keyboard.type(text)
        page.keyboard.press("Tab")
        deck.settled()
        assert {label: page.get_by_role("textbox", name=label).input_value() for label in typed} == typed
        assert page.get_by_role("slider", name="sqft").input_value() == sqft


def _dollars(text: str) -> float:
    return float(re.sub(r"[^\d.]", "", text))


def test_two_features_price_a_house_and_a_condo(deck: Deck, workspace: Path) -> None:
    draft = "b" * 16
    experiment = {
        "version": 1,
        "name": "Two features",
        "data": {
            "table": "sample:sacramento_homes",
            "targets": ["price"],
            "features": {"sqft": "number", "type": "category"},
        },
        "layers": [{"layer": "Dense", "units": 32, "activation": "relu"}, {"layer": "Dense", "units": 1}],
        "compile": {"metrics": ["MeanAbsoluteError", "RootMeanSquaredError"]},
        "fit": {"epochs": 60, "callbacks": [{"class": "EarlyStopping", "patience": 15, "restore_best_weights": True}]},
    }
    (workspace / "drafts").mkdir(exist_ok=True)
    (workspace / "drafts" / f"{draft}.json").write_text(json.dumps({"experiment": experiment, "run": None}))
    page = deck.open(f"?draft={draft}").page
    a_run_that_ended_before_the_browser_looked_is_shown_whole(deck)
    deck.view("Predict")

    def ask(sqft: int, kind: str) -> float:
        box = page.get_by_label("sqft, exact value")
        box.fill(str(sqft))
        box.press("Enter")
        deck.settled().choose("type", kind)
        return _dollars(page.locator(".st-key-answer").get_by_test_id("stMetricValue").inner_text())

    assert 195_000 < ask(1500, "Residential") < 255_000
    assert 215_000 < ask(1800, "Condo") < 310_000
    # How sure: an interval at the chosen level, and how often it held.
    answer = page.locator(".st-key-answer")
    expect(answer).to_contain_text(re.compile(r"90% interval: \$[\d,]+ to \$[\d,]+"))
    expect(answer).to_contain_text(re.compile(r"Such intervals contain the actual value for \d+% of 139 test rows"))
    page.get_by_role("slider", name="Confidence level").press("ArrowLeft")
    expect(answer).to_contain_text("89% interval: ")
    deck.settled()
    # A field takes a number as it is written, and nothing else.

    def type_in(text: str) -> None:
        box = page.get_by_label("sqft, exact value")
        box.fill(text)
        box.press("Enter")

    def answers(text: str) -> None:
        until(lambda: answer.inner_text() == text, 15, "the same answer")

    of_1800 = answer.inner_text()
    for same in ("1.8e3", " 1800 "):
        type_in("abc")
        expect(page.get_by_text("'abc' is not a number.")).to_be_visible()
        expect(answer).to_contain_text("No prediction yet: 'sqft' cannot be read.")
        type_in(same)
        answers(of_1800)
    type_in("1,800")
    expect(page.get_by_text("'1,800' may mean 1.8 or 1800.")).to_be_visible()
    type_in("")
    expect(answer).to_contain_text("sqft is missing: filled with the training median")
    type_in("1800")
    answers(of_1800)
    # An unknown word and a missing cell get an answer and a word about it.
    page.get_by_label("type", exact=True).first.fill("Castle")
    page.keyboard.press("Enter")
    deck.settled()
    expect(page.locator(".st-key-answer")).to_contain_text("'Castle' was not seen in training")
    page.get_by_label("Missing values", exact=True).click()
    page.get_by_role("option", name="sqft").click()
    page.keyboard.press("Escape")
    deck.settled()
    expect(page.locator(".st-key-answer")).to_contain_text("sqft is missing")
    # The training rows that are most like it, and the answer in sight of the fields on a phone.
    expect(page.get_by_role("heading", name="Similar training rows")).to_be_visible()
    expect(
        page.get_by_text(re.compile(r"Distance to the nearest of 6\d\d training rows: [\d.]+ in the"))
    ).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 600})
    field = page.get_by_label("Missing values", exact=True)
    field.evaluate("node => node.scrollIntoView({ block: 'end' })")
    until(lambda: field.bounding_box()["y"] < 600, 30, "the last field in sight")
    place = answer.get_by_test_id("stMetricValue").bounding_box()
    assert 50 < place["y"] < 300
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def a_run_that_ended_before_the_browser_looked_is_shown_whole(deck: Deck) -> None:
    def late(route: Route) -> None:
        """Lets the browser hear of the run once it is over."""
        run = route.request.url.split("/runs/")[1].split("/")[0]
        until(lambda: deck.state(run)["state"] == "finished", 60, "the end of the run")
        route.continue_()

    deck.page.route("**/api/runs/*/epochs?*", late)
    deck.page.locator(".st-key-train button").click()
    expect(deck.page.locator(".st-key-tight-next")).to_be_visible(timeout=60_000)
    deck.page.unroute("**/api/runs/*/epochs?*")
    deck.ended()


@pytest.fixture
def own_table(tmp_path: Path) -> Path:
    """A table no one has seen: semicolons, decimal commas, Latin-1, missing cells, three classes that follow from two
    columns.
    """
    rows = []
    for index in range(240):
        width, weight = index % 16 + 0.5, index % 11 * 1.25
        kind = "Süd" if width > 8 else "Nord" if weight > 6 else "West"
        rows.append(
            f"{index};{str(width).replace('.', ',')};{'' if index % 17 == 0 else str(weight).replace('.', ',')};{kind}"
        )
    path = tmp_path / "own table.csv"
    path.write_bytes(("nr;width;weight;region\n" + "\n".join(rows)).encode("latin-1"))
    return path


def test_the_journey_on_an_uploaded_table(deck: Deck, own_table: Path, tmp_path: Path) -> None:
    page = fresh(deck, "c").page
    a_file_that_cannot_be_read_is_answered_with_a_sentence_and_nothing_is_lost(deck)
    page.locator("input[type=file]").set_input_files(own_table)
    expect(page.get_by_role("heading", name="own table.csv")).to_be_visible()
    deck.settled()
    expect(page.get_by_text("separated by semicolons")).to_be_visible()
    deck.choose("Target", "region")
    expect(page.get_by_text("(3 classes)")).to_be_visible()
    deck.view("Build")
    run = deck.train()
    deck.ended().view("Result")
    accuracy = page.get_by_test_id("stMetric").filter(has_text="Accuracy").get_by_test_id("stMetricValue").inner_text()
    assert float(accuracy.rstrip("%")) > 80  # The majority has 47 %.
    # The page shows tenths of a percent.
    result, program = given_away(deck.workspace, run)
    assert result["test"]["accuracy"] == pytest.approx(float(accuracy.rstrip("%")) / 100, abs=0.0006)
    # The program is the one that tests/parity/test_downloads.py downloads and runs; there it reads such a file, too.
    with page.expect_download() as download:
        page.get_by_role("button", name="Keras program").click()
    assert download.value.path().read_bytes() == program
    # A whole table comes back with answers beside its rows, in the format it came in.
    german = {"sep": ";", "decimal": ",", "encoding": "latin-1"}
    deck.view("Predict")
    page.get_by_role("tab", name="Batch prediction").click()
    deck.settled()
    page.locator("input[type=file]").set_input_files(own_table)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download with predictions").click()
    download.value.save_as(tmp_path / "predictions.csv")
    answers = pd.read_csv(tmp_path / "predictions.csv", **german)
    assert len(answers) == 240
    assert answers["width"].tolist()[:3] == [0.5, 1.5, 2.5]
    shares = answers.filter(like="probability")
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=2e-4)
    assert (shares.round(4) == shares).all(axis=None)  # As the page shows them: 12.34%.
    in_set = [row["region"] in row["set region"].split(" | ") for _, row in answers.iterrows()]
    assert np.mean(in_set) > 0.85
    assert (answers["predicted region"] == answers["region"]).mean() > 0.8
    assert answers["note"].fillna("").str.contains("weight is missing").sum() == 15  # Rows 0, 17, ..., 238.
    # Of another file the columns are found by name, and its numbers are read as the training table writes them: 2.125
    # is no thousand.
    asked = tmp_path / "asked.csv"
    asked.write_text("WIDTH ;Wieght\n12,125;2,5\n1,125;2,5\n", "latin-1")
    page.locator("input[type=file]").set_input_files(asked)
    expect(page.get_by_text("'WIDTH ' as 'width'")).to_be_visible()
    expect(page.get_by_text("'weight' may be 'Wieght'.")).to_be_visible()
    deck.settled()  # Until then the button of the table before it stands there.
    with page.expect_download() as download:
        page.get_by_role("button", name="Download with predictions").click()
    download.value.save_as(tmp_path / "predictions.csv")
    answers = pd.read_csv(tmp_path / "predictions.csv", **german | {"encoding": "utf-8"})
    assert answers["predicted region"].iloc[0] == "Süd"
    assert answers["note"].isna().all()


def given_away(workspace: Path, run: str) -> tuple[dict[str, Any], bytes]:
    """A run's result, and its program among the files that are given away."""
    from core.runs.mlflow_store import Store

    store, tables = Store(workspace), Tables(TableStore(workspace))
    files = downloads(store, tables, Journal(workspace, run), store.experiment(run))
    (program,) = [file.content() for file in files if file.source == "program.py"]
    return store.result(run), program


def a_file_that_cannot_be_read_is_answered_with_a_sentence_and_nothing_is_lost(deck: Deck) -> None:
    """Of files that cannot be read for other reasons: tests/core/test_tables_sources.py."""
    page = deck.page
    held: list[Route] = []
    page.route("**/upload_file/**", lambda one: held.append(one) if one.request.method == "PUT" else one.continue_())
    for name, content, sentence in (
        ("empty.csv", b"", "is empty"),
        ("binary.csv", bytes(range(256)) * 20, "bytes that are not text"),
    ):
        page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
        # Its upload takes until the page has been drawn without the sentence about the file before.
        expect(page.get_by_test_id("stAlert")).to_have_count(0)
        until(lambda: page.evaluate("1") and held)
        held.pop().continue_()
        expect(page.get_by_test_id("stAlert").filter(has_text=sentence)).to_be_visible()
        deck.settled()
        expect(page.get_by_role("heading", name="Homes in Sacramento")).to_be_visible()
    page.unroute("**/upload_file/**")
