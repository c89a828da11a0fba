"""A report's figures say what the product and scikit-learn say, and its curves play."""

import itertools
import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page
from sklearn.metrics import average_precision_score, r2_score, roc_auc_score

from tests.browser.expecting import expect
from tests.browser.kept_runs import KeptRun
from tests.browser.report.answers import number_in
from tests.browser.report.conftest import OpenedReports, OpenReport

pytestmark = [pytest.mark.browser, pytest.mark.slow]
_PLAY = 6000  # Milliseconds, or fewer where there are few epochs: as long as the curves play.


def test_features_and_errors_are_those_of_the_sections(homes_run: KeptRun, open_report: OpenReport) -> None:
    page, of_target = open_report(homes_run), homes_run.report["targets"][0]
    importance = homes_run.section("importance", target="price")["features"]
    order = sorted(importance, key=lambda name: -importance[name]["mean"])
    bars = page.locator(".importance li")
    assert bars.locator(".name").all_inner_texts() == order
    first = [number_in(text) for text in bars.first.locator(".much").inner_text().split(" ± ")]
    assert first == pytest.approx([importance[order[0]]["mean"], importance[order[0]]["sd"]], abs=0.51)
    curve = page.locator(".dependence").first
    dependence = homes_run.section("dependence", target="price", feature=order[0])
    told = [number_in(text.split(": ")[1]) for text in curve.locator("circle title").all_text_contents()]
    assert told == pytest.approx(dependence["mean"], abs=0.51)
    assert of_target["dependence"][0]["means"][0] == pytest.approx(dependence["mean"], rel=1e-9)
    expect(curve.locator("path.ghost")).to_have_count(20)
    test = homes_run.section("rows").parts["test"].targets["price"]
    expect(page.locator(".errors")).to_contain_text(f"R² {r2_score(test.y_true, test.y_pred):.3f}")
    errors = of_target["errors"]
    assert errors["bars"] == np.histogram(test.y_pred - test.y_true, errors["edges"])[0].tolist()
    expect(page.locator(".columns rect")).to_have_count(len(errors["bars"]))
    expect(page.locator(".tenths li")).to_have_count(10)


def test_curves_are_those_of_scikit_learn(titanic_run: KeptRun, penguins_run: KeptRun, open_report: OpenReport) -> None:
    page = open_report(titanic_run)
    test = titanic_run.section("rows").parts["test"].targets["survived"]
    auc, precision = roc_auc_score(test.y_true, test.y_pred), average_precision_score(test.y_true, test.y_pred)
    expect(page.get_by_text(f"network AUC {auc:.3f}")).to_be_visible()
    expect(page.get_by_text(f"network average precision {precision:.3f}")).to_be_visible()
    expect(page.get_by_text(re.compile(r"logistic model AUC 0\.\d{3}"))).to_be_visible()
    for name in ("ROC curve of 1", "Precision and recall of 1", "Calibration of 1"):
        expect(page.get_by_role("img", name=name)).to_be_visible()
    drawing = page.locator("figure", has=page.get_by_role("img", name="Precision and recall of 1"))
    for kind in ("train", "simple"):  # Between two thresholds the precision does not change.
        line = drawing.locator(f"path.{kind}").get_attribute("d") or ""
        points = [tuple(map(float, point.split())) for point in re.split("[ML]", line)[1:]]
        assert all(x == to_x or y == to_y for (x, y), (to_x, to_y) in itertools.pairwise(points))
    assert drawing.locator("i.simple").evaluate("key => getComputedStyle(key).borderTopStyle") == "dashed"
    # The buttons stand in the title's line, not on the curves.
    button, svg = drawing.get_by_role("button", name="PNG").bounding_box(), drawing.locator("svg").bounding_box()
    assert button["y"] + button["height"] <= svg["y"]
    page = open_report(penguins_run)
    test = penguins_run.section("rows").parts["test"].targets["species"]
    curves = page.locator("section", has=page.get_by_role("heading", name="Curves"))
    curves.get_by_role("combobox").select_option("Gentoo")
    at = test.classes.index("Gentoo")
    auc = roc_auc_score(test.y_true == at, test.y_pred[:, at])
    expect(curves.get_by_text(f"network AUC {auc:.3f}")).to_be_visible()
    expect(curves.get_by_role("img", name="Calibration of the predicted class")).to_be_visible()


def test_the_curves_play_from_the_first_epoch_to_the_last(homes_run: KeptRun, reports: OpenedReports) -> None:
    with reports.standing_still(homes_run) as page:
        the_curves_play(page, homes_run.report)


def the_curves_play(page: Page, report: dict[str, Any]) -> None:
    last = report["history"]["epochs"][-1]
    words, drawn = page.locator(".epoch"), page.locator(".curve").first.locator("path.valid").last
    expect(words).to_have_text(f"Epoch {report['epoch']} of {last}")
    page.get_by_role("button", name="Play").click()
    page.clock.run_for(_PLAY / 8)
    expect(words).to_have_text(re.compile(r"Epoch [1-9] of"))
    begun = len(drawn.get_attribute("d") or "")
    page.clock.fast_forward(_PLAY)
    expect(words).to_have_text(f"Epoch {last} of {last}")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    assert len(drawn.get_attribute("d") or "") > 2 * begun
    page.get_by_role("button", name="Best epoch").click()
    expect(words).to_have_text(f"Epoch {report['best_epoch']} of {last}")
    page.get_by_label("Epoch", exact=True).fill("0")
    expect(words).to_have_text(f"Epoch 1 of {last}")
    shown = page.locator(".chart .legend").last.locator("strong").first
    assert number_in(shown.inner_text()) == pytest.approx(report["history"]["train"]["mae"][0], abs=0.51)
    levels, simple = page.locator(".levels button"), page.locator(".curve").last.locator("line.simple")
    expect(levels).to_have_text([" mean", " linear model", " gradient boosting"])
    assert simple.count() in (2, 3)  # One that is far off is not drawn.
    names_last = """svg => {
        const all = [...svg.children], last = all.findLastIndex((one) => one.matches("line, path"));
        return all.slice(last).filter((one) => one.matches("text.small")).length;
    }"""
    assert page.locator(".curve").last.evaluate(names_last) == simple.count()  # No line is drawn across a name.
    for level in levels.all():
        level.click()
    expect(simple).to_have_count(0)
    page.get_by_role("button", name="Play").click()
    page.clock.fast_forward(_PLAY)
    expect(words).to_have_text(f"Epoch {last} of {last}")
    expect(simple).to_have_count(0)
    levels.nth(1).click()
    expect(levels.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(simple).to_have_count(1)


def test_a_unit_tells_its_bias_and_strongest_weights(homes_run: KeptRun, open_report: OpenReport) -> None:
    from core.runs.predictors import predictor

    page = open_report(homes_run)
    model = predictor(homes_run.store, homes_run.run).model
    kernel, bias = next(layer for layer in model.layers if type(layer).__name__ == "Dense").get_weights()
    column = homes_run.report["network"]["columns"][1]
    expect(page.locator(".unit")).to_have_count(12 + 12 + 12 + 1)
    place, unit = 3, int(column["drawn"][3]["name"].split()[1]) - 1
    page.locator(".unit").nth(12 + place).hover()
    told = page.locator(".told")
    expect(told).to_contain_text(f"unit {unit + 1}: bias")
    assert column["drawn"][place]["bias"] == pytest.approx(bias[unit], rel=1e-3)
    strongest = [weight for _, weight in column["drawn"][place]["strongest"]]
    assert strongest == pytest.approx(sorted(kernel[:, unit], key=abs, reverse=True)[:5], rel=1e-3)
    page.mouse.move(0, 0)
    expect(told).to_contain_text("Point at a unit")


def test_scores_stand_beside_the_baselines(penguins_run: KeptRun, homes_run: KeptRun, open_report: OpenReport) -> None:
    page, report = open_report(penguins_run), penguins_run.report
    expect(page.locator(".tile strong")).to_have_text(f"{report['scores']['test']['accuracy']:.1%}")
    expect(page.locator(".scores")).to_contain_text(f"{report['baselines']['majority']['test']['accuracy']:.1%}")
    cells = [int(text) for text in page.locator(".confusion td").all_inner_texts()]
    assert cells == np.ravel(report["figures"]["species"]["confusion"]).tolist()
    page, report = open_report(homes_run), homes_run.report
    expect(page.locator(".scatter circle.point")).to_have_count(len(report["figures"]["price"]["actual"]))
    expect(page.locator("header")).to_contain_text(
        "Predicts price from 8 columns of Homes in Sacramento. 654 rows for training"
    )
    # The interval and the words of the tile, and the summary, are those of the command line.
    metric = next(one for one in report["metrics"] if one["name"] == "mae")
    tile = page.locator(".tile").filter(has_text="MAE")
    expect(tile).to_contain_text(metric["interval"])
    for words, which in metric["compared"]:
        line = tile.locator({"better": ".better", "worse": ".worse"}.get(which, ".note"))
        expect(line.filter(has_text=words[1:])).to_have_text(words[0].upper() + words[1:])
    expect(page.locator("p.summary")).to_have_text(" ".join(report["summary"]["price"]))
    assert report["summary"]["price"][0].startswith("The network predicts price from")
