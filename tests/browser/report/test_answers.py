"""A report answers raw rows as the product does, and explains its answers by the same Shapley values."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.tables.samples import load_sample
from core.tables.situation import Tables
from core.tables.sources import TableStore
from tests.browser.expecting import expect
from tests.browser.kept_runs import Keep, KeptRun, first_experiment
from tests.browser.report.answers import contributions_agree, predictions_agree
from tests.browser.report.conftest import OpenReport

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STRANGE = {
    "sacramento_homes": [
        {},
        {"city": "ATLANTIS", "sqft": 1e7},
        {"zip": "z00000", "type": "Condo", "beds": None},
        {"latitude": -90.0, "baths": 3.5},
    ],
    "titanic": [
        {},
        {"pclass": 9, "sex": "female", "embarked": "X"},
        {"age": 200.0, "fare": None},
        {"sex": None, "sibsp": 0},
    ],
    "penguins": [{}, {"island": "Nowhere", "bill_length_mm": 60.0}, {"sex": "female", "year": 2040}],
}


@pytest.mark.parametrize(
    ("run", "sample"),
    [("homes_run", "sacramento_homes"), ("titanic_run", "titanic"), ("penguins_run", "penguins")],
)
def test_the_report_answers_as_the_product_does(request: Any, open_report: OpenReport, run: str, sample: str) -> None:
    kept: KeptRun = request.getfixturevalue(run)
    names = [feature["name"] for feature in kept.report["features"]]
    frame = load_sample(sample)[names]
    rows = pd.concat([frame.iloc[::15], pd.DataFrame(STRANGE[sample], columns=names)], ignore_index=True)
    assert rows.isna().any().any()
    page = open_report(kept)
    predictions_agree(page, kept, rows)
    contributions_agree(page, kept, pd.concat([frame.iloc[[7]], rows.iloc[[-1]]]))
    assert kept.report_file.stat().st_size < 250_000


@pytest.fixture(scope="module")
def wide_run(keep: Keep, workspace: Any) -> KeptRun:
    """A table of eleven numbers and a word, of which two matter; contributions are sampled."""
    draw = np.random.default_rng(1)
    frame = pd.DataFrame(draw.normal(size=(160, 11)), columns=[f"x{at}" for at in range(11)])
    frame["w"] = draw.choice(["a", "b"], 160)
    frame.loc[::9, "x3"] = np.nan
    frame["much"] = 100 + 20 * frame["x0"] + np.where(frame["w"] == "a", 10, -10) + draw.normal(size=160)
    tables = Tables(TableStore(workspace))
    table = tables.store.keep("wide.csv", frame.to_csv(index=False).encode()).ref
    return keep(first_experiment(tables, table, "much", "A report", epochs=4))


def test_beyond_ten_features_contributions_are_sampled_by_the_same_orders(
    wide_run: KeptRun, open_report: OpenReport
) -> None:
    page = open_report(wide_run)
    rows = pd.DataFrame([{**{f"x{at}": 0.1 * at for at in range(11)}, "w": "b"}, {"x0": 2.0, "w": "new"}])
    contributions_agree(page, wide_run, rows[[feature["name"] for feature in wide_run.report["features"]]])
    page.locator(".whys:not([aria-busy])").wait_for()
    expect(page.locator(".why figcaption")).to_contain_text("sampled, standard error at most")
