"""Numbers are shown with the digits in which they differ."""

import pytest

from core.experiment.digits import significant
from dashboard.text import amount, number


@pytest.mark.parametrize(
    ("low", "high", "digits"),
    [
        (0, 100, 6),
        (-5.0, 5.0, 6),
        (1_700_000_000, 1_700_003_600, 11),  # 1.7e9 / 3.6e3 is 4.7e5: five digits that are alike
        (-121.5508, -121.5507, 12),
        (1e15, 1e15 + 9, 15),
        (4.0, 4.0, 6),
        (None, None, 6),
        (float("-inf"), float("inf"), 6),
    ],
)
def test_digits_grow_with_the_size_beside_the_spread(low, high, digits):
    assert significant(low, high) == digits


def test_cells_of_a_column_are_told_apart():
    assert amount(1_000_000_003.52, 999_999_950.0, 1_000_000_050.0) == "1000000003.52"
    assert [amount(value) for value in (484.0, 2007.0, -121.5507, 12_000.0)] == ["484", "2007", "-121.551", "12,000"]
    assert amount(1_700_002_754.0, 1_700_000_000, 1_700_003_600) == "1,700,002,754"


@pytest.mark.parametrize(
    ("value", "unit", "low", "high", "text"),
    [
        # A spread of 100: four digits of it.
        (
            1_000_000_123.42,
            "",
            999_999_950.0,
            1_000_000_050.0,
            "1,000,000,123.4",
        ),
        (1_000_000_123.42, "$", 999_999_900.0, 1_000_000_400.0, "$1,000,000,123.42"),
        (-121.55071, "", -121.5520, -121.5496, "-121.550710"),
        (1e15 + 4, "", 1e15, 1e15 + 9, "1,000,000,000,000,004"),  # 15 digits are what a float keeps of any number.
        (1987.3, "", 1960.0, 2020.0, "1,987"),  # A spread that is not small.
        (8.17e9, "", 1e9, 9e9, "8.17 billion"),
        (1e300, "", 999_999_950.0, 1_000_000_050.0, "1e+300"),  # Of a network that went astray.
        (66342.56, "$", None, None, "$66,343"),
    ],
)
def test_a_prediction_shows_the_digits_that_vary(value, unit, low, high, text):
    assert number(value, unit, low, high) == text
