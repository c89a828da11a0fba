"""The report of real runs in Chromium, offline: its form answers as the model does, its curves play, hostile names stay
text.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect
from sklearn.metrics import average_precision_score, r2_score, roc_auc_score

from core.evaluation.conformal import class_outputs
from core.evaluation.interval_columns import interval_columns, outputs_in
from core.experiment.spec import read
from core.experiment.task import tasks_of
from core.experiment.templates import starting_experiment
from core.report.page import page as written
from core.runs.evaluated_run import evaluation_section
from core.runs.journal import Journal, new_run_id
from core.runs.mlflow_store import Store
from core.runs.predictors import predictor
from core.runs.report_data import report
from core.runs.run_training import run
from core.tables.samples import load_sample
from core.tables.situation import Tables
from core.tables.sources import TableStore
from tests.browser.conftest import Deck
from tests.records import with_record

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HOSTILE = "</script><script>window.hacked = 1</script>"
IMAGE = '"><img src=x onerror="window.hacked = 1">'


@dataclass
class Kept:
    """A run in a workspace of its own, and its report."""

    store: Store
    tables: Tables
    journal: Journal
    value: dict[str, Any]
    file: Path

    def asked(self, rows: pd.DataFrame) -> pd.DataFrame:
        """What the product answers."""
        return predictor(self.store, self.journal.run).predict(rows)


@pytest.fixture(scope="module")
def keep(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A function that trains an experiment on a table and writes its report."""
    home = with_record(tmp_path_factory.mktemp("reports"))
    store, tables = Store(home), Tables(TableStore(home))

    def kept(
        table: str | pd.DataFrame, targets: list[str], name: str = "A report", epochs: int = 12, **more: Any
    ) -> Kept:
        if isinstance(table, pd.DataFrame):
            table = tables.store.keep("own.csv", table.to_csv(index=False).encode()).ref
        found = tables.profile(table)
        features = {
            column.name: column.kind for column in found.columns if column.name not in targets and not column.left_out
        }
        bare = read({"version": 1, "data": {"table": table, "targets": targets[:1], "features": features}})
        value = starting_experiment(table, name, targets[0], features, tasks_of(bare, found)[0]).value()
        value["fit"]["epochs"] = epochs
        experiment = read(value | more)
        journal = Journal(home, new_run_id())
        journal.begin(experiment.text())
        result = run(journal, tables, store)
        assert result["state"] == "finished", result["says"]
        made = report(store, tables, journal)
        file = home / f"{journal.run}.html"
        file.write_text(written(made), encoding="utf-8")
        return Kept(store, tables, journal, made, file)

    return kept


@pytest.fixture(scope="module")
def homes(keep: Any) -> Kept:
    """Prices of homes, learned in many epochs."""
    return keep("sample:sacramento_homes", ["price"], "Homes", epochs=40)


@pytest.fixture(scope="module")
def passengers(keep: Any) -> Kept:
    """Who survived; a table with gaps."""
    return keep("sample:titanic", ["survived"])


@pytest.fixture(scope="module")
def penguins(keep: Any) -> Kept:
    """Three species."""
    return keep("sample:penguins", ["species"])


@pytest.fixture
def open_report(browser: Browser) -> Iterator[Any]:
    """A function that opens a report without a network; nothing may be asked for, nothing may be complained of."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="dark")
    context.set_offline(True)
    said: list[str] = []

    def opened(kept: Kept) -> Page:
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on(
            "request", lambda request: None if request.url.startswith(kept.file.as_uri()) else said.append(request.url)
        )
        page.goto(kept.file.as_uri())
        expect(page.locator("h1")).to_have_text(kept.value["title"])
        return page

    yield opened
    context.close()
    assert said == []


def agree(page: Page, kept: Kept, rows: pd.DataFrame) -> None:
    """The form's function answers raw rows as the product does: amounts to 1e-5, probabilities by 1e-5."""
    given = [
        {name: None if pd.isna(value) else value for name, value in row.items()}
        for row in rows.astype(object).to_dict("records")
    ]
    # Playwright loses "__proto__".
    said = page.evaluate("text => JSON.parse(text).map(row => layerdeck.predict(row))", json.dumps(given))
    expected = kept.asked(rows)
    agree_at(page, kept, rows, given, 60)
    for target in kept.value["targets"]:
        name, several = target["target"], f" {target['target']}" if len(kept.value["targets"]) > 1 else ""
        answers = [row[name]["answer"] for row in said]
        sure_of = evaluation_section(kept.store, kept.tables, kept.journal, section="coverage")
        intervals = interval_columns(expected, kept.value["targets"], sure_of, 0.9)
        if not target["classes"]:
            amounts = expected[f"predicted {name}"]
            # Near 0 an amount is a sum of larger ones that cancel, each rounded to seven digits.
            near = {"rtol": 1e-5, "atol": 1e-6 * np.abs(amounts).max()}
            np.testing.assert_allclose(answers, amounts, **near)
            ends = np.array([row[name]["interval"] for row in said])
            np.testing.assert_allclose(ends, intervals[[f"lower {name}", f"upper {name}"]], **near)
            continue
        conformal = sure_of[name].conformal
        outputs = class_outputs(outputs_in(expected, target, bool(several)), conformal.margin)
        close = (np.abs(1 - outputs - conformal.error_at(0.9)) < 1e-4).any(axis=1)
        sets = [" | ".join(row[name]["set"]) for row in said]
        assert np.array(sets)[~close].tolist() == intervals.loc[~close, f"set {name}"].tolist()
        for label in target["classes"]:
            shares = [row[name]["shares"][label] for row in said]
            np.testing.assert_allclose(shares, expected[f"probability{several} {label}"], atol=1e-5)
        sure = (
            np.abs(expected[[f"probability{several} {label}" for label in target["classes"]]].max(axis=1) - 0.5) > 1e-4
        )
        assert np.array(answers)[sure].tolist() == expected.loc[sure, f"predicted {name}"].tolist()


def agree_at(page: Page, kept: Kept, rows: pd.DataFrame, given: list[dict[str, Any]], level: int) -> None:
    """The ends of intervals and the sizes of sets at a level in percent are those of the product."""
    said = page.evaluate(
        "([text, level]) => JSON.parse(text).map(row => layerdeck.predict(row, level))", [json.dumps(given), level]
    )
    sure_of = evaluation_section(kept.store, kept.tables, kept.journal, section="coverage")
    intervals = interval_columns(kept.asked(rows), kept.value["targets"], sure_of, level / 100)
    for target in kept.value["targets"]:
        name = target["target"]
        if target["classes"]:
            assert all(set(row[name]["set"]) <= set(target["classes"]) for row in said)
            sets = np.array([" | ".join(row[name]["set"]) for row in said])
            different = (sets != intervals[f"set {name}"].to_numpy()).sum()
            assert different <= 1 + len(rows) // 50  # At the edge, to seven digits.
        else:
            ends = np.array([row[name]["interval"] for row in said])
            wanted = intervals[[f"lower {name}", f"upper {name}"]].to_numpy()
            np.testing.assert_allclose(ends, wanted, rtol=1e-5, atol=1e-6 * np.abs(wanted).max())


def explained(page: Page, kept: Kept, rows: pd.DataFrame) -> None:
    """The form's contributions of raw rows are those of the product, to 1e-5 of the largest amount among them."""
    for row in rows.astype(object).to_dict("records"):
        given = {name: None if pd.isna(value) else value for name, value in row.items()}
        said = page.evaluate("text => layerdeck.explain(JSON.parse(text))", json.dumps(given))
        wanted = evaluation_section(
            kept.store, kept.tables, kept.journal, section="contributions", options={"row": given}
        )
        for target, of in wanted.items():
            found, values = said[target], list(of["features"].values())
            assert list(of["features"]) == [feature["name"] for feature in kept.value["features"]]
            near = {"rtol": 0, "atol": 1e-5 * max(map(abs, [of["base"], of["prediction"], *values]))}
            np.testing.assert_allclose(found["values"], values, **near)
            np.testing.assert_allclose(
                [found["base"], found["prediction"], found["error"]],
                [of["base"], of["prediction"], of["error"]],
                **near,
            )
            assert (found["class"], found["background"]) == (of["class"], of["background"])
            assert found["base"] + sum(found["values"]) == pytest.approx(of["prediction"], abs=2 * near["atol"])


STRANGE = {
    "homes": [
        {},
        {"city": "ATLANTIS", "sqft": 1e7},
        {"zip": "z00000", "type": "Condo", "beds": None},
        {"latitude": -90.0, "baths": 3.5},
    ],
    "passengers": [
        {},
        {"pclass": 9, "sex": "female", "embarked": "X"},
        {"age": 200.0, "fare": None},
        {"sex": None, "sibsp": 0},
    ],
    "penguins": [{}, {"island": "Nowhere", "bill_length_mm": 60.0}, {"sex": "female", "year": 2040}],
}


@pytest.mark.parametrize(
    ("name", "sample"), [("homes", "sacramento_homes"), ("passengers", "titanic"), ("penguins", "penguins")]
)
def test_the_report_answers_as_the_product_does(request: Any, open_report: Any, name: str, sample: str) -> None:
    kept = request.getfixturevalue(name)
    names = [feature["name"] for feature in kept.value["features"]]
    frame = load_sample(sample)[names]
    rows = pd.concat([frame.iloc[::15], pd.DataFrame(STRANGE[name], columns=names)], ignore_index=True)
    assert rows.isna().any().any()
    page = open_report(kept)
    agree(page, kept, rows)
    explained(page, kept, pd.concat([frame.iloc[[7]], rows.iloc[[-1]]]))
    assert kept.file.stat().st_size < 250_000


def test_several_targets_with_vectors_for_words(keep: Any, open_report: Any) -> None:
    layers = [
        {"layer": "Embedding", "output_dim": 3},
        {"layer": "Dense", "units": 16, "activation": "gelu"},
        {"layer": "BatchNormalization"},
        {"layer": "Dropout", "rate": 0.2},
        {"layer": "Dense", "units": 1},
    ]
    features = {"city": "category", "zip": "category", "beds": "number", "sqft": "number"}
    data = {"table": "sample:sacramento_homes", "targets": ["price", "type"], "features": features}
    loss = {"price": {"class": "Huber"}, "type": {"class": "SparseCategoricalCrossentropy"}}
    kept = keep("sample:sacramento_homes", ["price"], "Both", layers=layers, data=data, compile={"loss": loss})
    page = open_report(kept)
    rows = pd.concat(
        [load_sample("sacramento_homes")[list(features)].head(40), pd.DataFrame([{}, {"city": "new"}])],
        ignore_index=True,
    )
    agree(page, kept, rows[list(features)])
    explained(page, kept, rows[list(features)].iloc[[3]])
    expect(page.locator(".said")).to_have_count(2)
    expect(page.locator(".why")).to_have_count(2)
    tested = page.locator("section", has=page.get_by_role("heading", name="Test set"))
    tested.get_by_role("button", name="type", exact=True).click()
    expect(page.get_by_text("Confusion matrix: rows are actual classes")).to_be_visible()


def amount(text: str) -> float:
    return float(re.sub(r"[^\d.-]", "", text))


def test_the_form_reacts_and_says_what_is_strange(homes: Kept, open_report: Any) -> None:
    page = open_report(homes)
    usual = {feature["name"]: feature["usual"] for feature in homes.value["features"]}
    answer = page.locator(".answer strong")

    def shows(**changed: Any) -> None:
        row = pd.DataFrame([{**usual, **changed}])
        expect(answer).to_have_text(f"${homes.asked(row)['predicted price'].iloc[0]:,.0f}")

    shows()
    expect(page.locator(".interval")).to_have_text(re.compile(r"90% interval: -?\$[\d,]+ to \$[\d,]+"))
    held = page.locator(".note", has_text=re.compile(r"The 90% intervals of price held for \d+% of 139 test rows"))
    expect(held).to_be_visible()
    page.get_by_label("type", exact=True).select_option("Condo")
    shows(type="Condo")
    page.get_by_label("sqft", exact=True).fill("2500")
    shows(type="Condo", sqft=2500)
    expect(page.get_by_label("sqft, slider")).to_have_value("2500")
    page.get_by_label("beds, slider").fill("5")
    expect(page.get_by_label("beds", exact=True)).to_have_value("5")
    shows(type="Condo", sqft=2500, beds=5)
    page.get_by_label("sqft", exact=True).fill("99999")
    expect(page.locator(".answer .note").last).to_contain_text("sqft 99999 is outside the training range")
    page.get_by_label("sqft", exact=True).fill("")
    shows(type="Condo", sqft=None, beds=5)
    expect(page.locator(".answer .note").last).to_contain_text("sqft is missing: filled with the training median")
    page.get_by_label("city", exact=True).select_option("(other)")
    shows(type="Condo", sqft=None, beds=5, city="new")


def test_the_confidence_level_is_a_slider(homes: Kept, open_report: Any) -> None:
    page = open_report(homes)
    usual = pd.DataFrame([{feature["name"]: feature["usual"] for feature in homes.value["features"]}])
    coverage = evaluation_section(homes.store, homes.tables, homes.journal, section="coverage")["price"]
    predicted = homes.asked(usual)["predicted price"].to_numpy()
    for level in (60, 99):
        page.get_by_label("Confidence level").fill(str(level))
        low, high = coverage.conformal.bounds(predicted, level / 100)[0]
        ends = [f"-${-end:,.0f}" if end < 0 else f"${end:,.0f}" for end in (low, high)]
        expect(page.locator(".interval")).to_have_text(f"{level}% interval: {ends[0]} to {ends[1]}")
        expect(page.locator(".said .note").last).to_have_text(coverage.sentence(level / 100))


def test_the_form_explains_its_prediction(homes: Kept, open_report: Any) -> None:
    """From the mean to the prediction, the largest contribution first; again for another row."""
    page = open_report(homes)
    usual = {feature["name"]: feature["usual"] for feature in homes.value["features"]}
    steps = page.locator(".whys:not([aria-busy]) .bars li")
    for changed in ({}, {"type": "Condo"}):
        for name, value in changed.items():
            page.get_by_label(name, exact=True).select_option(value)
        of = evaluation_section(
            homes.store, homes.tables, homes.journal, section="contributions", options={"row": {**usual, **changed}}
        )["price"]
        most = max(of["features"], key=lambda name: abs(of["features"][name]))
        expect(steps).to_have_count(2 + len(usual))
        expect(steps.last.locator(".much")).to_have_text(f"${of['prediction']:,.0f}")
        expect(steps.first.locator(".much")).to_have_text(f"${of['base']:,.0f}")
        expect(steps.nth(1).locator(".name")).to_contain_text(f"{most} = ")
        assert amount(steps.nth(1).locator(".much").inner_text()) == pytest.approx(of["features"][most], abs=0.51)


@pytest.fixture(scope="module")
def wide(keep: Any) -> Kept:
    """A table of eleven numbers and a word, of which two matter; contributions are sampled."""
    draw = np.random.default_rng(1)
    frame = pd.DataFrame(draw.normal(size=(160, 11)), columns=[f"x{at}" for at in range(11)])
    frame["w"] = draw.choice(["a", "b"], 160)
    frame.loc[::9, "x3"] = np.nan
    frame["much"] = 100 + 20 * frame["x0"] + np.where(frame["w"] == "a", 10, -10) + draw.normal(size=160)
    return keep(frame, ["much"], epochs=4)


def test_beyond_ten_features_contributions_are_sampled_by_the_same_orders(wide: Kept, open_report: Any) -> None:
    page = open_report(wide)
    rows = pd.DataFrame([{**{f"x{at}": 0.1 * at for at in range(11)}, "w": "b"}, {"x0": 2.0, "w": "new"}])
    explained(page, wide, rows[[feature["name"] for feature in wide.value["features"]]])
    page.locator(".whys:not([aria-busy])").wait_for()
    expect(page.locator(".why figcaption")).to_contain_text("sampled, standard error at most")


def test_features_and_errors_are_those_of_the_sections(homes: Kept, open_report: Any) -> None:
    page = open_report(homes)

    def asked(section: str, **options: Any) -> Any:
        return evaluation_section(homes.store, homes.tables, homes.journal, section=section, options=options)

    importance = asked("importance", target="price")["features"]
    order = sorted(importance, key=lambda name: -importance[name]["mean"])
    bars = page.locator(".importance li")
    assert bars.locator(".name").all_inner_texts() == order
    first = [amount(text) for text in bars.first.locator(".much").inner_text().split(" ± ")]
    assert first == pytest.approx([importance[order[0]]["mean"], importance[order[0]]["sd"]], abs=0.51)
    curve = page.locator(".dependence").first
    dependence = asked("dependence", target="price", feature=order[0])
    told = [amount(text.split(": ")[1]) for text in curve.locator("circle title").all_text_contents()]
    assert told == pytest.approx(dependence["mean"], abs=0.51)
    means = homes.value["targets"][0]["dependence"][0]["means"][0]
    assert means == pytest.approx(dependence["mean"], rel=1e-9)
    expect(curve.locator("path.ghost")).to_have_count(20)
    test = asked("rows").parts["test"].targets["price"]
    expect(page.locator(".errors")).to_contain_text(f"R² {r2_score(test.y_true, test.y_pred):.3f}")
    counts = homes.value["targets"][0]["errors"]["bars"]
    assert counts == np.histogram(test.y_pred - test.y_true, homes.value["targets"][0]["errors"]["edges"])[0].tolist()
    expect(page.locator(".columns rect")).to_have_count(len(counts))
    expect(page.locator(".tenths li")).to_have_count(10)


def test_curves_are_those_of_scikit_learn(passengers: Kept, penguins: Kept, open_report: Any) -> None:
    page = open_report(passengers)
    test = evaluation_section(passengers.store, passengers.tables, passengers.journal).parts["test"].targets["survived"]
    auc, precision = roc_auc_score(test.y_true, test.y_pred), average_precision_score(test.y_true, test.y_pred)
    expect(page.get_by_text(f"network AUC {auc:.3f}")).to_be_visible()
    expect(page.get_by_text(f"network average precision {precision:.3f}")).to_be_visible()
    expect(page.get_by_text(re.compile(r"logistic model AUC 0\.\d{3}"))).to_be_visible()
    for name in ("ROC curve of 1", "Precision and recall of 1", "Calibration of 1"):
        expect(page.get_by_role("img", name=name)).to_be_visible()
    page = open_report(penguins)
    test = evaluation_section(penguins.store, penguins.tables, penguins.journal).parts["test"].targets["species"]
    curves = page.locator("section", has=page.get_by_role("heading", name="Curves"))
    curves.get_by_role("combobox").select_option("Gentoo")
    at = test.classes.index("Gentoo")
    auc = roc_auc_score(test.y_true == at, test.y_pred[:, at])
    expect(curves.get_by_text(f"network AUC {auc:.3f}")).to_be_visible()
    expect(curves.get_by_role("img", name="Calibration of the predicted class")).to_be_visible()


def test_the_curves_play_from_the_first_epoch_to_the_last(homes: Kept, open_report: Any) -> None:
    page = open_report(homes)
    last = homes.value["history"]["epochs"][-1]
    words, drawn = page.locator(".epoch"), page.locator(".curve").first.locator("path.valid").last
    expect(words).to_have_text(f"Epoch {homes.value['epoch']} of {last}")
    page.get_by_role("button", name="Play").click()
    expect(words).to_have_text(re.compile(r"Epoch [1-9] of"))
    begun = len(drawn.get_attribute("d") or "")
    expect(words).to_have_text(f"Epoch {last} of {last}")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    assert len(drawn.get_attribute("d") or "") > 2 * begun
    page.get_by_role("button", name="Best epoch").click()
    expect(words).to_have_text(f"Epoch {homes.value['best_epoch']} of {last}")
    page.get_by_label("Epoch", exact=True).fill("0")
    expect(words).to_have_text(f"Epoch 1 of {last}")
    shown = page.locator(".chart .legend").last.locator("strong").first
    assert amount(shown.inner_text()) == pytest.approx(homes.value["history"]["train"]["mae"][0], abs=0.51)
    levels, simple = page.locator(".levels button"), page.locator(".curve").last.locator("line.simple")
    expect(levels).to_have_text([" mean", " linear model", " gradient boosting"])
    assert simple.count() in (2, 3)  # One that is far off is not drawn.
    for level in levels.all():
        level.click()
    expect(simple).to_have_count(0)
    page.get_by_role("button", name="Play").click()
    expect(words).to_have_text(f"Epoch {last} of {last}")
    expect(simple).to_have_count(0)
    levels.nth(1).click()
    expect(levels.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(simple).to_have_count(1)


def test_a_unit_tells_its_bias_and_strongest_weights(homes: Kept, open_report: Any) -> None:
    page = open_report(homes)
    model = predictor(homes.store, homes.journal.run).model
    kernel, bias = next(layer for layer in model.layers if type(layer).__name__ == "Dense").get_weights()
    column = homes.value["network"]["columns"][1]
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


def test_scores_stand_beside_the_baselines(penguins: Kept, homes: Kept, open_report: Any) -> None:
    page = open_report(penguins)
    test = penguins.value["scores"]["test"]["accuracy"]
    expect(page.locator(".tile strong")).to_have_text(f"{test:.1%}")
    expect(page.locator(".scores")).to_contain_text(
        f"{penguins.value['baselines']['majority']['test']['accuracy']:.1%}"
    )
    cells = [int(text) for text in page.locator(".confusion td").all_inner_texts()]
    assert cells == np.ravel(penguins.value["figures"]["species"]["confusion"]).tolist()
    page = open_report(homes)
    expect(page.locator(".scatter circle.point")).to_have_count(len(homes.value["figures"]["price"]["actual"]))
    expect(page.locator("header")).to_contain_text(
        "Predicts price from 8 columns of Homes in Sacramento. 654 rows for training"
    )
    # The interval and the words of the tile, and the summary, are those of the command line.
    metric = next(one for one in homes.value["metrics"] if one["name"] == "mae")
    page = open_report(homes)
    tile = page.locator(".tile").filter(has_text="MAE")
    expect(tile).to_contain_text(metric["interval"])
    for words, which in metric["compared"]:
        line = tile.locator({"better": ".better", "worse": ".worse"}.get(which, ".note"))
        expect(line.filter(has_text=words[1:])).to_have_text(words[0].upper() + words[1:])
    expect(page.locator("p.summary")).to_have_text(" ".join(homes.value["summary"]["price"]))
    assert homes.value["summary"]["price"][0].startswith("The network predicts price from")


@pytest.mark.filterwarnings("ignore:When providing `inputs` as a dict")  # Keras, of a column whose name holds a slash.
@pytest.mark.parametrize("target", ["amount", IMAGE])
def test_names_that_would_be_html_stay_text(keep: Any, open_report: Any, target: str) -> None:
    draw = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            HOSTILE: draw.normal(size=80),
            IMAGE: draw.choice([HOSTILE, "<b>b</b>", "{{value}}"], 80),
            "__proto__": draw.normal(size=80),
            "<!--": draw.choice(["2024-01-05", "2024-02-29", "2023-07-14"], 80),
            "&lt;": draw.choice([True, False], 80),
            "amount": draw.normal(size=80),
        }
    )
    kept = keep(frame, [target], f"{HOSTILE}{IMAGE}", epochs=3)
    page = open_report(kept)
    assert page.title() == f"{HOSTILE}{IMAGE}"
    assert page.evaluate("window.hacked") is None
    assert page.locator("img, b").count() == 0
    labels = page.locator(".field label, .field .label").all_inner_texts()
    assert labels == [feature["name"] for feature in kept.value["features"]]
    names = [feature["name"] for feature in kept.value["features"]]
    agree(page, kept, frame[names].head(20))
    explained(page, kept, frame[names].iloc[[2]])
    page.get_by_label("<!--", exact=True).fill("2031-05-06")
    expect(page.locator(".answer .note").last).to_contain_text(
        "<!-- 2031-05-06 is outside the training range 2023-07-14 to 2024-02-29"
    )
    page.get_by_role("button", name="missing").click()
    expect(page.locator(".answer .note").last).to_contain_text("&lt; is missing: filled with the training median")


def test_no_other_script_runs_and_nothing_is_fetched(penguins: Kept, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(penguins.file.as_uri())
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


@pytest.mark.parametrize("width", [390, 1440])
def test_it_fits_a_phone_and_a_desk(homes: Kept, browser: Browser, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 844})
    page = context.new_page()
    page.goto(homes.file.as_uri())
    expect(page.locator(".answer strong")).to_contain_text("$")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # On a phone, too, the answer is the first thing below its heading.
    heading = page.get_by_role("heading", name="Predict", exact=True).bounding_box()
    assert 0 < page.locator(".answer").bounding_box()["y"] - heading["y"] < 100
    context.close()


def test_the_result_page_hands_it_out(deck: Deck, browser: Browser, tmp_path: Path) -> None:
    page = deck.open(f"data?draft={'4e' * 8}").page
    deck.view("Build")
    deck.train()
    deck.ended().view("Result")
    with page.expect_download() as download:
        page.get_by_role("button", name="Report (HTML)").click()
    download.value.save_as(tmp_path / "report.html")
    assert download.value.suggested_filename == "Homes-in-Sacramento-report.html"
    tile = page.get_by_test_id("stMetric").filter(has_text="Test MAE").get_by_test_id("stMetricValue").inner_text()
    context = browser.new_context()
    context.set_offline(True)
    alone = context.new_page()
    alone.goto((tmp_path / "report.html").as_uri())
    expect(alone.locator(".tile").filter(has_text="MAE").locator("strong")).to_have_text(tile)
    expect(alone.locator(".answer strong")).to_contain_text("$")
    context.close()
