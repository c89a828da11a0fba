"""How many digits a number is shown with, so that its neighbours look different: Unix seconds need ten."""

import math


def significant(low: float | None, high: float | None, least: int = 6) -> int:
    """Significant digits of numbers between `low` and `high`: `least`, and one more for each power of ten of size over
    spread.

    (0, 100) -> 6, (1_700_000_000, 1_700_003_600) -> 11; 15 at most, which is what a float keeps of any decimal number.
    """
    return min(15, least + _beyond(low, high))


def with_varying_digits(value: float, low: float | None, high: float | None, money: bool = False) -> str:
    """A number with its thousands and four digits of what varies between `low` and `high`; "" where that is not small
    beside their size. Of money two decimals in the place of one.

    1000000003.52 of 999999950 to 1000000050 -> "1,000,000,003.5"; 66342.56 of 30000 to 900000 -> ""; and "" for what is
    far beyond both.
    """
    decimals = varying_decimals(low, high)
    if decimals is None or low is None or high is None or not abs(value) < 10 * max(abs(low), abs(high)):
        return ""
    return f"{value:,.{2 if money and decimals == 1 else decimals}f}"


def varying_decimals(low: float | None, high: float | None) -> int | None:
    """Decimals that show four digits of what varies between `low` and `high`; None where that is not small beside their
    size.
    """
    if low is None or high is None or _beyond(low, high) < _SMALL:
        return None
    # A float keeps 15 digits.
    decimals = min(3 - math.floor(math.log10(high - low)), 14 - math.floor(math.log10(max(abs(low), abs(high)))))
    return max(0, decimals)


_SMALL = (
    2  # Powers of ten of size over spread from which a spread is small: that of years is not, that of Unix seconds is.
)


def _beyond(low: float | None, high: float | None) -> int:
    """Powers of ten of size over spread, 0 at least."""
    if low is None or high is None or not 0 < high - low < math.inf:
        return 0
    return max(0, math.floor(math.log10(max(abs(low), abs(high)) / (high - low))))
