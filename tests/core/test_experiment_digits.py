"""Numbers are shown with the digits in which they differ."""

import pytest

from core.experiment.digits import significant
from dashboard.words import amount


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
