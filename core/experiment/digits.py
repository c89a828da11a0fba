"""How many digits a number is shown with, so that its neighbours look different: Unix seconds need ten."""

import math


def significant(low: float | None, high: float | None, least: int = 6) -> int:
    """Significant digits of numbers between `low` and `high`: `least`, and one more for each power of ten of size over spread.

    (0, 100) -> 6, (1_700_000_000, 1_700_003_600) -> 11; 15 at most, which is what a float keeps of any decimal number.
    """
    if low is None or high is None or not 0 < high - low < math.inf:
        return least
    beyond = math.floor(math.log10(max(abs(low), abs(high)) / (high - low)))
    return min(15, least + max(0, beyond))
