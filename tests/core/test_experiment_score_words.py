"""How a difference from a baseline is said: with its interval, and as noise where it is noise."""

from pathlib import Path

import pytest

from core.experiment.currencies import CURRENCIES, LEAST_IN_CENTS
from core.experiment.score_words import better_by, compared_baselines, difference_words, interval_words, number
from core.experiment.spec import read

UNITS = {"price": "$"}


def experiment(*metrics, loss="MeanSquaredError"):
    """An experiment on a price."""
    return read(
        {
            "version": 1,
            "data": {"table": "sample:none", "targets": ["price"], "features": {"x": "number"}},
            "layers": [{"layer": "Dense", "units": 1}],
            "compile": {"loss": loss, "metrics": list(metrics)},
        }
    )


ERRORS, SHARES = experiment("MeanAbsoluteError"), experiment("BinaryAccuracy", "AUC", loss="BinaryCrossentropy")


@pytest.mark.parametrize(
    ("name", "ends", "words", "verdict"),
    [
        (
            "mae",
            (2254, -1900, 6400),
            "$2,254 better than the line, within the noise: $1,900 worse to $6,400 better",
            "noise",
        ),
        ("mae", (2254, 1100, 3400), "$2,254 better than the line ($1,100 to $3,400)", "better"),
        ("mae", (-2254, -3400, -1100), "$2,254 worse than the line ($1,100 to $3,400)", "worse"),
        (
            "mae",
            (-2254, -3400, 100),
            "$2,254 worse than the line, within the noise: $3,400 worse to $100 better",
            "noise",
        ),
        (
            "accuracy",
            (0.021, -0.015, 0.061),
            "2.1 points better than the line, within the noise: 1.5 worse to 6.1 better",
            "noise",
        ),
        ("accuracy", (0.021, 0.01, 0.061), "2.1 points better than the line (1.0 to 6.1)", "better"),
        ("accuracy", (0.0, 0.0, 0.0), "the same as the line", "the same"),
        ("accuracy", (0.0, -0.02, 0.02), "the same as the line, within the noise: 2.0 worse to 2.0 better", "noise"),
        ("mae", (None, None, None), "not comparable with the line", "not comparable"),
        ("mae", (2254, None, None), "$2,254 better than the line", ""),  # As long as no interval is computed.
    ],
)
def test_a_difference_is_said_with_its_noise(name, ends, words, verdict):
    of = SHARES if name == "accuracy" else ERRORS
    found = difference_words(name, dict(zip(("value", "low", "high"), ends, strict=True)), "line", of, UNITS)
    assert found == (words, {"noise": "within the noise"}.get(verdict, verdict))


def test_an_interval_of_shares_is_one_of_percentages():
    assert interval_words("accuracy", {"low": 0.75, "high": 0.857}, SHARES, points=False) == "75.0% to 85.7%"
    assert interval_words("mae", {"low": 41000.4, "high": None}, ERRORS, UNITS) == "$41,000 to none"
    assert interval_words("mae", {"low": -494.4, "high": 3132.2}, ERRORS, UNITS) == "-$494 to $3,132"
    assert interval_words("mae", {"low": -0.3, "high": 1500.2}, ERRORS, UNITS) == "$0 to $1,500"


def test_larger_accuracies_and_smaller_errors_are_better():
    assert better_by("accuracy", 0.8, 0.7, SHARES) == pytest.approx(0.1)
    assert better_by("mae", 0.8, 0.7, ERRORS) == pytest.approx(-0.1)
    assert better_by("loss", 0.8, 0.7, ERRORS) == pytest.approx(-0.1)


def test_a_score_is_compared_with_the_linear_model_and_the_best():
    errors = {"mean": 9.0, "linear model": 5.0, "other model": 4.0}
    assert compared_baselines("mae", ERRORS, errors) == ["linear model", "other model"]
    assert compared_baselines("mae", ERRORS, {**errors, "other model": 6.0}) == ["linear model"]
    assert compared_baselines("accuracy", SHARES, {"majority": 0.9, "logistic model": 0.8}) == [
        "logistic model",
        "majority",
    ]
    assert compared_baselines("mae", ERRORS, {"mean": 9.0}) == ["mean"]
    assert compared_baselines("mae", ERRORS, {"mean": 9.0, "linear model": None}) == ["linear model"]
    assert compared_baselines("mae", ERRORS, {}) == []


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (278.1, "$", "$278.10"),
        (-699.0, "$", "-$699.00"),
        (278.1, "€", "278.10 €"),
        (999.996, "EUR", "1,000.00 EUR"),
        (12.5, "kr", "12.50 kr"),
        (0.851, "$", "$0.85"),
        (0.0421, "$", "$0.042"),  # Cents would say too little.
        (1500.4, "$", "$1,500"),
        (278.1, "€/m²", "278.1 €/m²"),  # No amount of money alone.
        (278.1, "MPa", "278.1 MPa"),
        (278.1, "", "278.1"),
        (999.96, "", "1,000.0"),
    ],
)
def test_an_amount_of_money_has_no_decimals_or_two(value, unit, words):
    assert number(value, unit) == words


def test_money_of_small_spread_has_two_decimals_in_the_place_of_one():
    # Four digits of a spread of 100 are one decimal; four of 0.04 are five, and fewer would hide what varies.
    assert number(1_000_000_003.5234, "$", 999_999_950, 1_000_000_050) == "$1,000,000,003.52"
    assert number(699.0312, "$", 699.01, 699.05) == "$699.03120"


def test_the_scripts_of_components_and_report_know_the_same_currencies():
    line = f"const CURRENCY = /^(?:{CURRENCIES})$/, LEAST_IN_CENTS = {LEAST_IN_CENTS};"
    root = Path(__file__).parents[2]
    for script in ("dashboard/components/shared.js", "core/report/elements.js"):
        assert line in (root / script).read_text("utf-8").splitlines()
    assert interval_words("auc", {"low": 0.0, "high": 1.0}, SHARES) == "0.000 to 1.000"
    assert interval_words("auc", {"low": -0.0001, "high": 0.91}, SHARES) == "0.000 to 0.910"
