"""A report's form asked for many rows, against what the product says of them."""

import json
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page

from core.evaluation.conformal import class_outputs
from core.evaluation.interval_columns import interval_columns, outputs_in
from tests.browser.kept_runs import KeptRun


def number_in(text: str) -> float:
    """The number of a text like "-$1,234"."""
    return float(re.sub(r"[^\d.-]", "", text))


def usual_row(kept: KeptRun) -> dict[str, Any]:
    """What the form's fields hold at first."""
    return {feature["name"]: feature["usual"] for feature in kept.report["features"]}


def _given(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as the form gives them: None where a cell is missing."""
    return [
        {name: None if pd.isna(value) else value for name, value in row.items()}
        for row in rows.astype(object).to_dict("records")
    ]


def predictions_agree(page: Page, kept: KeptRun, rows: pd.DataFrame) -> None:
    """The form's function answers raw rows as the product does: amounts to 1e-5, probabilities by 1e-5; the ends of
    intervals and the sets of classes at its usual level, 90%, and at another.
    """
    given, targets = _given(rows), kept.report["targets"]
    # Playwright loses "__proto__".
    said, at_another = (
        page.evaluate(f"text => JSON.parse(text).map(row => layerdeck.predict(row{level}))", json.dumps(given))
        for level in ("", ", 60")
    )
    expected, sure_of = kept.predicted(rows), kept.section("coverage")
    _levels_agree(at_another, interval_columns(expected, targets, sure_of, 0.6), targets)
    intervals = interval_columns(expected, targets, sure_of, 0.9)
    for target in targets:
        name, several = target["target"], f" {target['target']}" if len(targets) > 1 else ""
        answers = [row[name]["answer"] for row in said]
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


def _levels_agree(said: list[dict[str, Any]], intervals: pd.DataFrame, targets: list[dict[str, Any]]) -> None:
    """The ends of intervals and the sets of classes are those of the product."""
    for target in targets:
        name = target["target"]
        if target["classes"]:
            assert all(set(row[name]["set"]) <= set(target["classes"]) for row in said)
            sets = np.array([" | ".join(row[name]["set"]) for row in said])
            different = (sets != intervals[f"set {name}"].to_numpy()).sum()
            assert different <= 1 + len(said) // 50  # At the edge, to seven digits.
        else:
            ends = np.array([row[name]["interval"] for row in said])
            wanted = intervals[[f"lower {name}", f"upper {name}"]].to_numpy()
            np.testing.assert_allclose(ends, wanted, rtol=1e-5, atol=1e-6 * np.abs(wanted).max())


def contributions_agree(page: Page, kept: KeptRun, rows: pd.DataFrame) -> None:
    """The form's contributions of raw rows are those of the product, to 1e-5 of the largest amount among them."""
    for given in _given(rows):
        said = page.evaluate("text => layerdeck.explain(JSON.parse(text))", json.dumps(given))
        wanted = kept.section("contributions", row=given)
        for target, of in wanted.items():
            found, values = said[target], list(of["features"].values())
            assert list(of["features"]) == [feature["name"] for feature in kept.report["features"]]
            near = {"rtol": 0, "atol": 1e-5 * max(map(abs, [of["base"], of["prediction"], *values]))}
            np.testing.assert_allclose(found["values"], values, **near)
            np.testing.assert_allclose(
                [found["base"], found["prediction"], found["error"]],
                [of["base"], of["prediction"], of["error"]],
                **near,
            )
            assert (found["class"], found["background"]) == (of["class"], of["background"])
            assert found["base"] + sum(found["values"]) == pytest.approx(of["prediction"], abs=2 * near["atol"])
